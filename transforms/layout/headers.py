"""Find tables by their header texts: which column of the sheet is which column of a form. Never by row number.

A column's header path is what stands in its header cells from top to bottom, merges filled in. An alias fits when its
last part is the path's last part and its earlier parts occur above in order; the alias with most parts wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from schemas.columns import Column
from schemas.forms import Catalogue, Form
from schemas.layouts import Common, Layout
from schemas.text import normalise_label
from transforms.layout.grid import Grid
from transforms.values import Unit, find_unit, split_header_unit

Path = tuple[str, ...]
Slot = tuple[int, str]

_YEAR_PREFIX = re.compile(r"^(?:19|20)\d\d年(?:度)?(?=.)")
_ORDINAL_PREFIX = re.compile(r"^(?:\(?[一二三四五六七八九十]+\)?[、.]|\(?\d{1,2}[)、]|\d{1,2}\.(?=\D)|其中[:,]?)")
_SHORTENED = re.compile(r"[(（[【%年、.)其]")  # in every text that has a unit, a year or an ordinal
_FORMULA_LABEL = re.compile(
    r"^[a-z]{1,2}(?:=.*)?$|^\(?\d{1,3}\)?(?:栏)?(?:=.*)?$"
    r"|^[a-z]{1,2}\d$|^(?=.*[+*/=\-×÷])(?=.*[a-z0-9])(?:[a-z]{1,2}\d?(?![a-z0-9])|\d{1,3}(?!\d)|[()+*/=\-×÷,.%])+$"
)
_YEAR_HEADING = re.compile(r"^((?:19|20)\d\d)(?:年度?)?[*†]*$")
_MONTH_HEADING = re.compile(r"^((?:19|20)\d\d)(?:[年./-](0?[1-9]|1[0-2])|(0[1-9]|1[0-2]))月?(?:份|-0?1)?[*†]*$")
_DIGITS_AND_SIGNS = re.compile(r"[-0-9.:]*[0-9][-0-9.:]*")
_FIGURE = re.compile(r"^-?\d[\d,]*(?:\.\d+)?%?$")
_BAND_HITS = 2
_BAND_ROWS = 6
_TRIED_LAYOUTS = 5
_LOOK_ABOVE = 3


class Target(NamedTuple):
    """What a header means. ``code`` is the item of a wide block, or the option of a tick column."""

    kind: Literal["column", "item", "flag"]
    column: str
    code: str = ""


class Located(NamedTuple):
    """A column of a sheet that was recognised. ``block`` counts tables side by side from 1; 0 is shared by all."""

    col: int
    target: Target
    block: int
    header: str
    unit: Unit | None

    @property
    def slot(self) -> Slot:
        """What tells it from all others of its block: values of a key-value form stand below each other."""
        return self.col, self.target.column


@dataclass(frozen=True)
class HeaderMatch:
    """How well a layout fits the header in rows ``top`` to ``bottom``."""

    layout: Layout
    form: Form
    top: int
    bottom: int
    located: tuple[Located, ...]
    unmatched: tuple[tuple[int, str], ...]
    ignored: tuple[int, ...]
    missing: tuple[str, ...]
    parts: int = 0
    doubtful: tuple[str, ...] = ()

    @property
    def score(self) -> tuple[bool, int, int, int, int]:
        """Larger is better: nothing missing, most columns, fewest unknown ones, most texts understood, fewest rows.

        A parent that is understood may carry the unit of what stands below it.
        """
        return not self.missing, len(self.located), -len(self.unmatched), self.parts, self.top - self.bottom

    @property
    def signature(self) -> tuple[tuple[int, Target, int], ...]:
        """What repeats where the header is printed again further down."""
        return tuple((found.col, found.target, found.block) for found in self.located)


def spellings(label: str) -> tuple[str, ...]:
    """List the comparable forms of a header text: as it is, without its unit, its year, its ordinal."""
    return (label,) if _SHORTENED.search(label) is None else _spellings(label)


@lru_cache(maxsize=65536)
def _spellings(label: str) -> tuple[str, ...]:
    found = [label]
    for strip in (_without_unit, _without_year, _without_ordinal):
        found += [shorter for text in list(found) if (shorter := strip(text)) and shorter not in found]
    return tuple(found)


def _without_unit(label: str) -> str:
    return normalise_label(split_header_unit(label)[0])


def _without_year(label: str) -> str:
    return _YEAR_PREFIX.sub("", label)


def _without_ordinal(label: str) -> str:
    return _ORDINAL_PREFIX.sub("", label)


@lru_cache(maxsize=65536)
def unit_in_header(label: str) -> Unit | None:
    """Give the unit a header text carries: in brackets, as 单位:元, or being nothing but a unit."""
    return split_header_unit(label)[1] or find_unit(label)


def is_numbering(label: str, common: Common) -> bool:
    """Whether a cell numbers its column: 甲, 3, (3), D=B-A."""
    return label in common.numbering or bool(_FORMULA_LABEL.match(label))


@lru_cache(maxsize=65536)
def heading_value(label: str, kind: str | None) -> str | None:
    """Give the year ("2024") or month ("2018-02") a header text is; None where it is none, or nothing is looked for."""
    if kind == "year":
        year = _YEAR_HEADING.match(label)
        return None if year is None else year[1]
    if kind == "month":
        month = _MONTH_HEADING.match(label)
        return None if month is None else f"{month[1]}-{int(month[2] or month[3]):02d}"
    return None


class Vocabulary:
    """One layout's headers, indexed by their last part."""

    def __init__(self, layout: Layout, form: Form, catalogue: Catalogue) -> None:
        self.layout = layout
        self.form = form
        self.ignored = layout.ignore_headers | catalogue.common.ignore_headers
        self._by_leaf: dict[str, list[tuple[Path, int, Target]]] = {}
        for order, (parts, target) in enumerate(self._aliases(catalogue)):
            self._by_leaf.setdefault(parts[-1], []).append((parts, order, target))
        measures = layout.items.columns if layout.items is not None else ()
        self.words = frozenset(self._by_leaf) | frozenset(
            part for aliases in self._by_leaf.values() for parts, _, _ in aliases for part in parts
        )
        self.words |= {part for entry in measures for header in entry.headers for part in header}
        self.headings = layout.items.headings if layout.items is not None else None
        self.beside = {
            entry.column: [(step, name) for step, name in ((-1, entry.left), (1, entry.right)) if name is not None]
            for entry in layout.columns
        }
        self.block_words = {word: index for index, block in enumerate(layout.blocks, 1) for word in block.under}
        self.leaves = frozenset(self._by_leaf) | self.ignored
        self._matched: dict[Path, tuple[Target, int, tuple[int, int]] | None] = {}

    def _aliases(self, catalogue: Catalogue) -> Iterator[tuple[Path, Target]]:
        for entry in self.layout.columns:
            for header in entry.headers:
                yield header, Target("column", entry.column)
        yield from self._item_aliases()
        for entry in self.layout.columns:
            yield from self._flag_aliases(self.form.column[entry.column], entry.headers, catalogue)

    def _item_aliases(self) -> Iterator[tuple[Path, Target]]:
        items = self.layout.items
        if items is None:
            return
        for code, groups in items.groups.items():
            for group in groups:
                for entry in items.columns:
                    target = Target("item", entry.column, code)
                    for header in entry.headers:
                        yield (group, *header), target
                        yield (*header, group), target
                        yield ("".join((group, *header)),), target
                        yield ("".join((*header, group)),), target
                if items.column in self.form.column:
                    yield (group,), Target("item", items.columns[0].column, code)

    def _flag_aliases(
        self, column: Column, headers: Sequence[Path], catalogue: Catalogue
    ) -> Iterator[tuple[Path, Target]]:
        codes = catalogue.codes.get(column.codes or "")
        if column.kind != "flags" or codes is None:
            return
        for word, code in codes.words.items():
            for header in headers:
                yield (*header, word), Target("flag", column.name, code)
            yield (word,), Target("flag", column.name, code)

    def match(self, path: Path) -> tuple[Target, int, tuple[int, int]] | None:
        """Give what a header path means, its block, and how good the alias is (more is better)."""
        if path not in self._matched:
            self._matched[path] = self._match(path)
        return self._matched[path]

    def _match(self, path: Path) -> tuple[Target, int, tuple[int, int]] | None:
        block, rest = self._take_block(path)
        if not rest:
            return None
        found = self._lookup(rest)
        if found is None and len(rest) > 1 and find_unit(rest[-1]) is not None:
            found = self._lookup(rest[:-1])
        if found is None:
            found = self._under_heading(rest)
        return None if found is None else (found[0], block, found[1])

    def _under_heading(self, path: Path) -> tuple[Target, tuple[int, int]] | None:
        """Give the measure of a year or month that stands in the path."""
        items = self.layout.items
        for place, part in enumerate(path):
            value = heading_value(part, self.headings)
            if items is None or value is None:
                continue
            others = path[:place] + path[place + 1 :]
            for entry in items.columns:
                named = others and any(
                    header[-1] in spellings(others[-1]) and _stand_above(header[:-1], others[:-1])
                    for header in entry.headers
                )
                if named or not entry.headers:
                    return Target("item", entry.column, value), (len(path) if named else 1, 0)
        return None

    def counts(self, labels: Mapping[str, int]) -> int:
        """Count the texts that are words of this layout's headers."""
        return sum(1 for word in labels if word in self.words or heading_value(word, self.headings) is not None)

    def _take_block(self, path: Path) -> tuple[int, Path]:
        for place, part in enumerate(path):
            for word in spellings(part):
                if word in self.block_words:
                    return self.block_words[word], path[:place] + path[place + 1 :]
        return 0, path

    def _lookup(self, path: Path) -> tuple[Target, tuple[int, int]] | None:
        best: tuple[Target, tuple[int, int]] | None = None
        for preference, leaf in enumerate(spellings(path[-1])):
            for parts, order, target in self._by_leaf.get(leaf, ()):
                quality = (len(parts), -(preference * 10_000 + order))
                if (best is None or quality > best[1]) and _stand_above(parts[:-1], path[:-1]):
                    best = target, quality
        return best

    def ignores(self, path: Path) -> bool:
        """Whether a column under this header is one nobody reads."""
        return not self.ignored.isdisjoint(spellings(path[-1]))


