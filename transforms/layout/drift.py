"""A form whose headers changed: which header now means which column, how sure that is, and why.

Nothing is read by a proposal. It becomes a layout when a person has looked at it and saved the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from schemas.columns import Column
from schemas.forms import Catalogue
from schemas.layouts import ColumnHeaders, Common, Layout
from schemas.text import normalise_label
from transforms.layout.context import split_labels
from transforms.layout.grid import Grid
from transforms.layout.headers import HeaderMatch, header_bands, match_band, spellings, vocabularies_of
from transforms.layout.proposal import is_near
from transforms.layout.regions import is_note, is_sign_off
from transforms.layout.typing import UnitChoice, reader_of
from transforms.workbook import Cell, Workbook, a1

_SAMPLED = 60
_SURE, _LIKELY = 0.6, 0.45
_NAME, _VALUES, _PLACE = 0.55, 0.25, 0.2
_OUT_OF_KIND = 0.34
_NUMBER_AS_TEXT = 0.6
_STRONG_KINDS = ("code", "date", "month", "year", "year_range", "ratio", "boolean", "flags")


@dataclass(frozen=True)
class Guess:
    """One header and the column it seems to mean. ``column`` is None where none fits: a new column, read by nobody.

    ``confidence`` is between 0 and 1; ``item`` the group or measure of a wide block the header belongs to.
    """

    address: str
    header: str
    column: str | None
    confidence: float
    evidence: tuple[str, ...]
    was: str | None = None
    item: str | None = None


@dataclass(frozen=True)
class ProposedLayout:
    """A drift as it is told: plain values only. ``headers`` are the guesses, ``difference`` the same in words."""

    sheet: str
    form_code: str
    base: str
    is_complete: bool
    confidence: float
    difference: tuple[str, ...]
    headers: tuple[Guess, ...]
    toml: str


@dataclass(frozen=True)
class Drift:
    """What changed against the nearest layout, and the layout that would read it, as TOML."""

    sheet: str
    base: Layout
    guesses: tuple[Guess, ...]
    lacking: tuple[str, ...]
    toml: str
    difference: tuple[str, ...]
    form_code: str

    @property
    def proposed(self) -> ProposedLayout:
        """The same as plain values."""
        told = (self.is_complete, self.confidence, self.difference, self.guesses, self.toml)
        return ProposedLayout(self.sheet, self.form_code, self.base.id, *told)

    @property
    def is_complete(self) -> bool:
        """Whether the proposed layout would read the sheet: no column that must be there is lacking."""
        return not self.lacking

    @property
    def confidence(self) -> float:
        """The least confidence of any column that was guessed."""
        return min((guess.confidence for guess in self.guesses if guess.column is not None), default=1.0)


def find_drifts(workbook: Workbook, catalogue: Catalogue) -> list[Drift]:
    """Look at every visible sheet that is like a form and not quite it; one drift per sheet."""
    vocabularies = vocabularies_of(catalogue)
    found = []
    for sheet in workbook.sheets:
        grid = Grid(sheet)
        if sheet.visibility != "visible" or not grid.cells:
            continue
        matches = [each for band in header_bands(grid, vocabularies) for each in match_band(grid, band, vocabularies)]
        near = [match for match in matches if is_near(match)]
        best = max(near, key=lambda match: (len(match.located), match.score), default=None)
        if best is not None and best.unmatched:
            found.append(find_drift(grid, best, catalogue))
    return found


def find_drift(grid: Grid, match: HeaderMatch, catalogue: Catalogue) -> Drift:
    """Guess what the unknown headers of a sheet mean, by their words, the values under them and where they stand."""
    wide = _wide_words(match)
    words = [guess for header in match.unmatched if (guess := _item_word(match, header, wide)) is not None]
    taken = {guess.address for guess in words}
    unknown = [(col, header) for col, header in match.unmatched if a1(match.bottom, col) not in taken]
    guesses = _assign(grid, match, catalogue, unknown)
    mapped = {guess.column for guess in guesses if guess.column is not None}
    lacking = tuple(name for name in match.missing if name not in mapped)
    every = tuple(sorted((*words, *guesses), key=lambda guess: (len(guess.address), guess.address)))
    toml = "\n".join(_lines(match, every, lacking)) + "\n"
    said = tuple(difference(every, lacking, match))
    return Drift(grid.sheet.name, match.layout, every, lacking, toml, said, match.form.code)


def _assign(grid: Grid, match: HeaderMatch, catalogue: Catalogue, unknown: Sequence[tuple[int, str]]) -> list[Guess]:
    """Give each header at most one column and each column at most one header, best pairs first."""
    located = {found.target.column for found in match.located if found.target.kind != "item"}
    free = [entry for entry in match.layout.columns if entry.column not in located]
    pairs = [
        (score, -rank, col, header, entry, evidence)
        for col, header in unknown
        for rank, entry in enumerate(free)
        for score, evidence in (_likeness(grid, match, catalogue, col, header, entry),)
    ]
    found: dict[int, Guess] = {}
    used: set[str] = set()
    for score, _, col, header, entry, evidence in sorted(pairs, key=lambda pair: pair[:2], reverse=True):
        required = entry.column in match.missing
        if score < (_LIKELY if required else _SURE) or col in found or entry.column in used:
            continue
        used.add(entry.column)
        was = "·".join(entry.headers[0]) if entry.headers else None
        address = a1(match.bottom, col)
        found[col] = Guess(address, header, entry.column, round(score, 2), evidence, was)
    new = ("没有与它相近的栏目，应为新增的栏，不读取",)
    return [found.get(col) or Guess(a1(match.bottom, col), header, None, 0.0, new) for col, header in unknown]


def _likeness(
    grid: Grid, match: HeaderMatch, catalogue: Catalogue, col: int, header: str, entry: ColumnHeaders
) -> tuple[float, tuple[str, ...]]:
    """Weigh words, values and place of a header against a column; 0 where the values are of another kind."""
    column = match.form.column[entry.column]
    evidence = []
    name, alias = _named(header, entry, column)
    if alias:
        evidence.append(f"字面与“{alias}”相似{round(name * 100)}%")
    values, counted = _valued(grid, match, catalogue, col, column)
    if counted and values < _OUT_OF_KIND:
        return 0.0, ()
    if counted:
        evidence.append(f"其下{counted}个值中{round(values * counted)}个符合该栏")
    place, between = _placed(match, col, entry.column)
    if between:
        evidence.append(between)
    if column.name == match.form.sequence_column and column.name not in match.missing and not place:
        return 0.0, ()  # a number of something else
    strong = column.kind in _STRONG_KINDS and counted > 0 and values > 1 - _OUT_OF_KIND
    only = entry.column in match.missing and len(match.missing) == 1
    score = _NAME * name + _VALUES * (values if counted else 0.5) + _PLACE * place
    score += 0.15 if strong else 0.0
    score += 0.2 if only else 0.0
    if only:
        evidence.append("本表只缺这一栏")
    return min(score, 0.99), tuple(evidence)


def _named(header: str, entry: ColumnHeaders, column: Column) -> tuple[float, str]:
    """Give how alike the words are, and the known word that is most alike."""
    leaf = spellings(header.rpartition("·")[2])
    known = [path[-1] for path in entry.headers] + [normalise_label(column.label_zh)]
    best = max(
        (
            (_alike(own, word), word)
            for own in (*leaf, *spellings(header.replace("·", "")))
            for word in dict.fromkeys(known)
        ),
        default=(0.0, ""),
    )
    return best if best[0] > 0.2 else (best[0], "")


def _alike(one: str, other: str) -> float:
    whole = fuzz.ratio(one, other) / 100
    part = fuzz.partial_ratio(one, other) / 100 if min(len(one), len(other)) > 1 else 0.0
    return max(whole, 0.9 * part)


def _valued(grid: Grid, match: HeaderMatch, catalogue: Catalogue, col: int, column: Column) -> tuple[float, int]:
    """Give the share of the values below the header that are of the column's kind and in its range."""
    if column.sensitivity == "personal":
        return 0.0, 0
    read = reader_of(column, catalogue.codes.get(column.codes or ""), UnitChoice(None), None)
    common = catalogue.common
    held = (row for row in grid.rows_from(match.bottom + 1) if (row, col) in grid.cells)
    rows = [row for row in held if grid.cells[row, col].kind not in ("no_value", "error")]
    told = [row for row in rows if _is_told_aside(grid, row, common)]
    cells = [grid.cells[row, col] for row in rows if row not in told][:_SAMPLED]
    good = sum(_fits(read(cell), cell, column) for cell in cells)
    return (good / len(cells) if cells else 0.0), len(cells)


