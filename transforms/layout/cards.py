"""Key-value forms (表单): labels with their values beside or below them. A form is a row; a sheet may hold several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from schemas.forms import Catalogue
from schemas.text import normalise_label
from transforms.layout.context import NameFacts, Said, bare_label, read_context, split_labels
from transforms.layout.findings import Found
from transforms.layout.grid import Grid, Place
from transforms.layout.headers import HeaderMatch, Located, Target, Vocabularies, Vocabulary, spellings
from transforms.layout.regions import BlockColumns, is_note, is_sign_off
from transforms.layout.reports import TableReading, read_typed
from transforms.layout.tables import Surroundings, TypedBlock
from transforms.layout.typing import UnitChoice, choose_unit, decimals_of
from transforms.values import is_null, parse_tick, split_header_unit
from transforms.workbook import Cell, a1

_COLONS = (":", "：")


class Label(NamedTuple):
    """A label on the sheet: its cell, the column it stands for ("" for one nobody reads), its value's cell.

    ``inside`` is the value where it stands behind the label in one cell (编号：B3-8). ``words`` are the further cells
    of the value: the options and ticks of a tick list.
    """

    place: Place
    column: str
    text: str
    value: Place | None = None
    inside: str | None = None
    words: tuple[Place, ...] = ()


@dataclass
class Card:
    """One form on a sheet: its labels by column, in its own column band (counted from 1)."""

    band: int
    labels: dict[str, Label] = field(default_factory=dict)
    others: list[Label] = field(default_factory=list)

    @property
    def first_row(self) -> int:
        """The row of its first label."""
        return min(label.place[0] for label in (*self.labels.values(), *self.others))

    @property
    def last_row(self) -> int:
        """The row of its last label or value."""
        places = [label.place for label in (*self.labels.values(), *self.others)]
        return max(row for row, _ in (*places, *(each.value for each in self.labels.values() if each.value)))


@dataclass(frozen=True)
class CardMatch:
    """The forms of one layout found on a sheet."""

    vocabulary: Vocabulary
    cards: tuple[Card, ...]

    @property
    def match(self) -> HeaderMatch:
        """The first form's labels as if they were headers, to compare layouts by and to say what is missing."""
        layout, form = self.vocabulary.layout, self.vocabulary.form
        labels = self.cards[0].labels
        located = tuple(sorted(_located(label) for label in labels.values() if label.column))
        given = {*labels, *layout.context, *layout.defaults}
        missing = tuple(name for name in form.required if name not in given)
        row = self.cards[0].first_row
        return HeaderMatch(layout, form, row, row, located, (), (), missing)


def match_cards(grid: Grid, vocabularies: Vocabularies) -> list[CardMatch]:
    """Find the forms each key-value layout sees on a sheet; the layouts with most labels first."""
    found = []
    spelt: list[tuple[Collection[str], list[int]]] = []
    if vocabularies.cards:
        texts, leaves = grid.texts(figures=vocabularies.figures).items(), vocabularies.card_leaves
        spelt = [(words, rows) for text, rows in texts if not leaves.isdisjoint(words := _spellings(text))]
    for vocabulary in vocabularies.cards:
        rows = {row for words, rows in spelt if not vocabulary.leaves.isdisjoint(words) for row in rows}
        labels = list(_find_labels(grid, vocabulary, rows))
        if any(label.column for label in labels):
            found.append(CardMatch(vocabulary, tuple(_split(labels, grid, vocabulary))))
    return sorted(found, key=lambda each: each.match.score, reverse=True)


def _spellings(text: str) -> Collection[str]:
    """Give everything a cell may be known by as a label that stands alone."""
    before = _before_colon(text)
    whole = spellings(normalise_label(text))
    return whole if before is text else (*whole, *spellings(normalise_label(before)))


def _find_labels(grid: Grid, vocabulary: Vocabulary, rows: Collection[int]) -> Iterator[Label]:
    """Go through these rows cell by cell; a label may be named by those left of it in its line (申请时间·至)."""
    for row in grid.row_numbers:
        if row not in rows:
            continue
        above: tuple[str, ...] = ()
        for col in grid.rows[row]:
            cell = grid.cells[row, col]
            label, inside = _label_of(cell.text, (*above,), vocabulary)
            if label is None:
                continue
            own = "".join(_before_colon(cell.text).split())
            alone = not above or _label_of(cell.text, (), vocabulary)[0] is not None
            yield Label((row, col), label, own if alone else f"{above[-1]}·{own}", None, inside)
            above = (*above, normalise_label(own))


def _before_colon(text: str) -> str:
    if ":" not in text and "：" not in text:
        return text
    return text[: min(text.find(colon) for colon in _COLONS if colon in text)]


