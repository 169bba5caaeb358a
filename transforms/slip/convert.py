"""A workbook of another format as .xlsx, from what was read of it: values, merges, what is hidden. No formulas."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from schemas.slips import LIST_SHEET, LIST_TITLE
from transforms.workbook import Cell, Sheet, Workbook

_LONGEST_NAME = 31
_LONGEST_TEXT = 32_767
_BAD_IN_NAMES = re.compile(r"[\[\]:*?/\\]|^'|'$")
_WIDEST, _NARROWEST = 40, 6
_MEASURED_ROWS = 300
_LOOKS_LIKE_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIRST_DAY = dt.datetime(1900, 3, 1)
_MADE = dt.datetime(1980, 1, 1)


def convert(workbook: Workbook) -> tuple[bytes, Mapping[str, str]]:
    """Give the .xlsx, and what its sheets are called now: a name Excel does not allow is changed."""
    names = _names(workbook.sheets)
    buffer = io.BytesIO()
    book = _book(buffer)
    formats: dict[tuple[str, bool], Any] = {}
    for sheet in workbook.sheets:
        _write(book, formats, book.add_worksheet(names[sheet.name]), sheet)
    book.close()
    return buffer.getvalue(), names


def only_a_list() -> bytes:
    """Give a workbook that holds nothing but the place for the list."""
    buffer = io.BytesIO()
    book = _book(buffer)
    book.add_worksheet(LIST_SHEET).write_string(0, 0, LIST_TITLE)
    book.close()
    return buffer.getvalue()


def _book(buffer: io.BytesIO) -> Any:
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": _MADE})
    return book


def _names(sheets: Sequence[Sheet]) -> dict[str, str]:
    taken: set[str] = set()
    names = {}
    for sheet in sheets:
        plain = _BAD_IN_NAMES.sub("_", sheet.name)[:_LONGEST_NAME] or "Sheet1"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain[: _LONGEST_NAME - 4]} ({number})"
        taken.add(name.casefold())
        names[sheet.name] = name
    return names


def _write(book: Any, formats: dict[tuple[str, bool], Any], target: Any, sheet: Sheet) -> None:
    for area in sheet.merges:
        try:
            target.merge_range(area.r1 - 1, area.c1 - 1, area.r2 - 1, area.c2 - 1, "", None)
        except XlsxWriterException:  # merges that overlap: the first one stands
            continue
    for (row, col), cell in sorted(sheet.cells.items()):
        _write_cell(book, formats, target, row - 1, col - 1, cell)
    for row in sheet.hidden_rows:
        target.set_row(row - 1, None, None, {"hidden": True})
    for col, width in _widths(sheet).items():
        target.set_column(col - 1, col - 1, width, None, {"hidden": True} if col in sheet.hidden_columns else {})
    if sheet.visibility == "hidden":
        target.hide()
    elif sheet.visibility == "very_hidden":
        target.very_hidden()


def _write_cell(book: Any, formats: dict[tuple[str, bool], Any], target: Any, row: int, col: int, cell: Cell) -> None:
    value = cell.value

    def look(number_format: str, quoted: bool = False) -> Any:
        key = (number_format, quoted)
        if key not in formats:
            formats[key] = book.add_format({"num_format": number_format, "quote_prefix": quoted})
        return formats[key]

    if isinstance(value, bool):
        target.write_boolean(row, col, value)
    elif isinstance(value, Decimal):
        target.write_number(row, col, float(value), look("0.00%" if cell.is_percent else "General"))
    elif isinstance(value, dt.datetime) and value >= _FIRST_DAY:
        target.write_datetime(row, col, value, look("yyyy-mm-dd hh:mm" if value.time() != dt.time() else "yyyy-mm-dd"))
    elif isinstance(value, dt.time):
        target.write_datetime(row, col, value, look("hh:mm:ss"))
    else:
        text = cell.text[:_LONGEST_TEXT]
        target.write_string(row, col, text, look("General", text.startswith(_LOOKS_LIKE_FORMULA)))


def _widths(sheet: Sheet) -> dict[int, float]:
    """Guess the width of each column by its texts, those merged over several columns left out."""
    wide = {(area.r1, area.c1) for area in sheet.merges if area.c2 > area.c1}
    widths: dict[int, float] = dict.fromkeys(sheet.hidden_columns, _NARROWEST)
    for (row, col), cell in sheet.cells.items():
        if row <= _MEASURED_ROWS and (row, col) not in wide:
            longest = max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) for line in cell.text.split("\n"))
            widths[col] = max(widths.get(col, _NARROWEST), min(longest + 1, _WIDEST))
    return dict(sorted(widths.items()))
