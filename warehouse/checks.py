"""What must hold before anything is released: our own promises, and the checks each summary declares.

A `fail` check guards a promise no sender can break; a `warn` check is about what senders can cause.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from schemas.columns import PolarsType
from schemas.frames import INSTANT
from warehouse.connection import Warehouse, quoted
from warehouse.errors import ChecksFailedError
from warehouse.models import Model, Severity

# One row per check of a run, as in ops.checks.
RESULTS: dict[str, PolarsType] = {
    "run_id": pl.String(),
    "check_name": pl.String(),
    "object_name": pl.String(),
    "severity": pl.String(),
    "outcome": pl.String(),
    "failing_rows": pl.Int64(),
    "examples": pl.String(),
    "checked_at": INSTANT,
}

_EXAMPLES = 3
_SELECT = re.compile(r"\s*(?:select|with|from)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Assertion:
    """One check as a select of the rows that break it."""

    name: str
    object_name: str
    severity: Severity
    failing: str


def run(warehouse: Warehouse, models: Iterable[Model], run_id: str, unchanged: Collection[str] = ()) -> pl.DataFrame:
    """Run every check, write the results into ops.checks, and give them back.

    `unchanged` are forms (entities) of which nothing landed and nothing was judged since their promises were last kept.
    """
    kept = _without_rows(warehouse).union(*({f"landed.{entity}", f"core.{entity}"} for entity in unchanged))
    results = pl.DataFrame(
        [_result(warehouse, assertion, run_id, kept) for assertion in assertions(warehouse, models)],
        schema={name: dtype for name, dtype in RESULTS.items() if name != "checked_at"},
        orient="row",
    )
    with warehouse.registered("_results", results):
        warehouse.execute("insert into ops.checks by name select *, now() as checked_at from _results")
    return results


def require(results: pl.DataFrame, where: str = "warehouse") -> None:
    """Raise `ChecksFailedError`, naming the rows, where a `fail` check did."""
    if not results.filter((pl.col("severity") == "fail") & (pl.col("outcome") == "failed")).is_empty():
        raise ChecksFailedError(where, results)


def assertions(warehouse: Warehouse, models: Iterable[Model]) -> Iterator[Assertion]:
    """Our promises first, then what each model declares."""
    yield from _conservation()
    for form in warehouse.catalogue.forms.values():
        yield from _core(form.entity, form.key)
    yield from _times("ops.findings", "finding_id")
    yield from _times("ops.quarantine", "row_id")
    for model in models:
        if model.layer == "summary":
            yield from _declared(model)


def _without_rows(warehouse: Warehouse) -> frozenset[str]:
    """The landed and core tables of forms nobody has sent: nothing can be wrong with them."""
    tables = [f"{schema}.{entity}" for entity in warehouse.catalogue.forms for schema in ("landed", "core")]
    asked = " union all ".join(f"select '{t}' as name where not exists (from {t})" for t in tables)
    return frozenset(warehouse.frame(asked)["name"]) if tables else frozenset()


def _result(warehouse: Warehouse, assertion: Assertion, run_id: str, kept: frozenset[str]) -> tuple[object, ...]:
    if assertion.object_name in kept:
        return (run_id, assertion.name, assertion.object_name, assertion.severity, "passed", 0, None)
    failing = warehouse.frame(f"select * from ({assertion.failing}) limit 1001")
    examples = "; ".join(
        ", ".join(f"{name}={value}" for name, value in row.items())
        for row in failing.head(_EXAMPLES).iter_rows(named=True)
    )
    count = failing.height
    if count > 1000:
        count = warehouse.value(f"select count(*) from ({assertion.failing})")
    outcome = "failed" if count else "passed"
    return (run_id, assertion.name, assertion.object_name, assertion.severity, outcome, count, examples or None)


def _conservation() -> Iterator[Assertion]:
    yield Assertion(
        "cells_conserved",
        "ops.cells",
        "fail",
        """
        select sheet.file_id, sheet.sheet_index, sheet.non_empty_cells, coalesce(sum(cell.cells), 0) as cells_classed
        from ops.sheets as sheet left join ops.cells as cell using (file_id, sheet_index)
        group by all having sheet.non_empty_cells <> coalesce(sum(cell.cells), 0)
        """,
    )
    yield Assertion(
        "rows_conserved",
        "ops.submissions",
        "fail",
        """
        select submission_id, rows_read, rows_accepted, rows_quarantined from ops.submissions
        where outcome = 'read' and rows_read <> coalesce(rows_accepted, 0) + coalesce(rows_quarantined, 0)
        """,
    )
    yield Assertion(
        "report_once",
        "ops.submissions",
        "fail",
        "select submission_id, count(*) as times from ops.submissions group by submission_id having count(*) > 1",
    )
    yield Assertion(
        "finding_once",
        "ops.findings",
        "fail",
        """
        select finding_id, count(*) as times from ops.findings
        where known_to is null group by finding_id, origin having count(*) > 1
        """,
    )


def _core(entity: str, key: tuple[str, ...]) -> Iterator[Assertion]:
    table = f"core.{entity}"
    columns = ", ".join(quoted(name) for name in key)
    overlap = "(earlier.known_to is null or later.known_from < earlier.known_to)"
    same = " and ".join(f"earlier.{quoted(name)} is not distinct from later.{quoted(name)}" for name in key)
    if key:
        yield Assertion(
            "key_unique_now",
            table,
            "fail",
            f"select {columns}, count(*) as times from {table} where known_to is null"
            f" group by {columns} having count(*) > 1",
        )
        shown = ", ".join(f"earlier.{quoted(name)}" for name in key)
        yield Assertion(
            "key_unique_at_every_instant",
            table,
            "fail",
            f"""
            select {shown}, earlier.row_id, later.row_id as other_row_id, later.known_from
            from {table} as earlier join {table} as later
                on {same} and earlier.known_from <= later.known_from and {overlap}
                and (later.known_to is null or later.known_to > later.known_from)
                and (earlier.row_id, earlier.known_from) < (later.row_id, later.known_from)
            union all
            select {shown}, earlier.row_id, later.row_id, later.known_from
            from {table} as earlier join {table} as later
                on {same} and earlier.known_from < later.known_from and {overlap}
                and (later.known_to is null or later.known_to > later.known_from)
                and (earlier.row_id, earlier.known_from) > (later.row_id, later.known_from)
            """,
        )
    yield from _times(table, "row_id")
    yield Assertion(
        "every_row_once",
        f"landed.{entity}",
        "fail",
        f"""
        select row.row_id, row.submission_id, row.row_number, taken.row_id is not null as is_accepted,
            held.row_id is not null as is_quarantined
        from landed.{entity} as row
        join ops.submissions as report on report.submission_id = row.submission_id and report.is_effective
        left join (select row_id from {table} where known_to is null) as taken on taken.row_id = row.row_id
        left join (select distinct row_id from ops.quarantine where known_to is null) as held
            on held.row_id = row.row_id
        where (taken.row_id is null) = (held.row_id is null)
            and not list_contains(coalesce(report.replaced_row_ids, []), row.row_id)
        """,
    )


def _times(table: str, key: str) -> Iterator[Assertion]:
    yield Assertion(
        "times_in_order",
        table,
        "fail",
        f"select {key}, known_from, known_to from {table} where known_from is null or known_to < known_from",
    )


def _declared(model: Model) -> Iterator[Assertion]:
    grain = ", ".join(quoted(name) for name in model.grain)
    yield Assertion(
        "grain_unique",
        model.table,
        "fail",
        f"select {grain}, count(*) as times from {model.table} group by {grain} having count(*) > 1",
    )
    for check in model.checks:
        is_select = _SELECT.match(check.sql) is not None
        failing = check.sql if is_select else f"select {grain} from {model.table} where ({check.sql}) is false"
        yield Assertion(check.name, model.table, check.severity, failing)
