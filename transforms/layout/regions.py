"""Sort the lines below a header: data, totals, sections, notes, sign-off, examples, and what is none of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from schemas.columns import Column
from schemas.forms import Catalogue, Form
from schemas.layouts import Common, Layout
from schemas.text import normalise_label
from transforms.layout.context import bare_label, split_labels
from transforms.layout.grid import Grid, Place
from transforms.layout.headers import HeaderMatch, Located, is_numbering
from transforms.values import Unit, find_unit, is_null

LineKind = Literal[
    "header",
    "sign_off",
    "note",
    "template",
    "example",
    "total",
    "section",
    "data",
    "numbered",
    "scratch",
    "maybe",
    "nameless",
]

_ORDINAL = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．,]?(?=\D)")
_STRONG_ORDINAL = re.compile(r"^(?:[(（][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．])")
_CHINESE_NUMERAL = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）]?$")
_AFTER_NOTE = re.compile(r"^\d{0,2}[:、.]|^$|^\d{1,2}[:、.．]")
_AFTER_SIGN = re.compile(r"^(?:\([^()]{1,8}\))?(?::|$)|^_")
_WIDE = 3
_LONGEST_TOTAL = 24


class Line(NamedTuple):
    """One line of a block. ``label`` is the cell of a total's or section's label, or where it should be."""

    row: int
    kind: LineKind
    label: Place | None = None


@dataclass(frozen=True)
class BlockColumns:
    """The located columns of one block (tables side by side are blocks), sorted by what they are for."""

    index: int
    match: HeaderMatch
    located: tuple[Located, ...]
    units: Mapping[int, Unit] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        """The layout that fits."""
        return self.match.layout

    @property
    def form(self) -> Form:
        """The form of the layout."""
        return self.match.form

    @cached_property
    def plain(self) -> dict[str, Located]:
        """Located columns of the form itself, by name."""
        return {found.target.column: found for found in self.located if found.target.kind == "column"}

    @cached_property
    def ticks(self) -> dict[str, list[Located]]:
        """Tick columns by the flags column they fill."""
        ticks: dict[str, list[Located]] = {}
        for found in self.located:
            if found.target.kind == "flag":
                ticks.setdefault(found.target.column, []).append(found)
        return ticks

    @cached_property
    def items(self) -> dict[str, list[Located]]:
        """Columns of the wide block, by item code in the layout's order."""
        items: dict[str, list[Located]] = {}
        for found in self.located:
            if found.target.kind == "item":
                items.setdefault(found.target.code, []).append(found)
        order = list(self.layout.items.groups) if self.layout.items is not None else []
        return {code: items[code] for code in sorted(items, key=order.index)} if order else items

    @cached_property
    def columns(self) -> frozenset[int]:
        """The sheet columns of the block."""
        return frozenset(found.col for found in self.located)

    @cached_property
    def identity(self) -> tuple[int, ...]:
        """Sheet columns that make a line a data row."""
        named = tuple(self.plain[name].col for name in self.form.row_identity if name in self.plain)
        items = self.layout.items
        if named or items is None or items.column not in self.form.row_identity:
            return named
        # What names a row stands in the header (a district beside another): any word of the line makes it a row.
        kinds = {name: self.form.column[name].kind for name in self.plain}
        return tuple(self.plain[name].col for name in self.plain if kinds[name] in ("text", "code", "year"))[:1]

    @cached_property
    def sums(self) -> tuple[tuple[Located, Column], ...]:
        """Located columns that totals add up."""
        known: Mapping[str, Column] = self.form.column
        return tuple(
            (found, known[found.target.column])
            for found in self.located
            if found.target.column in known and known[found.target.column].sums
        )

    @cached_property
    def sum_columns(self) -> frozenset[int]:
        """Their sheet columns."""
        return frozenset(found.col for found, _ in self.sums)

    @cached_property
    def measures(self) -> frozenset[int]:
        """Sheet columns that hold figures, of the form or of its items."""
        known: Mapping[str, Column] = self.form.column
        return frozenset(
            found.col
            for found in self.located
            if found.target.kind == "item" or known[found.target.column].kind in ("decimal", "integer", "ratio")
        )

    @cached_property
    def dates(self) -> frozenset[int]:
        """Sheet columns that hold dates."""
        known: Mapping[str, Column] = self.form.column
        return frozenset(found.col for name, found in self.plain.items() if known[name].kind in ("date", "month"))

    @cached_property
    def label_columns(self) -> frozenset[int]:
        """Sheet columns in which a total's label may stand: texts, codes and numbers of lines, no free text."""
        known: Mapping[str, Column] = self.form.column
        words = {
            found.col
            for name, found in self.plain.items()
            if known[name].kind in ("text", "code", "list") and known[name].sensitivity == "open"
        }
        return frozenset(words | set(self.match.ignored) | {col for col, _ in self.match.unmatched})

    @cached_property
    def sequence(self) -> frozenset[int]:
        """Sheet columns that only number the lines."""
        number = self.form.sequence_column
        numbering = {self.plain[number].col} if number in self.plain else set()
        return frozenset(numbering | set(self.match.ignored))


