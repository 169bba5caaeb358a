"""Pages become an .xls of Excel 97 to 2003 (BIFF8), which offices go on sending: the same bytes for the same pages.

xlwt writes it: nobody has looked after it since 2018, and nothing else writes .xls. The sample and tests alone use it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Any

import xlwt
from xlwt.BIFFRecords import FormulaRecord

from transforms.sample.envelope import Envelope
from transforms.sample.pages import Page, shape_of
from transforms.sample.place import Placed, Put

# xlwt writes no properties; the name of who saved the file is ASCII there.
_OWNER = "invented demonstration data"
_TWIPS = 20  # to a point
_COLUMN_UNITS = 256  # to a character's width
_A4 = 9
_HIDDEN = 1
_RESULT = slice(10, 18)  # of a formula's record: behind its head of 4 bytes, row, column and style


class _Computed:
    """A formula with its result, a cell for xlwt's rows. xlwt's own stores no result; Excel always stores one."""

    def __init__(self, row: int, column: int, style: int, formula: Any, result: float) -> None:
        record = bytearray(FormulaRecord(row, column, style, formula.rpn()).get())
        record[_RESULT] = struct.pack("<d", result)
        self._record = bytes(record)

    def get_biff_data(self) -> bytes:
        """Give the cell's record, under the name that xlwt calls."""
        return self._record


def draw_xls(envelope: Envelope, pages: Sequence[Page]) -> bytes:
    """Draw a workbook as Excel 2003 saves it."""
    book = xlwt.Workbook(encoding="utf-8")
    book.owner = _OWNER
    styles: dict[str, Any] = {}
    for page in pages:
        # A formula's cell is written twice: by xlwt, which sees to everything around it, and then with its result.
        sheet = book.add_sheet(page.placed.name, cell_overwrite_ok=True)
        sheet.header_str = sheet.footer_str = b""
        if page.kind == "table":
            _set_up(sheet, page.placed)
        for put in page.placed.cells:
            _draw_cell(book, sheet, put, _style(styles, put.shape))
        if page.kind == "codes":
            sheet.visibility = _HIDDEN
    book.set_active_sheet(next(index for index, page in enumerate(pages) if page.is_own))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _set_up(sheet: Any, placed: Placed) -> None:
    for index, width in enumerate(placed.widths):
        sheet.col(index).width = int(width * _COLUMN_UNITS)
    title = sheet.row(placed.title_row)
    title.height_mismatch, title.height = True, 34 * _TWIPS
    sheet.portrait, sheet.paper_size_code = False, _A4
    sheet.fit_num_pages, sheet.fit_width_to_pages, sheet.fit_height_to_pages = True, 1, 0
    sheet.panes_frozen, sheet.horz_split_pos = True, placed.head_rows


def _style(styles: dict[str, Any], name: str) -> Any:
    if name in styles:
        return styles[name]
    style, shape = xlwt.XFStyle(), shape_of(name)
    if shape is not None:
        style.font.name, style.font.height, style.font.bold = "宋体", shape.size * _TWIPS, shape.bold
        style.alignment.vert = xlwt.Alignment.VERT_CENTER
        style.alignment.wrap = xlwt.Alignment.WRAP_AT_RIGHT if shape.wrapped else xlwt.Alignment.NOT_WRAP_AT_RIGHT
        if shape.centred:
            style.alignment.horz = xlwt.Alignment.HORZ_CENTER
        if shape.border:
            for side in ("left", "right", "top", "bottom"):
                setattr(style.borders, side, xlwt.Borders.THIN)
        style.num_format_str = shape.number or "General"
    return styles.setdefault(name, style)


def _draw_cell(book: Any, sheet: Any, put: Put, style: Any) -> None:
    if put.to is not None:
        sheet.write_merge(put.row, put.to[0], put.column, put.to[1], put.value, style)
        return
    if put.kind != "formula":
        sheet.write(put.row, put.column, put.value, style)
        return
    formula = xlwt.Formula(str(put.value).removeprefix("="))
    row = sheet.row(put.row)
    row.write(put.column, formula, style)
    row.insert_cell(put.column, _Computed(put.row, put.column, book.add_style(style), formula, put.cached))
