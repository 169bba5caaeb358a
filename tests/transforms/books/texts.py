"""Formats that are text: Excel-XML 2003, web pages, delimited text."""

import datetime as dt
import html as escaping
from xml.sax.saxutils import escape, quoteattr

from tests.transforms.books.content import Error, Formula, Percent, serial, shown


def xml2003(pages, epoch_1904=False):
    """SpreadsheetML as Excel 2003 saves it."""
    spaces = " ".join(
        f'xmlns:{p}="urn:schemas-microsoft-com:office:{n}"' for p, n in (("ss", "spreadsheet"), ("x", "excel"))
    )
    epoch = "<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook>" if epoch_1904 else ""
    styles = "".join(
        f'<Style ss:ID="{name}"><NumberFormat ss:Format="{code}"/></Style>'
        for name, code in (("day", "yyyy\\-mm\\-dd"), ("share", "0.00%"))
    )
    sheets = "".join(_xml_sheet(page) for page in pages)
    return (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" {spaces}>{epoch}<Styles>{styles}</Styles>'
        f"{sheets}</Workbook>"
    ).encode()


def _xml_sheet(page):
    columns = "".join(f'<Column ss:Index="{col}" ss:Hidden="1"/>' for col in sorted(page.hidden_columns))
    spans = {area[:2]: area for area in page.merges}
    rows = ""
    for row in sorted({row for row, _ in page.cells} | set(page.hidden_rows)):
        hidden = ' ss:Hidden="1"' if row in page.hidden_rows else ""
        cells = ""
        for col in sorted(col for at, col in page.cells if at == row):
            span = ""
            if (row, col) in spans:
                r1, c1, r2, c2 = spans[row, col]
                span = f' ss:MergeAcross="{c2 - c1}" ss:MergeDown="{r2 - r1}"'
            cells += _xml_cell(col, span, page.cells[row, col])
        rows += f'<Row ss:Index="{row}"{hidden}>{cells}</Row>'
    states = {"visible": "SheetVisible", "hidden": "SheetHidden", "very_hidden": "SheetVeryHidden"}
    options = f"<x:WorksheetOptions><x:Visible>{states[page.state]}</x:Visible></x:WorksheetOptions>"
    return f"<Worksheet ss:Name={quoteattr(page.name)}><Table>{columns}{rows}</Table>{options}</Worksheet>"


def _xml_cell(col, span, value):
    formula, style = "", ""
    if isinstance(value, Formula):
        formula, value = f" ss:Formula={quoteattr(value.text)}", value.value
    match value:
        case None:
            return f'<Cell ss:Index="{col}"{span}{formula}/>'
        case bool():
            kind, text = "Boolean", str(int(value))
        case Error(text):
            kind = "Error"
        case Percent(share):
            kind, text, style = "Number", str(share), ' ss:StyleID="share"'
        case dt.datetime():
            kind, text, style = "DateTime", f"{value:%Y-%m-%dT00:00:00.000}", ' ss:StyleID="day"'
        case str():
            kind, text = "String", value
        case _:
            kind, text = "Number", str(value)
    data = f'<Data ss:Type="{kind}">{escape(text, {chr(10): "&#10;"})}</Data>'
    return f'<Cell ss:Index="{col}"{span}{style}{formula}>{data}</Cell>'


def html(pages, epoch_1904=False, charset="gb2312", encoding="gb18030"):
    """The first page as Excel saves it for the web, with its own attributes for what a page does not show."""
    page = pages[0]
    last_row, last_col = page.last
    hidden = " style='display:none'"
    columns = "".join(f"<col width=72{hidden if col in page.hidden_columns else ''}>" for col in range(1, last_col + 1))
    spans = {area[:2]: area for area in page.merges}
    covered = {
        (row, col) for r1, c1, r2, c2 in page.merges for row in range(r1, r2 + 1) for col in range(c1, c2 + 1)
    } - set(spans)
    rows = ""
    for row in range(1, last_row + 1):
        cells = ""
        for col in range(1, last_col + 1):
            if (row, col) in covered:
                continue
            span = ""
            if (row, col) in spans:
                r1, c1, r2, c2 = spans[row, col]
                span = f" colspan={c2 - c1 + 1} rowspan={r2 - r1 + 1}"
            cells += _html_cell(span, page.cells.get((row, col)))
        rows += f"<tr{hidden if row in page.hidden_rows else ''}>{cells}</tr>"
    return (
        f"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><head><meta http-equiv=Content-Type "
        f"content='text/html; charset={charset}'></head><body><table>{columns}{rows}</table></body></html>"
    ).encode(encoding)


def _html_cell(span, value):
    more, formula = "", isinstance(value, Formula)
    if formula:
        more, value = f" x:fmla={quoteattr(value.text)}", value.value
    match value:
        case Error(text):
            more += f" x:err={quoteattr(text)}"
        case str() if formula:
            more += " x:str"
        case bool() | str() | None | Percent():
            pass
        case dt.datetime():
            more += f' x:num="{serial(value)}"'
        case _:
            more += f' x:num="{value}"'
    text = escaping.escape(shown(value), quote=False).replace("\n", "<br>")
    return f"<td{span}{more}>{text}</td>"


def text(pages, encoding="utf-8", delimiter=",", line_end="\r\n"):
    """The first page as delimited text, as a spreadsheet shows it; merged cells are blanks there."""
    page = pages[0]
    last_row, last_col = page.last
    lines = (
        delimiter.join(_quoted(shown(page.cells.get((row, col))), delimiter) for col in range(1, last_col + 1))
        for row in range(1, last_row + 1)
    )
    return "".join(f"{line}{line_end}" for line in lines).encode(encoding)


def _quoted(text, delimiter):
    """A field in quotes where it needs them, whatever the line end: Python's own writer forgets about the others."""
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(sign in text for sign in f'{delimiter}"\r\n') else text