def blocks_of(match: HeaderMatch, units: Mapping[int, Unit]) -> tuple[BlockColumns, ...]:
    """Give the blocks of a header: one, or those side by side that hold what identifies a row."""
    if not match.layout.blocks:
        return (BlockColumns(1, match, match.located, units),)
    blocks = []
    for index in range(1, len(match.layout.blocks) + 1):
        located = tuple(found for found in match.located if found.block in (0, index))
        block = BlockColumns(index, match, located, units)
        if any(found.block == index for found in located) and block.identity:
            blocks.append(block)
    return tuple(blocks)


def is_sign_off(label: str, common: Common) -> bool:
    """Whether a line that begins like this is signed: 负责人：, 填表日期：, 审核人(签字)."""
    return label.startswith(common.sign_off) and any(
        label.startswith(word) and _AFTER_SIGN.match(label[len(word) :]) is not None for word in common.sign_off
    )


def is_note(label: str, common: Common) -> bool:
    """Whether a line that begins like this is a note: 注：, 说明:1、, 表格计算:."""
    return label.startswith(common.notes) and any(
        label.startswith(word) and _AFTER_NOTE.match(label[len(word) :]) is not None for word in common.notes
    )


def is_template(label: str, common: Common) -> bool:
    """Whether a text is a template's example."""
    return bool(common.template_words) and _any_of(common.template_words).search(label) is not None


def total_word(label: str, common: Common, layout: Layout | None = None) -> str | None:
    """Give the total word a label is or ends in: 合计, 花园路小计, 合计(32个), 一、小计; None for other texts."""
    if not label or len(label) > _LONGEST_TOTAL:
        return None
    words = _total_words(common, layout)
    if _any_of(words).search(label) is None:
        return None
    text = _STRONG_ORDINAL.sub("", label)
    for word in words:
        if text == word or text.endswith(word):
            return word
        if text.startswith(word) and text[len(word) : len(word) + 1] in ("(", ":", "("):
            return word
    return None


def _total_words(common: Common, layout: Layout | None) -> tuple[str, ...]:
    return (*(layout.total_words if layout is not None else ()), *common.totals)


