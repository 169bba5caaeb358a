"""One sheet: its tables found and read, every cell classed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.forms import Catalogue
from schemas.slips import LIST_TITLE, find_number
from schemas.text import normalise_label
from transforms.layout.cards import CardMatch, match_cards, read_cards
from transforms.layout.cells import CellClass, Classes
from transforms.layout.context import Context, NameFacts, Said, inherit, read_context
from transforms.layout.findings import Found
from transforms.layout.grid import Grid
from transforms.layout.headers import HeaderMatch, Vocabularies, header_bands, match_band
from transforms.layout.proposal import is_near, propose, unknown_column
from transforms.layout.regions import BlockColumns, Line, blocks_of, is_template, leading_rows, sort_outer_lines
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
    classes: Classes = field(default_factory=Classes)
    tables: list[TableReading] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)
    form_code: str | None = None
    layout_id: str | None = None
    resembles: bool = False

    def ignore(self, reason: str) -> None:
        """Set the whole sheet aside."""
        self.outcome = "ignored"
        self._class_all(CellClass("ignored", reason))

    def refuse(self, reason: str) -> None:
        """Refuse the whole sheet."""
        self.outcome = "refused"
        self._class_all(CellClass("rejected", reason))

    def _class_all(self, cell_class: CellClass) -> None:
        for row, columns in self.grid.rows.items():
            self.classes.put(row, dict.fromkeys(columns, cell_class))

    def settle_outcome(self) -> None:
        """Refuse the sheet where each of its reports was refused, or the part of it that was."""
        refused = [table for table in self.tables if table.refused]
        if not refused:
            return
        if len(refused) == len(self.tables):
            self.refuse("该报表未接收")
            return
        for table in refused:
            for row in self.grid.rows_from(*table.area):
                own = [col for col in self.grid.rows[row] if table.owns(col) or len(self.tables) == 1]
                self.classes.put(row, dict.fromkeys(own, CellClass("rejected", "该报表未接收")))

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
    reading = SheetReading(sheet, grid, "read")
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
    for row, columns in reading.grid.rows.items():
        names = {col: classes[row, col] for col in columns}
        reading.classes.put(row, {col: named.get(name, CellClass(name)) for col, name in names.items()})


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
    for row, columns in grid.rows.items():
        held = reading.classes.row(row)
        if len(held) < len(columns):
            reading.classes.put(row, dict.fromkeys(columns, _STRAY) | {**held})


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
        reading.classes.put(row, dict.fromkeys(reading.grid.rows[row], CellClass("rejected", "没有版式与表头相符")))
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
        classes.put(row, {col: CellClass(context.classes.get((row, col), "title")) for col in grid.rows[row]})
    for row in header_rows & grid.rows.keys():
        classes.put(row, dict.fromkeys(grid.rows[row], _HEADER))
    for row, line in taken.items():
        classes.put(row, dict.fromkeys(grid.rows[row], _LINE_CLASSES[line.kind]))


def _class_block(reading: SheetReading, table: TableReading, rest: Sequence[int]) -> None:
    """Class the cells of one block's lines; a cell that a data row takes its value from is data wherever it stands."""
    grid, classes, block = reading.grid, reading.classes, table.typed.block
    excluded = set(table.typed.excluded)
    ignored = set(block.match.ignored)
    of_data = dict.fromkeys((col for col, _ in block.match.unmatched), _UNKNOWN)
    of_data |= dict.fromkeys(ignored, _UNREAD) | dict.fromkeys(block.columns, _DATA)
    of_others = of_data | dict.fromkeys(block.columns, _OTHERS)
    lines = {line.row: line for line in table.typed.lines}
    lines |= {total.line.row: total.line._replace(kind="total") for total in table.typed.totals}
    is_alone = True
    alike: dict[tuple[bool, tuple[int, ...]], dict[int, CellClass]] = {}
    for row in rest:
        line = lines.get(row)
        if line is None:
            continue
        columns = tuple(grid.rows[row])
        if line.kind == "data":
            by_column = of_others if row in excluded else of_data
            shape = row in excluded, columns
            if shape not in alike:
                alike[shape] = {col: by_column[col] for col in columns if col in by_column}
            own = alike[shape]
        else:
            own = {col: kind for col in columns if (kind := _class_of(line, col, block, grid)) is not None}
        earlier = {col: kind for col, kind in classes.row(row).items() if kind in (_DATA, _TOTAL)}
        is_alone = is_alone and not earlier
        classes.put(row, own | earlier if earlier else own)
    for name, column in table.typed.typed.items():
        located = block.plain.get(name)
        if is_alone and located and column.places == grid.column(table.typed.rows, located.col).places:
            continue  # each row's own cell, or none: they are data already
        for row, col in filter(None, column.places):
            if classes.row(row).get(col) is not _DATA:
                classes.put(row, {col: _DATA})


def _class_of(line: Line, col: int, block: BlockColumns, grid: Grid) -> CellClass | None:
    """Give the class of a cell in a line of a block that is no row; None where it is nothing of the block's."""
    words = line.kind in ("numbered", "section") and not grid.label(line.row, col).isdigit()
    unread = words and col in block.match.ignored and (line.row, col) != line.label
    own = col in block.columns or col in block.label_columns
    if own or (line.kind != "numbered" and len(block.match.layout.blocks) < 2):
        return _UNREAD if unread else _LINE_CLASSES[line.kind]
    return None


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
    before: Mapping[int, CellClass] | None = None
    for row in rest:
        held = reading.classes.row(row)
        if held is before:
            continue
        odd = [col for col in grid.rows[row] if held.get(col, _STRAY) is _STRAY]
        before = None if odd else held
        if odd:
            reading.classes.put(row, dict.fromkeys(odd, _STRAY))
        for col in odd:
            stray.setdefault(row if col in known else -col, 0)
            stray[row if col in known else -col] += 1
    for place, count in stray.items():
        if place > 0:
            address = a1(place, grid.rows[place][0])
            found = f"第{place}行的{count}个单元格不是数据行、合计行或注释"
        else:
            first = next(row for row in rest if reading.classes.row(row).get(-place) is _STRAY)
            address = a1(first, -place)
            found = f"表头以外的一栏有{count}个单元格"
        findings.append(Found("E47", name, address, None, found, "表格以外不应有内容"))
    return findings
