"""Pages become an .xlsx, or the .xlsm of an office whose template has macros: the same bytes for the same pages."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from transforms.sample.envelope import Envelope
from transforms.sample.pages import Page, shape_of
from transforms.sample.place import Placed, Put
from transforms.sample.style import look_of

_NOTICE = "演示数据，纯属虚构"
_CONTENT_TYPES = "[Content_Types].xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_ENABLED = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def draw_xlsx(envelope: Envelope, pages: Sequence[Page]) -> bytes:
    """Draw a workbook of the kind Excel has saved since 2007."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False})
    title = look_of(envelope.form, envelope.look).sheet
    book.set_properties({"title": title, "comments": _NOTICE, "created": envelope.written})
    formats: dict[str, Any] = {}
    own = [page for page in pages if page.is_own]
    for page in pages:
        sheet = book.add_worksheet(page.placed.name)
        if page is own[0]:
            sheet.activate()
            sheet.set_first_sheet()
        if page.kind == "table":
            _set_up(sheet, page.placed)
        for put in page.placed.cells:
            _draw_cell(sheet, put, _format(book, formats, put.shape))
        if page.kind == "codes":
            sheet.hide()
    book.close()
    return buffer.getvalue()


def draw_xlsm(envelope: Envelope, pages: Sequence[Page]) -> bytes:
    """Draw a macro-enabled workbook whose macros are gone, as after a virus scanner: only its content type says so."""
    plain, buffer = io.BytesIO(draw_xlsx(envelope, pages)), io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == _CONTENT_TYPES:
                data = data.replace(_PLAIN, _MACRO_ENABLED)
            target.writestr(entry, data)
    return buffer.getvalue()


def _set_up(sheet: Any, placed: Placed) -> None:
    for index, width in enumerate(placed.widths):
        sheet.set_column(index, index, width)
    sheet.set_row(placed.title_row, 34)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(placed.head_rows, 0)


def _format(book: Any, formats: dict[str, Any], name: str) -> Any:
    shape = shape_of(name)
    if shape is None:
        return None
    if name not in formats:
        looks: dict[str, Any] = {"font_name": "宋体", "font_size": shape.size, "valign": "vcenter"}
        looks |= {"bold": True} if shape.bold else {}
        looks |= {"border": 1} if shape.border else {}
        looks |= {"align": "center"} if shape.centred else {}
        looks |= {"text_wrap": True} if shape.wrapped else {}
        looks |= {"num_format": shape.number} if shape.number else {}
        formats[name] = book.add_format(looks)
    return formats[name]


def _draw_cell(sheet: Any, put: Put, shape: Any) -> None:
    if put.to is not None:
        sheet.merge_range(put.row, put.column, *put.to, "", shape)
    match put.kind:
        case "text":
            sheet.write_string(put.row, put.column, put.value, shape)
        case "number":
            sheet.write_number(put.row, put.column, put.value, shape)
        case "date":
            sheet.write_datetime(put.row, put.column, put.value, shape)
        case "formula":
            sheet.write_formula(put.row, put.column, put.value, shape, put.cached)
        case "blank":
            sheet.write_blank(put.row, put.column, None, shape)
