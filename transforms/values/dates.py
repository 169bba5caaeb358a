"""Dates and periods as people write them: to a date with its precision, and whether it happened or is hoped for."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from transforms.values.chinese import arabic_dates
from transforms.values.outcome import BLANK, DateKind, Outcome, Precision, ValueFault, refuse
from transforms.values.texts import LONGEST_VALUE, cell_text, is_null, plain, quote
from transforms.workbook.cells import moment_from_serial
from transforms.workbook.model import Cell

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_FIRST_SERIAL, _LAST_SERIAL = 30_000, 60_000
_A_DATE = "应为日期，如 2013-10-08"

_CLOCK = re.compile(r"[ T]*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$|[ T]+\d{1,2}时(?:\d{1,2}分)?$")
_DASHES = str.maketrans({"—": "-", "–": "-", "―": "-", "−": "-", "。": ".", "·": ".", "﹒": "."})
_BLANKS = re.compile(r"\s+")
# One date phrase. Years of two digits only with 年 or with all three parts (13.5.1).
_PHRASE = re.compile(
    r"""(?<!\d)(?:
      (?P<y1>\d{4}|\d{2})年度?(?:(?P<m1>\d{1,2})月份?(?:(?P<d1>\d{1,2})[日号]?|(?P<p1>上旬|中旬|下旬|月初|月底|月末|初|底|末))?)?
    | (?P<y2>\d{4}|\d{2})(?P<s2>[./-])(?P<m2>\d{1,2})[./-](?P<d2>\d{1,2})日?
    | (?P<y3>\d{4})[./-](?P<m3>\d{1,2})月?(?P<p3>上旬|中旬|下旬|初|底|末)?
    | (?P<y4>(?:19|20)\d{2})(?P<m4>\d{2})(?P<d4>\d{2})?
    | (?P<m5>\d{1,2})月份?(?:(?P<d5>\d{1,2})[日号]?|(?P<p5>上旬|中旬|下旬|初|底|末))?
    | (?P<y6>(?:19|20)\d{2})
    )(?!\d)""",
    re.VERBOSE,
)
_MONTH_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})")
_DURATION = re.compile(r"(?<![第\d])\d+(?:日历天|日历日|工作日|天|个月|周)|工期\d+")
_SERIAL = re.compile(r"[3-5]\d{4}(?:\.\d+)?")
_NOISE = re.compile(r"[\s.,，、;；:：()（）\[\]]|星期[一二三四五六日天]|周[一二三四五六日天]|[上下]午")
_FORECAST = re.compile(
    r"延[期长]?[至到]?|推迟[至到]?|顺延[至到]?|预计|预期|计划|拟定?于?|争取|力争|暂定|将于|之?前|以前"
)
_DONE = re.compile(
    r"已?(?:全部|基本)?(?:完成|完工|竣工|开工|进场|验收合格|验收|交付|施工|开始|复工|停工|未完工|在施|在建)"
)
_FILLER = re.compile(r"[于在至到起止自从由日为后]")
_ABOUT = re.compile(r"大约|约|左右|上下|近")
_DAYS_OF_PERIOD = {"上旬": 1, "初": 1, "月初": 1, "中旬": 11, "下旬": 21}
_DIGITS_MOSTLY = re.compile(r"[\d\s./:,年月日号-]+")


class _Point(NamedTuple):
    value: dt.date
    precision: Precision


def parse_date(cell: Cell | str, default_year: int | None = None, epoch_1904: bool = False) -> Outcome:
    """Read a date with `kind` (actual, forecast, duration, text) and `precision` (day, month, period, year, none).

    A month, a ten-day period and a year stand for their first day, the end of a month (底) for its last. Words without
    a date (开工令, 未签) are kind "text" and no fault. A bare serial becomes a date with a note (E19), a state glued to
    a date leaves a note (E24). A day that never was is E06. Without a year in the cell, `default_year` is taken.
    """
    if isinstance(cell, Cell):
        if cell.kind == "date":
            if isinstance(cell.value, dt.datetime):
                return Outcome(cell.value.date(), None, False, "actual", "day")
            return refuse("E41", f"{quote(cell)} 只有时刻，没有日期", _A_DATE)
        if cell.kind == "number" and isinstance(cell.value, Decimal):
            return _from_number(cell, cell.value, epoch_1904)
        if cell.kind == "error":
            return refuse("E42", f"{quote(cell)} 是公式错误值", _A_DATE)
        if cell.kind == "no_value":
            return refuse("E42", f"公式 {quote(cell)} 没有保存计算结果", _A_DATE)
        if cell.kind == "boolean":
            return refuse("E41", f"{quote(cell)} 是逻辑值，不是日期", _A_DATE)
    text = cell_text(cell)
    if len(text) > LONGEST_VALUE:
        return BLANK if not text.strip() else Outcome(None, kind="text", precision="none")
    return _from_text(text, default_year, epoch_1904)


@lru_cache(maxsize=16384)
def _from_text(text: str, default_year: int | None, epoch_1904: bool) -> Outcome:
    written = plain(text)
    if is_null(text):
        return Outcome(None, kind="text", precision="none") if written in ("未签", "待定") else BLANK
    if _SERIAL.fullmatch(written):
        return _from_serial(text, Decimal(written), epoch_1904)
    body = _BLANKS.sub("", _CLOCK.sub("", arabic_dates(written).translate(_DASHES)))
    bare = _MONTH_DAY.fullmatch(body)
    if bare is not None and default_year is not None:
        return _resolve(text, f"{default_year}-{bare[1]}-{bare[2]}", default_year)
    return _resolve(text, body, default_year)


def _resolve(text: str, body: str, default_year: int | None) -> Outcome:
    phrases = list(_PHRASE.finditer(body))
    if _DURATION.search(body) and not any(_has_day(phrase) for phrase in phrases):
        return Outcome(None, kind="duration", precision="none")
    if len(phrases) != 1:
        return _without_date(text, body)
    phrase = phrases[0]
    rest = _NOISE.sub("", body[: phrase.start()] + body[phrase.end() :])
    kind, approximate, glued = _judge_words(rest)
    if kind == "text":
        return _without_date(text, body)
    point = _date_of(phrase, default_year)
    if isinstance(point, str):
        code = "E06" if point == "day" else "E41"
        expected = "应为实际存在的日期" if code == "E06" else "应写明年份，如 2013-10-08"
        return refuse(code, f"{quote(text)} {'没有这一天' if code == 'E06' else '不是完整的日期'}", expected)
    fix = ValueFault("E24", f"{quote(text)} 同时含有状态和日期", "已拆开，只取日期") if glued else None
    return Outcome(point.value, None, approximate, kind, point.precision, fix)


def _without_date(text: str, body: str) -> Outcome:
    """Words are kept as words; digits that make no date are a fault."""
    if not body or _DIGITS_MOSTLY.fullmatch(body):
        return refuse("E41", f"{quote(text)} 不是日期", _A_DATE)
    return Outcome(None, kind="text", precision="none")


def _has_day(phrase: re.Match[str]) -> bool:
    return any(phrase[name] for name in ("y1", "y2", "y3", "y4", "d5", "p5"))


def _judge_words(rest: str) -> tuple[DateKind, bool, bool]:
    """Say what the words around a date make of it: its kind, whether it is about, whether a state is glued to it."""
    if not rest or rest == "-":
        return "actual", False, False
    without_about = _ABOUT.sub("", rest)
    about = without_about != rest
    if _FORECAST.search(without_about):
        return "forecast", about, False
    without_state = _DONE.sub("", without_about)
    glued = without_state != without_about
    leftover = _FILLER.sub("", without_state).strip("-~")
    return ("text" if leftover else "actual"), about, glued


def _date_of(phrase: re.Match[str], default_year: int | None) -> _Point | str:
    """Return the point in time of a phrase; "day" for an impossible day, "year" for one that lacks its year."""
    year_text = phrase["y1"] or phrase["y2"] or phrase["y3"] or phrase["y4"] or phrase["y6"]
    month_text = phrase["m1"] or phrase["m2"] or phrase["m3"] or phrase["m4"] or phrase["m5"]
    day_text = phrase["d1"] or phrase["d2"] or phrase["d4"] or phrase["d5"]
    period = phrase["p1"] or phrase["p3"] or phrase["p5"]
    year = full_year(int(year_text), len(year_text)) if year_text else default_year
    if year is None:
        return "year"
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return "year"
    if month_text is None:
        return _Point(dt.date(year, 1, 1), "year")
    month = int(month_text)
    if not 1 <= month <= 12:
        return "day"
    last = calendar.monthrange(year, month)[1]
    if period is not None:
        return _Point(dt.date(year, month, _DAYS_OF_PERIOD.get(period, last)), "period")
    if day_text is None:
        return _Point(dt.date(year, month, 1), "month")
    day = int(day_text)
    return _Point(dt.date(year, month, day), "day") if 1 <= day <= last else "day"


def full_year(number: int, digits: int) -> int:
    """Return 2013 for 13, 1985 for 85; a year of four digits as it is."""
    if digits > 2:
        return number
    return 2000 + number if number < 70 else 1900 + number


def _from_number(cell: Cell, number: Decimal, epoch_1904: bool) -> Outcome:
    """Numbers in a date column: 20130508, 201305, 2013, a bare serial; 2013.1 may be January or October."""
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return _from_serial(cell, number, epoch_1904)
    text = cell.text
    if "." in text and (not _FIRST_YEAR <= number <= _LAST_YEAR or text.endswith(".1")):
        return refuse("E41", f"{quote(cell)} 不是日期", _A_DATE)
    if number < 0:
        return refuse("E41", f"{quote(cell)} 不是日期", _A_DATE)
    return _resolve(text, text, None)


def _from_serial(cell: Cell | str, serial: Decimal, epoch_1904: bool) -> Outcome:
    moment = moment_from_serial(serial, epoch_1904=epoch_1904)
    if not isinstance(moment, dt.datetime):
        return refuse("E41", f"{quote(cell)} 不是日期", _A_DATE)
    fix = ValueFault("E19", f"{quote(cell)} 是日期的序列号", f"已按 {moment.date().isoformat()} 处理")
    return Outcome(moment.date(), None, False, "actual", "day", fix)


_MONTH_FORMS = (
    # 2013年1-12月: a report up to December
    re.compile(r"(?<!\d)(?P<y>\d{4}|\d{2})年度?\d{1,2}月?[-~至到]+(?P<m>\d{1,2})月"),
    re.compile(r"(?<!\d)(?P<y>\d{4}|\d{2})年度?第?(?P<m>\d{1,2})月"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})[./_-](?P<m>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?:[0-2]\d|3[01])?(?!\d)"),
    re.compile(r"(?<![\d个])(?P<m>\d{1,2})月"),
)
_A_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:年|(?!\d))")


def parse_month(text: str, default_year: int | None = None) -> tuple[int | None, int] | None:
    """Find the month a title, a file name or a line is about: (2013, 12), or (None, 12) where no year is near.

    A month with its year wins over one without; 2013年1-12月 is about December. None where no month is named, and for
    prose, which names months in passing.
    """
    return _find_month(text, default_year) if len(text) <= LONGEST_VALUE else None


@lru_cache(maxsize=16384)
def _find_month(text: str, default_year: int | None) -> tuple[int | None, int] | None:
    body = _BLANKS.sub("", arabic_dates(plain(text)).translate(_DASHES))
    for form in _MONTH_FORMS:
        for match in form.finditer(body):
            month = int(match["m"])
            if not 1 <= month <= 12:
                continue
            if "y" in form.groupindex:
                return full_year(int(match["y"]), len(match["y"])), month
            years = set(_A_YEAR.findall(body))
            return (int(years.pop()) if len(years) == 1 else default_year), month
    return None


def parse_month_cell(cell: Cell | str, default_year: int | None = None, epoch_1904: bool = False) -> Outcome:
    """Read a month column: the first day of the month."""
    if isinstance(cell, Cell) and cell.kind in ("date", "error", "no_value", "boolean", "number"):
        outcome = parse_date(cell, default_year, epoch_1904)
        if outcome.value is None or outcome.precision == "year":
            return outcome if outcome.fault else refuse("E41", f"{quote(cell)} 不是月份", "应为月份，如 2013年12月")
        return Outcome(outcome.value.replace(day=1), fix=outcome.fix)
    text = cell_text(cell)
    if is_null(text):
        return BLANK
    found = parse_month(text, default_year)
    if found is None or found[0] is None:
        return refuse("E41", f"{quote(cell)} 不是月份", "应为月份，如 2013年12月")
    return Outcome(dt.date(found[0], found[1], 1))


_YEAR = re.compile(r"(?:建于|约)?(\d{4}|\d{2}(?=年))(?:年度?|年建|建)?")
_DECADE = re.compile(r"(?:20世纪|上世纪|19)?([5-9]0)(?:[、,/-]([5-9]0))?年代(初|中|末|后)?(?:期)?")
_YEARS = re.compile(r"(\d{4}|\d{2})年?[-~至到/、](\d{4}|\d{2})年?")
_CHINESE_DECADE = re.compile(r"[五六七八九]十(?=年代)")
_PART_OF_DECADE = {"初": (0, 3), "中": (4, 6), "末": (7, 9), "后": (5, 9)}
_A_YEAR_TEXT = "应为四位年份，如 1985"


def parse_year(cell: Cell | str) -> Outcome:
    """Read a year: 2013, 2013年, 二〇一三年, 13年."""
    outcome = parse_year_range(cell)
    if outcome.value is None:
        return outcome
    first, last = outcome.value
    if first != last:
        return refuse("E41", f"{quote(cell)} 不是单个年份", _A_YEAR_TEXT)
    return outcome._replace(value=first)


def parse_year_range(cell: Cell | str) -> Outcome:
    """Read years from–to: 1982-1986, 80年代, 八十年代初, or a single year twice. A decade's part is approximate."""
    if isinstance(cell, Cell):
        if cell.kind == "date" and isinstance(cell.value, dt.datetime):
            return Outcome((cell.value.year, cell.value.year))
        if cell.kind in ("error", "no_value"):
            return refuse("E42", f"{quote(cell)} 没有可用的值", _A_YEAR_TEXT)
    text = cell_text(cell)
    return _years_from_text(text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE])


