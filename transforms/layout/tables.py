"""One block of one table: its lines sorted, its totals checked, its columns typed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from schemas.columns import Column
from schemas.forms import Catalogue, Form
from schemas.text import normalise_label
from transforms.layout.context import Context, Said
from transforms.layout.findings import Found
from transforms.layout.grid import Cells, Grid, Place
from transforms.layout.headers import Located, Slot
from transforms.layout.period import Period, period_column
from transforms.layout.regions import BlockColumns, Line, sort_lines, total_word
from transforms.layout.totals import Check, Keys, Numbers, check, find_members, is_unlabelled_total, read_numbers
from transforms.layout.typing import (
    Fault,
    Reader,
    TypedColumn,
    UnitChoice,
    choose_unit,
    decimals_of,
    find_cells,
    is_percent,
    reader_of,
    remembering,
    type_column,
    type_ticks,
    without_footnotes,
)
from transforms.values import split_status
from transforms.workbook import Cell, a1

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PARTIAL_TOTALS = ("小计", "本页小计", "本页合计")


@dataclass(frozen=True)
class Total:
    """A total row and what its rows gave."""

    line: Line
    label: str
    members: list[int]
    checks: list[Check]


class Constant(NamedTuple):
    """A value all rows of a block share, the cell above the table it stands in, and its words there (only its own)."""

    value: Any
    place: Place | None = None
    kind: str | None = None
    precision: str | None = None
    text: str | None = None


NOTHING = Constant(None)


@dataclass
class TypedBlock:
    """The data rows of one block, typed column by column; lists run parallel to ``rows``.

    ``given`` are the places of the values of key-value forms, one a row; None for tables, whose columns say where.
    ``readers`` are those that read the figures of totals, with what they read.
    ``persons`` identify the person of each row, in words that never leave the reading.
    """

    block: BlockColumns
    lines: list[Line]
    rows: list[int]
    excluded: list[int]
    totals: list[Total]
    units: dict[Slot, UnitChoice]
    resolution: dict[Slot, Decimal]
    decimals: dict[Slot, int]
    readers: Mapping[Slot, Reader] = field(default_factory=dict)
    typed: dict[str, TypedColumn] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)
    items: dict[str, dict[str, TypedColumn]] = field(default_factory=dict)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    fixes: list[tuple[int, Fault]] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)
    given: Mapping[str, list[Place | None]] | None = None
    numbers: Numbers | None = None
    persons: list[str | None] = field(default_factory=list)

    def value(self, name: str, position: int) -> Any:
        """Give the typed value of a column in a row; None where the block has no such column."""
        typed = self.typed.get(name)
        if typed is not None and (typed.values[position] is not None or typed.places[position] is not None):
            return typed.values[position]
        return self.constants.get(name, NOTHING).value


@dataclass(frozen=True)
class Surroundings:
    """What a block needs to know besides its own cells."""

    grid: Grid
    catalogue: Catalogue
    context: Context
    sheet: str


def sub_form_of(form: Form, catalogue: Catalogue) -> Form | None:
    """Give the form of the wide block."""
    return catalogue.forms.get(form.items) if form.items is not None else None


def column_of(located: Located, block: BlockColumns, catalogue: Catalogue) -> Column:
    """Give the canonical column of a located one, of the form or of its sub-form."""
    items = block.layout.items
    if located.target.kind == "item" and items is not None and items.column not in block.form.column:
        sub_form = sub_form_of(block.form, catalogue)
        if sub_form is not None:
            return sub_form.column[located.target.column]
    return block.form.column[located.target.column]


def read_block(around: Surroundings, rows: Sequence[int], block: BlockColumns) -> TypedBlock:
    """Sort a block's lines, find its totals and type the columns of its data rows; periods come later."""
    grid, catalogue = around.grid, around.catalogue
    lines = sort_lines(grid, rows, block, catalogue)
    units = {
        found.slot: choose_unit(
            found, column_of(found, block, catalogue), around.context, block.layout, block.units.get(found.col)
        )
        for found in block.located
    }
    content = [line.row for line in lines if line.kind in ("data", "total", "section", "maybe", "nameless")]
    cells = {col: grid.column(content, col) for col in block.columns}
    decimals = {found.slot: decimals_of(cells[found.col]) for found in block.located}
    resolution = {
        found.slot: _resolution(decimals[found.slot], units[found.slot], column_of(found, block, catalogue))
        for found in block.located
    }
    by_column = {found.col: resolution[found.slot] for found in block.located}
    readers = {
        found.slot: remembering(reader_of(column, catalogue.codes.get(column.codes or ""), units[found.slot], None))
        for found, column in block.sums
    }
    reading = {found.col: readers[found.slot] for found, _ in block.sums}
    numbers = read_numbers(cells, content, block.sums, reading, by_column)
    keys = _keys(grid, content, block)
    lines = _settle(lines, numbers, keys, grid, block)
    totals = _totals(lines, numbers, keys, grid, block, catalogue)
    data = [line.row for line in lines if line.kind == "data"]
    typed = TypedBlock(block, lines, data, [], totals, units, resolution, decimals, readers, numbers=numbers)
    typed.findings += _total_findings(typed, around, numbers)
    return typed


