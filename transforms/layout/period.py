"""Which period a report is about: title, cell, file name and sheet name speak, and must agree (E13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.forms import Form
from transforms.layout.context import Month, Said
from transforms.layout.findings import Found


class Spoken(NamedTuple):
    """A source that names a period, and where."""

    source: str
    month: Month
    place: Said


@dataclass(frozen=True)
class Period:
    """The period of a report: "2013-12" for months, "2013" for years, "" where the form has none or none was found."""

    text: str
    year: int | None
    month: int | None
    address: str | None
    finding: Found | None = None


_SOURCES = {"title": "标题", "cell": "表内", "file_name": "文件名", "sheet_name": "工作表名"}


def is_monthly(form: Form) -> bool:
    """Whether the form's period is a month: one of its columns is."""
    return any(column.kind == "month" for column in form.columns)


def period_column(form: Form) -> str | None:
    """Name the column that holds the form's period."""
    kind = "month" if is_monthly(form) else "year"
    return next((column.name for column in form.columns if column.kind == kind), None)


def decide_period(spoken: Sequence[Spoken], form: Form, written: Month | None, sheet: str) -> Period:
    """Let the sources vote. ``written`` is the day the form was filled in: it only lends a missing year.

    All agree: fine. At least two agree and outnumber the rest: that period, with a warning. Else the report is refused.
    A full date in a file name may be the day of sending: it counts only where it agrees, or where nobody else speaks.
    """
    if "period" not in form.report_key:
        return Period("", None, None, None)
    monthly = is_monthly(form)
    usable = [each for each in spoken if (each.month.month if monthly else each.month.year) is not None]
    years = Counter(each.month.year for each in usable if each.month.year is not None)
    keys = ((each, _key(each.month, years, written, monthly)) for each in usable)
    said: dict[Spoken, Key] = {each: key for each, key in keys if key is not None}
    firm = {each: key for each, key in said.items() if not (each.source == "file_name" and each.month.dated)}
    votes = Counter(firm.values() or said.values())
    if not votes:
        return Period("", None, None, None, _nobody(sheet, form) if form.period_required else None)
    dated = [key for each, key in said.items() if each not in firm]
    if len(votes) > 1:
        votes.update(key for key in dated if key in votes)
    (winner, most), *others = votes.most_common()
    place = next((each.place for each, key in said.items() if key == winner and each.place.place is not None), None)
    address = place.address if place is not None else None
    year, month = winner
    text = f"{year:04d}-{month:02d}" if month is not None else f"{year:04d}"
    if not others:
        return Period(text, year, month, address)
    clear = most >= 2 and all(count < most for _, count in others)
    return Period(text, year, month, address, _disagree(said, winner, form, sheet, clear=clear))


Key = tuple[int, int | None]


def _key(month: Month, years: Mapping[int, int], written: Month | None, monthly: bool) -> Key | None:
    if not monthly:
        year = month.plain_year or month.year
        return (year, None) if year is not None else None
    year = month.year
    if year is None and len(years) >= 1:
        year = max(years, key=lambda each: years[each])
    if year is None and written is not None and written.year is not None and month.month is not None:
        year = written.year - 1 if written.month is not None and month.month > written.month else written.year
    return (year, month.month) if year is not None else None


def _say(key: Key) -> str:
    return f"{key[0]}年{key[1]}月" if key[1] is not None else f"{key[0]}年"


def _disagree(said: Mapping[Spoken, Key], winner: Key, form: Form, sheet: str, *, clear: bool) -> Found:
    odd = next((each for each, key in said.items() if key != winner), None)
    address = odd.place.address if odd is not None else None
    words = "，".join(f"{_SOURCES[each.source]}为{_say(key)}" for each, key in said.items())
    column = period_column(form)
    if clear:
        return Found("E13", sheet, address, column, words, f"应一致；已按多数取{_say(winner)}", severity="W")
    return Found("E13", sheet, address, column, words, "标题、文件名和表内的报告期应一致", severity="R")


def _nobody(sheet: str, form: Form) -> Found:
    example = "2013年12月" if is_monthly(form) else "2013年"
    found = "标题、表内和文件名都没有写明报告期"
    return Found("E13", sheet, None, period_column(form), found, f"应写明报告期，如{example}", severity="R")
