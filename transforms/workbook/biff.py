"""A second look at the records of a BIFF workbook, for what xlrd does not tell: formulas, and a cell written twice.

It finds every cell on its own, so that what xlrd gives can be compared with it: neither is believed alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from transforms.workbook import faults

_BOF, _EOF, _BOUNDSHEET, _FORMULA, _MULRK = 0x0809, 0x000A, 0x0085, 0x0006, 0x00BD
# LABELSST, LABEL, RSTRING, NUMBER, RK, BOOLERR: each begins with its row and column
_SINGLE = frozenset((0x00FD, 0x0204, 0x00D6, 0x0203, 0x027E, 0x0205))
_HEAD = struct.Struct("<HH")
_BOF_BYTES = _BOF.to_bytes(2, "little")
_PLACE = struct.Struct("<HH")
_WORKSHEET = 0
_EMPTY_TEXT = b"\x03"
# Tokens that end a formula whose result is a number: + - * / ^, signs, %, and SUM in both of its spellings.
_ARITHMETIC = frozenset((0x03, 0x04, 0x05, 0x06, 0x07, 0x12, 0x13, 0x14))
_SUM = (b"\x22\x01\x04\x00", b"\x42\x01\x04\x00", b"\x62\x01\x04\x00")
_QUICK_SUM = b"\x19\x10"

Place = tuple[int, int]


@dataclass
class BiffSheet:
    """One worksheet by its records, places counted from 1. ``index`` counts chart sheets too.

    ``formulas`` says of each formula whether it never was calculated. Excel stores the empty text for ="" alone;
    a program that calculates nothing stores it for every formula, sums and all.
    """

    index: int
    values: set[Place] = field(default_factory=set)
    formulas: dict[Place, bool] = field(default_factory=dict)
    twice: Place | None = None

    def add(self, row: int, column: int) -> Place:
        """Note a cell, and whether it was there before."""
        place = row + 1, column + 1
        if place in self.values and self.twice is None:
            self.twice = place
        self.values.add(place)
        return place


def scan_sheets(stream: bytes) -> list[BiffSheet]:
    """Find the cells of all worksheets of a BIFF5 or BIFF8 stream, in the order of their tabs."""
    bound = (body for kind, body in _records(stream, 0) if kind == _BOUNDSHEET)
    offsets = [
        (number, int.from_bytes(body[:4], "little")) for number, body in enumerate(bound, 1) if body[5] == _WORKSHEET
    ]
    if any(stream[offset : offset + 2] != _BOF_BYTES for _, offset in offsets):
        raise faults.damaged("工作表目录指向别处")
    if len({offset for _, offset in offsets}) < len(offsets):
        raise faults.damaged("两个工作表指向同一内容")
    return [_scan_sheet(BiffSheet(number), stream, offset) for number, offset in offsets]


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one substream, without those of the charts that lie inside it."""
    depth, place, end = 0, start, len(stream)
    while place + 4 <= end:
        kind, size = _HEAD.unpack_from(stream, place)
        place += 4
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, stream[place : place + size]
        place += size


def _scan_sheet(sheet: BiffSheet, stream: bytes, start: int) -> BiffSheet:
    for kind, body in _records(stream, start):
        if kind in _SINGLE:
            sheet.add(*_PLACE.unpack_from(body))
        elif kind == _MULRK:
            row, first = _PLACE.unpack_from(body)
            for column in range(first, first + (len(body) - 6) // 6):
                sheet.add(row, column)
        elif kind == _FORMULA:
            place = sheet.add(*_PLACE.unpack_from(body))
            is_empty = body[12:14] == b"\xff\xff" and body[6:7] == _EMPTY_TEXT
            sheet.formulas[place] = is_empty and _gives_a_number(body)
    return sheet


def _gives_a_number(body: bytes) -> bool:
    tokens = body[22 : 22 + int.from_bytes(body[20:22], "little")]
    if not tokens:
        return False
    return tokens[-1] in _ARITHMETIC or tokens.endswith(_SUM) or tokens[-4:-2] == _QUICK_SUM