def _resolution(decimals: int, unit: UnitChoice, column: Column) -> Decimal:
    """Give one unit of the last decimal written, or of the last one kept."""
    factor = unit.unit.factor if unit.unit is not None else Decimal(1)
    kept = Decimal(1).scaleb(-column.places) if column.kind == "decimal" else Decimal(0)
    return max(factor.scaleb(-decimals), kept)


def _keys(grid: Grid, rows: Sequence[int], block: BlockColumns) -> Keys:
    """Give, for each column that may group rows, the label every row stands under."""
    grouping = [name for name in block.plain if name in block.layout.fill_down or name == "programme_type_code"]
    keys = []
    for name in grouping:
        found = find_cells(grid, rows, block.plain[name].col, merged=True, repeats=True)
        labels = {key: normalise_label(cell.text) for key, cell in found.different.items()}
        keys.append({row: labels[id(cell)] for row, cell in zip(rows, found.cells, strict=True) if cell is not None})
    return keys


def _settle(lines: list[Line], numbers: Numbers, keys: Keys, grid: Grid, block: BlockColumns) -> list[Line]:
    """Decide the lines that lack a name: the sum of their siblings (a total without a label), a row, or neither."""
    settled = [line._replace(kind="data") if line.kind == "maybe" else line for line in lines]
    for place, line in enumerate(lines):
        if line.kind not in ("maybe", "nameless"):
            continue
        others = [*settled[:place], *settled[place + 1 :]]
        members, checks = find_members(numbers, line.row, others, keys, partial=True)
        if is_unlabelled_total(checks, members):
            settled[place] = line._replace(kind="total")
        elif line.kind == "nameless":
            settled[place] = line._replace(kind="scratch")
    return settled


def _totals(
    lines: Sequence[Line], numbers: Numbers, keys: Keys, grid: Grid, block: BlockColumns, catalogue: Catalogue
) -> list[Total]:
    layout = block.layout
    everything = [line.row for line in lines if line.kind == "data"]
    totals = []
    for line in lines:
        has_figures = any(line.row in figures for figures in numbers.values.values())
        if line.kind != "total" and not (line.kind == "section" and has_figures):
            continue
        label = grid.label(*line.label) if line.label is not None and line.label in grid.cells else ""
        word = total_word(label, catalogue.common, layout)
        if word in layout.stated_totals:
            stated = [each._replace(agrees=None) for each in check(numbers, line.row, everything)]
            totals.append(Total(line, label, everything, stated))
            continue
        partial = word in _PARTIAL_TOTALS or not label or line.kind == "section"
        name = label.removesuffix(word) if word is not None else ""
        members, checks = find_members(numbers, line.row, lines, keys, partial=partial, name=name)
        totals.append(Total(line, label, members, checks))
    return totals


