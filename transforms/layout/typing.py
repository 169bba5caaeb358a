"""Cells of one located column → typed values, each with its place, faults and fixes. Never drops a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from schemas.codes import CodeList
from schemas.columns import Column
from schemas.layouts import Layout
from schemas.reasons import REASONS
from schemas.text import normalise_label
from transforms.layout.context import Context
from transforms.layout.grid import Cells, Grid, Place
from transforms.layout.headers import Located, spellings
from transforms.values import (
    BLANK,
    LONGEST_REPEAT,
    Outcome,
    Unit,
    ValueFault,
    cell_text,
    find_unit,
    is_null,
    is_same_as_above,
    is_same_as_left,
    needed_unit,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_integer,
    parse_list,
    parse_month_cell,
    parse_ratio,
    parse_storeys,
    parse_tick,
    parse_year,
    parse_year_range,
    plain,
    quote,
    split_status,
    strip_pinyin,
)
from transforms.workbook import Cell, a1

Reader = Callable[[Cell], Outcome]

_DECIMALS = re.compile(r"\d\.(\d+)")
_POINT = re.compile("[.․‥…⒈-⒛㏂㏇㏘︙︰﹒．🄀]")  # what NFKC makes a point, or a text with one
_REAL_NONE = re.compile(r"[无空]")
_MOST_DECIMALS = 6
# A number keeps 15 digits; an identity of 18 that was typed as one has lost its last three.
_LOST_DIGITS = Decimal(10) ** 15
_NOTHING_LEFT = Outcome(None, ValueFault("E41", "写了“同左”，而左侧该行为空", "应填写内容"))
_NOTHING_ABOVE = Outcome(None, ValueFault("E41", "写了“同上”，而上一行该栏为空", "应填写内容"))
_FOOTNOTES = re.compile(r"(?<=[^\d\s,.])\s*\d{1,2}(?:\s*,\s*\d{1,2})*$")


class Fault(NamedTuple):
    """What is wrong with one cell of a row, as `schemas.frames.FAULT`."""

    code: str
    severity: str
    column_name: str
    address: str | None
    found: str
    expected: str


@dataclass(frozen=True)
class TypedColumn:
    """One column over the data rows of a block: lists run parallel to the rows.

    ``faults`` and ``fixes`` name the row by its position. ``spilt`` are the values for the column this one spills into.
    """

    column: Column
    values: list[Any]
    places: list[Place | None]
    kinds: list[str | None]
    precisions: list[str | None]
    approximate: list[int]
    faults: list[tuple[int, Fault]]
    fixes: list[tuple[int, Fault]]
    spilt: list[Any] | None = None
    dates: dict[int, Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class UnitChoice:
    """The unit the numbers of a column are in, from the nearest source; ``conflict`` names two that contradict."""

    unit: Unit | None
    conflict: str | None = None


def choose_unit(
    located: Located, column: Column, context: Context, layout: Layout, unit_row: Unit | None
) -> UnitChoice:
    """Take the nearest unit: unit row, header, unit line or title (nearest line first), layout; texts have none."""
    if column.kind not in ("decimal", "integer", "ratio"):
        return UnitChoice(None)
    if unit_row is not None or located.unit is not None:
        return UnitChoice(unit_row or located.unit)
    wanted = find_unit("%" if column.kind == "ratio" else column.unit or "")
    if wanted is None:
        return UnitChoice(None)
    near = [(row, unit) for row, unit in context.units if unit.dimension == wanted.dimension]
    if near:
        nearest = max(row for row, _ in near)
        units = {unit for row, unit in near if row == nearest}
        factors = {unit.factor for unit in units}
        if len(factors) > 1:
            return UnitChoice(None, f"单位行中同时写了{len(factors)}种{column.label_zh}的计量单位")
        return UnitChoice(units.pop())
    entries = (*layout.columns, *(layout.items.columns if layout.items is not None else ()))
    default = next((entry.unit for entry in entries if entry.column == column.name and entry.unit), None)
    return UnitChoice(find_unit(default) if default else None)


def _repeats_nothing(text: str) -> Outcome | None:
    """Give the fault of a 同上 or 同左 that led nowhere; None for other texts."""
    if is_same_as_above(text):
        return _NOTHING_ABOVE
    return _NOTHING_LEFT if is_same_as_left(text) else None


def find_cells(
    grid: Grid, rows: Sequence[int], col: int, *, merged: bool, repeats: bool, sections: dict[int, Place] | None = None
) -> Cells:
    """Give the cell each row's value stands in: its own, a merged one above, a repeated one, a section line.

    同上 leads to the cell above, 同左 to the one beside it.
    """
    if not (grid.repeats or sections or (merged and col in grid.covered_columns)):
        own = grid.column(rows, col)
        if not repeats or None not in own.cells:
            return own
    cells, anchor = grid.cells, grid.anchor
    places: list[Place | None] = []
    last: Place | None = None
    section: Place | None = None
    for row in rows:
        if sections and sections.get(row) != section:
            section, last = sections.get(row), None
        place: Place | None = (row, col)
        if place not in cells:
            up = anchor.get((row, col))
            place = up if merged and up is not None and up[1] == col else None
        if place is None and repeats:
            place = last
        if place is None and section is not None:
            place = section
        cell = cells[place] if place is not None and place[0] == row else None
        if cell is not None and cell.kind == "text" and len(cell.text) <= LONGEST_REPEAT:
            if is_same_as_above(cell.text):
                place = places[-1] if places and places[-1] is not None else place
            elif is_same_as_left(cell.text):
                place = _beside(grid, row, col) or place
        places.append(place)
        last = place if place is not None else last
    return grid.at(places)


def _beside(grid: Grid, row: int, col: int) -> Place | None:
    """Give the cell to the left that 同左 means, over others that say the same."""
    place = grid.place(row, col - 1)
    while place is not None and is_same_as_left(grid.cells[place].text):
        place = grid.place(row, place[1] - 1)
    return place


def reader_of(column: Column, codes: CodeList | None, unit: UnitChoice, default_year: int | None) -> Reader:
    """Give the function that reads a cell of this column."""
    if unit.conflict is not None:
        return _conflicting(unit.conflict)
    match column.kind:
        case "text":
            return read_text
        case "code":
            return _code_reader(codes, column)
        case "list":
            return lambda cell: _as_list(parse_list(cell))
        case "flags":
            return _flags_reader(codes)
        case "integer":
            source = needed_unit(unit.unit, column.unit)
            return lambda cell: parse_integer(cell, column.unit, source)
        case "storeys":
            return parse_storeys
        case "decimal":
            own = None if column.unit == "item_unit" else column.unit
            source = needed_unit(unit.unit, own)
            return lambda cell: parse_decimal(cell, own, source, column.places, column.precision)
        case "ratio":
            return parse_ratio
        case "date":
            return lambda cell: parse_date(cell, default_year)
        case "month":
            return lambda cell: parse_month_cell(cell, default_year)
        case "year":
            return parse_year
        case "year_range":
            return parse_year_range
        case "boolean":
            return parse_boolean


def remembering(read: Reader) -> Reader:
    """Read a cell once, whoever asks: figures are read for the totals, and again for their rows."""
    known: dict[int, tuple[Cell, Outcome]] = {}

    def read_once(cell: Cell) -> Outcome:
        found = known.get(id(cell))
        if found is None:
            found = known[id(cell)] = cell, read(cell)
        return found[1]

    return read_once


def read_each(read: Reader, found: Cells, blank: Outcome = BLANK) -> list[Outcome]:
    """Read the cells of a column, each object once. ``blank`` is what no cell says."""
    if read not in found.said:
        outcomes = {key: read(cell) for key, cell in found.different.items()}
        outcomes[id(None)] = blank
        found.said[read] = list(map(outcomes.__getitem__, map(id, found.cells)))
    return found.said[read]


def read_text(cell: Cell) -> Outcome:
    """Read a text as written, without the blanks around it; dashes and the like are blanks, 无 is an answer."""
    if cell.kind in ("error", "no_value"):
        return Outcome(None, ValueFault("E42", f"{quote(cell)} 没有可用的值", "应为文字"))
    if cell.kind == "number" and isinstance(cell.value, Decimal) and abs(cell.value) >= _LOST_DIGITS:
        return Outcome(
            None, ValueFault("E49", f"{quote(cell)} 超过15位，按数值存储时尾数已成0", "应为文本格式的完整编号")
        )
    text = strip_pinyin(cell_text(cell)).strip()
    if is_null(text) and not _REAL_NONE.search(text):
        return BLANK
    return Outcome(text)


def _conflicting(conflict: str) -> Reader:
    def read(cell: Cell) -> Outcome:
        if is_null(cell_text(cell)):
            return BLANK
        return Outcome(None, ValueFault("E46", conflict, "同一种量只写一个计量单位"))

    return read


def _as_list(outcome: Outcome) -> Outcome:
    return outcome if outcome.value is None else outcome._replace(value=list(outcome.value))


def _find_code(codes: CodeList, text: str) -> str | None:
    for word in spellings(normalise_label(text)):
        found = codes.find(word)
        if found is not None:
            return found
    return None


def _code_reader(codes: CodeList | None, column: Column) -> Reader:
    known: dict[str, Outcome] = {}

    def read(cell: Cell) -> Outcome:
        if cell.kind in ("error", "no_value"):
            return Outcome(None, ValueFault("E42", f"{quote(cell)} 没有可用的值", f"应为{column.label_zh}"))
        text = cell_text(cell).strip()
        if text not in known:
            known[text] = _read_code(text, codes, column)
        return known[text]

    return read


def _read_code(text: str, codes: CodeList | None, column: Column) -> Outcome:
    """Read one word of a code list; of two words the later in the list stands (E24)."""
    if codes is None:
        return Outcome(None if is_null(text) else text)
    code = _find_code(codes, text)
    if code is not None:
        return Outcome(code)
    if is_null(text):
        return BLANK
    status = split_status(text)
    order = list(codes.labels)
    found = sorted({code for label in status.labels if (code := _find_code(codes, label))}, key=order.index)
    if found:
        return Outcome(found[-1], fix=status.fix)
    known = "、".join(list(codes.labels.values())[:12])
    return Outcome(None, ValueFault("E17", f"{quote(text)} 不是规定的{column.label_zh}", f"应为：{known}"))


def _flags_reader(codes: CodeList | None) -> Reader:
    def read(cell: Cell) -> Outcome:
        listed = parse_list(cell)
        if listed.value is None:
            return listed
        found = [(word, codes.find(word) if codes is not None else word) for word in listed.value]
        unknown = [word for word, code in found if code is None]
        values = list(dict.fromkeys(code for _, code in found if code is not None))
        if unknown and codes is not None:
            known = "、".join(codes.labels.values())
            return Outcome(None, ValueFault("E17", f"{quote(unknown[0])} 不是规定的内容", f"应为：{known}"))
        return Outcome(values)

    return read


def severity_of(fault: ValueFault, column: Column, needed: frozenset[str]) -> str:
    """Give the severity of a cell's fault: a value nobody needs and nothing sums is only warned about."""
    usual = REASONS[fault.code].severity if fault.code in REASONS else "Q"
    soft = fault.code in ("E41", "E17", "E42", "E43", "E11", "E49") and column.name not in needed and not column.sums
    return "W" if usual == "Q" and soft else ("Q" if usual == "F" else usual)


