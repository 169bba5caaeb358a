"""Excel's binary workbooks (.xlsb): an OOXML package whose parts are records instead of XML ([MS-XLSB])."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

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
from transforms.workbook.model import MAX_COLUMN, MAX_ROW, Area, Cell, Limits, Sheet, Visibility, Workbook
from transforms.workbook.package import Package, parse_xml, resolve

# Record types
_ROW, _SST_ITEM, _FORMAT, _STYLE, _COLUMN = 0, 19, 44, 47, 60
_BUNDLE_SHEET, _BOOK_PROPERTIES, _MERGE = 156, 153, 176
_BEGIN_CELL_STYLES, _END_CELL_STYLES = 617, 618
_BLANK, _RK, _ERROR, _BOOLEAN, _REAL, _TEXT, _SHARED = 1, 2, 3, 4, 5, 6, 7
_FORMULAS = {8: _TEXT, 9: _REAL, 10: _BOOLEAN, 11: _ERROR}
_SHORT = range(12, 19)  # the same seven kinds, without a column: the one after the last
_RICH_TEXT = 62
_VISIBILITY: dict[int, Visibility] = {1: "hidden", 2: "very_hidden"}
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_U32 = struct.Struct("<I")
_DOUBLE = struct.Struct("<d")


@dataclass
class _Book:
    limits: Limits
    texts: list[str]
    formats: list[NumberFormat]
    epoch_1904: bool = False
    cells: int = 0


@dataclass
class _Grid:
    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def read_xlsb(package: Package, main: str, limits: Limits) -> Workbook:
    """Read all sheets of a binary workbook, whose list of sheets is the part `main`."""
    folder, _, name = main.rpartition("/")
    relations = {
        relation.get("Id", ""): (relation.get("Type", "").rpartition("/")[2], resolve(main, relation.get("Target", "")))
        for relation in parse_xml(package.read(f"{folder}/_rels/{name}.rels"))
    }
    parts = {kind: target for kind, target in relations.values() if target in package}
    book = _Book(limits, _shared_texts(package, parts), _cell_formats(package, parts))
    entries: list[tuple[str, str, Visibility]] = []
    for kind, body in _records(package.read(main)):
        if kind == _BOOK_PROPERTIES:
            book.epoch_1904 = bool(body[0] & 1)
        elif kind == _BUNDLE_SHEET:
            relation, place = _wide_text(body, 8)
            title, _ = _wide_text(body, place)
            entries.append((title, relation, _VISIBILITY.get(_U32.unpack_from(body)[0], "visible")))
    if not entries:
        raise faults.damaged("没有工作表")
    if len(entries) > limits.sheets:
        raise faults.too_large("工作表数", len(entries), limits.sheets)
    if len({title.casefold() for title, _, _ in entries}) < len(entries):
        raise faults.damaged("两个工作表同名")
    if len({relation for _, relation, _ in entries}) < len(entries):
        raise faults.damaged("两个工作表指向同一内容")
    sheets = []
    for index, (title, relation, visibility) in enumerate(entries, 1):
        kind_word, part = relations.get(relation, ("", ""))
        grid = _Grid(title)
        if kind_word == "worksheet":
            _scan_sheet(book, package.read(part), grid)
        sheets.append(
            Sheet(
                title,
                index,
                visibility,
                grid.cells,
                tuple(grid.merges),
                frozenset(grid.hidden_rows),
                frozenset(grid.hidden_columns),
            )
        )
    return Workbook("xlsb", tuple(sheets), book.epoch_1904)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each record: type in one or two bytes, size in up to four, seven bits each."""
    place, end = 0, len(data)
    while place < end:
        kind = data[place]
        place += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | ((data[place] & 0x7F) << 7)
            place += 1
        size = shift = 0
        for _ in range(4):
            byte = data[place]
            place += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if place + size > end:
            raise faults.damaged("二进制记录不完整")
        yield kind, data[place : place + size]
        place += size


def _wide_text(body: bytes, place: int) -> tuple[str, int]:
    length = _U32.unpack_from(body, place)[0]
    if length == 0xFFFFFFFF:
        return "", place + 4
    end = place + 4 + length * 2
    if end > len(body):
        raise faults.damaged("二进制文字不完整")
    return body[place + 4 : end].decode("utf-16-le", "replace"), end


def _shared_texts(package: Package, parts: dict[str, str]) -> list[str]:
    if "sharedStrings" not in parts:
        return []
    records = _records(package.read(parts["sharedStrings"]))
    return [_wide_text(body, 1)[0] for kind, body in records if kind == _SST_ITEM]


