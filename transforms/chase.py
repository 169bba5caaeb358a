"""Who to chase (催报): what each filer still owes, and a message that says so, ready to be sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.forms import Catalogue

_MOST_LISTED = 12
_STREETS = "、"


@dataclass(frozen=True)
class Owed:
    """One report of one filer that has not come: form, period, day it was due, days since, the streets it is about."""

    form_code: str
    title: str
    period: str
    due: dt.date | None
    days_late: int
    reports: int
    streets: tuple[str, ...]


@dataclass(frozen=True)
class Chase:
    """One filer to chase. ``open_findings`` are what was given back and not put right yet; ``message`` says it all."""

    filer_id: str
    filer: str
    owed: tuple[Owed, ...]
    open_findings: int
    message: str

    @property
    def reports(self) -> int:
        """How many reports are missing."""
        return sum(each.reports for each in self.owed)

    @property
    def days_late(self) -> int:
        """The most days any of them is late."""
        return max((each.days_late for each in self.owed), default=0)


def chase(
    timeliness: Iterable[Mapping[str, Any]], open_findings: Mapping[str, int], as_of: dt.date, catalogue: Catalogue
) -> list[Chase]:
    """List who owes something, worst first.

    ``timeliness`` are rows of `summary.report_timeliness` (M09); a report counts once its day has passed.
    ``open_findings`` counts, per filer, what waits for a correction.
    """
    titles = {form.code: form.title_zh for form in catalogue.forms.values()}
    owed: dict[str, list[Owed]] = {}
    names: dict[str, str] = {}
    for row in timeliness:
        late = row["days_late"] or 0
        if not row["missing_reports"] or late <= 0 or row["filer_id"] is None:
            continue
        streets = tuple(filter(None, (row["missing_street_names"] or "").split(_STREETS)))
        names[row["filer_id"]] = row["filer_name"] or row["filer_id"]
        each = Owed(
            row["form_code"],
            titles.get(row["form_code"], row["form_code"]),
            row["period"] or "",
            row["due_date"],
            int(late),
            int(row["missing_reports"]),
            streets,
        )
        owed.setdefault(row["filer_id"], []).append(each)
    found = [
        Chase(filer, names[filer], tuple(_in_order(reports)), open_findings.get(filer, 0), "")
        for filer, reports in owed.items()
    ]
    found = [Chase(c.filer_id, c.filer, c.owed, c.open_findings, _message(c, as_of)) for c in found]
    return sorted(found, key=lambda each: (-each.days_late, -each.reports, each.filer))


def _in_order(owed: Iterable[Owed]) -> list[Owed]:
    return sorted(owed, key=lambda each: (-each.days_late, each.form_code, each.period))


def _message(one: Chase, as_of: dt.date) -> str:
    """Draft the message: what, about when, since when, what to do. Polite, and without anybody's name."""
    lines = [f"{one.filer}：", f"截至{_day(as_of)}，尚有{one.reports}份报表未收到："]
    lines += [f"{number}. {_owed(each)}" for number, each in enumerate(one.owed[:_MOST_LISTED], start=1)]
    if len(one.owed) > _MOST_LISTED:
        lines.append(f"……另有{len(one.owed) - _MOST_LISTED}项，略。")
    lines.append("请尽快补报；如已报送，请告知报送时间和文件名。")
    if one.open_findings:
        lines.append(f"另有{one.open_findings}处问题待改正，见退回单；改正后请一并报回。")
    return "\n".join(lines)


def _owed(each: Owed) -> str:
    about = f"（{_STREETS.join(each.streets)}）" if each.streets else ""
    due = f"，应于{_day(each.due)}前报送" if each.due is not None else ""
    count = f"，{each.reports}份" if each.reports > 1 else ""
    return f"{_period(each.period)}《{each.title}》{about}{count}{due}，已逾期{each.days_late}天"


def _period(period: str) -> str:
    year, _, month = period.partition("-")
    return f"{year}年{int(month)}月" if month else f"{year}年" if year else ""


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def document(chases: Sequence[Chase], as_of: dt.date) -> str:
    """Write the list and the messages as Markdown."""
    lines = [f"# 催报 {as_of}", ""]
    if not chases:
        return "\n".join([*lines, "没有逾期未报的报表。", ""])
    lines += ["| 报送单位 | 缺报 | 最长逾期（天） | 待改正问题 |", "|---|---:|---:|---:|"]
    lines += [f"| {c.filer} | {c.reports} | {c.days_late} | {c.open_findings} |" for c in chases]
    for each in chases:
        lines += ["", f"## {each.filer}", "", *(line + "  " for line in each.message.split("\n"))]
    return "\n".join([*lines, ""])
