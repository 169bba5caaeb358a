"""What reports say, line by line: of which thing, and whether two lines say the same. Only versions are compared so."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from schemas.columns import PolarsType
from schemas.forms import Form
from transforms.names import normalise_building, normalise_compound, normalise_text
from transforms.versions import Key

_LINE = ["submission_id", "sheet_index", "block", "row_number"]
_SPELLING: Mapping[str, Callable[[str], str]] = {
    "compound_name": normalise_compound,
    "building_no": normalise_building,
}
_FIGURES = ("integer", "storeys", "decimal", "ratio", "date", "year", "year_range")


@dataclass(frozen=True)
class Content:
    """One report: of each thing it lists, a hash of what it says, of its figures alone, and the rows that say it.

    The rows of a part (work items in the wide block) belong to their line.
    """

    lines: Mapping[Key, int] = field(default_factory=dict)
    figures: Mapping[Key, int] = field(default_factory=dict)
    rows: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    has_total: bool = False


def read_contents(
    form: Form,
    part: Form | None,
    rows: Mapping[str, pl.DataFrame],
    controls: pl.DataFrame,
    submission_ids: Sequence[str],
) -> dict[str, Content]:
    """Read the contents of some reports of one form; empty ones for reports without rows.

    ``part`` is the form of the wide block, where there is one. ``controls`` are total rows as read.
    """
    among = pl.col("submission_id").is_in(list(submission_ids))
    totals = controls.filter(among).group_by("submission_id").agg(pl.col("agrees").fill_null(value=False).all())
    whole = set(totals.filter("agrees")["submission_id"])
    lines = _lines(form, part, rows, among)
    return {each: _content_of(lines.get(each, {}), each in whole) for each in submission_ids}


_Said = tuple[int, int, list[str]]
"""Of one line: hashes of its content and of its figures, and its rows."""


def _lines(
    form: Form, part: Form | None, rows: Mapping[str, pl.DataFrame], among: pl.Expr
) -> Mapping[str, Mapping[Key, list[_Said]]]:
    found: dict[str, dict[Key, list[_Said]]] = defaultdict(lambda: defaultdict(list))
    if form.entity not in rows:
        return found
    named = _identity(form)
    spell = [_SPELLING.get(name, normalise_text) for name in named]
    said = (
        rows[form.entity]
        .filter(among)
        .sort("row_id")
        .select("row_id", *_LINE, *named, _own=_hash(_content(form)), _figures=_figures(form))
        .join(_parts(part, rows, among), on=_LINE, how="left", maintain_order="left")
    )
    for row in said.iter_rows(named=True):
        texts = ("" if row[name] is None else how(str(row[name])) for how, name in zip(spell, named, strict=True))
        content = hash((row["_own"], *sorted(row["_part_hashes"] or ())))
        ids = [row["row_id"], *(row["_part_ids"] or ())]
        found[row["submission_id"]][tuple(texts)].append((content, row["_figures"], ids))
    return found


def _parts(part: Form | None, rows: Mapping[str, pl.DataFrame], among: pl.Expr) -> pl.DataFrame:
    """The rows of the wide block by the line they stand on."""
    if part is None or part.entity not in rows:
        return pl.DataFrame(schema=_NO_PARTS)
    of_lines = rows[part.entity].filter(among).sort("row_id").group_by(_LINE, maintain_order=True)
    return of_lines.agg(_part_ids="row_id", _part_hashes=_hash(_content(part)))


_NO_PARTS: dict[str, PolarsType] = {
    "submission_id": pl.String,
    "sheet_index": pl.Int64,
    "block": pl.Int64,
    "row_number": pl.Int64,
    "_part_ids": pl.List(pl.String),
    "_part_hashes": pl.List(pl.UInt64),
}


def _identity(form: Form) -> list[str]:
    """The columns that say what a line is about: the report's period aside, it is the same for all."""
    of_period = {column.name for column in form.columns if column.kind in ("month", "year")}
    named = [*form.row_identity, *(name for name in form.key if name in form.typed)]
    return [name for name in dict.fromkeys(named) if name not in of_period and name in form.typed]


def _content(form: Form) -> list[str]:
    skipped = {form.sequence_column, *(column.name for column in form.columns if column.kind == "month")}
    return [name for name in form.typed if name not in skipped]


def _hash(names: list[str]) -> pl.Expr:
    return pl.struct(names).hash(seed=0) if names else pl.lit(0, dtype=pl.UInt64)


def _figures(form: Form) -> pl.Expr:
    named = {*_identity(form), form.sequence_column}
    columns = (column for column in form.open_columns if column.kind in _FIGURES)
    return _hash([column.name for column in columns if column.name not in named])


def _content_of(lines: Mapping[Key, list[_Said]], has_total: bool) -> Content:
    return Content(
        lines={key: hash(tuple(sorted(content for content, _, _ in said))) for key, said in lines.items()},
        figures={key: hash(tuple(sorted(figures for _, figures, _ in said))) for key, said in lines.items()},
        rows={key: tuple(row_id for _, _, ids in said for row_id in ids) for key, said in lines.items()},
        has_total=has_total,
    )