def _label_of(text: str, left: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str | None, str | None]:
    """Give the column a cell is the label of ("" for none that is read), and the value behind its colon."""
    whole = normalise_label(text)
    before = normalise_label(_before_colon(text))
    for label in dict.fromkeys((whole, before)):
        if not label:
            continue
        inside = text[len(_before_colon(text)) + 1 :].strip() or None if label != whole else None
        found = vocabulary.match((*left, label))
        if found is not None and found[0].kind == "column":
            return found[0].column, inside
        if vocabulary.ignores((label,)):
            return "", inside
    return None, None


def _split(labels: Sequence[Label], grid: Grid, vocabulary: Vocabulary) -> list[Card]:
    """Part the labels into forms of the same shape, beside and under each other.

    The anchor is the first label that stands as often as most do: it stands once in each form.
    """
    counts = Counter(label.column for label in labels if label.column)
    usual = Counter(counts.values()).most_common(1)[0][0]
    anchors = [label.place for label in labels if label.column and counts[label.column] == usual]
    column = next(label.column for label in labels if label.place == anchors[0])
    anchors = [label.place for label in labels if label.column == column]
    beside = [place[1] for place in anchors if place[0] == anchors[0][0]]
    edge = anchors[0][1] - min(label.place[1] for label in labels)
    known = {label.place: label for label in labels}
    cards: list[Card] = []
    for band, start in enumerate(beside):
        left = start - edge if band else 0
        right = beside[band + 1] - edge if band + 1 < len(beside) else grid.last_column + 1
        own = [label for label in labels if left <= label.place[1] < right]
        rows = [place[0] for place in anchors if left <= place[1] < right]
        lead = rows[0] - min(label.place[0] for label in own)
        for number, row in enumerate(rows):
            first = row - lead if number else 0
            behind = rows[number + 1] - lead if number + 1 < len(rows) else grid.last_row + 1
            cards.append(Card(band + 1))
            for label in own:
                if first <= label.place[0] < behind:
                    _add(cards[-1], label, grid, known, right, vocabulary)
    return cards


def _add(
    card: Card, label: Label, grid: Grid, known: Mapping[Place, Label], right: int, vocabulary: Vocabulary
) -> None:
    if not label.column or label.column in card.labels:
        card.others.append(label)
    else:
        card.labels[label.column] = _with_value(label, grid, known, right, vocabulary)


def _with_value(label: Label, grid: Grid, known: Mapping[Place, Label], right: int, vocabulary: Vocabulary) -> Label:
    """Find the cell of a label's value: behind the colon, beside or below it; no value where a label comes first."""
    if label.inside is not None:
        return label._replace(value=label.place)
    row, col = label.place
    area = next((area for area in grid.sheet.merges if (area.r1, area.c1) == label.place), None)
    if vocabulary.layout.values == "below":
        below = grid.place((area.r2 if area else row) + 1, col)
        return label if below is None or below in known else label._replace(value=below)
    beside: list[Place] = []
    for near in range((area.c2 if area else col) + 1, right):
        place = grid.place(row, near)
        if place in known:
            break
        if place is not None and place not in beside and place[1] > col:
            beside.append(place)
    return label._replace(value=beside[0], words=tuple(beside[1:])) if beside else label


def _located(label: Label) -> Located:
    place = label.value or label.place
    unit = split_header_unit(label.text)[1]
    return Located(place[1], Target("column", label.column), 0, " ".join(label.text.split()), unit)


def read_cards(
    grid: Grid, found: CardMatch, facts: NameFacts, catalogue: Catalogue, sheet: str
) -> tuple[list[TableReading], dict[Place, str]]:
    """Read the forms of a sheet, a report's part for each band of columns; and give each cell's class."""
    layout, form = found.vocabulary.layout, found.vocabulary.form
    context = read_context(grid, grid.row_numbers, catalogue.common)
    if facts.lot is not None:
        context = replace(context, values={"lot": Said(facts.lot, None), **context.values})
    classes = _classes(grid, found, context.classes, catalogue)
    readings = []
    for band in sorted({card.band for card in found.cards}):
        cards = [card for card in found.cards if card.band == band]
        labels = [label for card in cards for label in card.labels.values()]
        located = tuple(sorted({_located(label)[:3]: _located(label) for label in labels}.values()))
        match = replace(found.match, located=located)
        block = BlockColumns(band, match, located)
        values = {label.place: Cell("text", label.inside, label.inside) for label in labels if label.inside is not None}
        for card in cards:
            values |= _ticked(card, grid, block, catalogue)
        around = Surroundings(grid.reading(values), catalogue, context, sheet)
        units = {
            each.slot: choose_unit(each, form.column[each.target.column], context, layout, None) for each in located
        }
        given = {name: [_value(card, name) for card in cards] for name in form.column}
        decimals = {each.slot: decimals_of(grid.at(given[each.target.column])) for each in located}
        typed = TypedBlock(
            block=block,
            lines=[],
            rows=[card.first_row for card in cards],
            excluded=[],
            totals=[],
            units=units,
            resolution={slot: _one(units[slot]).scaleb(-count) for slot, count in decimals.items()},
            decimals=decimals,
            given={name: places for name, places in given.items() if name in block.plain},
        )
        area = (grid.row_numbers[0], grid.last_row)
        readings.append(read_typed(typed, around, facts, match, area))
    readings[0].findings += _left_over(grid, classes, sheet)
    return readings, classes


