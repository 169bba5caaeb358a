"""BIFF workbooks (.xls, and WPS's .et) through xlrd: other readers garble Chinese of BIFF5 files without an error.

xlrd gives stored results only and does not say which cells are formulas; a scan of the records of our own does, and is
the second opinion on every cell: where the two differ the file is refused.
"""

from __future__ import annotations

import io
from typing import Any

import xlrd

from transforms.workbook import faults
from transforms.workbook.biff import BiffSheet, scan_sheets
from transforms.workbook.cells import (
    PLAIN,
    NumberFormat,
    boolean_cell,
    classify_format,
    error_cell,
    is_garbled,
    no_value_cell,
    number_cell,
    number_from_float,
    text_cell,
)
from transforms.workbook.model import Area, Cell, Limits, Sheet, Visibility, Workbook, a1

_VISIBILITY: dict[int, Visibility] = {1: "hidden", 2: "very_hidden"}
_BIFF5, _BIFF8 = 50, 80
_FIRST_CUSTOM_FORMAT = 164
_CHINESE = "gb18030"
_SAMPLE = 2000


def read_xls(data: bytes, limits: Limits) -> Workbook:
    """Read all sheets of a BIFF stream; Chinese text under a wrong code page is read again as GB18030."""
    book = _open(data, None)
    if book.nsheets > limits.sheets:
        raise faults.too_large("工作表数", book.nsheets, limits.sheets)
    if book.biff_version < _BIFF8 and _looks_mistaken(book):
        book = _open(data, _CHINESE)
    seconds = scan_sheets(data) if book.biff_version >= _BIFF5 else [None] * book.nsheets
    if len(seconds) != book.nsheets:
        raise faults.damaged("工作表目录与内容不一致")
    sheets: list[Sheet] = []
    total = 0
    for index, second in enumerate(seconds):
        sheet = _read_sheet(book, book.sheet_by_index(index), index + 1, second)
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


def _read_sheet(book: Any, sheet: Any, index: int, second: BiffSheet | None) -> Sheet:
    if is_garbled(sheet.name):
        raise faults.garbled(sheet.name, 0, 0)
    cells: dict[tuple[int, int], Cell] = {}
    seen: set[tuple[int, int]] = set()
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            kind = sheet.cell_type(row, column)
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            place = row + 1, column + 1
            seen.add(place)
            cell = _read_cell(book, sheet, row, column, kind)
            if second is not None and place in second.formulas:
                cell = _formula_cell(cell, never_calculated=second.formulas[place])
            if cell is not None:
                if cell.kind == "text" and is_garbled(cell.text):
                    raise faults.garbled(sheet.name, *place)
                cells[place] = cell
    if second is not None:
        _compare(sheet.name, seen, second)
        index = second.index
    merges = tuple(Area(r1 + 1, c1 + 1, r2, c2) for r1, r2, c1, c2 in sheet.merged_cells if (r2 - r1) * (c2 - c1) > 1)
    hidden_rows = frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
    hidden_columns = frozenset(column + 1 for column, info in sheet.colinfo_map.items() if info.hidden)
    visibility = _VISIBILITY.get(sheet.visibility, "visible")
    return Sheet(sheet.name, index, visibility, cells, merges, hidden_rows, hidden_columns)


def _compare(name: str, seen: set[tuple[int, int]], second: BiffSheet) -> None:
    """Refuse a sheet in which a cell stands twice, or in which the two readings find different cells."""
    if second.twice is not None:
        raise faults.twice(name, *second.twice)
    if seen != second.values:
        row, column = min(seen ^ second.values)
        raise faults.damaged(f"工作表“{name}”{a1(row, column)} 单元格前后记录不一致")


def _formula_cell(cell: Cell | None, *, never_calculated: bool) -> Cell:
    # The formula itself is stored as tokens; that there is one is all that is told of it.
    if never_calculated:
        return no_value_cell("")
    if cell is None:
        return Cell("text", "", "=", False, True)
    return cell._replace(is_formula=True)


def _read_cell(book: Any, sheet: Any, row: int, column: int, kind: int) -> Cell | None:
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
