"""The night journal (夜报) and the headline: what was read, what counts, what waits and why, and where to look next.

Made from the warehouse alone, so that a night repeated after a kill says the same. Names files by id, people never.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from flows import entries
from flows.intake import Skipped
from flows.planned import cell
from flows.returning import NOTHING, Answered, Returned, Slipped
from flows.settings import ZONE
from schemas.reasons import REASONS
from transforms.chase import Chase
from warehouse import Warehouse
from warehouse.masking import Masker

Table = tuple[tuple[str, str], ...]
"""Rows of name and value."""

# The journal speaks Chinese; the terminal, English. Measures take their label from the warehouse's own comments.
_ZH = {
    "This night": "本次",
    "All nights": "累计",
    "Cells by class": "单元格去向",
    "Waiting in quarantine now": "待核数据（行）",
    "Findings open now": "未了结的问题",
    "files received": "收到文件",
    "files read": "已读取文件",
    "files refused": "退回文件",
    "sheets": "工作表",
    "non-empty cells": "非空单元格",
    "reports": "报表",
    "rows read": "读取行数",
    "rows accepted": "入库行数",
    "rows quarantined": "待核行数",
    "data": "数据",
    "header": "表头",
    "title": "标题",
    "unit": "计量单位",
    "sign_off": "落款与注释",
    "control_total": "合计（核对用）",
    "ignored": "不读取",
    "rejected": "未接受",
    "left in the inbox: lock file of an open workbook": "留在收件夹：打开工作簿时的锁定文件",
    "left in the inbox: hidden file": "留在收件夹：隐藏文件",
    "left in the inbox: symbolic link": "留在收件夹：符号链接",
    "left in the inbox: not a regular file": "留在收件夹：不是普通文件",
    "left in the inbox: cannot be read by this account": "留在收件夹：没有读取权限",
    "left in the inbox: another name leads to the same file": "留在收件夹：另有名称指向同一文件（硬链接）",
    "left in the inbox: still being written; left for the next night": "留在收件夹：正在写入，留待下次",
    "left in the inbox: changed while it was read; left for the next night": "留在收件夹：读取时正在变化，留待下次",
}


@dataclass(frozen=True)
class Summary:
    """What came of a night: figures for a program, tables for a person, the journal for the file."""

    facts: dict[str, Any]
    submissions: list[dict[str, Any]]
    tables: dict[str, Table]
    hints: tuple[str, ...]
    problems: list[dict[str, Any]]
    review: list[dict[str, Any]]
    told: list[entries.Line]
    labels: dict[str, str]
    returned: Returned = NOTHING

    def masked(self, masker: Masker) -> Summary:
        """The same without phones, numbers and names of persons: senders write them into names of files and sheets."""
        parts = ("facts", "submissions", "tables", "problems", "review")
        shown = masker.within({name: getattr(self, name) for name in parts})
        told = masker.within([asdict(each) for each in self.told])
        slips = masker.within([asdict(each) for each in self.returned.slips])
        answered = masker.within([asdict(each) for each in self.returned.answered])
        returned = replace(
            self.returned,
            slips=tuple(Slipped(**each) for each in slips),
            answered=tuple(Answered(**each) for each in answered),
        )
        return replace(self, **shown, told=[entries.Line(**each) for each in told], returned=returned)

    @property
    def headline(self) -> str:
        """The tables as plain lines."""
        return "\n".join(_plain(self.tables, self.hints))

    @property
    def journal(self) -> str:
        """The night journal as Markdown."""
        return "\n".join(_markdown(self)) + "\n"


def summarise(
    warehouse: Warehouse,
    run_id: str,
    started_at: dt.datetime,
    skipped: Sequence[Skipped],
    receipts: int,
    released: int | None,
    current: Path,
    returned: Returned = NOTHING,
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
        "slips": len(returned.slips),
        "answered": [asdict(each) for each in returned.answered],
        "quarantined_by_code": {name.split(" ")[0]: int(value.replace(",", "")) for name, value in waiting},
    }
    review = _review(warehouse)
    hints = _hints(night, total, released, current)
    if review:
        hints += (f"Reviewed decisions that do nothing: {len(review)}. `xinyan status` says which to remove.",)
    return Summary(
        facts=facts,
        submissions=_submissions(warehouse, run_id),
        tables=tables,
        hints=hints,
        problems=_problems(warehouse, run_id),
        told=entries.lines(warehouse, run_id),
        review=review,
        labels=_labels(warehouse),
        returned=returned,
    )


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
        yield (
            name,
            f"{(Decimal(value) * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)} %"
            if name.endswith("_ratio")
            else _number(value),
        )


def _submissions(warehouse: Warehouse, run_id: str) -> list[dict[str, Any]]:
    """Reports of the night, under the labels the journal and the artifact show."""
    found = warehouse.frame(
        """
        select
            form_code as 表号,
            case filer_id
                when 'city' then '市办'
                when 'headquarters' then '区指挥部'
                when report.street_id then '分指挥部'
                else coalesce(filer_id, filer_text)
            end as 报送单位,
            street.street_name as 街道,
            period as 报告期,
            report_version as 版本,
            case when outcome = 'refused' then '退回' when is_effective then '有效' else '已被替代' end as 状态,
            rows_read as 读取行数,
            rows_accepted as 入库行数,
            rows_quarantined as 待核行数,
            submission_id as 编号
        from ops.submissions as report
        left join core.street_names as street on street.street_id = report.street_id
        where run_id = ?
        order by received_at, form_code, submission_id
        """,
        [run_id],
    )
    return list(found.iter_rows(named=True))


def _problems(warehouse: Warehouse, run_id: str) -> list[dict[str, Any]]:
    """What was refused, waits or is doubtful in the files of the night, gravest first."""
    found = warehouse.frame(
        """
        select
            severity as 级别,
            code as 代码,
            file as 文件,
            sheet as 工作表,
            address as 单元格,
            found as 发现,
            expected as 应为
        from ops.findings
        where severity in ('R', 'Q', 'W') and file_id in (select file_id from ops.files where run_id = ?)
        order by position(severity in 'RQW'), file, sheet, address
        """,
        [run_id],
    )
    return list(found.iter_rows(named=True))


def _review(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Reviewed decisions that do nothing now."""
    found = warehouse.frame(
        "select file as 文件, found as 发现, action as 处理 from ops.findings"
        " where code = 'E62' and known_to is null order by file, found"
    )
    return list(found.iter_rows(named=True))