def _total_findings(typed: TypedBlock, around: Surroundings, numbers: Numbers) -> list[Found]:
    """Report totals without a label (E08) and totals that contradict their rows (E09; more than 5 % refuses)."""
    findings = []
    for total in typed.totals:
        if not total.label and total.line.label is not None:
            address = a1(*total.line.label)
            cell = f"第{total.line.row}行没有标签，数值等于其明细之和"
            expected = "合计行应写明“小计”或“合计”"
            findings.append(Found("E08", around.sheet, address, None, cell, expected, row=_first(total.members)))
        for each in total.checks:
            if each.agrees is not False:
                continue
            column = numbers.columns[each.col][1]
            unit = typed.units[each.col, column.name].unit
            factor = unit.factor if unit is not None else Decimal(1)
            written = around.grid.cells[total.line.row, each.col].text
            rows_sum = f"{(each.rows_sum / factor).normalize():f}"
            findings.append(
                Found(
                    "E09",
                    around.sheet,
                    a1(total.line.row, each.col),
                    column.name,
                    f"“{total.label or '合计'}”行的{column.label_zh}为{written}，明细之和为{rows_sum}",
                    "合计应等于明细之和（四舍五入的尾差除外）",
                    severity="R" if each.contradicts else "W",
                    row=_first(total.members),
                )
            )
    return findings


def _first(members: Sequence[int]) -> int | None:
    return members[0] if members else None


def needed_columns(form: Form) -> frozenset[str]:
    """Name the columns a row cannot do without."""
    return frozenset((*form.required, *form.filled))


def type_block(typed: TypedBlock, around: Surroundings, default_year: int | None) -> None:
    """Type every column of the block's data rows, and what the lines around the table give for all of them."""
    block, grid, catalogue = typed.block, around.grid, around.catalogue
    form, layout = block.form, block.layout
    needed = needed_columns(form)
    sections = _sections(typed)
    for column in form.open_columns:
        name = column.name
        codes = catalogue.codes.get(column.codes or "")
        if name in block.ticks:
            options = [(found.col, found.target.code) for found in block.ticks[name]]
            typed.typed[name] = type_ticks(grid, column, typed.rows, options, needed)
            continue
        located = block.plain.get(name)
        own_sections = sections if layout.sections == name else None
        if located is not None or own_sections:
            unit = typed.units[located.slot] if located is not None else UnitChoice(None)
            read = typed.readers.get(located.slot) if located is not None and not column.codes else None
            read = read or reader_of(column, codes, unit, default_year)
            read = without_footnotes(read) if name in layout.footnotes else read
            percent = located is not None and is_percent(located, unit)
            cells = cells_of(typed, grid, name, own_sections)
            typed.typed[name] = type_column(grid, column, cells, read, needed, percent=percent)
    _give_constants(typed, around, default_year)
    _spill(typed)
    _split_dates(typed, around, default_year)
    _type_items(typed, around)
    _note_drag_fill(typed)
    for each in typed.typed.values():
        typed.fixes += each.fixes
        for position, fault in each.faults:
            typed.faults.setdefault(position, []).append(fault)


def cells_of(typed: TypedBlock, grid: Grid, name: str, sections: dict[int, Place] | None = None) -> Cells:
    """Give the cell each row's value of a column stands in; a heading's line may hold what is filled down from it."""
    block = typed.block
    if typed.given is not None:
        return grid.at(typed.given[name])
    located, column = block.plain.get(name), block.form.column[name]
    col = located.col if located is not None else -1
    repeats = name in block.layout.fill_down and located is not None
    rows = typed.rows
    if repeats:
        headings = {line.row for line in typed.lines if line.kind == "section" and (line.label or (0, col))[1] != col}
        rows = sorted({*typed.rows, *headings})
    cells = find_cells(grid, rows, col, merged=not column.sums, repeats=repeats, sections=sections)
    if len(rows) == len(typed.rows):
        return cells
    found = dict(zip(rows, cells.places, strict=True))
    return grid.at([found[row] for row in typed.rows])