def without_footnotes(read: Reader) -> Reader:
    """Read a text without the numbers of footnotes at its end: Northeast6, United States Total6, 7, 8, 9."""

    def read_plain(cell: Cell) -> Outcome:
        text = _FOOTNOTES.sub("", cell.text.strip())
        return read(Cell("text", text, text) if cell.kind == "text" else cell)

    return read_plain


def type_column(
    grid: Grid,
    column: Column,
    found: Cells,
    read: Reader,
    needed: frozenset[str],
    *,
    percent: bool = False,
) -> TypedColumn:
    """Read one column; a cell that several rows share is read once and its fix is noted once.

    ``percent``: the header or the unit line says that a ratio's plain numbers are percents.
    """
    if column.kind == "ratio":
        read = _ratio_reader(found, percent=percent)
    blank = Outcome(False) if column.kind == "boolean" else BLANK  # a tick that is not there says no
    said = read_each(_unless_repeating(read) if grid.repeats else read, found, blank)
    parts = [list(each) for each in zip(*said, strict=True)] or [[] for _ in Outcome._fields]
    values, faults, about, kinds, precisions, fixes = parts
    spilt: list[Any] | None = None
    if column.spills_into is not None:
        spilt = [value[1] if isinstance(value, tuple) else None for value in values]
        values = [value[0] if isinstance(value, tuple) else value for value in values]
    typed = TypedColumn(column, values, list(found.places), kinds, precisions, [], [], [], spilt)
    if any(faults) or any(about) or any(fixes):
        _note_outcomes(typed, found.cells, said, needed)
    return typed


