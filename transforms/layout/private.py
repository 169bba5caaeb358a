"""Names of persons a file holds in its personal columns and signatures: they go to the archive, never into rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from schemas.columns import Column
from schemas.persons import is_sign, names_in, names_signed
from transforms.layout.cells import CellClass
from transforms.layout.reports import TableReading
from transforms.layout.sheets import SheetReading

_OF_NAMES = ("_name", "_by")
"""Endings of the columns that hold nothing but names; in other personal columns (phones, rooms) a surname is asked."""


def find_names(sheets: Sequence[SheetReading]) -> tuple[str, ...]:
    """Give the names of persons on the sheets of a file, sorted: all rows count, also those that are refused."""
    found: set[str] = set()
    for sheet in sheets:
        for table in sheet.tables:
            for column, text in _personal_cells(table, sheet):
                found.update(names_in(text, surname=not column.name.endswith(_OF_NAMES)))
        found.update(_signatures(sheet))
    return tuple(sorted(found))


def _personal_cells(table: TableReading, sheet: SheetReading) -> Iterator[tuple[Column, str]]:
    """Give the text of every cell of the table's personal columns."""
    typed = table.typed
    cells = sheet.grid.cells
    rows = {*typed.rows, *typed.excluded, *(line.row for line in typed.lines)}
    for name, located in typed.block.plain.items():
        column = typed.block.form.column[name]
        if column.sensitivity != "personal":
            continue
        places = [(row, located.col) for row in rows] if typed.given is None else typed.given.get(name, [])
        for place in places:
            if place is not None and place in cells:
                yield column, cells[place].text


def _signatures(sheet: SheetReading) -> Iterator[str]:
    """Give the names behind what is signed above or below a table, in the same cell or the one beside it."""
    unsigned: Mapping[int, CellClass] | None = None
    for row in sheet.grid.row_numbers:
        held = sheet.classes.row(row)
        if held is unsigned:
            continue
        signed = [col for col, kind in held.items() if kind.name == "sign_off"]
        unsigned = None if signed else held
        yield from (name for col in signed for name in _signed_at(sheet, row, col))


def _signed_at(sheet: SheetReading, row: int, col: int) -> Iterator[str]:
    cells = sheet.grid.cells
    text = cells[row, col].text
    yield from names_signed(text)
    if is_sign(text):
        beside = next((near for near in sheet.grid.rows[row] if near > col), None)
        if beside is not None:
            yield from names_in(cells[row, beside].text, surname=True)
