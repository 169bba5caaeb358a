"""The pages of a file before they become bytes of one format or another: what stands where, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from transforms.sample.envelope import Envelope, Row, Sheet, Typed
from transforms.sample.place import Placed, Put, place
from transforms.sample.style import Extra, Look, look_of

_EXAMPLE_WORDS = {
    "filer": "XXX公司",
    "street": "XXX街道",
    "street_short": "XXX",
    "month": "X",
    "month2": "XX",
    "lot": "XX标段",
    "day": "X",
}


@dataclass(frozen=True)
class Shape:
    """How a cell looks. ``number`` is its number format, "" for the general one."""

    bold: bool = False
    size: int = 10
    border: bool = True
    centred: bool = True
    wrapped: bool = True
    number: str = ""


_SHAPES: Mapping[str, Shape] = {
    "title": Shape(bold=True, size=16, border=False),
    "line": Shape(border=False, centred=False, wrapped=False),
    "foot": Shape(border=False, centred=False, wrapped=False),
    "head": Shape(bold=True),
    "text": Shape(),
    "integer": Shape(number="0"),
    "number": Shape(),
    "percent": Shape(number="0%"),
    "date": Shape(number="yyyy/m/d"),
    "total": Shape(bold=True),
}


@dataclass(frozen=True)
class Page:
    """One sheet to draw: a form ("table"), a hidden list of code words ("codes"), or nothing at all ("empty").

    ``is_own`` tells what the sender fills in from what came along with the template.
    """

    placed: Placed
    kind: Literal["table", "codes", "empty"]
    is_own: bool


def pages_of(envelope: Envelope) -> Iterator[Page]:
    """Give the sheets of an envelope in order, those of the template around its own."""
    look = look_of(envelope.form, envelope.look)
    extras = [(extra.before, _extra_page(extra, envelope, look)) for extra in look.extras]
    yield from (page for is_before, page in extras if is_before)
    yield from (Page(place(sheet, look), "table", is_own=True) for sheet in envelope.sheets)
    yield from (page for is_before, page in extras if not is_before)


def _extra_page(extra: Extra, envelope: Envelope, look: Look) -> Page:
    match extra.kind:
        case "empty":
            return Page(Placed(extra.name), "empty", is_own=False)
        case "codes":
            cells = [
                Put(row, column, "text", word, "")
                for column, listed in enumerate(look.codes)
                for row, word in enumerate(listed)
            ]
            return Page(Placed(extra.name, cells), "codes", is_own=False)
    words = {**envelope.sheets[0].words, **_EXAMPLE_WORDS}
    values = {name: Typed(value) for name, value in (look.example or {}).items()}
    sheet = Sheet(extra.name, (Row("example", values),), words)
    return Page(place(sheet, look), "table", is_own=False)


def shape_of(name: str) -> Shape | None:
    """Give the shape a cell names, "number:2" with its two decimals; None for a cell without one."""
    if not name:
        return None
    kind, _, places = name.partition(":")
    shape = _SHAPES[kind]
    if not places:
        return shape
    number = "0." + "0" * int(places) if int(places) else "0"
    return Shape(shape.bold, shape.size, shape.border, shape.centred, shape.wrapped, number)
