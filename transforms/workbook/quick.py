"""The quick way through the XML of a sheet or of the shared texts, written as Excel, WPS, openpyxl and XlsxWriter do.

expat first reads the part without a single callback: what comes after it is well-formed, so "<" is always markup. Then
one regular expression takes the cells. Whatever is not written exactly as expected (counted, not guessed) sends the
part the long way, element by element; both ways give the same cells, and a test holds that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat

from transforms.workbook import faults

QUICK_BYTES = 64 * 1024 * 1024
QUICK_TEXT_BYTES = 16 * 1024 * 1024
_PIECE = 512 * 1024
_KEPT_LETTERS = 4 * 1024 * 1024
# What a cell holds behind its style and type: a formula, a stored value or an inline text, each of them or none.
_HELD = (
    r"\s*(?:/>|>(?:(<f)(?:\s[^<>]*?)?(?:/>|>([^<]*)</f>))?"
    r"(?:<v>([^<]*)</v>|<v\s*/>|(<is>)<t(?:\s[^<>]*)?>([^<]*)</t></is>)?</c>)"
)
_GROUP = r"\((?!\?)"
_ATTRIBUTES = r'(?: [st]="[0-9a-zA-Z]+")*'
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"'
    rf"({_ATTRIBUTES}(?:><v>[^<]*</v></c>|{re.sub(_GROUP, '(?:', _HELD)}))"
)
_PARTS = re.compile(f"({_ATTRIBUTES}){_HELD}")
_ROW = re.compile(r"<row\b([^<>]*)>")
_MERGE = re.compile(r'<mergeCell ref="([A-Z0-9:$]+)"\s*/>')
_COLUMN = re.compile(r"<col\s([^<>]*)>")
_TEXT = re.compile(r"<si>(?:<t(?:\s[^<>]*)?>([^<]*)</t>)?</si>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"<>&]*)"')
_ENTITY = re.compile(r"&(#x[0-9a-fA-F]+|#[0-9]+|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

WrittenCell = tuple[str, str, str]
"""The letters and the row of an address, and what is written behind it up to the cell's end."""


class Held(NamedTuple):
    """What is written behind an address, taken apart; the formula and the inline text are None where there is none."""

    kind: str
    style: str | None
    raw: str
    formula: str | None
    inline: str | None


@dataclass(frozen=True)
class QuickSheet:
    """A sheet taken apart; attributes are as written."""

    body: str
    rows: list[dict[str, str]]
    merges: list[str]
    columns: list[dict[str, str]]
    kept: list[list[WrittenCell]] | None

    def pieces(self) -> Iterator[list[WrittenCell]]:
        """Yield the cells in the order of the file, some thousands at a time; texts still carry their entities."""
        return iter(self.kept) if self.kept is not None else _pieces(self.body)


def _pieces(body: str) -> Iterator[list[WrittenCell]]:
    start = 0
    while start >= 0:
        end = body.find("<c ", start + _PIECE)
        yield _CELL.findall(body, start, end if end >= 0 else len(body))
        start = end


def scan_quickly(xml: bytes) -> QuickSheet | None:
    """Return the sheet, or None where its XML is not of the plain kind."""
    text = _plain_text(xml)
    if text is None:
        return None
    start, end = text.find("<sheetData>"), text.find("</sheetData>")
    if start < 0 or text.count("<sheetData") != 1 or "<worksheet" not in text[:start]:
        return None
    head, body, tail = text[:start], text[start:end], text[end:]
    merges = _MERGE.findall(tail)
    columns = _COLUMN.findall(head)
    rows = _ROW.findall(body) if "hidden" in body or 'ht="0"' in body else []
    if (len(merges), len(columns)) != (tail.count("<mergeCell "), head.count("<col ")):
        return None
    kept = list(_pieces(body)) if len(body) <= _KEPT_LETTERS else None
    if body.count("<c") != sum(map(len, _pieces(body) if kept is None else kept)):
        return None
    attributes = [_attributes(row) for row in rows], merges, [_attributes(column) for column in columns]
    return QuickSheet(body, *attributes, kept)


def stored_values(written: Iterable[str]) -> tuple[dict[tuple[str, str | None], dict[str, str]], list[str]]:
    """Sort what is written behind addresses: stored values by type and style, each by what is written; and the rest."""
    alike: dict[str, list[str]] = defaultdict(list)
    for each in written:
        alike[each.partition(">")[0]].append(each)
    stored: dict[tuple[str, str | None], dict[str, str]] = {}
    others: list[str] = []
    for attributes, group in alike.items():
        said = _attributes(attributes)
        start, end = len(attributes) + len("><v>"), -len("</v></c>")
        values = {
            each: raw for each in group if each[start - 3 : start] == "<v>" and (raw := unescape(each[start:end]))
        }
        others += [each for each in group if each not in values] if len(values) < len(group) else []
        stored.setdefault((said.get("t", "n"), said.get("s")), {}).update(values)
    return stored, others


def take_apart(written: Sequence[str]) -> Iterator[Held]:
    """Take apart what is written behind each of some addresses."""
    known: dict[str, dict[str, str]] = {}
    for attributes, is_formula, formula, raw, is_inline, inline in _PARTS.findall("".join(written)):
        said = known.get(attributes)
        if said is None:
            said = known[attributes] = _attributes(attributes)
        code = unescape(formula) if is_formula else None
        yield Held(said.get("t", "n"), said.get("s"), unescape(raw), code, unescape(inline) if is_inline else None)


def scan_texts_quickly(xml: bytes) -> list[str] | None:
    """Return the shared texts, or None where some have parts (rich text), or the XML is not of the plain kind."""
    text = _plain_text(xml)
    if text is None or "<sst " not in text:
        return None
    found = _TEXT.findall(text)
    return [unescape(each) for each in found] if found and len(found) == text.count("<si") else None


def _plain_text(xml: bytes) -> str | None:
    """Return the XML of a part of the plain kind, with the breaks of lines that XML gives."""
    if not _is_plain(xml):
        return None
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


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
