"""Where everything stands on a sheet: rows and a look become cells with addresses. Nothing is drawn here."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Literal, cast

from transforms.sample.envelope import Row, Sheet, Typed, Value
from transforms.sample.spell import WRITTEN_DATES
from transforms.sample.style import Column, Look, TotalRow

_STEMS = "甲乙丙丁戊己庚辛"
_FORMULA_PARTS = 200

CellKind = Literal["text", "number", "date", "formula", "blank"]


@dataclass(frozen=True)
class Put:
    """One cell to write, rows and columns from 0; ``to`` is the last row and column of a merged cell.

    ``cached`` is a formula's value as Excel would have stored it. ``shape`` names the cell's format.
    """

    row: int
    column: int
    kind: CellKind
    value: str | float | dt.date
    shape: str
    to: tuple[int, int] | None = None
    cached: float = 0.0


@dataclass
class Placed:
    """A sheet laid out: its cells, and where each record's columns stand ("" is the record of the head lines)."""

    name: str
    cells: list[Put] = field(default_factory=list)
    addresses: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    widths: tuple[float, ...] = ()
    head_rows: int = 0
    title_row: int = 0


@dataclass(frozen=True)
class Line:
    """One line of the table's body."""

    kind: Literal["data", "subtotal", "total"]
    number: int
    row: Row


def place(sheet: Sheet, look: Look) -> Placed:
    """Lay a sheet out: attachment line, title, head lines, header, body with totals, blank rows, footer."""
    if look.card:
        return _place_cards(sheet, look)
    placed = Placed(sheet.name, widths=tuple(column.width for column in look.columns))
    row = _place_head(placed, sheet, look, len(look.columns))
    row = _place_header(placed, look, row)
    placed.head_rows = row
    lines = _body(sheet, look, row)
    _place_lines(placed, lines, look)
    row += len(lines)
    for blank in range(row, row + look.blank_rows):
        placed.cells += [Put(blank, column, "blank", "", "text") for column in range(len(look.columns))]
    _place_spread(placed, look.footer, sheet.words, row + look.blank_rows, len(look.columns), "foot")
    return placed