def _unless_repeating(read: Reader) -> Reader:
    def read_own(cell: Cell) -> Outcome:
        return (_repeats_nothing(cell.text) if cell.kind == "text" else None) or read(cell)

    return read_own


def _note_outcomes(
    typed: TypedColumn, cells: Sequence[Cell | None], said: Sequence[Outcome], needed: frozenset[str]
) -> None:
    """Note the values that are about, the faults, and the fixes of each cell once."""
    column = typed.column
    noted: set[Place] = set()
    for position, (place, cell, outcome) in enumerate(zip(typed.places, cells, said, strict=True)):
        if place is None or cell is None:
            continue
        if outcome.approximate:
            typed.approximate.append(position)
        fault = outcome.fault
        if fault is None and outcome.approximate and column.sums and typed.values[position] is not None:
            fault = ValueFault("E41", f"{quote(cell)} 是约数", "应只填确切的数字")
        if fault is not None:
            severity = severity_of(fault, column, needed)
            typed.faults.append(
                (position, Fault(fault.code, severity, column.name, a1(*place), fault.found, fault.expected))
            )
        if outcome.fix is not None and place not in noted:
            noted.add(place)
            fix = outcome.fix
            severity = REASONS[fix.code].severity
            typed.fixes.append((position, Fault(fix.code, severity, column.name, a1(*place), fix.found, fix.expected)))


