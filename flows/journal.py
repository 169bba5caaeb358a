"""The night journal (夜报) and the headline: what was read, what counts, what waits and why, and where to look next.

Made from the warehouse alone, so that a night repeated after a kill says the same. Names files by id, people never.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows.intake import Skipped
from flows.settings import ZONE
from schemas.reasons import REASONS
from warehouse import Warehouse

Table = tuple[tuple[str, str], ...]
"""Rows of name and value."""


@dataclass(frozen=True)
class Summary:
    """What came of a night: figures for a program, tables for a person, the journal for the file."""

    facts: dict[str, Any]
    submissions: list[dict[str, Any]]
    tables: dict[str, Table]
    hints: tuple[str, ...]

    @property
    def headline(self) -> str:
        """The tables as plain lines."""
        return "\n".join(_plain(self.tables, self.hints))

    @property
    def journal(self) -> str:
        """The night journal as Markdown."""
        return "\n".join(_markdown(self.facts, self.tables, self.submissions, self.hints)) + "\n"


def summarise(
    warehouse: Warehouse,
    run_id: str,
    started_at: dt.datetime,
    skipped: Sequence[Skipped],
    receipts: int,
    released: int | None,
    current: Path,
) -> Summary:
    """Collect what the night brought (by its run) and how things stand now."""
    night = _counts(warehouse, "where run_id = ?", [run_id])
    total = _counts(warehouse, "", [])
    attainment = _attainment(warehouse)
    waiting = _waiting(warehouse)
    findings = _findings(warehouse)
    tables = {
        "This night": _count_rows(night, receipts, skipped),
        "All nights": _count_rows(total, None, ()),
        "Cells by class": _cells(warehouse),
        "Waiting in quarantine now": waiting,
        "Findings open now": findings,
        **attainment,
    }
    facts = {
        "run_id": run_id,
        "started_at": started_at.isoformat(timespec="seconds"),
        "receipts": receipts,
        "release": released,
        "night": night,
        "total": total,
        "quarantined_by_code": {name.split(" ")[0]: int(value.replace(",", "")) for name, value in waiting},
    }
    return Summary(facts, _submissions(warehouse, run_id), tables, _hints(night, total, released, current))


def _counts(warehouse: Warehouse, where: str, parameters: list[object]) -> dict[str, int]:
    files = warehouse.frame(
        "select count(*) as files, count(*) filter (where outcome = 'refused') as files_refused,"
        f" coalesce(sum(sheets), 0) as sheets, coalesce(sum(non_empty_cells), 0) as cells from ops.files {where}",
        parameters,
    ).row(0, named=True)
    rows = warehouse.frame(
        "select count(*) as reports, coalesce(sum(rows_read), 0) as rows_read,"
        " coalesce(sum(rows_accepted), 0) as rows_accepted, coalesce(sum(rows_quarantined), 0) as rows_quarantined"
        f" from ops.submissions {where}",
        parameters,
    ).row(0, named=True)
    return {name: int(value) for name, value in {**files, **rows}.items()}


def _count_rows(counts: dict[str, int], receipts: int | None, skipped: Sequence[Skipped]) -> Table:
    rows = [] if receipts is None else [("files received", _number(receipts))]
    rows += [
        ("files read", _number(counts["files"] - counts["files_refused"])),
        ("files refused", _number(counts["files_refused"])),
        ("sheets", _number(counts["sheets"])),
        ("non-empty cells", _number(counts["cells"])),
        ("reports", _number(counts["reports"])),
        ("rows read", _number(counts["rows_read"])),
        ("rows accepted", _number(counts["rows_accepted"])),
        ("rows quarantined", _number(counts["rows_quarantined"])),
    ]
    reasons = Counter(each.why for each in skipped)
    return (*rows, *((f"left in the inbox: {why}", _number(count)) for why, count in sorted(reasons.items())))


def _cells(warehouse: Warehouse) -> Table:
    found = warehouse.frame("select cell_class, sum(cells) from ops.cells group by cell_class order by 2 desc, 1")
    return tuple((name, _number(int(cells))) for name, cells in found.iter_rows())


def _waiting(warehouse: Warehouse) -> Table:
    found = warehouse.frame(
        "select code, count(distinct row_id) from ops.quarantine where known_to is null group by code order by code"
    )
    return tuple((_reason(code), _number(rows)) for code, rows in found.iter_rows())


def _findings(warehouse: Warehouse) -> Table:
    found = warehouse.frame(
        "select severity, code, count(*) as times from ops.findings where known_to is null"
        " group by severity, code order by position(severity in 'RQWF'), code"
    )
    return tuple((f"{severity} {_reason(code)}", _number(times)) for severity, code, times in found.iter_rows())


def _reason(code: str) -> str:
    known = REASONS.get(code)
    return code if known is None else f"{code} {known.title_zh}"


def _attainment(warehouse: Warehouse) -> dict[str, Table]:
    """M01 of each plan year, where its summary is there."""
    there = warehouse.value(
        "select count(*) from duckdb_tables() where schema_name = 'summary' and table_name = 'target_attainment'"
        " and database_name = current_database()"
    )
    if not there:
        return {}
    found = warehouse.frame("select * from summary.target_attainment order by plan_year")
    return {f"Programme year {year['plan_year']}": tuple(_measures(year)) for year in found.iter_rows(named=True)}


def _measures(year: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in year.items():
        if name == "plan_year" or value is None:
            continue
        yield name, f"{Decimal(value) * 100:.1f} %" if name.endswith("_ratio") else _number(value)


def _submissions(warehouse: Warehouse, run_id: str) -> list[dict[str, Any]]:
    found = warehouse.frame(
        "select form_code, filer_id, street_id, period, report_version, is_effective, outcome,"
        " rows_read, rows_accepted, rows_quarantined, submission_id"
        " from ops.submissions where run_id = ? order by received_at, form_code, submission_id",
        [run_id],
    )
    return list(found.iter_rows(named=True))


def _hints(night: dict[str, int], total: dict[str, int], released: int | None, current: Path) -> tuple[str, ...]:
    hints = []
    if not night["files"]:
        hints.append("Nothing new had arrived." if total["files"] else "The inbox is empty: put workbooks there.")
    hints.append(f"Release {released} published." if released else "No new release: nothing published changed.")
    if current.exists():
        hints.append(f'Look next: xinyan query "from summary.target_attainment" --home {current.parents[1]}')
        hints.append(f"           or open {current} in any DuckDB client, at any time")
    if total["rows_quarantined"]:
        hints.append('Why rows wait: xinyan query "from ops.quarantine where known_to is null"; xinyan explain FILE')
    return tuple(hints)


def _number(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _plain(tables: dict[str, Table], hints: Sequence[str]) -> Iterable[str]:
    for title, rows in tables.items():
        if not rows:
            continue
        width = max(_width(name) for name, _ in rows)
        yield title
        yield from (f"  {name}{' ' * (width - _width(name))}  {value:>16}" for name, value in rows)
        yield ""
    yield from hints


def _width(text: str) -> int:
    """Columns a terminal gives a text: Chinese characters take two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _markdown(
    facts: dict[str, Any], tables: dict[str, Table], submissions: Sequence[dict[str, Any]], hints: Sequence[str]
) -> Iterable[str]:
    started = dt.datetime.fromisoformat(facts["started_at"]).astimezone(ZONE)
    yield f"# 夜报 {started:%Y-%m-%d %H:%M}"
    for title, rows in tables.items():
        if rows:
            yield from ("", f"## {title}", "", "| | |", "|---|---:|")
            yield from (f"| {name} | {value} |" for name, value in rows)
    if submissions:
        names = list(submissions[0])
        yield from ("", "## Reports of this night", "", f"| {' | '.join(names)} |", "|---" * len(names) + "|")
        for row in submissions:
            yield "| " + " | ".join("" if value is None else str(value) for value in row.values()) + " |"
    yield ""
    yield from hints
