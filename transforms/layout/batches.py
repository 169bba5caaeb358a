"""Typed blocks → rows of the entities' frames, column by column; ids are added once the reports are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

import polars as pl

from schemas.columns import Column, PolarsType
from schemas.forms import Catalogue, Form
from schemas.frames import RESOLUTION
from transforms.layout.findings import Found, short_hash
from transforms.layout.grid import Grid
from transforms.layout.persons import keyed_hash
from transforms.layout.series import make_frame, make_struct
from transforms.layout.tables import TypedBlock, sub_form_of
from transforms.layout.typing import Fault, TypedColumn
from transforms.values import is_null
from transforms.workbook import a1, column_letter


class ReportKey(NamedTuple):
    """What makes the rows of a file one report."""

    form_code: str
    filer: str
    street_id: str
    period: str
    edition: int

    def submission_id(self, file_id: str) -> str:
        """Make the id from the file's hash and the key."""
        return short_hash(file_id, self.form_code, self.filer, self.street_id, self.period, self.edition)


@dataclass
class Batch:
    """Rows of one entity from one block: every list is one value a row."""

    form: Form
    sheet_index: int
    sheet_name: str
    block: int
    keys: list[ReportKey] = field(default_factory=list)
    row_numbers: list[int] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    addresses: dict[str, list[str | None]] = field(default_factory=dict)
    raw: dict[str, list[str | None]] = field(default_factory=dict)
    resolutions: dict[str, list[Decimal | None]] = field(default_factory=dict)
    approximate: list[list[str]] = field(default_factory=list)
    faults: list[list[dict[str, Any]]] = field(default_factory=list)

    def row_ids(self, file_id: str) -> list[str]:
        """Make each row's id from the report, the place and the item."""
        submissions = {key: key.submission_id(file_id) for key in set(self.keys)}
        entity, sheet, block = self.form.entity, str(self.sheet_index), str(self.block)
        begun = {key: "|".join((submission, entity, sheet, block)) for key, submission in submissions.items()}
        return [
            short_hash(begun[key], row, item)
            for key, row, item in zip(self.keys, self.row_numbers, self.items, strict=True)
        ]


def make_batches(
    typed: TypedBlock, keys: Sequence[ReportKey], grid: Grid, catalogue: Catalogue, sheet_index: int, sheet_name: str
) -> list[Batch]:
    """Give the rows of a block: of its form, and of the sub-form in its wide block."""
    block = typed.block
    items = block.layout.items
    if items is None or not typed.items:
        everyone = [(position, "") for position in range(len(typed.rows))]
        return [_batch(typed, block.form, everyone, keys, grid, sheet_index, sheet_name, {})]
    filled = [
        (position, code)
        for position in range(len(typed.rows))
        for code, columns in typed.items.items()
        if any(_says_something(each, position, grid) for each in columns.values())
    ]
    item_column = block.form.column.get(items.column)
    if item_column is not None:
        codes: dict[str, list[Any]] = {items.column: [item_value(item_column, code) for _, code in filled]}
        if items.unit_column is not None:
            codes[items.unit_column] = [_unit_of(typed, p, code, items.unit_column, catalogue) for p, code in filled]
        return [_batch(typed, block.form, filled, keys, grid, sheet_index, sheet_name, codes)]
    everyone = [(position, "") for position in range(len(typed.rows))]
    batches = [_batch(typed, block.form, everyone, keys, grid, sheet_index, sheet_name, {})]
    sub_form = sub_form_of(block.form, catalogue)
    if sub_form is not None:
        column = sub_form.column[items.column]
        values: dict[str, list[Any]] = {items.column: [item_value(column, code) for _, code in filled]}
        if items.unit_column is not None:
            values[items.unit_column] = [_unit_of(typed, p, code, items.unit_column, catalogue) for p, code in filled]
        batches.append(_batch(typed, sub_form, filled, keys, grid, sheet_index, sheet_name, values))
    return batches


def item_value(column: Column, code: str) -> Any:
    """Give what a row holds of its item: the code, or the year or month in its header."""
    match column.kind:
        case "year" | "integer":
            return int(code)
        case "month":
            return dt.date(int(code[:4]), int(code[5:]), 1)
        case _:
            return code


def _says_something(typed: TypedColumn, position: int, grid: Grid) -> bool:
    place = typed.places[position]
    if place is None or typed.column.codes == "units":
        return False
    return not is_null(grid.cells[place].text)


def _unit_of(typed: TypedBlock, position: int, code: str, unit_column: str, catalogue: Catalogue) -> str | None:
    """Give the unit of an item's quantities: of its unit cell, else of its headers."""
    columns = typed.items[code]
    if unit_column in columns and columns[unit_column].values[position] is not None:
        own: str = columns[unit_column].values[position]
        return own
    codes = catalogue.codes.get("units")
    for found in typed.block.items[code]:
        unit = typed.units[found.slot].unit
        if unit is not None:
            return codes.find(unit.code) if codes is not None else unit.code
    return None