def type_ticks(
    grid: Grid, column: Column, rows: Sequence[int], options: Sequence[tuple[int, str]], needed: frozenset[str]
) -> TypedColumn:
    """Read one tick column per option into one list of codes; the place is the first ticked cell."""
    size = len(rows)
    typed = TypedColumn(column, [None] * size, [None] * size, [None] * size, [None] * size, [], [], [])
    for position, row in enumerate(rows):
        chosen: list[str] = []
        for col, code in options:
            cell = grid.cells.get((row, col))
            if cell is None:
                continue
            outcome = parse_tick(cell)
            if outcome.fault is not None:
                severity = severity_of(outcome.fault, column, needed)
                fault = outcome.fault
                typed.faults.append(
                    (position, Fault(fault.code, severity, column.name, a1(row, col), fault.found, fault.expected))
                )
            elif outcome.value and code not in chosen:
                chosen.append(code)
                typed.places[position] = typed.places[position] or (row, col)
        typed.values[position] = chosen
    return typed


def is_percent(located: Located, unit: UnitChoice) -> bool:
    """Whether the header of a ratio column, or its unit, says percent."""
    return (unit.unit is not None and unit.unit.dimension == "percent") or "%" in located.header


def _ratio_reader(found: Cells, *, percent: bool) -> Reader:
    """Judge a ratio column as a whole: a % above it, or any plain number above 1, makes its plain numbers percents.

    Among whole percents above 1 a number between 0 and 1 is a fraction that slipped in; it is taken for one, and
    noted (E11). Where only the header says percent it is taken at the header's word, and noted as well.
    """
    cells = found.different.values()
    numbers = [cell.value for cell in cells if isinstance(cell.value, Decimal) and not cell.is_percent]
    texts = [plain(cell.text) for cell in cells]
    above = any(number > 1 for number in numbers) or any(_plain_number_above_one(text) for text in texts)
    whole = above and all(number == int(number) for number in numbers if number > 1)
    percent = percent or above

    def read(cell: Cell) -> Outcome:
        value = cell.value
        fraction = isinstance(value, Decimal) and not cell.is_percent and 0 < value < 1
        if percent and not above and fraction:
            note = ValueFault("E11", f"{quote(cell)} 在百分数一栏，看似小数", f"已按 {plain(cell.text)}% 处理")
            return parse_ratio(cell, column_is_percent=True)._replace(fix=note)
        if whole and isinstance(value, Decimal) and fraction:
            meant = f"{(value * 100).normalize():f}"
            note = ValueFault("E11", f"{quote(cell)} 是小数，同栏其他为百分数", f"已按 {meant}% 处理")
            return parse_ratio(cell, column_is_percent=False)._replace(fix=note)
        return parse_ratio(cell, column_is_percent=percent)

    return read


def _plain_number_above_one(text: str) -> bool:
    try:
        return float(text) > 1
    except ValueError:
        return False


def decimals_of(found: Cells) -> int:
    """Count the most decimals written in a column, formulas' results left out where anything else stands there."""
    typed = found.different.values()
    written = [cell for cell in typed if not cell.is_formula] or typed
    texts = [cell.text for cell in written if cell.kind == "text"]
    if _POINT.search("\n".join(texts)) is None:
        texts = []
    decimals = [match[1] for text in texts if (match := _DECIMALS.search(plain(text)))]
    decimals += [cell.text.partition(".")[2] for cell in written if cell.kind == "number"]
    return min(max(map(len, decimals), default=0), _MOST_DECIMALS)
