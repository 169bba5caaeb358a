"""One sheet: its tables found and read, every cell classed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any

from schemas.forms import Catalogue
from schemas.slips import LIST_TITLE, find_number
from schemas.text import normalise_label
from transforms.layout.cards import CardMatch, match_cards, read_cards
from transforms.layout.cells import CellClass
from transforms.layout.context import Context, NameFacts, Said, inherit, read_context
from transforms.layout.findings import Found
from transforms.layout.grid import Grid, Place
from transforms.layout.headers import HeaderMatch, Vocabularies, header_bands, match_band
from transforms.layout.proposal import is_near, propose, unknown_column
from transforms.layout.regions import Line, blocks_of, is_template, leading_rows, sort_outer_lines
from transforms.layout.reports import TableReading, read_table_block
from transforms.layout.tables import Surroundings
from transforms.workbook import Sheet, a1

_HEADER, _TITLE, _DATA = CellClass("header"), CellClass("title"), CellClass("data")
_TOTAL, _SIGN_OFF = CellClass("control_total"), CellClass("sign_off")
_NOTE, _SECTION = CellClass("ignored", "注释"), CellClass("ignored", "分类标题")
_EXAMPLE, _NUMBERED = CellClass("ignored", "示例行"), CellClass("ignored", "空白编号行")
_OTHERS, _UNREAD = CellClass("ignored", "非本区的行"), CellClass("ignored", "不读取的栏")
_UNKNOWN, _STRAY = CellClass("rejected", "未识别的栏"), CellClass("rejected", "表外内容")
_LINE_CLASSES = {
    "header": _HEADER,
    "sign_off": _SIGN_OFF,
    "note": _NOTE,
    "template": _EXAMPLE,
    "example": _EXAMPLE,
    "total": _TOTAL,
    "section": _SECTION,
    "numbered": _NUMBERED,
    "scratch": _STRAY,
}
_RESEMBLES_FROM = 3
_WIDE_TITLE_ROW = 4


@dataclass
class SheetReading:
    """One sheet as read: a class for every cell, its tables, and findings that belong to no report."""

    sheet: Sheet
    grid: Grid
    outcome: str
    classes: dict[Place, CellClass]
    tables: list[TableReading] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)
    form_code: str | None = None
    layout_id: str | None = None
    resembles: bool = False

    def ignore(self, reason: str) -> None:
        """Set the whole sheet aside."""
        self.outcome = "ignored"
        self.classes = dict.fromkeys(self.grid.cells, CellClass("ignored", reason))

    def refuse(self, reason: str) -> None:
        """Refuse the whole sheet."""
        self.outcome = "refused"
        self.classes = dict.fromkeys(self.grid.cells, CellClass("rejected", reason))

    def settle_outcome(self) -> None:
        """Refuse the sheet where each of its reports was refused, or the part of it that was."""
        refused = [table for table in self.tables if table.refused]
        if not refused:
            return
        if len(refused) == len(self.tables):
            self.refuse("该报表未接收")
            return
        for table in refused:
            first, last = table.area
            for place in self.grid.cells:
                if first <= place[0] <= last and (table.owns(place[1]) or len(self.tables) == 1):
                    self.classes[place] = CellClass("rejected", "该报表未接收")

    def as_row(self, file_id: str) -> dict[str, Any]:
        """Give the row of the sheets frame."""
        return {
            "file_id": file_id,
            "sheet_index": self.sheet.index,
            "sheet_name": self.sheet.name,
            "visibility": self.sheet.visibility,
            "non_empty_cells": len(self.grid.cells),
            "outcome": self.outcome,
            "form_code": self.form_code,
            "layout_id": self.layout_id,
        }


_NAMELESS = re.compile(r"[x×]{2,}|某某")


def read_sheet(sheet: Sheet, facts: NameFacts, vocabularies: Vocabularies) -> SheetReading:
    """Read one sheet. ``facts`` are what the file's name says."""
    grid = Grid(sheet)
    reading = SheetReading(sheet, grid, "read", {})
    if not grid.cells:
        reading.outcome = "empty"
        return reading
    if is_slip_list(grid):
        reading.ignore("退回单的错误清单")
        return reading
    bands = header_bands(grid, vocabularies)
    matched = [match_band(grid, band, vocabularies) for band in bands]
    cards = match_cards(grid, vocabularies)
    if cards and is_card(cards[0].match, [matches[0] for matches in matched if matches]):
        matched = [[each.match for each in cards]]
    else:
        cards = []
    fitting = [matches[0] for matches in matched if matches and fits(matches)]
    reading.resembles = any(
        len(match.located) >= _RESEMBLES_FROM and (match is matches[0] or is_near(match))
        for matches in matched
        for match in matches
    )
    if sheet.visibility != "visible":
        reading.ignore("隐藏的工作表")
        if fitting:
            form = fitting[0].form
            found = f"隐藏的工作表“{sheet.name}”中有{form.code}{form.title_zh}的内容"
            reading.findings.append(Found("E48", sheet.name, None, None, found, "报送内容应放在可见的工作表中"))
        return reading
    if _is_example(reading, fitting, vocabularies.catalogue):
        reading.ignore("示例工作表")
        found = f"工作表“{sheet.name}”是填报示例"
        reading.findings.append(Found("E20", sheet.name, a1(*min(grid.cells)), None, found, "报送前应删去示例"))
        return reading
    if not fitting:
        reading.refuse("没有版式与表头相符")
        candidates = sorted((each for matches in matched for each in matches), key=lambda each: -len(each.located))
        reading.findings.append(propose(grid, candidates, vocabularies.catalogue, sheet.name))
        return reading
    if not cards:
        matched = [_alone(grid, band, matches, vocabularies) for band, matches in zip(bands, matched, strict=True)]
    if cards:
        _read_cards(reading, cards[0], facts, vocabularies.catalogue)
    else:
        _read_tables(reading, [matches for matches in matched if matches], facts, vocabularies)
    return reading


