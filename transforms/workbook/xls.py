"""BIFF workbooks (.xls, and WPS's .et) through xlrd: other readers garble Chinese of BIFF5 files without an error.

xlrd gives stored results only, so a formula here is its result; BIFF stores one for every formula.
"""

from __future__ import annotations

import io
from typing import Any

import xlrd

from transforms.workbook import faults
from transforms.workbook.cells import (
    PLAIN,
    NumberFormat,
    boolean_cell,
    classify_format,
    error_cell,
    is_garbled,
    number_cell,
    number_from_float,
    text_cell,
)
from transforms.workbook.model import Area, Cell, Limits, Sheet, Visibility, Workbook

_VISIBILITY: dict[int, Visibility] = {1: "hidden", 2: "very_hidden"}
_BIFF8 = 80
_FIRST_CUSTOM_FORMAT = 164
_CHINESE = "gb18030"
_SAMPLE = 2000


def read_xls(data: bytes, limits: Limits) -> Workbook:
    """Read all sheets of a BIFF file; Chinese text under a wrong code page is read again as GB18030."""
    book = _open(data, None)
    if book.nsheets > limits.sheets:
        raise faults.too_large("工作表数", book.nsheets, limits.sheets)
    if book.biff_version < _BIFF8 and _looks_mistaken(book):
        book = _open(data, _CHINESE)
    sheets: list[Sheet] = []
    total = 0
    for index in range(book.nsheets):
        sheet = _read_sheet(book, book.sheet_by_index(index), index + 1)
        total += len(sheet.cells)
        if total > limits.cells:
            raise faults.too_large("有内容的单元格数", f"{total} 以上", limits.cells)
        sheets.append(sheet)
    if not sheets:
        raise faults.damaged("没有工作表")
    return Workbook("xls", tuple(sheets), bool(book.datemode))


def _open(data: bytes, encoding: str | None) -> Any:
    options: dict[str, Any] = {"file_contents": data, "logfile": io.StringIO(), "ragged_rows": True}
    try:
        return xlrd.open_workbook(**options, formatting_info=True, encoding_override=encoding)
    except (LookupError, UnicodeDecodeError):
        if encoding is not None:
            raise
        return _open(data, _CHINESE)
    except xlrd.XLRDError as error:
        if "encrypt" in str(error).lower() or "password" in str(error).lower():
            raise faults.encrypted() from error
        raise faults.damaged("工作簿内容读不出来") from error


def _looks_mistaken(book: Any) -> bool:
    """Whether text of a byte code page is Chinese read as something Western: ÖÐÉ½ for 中山."""
    odd = [text for text in _sample_texts(book) if not text.isascii()]
    if not odd or any("\u4e00" <= character <= "\u9fff" for text in odd for character in text):
        return False
    return sum(_is_chinese_misread(text, book.encoding) for text in odd) * 2 > len(odd)


def _sample_texts(book: Any) -> list[str]:
    texts = list(book.sheet_names())
    for sheet in book.sheets():
        for row in range(sheet.nrows):
            texts.extend(value for value in sheet.row_values(row) if isinstance(value, str))
            if len(texts) > _SAMPLE:
                return texts
    return texts


def _is_chinese_misread(text: str, encoding: str) -> bool:
    try:
        again = text.encode(encoding).decode(_CHINESE)
    except (UnicodeError, LookupError):
        return False
    return any("\u4e00" <= character <= "\u9fff" for character in again)


def _read_sheet(book: Any, sheet: Any, index: int) -> Sheet:
    if is_garbled(sheet.name):
        raise faults.garbled(sheet.name, 0, 0)
    cells: dict[tuple[int, int], Cell] = {}
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            cell = _read_cell(book, sheet, row, column)
            if cell is not None:
                if cell.kind == "text" and is_garbled(cell.text):
                    raise faults.garbled(sheet.name, row + 1, column + 1)
                cells[row + 1, column + 1] = cell
    merges = tuple(Area(r1 + 1, c1 + 1, r2, c2) for r1, r2, c1, c2 in sheet.merged_cells if (r2 - r1) * (c2 - c1) > 1)
    hidden_rows = frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
    hidden_columns = frozenset(column + 1 for column, info in sheet.colinfo_map.items() if info.hidden)
    visibility = _VISIBILITY.get(sheet.visibility, "visible")
    return Sheet(sheet.name, index, visibility, cells, merges, hidden_rows, hidden_columns)


def _read_cell(book: Any, sheet: Any, row: int, column: int) -> Cell | None:
    kind = sheet.cell_type(row, column)
    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    value = sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_TEXT:
        return text_cell(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return boolean_cell(bool(value))
    if kind == xlrd.XL_CELL_ERROR:
        return error_cell(xlrd.error_text_from_code.get(value, f"#{value}"))
    number = number_from_float(value)
    if number is None:
        return error_cell(str(value))
    return number_cell(number, _format_of(book, sheet.cell_xf_index(row, column)), epoch_1904=bool(book.datemode))


def _format_of(book: Any, style: int) -> NumberFormat:
    if not 0 <= style < len(book.xf_list):
        return PLAIN
    key = book.xf_list[style].format_key
    entry = book.format_map.get(key)
    return classify_format(key, entry.format_str if entry is not None and key >= _FIRST_CUSTOM_FORMAT else None)