def _batch(
    typed: TypedBlock,
    form: Form,
    picked: Sequence[tuple[int, str]],
    keys: Sequence[ReportKey],
    grid: Grid,
    sheet_index: int,
    sheet_name: str,
    values: Mapping[str, list[Any]],
) -> Batch:
    batch = Batch(form, sheet_index, sheet_name, typed.block.index)
    batch.keys = [keys[position] for position, _ in picked]
    batch.row_numbers = [typed.rows[position] for position, _ in picked]
    batch.items = [code for _, code in picked]
    batch.approximate = [[] for _ in picked]
    own = form.entity == typed.block.form.entity
    is_whole = [position for position, _ in picked] == list(range(len(typed.rows)))
    in_items = {name for columns in typed.items.values() for name in columns}
    lines = [str(row) for row in typed.rows]
    for column in form.open_columns:
        is_own = is_whole and column.name in typed.typed and column.name not in in_items
        cells = _whole_column(typed, column, grid, lines) if is_own else _column_parts(typed, column, picked, grid)
        batch.columns[column.name] = values.get(column.name) or cells.values
        batch.addresses[column.name] = cells.addresses
        batch.raw[column.name] = cells.texts
        if column.kind == "date":
            batch.columns[f"{column.name}_kind"] = cells.kinds
            batch.columns[f"{column.name}_precision"] = cells.precisions
        if column.name in form.rounded:
            written = {code: _resolution_of(typed, code, column.name) for code in {code for _, code in picked}}
            batch.resolutions[column.name] = [
                written[code] if value is not None else None
                for (_, code), value in zip(picked, cells.values, strict=True)
            ]
        for row in cells.approximate:
            batch.approximate[row].append(column.name)
    for position, code in picked:
        faults = list(typed.faults.get(position, ())) if own else _shared_faults(typed, position, form)
        for name, item in typed.items.get(code, {}).items():
            faults += [fault for place, fault in item.faults if place == position and name in form.column]
        batch.faults.append([fault._asdict() for fault in faults])
    if form.keyed is not None:
        batch.columns[form.keyed.into] = [typed.persons[position] for position, _ in picked]
    if not own:
        _note_unfilled(batch, form, typed)
    return batch


def _resolution_of(typed: TypedBlock, code: str, name: str) -> Decimal | None:
    """Give one unit of the last decimal a column was written with, of an item's own column first."""
    located = next((each for each in typed.block.items.get(code, ()) if each.target.column == name), None)
    located = located or typed.block.plain.get(name)
    return None if located is None else typed.resolution.get(located.slot)


def _shared_faults(typed: TypedBlock, position: int, form: Form) -> list[Fault]:
    """Give the faults of a line that concern its items too: those in what names the row."""
    return [
        fault
        for fault in typed.faults.get(position, ())
        if fault.severity == "Q" and fault.column_name in (*form.row_identity, "report_month")
    ]


def _note_unfilled(batch: Batch, form: Form, typed: TypedBlock) -> None:
    for row, code in enumerate(batch.items):
        for name in form.filled:
            known = any(fault["column_name"] == name for fault in batch.faults[row])
            if batch.columns[name][row] is not None or known:
                continue
            found = next((each for each in typed.block.items.get(code, ()) if each.target.column == name), None)
            address = a1(batch.row_numbers[row], found.col) if found is not None else None
            label = form.column[name].label_zh
            fault = Fault("E40", "Q", name, address, f"“{label}”为空", f"应填写{label}")
            batch.faults[row].append(fault._asdict())


class ColumnParts(NamedTuple):
    """One column of a batch, one value a row: values, addresses, texts as received, kinds and precisions of dates.

    ``approximate`` lists the rows whose value is.
    """

    values: list[Any]
    addresses: list[str | None]
    texts: list[str | None]
    kinds: list[str | None]
    precisions: list[str | None]
    approximate: list[int]


def _column_parts(typed: TypedBlock, column: Column, picked: Sequence[tuple[int, str]], grid: Grid) -> ColumnParts:
    """Give one column in each row, cell by cell."""
    parts = list(_cells(typed, column, picked, grid))
    return ColumnParts(
        [each[0] for each in parts],
        [each[1] for each in parts],
        [each[2] for each in parts],
        [each[3] for each in parts],
        [each[4] for each in parts],
        [row for row, each in enumerate(parts) if each[5]],
    )


def _whole_column(typed: TypedBlock, column: Column, grid: Grid, lines: Sequence[str]) -> ColumnParts:
    """Take a column of the table itself over whole; ``lines`` are its row numbers as texts."""
    plain = typed.typed[column.name]
    col = next((place[1] for place in plain.places if place is not None), 0)
    own = grid.column(typed.rows, col)
    if plain.places == own.places and None not in plain.places:
        addresses: list[str | None] = [*map(column_letter(col).__add__, lines)]
    else:
        own = grid.at(plain.places)
        addresses = [None if place is None else a1(*place) for place in plain.places]
    texts = [None if cell is None else cell.text for cell in own.cells]
    taken = ColumnParts(
        list(plain.values), addresses, texts, list(plain.kinds), list(plain.precisions), sorted(set(plain.approximate))
    )
    if column.name in typed.constants:
        constant = typed.constants[column.name]
        where = None if constant.place is None else a1(*constant.place)
        for row, (place, value) in enumerate(zip(plain.places, plain.values, strict=True)):
            if place is None and value is None:
                taken.values[row], taken.addresses[row], taken.texts[row] = constant.value, where, constant.text
                taken.kinds[row], taken.precisions[row] = constant.kind, constant.precision
    return taken


