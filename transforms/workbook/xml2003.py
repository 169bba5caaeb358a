"""SpreadsheetML 2003 (“XML 电子表格 2003”), which many export programs write under the name .xls."""

from __future__ import annotations

import datetime as dt
import io
import re
from xml.etree.ElementTree import Element

from transforms.workbook import faults
from transforms.workbook.cells import (
    PLAIN,
    NumberFormat,
    boolean_cell,
    classify_format,
    date_cell,
    error_cell,
    is_garbled,
    no_value_cell,
    number_cell,
    number_from_text,
    text_cell,
)
from transforms.workbook.model import MAX_COLUMN, MAX_ROW, Area, Cell, Limits, Sheet, Visibility, Workbook
from transforms.workbook.package import iterate_elements, local_name

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_VISIBILITY: dict[str, Visibility] = {"SheetHidden": "hidden", "SheetVeryHidden": "very_hidden"}
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["'](gb[A-Za-z0-9_-]*)["'][^>]*\?>""", re.IGNORECASE)


def read_xml2003(data: bytes, limits: Limits) -> Workbook:
    """Read all sheets of a SpreadsheetML 2003 file."""
    declared = _DECLARATION.match(data)
    if declared is not None:
        # expat knows no encoding of several bytes but Unicode's own
        data = data[declared.end() :].decode("gb18030").encode("utf-8")
    reader = _Reader(limits)
    for element in iterate_elements(io.BytesIO(data)):
        reader.take(element)
    if not reader.sheets:
        raise faults.not_a_workbook("其他用途的 XML 文件")
    return Workbook("xml2003", tuple(reader.sheets), reader.epoch_1904)


class _Reader:
    """Takes elements as they end: styles come before sheets, rows before the sheet that holds them."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sheets: list[Sheet] = []
        self.epoch_1904 = False
        self._formats: dict[str, NumberFormat] = {}
        self._total = 0
        self._start_sheet()

    def _start_sheet(self) -> None:
        self._cells: dict[tuple[int, int], Cell] = {}
        self._merges: list[Area] = []
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._visibility: Visibility = "visible"
        self._row = 0
        self._column = 0

    def take(self, element: Element) -> None:
        tag = local_name(element.tag)
        if tag == "Row":
            self._read_row(element)
            element.clear()
        elif tag == "Column":
            self._read_column(element)
        elif tag == "Style":
            self._formats[element.get(_SS + "ID", "")] = _format_of(element)
        elif tag == "Visible":
            self._visibility = _VISIBILITY.get((element.text or "").strip(), "visible")
        elif tag == "Date1904":
            self.epoch_1904 = True
        elif tag == "Worksheet":
            self._end_sheet(element)
            element.clear()

    def _end_sheet(self, element: Element) -> None:
        name = element.get(_SS + "Name", "")
        if len(self.sheets) >= self.limits.sheets:
            raise faults.too_large("工作表数", len(self.sheets) + 1, self.limits.sheets)
        for (row, column), cell in self._cells.items():
            if cell.kind == "text" and is_garbled(cell.text):
                raise faults.garbled(name, row, column)
        self.sheets.append(
            Sheet(
                name,
                len(self.sheets) + 1,
                self._visibility,
                self._cells,
                tuple(self._merges),
                frozenset(self._hidden_rows),
                frozenset(self._hidden_columns),
            )
        )
        self._start_sheet()

    def _read_column(self, element: Element) -> None:
        first = _number(element, "Index", self._column + 1)
        self._column = min(first + _number(element, "Span", 0), MAX_COLUMN)
        if element.get(_SS + "Hidden") == "1":
            self._hidden_columns.update(range(first, self._column + 1))

    def _read_row(self, element: Element) -> None:
        first = _number(element, "Index", self._row + 1)
        if first <= self._row:
            raise faults.damaged("行号倒退")
        self._row = first + _number(element, "Span", 0)
        if self._row > MAX_ROW:
            raise faults.damaged("行号超出范围")
        if element.get(_SS + "Hidden") == "1" and len(self._hidden_rows) < MAX_ROW:
            self._hidden_rows.update(range(first, self._row + 1))
        column = 0
        before = len(self._cells)
        for child in element:
            if local_name(child.tag) != "Cell":
                continue
            column = _number(child, "Index", column + 1)
            across, down = _number(child, "MergeAcross", 0), _number(child, "MergeDown", 0)
            last = column + across
            if last > MAX_COLUMN or first + down > MAX_ROW:
                raise faults.damaged("单元格超出范围")
            if across or down:
                self._merges.append(Area(first, column, first + down, last))
            cell = self._read_cell(child, element)
            if cell is not None:
                if (first, column) in self._cells:
                    raise faults.damaged(f"第{first}行第{column}列的单元格在文件中出现两次")
                self._cells[first, column] = cell
            column = last
        self._total += len(self._cells) - before
        if self._total > self.limits.cells:
            raise faults.too_large("有内容的单元格数", f"{self._total} 以上", self.limits.cells)

    def _read_cell(self, element: Element, row: Element) -> Cell | None:
        formula = element.get(_SS + "Formula")
        is_formula = formula is not None
        data = next((child for child in element if local_name(child.tag) == "Data"), None)
        raw = "" if data is None else "".join(data.itertext())
        kind = "String" if data is None else data.get(_SS + "Type", "String")
        if formula is not None and not raw:
            return no_value_cell(formula) if data is None else Cell("text", "", "=" + formula.lstrip("="), False, True)
        if kind == "Number" and raw.strip():
            number = number_from_text(raw.strip())
            if number is None:
                return error_cell(raw, is_formula=is_formula)
            style = element.get(_SS + "StyleID") or row.get(_SS + "StyleID") or "Default"
            number_format = self._formats.get(style, PLAIN)
            return number_cell(number, number_format, epoch_1904=self.epoch_1904, is_formula=is_formula)
        if kind == "DateTime":
            try:
                return date_cell(dt.datetime.fromisoformat(raw.strip()).replace(tzinfo=None), is_formula=is_formula)
            except ValueError:
                return text_cell(raw, is_formula=is_formula)
        if kind == "Boolean":
            return boolean_cell(raw.strip() == "1", is_formula=is_formula)
        if kind == "Error":
            return error_cell(raw, is_formula=is_formula)
        return text_cell(raw, is_formula=is_formula)


def _format_of(style: Element) -> NumberFormat:
    for child in style:
        if local_name(child.tag) == "NumberFormat":
            code = child.get(_SS + "Format", "")
            if code == "Percent":
                return NumberFormat(is_percent=True)
            if code.endswith(("Date", "Time")):
                return NumberFormat(is_date=True)
            return classify_format(0, code)
    return PLAIN


def _number(element: Element, name: str, default: int) -> int:
    text = element.get(_SS + name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise faults.damaged("单元格位置写错")
    return int(text)
