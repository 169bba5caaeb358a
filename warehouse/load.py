"""Landed rows: what every report said, as read. Private; core is made from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from schemas.frames import LANDED_SUBMISSIONS, FrameSchema
from warehouse.connection import Warehouse, conform
from warehouse.history import content_hashes, fingerprints

_ROWS_AT_ONCE = 100_000


def land(warehouse: Warehouse, entity: str, rows: pl.DataFrame) -> None:
    """Write the rows of some files for one entity, replacing what these files gave before.

    `rows` has the form's row schema. A file that now gives no row of the entity must be passed to `forget_files`.
    """
    if rows.is_empty():
        return
    form = warehouse.catalogue.forms[entity]
    fitting = conform(rows, form.row_schema())
    forget_files(warehouse, fitting["file_id"], [entity])
    warehouse.insert(f"landed.{entity}", fitting.with_columns(content_hashes(form, fitting)))


def forget_files(warehouse: Warehouse, file_ids: pl.Series, entities: Collection[str] | None = None) -> None:
    """Drop the landed rows of files that are about to be landed again; core keeps what was accepted."""
    if file_ids.is_empty():
        return
    with warehouse.registered("_read_again", pl.DataFrame({"file_id": file_ids.cast(pl.String)}).unique()):
        for entity in entities if entities is not None else warehouse.catalogue.forms:
            warehouse.execute(f"delete from landed.{entity} where file_id in (select file_id from _read_again)")


def landed_rows(
    warehouse: Warehouse,
    entity: str,
    reports: Collection[str] | None = None,
    *,
    texts_of: Collection[str] | None = None,
) -> pl.DataFrame:
    """Landed rows of an entity with the form's row schema, in reading order; with `reports` those of these (ids).

    With `texts_of` only rows of these reports hold texts as received (`raw`), which are a third of what a row takes.
    """
    schema: FrameSchema = warehouse.catalogue.forms[entity].row_schema()
    picked = {name: f'landed."{name}"' for name in schema}
    chosen: dict[str, list[str]] = {} if reports is None else {"reports": sorted(reports)}
    where = "submission_id in (select unnest($reports))" if chosen else "true"
    texts: dict[str, list[str]] = {}
    if texts_of:
        picked["raw"] = "if(submission_id in (select unnest($texts_of)), landed.raw, null) as raw"
        texts["texts_of"] = sorted(texts_of)
    elif texts_of is not None:
        del picked["raw"]  # one null for all rows, where `conform` adds it
    parts = [pl.DataFrame(schema=dict(schema))]
    for first, last in _spans(warehouse, entity, where, chosen):
        rows = warehouse.frame(
            f"select {', '.join(picked.values())} from landed.{entity} as landed"
            f" where file_id between $first and $last and {where}"
            " order by file_id, sheet_index, block, row_number, row_id",
            {**chosen, **texts, "first": first, "last": last},
        )
        parts.append(conform(rows, schema))
    return pl.concat(parts)


def _spans(warehouse: Warehouse, entity: str, where: str, chosen: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Spans of files that together hold the rows asked for: what DuckDB sorts at once stays small."""
    spans = warehouse.frame(
        f"""
        select min(file_id), max(file_id) from (
            select file_id, (sum(count(*)) over (order by file_id) - 1) // {_ROWS_AT_ONCE} as span
            from landed.{entity} where {where} group by file_id
        ) group by span order by 1
        """,
        chosen or None,
    )
    return spans.iter_rows()


def readings(warehouse: Warehouse, file_ids: pl.Series) -> pl.DataFrame:
    """One row per report of some files: `submission_id` and a digest of all that reading gave of it."""
    tables = [f"landed.{entity}" for entity in warehouse.catalogue.forms]
    tables += [f"ops.{name}" for name in ("columns", "controls", "control_cells")]
    with warehouse.registered("_asked_for", pl.DataFrame({"file_id": file_ids.cast(pl.String)}).unique()):
        among = "file_id in (select file_id from _asked_for)"
        facts = warehouse.frame(f"select {', '.join(LANDED_SUBMISSIONS)} from ops.submissions where {among}")
        found = [warehouse.frame(f"select * from {table} where {among}") for table in tables]
    hashed = [
        frame.select("submission_id", hash=fingerprints(frame, frame.columns))
        for frame in (facts, *found)
        if frame.height
    ]
    if not hashed:
        return pl.DataFrame(schema={"submission_id": pl.String, "digest": pl.String})
    return pl.concat(hashed).group_by("submission_id").agg(digest=pl.col("hash").sort().str.join())
