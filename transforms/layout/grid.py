"""A sheet to look at: non-empty cells by row, merged areas filled in for reading (never for counting)."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import cast

from schemas.text import normalise_label
from transforms.values import Outcome, is_same_as_above, is_same_as_left
from transforms.workbook import Cell, Sheet

Place = tuple[int, int]


class Cells:
    """The cells that say what a column does in some rows, one a row, and their places; None where there is none.

    They are handed on as they are: nobody changes the lists. ``said`` is what readers made of them.
    """

    def __init__(self, places: list[Place | None], cells: list[Cell | None]) -> None:
        self.places = places
        self.cells = cells
        self.said: dict[Callable[[Cell], Outcome], list[Outcome]] = {}

    @cached_property
    def different(self) -> dict[int, Cell]:
        """The different cells among them, by their ids: what is written alike is one object."""
        found = dict(zip(map(id, self.cells), self.cells, strict=True))
        found.pop(id(None), None)
        return cast(dict[int, Cell], found)


class Grid:
    """One sheet by rows. ``rows`` lists the columns of each row's non-empty cells; ``anchor`` leads into merges."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.cells = sheet.cells
        by_row: dict[int, list[int]] = defaultdict(list)
        for row, col in sheet.cells:
            by_row[row].append(col)
        self.rows = {row: sorted(by_row[row]) for row in sorted(by_row)}
        self.row_numbers = list(self.rows)
        self.last_row = self.row_numbers[-1] if self.row_numbers else 0
        self.first_column = min((columns[0] for columns in self.rows.values()), default=1)
        self.last_column = max((columns[-1] for columns in self.rows.values()), default=1)
        self.anchor = self._anchors()
        self.covered_columns = frozenset(col for _, col in self.anchor)
        self._index()

    def _index(self) -> None:
        self._columns: dict[int, dict[int, Cell]] = defaultdict(dict)
        for (row, col), cell in self.cells.items():
            self._columns[col][row] = cell
        self._labels: dict[Place, str] = {}
        self._texts: dict[bool, dict[str, list[int]]] = {}
        self._repeats: bool | None = None
        self._seen: dict[int, tuple[list[int], Cells]] = {}

    def texts(self, *, figures: bool) -> dict[str, list[int]]:
        """Give the rows of each different text; those of numbers and dates (digits and signs alone) with `figures`."""
        if figures not in self._texts:
            rows: dict[str, list[int]] = {}
            for (row, _), cell in self.cells.items():
                if figures or cell.kind not in ("number", "date"):
                    rows.setdefault(cell.text, []).append(row)
            self._texts[figures] = rows
        return self._texts[figures]

    @property
    def repeats(self) -> bool:
        """Whether any cell means another one: 同上, 同左."""
        if self._repeats is None:
            texts = self.texts(figures=False)
            self._repeats = any(is_same_as_above(text) or is_same_as_left(text) for text in texts)
        return self._repeats

    def column(self, rows: Sequence[int], col: int) -> Cells:
        """Give a column's own cells in some rows."""
        seen = self._seen.get(col)
        if seen is None or seen[0] != rows:
            cells = list(map(self._columns.get(col, {}).get, rows))
            places = [None if cell is None else (row, col) for row, cell in zip(rows, cells, strict=True)]
            seen = self._seen[col] = list(rows), Cells(places, cells)
        return seen[1]

    def at(self, places: list[Place | None]) -> Cells:
        """Give the cells at some places."""
        cells = self.cells
        return Cells(places, [None if place is None else cells[place] for place in places])

    def _anchors(self) -> dict[Place, Place]:
        """Map covered places to the corner that holds the value, in rows and columns that hold anything themselves."""
        anchors: dict[Place, Place] = {}
        used = sorted({col for columns in self.rows.values() for col in columns})
        for r1, c1, r2, c2 in self.sheet.merges:
            if (r1, c1) not in self.cells:
                continue
            columns = used[bisect_left(used, c1) : bisect_left(used, c2 + 1)]
            for row in self.rows_from(r1, r2):
                for col in columns:
                    if (row, col) != (r1, c1) and (row, col) not in self.cells:
                        anchors[row, col] = (r1, c1)
        return anchors

    def reading(self, cells: Mapping[Place, Cell]) -> Grid:
        """Give the same sheet with other values in some cells: what stands behind a label in one cell."""
        if not cells:
            return self
        other = copy(self)
        other.cells = {**self.cells, **cells}
        other._index()
        return other

    def place(self, row: int, col: int) -> Place | None:
        """Give where the value seen at a place stands: there, or in the corner of its merge."""
        if (row, col) in self.cells:
            return row, col
        return self.anchor.get((row, col))

    def seen(self, row: int, col: int) -> Cell | None:
        """Give the cell seen at a place, through merges."""
        place = self.place(row, col)
        return None if place is None else self.cells[place]

    def label(self, row: int, col: int) -> str:
        """Give the normalised text seen at a place, through merges; "" where there is none."""
        place = self.place(row, col)
        if place is None:
            return ""
        known = self._labels.get(place)
        if known is None:
            known = self._labels[place] = normalise_label(self.cells[place].text)
        return known

    def rows_from(self, first: int, last: int | None = None) -> list[int]:
        """List the numbers of non-empty rows from first to last."""
        start = bisect_left(self.row_numbers, first)
        stop = len(self.row_numbers) if last is None else bisect_left(self.row_numbers, last + 1)
        return self.row_numbers[start:stop]