def is_slip_list(grid: Grid) -> bool:
    """Whether a sheet is the list of a slip that came back with the corrected workbook."""
    return grid.label(*next(iter(grid.cells))) == normalise_label(LIST_TITLE)


def slip_number(grid: Grid) -> str | None:
    """Give the number of the slip whose list a sheet is."""
    if not grid.cells or not is_slip_list(grid):
        return None
    return next((number for cell in grid.cells.values() if (number := find_number(cell.text))), None)


def _alone(
    grid: Grid, band: tuple[int, int], matches: list[HeaderMatch], vocabularies: Vocabularies
) -> list[HeaderMatch]:
    """Judge a header that does not fit by its own rows, without those of the table above it."""
    if not matches or fits(matches) or len(matches[0].located) < _RESEMBLES_FROM:
        return matches
    return match_band(grid, band, vocabularies, look_above=0)


def is_card(card: HeaderMatch, tables: Sequence[HeaderMatch]) -> bool:
    """Whether a sheet is a key-value form: it knows more columns as labels than any table does as headers."""
    most = max((len(each.located) for each in tables), default=0)
    complete = max((len(each.located) for each in tables if not each.missing), default=0)
    return len(card.located) > (complete if not card.missing else most)


def _read_cards(reading: SheetReading, found: CardMatch, facts: NameFacts, catalogue: Catalogue) -> None:
    """Read the key-value forms of a sheet."""
    reading.form_code, reading.layout_id = found.match.form.code, found.match.layout.id
    tables, classes = read_cards(reading.grid, found, facts, catalogue, reading.sheet.name)
    reading.tables += tables
    named = {"": _STRAY, "ignored": _UNREAD}
    reading.classes = {place: named.get(name, CellClass(name)) for place, name in classes.items()}


def fits(matches: Sequence[HeaderMatch]) -> bool:
    """Whether the best match lacks nothing, and the sheet is not more like a form of which it lacks something."""
    best = matches[0]
    return not best.missing and all(len(each.located) <= len(best.located) for each in matches if each.missing)


def _is_example(reading: SheetReading, fitting: Sequence[HeaderMatch], catalogue: Catalogue) -> bool:
    """Whether a sheet is a template's example: named so, or (where no layout fits it) filled with placeholders.

    Where it resembles a form, only a placeholder for a name counts (XXX, 某某): a form with one misspelt header is
    refused with the headers that differ, whatever words it holds.
    """
    common = catalogue.common
    label = normalise_label(reading.sheet.name)
    if any(word in label for word in common.template_sheets):
        return True
    if fitting:
        return False
    labels = (reading.grid.label(*place) for place in reading.grid.cells)
    if reading.resembles:
        return any(_NAMELESS.search(each) for each in labels)
    return any(is_template(each, common) for each in labels)