@lru_cache(maxsize=4096)
def _years_from_text(text: str) -> Outcome:
    if is_null(text):
        return BLANK
    body = _BLANKS.sub("", plain(text)).translate(_DASHES)
    body = arabic_dates(_CHINESE_DECADE.sub(lambda match: f"{'五六七八九'.index(match[0][0]) + 5}0", body))
    single = _YEAR.fullmatch(body)
    if single is not None:
        year = full_year(int(single[1]), len(single[1]))
        return _plausible(text, year, year, approximate="约" in body)
    decade = _DECADE.fullmatch(body)
    if decade is not None:
        first, last = 1900 + int(decade[1]), 1900 + int(decade[2] or decade[1])
        low, high = _PART_OF_DECADE.get(decade[3] or "", (0, 9))
        return _plausible(text, first + low, last + high, approximate=bool(decade[3]))
    years = _YEARS.fullmatch(body)
    if years is not None:
        first = full_year(int(years[1]), len(years[1]))
        last = full_year(int(years[2]), len(years[2]))
        return _plausible(text, first, last)
    return refuse("E41", f"{quote(text)} 不是年份", _A_YEAR_TEXT)


def _plausible(text: str, first: int, last: int, *, approximate: bool = False) -> Outcome:
    if not _FIRST_YEAR <= first <= last <= _LAST_YEAR:
        return refuse("E41", f"{quote(text)} 不是合理的年份", _A_YEAR_TEXT)
    return Outcome((first, last), None, approximate)