@lru_cache(maxsize=64)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Find any of some words anywhere: most labels hold none, and one look tells."""
    return re.compile("|".join(map(re.escape, words)))


def without_ordinal(text: str) -> str:
    """Drop 一、 or (二) before a heading."""
    return _ORDINAL.sub("", normalise_label(text))


def leading_rows(grid: Grid, bottom: int, match: HeaderMatch, common: Common) -> tuple[list[int], dict[int, Unit]]:
    """Find the rows right below a header that belong to it: column numbers, units. Units come back by column."""
    rows: list[int] = []
    units: dict[int, Unit] = {}
    for row in grid.rows_from(bottom + 1, bottom + 3):
        labels = {col: grid.label(row, col) for col in grid.rows[row]}
        if _is_unit_row(labels):
            units |= {col: unit for col, label in labels.items() if (unit := find_unit(label)) is not None}
        elif not _is_numbering_row([label for label in labels.values() if not _is_unread(label, common)], common):
            break
        rows.append(row)
    return rows, units


def _is_unit_row(labels: Mapping[int, str]) -> bool:
    named = [label for label in labels.values() if find_unit(label.strip("()")) is not None]
    return bool(named) and len(named) == len(
        [label for label in labels.values() if not is_null(label) and label not in ("单位", "计量单位")]
    )


def _is_unread(label: str, common: Common) -> bool:
    """Whether a cell among column numbers only says that nobody reads its column: 打印时隐藏."""
    return label in common.ignore_headers


def _is_numbering_row(labels: Sequence[str], common: Common) -> bool:
    """甲 乙 丙 1 2 3…: only numbering signs, and the numbers go up by one."""
    if len(labels) < 2 or not all(is_numbering(label, common) for label in labels):
        return False
    numbers = [int(label.strip("()栏")) for label in labels if label.strip("()栏").isdigit()]
    rising = all(b - a == 1 for a, b in pairwise(numbers)) and numbers[:1] <= [1]
    return rising and (len(numbers) < len(labels) or len(numbers) > 2)


def sort_outer_lines(
    grid: Grid, rows: Sequence[int], blocks: Sequence[BlockColumns], common: Common
) -> tuple[dict[int, Line], list[int]]:
    """Take out the lines that are none of any block: sign-off, notes, template examples. The rest is to be sorted."""
    taken: dict[int, Line] = {}
    rest: list[int] = []
    identity = sorted({col for block in blocks for col in block.identity})
    figures = {col for block in blocks for col in (*block.measures, *block.dates)}
    for row in rows:
        first = grid.rows[row][0]
        label = grid.label(row, first)
        signed = is_sign_off(label, common) or bool(split_labels(grid.cells[row, first].text, common))
        if signed and _stands_alone(grid, row, common):
            taken[row] = Line(row, "sign_off")
        elif is_note(label, common) and not any(
            col in identity or (col in figures and _is_number(grid, row, col)) for col in grid.rows[row] if col != first
        ):
            taken[row] = Line(row, "note")
        elif label in common.example_labels:
            taken[row] = Line(row, "example")
        elif example := next((col for col in identity if is_template(grid.label(row, col), common)), None):
            taken[row] = Line(row, "template", (row, example))
        else:
            rest.append(row)
    return taken, rest


def _stands_alone(grid: Grid, row: int, common: Common) -> bool:
    """Whether a line is only labels and what stands behind them, without numbers of a table."""
    numbers = sum(1 for col in grid.rows[row] if grid.cells[row, col].kind == "number")
    labelled = sum(
        1
        for col in grid.rows[row]
        if split_labels(grid.cells[row, col].text, common) or bare_label(grid.label(row, col), common) is not None
    )
    return numbers <= labelled


def sort_lines(grid: Grid, rows: Sequence[int], block: BlockColumns, catalogue: Catalogue) -> list[Line]:
    """Sort the lines of one block by their labels.

    ``maybe`` lines lack part of their name, ``nameless`` ones all of it: they may be totals without a label.
    """
    judge = _SectionJudge(grid, block, catalogue)
    totals = _total_rows(grid, block.layout, catalogue.common)
    lines: list[Line] = []
    shapes: dict[tuple[int, ...], tuple[list[int], bool]] = {}
    for row in rows:
        filled = tuple(grid.rows[row])
        if filled not in shapes:
            shapes[filled] = _own_columns(filled, block)
        own, speaks = shapes[filled]
        if not own:
            continue
        label = _total_label(grid, row, own, block, catalogue) if row in totals else None
        named = [col for col in block.identity if _is_named(grid, row, col, block)]
        figures = not block.layout.rows or any(_is_number(grid, row, col) for col in own if col in block.measures)
        if label is not None and figures:
            lines.append(Line(row, "total", label))
        elif not speaks and all(col in block.sequence for col in own):
            lines.append(Line(row, "numbered"))
        elif block.layout.rows and not _is_row(grid, row, block):
            lines.append(judge.other_line(row, own, figures=figures))
        elif not speaks and judge.is_section(row, own):
            lines.append(Line(row, "section", (row, judge.label_column(row, own))))
        elif not speaks and judge.is_note(row, own, named):
            lines.append(Line(row, "note"))
        elif named and (len(named) == len(block.identity) or _follows(named, block)):
            lines.append(Line(row, "data"))
        elif named:
            lines.append(Line(row, "maybe", _missing_label(grid, row, block)))
        elif any(_is_number(grid, row, found.col) for found, _ in block.sums):
            lines.append(Line(row, "nameless", _missing_label(grid, row, block)))
        else:
            lines.append(Line(row, "scratch"))
    return _without_idle_sections(lines, block)


def _own_columns(filled: Sequence[int], block: BlockColumns) -> tuple[list[int], bool]:
    """Give the columns of a line that are the block's; and whether it says too much for a heading, note or number."""
    own = [col for col in filled if col in block.columns or col in block.label_columns]
    return own, sum(1 for col in own if col not in block.sum_columns and col not in block.sequence) > 1


