"""The class of every non-empty cell of a sheet, stored as rectangles that never overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from transforms.layout.grid import Grid
from transforms.workbook import a1


class CellClass(NamedTuple):
    """What a cell became; ``reason`` says why, for the classes that need it."""

    name: str
    reason: str | None = None


class Rectangle(NamedTuple):
    """An area of one class; ``cells`` counts the non-empty ones."""

    r1: int
    c1: int
    r2: int
    c2: int
    cell_class: CellClass
    cells: int


class Classes:
    """The class of each cell of a sheet, row by row. Rows alike share what they hold: no row is changed in place."""

    def __init__(self) -> None:
        self._rows: dict[int, Mapping[int, CellClass]] = {}

    def row(self, row: int) -> Mapping[int, CellClass]:
        """Give the classes of a row's cells by their columns; what is the same object is the same."""
        return self._rows.get(row, _NOTHING)

    def put(self, row: int, classes: Mapping[int, CellClass]) -> None:
        """Class cells of a row, by their columns; the others stay what they are."""
        before = self._rows.get(row)
        self._rows[row] = classes if before is None else {**before, **classes}


_NOTHING: Mapping[int, CellClass] = MappingProxyType({})
Segment = tuple[int, int, CellClass]


def compress(grid: Grid, classes: Classes) -> list[Rectangle]:
    """Cover all non-empty cells with rectangles: each row's runs of one class, rows with the same runs joined.

    A run reaches up to the next one and to the sheet's used edges; blanks inside a rectangle do not count.
    """
    rectangles: list[Rectangle] = []
    open_rows: tuple[int, int] | None = None
    shape: tuple[Segment, ...] = ()
    counts: list[int] = []
    before: Mapping[int, CellClass] | None = None

    def close() -> None:
        if open_rows is not None:
            for (c1, c2, cell_class), count in zip(shape, counts, strict=True):
                rectangles.append(Rectangle(open_rows[0], c1, open_rows[1], c2, cell_class, count))

    for row, columns in grid.rows.items():
        held = classes.row(row)
        if held is not before:
            segments, sizes = _segments(columns, held, grid)
            before = held
        if open_rows is not None and segments == shape:
            open_rows = (open_rows[0], row)
            counts = [a + b for a, b in zip(counts, sizes, strict=True)]
        else:
            close()
            open_rows, shape, counts = (row, row), segments, sizes
    close()
    return rectangles


def _segments(
    columns: Sequence[int], held: Mapping[int, CellClass], grid: Grid
) -> tuple[tuple[Segment, ...], list[int]]:
    starts: list[tuple[int, CellClass]] = []
    sizes: list[int] = []
    for col in columns:
        cell_class = held[col]
        if starts and starts[-1][1] == cell_class:
            sizes[-1] += 1
        else:
            starts.append((col, cell_class))
            sizes.append(1)
    ends = [col - 1 for col, _ in starts[1:]] + [grid.last_column]
    firsts = [grid.first_column, *(col for col, _ in starts[1:])]
    segments = tuple((first, end, start[1]) for first, end, start in zip(firsts, ends, starts, strict=True))
    return segments, sizes


def as_rows(rectangles: Sequence[Rectangle], file_id: str, sheet_index: int, sheet_name: str) -> list[dict[str, Any]]:
    """Give the rows of the cells frame."""
    return [
        {
            "file_id": file_id,
            "sheet_index": sheet_index,
            "sheet_name": sheet_name,
            "cell_class": each.cell_class.name,
            "cell_range": f"{a1(each.r1, each.c1)}:{a1(each.r2, each.c2)}",
            "cells": each.cells,
            "reason": each.cell_class.reason,
        }
        for each in rectangles
    ]