def _stand_above(wanted: Path, above: Path) -> bool:
    """Whether the wanted headers occur in this order above."""
    place = 0
    for part in above:
        if place < len(wanted) and wanted[place] in spellings(part):
            place += 1
    return place == len(wanted)


class Vocabularies:
    """All layouts of a catalogue, ready to be tried."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        known = [Vocabulary(layout, catalogue.forms[layout.form], catalogue) for layout in catalogue.layouts]
        self.each = tuple(each for each in known if each.layout.values is None)
        self.cards = tuple(each for each in known if each.layout.values is not None)
        self.words = frozenset(word for each in self.each for word in each.words)
        self.headings = frozenset(each.headings for each in self.each if each.headings is not None)
        self.card_leaves = frozenset[str]().union(*(each.leaves for each in self.cards))
        self.figures = any(_DIGITS_AND_SIGNS.fullmatch(word) for word in self.words | self.card_leaves)

    def hits(self, grid: Grid) -> Counter[int]:
        """Count, by row, the cells that hold a word of any header; years and months count beside such words."""
        texts = grid.texts(figures=self.figures).items()
        hits = Counter(row for text, rows in texts if self.knows(normalise_label(text)) for row in rows)
        for row in hits if self.headings else ():
            labels = (grid.label(row, col) for col in grid.rows[row])
            hits[row] += sum(1 for label in labels if any(heading_value(label, kind) for kind in self.headings))
        return hits

    def knows(self, label: str) -> bool:
        """Whether a text is part of any known header."""
        return not self.words.isdisjoint(spellings(label))


_INDEXED: dict[int, Vocabularies] = {}


def vocabularies_of(catalogue: Catalogue) -> Vocabularies:
    """Index a catalogue, once a process."""
    known = _INDEXED.get(id(catalogue))
    if known is None or known.catalogue is not catalogue:
        known = _INDEXED[id(catalogue)] = Vocabularies(catalogue)
    return known


def header_bands(grid: Grid, vocabularies: Vocabularies) -> list[tuple[int, int]]:
    """List the runs of rows that look like a header: two header words or more, and a third of the row's cells.

    Where header words are merged down, the rows they cover belong to the run; empty rows between do not end it.
    """
    bottoms = {(area.r1, area.c1): area.r2 for area in grid.sheet.merges if area.r2 > area.r1}
    bands: list[tuple[int, int]] = []
    counted = vocabularies.hits(grid)
    for row in grid.row_numbers:
        hits = counted[row]
        if hits < _BAND_HITS or hits * 3 < len(grid.rows[row]) or _holds_a_figure(grid, row, vocabularies):
            continue
        reach = {bottoms.get((row, col), row) for col in grid.rows[row] if vocabularies.knows(grid.label(row, col))}
        last = min(max(reach), row + _BAND_ROWS - 1)
        near = bands and not grid.rows_from(bands[-1][1] + 1, row - 1)
        if near and row - bands[-1][0] < _BAND_ROWS:
            bands[-1] = (bands[-1][0], max(bands[-1][1], last))
        else:
            bands.append((row, last))
    return bands


def _holds_a_figure(grid: Grid, row: int, vocabularies: Vocabularies) -> bool:
    """Whether a row of header words holds a number too, other than a year or a month: then it is a row of the table."""
    labels = [grid.label(row, col) for col in grid.rows[row]]
    figures = [label for label in labels if _FIGURE.match(label)]
    return any(not any(heading_value(label, kind) for kind in ("year", "month")) for label in figures)


def match_band(
    grid: Grid, band: tuple[int, int], vocabularies: Vocabularies, look_above: int = _LOOK_ABOVE
) -> list[HeaderMatch]:
    """Try the layouts whose words stand in the band; best first, one match per layout.

    A header may begin up to ``look_above`` rows above the band, with rows of words no layout knows.
    """
    first, last = band
    labels = Counter(
        word
        for row in grid.rows_from(first, last)
        for col in grid.rows[row]
        for word in set(spellings(grid.label(row, col)))
    )
    likely = sorted(vocabularies.each, key=lambda each: -each.counts(labels))
    matches: list[HeaderMatch] = []
    paths: dict[tuple[int, int], dict[int, Path]] = {}
    highest = first - 1 if _spans_parts(grid, first - 1) else first
    for vocabulary in likely[:_TRIED_LAYOUTS]:
        tried = [
            match_header(top, bottom, vocabulary, _paths_once(grid, top, bottom, paths))
            for bottom in range(first, last + 1)
            for top in range(
                max(1, first - look_above, bottom - vocabulary.layout.header_rows[1] + 1),
                bottom - vocabulary.layout.header_rows[0] + 2,
            )
        ]
        fitting = [match for match in tried if match.located]
        if fitting:
            best = max(fitting, key=lambda match: match.score)
            parents = [m for m in fitting if m.bottom == best.bottom and highest <= m.top <= best.top]
            doubtful = sorted({column for match in parents for column in match.doubtful} - set(best.missing))
            matches.append(replace(best, missing=(*best.missing, *doubtful)))
            if not matches[-1].missing and not matches[-1].unmatched:
                break  # every column is known: no other layout can know more
    return sorted(matches, key=lambda match: match.score, reverse=True)


def _spans_parts(grid: Grid, row: int) -> bool:
    """Whether a row's texts stand over several columns each, side by side: parents of the headers below, no title."""
    return sum(1 for area in grid.sheet.merges if area.r1 == area.r2 == row and area.c2 > area.c1) > 1