def _without_idle_sections(lines: list[Line], block: BlockColumns) -> list[Line]:
    """Take headings behind the last row for the notes they are, where the layout says what a row is."""
    last = max((place for place, line in enumerate(lines) if line.kind in ("data", "total")), default=-1)
    if not block.layout.rows:
        return lines
    return [
        line._replace(kind="note", label=None) if line.kind == "section" and place > last else line
        for place, line in enumerate(lines)
    ]


def _is_row(grid: Grid, row: int, block: BlockColumns) -> bool:
    """Whether a line holds what the layout asks of a row."""
    return all(
        any(
            found.target.column == name
            and (place := grid.place(row, found.col)) is not None
            and pattern.fullmatch(grid.cells[place].text.strip()) is not None
            for found in block.located
        )
        for name, pattern in block.layout.rows.items()
    )


def _is_named(grid: Grid, row: int, col: int, block: BlockColumns) -> bool:
    """Whether a name stands in the cell, or in the merged cell of the same column that covers it.

    A number with decimals in a column of names is none: some tool wrote the widths of the columns there.
    """
    place = grid.place(row, col)
    if place is None or place[1] != col or is_null(grid.cells[place].text):
        return False
    value = grid.cells[place].value
    return not isinstance(value, Decimal) or value == int(value) or col in block.measures


def _follows(named: Sequence[int], block: BlockColumns) -> bool:
    """Whether a row names itself in words and only leaves out what repeats the line above."""
    known = {found.col: name for name, found in block.plain.items()}
    said = [known[col] for col in named]
    unsaid = [known[col] for col in block.identity if col not in named]
    return any(block.form.column[name].kind == "text" for name in said) and all(
        name in block.layout.fill_down or name == block.layout.sections for name in unsaid
    )


def _total_rows(grid: Grid, layout: Layout, common: Common) -> set[int]:
    """Give the rows in which any text ends in a total word: no other can hold a total's label."""
    has_word = _any_of(_total_words(common, layout)).search
    labels = ((normalise_label(text), rows) for text, rows in grid.texts(figures=False).items())
    return {row for label, rows in labels if has_word(label) and total_word(label, common, layout) for row in rows}


def _total_label(grid: Grid, row: int, own: Sequence[int], block: BlockColumns, catalogue: Catalogue) -> Place | None:
    for col in own:
        if col not in block.label_columns or grid.cells[row, col].kind != "text":
            continue
        label = grid.label(row, col)
        if total_word(label, catalogue.common, block.layout) is not None and not _is_code(label, col, block, catalogue):
            return row, col
    return None


