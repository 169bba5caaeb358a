"""Which published numbers moved, and which reports moved them.

A number is one column of one row of a summary, named by the values of the summary's grain. What moved it are the
reports whose accepted rows changed between the two states, in a form the summary reads and under ids it shares with the
number: rows that came saying something new, and for rows that vanished the version that left them out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from schemas.forms import Catalogue, Form
from warehouse.connection import literal, quoted

if TYPE_CHECKING:
    from warehouse.models import Model

Ask = Callable[[str], pl.DataFrame]
"""Asks one query of a warehouse or of a release."""

_NOT_SAID = {
    *("row_id", "submission_id", "file_id", "sheet_index", "sheet_name", "block", "row_number"),
    *("addresses", "raw", "known_from", "known_to", "version_hash", "report_version"),
}
"""Columns of core that say where and when a row was read, not what it says."""


@dataclass(frozen=True)
class Difference:
    """One number before and after; None where there is no such number. `submissions` moved it, by id."""

    table: str
    key: Mapping[str, Any]
    column: str
    before: Any
    after: Any
    submissions: tuple[str, ...] = ()

    def as_facts(self) -> dict[str, Any]:
        """The difference for a program."""
        return {
            "table": self.table,
            "key": dict(self.key),
            "column": self.column,
            "before": self.before,
            "after": self.after,
            "submissions": list(self.submissions),
        }


def figures(ask: Ask, models: Iterable[Model]) -> dict[str, pl.DataFrame]:
    """Every summary as it stands, by name without its schema; those that are not there are left out."""
    there = set(ask("select table_name from duckdb_tables() where schema_name = 'summary'")["table_name"])
    wanted = [model for model in models if model.layer == "summary" and not model.is_log]
    return {model.name: ask(f"from {model.table}") for model in wanted if model.name in there}


def differences(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], models: Iterable[Model], *, new: bool = True
) -> list[Difference]:
    """Every number that is not what it was, in the order of the models; nothing is said of who moved it.

    Without `new`, rows that were not there before are left out.
    """
    found: list[Difference] = []
    for model in models:
        old, now = before.get(model.name), after.get(model.name)
        if model.layer == "summary" and (old is not None or (new and now is not None)):
            found += _of_table(model, old, now, "full" if new else "left")
    return found


def _of_table(
    model: Model, old: pl.DataFrame | None, new: pl.DataFrame | None, how: Literal["full", "left"]
) -> list[Difference]:
    some = new if new is not None else old
    assert some is not None
    old, new = (some.clear() if frame is None else frame for frame in (old, new))
    if old.equals(new):
        return []
    grain, there = list(model.grain), [name for name in new.columns if name in old.columns]
    both = old.select(there).join(
        new.select(there), on=grain, how=how, coalesce=True, nulls_equal=True, suffix="__after"
    )
    found: list[tuple[tuple[str, ...], int, Difference]] = []
    for place, name in enumerate(there):
        if name in grain:
            continue
        moved = both.filter(pl.col(name).ne_missing(pl.col(f"{name}__after")))
        for row in moved.select(*grain, name, f"{name}__after").iter_rows():
            *key, was, now = row
            named = dict(zip(grain, key, strict=True))
            order = tuple("" if value is None else str(value) for value in key)
            found.append((order, place, Difference(model.name, named, name, was, now)))
    return [difference for _, _, difference in sorted(found, key=lambda each: each[:2])]


def attribute(
    found: Sequence[Difference], models: Sequence[Model], moved: Mapping[str, pl.DataFrame]
) -> list[Difference]:
    """Say of each difference which reports moved it; `moved` comes from `moved_rows`."""
    read = {model.name: entities_read(model, models) for model in models if model.layer == "summary"}
    seen: dict[tuple[Any, ...], tuple[str, ...]] = {}
    told = []
    for each in found:
        at = (each.table, *each.key.values())
        if at not in seen:
            seen[at] = _movers(each.key, [moved[entity] for entity in read[each.table] if entity in moved])
        told.append(Difference(each.table, each.key, each.column, each.before, each.after, seen[at]))
    return told


def _movers(key: Mapping[str, Any], rows: Iterable[pl.DataFrame]) -> tuple[str, ...]:
    movers: set[str] = set()
    for frame in rows:
        shared = [name for name in key if name in frame.columns]
        same = [pl.col(name).is_null() | (pl.col(name) == pl.lit(key[name])) for name in shared]
        movers.update(frame.filter(*same)["submission_id"] if same else frame["submission_id"])
    return tuple(sorted(movers))


def entities_read(model: Model, models: Iterable[Model]) -> list[str]:
    """The forms a model reads, through whatever helpers."""
    by_table = {each.table: each for each in models}
    waiting, seen, entities = [model.table], {model.table}, set()
    while waiting:
        table = waiting.pop()
        if table in by_table:
            waiting += by_table[table].calls - seen
            seen |= by_table[table].calls
        elif table.startswith("core."):
            entities.add(table.removeprefix("core."))
    return sorted(entities)


def moved_rows(ask: Ask, catalogue: Catalogue, since: dt.datetime | None) -> dict[str, pl.DataFrame]:
    """Per form the accepted rows that changed after an instant and stay so: report and ids, one row each.

    A row said again with the same content, by another version or after an undo, did not change; nor did one that says
    of its month what the month before said.
    """
    there = set(ask("select table_name from duckdb_tables() where schema_name = 'core'")["table_name"])
    at = _instant(since)
    asked = " union all ".join(
        f"select '{entity}' where exists(from core.{entity} where known_from > {at} or known_to > {at})"
        for entity in catalogue.forms
        if entity in there
    )
    touched = set(ask(asked).to_series()) if asked else set()
    moved = {}
    for entity, form in catalogue.forms.items():
        if entity in touched:
            rows = ask(_moved(form, list(ask(f"from core.{entity} limit 0").columns), since))
            if not rows.is_empty():
                moved[entity] = rows
    return moved


def _instant(since: dt.datetime | None) -> str:
    return "timestamptz '-infinity'" if since is None else f"timestamptz {literal(since.isoformat())}"


def _moved(form: Form, columns: Collection[str], since: dt.datetime | None) -> str:
    at = _instant(since)
    table = f"core.{form.entity}"
    said = [name for name in columns if name not in _NOT_SAID]
    of_month = {column.name for column in form.columns if column.kind == "month"}
    months = [name for name in form.key if name in of_month]
    ids = [name for name in said if name in form.ids or name in form.key]
    picked = ", ".join(["submission_id", *map(quoted, ids)])
    thing = _same([name for name in form.key if name in said], "one", "other")
    again = ""
    if months:
        [month] = months[:1]
        steady = [name for name in said if name not in months]
        again = f"""
            anti join known as other on {_same(steady, "one", "other")}
                and one.{quoted(month)} > other.{quoted(month)}
        """
    return f"""
        with
        known as (from {table} where known_from <= {at} and (known_to is null or known_to > {at})),
        gone as (from {table} where known_from <= {at} and known_to > {at}),
        come as (from {table} where known_from > {at} and known_to is null),
        news as (from (select one.* from come as one anti join gone as other on {_same(said, "one", "other")}) as one
            {again}),
        lost as (select one.* from gone as one anti join come as other on {thing}),
        leaving as (
            select lost.submission_id, arg_max(later.submission_id, later.report_version) as by_submission
            from (select distinct submission_id from lost) as lost
            inner join ops.submissions as report on report.submission_id = lost.submission_id
            inner join ops.submissions as later
                on later.entity = report.entity and later.filer_id is not distinct from report.filer_id
                and later.street_id is not distinct from report.street_id and later.period = report.period
                and later.edition is not distinct from report.edition and later.is_effective
            group by lost.submission_id
        )
        select distinct {picked} from news
        union
        select distinct {", ".join(["coalesce(leaving.by_submission, lost.submission_id)", *map(quoted, ids)])}
        from lost left join leaving using (submission_id)
    """


def _same(names: Iterable[str], one: str, other: str) -> str:
    terms = [f"{one}.{quoted(name)} is not distinct from {other}.{quoted(name)}" for name in names]
    return " and ".join(terms) or "true"


def reports(ask: Ask, submission_ids: Collection[str]) -> list[dict[str, Any]]:
    """Facts about some reports: what a person needs to find them."""
    if not submission_ids:
        return []
    listed = ", ".join(literal(each) for each in sorted(submission_ids))
    found = ask(
        f"""
        select report.submission_id, report.form_code, report.filer_id, report.street_id, report.period,
            report.report_version, report.version_kind, file.path as file, report.file_id
        from ops.submissions as report left join ops.files as file using (file_id)
        where report.submission_id in ({listed}) order by file.path, report.submission_id
        """
    )
    return list(found.iter_rows(named=True))
