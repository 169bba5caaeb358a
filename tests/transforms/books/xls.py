""".xls by xlwt, with results of formulas put into their records."""

import datetime as dt
import io
import struct
from decimal import Decimal

import xlwt
from xlwt.BIFFRecords import FormulaRecord

from tests.transforms.books.content import Error, Formula, Percent, serial


class _Computed:
    """A formula's record with its result, which xlwt itself never stores."""

    def __init__(self, row, col, style, formula, result):
        record = bytearray(FormulaRecord(row, col, style, formula.rpn()).get())
        record[10:18] = result
        self._record = bytes(record)

    def get_biff_data(self):
        return self._record


def xls(pages, epoch_1904=False):
    """xlwt's workbook; results of formulas are put into their records."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = epoch_1904
    day, percent = xlwt.easyxf(num_format_str="YYYY-MM-DD"), xlwt.easyxf(num_format_str="0.00%")
    for page in pages:
        sheet = book.add_sheet(page.name, cell_overwrite_ok=True)
        for (row, col), value in page.cells.items():
            _write_xls(book, sheet, row - 1, col - 1, value, day, percent, epoch_1904)
        sheet.merged_ranges.extend((r1 - 1, r2 - 1, c1 - 1, c2 - 1) for r1, c1, r2, c2 in page.merges)
        for row in page.hidden_rows:
            sheet.row(row - 1).hidden = True
        for col in page.hidden_columns:
            sheet.col(col - 1).hidden = True
        sheet.visibility = {"visible": 0, "hidden": 1, "very_hidden": 2}[page.state]
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_xls(book, sheet, row, col, value, day, percent, epoch_1904):
    match value:
        case Formula(text, None):
            sheet.write(row, col, xlwt.Formula(text.removeprefix("=")))
        case Formula(text, result):
            formula, line = xlwt.Formula(text.removeprefix("=")), sheet.row(row)
            is_date = isinstance(result, dt.datetime)
            sheet.write(row, col, formula)
            number = serial(result, epoch_1904) if is_date else result
            style = book.add_style(day if is_date else xlwt.Style.default_style)
            line.insert_cell(col, _Computed(row, col, style, formula, _xls_result(number)))
        case Error(text):
            codes = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
            sheet.row(row).set_cell_error(col, codes[text])
        case Percent(share):
            sheet.write(row, col, float(share), percent)
        case dt.datetime():
            sheet.write(row, col, value, day)
        case Decimal():
            sheet.write(row, col, float(value))
        case _:
            sheet.write(row, col, value)


def _xls_result(value):
    match value:
        case bool():
            return struct.pack("<BBBHBH", 1, 0, value, 0, 0, 0xFFFF)
        case "":
            return struct.pack("<BBBHBH", 3, 0, 0, 0, 0, 0xFFFF)
        case Error():
            return struct.pack("<BBBHBH", 2, 0, 42, 0, 0, 0xFFFF)
    return struct.pack("<d", value)