def _is_told_aside(grid: Grid, row: int, common: Common) -> bool:
    """Whether a line is a note or signed, and no row of the table."""
    first = grid.rows[row][0]
    label = grid.label(row, first)
    return (
        is_note(label, common) or is_sign_off(label, common) or bool(split_labels(grid.cells[row, first].text, common))
    )


def _fits(outcome: Any, cell: Cell, column: Column) -> float:
    """Give 1 where a value is of the column's kind and in its range, 0 where not; a number may be a text, too."""
    value = outcome.value
    if outcome.fault is not None or value is None or value == []:
        return 0.0
    if column.kind == "text":
        return 1.0 if cell.kind == "text" else _NUMBER_AS_TEXT
    if isinstance(value, tuple):
        value = value[0]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        low, high = column.low, column.high
        return float((low is None or value >= low) and (high is None or value <= high))
    return 1.0


def _placed(match: HeaderMatch, col: int, name: str) -> tuple[float, str]:
    """Give 1 where the column stands right beside its neighbours of the layout, less where only between them."""
    order = [entry.column for entry in match.layout.columns]
    at = {found.col: found.target.column for found in match.located if found.target.column in order}
    left = max((each for each in at if each < col), default=None)
    right = min((each for each in at if each > col), default=None)
    here = order.index(name)
    before = order.index(at[left]) if left is not None else -1
    after = order.index(at[right]) if right is not None else len(order)
    if not before < here < after:
        return 0.0, ""
    labels = [match.form.column[at[each]].label_zh for each in (left, right) if each is not None]
    beside = here in (before + 1, after - 1)
    return (1.0 if beside else 0.6), f"位置在“{'”与“'.join(labels)}”{'之间' if len(labels) == 2 else '旁边'}"