def _read_tables(
    reading: SheetReading,
    matched: Sequence[list[HeaderMatch]],
    facts: NameFacts,
    vocabularies: Vocabularies,
) -> None:
    grid, catalogue = reading.grid, vocabularies.catalogue
    tables: list[tuple[HeaderMatch, list[HeaderMatch]]] = []
    for matches in matched:
        match = matches[0]
        if fits(matches) and tables and tables[-1][0].signature == match.signature:
            tables[-1][1].append(match)
        elif fits(matches) or _stands_apart(match, [each[0] for each in matched if fits(each)]):
            tables.append((match, []))
    first = next(match for match, _ in tables if not match.missing)
    reading.form_code, reading.layout_id = first.form.code, first.layout.id
    start = 1
    for place, (match, repeats) in enumerate(tables):
        last = grid.last_row
        if place + 1 < len(tables):
            last = _end_before(grid, tables[place + 1][0].top, match.bottom)
        candidates = next(matches for matches in matched if matches[0] is match)
        if fits(candidates):
            _read_table(reading, match, repeats, start, last, facts, catalogue)
        else:
            _reject_table(reading, candidates, start, last, catalogue)
        start = last + 1
    for where in grid.cells if len(reading.classes) < len(grid.cells) else ():
        reading.classes.setdefault(where, _STRAY)


def _stands_apart(match: HeaderMatch, fitting: Sequence[HeaderMatch]) -> bool:
    """Whether a header that no layout fits heads a table of its own, and is no part of a header that fits."""
    near = any(each.top - 3 <= match.bottom and match.top <= each.bottom + 1 for each in fitting)
    plain = len(match.located) == _RESEMBLES_FROM and not match.unmatched
    return (plain or len(match.located) > _RESEMBLES_FROM) and not near


def _reject_table(
    reading: SheetReading, candidates: Sequence[HeaderMatch], start: int, last: int, catalogue: Catalogue
) -> None:
    """Refuse one table of a sheet whose other tables can be read."""
    for row in reading.grid.rows_from(start, last):
        for col in reading.grid.rows[row]:
            reading.classes[row, col] = CellClass("rejected", "没有版式与表头相符")
    reading.findings.append(propose(reading.grid, candidates, catalogue, reading.sheet.name))


def _end_before(grid: Grid, top: int, bottom: int) -> int:
    """Give the last row of a table above another: the lines right above the other's header are the other's."""
    rows = grid.rows_from(bottom + 1, top - 1)
    last = top - 1
    for row in reversed(rows):
        if row < last or len(grid.rows[row]) >= _WIDE_TITLE_ROW:
            break
        last = row - 1
    return last if last > bottom else top - 1


def _read_table(
    reading: SheetReading,
    match: HeaderMatch,
    repeats: Sequence[HeaderMatch],
    start: int,
    last: int,
    facts: NameFacts,
    catalogue: Catalogue,
) -> None:
    grid, common, name = reading.grid, catalogue.common, reading.sheet.name
    leading, units = leading_rows(grid, match.bottom, match, common)
    header_rows = {row for each in (match, *repeats) for row in range(each.top, each.bottom + 1)} | set(leading)
    for each in repeats:
        header_rows |= set(leading_rows(grid, each.bottom, each, common)[0])
    below = [row for row in grid.rows_from(match.bottom + 1, last) if row not in header_rows]
    blocks = blocks_of(match, units)
    taken, rest = sort_outer_lines(grid, below, blocks, common)
    above = grid.rows_from(start, match.top - 1)
    footer = [row for row, line in taken.items() if line.kind in ("sign_off", "note")]
    earlier = reading.tables[-1].context if reading.tables else None
    context = inherit(read_context(grid, above, common, footer), earlier)
    context = replace(context, values={"sheet": Said(name, None), **context.values})
    if facts.lot is not None:
        context = replace(context, values={"lot": Said(facts.lot, None), **context.values})
    around = Surroundings(grid, catalogue, context, name)
    _class_outside(reading, above, header_rows, taken, context)
    readings = [read_table_block(around, rest, block, facts, match, (start, last)) for block in blocks]
    for table in readings:
        _class_block(reading, table, rest)
        reading.tables.append(table)
    readings[0].findings += _table_findings(reading, match, taken, rest)


