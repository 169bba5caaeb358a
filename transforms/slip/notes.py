"""Cell notes: the comments part of a sheet and the drawing that gives each note its box."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from schemas.slips import AUTHOR, LEVELS
from transforms.slip.splice import (
    CannotSpliceError,
    Edit,
    Element,
    append_to,
    apply,
    as_utf8,
    content,
    find,
    named,
)
from transforms.workbook import a1, parse_a1

_LEVEL = rf"【(?:{'|'.join(LEVELS.values())})】"
_ANYWHERE = re.compile(_LEVEL.encode())
_OPENING = re.compile(rf"^\s*{_LEVEL}[^\n]*（E\d\d）".encode())
_SHAPE = re.compile(rb"<v:shape\b(?:(?!</v:shape>).)*</v:shape>", re.DOTALL)
_SHAPE_ID = re.compile(rb"_x0000_s(\d+)")
_ROW = re.compile(rb"<x:Row>\s*(\d+)\s*</x:Row>")
_COLUMN = re.compile(rb"<x:Column>\s*(\d+)\s*</x:Column>")
_FIRST_SHAPE = 1025
_WIDE, _LINE = 300, 13
_CHARACTERS_A_LINE = 22

Texts = Mapping[tuple[int, int], str]
"""Notes by row and column."""


def has_ours(xml: bytes) -> bool:
    """Whether an earlier slip left notes here."""
    return _ANYWHERE.search(as_utf8(xml)) is not None


def add_comments(xml: bytes | None, namespace: str, texts: Texts) -> tuple[bytes, set[tuple[int, int]]]:
    """Give the comments part with our notes in it; and the cells whose older note of ours was taken out.

    A comment the sender wrote stays; ours is put under it.
    """
    if xml is None:
        empty = f'<comments xmlns="{namespace}"><authors/><commentList/></comments>'
        xml = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + empty.encode()
    xml, gone = _without_ours(as_utf8(xml))
    found = find(xml, named("authors", "author", "commentList", "comment", "text"))
    authors, comments = _one(found, "authors"), _one(found, "commentList")
    number = sum(1 for each in found if each.name == "author")
    p = authors.prefix
    edits: list[Edit] = [append_to(xml, authors, f"<{p}author>{content(AUTHOR)}</{p}author>".encode())]
    theirs = {
        parse_a1(each.attributes["ref"]): each for each in found if each.name == "comment" and "ref" in each.attributes
    }
    new = []
    for (row, col), text in sorted(texts.items()):
        run = f'<{p}r><{p}rPr><{p}sz val="9"/></{p}rPr><{p}t xml:space="preserve">{{}}</{p}t></{p}r>'
        own = theirs.get((row, col))
        if own is None:
            said = run.format(content(text))
            new.append(f'<{p}comment ref="{a1(row, col)}" authorId="{number}"><{p}text>{said}</{p}text></{p}comment>')
        else:
            body = next(each for each in found if each.name == "text" and own.start < each.start < own.end)
            edits.append(append_to(xml, body, run.format("\n" + content(text)).encode()))
    edits.append(append_to(xml, comments, "".join(new).encode()))
    return apply(xml, edits), gone - set(theirs)


def _without_ours(xml: bytes) -> tuple[bytes, set[tuple[int, int]]]:
    """Take out what an earlier slip had put in: whole comments, or our part of a sender's comment."""
    found = find(xml, named("comment", "t", "r"))
    gone: set[tuple[int, int]] = set()
    edits: list[Edit] = []
    for comment in (each for each in found if each.name == "comment"):
        inside = [each for each in found if comment.start < each.start < comment.end]
        runs = [each for each in inside if each.name == "r"] or [each for each in inside if each.name == "t"]
        texts = [_text_of(xml, inside, run) for run in runs]
        # An office program splits a text into runs by script, so ours may begin in one and go on in others.
        ours = next((place for place in range(len(texts)) if _OPENING.match(b"".join(texts[place:]))), None)
        if ours is None:
            continue
        if b"".join(texts[:ours]).strip() in (b"", AUTHOR.encode() + b":"):
            edits.append((comment.start, comment.end, b""))
            gone.add(parse_a1(comment.attributes.get("ref", "A1")))
        else:
            edits.append((runs[ours].start, runs[-1].end, b""))
    return apply(xml, edits), gone


def _text_of(xml: bytes, inside: Sequence[Element], run: Element) -> bytes:
    texts = [each for each in inside if each.name == "t" and run.start <= each.start < run.end]
    return b"".join(xml[each.opened : each.inner] for each in texts)


def _one(found: Sequence[Element], name: str) -> Element:
    element = next((each for each in found if each.name == name), None)
    if element is None:
        raise CannotSpliceError(f"comments without {name}")
    return element


def add_boxes(vml: bytes | None, texts: Texts, gone: set[tuple[int, int]]) -> bytes:
    """Give the drawing with a box per note; boxes of notes that were taken out go, boxes that are there stay.

    The drawing is old VML, which need not be well-formed: it is searched, not parsed.
    """
    if vml is None:
        vml = (
            b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
            b'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" '
            b'data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
            b'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" '
            b'o:connecttype="rect"/></v:shapetype></xml>'
        )
    boxed: set[tuple[int, int]] = set()
    pieces: list[bytes] = []
    at = 0
    for match in _SHAPE.finditer(vml):
        row, col = _ROW.search(match[0]), _COLUMN.search(match[0])
        place = (int(row[1]) + 1, int(col[1]) + 1) if row and col else (0, 0)
        if place in gone:
            pieces.append(vml[at : match.start()])
            at = match.end()
        else:
            boxed.add(place)
    vml = b"".join((*pieces, vml[at:]))
    end = vml.rfind(b"</xml>")
    if end < 0:
        raise CannotSpliceError("a drawing of notes that does not end")
    used = [int(number) for number in _SHAPE_ID.findall(vml)]
    first = max([_FIRST_SHAPE - 1, *used]) + 1
    new = [place for place in sorted(texts) if place not in boxed]
    boxes = b"".join(_box(first + number, *place, texts[place]) for number, place in enumerate(new))
    return vml[:end] + boxes + vml[end:]


def _box(number: int, row: int, col: int, text: str) -> bytes:
    lines = sum(-(-max(1, len(line)) // _CHARACTERS_A_LINE) for line in text.split("\n"))
    deep = max(2, -(-lines * _LINE // 15))
    anchor = f"{col}, 12, {max(0, row - 2)}, 6, {col + 4}, 12, {max(0, row - 2) + deep + 1}, 6"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
        f'width:{_WIDE}px;height:{deep * 20}px;z-index:{number - _FIRST_SHAPE + 1};visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
        '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row - 1}</x:Row>"
        f"<x:Column>{col - 1}</x:Column></x:ClientData></v:shape>"
    ).encode()