def _is_code(label: str, col: int, block: BlockColumns, catalogue: Catalogue) -> bool:
    """Whether the text is a code of its column: 合计 is a programme type, too."""
    for name, found in block.plain.items():
        codes = catalogue.codes.get(block.form.column[name].codes or "")
        if found.col == col and codes is not None and block.form.column[name].kind == "code":
            return codes.find(label) is not None
    return False


def _is_number(grid: Grid, row: int, col: int) -> bool:
    cell = grid.cells.get((row, col))
    return cell is not None and (cell.kind == "number" or any(sign.isdigit() for sign in cell.text))


def _missing_label(grid: Grid, row: int, block: BlockColumns) -> Place | None:
    """Give the place where the label of a total without one should stand: the first empty identity cell."""
    for col in block.identity:
        cell = grid.cells.get((row, col))
        if cell is None or is_null(cell.text):
            return row, col
    return None


class _SectionJudge:
    """Tells headings inside a table from its rows."""

    def __init__(self, grid: Grid, block: BlockColumns, catalogue: Catalogue) -> None:
        self.grid, self.block = grid, block
        column = block.form.column.get(block.layout.sections or "")
        codes = catalogue.codes.get("streets" if column is not None and column.name == "street" else "")
        if column is not None and column.codes is not None:
            codes = catalogue.codes.get(column.codes)
        self._find: Callable[[str], str | None] = codes.find if codes is not None else lambda _: None

    def label_column(self, row: int, own: Sequence[int]) -> int:
        """Give the column of a line's first text, row groups at the side left out."""
        aside = {found.col for name, found in self.block.plain.items() if name in self.block.layout.fill_down}
        return next(
            (
                col
                for col in sorted(own, key=lambda col: (col in aside, col))
                if self.grid.cells[row, col].kind == "text"
                and not _CHINESE_NUMERAL.match(self.grid.label(row, col))
                and not is_null(self.grid.cells[row, col].text)
            ),
            own[0],
        )

    def other_line(self, row: int, own: Sequence[int], *, figures: bool) -> Line:
        """Sort a line that is no row by the layout's own rule: a heading, a note, or what is none."""
        col = self.label_column(row, own)
        if self.grid.cells[row, col].kind == "text" and col not in self.block.measures:
            if self.block.layout.sections is not None:
                return Line(row, "section", (row, col))
            if not figures:
                return Line(row, "note")
        return Line(row, "scratch")

    def is_section(self, row: int, own: Sequence[int]) -> bool:
        """Whether a line heads the ones below: 一、抗震节能综合改造, a street; its numbers may be subtotals."""
        grid = self.grid
        col = self.label_column(row, own)
        label = grid.label(row, col)
        sums = self.block.sum_columns
        others = [c for c in own if c != col and c not in sums and c not in self.block.sequence]
        if others or grid.cells[row, col].kind != "text":
            return False
        ordinal = bool(_STRONG_ORDINAL.match(label)) or any(
            _CHINESE_NUMERAL.match(grid.label(row, c)) for c in own if c in self.block.sequence and c != col
        )
        if ordinal or self._find(without_ordinal(label)) is not None:
            return True
        numbers = [c for c in own if c in sums]
        return not numbers and self._is_wide(row, col) and len(label) <= _LONGEST_TOTAL

    def _is_wide(self, row: int, col: int) -> bool:
        return all(self.grid.anchor.get((row, col + step)) == (row, col) for step in range(1, _WIDE))

    def is_note(self, row: int, own: Sequence[int], named: Sequence[int]) -> bool:
        """Whether a line is one text and nothing else, outside the columns that name a row."""
        texts = [col for col in own if col not in self.block.sequence]
        if len(texts) != 1 or self.grid.cells[row, texts[0]].kind != "text":
            return False
        sentence = len(self.grid.label(row, texts[0])) > _LONGEST_TOTAL
        return not named or (sentence and self._is_wide(row, texts[0]))
