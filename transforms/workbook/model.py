"""What a workbook is to everybody else: sheets of non-empty cells at their true addresses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal["text", "number", "date", "boolean", "error", "no_value"]
Visibility = Literal["visible", "hidden", "very_hidden"]
Outcome = Literal["refused", "corrupt", "encrypted"]
Value = str | Decimal | dt.datetime | dt.time | bool | None

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384


class UnreadableWorkbook(Exception):  # noqa: N818 - the name is the contract's: it is the file that is at fault, not the program
    """The file as a whole cannot be read; `found`, `expected` and `action` are Chinese sentences for its sender.

    `outcome` is "corrupt" (damage), "encrypted", or "refused" (no workbook, or more than is allowed).
    """

    def __init__(self, code: str, found: str, expected: str, action: str, outcome: Outcome = "corrupt") -> None:
        super().__init__(f"{code} {found}；{expected}。{action}")
        self.outcome = outcome
        self.code = code
        self.found = found
        self.expected = expected
        self.action = action

    def __reduce__(self) -> tuple[type[UnreadableWorkbook], tuple[str, str, str, str, Outcome]]:
        """Survive being copied to another process."""
        return UnreadableWorkbook, (self.code, self.found, self.expected, self.action, self.outcome)


@dataclass(frozen=True)
class Limits:
    """How much one file may ask of us. The defaults are some hundred times what an honest form needs."""

    file_bytes: int = 64 * 1024 * 1024
    unzipped_bytes: int = 256 * 1024 * 1024
    zip_entries: int = 10_000
    sheets: int = 512
    cells: int = 1_000_000
    merges: int = 200_000


class Area(NamedTuple):
    """A merged area, both corners inside, 1-based."""

    r1: int
    c1: int
    r2: int
    c2: int


class Cell(NamedTuple):
    """One non-empty cell.

    `value`: str for text; Decimal for number (at most 15 significant digits, so without float noise); datetime or
    time for date; bool for boolean; None for error and no_value. A formula whose stored result is the empty text is
    kind "text" with value "" and its formula as `text`.
    `text` is the value as received: plain decimal text, ISO date, "#REF!", "=…" for a formula without stored result.
    """

    kind: Kind
    value: Value
    text: str
    is_percent: bool = False
    is_formula: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet; rows and columns count from 1, `index` is its place among all sheets of the file (chart sheets too).

    Only non-empty cells are in `cells`, which may lie a million rows apart: go through the cells, never through the
    rectangle they span. A cell covered by a merge is present when the file holds a value there.
    """

    name: str
    index: int
    visibility: Visibility
    cells: dict[tuple[int, int], Cell]
    merges: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Workbook:
    """`format`: xlsx, xls, xlsb, ods, csv, html or xml2003, by content. `epoch_1904`: bare serials count from 1904."""

    format: str
    sheets: tuple[Sheet, ...]
    epoch_1904: bool = False


_LETTERS = [""]


def column_letter(col: int) -> str:
    """Return "A" for 1, "XFD" for 16384."""
    letters = ""
    while col > 0:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_LETTERS.extend(column_letter(i) for i in range(1, 1025))


def a1(row: int, col: int) -> str:
    """Return "N17" for row 17, column 14."""
    return f"{_LETTERS[col] if col <= 1024 else column_letter(col)}{row}"


def column_number(letters: str) -> int:
    """Return 14 for "N"; ValueError for anything but A–Z."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(f"not a column: {letters!r}")
        number = number * 26 + ord(letter) - 64
    if number == 0:
        raise ValueError("a column needs a letter")
    return number


def parse_a1(address: str) -> tuple[int, int]:
    """Return (17, 14) for "N17" or "$N$17"; ValueError for anything else."""
    plain = address.replace("$", "")
    letters = plain.rstrip("0123456789")
    digits = plain[len(letters) :]
    if not digits or len(digits) > 7 or len(letters) > 3:
        raise ValueError(f"not a cell address: {address!r}")
    row, col = int(digits), column_number(letters)
    if not 1 <= row <= MAX_ROW or col > MAX_COLUMN:
        raise ValueError(f"outside of any sheet: {address!r}")
    return row, col


def parse_area(reference: str) -> Area:
    """Return Area(1, 1, 2, 3) for "A1:C2"; ValueError for anything else."""
    first, _, last = reference.partition(":")
    r1, c1 = parse_a1(first)
    r2, c2 = parse_a1(last or first)
    return Area(min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2))
