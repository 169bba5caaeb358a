"""Laid-out sheets become the bytes of an .xlsx, the same bytes for the same sheets. The sample's only writer."""

import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter

from transforms.sample.envelope import Envelope, Row, Sheet, Typed
from transforms.sample.place import Placed, Put, place
from transforms.sample.style import Extra, Look, look_of

_BORDER = {"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True, "font_size": 10}
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter", "text_wrap": True},
    "line": {"font_size": 10, "valign": "vcenter"},
    "foot": {"font_size": 10, "valign": "vcenter"},
    "head": {**_BORDER, "bold": True},
    "text": _BORDER,
    "integer": {**_BORDER, "num_format": "0"},
    "number": _BORDER,
    "percent": {**_BORDER, "num_format": "0%"},
    "date": {**_BORDER, "num_format": "yyyy/m/d"},
    "total": {**_BORDER, "bold": True},
}
_EXAMPLE_WORDS = {
    "filer": "XXX公司",
    "street": "XXX街道",
    "street_short": "XXX",
    "month": "X",
    "month2": "XX",
    "lot": "XX标段",
    "day": "X",
}


def draw(envelope: Envelope) -> bytes:
    """Draw an envelope's workbook; what is no workbook is given as it is."""
    if envelope.plain is not None:
        return envelope.plain
    look = look_of(envelope.form, envelope.look)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": look.sheet, "comments": "演示数据，纯属虚构", "created": envelope.written})
    formats: dict[str, Any] = {}
    extras = [(extra, _extra_sheet(extra, envelope, look)) for extra in look.extras]
    sheets = [
        *(entry for entry in extras if entry[0].before),
        *((None, sheet) for sheet in envelope.sheets),
        *(entry for entry in extras if not entry[0].before),
    ]
    for extra, sheet in sheets:
        page = book.add_worksheet(sheet.name)
        if extra is None:
            page.activate()
            page.set_first_sheet()
        if extra is not None and extra.kind == "codes":
            _draw_codes(page, look)
        elif extra is None or extra.kind == "example":
            _draw_sheet(book, page, place(sheet, look), formats)
    book.close()
    return buffer.getvalue()


def _extra_sheet(extra: Extra, envelope: Envelope, look: Look) -> Sheet:
    words = {**envelope.sheets[0].words, **_EXAMPLE_WORDS}
    values = {name: Typed(value) for name, value in (look.example or {}).items()}
    return Sheet(extra.name, (Row("example", values),), words)


def _draw_codes(page: Any, look: Look) -> None:
    for column, words in enumerate(look.codes):
        for row, word in enumerate(words):
            page.write_string(row, column, word)
    page.hide()


def _draw_sheet(book: Any, page: Any, placed: Placed, formats: dict[str, Any]) -> None:
    for index, width in enumerate(placed.widths):
        page.set_column(index, index, width)
    page.set_row(placed.title_row, 34)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.freeze_panes(placed.head_rows, 0)
    for put in placed.cells:
        _draw_cell(page, put, _format(book, formats, put.shape))


def _format(book: Any, formats: dict[str, Any], shape: str) -> Any:
    if shape not in formats:
        name, _, places = shape.partition(":")
        numbers = {"num_format": "0." + "0" * int(places) if int(places) else "0"} if places else {}
        formats[shape] = book.add_format({"font_name": "宋体", **_SHAPES[name], **numbers})
    return formats[shape]


def _draw_cell(page: Any, put: Put, shape: Any) -> None:
    if put.to is not None:
        page.merge_range(put.row, put.column, *put.to, "", shape)
    match put.kind:
        case "text":
            page.write_string(put.row, put.column, put.value, shape)
        case "number":
            page.write_number(put.row, put.column, put.value, shape)
        case "date":
            page.write_datetime(put.row, put.column, put.value, shape)
        case "formula":
            page.write_formula(put.row, put.column, put.value, shape, put.cached)
        case "blank":
            page.write_blank(put.row, put.column, None, shape)