def _place_cards(sheet: Sheet, look: Look) -> Placed:
    """Lay out key-value forms: rows become cards, side by side and then below each other, a gap between them."""
    breadth = 2 * max(map(len, look.card))
    width = look.cards_beside * (breadth + 1) - 1
    placed = Placed(sheet.name, widths=(12.0, 22.0) * ((width + 1) // 2))
    top = _place_head(placed, sheet, look, width)
    placed.head_rows = top
    columns = {column.name: column for column in look.columns}
    for number, row in enumerate(sheet.rows):
        down, beside = divmod(number, look.cards_beside)
        _place_card(placed, row, look, columns, top + down * (len(look.card) + 1), beside * (breadth + 1), breadth)
    bottom = top + -(-len(sheet.rows) // look.cards_beside) * (len(look.card) + 1)
    _place_spread(placed, look.footer, sheet.words, bottom, width, "foot")
    return placed


def _place_card(
    placed: Placed, row: Row, look: Look, columns: Mapping[str, Column], top: int, left: int, breadth: int
) -> None:
    for at, line in enumerate(look.card, top):
        for place, name in enumerate(line):
            column, index = columns[name], left + 2 * place
            put = _cell(at, index + 1, row.values.get(name), row.values, column, look)
            edge = left + breadth - 1 if place == len(line) - 1 else index + 1
            merged = (at, edge) if edge > index + 1 else None
            placed.cells.append(Put(at, index, "text", column.header[-1], "head"))
            placed.cells.append(Put(at, index + 1, put.kind, put.value, put.shape, merged, put.cached))
            placed.addresses[row.key, name] = (at, index + 1)


def _place_head(placed: Placed, sheet: Sheet, look: Look, width: int) -> int:
    row, last = 0, width - 1
    if look.attachment:
        placed.cells.append(Put(row, 0, "text", look.attachment, "line"))
        row += 1
    placed.title_row = row
    title = sheet.words.get("title") or look.title.format_map(sheet.words)
    placed.cells.append(Put(row, 0, "text", title, "title", (row, last)))
    placed.addresses["", "report_month"] = (row, 0)
    return _place_spread(placed, look.lines, sheet.words, row + 1, last + 1, "line")


def _place_spread(
    placed: Placed, lines: Sequence[Sequence[str]], words: Mapping[str, str], row: int, width: int, shape: str
) -> int:
    for line in lines:
        edges = [part * width // len(line) for part in range(len(line) + 1)]
        for text, left, right in zip(line, edges, edges[1:], strict=False):
            to = (row, right - 1) if right - left > 1 else None
            placed.cells.append(Put(row, left, "text", text.format_map(words), shape, to))
        row += 1
    return row


def _place_header(placed: Placed, look: Look, top: int) -> int:
    depth, columns = look.depth, look.columns
    for level in range(depth):
        here = [(index, column.header) for index, column in enumerate(columns) if len(column.header) > level]
        for (path, _), run in groupby(here, key=lambda entry: (entry[1][: level + 1], _leaf_index(entry, level))):
            indexes = [index for index, _ in run]
            leaf = len(columns[indexes[0]].header) == level + 1
            bottom = top + depth - 1 if leaf else top + level
            to = (bottom, indexes[-1])
            is_merged = to != (top + level, indexes[0])
            placed.cells.append(Put(top + level, indexes[0], "text", path[level], "head", to if is_merged else None))
    row = top + depth
    if look.units_row:
        placed.cells += [_text(row, index, column.unit, "head") for index, column in enumerate(columns)]
        row += 1
    if look.numbering:
        placed.cells += [
            Put(row, index, "text" if isinstance(mark, str) else "number", mark, "head")
            for index, mark in enumerate(_numbering(columns))
        ]
        row += 1
    return row


def _leaf_index(entry: tuple[int, tuple[str, ...]], level: int) -> int:
    """Keep leaves apart even where two stand side by side under one text."""
    index, path = entry
    return index if len(path) == level + 1 else -1


def _numbering(columns: Sequence[Column]) -> Iterator[str | int]:
    leading = next((i for i, column in enumerate(columns) if column.total), len(columns))
    leading = min(leading, len(_STEMS))
    for index in range(len(columns)):
        yield _STEMS[index] if index < leading else index - leading + 1


def _body(sheet: Sheet, look: Look, top: int) -> list[Line]:
    """Give the lines of the body in order, each with its row number."""
    kinds: list[tuple[Literal["data", "subtotal", "total"], Row]] = []
    total = Row("合计", {look.total.column: look.total.label}) if look.total else None
    if look.subtotal is None:
        kinds += [("data", row) for row in sheet.rows]
    else:
        by, column = look.subtotal.by, look.subtotal.column
        label = sheet.words.get("subtotal_label", look.subtotal.label)
        for number, (_, run) in enumerate(groupby(sheet.rows, key=lambda row: row.values.get(by)), 1):
            group = list(run)
            kinds += [("data", row) for row in group]
            if any(row.sums for row in group):
                kinds.append(("subtotal", Row(f"小计{number}", {column: label})))
    if total is not None and look.total is not None:
        kinds.insert(0 if look.total.place == "first" else len(kinds), ("total", total))
    return [Line(kind, top + offset, row) for offset, (kind, row) in enumerate(kinds)]


def _place_lines(placed: Placed, lines: Sequence[Line], look: Look) -> None:
    data = [line for line in lines if line.kind == "data"]
    for number, line in enumerate(data, 1):
        numbered = {"seq_no": number, **line.row.values}
        for index, column in enumerate(look.columns):
            if column.down == "repeat":
                value = numbered.get(column.name)
                placed.cells.append(_cell(line.number, index, value, numbered, column, look))
                placed.addresses[line.row.key, column.name] = (line.number, index)
    for index, column in enumerate(look.columns):
        if column.down != "repeat":
            _place_down(placed, lines, look, index, column)
    for line in lines:
        if line.kind != "data":
            _place_total(placed, line, lines, look)


def _place_down(placed: Placed, lines: Sequence[Line], look: Look, index: int, column: Column) -> None:
    """Print a repeating value once: merged over its rows, or in the first with blanks below."""
    inside = look.subtotal is not None and look.subtotal.inside and look.subtotal.by == column.name
    runs: list[tuple[Value, list[Line]]] = []
    for line in lines:
        if line.kind == "subtotal" and inside and runs:
            runs[-1][1].append(line)
        if line.kind != "data":
            continue
        value = line.row.values.get(column.name)
        if runs and runs[-1][0] == value and runs[-1][1][-1].number == line.number - 1:
            runs[-1][1].append(line)
        else:
            runs.append((value, [line]))
    for value, run in runs:
        first, last = run[0].number, run[-1].number
        put = _cell(first, index, value, run[0].row.values, column, look)
        if column.down == "merge" and last > first and value is not None:
            put = Put(put.row, put.column, put.kind, put.value, put.shape, (last, index))
        elif column.down == "blank":
            placed.cells += [Put(line.number, index, "blank", "", "text") for line in run[1:]]
        elif column.down == "ditto":
            placed.cells += [_text(line.number, index, "同上" if value else "", "text") for line in run[1:]]
        placed.cells.append(put)
        placed.addresses |= {(line.row.key, column.name): (first, index) for line in run if line.kind == "data"}


def _place_total(placed: Placed, line: Line, lines: Sequence[Line], look: Look) -> None:
    style = cast(TotalRow, look.subtotal if line.kind == "subtotal" else look.total)
    terms = [other for other in _group_of(line, lines) if other.kind == "data" and other.row.sums]
    spans = _spans(line, lines, terms)
    for index, column in enumerate(look.columns):
        if style.inside and column.name == style.by and column.down == "merge":
            continue
        placed.addresses[line.row.key, column.name] = (line.number, index)
        if column.total:
            placed.cells.append(_total_cell(line, terms, spans, index, column, style))
        else:
            placed.cells.append(_text(line.number, index, str(line.row.values.get(column.name) or ""), "total"))


def _total_cell(
    line: Line, terms: Sequence[Line], spans: Sequence[tuple[int, int]], index: int, column: Column, style: TotalRow
) -> Put:
    values = [other.row.values.get(column.name) for other in terms]
    printed = [number for value in values if (number := _printed(value, column)) is not None]
    shape = f"total:{column.places if any(isinstance(number, Decimal) for number in printed) else 0}"
    if style.exact:
        summed = sum((Decimal(value) for value in values if isinstance(value, int | Decimal)), Decimal(0))
        return Put(line.number, index, "number", float(_rounded(summed / column.divide, column.places)), shape)
    cached = _whole(float(sum(float(number) for number in printed)))
    if not 0 < len(spans) <= _FORMULA_PARTS:
        return Put(line.number, index, "number", round(cached, column.places), shape)
    return Put(line.number, index, "formula", _sum_formula(spans, column_letter(index)), shape, cached=cached)


def _group_of(line: Line, lines: Sequence[Line]) -> Sequence[Line]:
    """Give the lines a total line adds up: a subtotal's stand right above it."""
    if line.kind == "total":
        return lines
    above = [other for other in lines if other.number < line.number]
    start = max((other.number for other in above if other.kind != "data"), default=-1)
    return [other for other in above if other.number > start]


def _spans(line: Line, lines: Sequence[Line], terms: Sequence[Line]) -> list[tuple[int, int]]:
    """Give the first and last rows a total's formula names: the subtotals where there are some, else the rows."""
    subtotals = [other.number for other in lines if other.kind == "subtotal"]
    if line.kind == "total" and subtotals:
        return [(number, number) for number in subtotals]
    spans: list[tuple[int, int]] = []
    for term in terms:
        first = spans.pop()[0] if spans and spans[-1][1] == term.number - 1 else term.number
        spans.append((first, term.number))
    return spans


def _sum_formula(spans: Sequence[tuple[int, int]], letter: str) -> str:
    """Write the formula a clerk would: single cells added up, or SUM over runs of rows."""
    if len(spans) > 1 and all(first == last for first, last in spans):
        return "=" + "+".join(f"{letter}{first + 1}" for first, _ in spans)
    return f"=SUM({','.join(f'{letter}{first + 1}:{letter}{last + 1}' for first, last in spans)})"


def column_letter(index: int) -> str:
    """Give the letters of a column counted from 0: A, Z, AA."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def a1(row: int, column: int) -> str:
    """Give the address of a cell counted from 0: (16, 13) is N17."""
    return f"{column_letter(column)}{row + 1}"


def _whole(number: float) -> float:
    """Give 57 for 57.0, as Excel stores it."""
    return int(number) if number.is_integer() else number


def _text(row: int, column: int, text: str, shape: str) -> Put:
    return Put(row, column, "text" if text else "blank", text, shape)


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _printed(value: Value, column: Column) -> int | Decimal | None:
    """Give the number a cell shows for a value, None where it is no number."""
    if isinstance(value, Typed):
        return None if isinstance(value.value, str) else value.value
    return None if isinstance(value, bool) or not isinstance(value, int | Decimal) else _number(value, column)


def _number(value: int | Decimal, column: Column) -> int | Decimal:
    if isinstance(value, int) and column.divide == 1:
        return value
    return _rounded(Decimal(value) / column.divide, column.places)


def _cell(row: int, index: int, value: Value, values: Mapping[str, Value], column: Column, look: Look) -> Put:
    match value:
        case Typed():
            kind: CellKind = "text" if isinstance(value.value, str) else "number"
            typed = value.value if isinstance(value.value, str) else float(value.value)
            return Put(row, index, kind, typed, "text")
        case bool():
            return _text(row, index, column.yes if value else column.no, "text")
        case dt.date():
            if look.date == "real":
                return Put(row, index, "date", value, "date")
            return _text(row, index, WRITTEN_DATES[look.date](value), "text")
        case str():
            word = (look.words or {}).get(column.name, {}).get(value, value)
            return _text(row, index, word, "text")
        case int() | Decimal():
            return _number_cell(row, index, value, values, column)
        case _:
            dated = column.name in ("actual_start", "actual_finish")
            return _text(row, index, look.absent if dated else "", "text")


def _number_cell(row: int, index: int, value: int | Decimal, values: Mapping[str, Value], column: Column) -> Put:
    match column.percent:
        case "cell":
            return Put(row, index, "number", float(value), "percent")
        case "text":
            return _text(row, index, f"{Decimal(value) * 100:.0f}%", "text")
        case "number":
            return Put(row, index, "number", float(Decimal(value) * 100), "number:0")
    printed = _number(value, column)
    shape = "integer" if isinstance(printed, int) else f"number:{column.places}"
    month = values.get(column.name.replace("qty_cum", "qty_month")) if column.formula else None
    if isinstance(month, Decimal) and 0 < month < value:
        before = value - month
        return Put(row, index, "formula", f"={before}+{month}", shape, cached=_whole(float(before) + float(month)))
    return Put(row, index, "number", float(printed), shape)