def _wide_words(match: HeaderMatch) -> Mapping[str, str]:
    """Words of the wide block that the sheet does use, each with what it is: a group's code or a measure."""
    items = match.layout.items
    if items is None:
        return {}
    groups = {word: code for code, words in items.groups.items() for word in words}
    return groups | {path[-1]: entry.column for entry in items.columns for path in entry.headers}


def _item_word(match: HeaderMatch, header: tuple[int, str], words: Mapping[str, str]) -> Guess | None:
    """Guess a new word for a group or a measure of the wide block, where the other part of the header is known."""
    items = match.layout.items
    col, text = header
    parts = text.split("·")
    if items is None or len(parts) < 2:
        return None
    codes, measures = set(items.groups), {entry.column for entry in items.columns}
    known = [words.get(word) for part in parts for word in spellings(part) if word in words]
    strange = [part for part in parts if not any(word in words for word in spellings(part))]
    if len(known) == 0 or not strange:
        return None
    part = strange[-1]
    wanted = measures if known[0] in codes else codes
    choices = [(word, meaning) for word, meaning in words.items() if meaning in wanted]
    if not choices:
        return None
    alike, word, meaning = max((_alike(part, word), word, meaning) for word, meaning in choices)
    if alike < _LIKELY:
        return None
    evidence = (f"字面与“{word}”相似{round(alike * 100)}%", f"同列另有“{'、'.join(p for p in parts if p != part)}”")
    return Guess(a1(match.bottom, col), text, meaning, round(alike, 2), evidence, word, item=part)


def _lines(match: HeaderMatch, guesses: Sequence[Guess], lacking: Sequence[str]) -> Iterable[str]:
    """Write the layout that reads this sheet: the headers as they stand in it, everything else as in the base."""
    layout, form = match.layout, match.form
    yield f"# {form.code} {layout.title}：按来文表头拟的版式，以版式 {layout.id} 为底。未经人工确认不读取。"
    yield "# 确认后改名存入 reference/layouts/ 或 schemas/layouts/，下一次夜间运行自动重读被退回的文件。"
    yield from (f"# {line}" for line in difference(guesses, lacking, match))
    yield f"form = {_text(layout.form)}"
    yield f"title = {_text(layout.title)}"
    depth = match.bottom - match.top + 1
    yield f"header_rows = [{min(layout.header_rows[0], depth)}, {max(layout.header_rows[1], depth)}]"
    yield from _same_as_base(layout)
    yield ""
    yield "[context]"
    yield from (f"{name} = {_text(key)}" for name, key in layout.context.items())
    yield ""
    yield "[columns]"
    headers = {found.target.column: found.header for found in match.located if found.target.kind == "column"}
    guessed = {guess.column: guess for guess in guesses if guess.column is not None and guess.item is None}
    flags = {found.target.column for found in match.located if found.target.kind == "flag"}
    for entry in layout.columns:
        guess = guessed.get(entry.column)
        if guess is not None:
            note = f"  # {guess.address} 把握{guess.confidence:.2f}：{'；'.join(guess.evidence)}"
            yield f"{entry.column} = {_headers([guess.header], entry)}{note}"
        elif entry.column in headers:
            yield f"{entry.column} = {_headers([headers[entry.column]], entry)}"
        elif entry.column in flags:
            yield f"{entry.column} = {_headers(['·'.join(path) for path in entry.headers], entry)}"
    if layout.items is not None:
        yield from _items(layout, [guess for guess in guesses if guess.item is not None])