def _note_drag_fill(typed: TypedBlock) -> None:
    """Note names whose year runs on by one from line to line while the year beside them stands still (E18)."""
    for name, year in typed.block.layout.drag_fill.items():
        own = typed.typed.get(name)
        if own is None or year not in typed.typed:
            continue
        said = [_only_year(text) for text in own.values]
        for position in range(1, len(said)):
            stated, before = typed.value(year, position), typed.value(year, position - 1)
            here, above, place = said[position], said[position - 1], own.places[position]
            runs = here is not None and above is not None and here == above + 1 and stated == before
            if runs and here != stated and place is not None:
                label = typed.block.form.column[year].label_zh
                found = f"名称中的年份为{here}，{label}为{stated}，名称似为拖动填充"
                fault = Fault("E18", "W", name, a1(*place), found, f"名称中的年份应与{label}一致")
                typed.faults.setdefault(position, []).append(fault)


def _only_year(text: object) -> int | None:
    years = set(_YEAR.findall(text)) if isinstance(text, str) else set()
    return int(years.pop()) if len(years) == 1 else None


def _sections(typed: TypedBlock) -> dict[int, Place]:
    """Give each data row the section line it stands under."""
    sections: dict[int, Place] = {}
    current: Place | None = None
    for line in typed.lines:
        if line.kind == "section":
            current = line.label
        elif line.kind == "data" and current is not None:
            sections[line.row] = current
        elif line.kind == "total" and typed.block.layout.sections_end:
            current = None
    return sections


def _give_constants(typed: TypedBlock, around: Surroundings, default_year: int | None) -> None:
    """Take from context, block and layout what the columns of the block do not say."""
    block, catalogue = typed.block, around.catalogue
    said: dict[str, Said] = {name: Said(text, None) for name, text in block.layout.defaults.items()}
    for name, key in block.layout.context.items():
        if key in around.context.values:
            said[name] = around.context.values[key]
    if block.layout.blocks:
        said |= {name: Said(text, None) for name, text in block.layout.blocks[block.index - 1].values.items()}
    for name, each in said.items():
        column: Column = block.form.column[name]
        if column.sensitivity == "personal":
            continue
        codes = catalogue.codes.get(column.codes or "")
        outcome = reader_of(column, codes, UnitChoice(None), default_year)(Cell("text", each.text, each.text))
        if outcome.value is not None:
            text = each.text if each.place is not None else None
            typed.constants[name] = Constant(outcome.value, each.place, outcome.kind, outcome.precision, text)


def _spill(typed: TypedBlock) -> None:
    """Give the second value of a cell to the column it belongs to, where that column says nothing itself."""
    for each in list(typed.typed.values()):
        into = each.column.spills_into
        if each.spilt is None or into is None:
            continue
        target = typed.typed.get(into)
        if target is None:
            typed.typed[into] = replace(
                each, column=typed.block.form.column[into], values=list(each.spilt), faults=[], fixes=[], spilt=None
            )
            continue
        for position, value in enumerate(each.spilt):
            if target.places[position] is None and value is not None:
                target.values[position] = value
                target.places[position] = each.places[position]


def _split_dates(typed: TypedBlock, around: Surroundings, default_year: int | None) -> None:
    """Move a date that stands in a status cell to the date column that is blank in that row."""
    for source, into in typed.block.layout.splits.items():
        status, target = typed.typed.get(source), typed.typed.get(into)
        if status is None or target is None:
            continue
        for position, place in enumerate(status.places):
            if place is None or target.places[position] is not None:
                continue
            date = split_status(around.grid.cells[place].text, default_year).date
            if date is not None and isinstance(date.value, dt.date):
                target.values[position] = date.value
                target.kinds[position] = date.kind
                target.precisions[position] = date.precision
                target.places[position] = place


def _type_items(typed: TypedBlock, around: Surroundings) -> None:
    block, grid, catalogue = typed.block, around.grid, around.catalogue
    for code, columns in block.items.items():
        typed.items[code] = {}
        for found in columns:
            column = column_of(found, block, catalogue)
            holder = sub_form_of(block.form, catalogue) or block.form
            cells = grid.column(typed.rows, found.col)
            unit = typed.units[found.slot]
            read: Reader = reader_of(column, catalogue.codes.get(column.codes or ""), unit, None)
            needed, percent = needed_columns(holder), is_percent(found, unit)
            typed.items[code][column.name] = type_column(grid, column, cells, read, needed, percent=percent)


