"""The lines of the night journal: what came, what was refused, which numbers moved, who is late, whom to chase.

Made from the warehouse inside the night's transaction, kept in ops.journal, and so in the release of the night.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import polars as pl

from flows.diffing import figure
from flows.planned import labels_of
from schemas.reasons import REASONS
from warehouse import Warehouse, ledger, models, movements

SECTIONS = {
    "收到": "收到的报表",
    "退回": "退回的文件",
    "变动": "变动的已发布数字",
    "迟报": "迟报与缺报",
    "催报": "明日应催",
}
_KINDS = {
    "replacement": "更正后的整份",
    "supplement": "补报",
    "partial": "只报改动的行",
    "older": "旧件重报，不采用",
    "wrong_period": "报告期不符",
}


@dataclass(frozen=True)
class Line:
    """One line: its section, what it is about, what is said, and the file it is about."""

    section: str
    name: str
    told: str
    file: str | None = None


def moves(
    warehouse: Warehouse, run_id: str, before: Mapping[str, pl.DataFrame], since: dt.datetime | None
) -> pl.DataFrame:
    """Every number that the run moved, in the shape of ops.moves; numbers of rows that are new did not move."""
    chosen = models.usable(warehouse)
    moved = movements.differences(before, movements.figures(warehouse.frame, chosen), chosen, new=False)
    rows = movements.moved_rows(warehouse.frame, warehouse.catalogue, since) if moved else {}
    return pl.DataFrame(
        [_move(run_id, each) for each in movements.attribute(moved, chosen, rows)], schema=ledger.MOVES, orient="row"
    )


def _move(run_id: str, each: movements.Difference) -> dict[str, Any]:
    texts = [None if value is None else figure(value) for value in (each.before, each.after)]
    return {
        "run_id": run_id,
        "table_name": each.table,
        "key": " ".join(f"{name}={value}" for name, value in each.key.items()),
        "column_name": each.column,
        "value_before": texts[0],
        "value_after": texts[1],
        "submission_ids": list(each.submissions),
    }


def lines(warehouse: Warehouse, run_id: str) -> list[Line]:
    """Every line of a night's journal, section by section."""
    return [
        *_came(warehouse, run_id),
        *_refused(warehouse, run_id),
        *_moved(warehouse, run_id),
        *_late(warehouse),
        *_to_chase(warehouse),
    ]


def as_frame(run_id: str, told: Sequence[Line]) -> pl.DataFrame:
    """The lines in the shape of ops.journal."""
    numbers: dict[str, int] = {}
    rows = []
    for each in told:
        numbers[each.section] = numbers.get(each.section, 0) + 1
        rows.append({"run_id": run_id, "line": numbers[each.section], **vars(each)})
    return pl.DataFrame(rows, schema=ledger.JOURNAL, orient="row")


def _came(warehouse: Warehouse, run_id: str) -> Iterable[Line]:
    found = warehouse.frame(
        """
        select report.form_code, coalesce(street.street_name, report.filer_id, report.filer_text, '') as whose,
            report.period, report.version_kind, report.rows_read, report.rows_quarantined, file.path as file
        from ops.submissions as report
        inner join ops.files as file using (file_id)
        left join core.street_names as street on street.street_id = report.street_id
        where report.run_id = ? and report.outcome = 'read' order by file.path, report.submission_id
        """,
        [run_id],
    )
    for row in found.iter_rows(named=True):
        kind = f"，{_KINDS[row['version_kind']]}" if row["version_kind"] in _KINDS else ""
        waiting = f"，{row['rows_quarantined']}行待核" if row["rows_quarantined"] else ""
        name = " ".join(text for text in (row["form_code"], row["whose"], row["period"]) if text)
        yield Line("收到", name, f"{row['rows_read']}行{waiting}{kind}", row["file"])
    again = "select path from ops.receipts where run_id = ? and is_duplicate order by path"
    for (path,) in warehouse.frame(again, [run_id]).iter_rows():
        yield Line("收到", "重复文件", "与此前收到的一份内容完全相同，不再读取", path)


