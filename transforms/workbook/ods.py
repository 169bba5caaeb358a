"""OpenDocument spreadsheets (.ods): repeated rows and cells unfolded only where something stands in them."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree.ElementTree import Element

from transforms.workbook import faults
from transforms.workbook.cells import NumberFormat as Format
from transforms.workbook.cells import (
    boolean_cell,
    date_cell,
    error_cell,
    is_garbled,
    no_value_cell,
    number_cell,
    number_from_text,
    text_cell,
)
from transforms.workbook.model import MAX_COLUMN, MAX_ROW, Area, Cell, Limits, Sheet, Visibility, Workbook
from transforms.workbook.package import Package, iterate_elements, local_name

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CALCEXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|#N/A|Err:\d+")
_TIME = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_NO_FORMULA_PREFIX = re.compile(r"^(?:of|oooc|msoxl):")
_PERCENT = Format(is_percent=True)


def read_ods(package: Package, limits: Limits) -> Workbook:
    """Read all sheets of an OpenDocument spreadsheet; other OpenDocument files are refused by name."""
    kind = package.read("mimetype").decode("ascii", "replace").strip()
    if not kind.startswith(_SPREADSHEET):
        raise faults.not_a_workbook("OpenDocument 文档（不是表格）")
    if _is_encrypted(package):
        raise faults.encrypted()
    hidden_styles: set[str] = set()
    reader = _Reader(limits, hidden_styles)
    with package.open("content.xml") as stream:
        for element in iterate_elements(stream):
            if element.tag == _STYLE + "style":
                if any(child.get(_TABLE + "display") == "false" for child in element):
                    hidden_styles.add(element.get(_STYLE + "name", ""))
            elif element.tag == _TABLE + "null-date":
                reader.epoch_1904 = element.get(_TABLE + "date-value") == "1904-01-01"
            elif element.tag == _TABLE + "table-column":
                reader.take_column(element)
            elif element.tag == _TABLE + "table-row":
                reader.take_row(element)
                element.clear()
            elif element.tag == _TABLE + "table":
                reader.end_sheet(element)
                element.clear()
    if not reader.sheets:
        raise faults.damaged("没有工作表")
    return Workbook("ods", tuple(reader.sheets), reader.epoch_1904)


def _is_encrypted(package: Package) -> bool:
    return "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml")


class _Reader:
    def __init__(self, limits: Limits, hidden_styles: set[str]) -> None:
        self.limits = limits
        self.sheets: list[Sheet] = []
        self.epoch_1904 = False
        self._hidden_styles = hidden_styles
        self._total = 0
        self._start_sheet()

    def _start_sheet(self) -> None:
        self._cells: dict[tuple[int, int], Cell] = {}
        self._merges: list[Area] = []
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._row = 0
        self._column = 0

    def end_sheet(self, element: Element) -> None:
        name = element.get(_TABLE + "name", "")
        if len(self.sheets) >= self.limits.sheets:
            raise faults.too_large("工作表数", len(self.sheets) + 1, self.limits.sheets)
        for (row, column), cell in self._cells.items():
            if cell.kind == "text" and is_garbled(cell.text):
                raise faults.garbled(name, row, column)
        hidden = element.get(_TABLE + "style-name") in self._hidden_styles
        visibility: Visibility = "hidden" if hidden else "visible"
        self.sheets.append(
            Sheet(
                name,
                len(self.sheets) + 1,
                visibility,
                self._cells,
                tuple(self._merges),
                frozenset(self._hidden_rows),
                frozenset(self._hidden_columns),
            )
        )
        self._start_sheet()

    def take_column(self, element: Element) -> None:
        first = self._column + 1
        self._column = min(self._column + _count(element, "number-columns-repeated"), MAX_COLUMN)
        if element.get(_TABLE + "visibility", "visible") != "visible":
            self._hidden_columns.update(range(first, self._column + 1))

    def take_row(self, element: Element) -> None:
        first = self._row + 1
        repeated = _count(element, "number-rows-repeated")
        self._row += repeated
        if element.get(_TABLE + "visibility", "visible") != "visible":
            self._hidden_rows.update(range(first, min(self._row, MAX_ROW) + 1))
        column = 0
        for child in element:
            if child.tag not in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
                continue
            width = _count(child, "number-columns-repeated")
            cell = _read_cell(child)
            if cell is not None:
                self._fill(cell, range(first, self._row + 1), range(column + 1, column + width + 1))
            self._note_merge(child, first, column + 1)
            column += width

    def _fill(self, cell: Cell, rows: range, columns: range) -> None:
        if rows[-1] > MAX_ROW or columns[-1] > MAX_COLUMN:
            raise faults.damaged("单元格超出范围")
        self._total += len(rows) * len(columns)
        if self._total > self.limits.cells:
            raise faults.too_large("有内容的单元格数", f"{self._total} 以上", self.limits.cells)
        self._cells.update(((row, column), cell) for row in rows for column in columns)

    def _note_merge(self, element: Element, row: int, column: int) -> None:
        across, down = _count(element, "number-columns-spanned"), _count(element, "number-rows-spanned")
        if across > 1 or down > 1:
            self._merges.append(Area(row, column, min(row + down - 1, MAX_ROW), min(column + across - 1, MAX_COLUMN)))
            if len(self._merges) > self.limits.merges:
                raise faults.too_large("合并单元格数", len(self._merges), self.limits.merges)


def _count(element: Element, name: str) -> int:
    text = element.get(_TABLE + name, "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _read_cell(element: Element) -> Cell | None:
    kind = element.get(_OFFICE + "value-type")
    formula = element.get(_TABLE + "formula")
    is_formula = formula is not None
    if kind is None and formula is None and len(element) == 0:
        return None
    text = "\n".join(_paragraph(child) for child in element if child.tag == _TEXT + "p")
    if element.get(_CALCEXT + "value-type") == "error" or (is_formula and _ERROR.fullmatch(text)):
        return error_cell(text or "#错误", is_formula=is_formula)
    if kind in ("float", "currency", "percentage"):
        raw = element.get(_OFFICE + "value", "")
        number = number_from_text(raw)
        if number is None:
            return error_cell(raw or "#错误", is_formula=is_formula)
        return number_cell(number, _PERCENT if kind == "percentage" else Format(), is_formula=is_formula)
    if kind == "boolean":
        return boolean_cell(element.get(_OFFICE + "boolean-value") == "true", is_formula=is_formula)
    if kind in ("date", "time"):
        moment = _moment(element.get(_OFFICE + f"{kind}-value", ""))
        if moment is not None:
            return date_cell(moment, is_formula=is_formula)
    if formula is not None and not text:
        code = _NO_FORMULA_PREFIX.sub("", formula).removeprefix("=")
        return Cell("text", "", "=" + code, False, True) if kind == "string" else no_value_cell(code)
    return text_cell(text, is_formula=is_formula)


def _moment(raw: str) -> dt.datetime | dt.time | None:
    clock = _TIME.fullmatch(raw)
    if clock is not None:
        hours, minutes, seconds = (int(part) for part in clock.groups())
        return dt.time(hours, minutes, seconds) if hours < 24 else None
    try:
        return dt.datetime.fromisoformat(raw).replace(tzinfo=None)
    except ValueError:
        return None


def _paragraph(element: Element) -> str:
    """Return the text of a paragraph: <text:s> stands for blanks, <text:tab> and <text:line-break> for theirs."""
    pieces = [element.text or ""]
    for child in element:
        name = local_name(child.tag)
        if name == "s":
            count = child.get(_TEXT + "c", "1")
            pieces.append(" " * min(int(count), 1000) if count.isdigit() else " ")
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else "\n")
        elif name != "annotation":
            pieces.append(_paragraph(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
