"""Change XML at exact bytes and leave every other byte as it was.

A workbook's parts hold much that no library knows (charts, macros' buttons, newer conditional formats): what is not
parsed into objects cannot be lost on the way back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from xml.parsers import expat

_START_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(/?)>""")
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_ATTRIBUTE = r"""(?<=\s){name}\s*=\s*(?:"[^"]*"|'[^']*')"""


class CannotSpliceError(ValueError):
    """The package is not put together as workbooks are."""


@dataclass
class Element:
    """One element: local name, attributes as written, where its tags stand. ``inner`` is where its content ends.

    ``depth`` counts from 0, the root.
    """

    name: str
    tag: str
    attributes: dict[str, str]
    start: int
    opened: int
    inner: int = 0
    end: int = 0
    depth: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it is written as one tag (<a/>)."""
        return self.opened == self.end

    @property
    def prefix(self) -> str:
        """The namespace prefix of its tag, colon included."""
        return self.tag[: -len(self.name)]


Edit = tuple[int, int, bytes]


def as_utf8(xml: bytes) -> bytes:
    """Give the same XML in UTF-8 without a byte order mark."""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = xml.decode("utf-16")
        return re.sub(r"^<\?xml[^>]*\?>", '<?xml version="1.0" encoding="UTF-8"?>', text).encode()
    xml = xml.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.match(xml)
    if declared is None or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii"):
        return xml
    text = xml.decode(declared[1].decode("ascii"))
    return re.sub(r"^<\?xml[^>]*\?>", '<?xml version="1.0" encoding="UTF-8"?>', text).encode()


def find(xml: bytes, wanted: Callable[[str, dict[str, str]], bool]) -> list[Element]:
    """List the elements whose local name and attributes are wanted, in order of their start tags."""
    parser = expat.ParserCreate()
    found: list[Element] = []
    open_elements: list[Element | None] = []

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        element = None
        if wanted(name, attributes):
            start = parser.CurrentByteIndex
            match = _START_TAG.match(xml, start)
            if match is None:
                raise CannotSpliceError(f"a tag that cannot be followed at byte {start}")
            element = Element(name, tag, attributes, start, match.end(), depth=len(open_elements))
            if match[1]:
                element.inner = element.end = match.end()
            found.append(element)
        open_elements.append(element)

    def on_end(tag: str) -> None:
        element = open_elements.pop()
        if element is not None and not element.end:
            element.inner = parser.CurrentByteIndex
            element.end = xml.index(b">", element.inner) + 1

    def on_doctype(*_: object) -> None:
        raise CannotSpliceError("a document type")

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.StartDoctypeDeclHandler = on_doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise CannotSpliceError(str(error)) from error
    return found


def named(*names: str) -> Callable[[str, dict[str, str]], bool]:
    """Want elements of these local names."""
    wanted = frozenset(names)
    return lambda name, _: name in wanted


def apply(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """Carry out edits that do not overlap; several insertions at one place keep their order."""
    pieces: list[bytes] = []
    at = 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [xml[at:start], new]
        at = end
    return b"".join((*pieces, xml[at:]))


def append_to(xml: bytes, element: Element, content: bytes) -> Edit:
    """Put content at the end of an element."""
    if not element.is_empty:
        return element.inner, element.inner, content
    opening = xml[element.start : element.opened]
    return (
        element.start,
        element.end,
        opening[:-2].rstrip() + b">" + content + f"</{element.tag}>".encode(),
    )


def with_attribute(xml: bytes, element: Element, name: str, value: str | None) -> bytes:
    """Give an element's start tag with one attribute set, or left out."""
    tag = xml[element.start : element.opened].decode()
    plain = re.sub(_ATTRIBUTE.format(name=re.escape(name)), "", tag)
    if value is None:
        return plain.encode()
    end = 2 if plain.endswith("/>") else 1
    return f'{plain[:-end].rstrip()} {name}="{attribute(value)}"{plain[-end:]}'.encode()


def set_attribute(xml: bytes, element: Element, name: str, value: str | None) -> Edit:
    """Set an attribute of an element, or take it away."""
    return element.start, element.opened, with_attribute(xml, element, name, value)


def attribute(text: str) -> str:
    """Write a text as an attribute's value."""
    return escape(clean(text), quote=True).replace("\n", "&#10;").replace("\t", "&#9;")


def content(text: str) -> str:
    """Write a text as an element's content."""
    return escape(clean(text), quote=False)


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return _NOT_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
