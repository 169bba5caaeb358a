"""Quantities: decimals, counts and ratios, exact from the cell to the column's unit."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from transforms.values.chinese import read_numeral
from transforms.values.outcome import BLANK, Outcome, ValueFault, refuse
from transforms.values.texts import LONGEST_VALUE, cell_text, is_null, plain, quote
from transforms.values.units import Unit, find_conversion, find_unit
from transforms.workbook.model import Cell

_NUMBER = re.compile(
    r"""^(?P<about>大约|约为|约计|约|将近|近|≈|~)?\s*
    [¥$]?\s*
    (?P<sign>[-+−±])?
    (?P<open>\()?
    (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\ \d{3})+(?:\.\d+)?|\d+(?:\.\d*)?(?:[eE][-+]?\d{1,3})?|\.\d+)
    (?P<close>\))?\s*
    (?P<rest>[^\d]{0,12}(?:[23][^\d]{0,4})?)$""",
    re.VERBOSE,
)
# NFKC would turn 10² into 102 and ③ into 3.
_RAISED = re.compile(r"(?:[\d)）]\s*[⁰¹²³⁴⁵⁶⁷⁸⁹₀-₉])|[①-⓿½¼¾⅐-⅞]")
_SIMPLE = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
_SCALES = {
    "": Decimal(1),
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10_000),
    "百万": Decimal(1_000_000),
    "千万": Decimal(10_000_000),
    "亿": Decimal(100_000_000),
}
_ROUGHLY = re.compile(r"余|多|来|左右|上下|以上|\+")
_HUNDRED = Decimal(100)
_MILLIONTH = Decimal("0.000001")
_A_NUMBER = "应为数字"
_QUANTA = tuple(Decimal(1).scaleb(-places) for places in range(19))


class _Number(NamedTuple):
    """A number as written: `value` in `unit` (None where none is written), percent sign apart."""

    value: Decimal
    unit: Unit | None = None
    approximate: bool = False
    is_percent: bool = False


@lru_cache(maxsize=65536)
def _read_number(text: str) -> _Number | None:
    """Take a written number apart; None where the text is not one number."""
    if _SIMPLE.fullmatch(text):
        return _Number(Decimal(text))
    if _RAISED.search(text):
        return None
    match = _NUMBER.match(plain(text).rstrip("。;,"))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    value = Decimal(match["digits"].replace(",", "").replace(" ", ""))
    if abs(value.adjusted()) > 40:
        return None
    if match["sign"] == "±" and value != 0:
        return None
    if (match["sign"] in ("-", "−")) != bool(match["open"]):
        value = -value
    rest = "".join(match["rest"].split())
    word = _ROUGHLY.sub("", rest)
    about = bool(match["about"]) or word != rest
    if word == "%":
        return _Number(value, None, about, True)
    scale = _SCALES.get(word)
    if scale is not None:
        return _Number(value * scale, None if scale == 1 else _SCALED, about)
    unit = find_unit(word)
    return _Number(value, unit, about) if unit is not None and unit.dimension != "percent" else None


# 4.63万 in a column of 万㎡ is still 46,300 ㎡: the multiplier is spent, and what it multiplied is the column's base.
_SCALED = Unit("", "any", Decimal(1))


def _unreadable(cell: Cell) -> Outcome | None:
    """What is not even text: an error value, a formula whose result was not stored."""
    if cell.kind == "error":
        return refuse("E42", f"{quote(cell)} 是公式错误值", "应为数值；请改正公式")
    if cell.kind == "no_value":
        return refuse("E42", f"公式 {quote(cell)} 没有保存计算结果", "应为数值；请在 Excel 或 WPS 中重新计算并保存")
    return None


def _number_of(cell: Cell | str) -> _Number | Outcome:
    """Return the number in a cell, or the outcome of a cell without one."""
    if isinstance(cell, Cell):
        if cell.kind == "number" and isinstance(cell.value, Decimal):
            return _Number(cell.value, None, False, cell.is_percent)
        unreadable = _unreadable(cell)
        if unreadable is not None:
            return unreadable
        if cell.kind in ("date", "boolean"):
            word = "日期" if cell.kind == "date" else "逻辑值"
            return refuse("E41", f"{quote(cell)} 是{word}，不是数字", _A_NUMBER)
    text = cell_text(cell)
    number = _read_number(text) if len(text) <= LONGEST_VALUE else None
    if number is not None:
        return number
    return BLANK if is_null(text) else refuse("E41", f"{quote(cell)} 不是单个数字", "应只填数字，如 1234.56")


def parse_decimal(
    cell: Cell | str,
    column_unit: Unit | str | None = None,
    source_unit: Unit | str | None = None,
    places: int | None = 2,
    precision: int = 18,
) -> Outcome:
    """Read a quantity into the column's unit.

    The unit in the cell wins over `source_unit` (header, unit line or layout). Converted exactly, then rounded half up
    where more than `places` decimals remain. A value of more digits than `precision` is a fault (E43): it fits nowhere.
    """
    if type(cell) is Cell and cell.kind == "number" and source_unit is None and not cell.is_percent:
        return _fit(cell, cell.value, places, precision)  # type: ignore[arg-type]
    number = _number_of(cell)
    if isinstance(number, Outcome):
        return number
    if number.is_percent:
        return refuse("E41", f"{quote(cell)} 是百分数", _A_NUMBER)
    converted = _convert(cell, number, column_unit, source_unit)
    if isinstance(converted, Outcome):
        return converted
    value, fix = converted
    return _fit(cell, value, places, precision, number.approximate, fix)


def _fit(
    cell: Cell | str,
    value: Decimal,
    places: int | None,
    precision: int,
    approximate: bool = False,
    fix: ValueFault | None = None,
) -> Outcome:
    if value.adjusted() >= precision - (places or 0):
        return refuse("E43", f"{quote(cell)} 位数过多", "应在合理范围之内")
    if places is not None:
        value = value.quantize(_QUANTA[places], ROUND_HALF_UP)
    return Outcome(value, None, approximate, None, None, fix)


def _convert(
    cell: Cell | str, number: _Number, column_unit: Unit | str | None, source_unit: Unit | str | None
) -> tuple[Decimal, ValueFault | None] | Outcome:
    if number.unit is _SCALED:
        return number.value, None
    source = number.unit or source_unit
    if source is None:
        return number.value, None
    conversion = find_conversion(source, column_unit)
    if conversion.conflict:
        return refuse("E46", f"{quote(cell)} 的计量单位与本栏不符", "单位应与本栏一致")
    fix = None
    if conversion.mixed_up:
        fix = ValueFault("E31", f"{quote(cell)} 的单位与本栏不同（如 套与户、人次与人）", "应按本栏单位填写")
    value = number.value * conversion.factor if conversion.factor != 1 else number.value
    return value, fix


_ORDINAL = re.compile(r"第(.+?)[次批版期]?")


def parse_integer(
    cell: Cell | str, column_unit: Unit | str | None = None, source_unit: Unit | str | None = None
) -> Outcome:
    """Read a count; 6.0 is 6, 十二 is 12, 第二次 is 2, 6.5 is a fault."""
    outcome = parse_decimal(cell, column_unit, source_unit, None)
    if outcome.fault is not None and outcome.fault.code == "E41":
        text = plain(cell_text(cell))
        ordinal = _ORDINAL.fullmatch(text)
        words = ordinal[1] if ordinal is not None else text
        numeral = int(words) if words.isascii() and words.isdigit() else read_numeral(words)
        return outcome if numeral is None else Outcome(numeral)
    if outcome.value is None:
        return outcome
    whole = int(outcome.value)
    if whole != outcome.value:
        return refuse("E41", f"{quote(cell)} 不是整数", "应为整数")
    return Outcome(whole, None, outcome.approximate, None, None, outcome.fix)


def parse_ratio(cell: Cell | str, column_is_percent: bool | None = None) -> Outcome:
    """Read a share as 0–1, at most 6 decimals.

    A percent sign or a percent format decides. Else `column_is_percent` says what the column's numbers mean; where
    nobody knows (None), a number above 1 is taken for a percent, with a note (E11). More than 100 % is a fault (E11).
    """
    number = _number_of(cell)
    if isinstance(number, Outcome):
        return number
    if number.unit is not None:
        return refuse("E46", f"{quote(cell)} 带有计量单位", "应为百分数或 0 到 1 的小数")
    value, fix = number.value, None
    written = number.is_percent and not (isinstance(cell, Cell) and cell.kind == "number")
    if written or (column_is_percent and not number.is_percent):
        value = value / _HUNDRED
    elif column_is_percent is None and not number.is_percent and 1 < value <= _HUNDRED:
        value = value / _HUNDRED
        fix = ValueFault("E11", f"{quote(cell)} 未注明百分号", f"已按 {plain(cell_text(cell))}% 处理")
    if value > 1:
        return refuse("E11", f"{quote(cell)} 超过 100%", "应在 0 到 100% 之间")
    if value < 0:
        return refuse("E43", f"{quote(cell)} 是负数", "应在 0 到 100% 之间")
    if value.as_tuple().exponent < -6:  # type: ignore[operator]
        value = value.quantize(_MILLIONTH, ROUND_HALF_UP)
    return Outcome(value, None, number.approximate, fix=fix)