def _paths_once(grid: Grid, top: int, bottom: int, known: dict[tuple[int, int], dict[int, Path]]) -> dict[int, Path]:
    if (top, bottom) not in known:
        known[top, bottom] = header_paths(grid, top, bottom)
    return known[top, bottom]


def match_header(top: int, bottom: int, vocabulary: Vocabulary, paths: Mapping[int, Path]) -> HeaderMatch:
    """Read rows top to bottom as the header of one layout."""
    found: dict[tuple[int, Target], tuple[tuple[int, int], Located]] = {}
    unmatched: list[tuple[int, str]] = []
    ignored: list[int] = []
    beside: dict[int, Located] = {}
    twice: set[str] = set()
    for col, path in paths.items():
        if col in beside:
            continue
        match = vocabulary.match(path)
        header = "·".join(path)
        if match is None:
            if vocabulary.ignores(path):
                ignored.append(col)
            else:
                unmatched.append((col, header))
            continue
        target, block, quality = match
        located = Located(col, target, block, header, _nearest_unit(path))
        known = found.get((block, target))
        differ = known is not None and known[0][0] == quality[0] and known[1].header != header
        if differ and _is_measure(vocabulary, target):
            twice.add(target.column)
        if known is not None and known[0] >= quality:
            unmatched.append((col, header))
            continue
        if known is not None:
            unmatched.append((known[1].col, known[1].header))
        found[block, target] = quality, located
        for step, name in vocabulary.beside.get(target.column, ()):
            near = col + step
            if near > 0 and paths.get(near, path if step > 0 else None) in (None, path):
                own_header = header if near in paths else ""
                beside[near] = Located(near, Target("column", name), block, own_header, None)
                found[block, beside[near].target] = quality, beside[near]
    located_columns = tuple(sorted(located for _, located in found.values()))
    return HeaderMatch(
        vocabulary.layout,
        vocabulary.form,
        top,
        bottom,
        located_columns,
        tuple(sorted(unmatched)),
        tuple(ignored),
        _missing(vocabulary, located_columns),
        sum(quality[0] for quality, _ in found.values()),
        tuple(sorted(twice)),
    )