def _labels(warehouse: Warehouse) -> dict[str, str]:
    """The Chinese label of every measure of M01, from its comment."""
    found = warehouse.frame(
        "select column_name, comment from duckdb_columns() where schema_name = 'summary'"
        " and table_name = 'target_attainment' and database_name = current_database() and comment is not null"
    )
    return {name: re.split(r"[;；|]", comment)[0].strip() for name, comment in found.iter_rows()}


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


def _percent(ratio: Any) -> str:
    return f"{(Decimal(ratio) * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)} %"


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


def _markdown(summary: Summary) -> Iterable[str]:
    started = dt.datetime.fromisoformat(summary.facts["started_at"]).astimezone(ZONE)
    yield f"# 夜报 {started:%Y-%m-%d %H:%M}"
    released = summary.facts["release"]
    yield from ("", f"已发布第{released}版。" if released else "没有新的发布：已发布的数据没有变化。")
    for section, title in entries.SECTIONS.items():
        if section in ("变动", "退回"):  # reports of the night and whom to chase have listings of their own
            yield from _listing(title, [_row(each) for each in summary.told if each.section == section][:_LISTED])
    for title, rows in summary.tables.items():
        if rows:
            yield from ("", f"## {_in_chinese(title)}", "", "| | |", "|---|---:|")
            yield from (f"| {summary.labels.get(name, _in_chinese(name))} | {value} |" for name, value in rows)
    yield from _listing("未起作用的决定", summary.review)
    yield from _listing("更正件", [_as_answer(each) for each in summary.returned.answered])
    grave = [each for each in summary.returned.slips if each.grave]
    yield from _listing("退回单", [_as_slip(each) for each in grave])
    if receipts := len(summary.returned.slips) - len(grave):
        yield from ("", f"另有{receipts}份回执：其中的问题系统已自行处理，不必更正。")
    yield from _listing("催报（文稿见 reports/催报.md）", [_as_chase(each) for each in summary.returned.chases])
    yield from _listing("拟定的版式（存入 reference/layouts 后生效）", _proposed(summary.returned.proposals))
    yield from _listing("本次文件中的问题", summary.problems)
    yield from _listing("本次报表", summary.submissions)


def _as_chase(one: Chase) -> dict[str, Any]:
    said = (one.filer, one.reports, one.days_late, one.open_findings)
    return dict(zip(("报送单位", "缺报", "最长逾期（天）", "待改正问题"), said, strict=True))


def _proposed(paths: Sequence[str]) -> list[dict[str, Any]]:
    return [{"版式": path} for path in paths]


def _as_answer(answered: Answered) -> dict[str, Any]:
    return {"更正件": answered.file, "原件": answered.answered_file, "结果": answered.sentence}


def _as_slip(slip: Slipped) -> dict[str, Any]:
    return {"报送单位": slip.filer, "退回单": slip.path, "问题": slip.findings, "标色单元格": slip.marked_cells}


_LISTED = 200
"""Lines of one section of the journal; all of them are in ops.journal."""


def _row(line: entries.Line) -> dict[str, str | None]:
    return {"事项": line.name, "内容": line.told, "文件": line.file}


def _in_chinese(text: str) -> str:
    if text.startswith("Programme year "):
        return f"{text.removeprefix('Programme year ')}年度任务"
    left = "left in the inbox: "
    if text.startswith(left) and text not in _ZH:
        said = text.removeprefix(left).replace("larger than", "大于").replace("cannot be opened", "无法打开")
        return f"留在收件夹：{said}"
    return _ZH.get(text, text)


def _listing(title: str, rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        return
    yield from ("", f"## {title}", "", f"| {' | '.join(rows[0])} |", "|---" * len(rows[0]) + "|")
    for row in rows:
        yield "| " + " | ".join("" if value is None else cell(value) for value in row.values()) + " |"