def _refused(warehouse: Warehouse, run_id: str) -> Iterable[Line]:
    found = warehouse.frame(
        """
        select code, file, sheet, found, expected from ops.findings
        where severity = 'R' and known_to is null and file_id in (select file_id from ops.files where run_id = ?)
        order by file, sheet, code
        """,
        [run_id],
    )
    for row in found.iter_rows(named=True):
        where = f"{row['sheet']}：" if row["sheet"] else ""
        told = f"{where}{row['found']}；应为：{row['expected']}"
        yield Line("退回", f"{row['code']} {REASONS[row['code']].title_zh}", told, row["file"])


def _moved(warehouse: Warehouse, run_id: str) -> Iterable[Line]:
    """The headline numbers first, those of the whole district before those of its parts."""
    chosen = models.usable(warehouse)
    titles, labels = labels_of(chosen)
    order = {model.name: (not model.is_revised, len(model.grain), place) for place, model in enumerate(chosen)}
    found = warehouse.frame("select * from ops.moves where run_id = ?", [run_id])
    files = dict(
        warehouse.frame(
            "select submission_id, file.path from ops.submissions inner join ops.files as file using (file_id)"
        ).iter_rows()
    )
    for row in sorted(found.iter_rows(named=True), key=lambda row: order[row["table_name"]]):
        label = labels.get((row["table_name"], row["column_name"]), row["column_name"])
        about = " ".join(part.partition("=")[2] for part in row["key"].split(" "))
        told = f"{_shown(row, 'value_before')} → {_shown(row, 'value_after')}{_by_how_much(row)}"
        paths = list(dict.fromkeys(files.get(each, each) for each in row["submission_ids"]))
        because = "、".join(paths[:3]) + ("等" if len(paths) > 3 else "")
        yield Line("变动", f"{titles.get(row['table_name'], row['table_name'])} {about} {label}", told, because or None)


def _shown(row: Mapping[str, Any], which: str) -> str:
    value = row[which]
    if value is None:
        return "—"
    return _percent(Decimal(value)) if row["column_name"].endswith("_ratio") else str(value)


def _percent(ratio: Decimal) -> str:
    return f"{(ratio * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def _by_how_much(row: Mapping[str, Any]) -> str:
    try:
        change = Decimal(row["value_after"]) - Decimal(row["value_before"])
    except (InvalidOperation, TypeError):
        return ""
    if row["column_name"].endswith("_ratio"):
        return f"（{'+' if change > 0 else ''}{_percent(change).removesuffix('%')}个百分点）"
    return f"（{'+' if change > 0 else ''}{change:f}）"


def _late(warehouse: Warehouse) -> Iterable[Line]:
    """Reports that are due and have not come, the longest due first."""
    for row in _missing(warehouse, "days_late > 0"):
        yield Line("迟报", _owed(row), f"应于{_day(row['due_date'])}前报送，逾期{row['days_late']}天")


def _to_chase(warehouse: Warehouse) -> Iterable[Line]:
    """Reports whose day comes, and those whose day has passed: whom to ring tomorrow."""
    at = ledger.newest_instant(warehouse)
    if at is None:
        return
    soon = f"due_date <= date '{at.astimezone(dt.UTC) + dt.timedelta(hours=8) + dt.timedelta(days=2):%Y-%m-%d}'"
    for row in _missing(warehouse, soon):
        yield Line("催报", _owed(row), f"应于{_day(row['due_date'])}前报送，还缺{row['missing_reports']}份")


def _missing(warehouse: Warehouse, which: str) -> Iterable[dict[str, Any]]:
    there = "select 1 from duckdb_tables() where schema_name = 'summary' and table_name = 'report_timeliness'"
    if warehouse.frame(f"{there} and database_name = current_database()").is_empty():
        return
    found = warehouse.frame(
        "select form_code, filer_name, period, due_date, days_late, missing_reports, missing_street_names"
        f" from summary.report_timeliness where missing_reports > 0 and {which}"
        " order by due_date, form_code, filer_name, period"
    )
    yield from found.iter_rows(named=True)


def _owed(row: Mapping[str, Any]) -> str:
    streets = f"（{row['missing_street_names']}）" if row["missing_street_names"] else ""
    return f"{row['form_code']} {row['filer_name']}{streets} {row['period'] or ''}".rstrip()


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