def _is_measure(vocabulary: Vocabulary, target: Target) -> bool:
    """Whether a column is added up: of two headers for it under different parents neither may be taken by its place."""
    column = vocabulary.form.column.get(target.column)
    return target.kind == "column" and column is not None and column.sums


def header_paths(grid: Grid, top: int, bottom: int) -> dict[int, Path]:
    """Give each column's header texts from top to bottom; one merged cell counts once.

    A header that stands over several columns without being merged reaches to the right, as far as the columns below
    it have a header of their own and nothing else stands above them.
    """
    paths: dict[int, Path] = {}
    reaching: dict[int, str] = {}
    columns = sorted(
        {col for row in grid.rows_from(top, bottom) for col in grid.rows[row]}
        | {col for (row, col) in grid.anchor if top <= row <= bottom}
    )
    for col in columns:
        parts: list[str] = []
        places: list[tuple[int, int]] = []
        lowest = max((row for row in range(top, bottom + 1) if (row, col) in grid.cells), default=0)
        for row in range(top, bottom + 1):
            place = grid.place(row, col)
            if place is not None:
                if place in places:
                    continue
                places.append(place)
                parts.append(grid.label(row, col))
                if place == (row, col) and row < bottom:
                    reaching[row] = parts[-1] if lowest > row else ""
                elif row < bottom:
                    reaching[row] = ""
            elif row < lowest and reaching.get(row):
                parts.append(reaching[row])
        if parts:
            paths[col] = tuple(parts)
    return paths


def _nearest_unit(path: Path) -> Unit | None:
    """Give the unit of the lowest header text that carries one."""
    for place, part in enumerate(reversed(path)):
        unit = split_header_unit(part)[1] or (find_unit(part) if place == 0 and len(path) > 1 else None)
        if unit is not None:
            return unit
    return None


def _missing(vocabulary: Vocabulary, located: Sequence[Located]) -> tuple[str, ...]:
    layout, form = vocabulary.layout, vocabulary.form
    given = {found.target.column for found in located} | set(layout.context) | set(layout.defaults)
    given |= {column for block in layout.blocks for column in block.values}
    given |= {layout.sections} if layout.sections is not None and layout.rows else set()
    if layout.items is not None and any(found.target.kind == "item" for found in located):
        given.add(layout.items.column)
    return tuple(name for name in form.required if name not in given)


def labels_of(form: Form, names: Sequence[str]) -> str:
    """Say columns by their Chinese labels."""
    columns: Mapping[str, Column] = form.column
    return "、".join(columns[name].label_zh for name in names)