def exclude_rows(typed: TypedBlock) -> None:
    """Set aside the rows of others (``only``): they took part in the totals, they are not loaded.

    The words of ``only`` are one thing: rows kept hold the first of them, however it was written.
    """
    if not typed.block.layout.only:
        return
    kept = [
        position
        for position in range(len(typed.rows))
        if all(
            normalise_label(str(typed.value(name, position) or "")) in words
            for name, words in typed.block.layout.only.items()
        )
    ]
    keeps = set(kept)
    typed.excluded = [row for position, row in enumerate(typed.rows) if position not in keeps]
    moved = {position: place for place, position in enumerate(kept)}
    typed.rows = [typed.rows[position] for position in kept]
    typed.typed = {name: _pick(each, kept, moved) for name, each in typed.typed.items()}
    for code, columns in typed.items.items():
        typed.items[code] = {name: _pick(each, kept, moved) for name, each in columns.items()}
    typed.faults = {moved[position]: faults for position, faults in typed.faults.items() if position in moved}
    typed.fixes = [(moved[position], fix) for position, fix in typed.fixes if position in moved]
    for name, words in typed.block.layout.only.items():
        if name in typed.typed:
            typed.typed[name] = replace(typed.typed[name], values=[words[0]] * len(kept))


def _pick(typed: TypedColumn, kept: Sequence[int], moved: Mapping[int, int]) -> TypedColumn:
    return replace(
        typed,
        values=[typed.values[position] for position in kept],
        places=[typed.places[position] for position in kept],
        kinds=[typed.kinds[position] for position in kept],
        precisions=[typed.precisions[position] for position in kept],
        approximate=[moved[position] for position in typed.approximate if position in moved],
        faults=[(moved[position], fault) for position, fault in typed.faults if position in moved],
        fixes=[(moved[position], fix) for position, fix in typed.fixes if position in moved],
        spilt=None if typed.spilt is None else [typed.spilt[position] for position in kept],
    )


def note_period(typed: TypedBlock, period: Period) -> None:
    """Give every row the report's period; a row that names another one is at fault (E13)."""
    form = typed.block.form
    name = period_column(form)
    if name is None or period.year is None or "period" not in form.report_key:
        return
    value: Any = dt.date(period.year, period.month, 1) if period.month is not None else period.year
    typed.constants[name] = typed.constants.get(name, NOTHING)._replace(value=value)
    own = typed.typed.get(name)
    if own is None or form.column[name].kind != "month":
        return
    for position, found in enumerate(own.values):
        where = own.places[position]
        if found is not None and found != value and where is not None:
            words = f"该行报告期为{found.year}年{found.month}月"
            fault = Fault("E13", "Q", name, a1(*where), words, f"应为{period.year}年{period.month}月")
            typed.faults.setdefault(position, []).append(fault)


def check_filled(typed: TypedBlock) -> None:
    """Note the cells that must hold a value and do not (E40)."""
    form = typed.block.form
    own_items = typed.block.layout.items.column if typed.block.layout.items is not None else None
    in_items = {name for columns in typed.items.values() for name in columns}
    for name in form.filled:
        if typed.items and (name == own_items or name in in_items):
            continue
        located = typed.block.plain.get(name)
        each = typed.typed.get(name)
        label = form.column[name].label_zh
        for position, row in enumerate(typed.rows):
            if typed.value(name, position) is not None or (each is not None and each.kinds[position] is not None):
                continue
            if any(fault.column_name == name for fault in typed.faults.get(position, ())):
                continue
            address = a1(row, located.col) if located is not None and typed.given is None else None
            fault = Fault("E40", "Q", name, address, f"“{label}”为空", f"应填写{label}")
            typed.faults.setdefault(position, []).append(fault)