def _one(unit: UnitChoice) -> Decimal:
    return unit.unit.factor if unit.unit is not None else Decimal(1)


def _value(card: Card, name: str) -> Place | None:
    label = card.labels.get(name)
    return label.value if label is not None else None


def _ticked(card: Card, grid: Grid, block: BlockColumns, catalogue: Catalogue) -> dict[Place, Cell]:
    """Read options with a tick behind each (现场搅拌 / 商品混凝土 √) as the chosen ones, in the first option's cell."""
    chosen: dict[Place, Cell] = {}
    for name, label in card.labels.items():
        codes = catalogue.codes.get(block.form.column[name].codes or "")
        places = [label.value, *label.words] if label.value is not None else []
        if codes is None or len(places) < 2 or label.value is None:
            continue
        words = [place for place in places if codes.find(normalise_label(grid.cells[place].text)) is not None]
        ticked = [
            grid.cells[word].text
            for word, tick in pairwise(places)
            if word in words and tick not in words and parse_tick(grid.cells[tick]).value
        ]
        if words:
            text = "、".join(ticked)
            chosen[label.value] = Cell("text", text, text)
    return chosen


def _classes(grid: Grid, found: CardMatch, around: Mapping[Place, str], catalogue: Catalogue) -> dict[Place, str]:
    """Class every cell: labels, values, what nobody reads, lines around the form; "" for what is none of them."""
    common, form = catalogue.common, found.vocabulary.form
    classes: dict[Place, str] = {}
    titled = _rows_above(grid, found.cards)
    for card in found.cards:
        for label in card.labels.values():
            private = form.column[label.column].sensitivity == "personal"
            for place in (label.value, *label.words):
                if place is not None:
                    classes[place] = "sign_off" if private else "data"
            classes[label.place] = classes.get(label.place, "header")
    for card in found.cards:
        for label in card.others:
            classes.setdefault(label.place, "ignored")
            value = _with_value(label, grid, _all(found), grid.last_column + 1, found.vocabulary)
            for place in (value.value, *value.words):
                if place is not None and label.column == "":
                    classes.setdefault(place, "ignored")
    for place in grid.cells:
        if place in classes:
            continue
        text, label_text = grid.cells[place].text, grid.label(*place)
        if place[0] in titled:
            classes[place] = around.get(place, "title")
        elif around.get(place) == "sign_off" or is_sign_off(label_text, common):
            classes[place] = "sign_off"
        elif split_labels(text, common) or bare_label(label_text, common) is not None:
            classes[place] = around.get(place, "title")
        elif is_note(label_text, common) or is_null(text):
            classes[place] = "ignored"
        else:
            classes[place] = ""
    return classes


def _rows_above(grid: Grid, cards: Sequence[Card]) -> set[int]:
    """Give the rows above a form that no form above it reaches: they hold its titles."""
    spans = sorted((card.first_row, card.last_row) for card in cards)
    within = {row for first, last in spans for row in grid.rows_from(first, last)}
    return {row for row in grid.rows_from(1, spans[-1][0]) if row not in within}


def _all(found: CardMatch) -> dict[Place, Label]:
    return {label.place: label for card in found.cards for label in (*card.labels.values(), *card.others)}


def _left_over(grid: Grid, classes: Mapping[Place, str], sheet: str) -> list[Found]:
    """Report what is neither label nor value (E47), a line at a time."""
    rows: dict[int, list[int]] = {}
    for row, col in grid.cells:
        if classes[row, col] == "":
            rows.setdefault(row, []).append(col)
    return [
        Found(
            "E47",
            sheet,
            a1(row, min(columns)),
            None,
            f"第{row}行有{len(columns)}个单元格既不是栏目名，也不是所填内容",
            "表单以外不应有内容",
        )
        for row, columns in sorted(rows.items())
    ]