def difference(guesses: Sequence[Guess], lacking: Sequence[str], match: HeaderMatch) -> Iterable[str]:
    """Say what changed, one line a header, in words a clerk can check."""
    for guess in guesses:
        if guess.column is None:
            yield f"新增 {guess.address} “{guess.header}”：{guess.evidence[0]}"
        else:
            column = match.form.column.get(guess.column)
            label = column.label_zh if column is not None else guess.column
            yield (
                f"改名 {guess.address} “{guess.item or guess.header}”←“{guess.was}”，即{label}；"
                f"把握{guess.confidence:.2f}：{'；'.join(guess.evidence)}"
            )
    for name in lacking:
        yield f"缺少 “{match.form.column[name].label_zh}”：没有找到与它相近的表头，须人工指定"


def _same_as_base(layout: Layout) -> Iterable[str]:
    if layout.fill_down:
        yield f"fill_down = {_list(layout.fill_down)}"
    if layout.period:
        yield f"period = {_list(layout.period)}"
    if layout.ignore_headers:
        yield f"ignore_headers = {_list(sorted(layout.ignore_headers))}"
    if layout.sections is not None:
        more = ", end_at_total = true" if layout.sections_end else ""
        yield f"sections = {{ column = {_text(layout.sections)}{more} }}"
    for key in ("totals", "stated_totals", "footnotes"):
        words = getattr(layout, key)
        if words:
            yield f"{key} = {_list(words)}"
    for key, table in (("splits", layout.splits), ("defaults", layout.defaults), ("drag_fill", layout.drag_fill)):
        if table:
            yield f"{key} = {{ {', '.join(f'{name} = {_text(value)}' for name, value in table.items())} }}"
    if layout.only:
        yield f"only = {{ {', '.join(f'{name} = {_list(words)}' for name, words in layout.only.items())} }}"
    if layout.rows:
        patterns = ", ".join(f"{name} = {_text(pattern.pattern)}" for name, pattern in layout.rows.items())
        yield f"rows = {{ {patterns} }}"


def _items(layout: Layout, guesses: Sequence[Guess]) -> Iterable[str]:
    items = layout.items
    assert items is not None
    more: dict[str, list[str]] = {}
    for guess in guesses:
        if guess.column is not None and guess.item is not None and guess.item not in more.get(guess.column, []):
            more.setdefault(guess.column, []).append(guess.item)
    yield ""
    yield "[items]"
    yield f"column = {_text(items.column)}"
    if items.unit_column is not None:
        yield f"units = {{ column = {_text(items.unit_column)} }}"
    if items.headings is not None:
        yield f"headers = {_text(items.headings)}"
    if items.groups:
        yield ""
        yield "[items.groups]"
        for code, words in items.groups.items():
            yield f"{_key(code)} = {_list((*words, *more.get(code, ())))}"
    yield ""
    yield "[items.columns]"
    for entry in items.columns:
        headers = ["·".join(path) for path in entry.headers] + more.get(entry.column, [])
        yield f"{entry.column} = {_headers(headers, entry)}"


def _headers(headers: Sequence[str], entry: ColumnHeaders) -> str:
    extra = [f"{name} = {_text(value)}" for name in ("unit", "left", "right") if (value := getattr(entry, name))]
    listed = _list(headers)
    return f"{{ headers = {listed}, {', '.join(extra)} }}" if extra else listed


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(_text(text) for text in texts)}]"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter >= " " else f"\\u{ord(letter):04x}" for letter in escaped) + '"'


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "a").isalnum() else _text(name)
