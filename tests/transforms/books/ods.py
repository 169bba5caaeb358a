""".ods as its standard says."""

import datetime as dt
import io
import re
import zipfile
from xml.sax.saxutils import escape, quoteattr

from tests.transforms.books.content import Error, Formula, Percent, shown

_ODF = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "style", "table", "text")
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def ods(pages, epoch_1904=False):
    """An OpenDocument spreadsheet as its standard says; runs of blank cells are repeated, not written out."""
    styles = '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/>'
    epoch = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    content = (
        f"<office:document-content {_ODF}><office:automatic-styles>{styles}</style:style></office:automatic-styles>"
        f"<office:body><office:spreadsheet>{epoch if epoch_1904 else ''}{''.join(_ods_sheet(p) for p in pages)}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", _MANIFEST)
    return buffer.getvalue()


def _ods_sheet(page):
    last_row, last_col = page.last
    collapsed = ' table:visibility="collapse"'
    columns = "".join(
        f"<table:table-column{collapsed if col in page.hidden_columns else ''}/>" for col in range(1, last_col + 1)
    )
    spans = {area[:2]: area for area in page.merges}
    covered = {
        (row, col)
        for r1, c1, r2, c2 in page.merges
        for row in range(r1, r2 + 1)
        for col in range(c1, c2 + 1)
        if (row, col) != (r1, c1)
    }
    rows = ""
    for row in range(1, last_row + 1):
        hidden = collapsed if row in page.hidden_rows else ""
        rows += f"<table:table-row{hidden}>"
        for col in range(1, last_col + 1):
            tag = "covered-table-cell" if (row, col) in covered else "table-cell"
            span = ""
            if (row, col) in spans:
                r1, c1, r2, c2 = spans[row, col]
                span = f' table:number-columns-spanned="{c2 - c1 + 1}" table:number-rows-spanned="{r2 - r1 + 1}"'
            rows += _ods_cell(tag, span, page.cells.get((row, col)))
        rows += "</table:table-row>"
    blank = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/>'
    )
    style = ' table:style-name="h"' if page.state != "visible" else ""
    return (
        f"<table:table table:name={quoteattr(page.name)}{style}>{columns}{rows}{blank}</table:table-row></table:table>"
    )


def _open_formula(text):
    """A formula in OpenFormula's notation: [.A1], [.A1:.B2]."""
    return "of:" + re.sub(r"\b([A-Z]+\d+)(?::([A-Z]+\d+))?", lambda m: f"[.{m[1]}{f':.{m[2]}' if m[2] else ''}]", text)


def _ods_cell(tag, span, value):
    formula = ""
    if isinstance(value, Formula):
        formula, value = f" table:formula={quoteattr(_open_formula(value.text))}", value.value
    match value:
        case None:
            return f"<table:{tag}{span}{formula}/>"
        case bool():
            said = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        case Error():
            said = 'office:value-type="string" calcext:value-type="error"'
        case Percent(share):
            said = f'office:value-type="percentage" office:value="{share}"'
        case dt.datetime():
            said = f'office:value-type="date" office:date-value="{value:%Y-%m-%d}"'
        case str():
            said = 'office:value-type="string"'
        case _:
            said = f'office:value-type="float" office:value="{value}"'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in shown(value).split("\n"))
    return f"<table:{tag}{span}{formula} {said}>{lines}</table:{tag}>"
