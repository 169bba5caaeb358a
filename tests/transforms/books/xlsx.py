""".xlsx and .xlsm by XlsxWriter."""

import datetime as dt
import io
import re
import zipfile

import xlsxwriter

from tests.transforms.books.content import Error, Formula, Percent, serial

_NOT_CALCULATED, _EMPTY = "__not_calculated__", "__empty__"


def xlsx(pages, epoch_1904=False):
    """XlsxWriter's workbook; what it cannot write (an error that is no formula, no result) is put right in the XML."""
    buffer = io.BytesIO()
    options = {"date_1904": epoch_1904, "strings_to_numbers": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        day, percent = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0.00%"})
        for page in pages:
            sheet = book.add_worksheet(page.name)
            for area in page.merges:
                sheet.merge_range(*(number - 1 for number in area), None)
            for (row, col), value in page.cells.items():
                _write_xlsx(sheet, row - 1, col - 1, value, day, percent)
            for row in page.hidden_rows:
                sheet.set_row(row - 1, None, None, {"hidden": True})
            for col in page.hidden_columns:
                sheet.set_column(col - 1, col - 1, None, None, {"hidden": True})
            if page.state != "visible":
                sheet.hide() if page.state == "hidden" else sheet.very_hidden()
    return _rewritten(buffer.getvalue(), _put_right)


def _write_xlsx(sheet, row, col, value, day, percent):
    match value:
        case Formula(text, None):
            sheet.write_formula(row, col, text, None, _NOT_CALCULATED)
        case Formula(text, dt.datetime() as result):
            sheet.write_formula(row, col, text, day, serial(result))
        case Formula(text, Error(result)):
            sheet.write_formula(row, col, text, None, result)
        case Formula(text, ""):
            sheet.write_formula(row, col, text, None, _EMPTY)
        case Formula(text, result):
            sheet.write_formula(row, col, text, None, result)
        case Error(text):
            sheet.write_formula(row, col, "=__error__", None, text)
        case Percent(share):
            sheet.write_number(row, col, share, percent)
        case bool():
            sheet.write_boolean(row, col, value)
        case dt.datetime():
            sheet.write_datetime(row, col, value, day)
        case str():
            sheet.write_string(row, col, value)
        case _:
            sheet.write_number(row, col, value)


def _put_right(name, part):
    if not name.startswith("xl/worksheets/"):
        return part
    part = part.replace(b"<f>__error__</f>", b"").replace(b"<v>__empty__</v>", b"<v></v>")
    return re.sub(rb' t="str"(><f>[^<]*</f>)<v>__not_calculated__</v>', rb"\1", part)


def _rewritten(data, change):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return buffer.getvalue()


def xlsm(pages, epoch_1904=False):
    """The same, said to hold macros."""
    plain, macros = b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    return _rewritten(xlsx(pages, epoch_1904), lambda _, part: part.replace(plain, macros))
