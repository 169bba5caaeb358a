"""Stored values → cells: float noise, date serials, number formats and lost text are dealt with here, once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from transforms.workbook import faults
from transforms.workbook.model import Cell

# A double carries 15 digits for sure; what Excel stores behind them (3470.0000000000005) is noise.
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)
_ONE_DAY = dt.timedelta(days=1)
_EPOCH_1900 = dt.datetime(1899, 12, 30)
_EPOCH_1904 = dt.datetime(1904, 1, 1)
_MILLISECONDS = Decimal(86_400_000)
_LAST_SERIAL = Decimal(2_958_466)  # 9999-12-31 has 2958465

_LONGEST_FORMAT = 1000  # Excel allows 255
_LONGEST_TEXT = 131_072  # Excel allows 32,767
_BUILTIN_PERCENT = frozenset({9, 10})
# 14–22 and 45–47 everywhere; 27–36 and 50–58 are dates in the Chinese, Japanese and Korean editions.
_BUILTIN_DATES = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
# Written as it is shown: such a text needs no cleaning.
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_MIDNIGHT = " 00:00:00"
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)

_ERRORS = frozenset(
    (
        *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"),
        *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#BUSY!"),
    )
)


class NumberFormat(NamedTuple):
    """What a number format says about the value."""

    is_date: bool = False
    is_percent: bool = False


PLAIN = NumberFormat()
_DATE = NumberFormat(is_date=True)
_PERCENT = NumberFormat(is_percent=True)


@lru_cache(maxsize=4096)
def classify_format(format_id: int, code: str | None) -> NumberFormat:
    """Tell dates and percents by the format's code, or by its number where it is built in and has none.

    An elapsed time ([h]:mm) is an amount, not a date.
    """
    if code is not None and len(code) > _LONGEST_FORMAT:
        return PLAIN
    if code is None:
        if format_id in _BUILTIN_DATES:
            return _DATE
        return _PERCENT if format_id in _BUILTIN_PERCENT else PLAIN
    if _ELAPSED.search(code):
        return PLAIN
    bare = _LITERALS.sub("", code)
    sections = bare.split(";")
    if "general" in sections[0].lower():
        return PLAIN
    if _DATE_LETTERS.search(sections[0]):
        return _DATE
    return _PERCENT if "%" in bare else PLAIN


def clean_number(number: Decimal) -> Decimal:
    """Round to 15 significant digits and drop trailing zeros behind the point; never an exponent above zero."""
    digits = number.as_tuple().digits
    if len(digits) > 15:
        number = _FIFTEEN.plus(number)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent == 0:
        return number
    number = number.normalize(_FIFTEEN)
    return number if number.as_tuple().exponent <= 0 else number.quantize(Decimal(1), context=_WIDE)  # type: ignore[operator]


_WIDE = Context(prec=400)


def number_from_text(raw: str) -> Decimal | None:
    """Return the stored number; None for what is none (Decimal itself takes NaN, Infinity, underscores and ١٢)."""
    if len(raw) <= 15 and _PLAIN_NUMBER.fullmatch(raw):
        return Decimal(raw)
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return None
    if not number.is_finite() or not raw.isascii() or "_" in raw or abs(number.adjusted()) > 308:
        return None
    return clean_number(number)


def number_from_float(value: float) -> Decimal | None:
    """Return a stored double as the decimal that was meant."""
    return number_from_text(repr(value))


def number_cell(
    number: Decimal, number_format: NumberFormat = PLAIN, *, epoch_1904: bool = False, is_formula: bool = False
) -> Cell:
    """Make the cell of a stored number, which its format may declare a date or a percent."""
    if number_format.is_date:
        moment = moment_from_serial(number, epoch_1904=epoch_1904)
        if moment is not None:
            return date_cell(moment, is_formula=is_formula)
    return Cell("number", number, format(number, "f"), number_format.is_percent, is_formula)


def stored_number_cells(
    raws: Iterable[str], number_format: NumberFormat, *, epoch_1904: bool = False, is_formula: bool = False
) -> list[Cell]:
    """Make the cells of numbers stored in one format; an error's where a text is none."""
    is_date, is_percent = number_format
    is_plain = _PLAIN_NUMBER.fullmatch

    def make(raw: str) -> Cell:
        number = number_from_text(raw)
        if number is None:
            return error_cell(raw, is_formula=is_formula)
        return number_cell(number, number_format, epoch_1904=epoch_1904, is_formula=is_formula)

    return [
        Cell("number", Decimal(raw), raw, is_percent, is_formula)
        if not is_date and len(raw) <= 15 and is_plain(raw)
        else make(raw)
        for raw in raws
    ]


def date_cell(moment: dt.datetime | dt.time, *, is_formula: bool = False) -> Cell:
    """Make the cell of a point in time; a midnight is written as its day alone."""
    text = moment.isoformat() if isinstance(moment, dt.time) else moment.isoformat(sep=" ").removesuffix(_MIDNIGHT)
    return Cell("date", moment, text, False, is_formula)


def moment_from_serial(serial: Decimal, *, epoch_1904: bool = False) -> dt.datetime | dt.time | None:
    """Return the moment of a date serial, a time of day below one day, None outside of the calendar.

    The 1900 calendar has a 29 February 1900 that never was: serials before it are a day behind.
    """
    if serial < 0 or serial >= _LAST_SERIAL:
        return None
    days = int(serial)
    milliseconds = 0 if days == serial else int(((serial - days) * _MILLISECONDS).to_integral_value())
    clock = dt.timedelta(milliseconds=milliseconds)
    if days == 0 and not epoch_1904:
        return None if clock >= _ONE_DAY else (dt.datetime.min + clock).time()
    if epoch_1904:
        return _EPOCH_1904 + dt.timedelta(days=days) + clock if serial < _LAST_SERIAL - 1462 else None
    return _EPOCH_1900 + dt.timedelta(days=days + (1 if days < 60 else 0)) + clock


def text_cell(text: str, *, is_formula: bool = False) -> Cell | None:
    """Make the cell of a text; None where it is blank and no formula stands behind it.

    Raises UnreadableWorkbook for a text no spreadsheet can hold.
    """
    if len(text) > _LONGEST_TEXT:
        raise faults.too_large("一个单元格的字数", len(text), _LONGEST_TEXT)
    if not is_formula and not text.strip():
        return None
    return Cell("text", text, text, False, is_formula)


def written_cell(text: str) -> Cell | None:
    """Make the cell of a format that has text alone: there an error value is the text a spreadsheet wrote for it."""
    bare = text.strip()
    return error_cell(bare) if bare.startswith("#") and bare.upper() in _ERRORS else text_cell(text)


def boolean_cell(value: bool, *, is_formula: bool = False) -> Cell:
    """Make the cell of a truth value."""
    return Cell("boolean", value, "TRUE" if value else "FALSE", False, is_formula)


def error_cell(text: str, *, is_formula: bool = False) -> Cell:
    """Make the cell of an error value: "#REF!", "#N/A"."""
    return Cell("error", None, text, False, is_formula)


def no_value_cell(formula: str) -> Cell:
    """Make the cell of a formula whose result was not stored."""
    return Cell("no_value", None, "=" + formula.removeprefix("="), False, True)


def is_garbled(text: str) -> bool:
    """Whether characters were lost before the text reached us."""
    return "\ufffd" in text or "\x00" in text