def _class_outside(
    reading: SheetReading,
    above: Sequence[int],
    header_rows: set[int],
    taken: Mapping[int, Line],
    context: Context,
) -> None:
    grid, classes = reading.grid, reading.classes
    for row in above:
        for col in grid.rows[row]:
            classes[row, col] = CellClass(context.classes.get((row, col), "title"))
    for row in header_rows:
        for col in grid.rows.get(row, ()):
            classes[row, col] = _HEADER
    for row, line in taken.items():
        for col in grid.rows[row]:
            classes[row, col] = _LINE_CLASSES[line.kind]


def _class_block(reading: SheetReading, table: TableReading, rest: Sequence[int]) -> None:
    """Class the cells of one block's lines; a cell that a data row takes its value from is data wherever it stands."""
    grid, classes, block = reading.grid, reading.classes, table.typed.block
    excluded = set(table.typed.excluded)
    ignored = set(block.match.ignored)
    before = {place: kind for place, kind in classes.items() if kind in (_DATA, _TOTAL)} if block.index > 1 else {}
    of_data = dict.fromkeys((col for col, _ in block.match.unmatched), _UNKNOWN)
    of_data |= dict.fromkeys(ignored, _UNREAD) | dict.fromkeys(block.columns, _DATA)
    of_others = of_data | dict.fromkeys(block.columns, _OTHERS)
    kinds = {line.row: line for line in table.typed.lines}
    kinds |= {total.line.row: total.line._replace(kind="total") for total in table.typed.totals}
    filled: list[int] = []
    known: list[int] = []
    for row in rest:
        line = kinds.get(row)
        if line is None:
            continue
        columns = grid.rows[row]
        if line.kind == "data":
            by_column = of_others if row in excluded else of_data
            if columns != filled:
                filled, known = columns, [col for col in columns if col in of_data]
            classes.update(zip(zip(repeat(row), known), map(by_column.__getitem__, known), strict=False))
            continue
        for col in columns:
            words = line.kind in ("numbered", "section") and not grid.label(row, col).isdigit()
            unread = words and col in ignored and (row, col) != line.label
            own = col in block.columns or col in block.label_columns
            if own or (line.kind != "numbered" and len(block.match.layout.blocks) < 2):
                classes[row, col] = _UNREAD if unread else _LINE_CLASSES[line.kind]
    classes.update(before)
    for column in table.typed.typed.values():
        classes.update(zip(filter(None, column.places), repeat(_DATA)))


def _table_findings(
    reading: SheetReading, match: HeaderMatch, taken: Mapping[int, Line], rest: Sequence[int]
) -> list[Found]:
    """Report unknown columns with content (E22), examples (E20), and what is neither row, total nor note (E47)."""
    grid, name = reading.grid, reading.sheet.name
    findings = [unknown_column(grid, match, col, header, name) for col, header in match.unmatched]
    for row, line in taken.items():
        if line.kind == "template":
            where = line.label or (row, grid.rows[row][0])
            findings.append(Found("E20", name, a1(*where), None, f"第{row}行是填报示例", "报送前应删去示例行"))
    stray: dict[int, int] = {}
    known = {found.col for found in match.located} | set(match.ignored) | {col for col, _ in match.unmatched}
    for row in rest:
        for col in grid.rows[row]:
            if reading.classes.get((row, col), _STRAY) is not _STRAY:
                continue
            reading.classes[row, col] = _STRAY
            stray.setdefault(row if col in known else -col, 0)
            stray[row if col in known else -col] += 1
    for place, count in stray.items():
        if place > 0:
            address = a1(place, grid.rows[place][0])
            found = f"第{place}行的{count}个单元格不是数据行、合计行或注释"
        else:
            first = next(row for row in rest if -place in grid.rows[row] and reading.classes[row, -place] is _STRAY)
            address = a1(first, -place)
            found = f"表头以外的一栏有{count}个单元格"
        findings.append(Found("E47", name, address, None, found, "表格以外不应有内容"))
    return findings