def _cell_formats(package: Package, parts: dict[str, str]) -> list[NumberFormat]:
    if "styles" not in parts:
        return []
    codes: dict[int, str] = {}
    formats: list[NumberFormat] = []
    inside = False
    for kind, body in _records(package.read(parts["styles"])):
        if kind == _FORMAT:
            codes[int.from_bytes(body[:2], "little")] = _wide_text(body, 2)[0]
        elif kind in (_BEGIN_CELL_STYLES, _END_CELL_STYLES):
            inside = kind == _BEGIN_CELL_STYLES
        elif kind == _STYLE and inside:
            format_id = int.from_bytes(body[2:4], "little")
            formats.append(classify_format(format_id, codes.get(format_id)))
    return formats


def _scan_sheet(book: _Book, data: bytes, grid: _Grid) -> None:
    row = column = 0
    for kind, body in _records(data):
        if kind == _ROW:
            row, column = _U32.unpack_from(body)[0] + 1, 0
            if body[11] & 0x10:
                grid.hidden_rows.add(row)
        elif kind <= _SHORT[-1] or kind == _RICH_TEXT:
            if kind in _SHORT:
                column, head, kind = column + 1, 4, kind - 11
            else:
                column, head = _U32.unpack_from(body)[0] + 1, 8
            if not 0 < row <= MAX_ROW or column > MAX_COLUMN:
                raise faults.damaged(f"工作表“{grid.name}”的单元格地址写错")
            style = int.from_bytes(body[head - 4 : head - 1], "little")
            cell = _read_cell(book, kind, body[head:], style)
            if cell is not None:
                _add_cell(book, grid, row, column, cell)
        elif kind == _MERGE:
            first_row, last_row, first_column, last_column = struct.unpack_from("<4I", body)
            grid.merges.append(Area(first_row + 1, first_column + 1, last_row + 1, last_column + 1))
            if len(grid.merges) > book.limits.merges:
                raise faults.too_large("合并单元格数", len(grid.merges), book.limits.merges)
        elif kind == _COLUMN and body[16] & 1 and len(grid.hidden_columns) < MAX_COLUMN:
            first, last = struct.unpack_from("<2I", body)
            grid.hidden_columns.update(range(first + 1, min(last + 1, MAX_COLUMN) + 1))


def _add_cell(book: _Book, grid: _Grid, row: int, column: int, cell: Cell) -> None:
    if cell.kind == "text" and is_garbled(cell.text):
        raise faults.garbled(grid.name, row, column)
    if (row, column) in grid.cells:
        raise faults.twice(grid.name, row, column)
    grid.cells[row, column] = cell
    book.cells += 1
    if book.cells > book.limits.cells:
        raise faults.too_large("有内容的单元格数", f"{book.cells} 以上", book.limits.cells)


def _read_cell(book: _Book, kind: int, body: bytes, style: int) -> Cell | None:
    is_formula = kind in _FORMULAS
    kind = _FORMULAS.get(kind, kind)
    if kind in (_RK, _REAL):
        value = _rk_number(_U32.unpack_from(body)[0]) if kind == _RK else _DOUBLE.unpack_from(body)[0]
        number = number_from_float(value)
        if number is None:
            return error_cell(str(value), is_formula=is_formula)
        number_format = book.formats[style] if style < len(book.formats) else PLAIN
        return number_cell(number, number_format, epoch_1904=book.epoch_1904, is_formula=is_formula)
    if kind == _BOOLEAN:
        return boolean_cell(bool(body[0]), is_formula=is_formula)
    if kind == _ERROR:
        return error_cell(_ERRORS.get(body[0], f"#{body[0]}"), is_formula=is_formula)
    if kind == _SHARED:
        place = _U32.unpack_from(body)[0]
        if place >= len(book.texts):
            raise faults.damaged("共享文字表与工作表不一致")
        return text_cell(book.texts[place], is_formula=is_formula)
    if kind in (_TEXT, _RICH_TEXT):
        text, _ = _wide_text(body, 1 if kind == _RICH_TEXT else 0)
        # The formula itself is stored as tokens; that there is one is all that is told of it.
        return Cell("text", "", "=", False, True) if is_formula and not text else text_cell(text, is_formula=is_formula)
    return None


def _rk_number(packed: int) -> float:
    """Unpack a number of 30 bits: an integer or the upper half of a double, perhaps in hundredths."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        value = float(_DOUBLE.unpack(b"\x00\x00\x00\x00" + _U32.pack(packed & 0xFFFFFFFC))[0])
    return value / 100 if packed & 1 else value
