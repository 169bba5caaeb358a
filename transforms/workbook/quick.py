"""The quick way through a sheet's XML, for sheets written the way Excel, WPS, openpyxl and XlsxWriter write them.

expat first reads the part without a single callback: what comes after it is well-formed, so "<" is always markup. Then
one regular expression takes the cells. Whatever is not written exactly as expected (counted, not guessed) sends the
sheet the long way, element by element; both ways give the same cells, and a test holds that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from transforms.workbook import faults

QUICK_BYTES = 64 * 1024 * 1024
_KEPT_LETTERS = 4 * 1024 * 1024
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,6})")?(?: t="([a-zA-Z]{1,9})")?\s*'
    r"(?:/>|>(?:(<f)(?:\s[^<>]*?)?(?:/>|>([^<]*)</f>))?(?:<v>([^<]*)</v>|<v\s*/>)?"
    r"(?:<is><t(?:\s[^<>]*)?>([^<]*)</t></is>)?</c>)"
)
# A cell that holds a stored value and nothing else, or nothing: all of most sheets, and taken faster.
_PLAIN_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,6})")?(?: t="([a-zA-Z]{1,9})")?\s*'
    r"(?:/>|>(?:<v>([^<]+)</v>)?</c>)"
)
_ROW = re.compile(r"<row\b([^<>]*)>")
_MERGE = re.compile(r'<mergeCell ref="([A-Z0-9:$]+)"\s*/>')
_COLUMN = re.compile(r"<col\s([^<>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"<>&]*)"')
_ENTITY = re.compile(r"&(#x[0-9a-fA-F]+|#[0-9]+|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

# letters, row, style and type ("" where there is none), stored value, "<f" of a formula, its text, inline text
PlainCell = tuple[str, str, str, str, str]
QuickCell = tuple[str, str, str | None, str | None, str | None, str | None, str | None, str | None]


@dataclass(frozen=True)
class QuickSheet:
    """A sheet taken apart; attributes are as written."""

    body: str
    rows: list[dict[str, str]]
    merges: list[str]
    columns: list[dict[str, str]]
    plain: list[PlainCell] | None

    def cells(self) -> Iterator[QuickCell]:
        """Yield the cells in the order of the file; texts still carry their entities."""
        if self.plain is not None:
            for letters, row, style, kind, raw in self.plain:
                yield letters, row, style, kind, raw or None, None, None, None
            return
        for match in _CELL.finditer(self.body):
            letters, row, style, kind, has_formula, formula, stored, inline = match.groups()
            yield letters, row, style, kind, stored, has_formula, formula, inline


def scan_quickly(xml: bytes) -> QuickSheet | None:
    """Return the sheet, or None where its XML is not of the plain kind."""
    if not _is_plain(xml):
        return None
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    start, end = text.find("<sheetData>"), text.find("</sheetData>")
    if start < 0 or text.count("<sheetData") != 1 or "<worksheet" not in text[:start]:
        return None
    head, body, tail = text[:start], text[start:end], text[end:]
    merges = _MERGE.findall(tail)
    columns = _COLUMN.findall(head)
    rows = _ROW.findall(body) if "hidden" in body or 'ht="0"' in body else []
    expected = (body.count("<c"), tail.count("<mergeCell "), head.count("<col "))
    plain: list[PlainCell] | None = _PLAIN_CELL.findall(body) if len(body) <= _KEPT_LETTERS else []
    found = len(plain or ())
    if found != expected[0]:
        plain, found = None, sum(1 for _ in _CELL.finditer(body))
    if (found, len(merges), len(columns)) != expected:
        return None
    attributes = [_attributes(row) for row in rows], merges, [_attributes(column) for column in columns]
    return QuickSheet(body, *attributes, plain)


def unescape(text: str) -> str:
    """Undo the entities of a piece of text; there are no others, as there is no document type."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] != "#":
        return _NAMED[name]
    return chr(int(name[2:], 16) if name[1] == "x" else int(name[1:]))


def _attributes(text: str) -> dict[str, str]:
    return dict(_ATTRIBUTE.findall(text))


def _is_plain(xml: bytes) -> bool:
    """Whether the part is well-formed UTF-8 without comments, CDATA or instructions; a document type is refused."""
    parser = expat.ParserCreate()
    plain = True

    def on_doctype(*_: object) -> None:
        raise faults.unsafe("XML 文档类型声明（DOCTYPE）")

    def on_other(*_: object) -> None:
        nonlocal plain
        plain = False

    def on_declaration(_: str, encoding: str | None, __: int) -> None:
        nonlocal plain
        plain = plain and (encoding or "utf-8").lower() == "utf-8"

    parser.StartDoctypeDeclHandler = on_doctype
    parser.CommentHandler = on_other
    parser.ProcessingInstructionHandler = on_other
    parser.StartCdataSectionHandler = on_other
    parser.XmlDeclHandler = on_declaration
    parser.Parse(xml, True)
    return plain and not xml.startswith((b"\xff\xfe", b"\xfe\xff"))