CellParts = tuple[Any, str | None, str | None, str | None, str | None, bool]
_NOTHING: CellParts = (None, None, None, None, None, False)


def _cells(typed: TypedBlock, column: Column, picked: Sequence[tuple[int, str]], grid: Grid) -> Iterator[CellParts]:
    """Give value, address, text as received, kind, precision and approximate of one column in each row."""
    name = column.name
    plain = typed.typed.get(name)
    whole: CellParts = _NOTHING
    if name in typed.constants:
        value, place, kind, precision, text = typed.constants[name]
        whole = (value, None if place is None else a1(*place), text, kind, precision, False)
    approximate = {code: set(each[name].approximate) for code, each in typed.items.items() if name in each}
    about = set(plain.approximate) if plain is not None else set()
    seen: set[int] = set()
    for position, code in picked:
        item = typed.items.get(code, {}).get(name)
        if item is not None:
            yield _parts(item, position, grid, approximate=position in approximate[code])
        elif plain is not None and (plain.places[position] is not None or plain.values[position] is not None):
            # A measure beside the wide block belongs to the line, not to each of its items.
            yield (
                _NOTHING
                if column.sums and position in seen
                else _parts(plain, position, grid, approximate=position in about)
            )
        else:
            yield whole
        seen.add(position)


def _parts(typed: TypedColumn, position: int, grid: Grid, *, approximate: bool) -> CellParts:
    place = typed.places[position]
    return (
        typed.values[position],
        None if place is None else a1(*place),
        None if place is None else grid.cells[place].text,
        typed.kinds[position],
        typed.precisions[position],
        approximate,
    )


def make_rows(batches: Sequence[Batch], form: Form, file_id: str, secret: bytes) -> pl.DataFrame:
    """Join the batches of one entity into its row frame; persons become hashes with ``secret`` as their key."""
    schema = form.row_schema()

    def joined(pick: Callable[[Batch], list[Any]]) -> list[Any]:
        return list(chain.from_iterable(map(pick, batches)))

    submissions = {key: key.submission_id(file_id) for batch in batches for key in set(batch.keys)}
    series: dict[str, list[Any] | pl.Series] = {
        "row_id": joined(lambda batch: batch.row_ids(file_id)),
        "submission_id": joined(lambda batch: [submissions[key] for key in batch.keys]),
        "file_id": joined(lambda batch: [file_id] * len(batch.keys)),
        "sheet_index": joined(lambda batch: [batch.sheet_index] * len(batch.keys)),
        "sheet_name": joined(lambda batch: [batch.sheet_name] * len(batch.keys)),
        "block": joined(lambda batch: [batch.block] * len(batch.keys)),
        "row_number": joined(lambda batch: batch.row_numbers),
        "approximate_columns": _lists(joined(lambda batch: batch.approximate), schema["approximate_columns"]),
        "faults": _lists(joined(lambda batch: batch.faults), schema["faults"]),
    }
    for name in form.typed:
        series[name] = joined(lambda batch, name=name: batch.columns[name])  # type: ignore[misc]
    if form.keyed is not None:
        series[form.keyed.into] = [keyed_hash(text, form.keyed, secret) for text in series[form.keyed.into]]
    open_names = [column.name for column in form.open_columns]
    addresses = {name: joined(lambda batch, name=name: batch.addresses[name]) for name in open_names}  # type: ignore[misc]
    raw = {name: joined(lambda batch, name=name: batch.raw[name]) for name in open_names}  # type: ignore[misc]
    series["addresses"] = make_struct("addresses", addresses, pl.String)
    series["raw"] = make_struct("raw", raw, pl.String)
    if form.rounded:
        units = {name: joined(lambda batch, name=name: batch.resolutions[name]) for name in form.rounded}  # type: ignore[misc]
        series["resolutions"] = make_struct("resolutions", units, RESOLUTION)
    return make_frame(series, schema)


def _lists(lists: list[list[Any]], dtype: PolarsType) -> pl.Series:
    """Make a column of lists, most of which are empty: polars takes as long for an empty one as for any other."""
    filled = [each for each in lists if each]
    made = pl.Series([[], *filled], dtype=dtype)
    if not filled:
        return made.new_from_index(0, len(lists))
    places = iter(range(1, len(filled) + 1))
    return made.gather([next(places) if each else 0 for each in lists])


def fix_findings(typed: TypedBlock, sheet: str) -> list[tuple[int, Found]]:
    """Give the fixes of a block as findings, each with the position of its row."""
    return [
        (
            position,
            Found(fix.code, sheet, fix.address, fix.column_name, fix.found, fix.expected, row=typed.rows[position]),
        )
        for position, fix in typed.fixes
    ]
