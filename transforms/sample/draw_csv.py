"""A page becomes the .csv that "save as" makes of it in a Chinese Excel: cells as they are shown, in GB18030.

No merges are left: what a merged cell says stands in its first row, with blanks below.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from transforms.sample.envelope import Envelope
from transforms.sample.pages import Page, shape_of
from transforms.sample.place import Put

ENCODING = "gb18030"
# What whoever opens the file calls its one sheet.
SHEET = "Sheet1"


def draw_csv(envelope: Envelope, pages: Sequence[Page]) -> bytes:
    """Draw delimited text; raises ValueError where the sender has more than the one sheet that a .csv can hold."""
    if len(pages) != 1:
        raise ValueError(f"{envelope.path}: {len(pages)} sheets; a .csv holds one")
    cells = pages[0].placed.cells
    grid = [[""] * (max(put.column for put in cells) + 1) for _ in range(max(put.row for put in cells) + 1)]
    for put in cells:
        grid[put.row][put.column] = _shown(put)
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(grid)
    return buffer.getvalue().encode(ENCODING)


def _shown(put: Put) -> str:
    """Give the text a cell shows."""
    value = put.cached if put.kind == "formula" else put.value
    if isinstance(value, dt.date):
        return f"{value.year}/{value.month}/{value.day}"
    if isinstance(value, str):
        return value
    shape = shape_of(put.shape)
    return _number(Decimal(repr(value)), shape.number if shape is not None else "")


def _number(value: Decimal, number_format: str) -> str:
    if not number_format:
        return f"{value.normalize():f}"
    if number_format.endswith("%"):
        return _number(value * 100, number_format[:-1]) + "%"
    places = len(number_format.partition(".")[2])
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
