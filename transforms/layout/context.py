"""What stands around a table: sender, street, period, unit, edition; and what the names of file and sheet say of them.

Only values behind known labels are taken. What stands behind sign-off labels (填表人, 联系电话 …) is never looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from schemas.codes import CodeList
from schemas.layouts import Common
from schemas.slips import without_mark
from schemas.text import normalise_label
from transforms.layout.grid import Grid, Place
from transforms.values import Unit, find_unit, find_units, parse_month, read_numeral
from transforms.workbook import a1

_PRIVATE = "_private"
# What a line below the table may say for the report; a note may speak of years and editions in passing.
_FOOTER_VALUES = ("filer", "report_date", "period", "street")
_STAMP = r"(?:\([^()]{1,6}\))?"
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_CHINESE_YEAR = re.compile(r"([二一][〇零oO○九八七六五四三二一]{3})年")
_CHINESE_DIGITS = str.maketrans("〇零oO○一二三四五六七八九", "00000123456789")
_SMALL = r"([一二三四五六七八九十\d]{1,3})"
_EDITION = re.compile(rf"第?{_SMALL}次调整|调整第?{_SMALL}次|第{_SMALL}[次版]|调整\(?{_SMALL}\)?(?![\d年月])")
_DOC_NO = re.compile(r"[一-鿿]{1,10}[〔\[【(（]\d{4}[〕\]】)）]第?\d{1,5}号")
_FULL_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[年./_-]\d{1,2}[月./_-]\d{1,2}(?!\d)|(?<!\d)20\d\d[01]\d[0-3]\d(?!\d)")
_COPY_NUMBER = re.compile(r"\((\d{1,2})\)")
_TOKEN = re.compile(r"[-_－—\s·,，、()（）\[\]【】]+")
_LOT = re.compile(r"^\d{1,2}标段$|^第?[一二三四五六七八九十\d]+(?:标段|标|合同段)$|^[一-鿿]{1,4}标段$")
_EXTENSION = re.compile(r"\.[A-Za-z]{1,4}$")


class Said(NamedTuple):
    """A value found in context: its text, and the cell it stands in (None: the name of the file or sheet)."""

    text: str
    place: Place | None

    @property
    def address(self) -> str | None:
        """The cell's address."""
        return None if self.place is None else a1(*self.place)


class Month(NamedTuple):
    """A period some source speaks of; ``year`` or ``month`` may be missing. ``dated``: it came from a full date.

    ``plain_year`` is a year that stands without a month, which a yearly form is about even where a date stands too.
    """

    year: int | None
    month: int | None
    dated: bool = False
    plain_year: int | None = None


@dataclass(frozen=True)
class NameFacts:
    """What a file's name says: period, version, supplement, street, and words that may name the sender."""

    stem: str
    period: Month | None
    version_rank: int
    is_supplement: bool
    street_id: str | None
    edition: int | None
    filer_words: tuple[str, ...]
    is_lock: bool
    lot: str | None = None


@dataclass(frozen=True)
class Context:
    """What the lines above and below a table say. ``units`` come with the row they stand in."""

    values: Mapping[str, Said]
    title: str | None
    title_place: Place | None
    units: tuple[tuple[int, Unit], ...]
    classes: Mapping[Place, str]


@lru_cache(maxsize=4)
def _label_pattern(labels: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """Match any known label with its colon; short ones only where no other word runs into them."""
    spelt = []
    for word, _ in sorted(labels, key=lambda pair: -len(pair[0])):
        letters = r"\s*".join(re.escape(letter) for letter in word)
        spelt.append(letters if len(word) > 2 else rf"(?<!\w){letters}")
    return re.compile(rf"({'|'.join(spelt)})\s*{_STAMP}\s*:")


def labels_of(common: Common) -> tuple[tuple[str, str], ...]:
    """List every label with the context value it stands for; sign-off labels stand for nothing."""
    known = {word: key for key, words in common.labels.items() for word in words}
    private = {word: _PRIVATE for word in common.sign_off if word not in known}
    return tuple((known | private).items())


def split_labels(text: str, common: Common) -> tuple[tuple[str, str], ...]:
    """Take a line apart into (context value, text behind its label); () where no label stands in it."""
    if ":" not in text and "：" not in text:
        return ()
    folded = unicodedata.normalize("NFKC", text)
    known = labels_of(common)
    keys = dict(known)
    found = list(_label_pattern(known).finditer(folded))
    ends = [*(match.start() for match in found[1:]), len(folded)][: len(found)]
    return tuple(
        (keys["".join(match[1].split()).lower()], folded[match.end() : end].strip(" \t\r\n_;；,，　"))
        for match, end in zip(found, ends, strict=True)
    )


def leading_title(text: str, common: Common) -> bool:
    """Whether words stand before the first label of a cell: …情况月报（单位：万平方米）."""
    first = _label_pattern(labels_of(common)).search(unicodedata.normalize("NFKC", text))
    return first is not None and first.start() > 6


def _title_text(text: str, common: Common) -> str:
    """Give a title on one line, without the labelled values that follow it in its cell."""
    folded = unicodedata.normalize("NFKC", text)
    first = _label_pattern(labels_of(common)).search(folded)
    if first is None:
        return " ".join(text.split())
    return " ".join(folded[: first.start()].split()).rstrip(" (（")


def bare_label(label: str, common: Common) -> str | None:
    """Give the context value of a cell that is a label and nothing else (its value stands in the next cell)."""
    word = re.sub(rf"{_STAMP}$", "", label)
    return dict(labels_of(common)).get(word)


def read_context(grid: Grid, rows: Iterable[int], common: Common, footer: Iterable[int] = ()) -> Context:
    """Read the lines above a table, then those below. Cells above are classed title, unit or sign_off."""
    above = _read_lines(grid, rows, common)
    below = _read_lines(grid, footer, common)
    values = {**{key: said for key, said in below.values.items() if key in _FOOTER_VALUES}, **above.values}
    return Context(values, above.title, above.title_place, above.units, above.classes)


def _read_lines(grid: Grid, rows: Iterable[int], common: Common) -> Context:
    values: dict[str, Said] = {}
    units: list[tuple[int, Unit]] = []
    classes: dict[Place, str] = {}
    titles: list[tuple[int, Place]] = []
    for row in rows:
        awaited: str | None = None
        for col in grid.rows.get(row, ()):
            place = (row, col)
            text = grid.cells[place].text
            pairs = split_labels(text, common)
            if not pairs and awaited is not None:
                pairs, awaited = ((awaited, text.strip()),), None
            elif not pairs:
                awaited = bare_label(grid.label(row, col), common)
                pairs = ((awaited, ""),) if awaited is not None else ()
            if not pairs or leading_title(text, common):
                titles.append((_title_weight(grid, place, common), place))
            if not pairs:
                classes[place] = "title"
                continue
            awaited = pairs[-1][0] if not pairs[-1][1] else None
            classes[place] = _note_pairs(pairs, place, values, units)
    titles = [weighed for weighed in titles if weighed[0] > 0]
    title_place = max(titles, key=lambda weighed: (weighed[0], -weighed[1][0]))[1] if titles else None
    title = None if title_place is None else _title_text(grid.cells[title_place].text, common)
    _note_title(grid, classes, values, common)
    return Context(values, title, title_place, tuple(units), classes)


def _note_pairs(
    pairs: Iterable[tuple[str, str]], place: Place, values: dict[str, Said], units: list[tuple[int, Unit]]
) -> str:
    """Take over what one cell says; give its class."""
    kinds = set()
    for key, text in pairs:
        named = find_units(text) if key == "unit" else ()
        if key == _PRIVATE:
            kinds.add("sign_off")
        elif named:
            units.extend((place[0], unit) for unit in named)
            kinds.add("unit")
        elif key == "unit" and text and find_unit(text) is None:
            values.setdefault("filer", Said(text, place))
            kinds.add("title")
        else:
            if text:
                values.setdefault(key, Said(text, place))
            kinds.add("unit" if key == "unit" else "title")
    return next((kind for kind in ("sign_off", "unit", "title") if kind in kinds), "title")


def _title_weight(grid: Grid, place: Place, common: Common) -> int:
    label = grid.label(*place)
    if any(label.startswith(word) for word in common.attachments) and len(label) < 12:
        return 0
    return (1000 if any(word in label for word in common.titles) else 0) + len(label)


def _note_title(grid: Grid, classes: Mapping[Place, str], values: dict[str, Said], common: Common) -> None:
    """Find in free lines what needs no label: a document number, an adjustment, a year (no filing date)."""
    for place, cell_class in classes.items():
        if cell_class != "title":
            continue
        text = grid.cells[place].text
        number = _DOC_NO.search(text)
        if number:
            values.setdefault("doc_no", Said(number[0], place))
        edition = find_edition(text)
        if edition is not None:
            values.setdefault("edition", Said(str(edition), place))
        labelled = values.get("edition")
        if labelled is not None and (number_said := find_edition(labelled.text)) is not None:
            values["edition"] = labelled._replace(text=str(number_said))
        year = find_year(_title_text(text, common))
        if year is not None:
            values.setdefault("year", Said(f"{year}年", place))


def inherit(context: Context, earlier: Context | None) -> Context:
    """Let a further table of a sheet have what its own lines do not say from the table before it."""
    if earlier is None:
        return context
    own_title = context.title is not None
    return Context(
        {**earlier.values, **context.values},
        context.title if own_title else earlier.title,
        context.title_place if own_title else earlier.title_place,
        (*earlier.units, *context.units),
        context.classes,
    )


def find_edition(text: str) -> int | None:
    """Give the number of an adjustment: 第2次调整, 第二次调整; None where the text names none."""
    found = _EDITION.search(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    number = next(group for group in found.groups() if group)
    return int(number) if number.isdigit() else read_numeral(number)


def find_year(text: str) -> int | None:
    """Give the year a text names with 年; None where it names none or several."""
    folded = unicodedata.normalize("NFKC", text)
    years = {int(year) for year in _YEAR.findall(folded)}
    years |= {int(year.translate(_CHINESE_DIGITS)) for year in _CHINESE_YEAR.findall(folded)}
    return years.pop() if len(years) == 1 else None


_PLAIN_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年(?!\s*\d{1,2}\s*月)")


@lru_cache(maxsize=4096)
def find_period(text: str) -> Month | None:
    """Give the month, or else the year, that a text is about."""
    found = parse_month(text)
    if found is not None:
        folded = unicodedata.normalize("NFKC", text)
        plain = {int(year) for year in _PLAIN_YEAR.findall(folded)}
        return Month(*found, bool(_FULL_DATE.search(folded)), plain.pop() if len(plain) == 1 else None)
    year = find_year(text)
    return None if year is None else Month(year, None)


def find_street(text: str, streets: CodeList, common: Common) -> str | None:
    """Give the one street a text names, the longest word at each place; None for none, or for several.

    海淀区 is the district and hides nothing but itself; a street's name right behind another district is not ours.
    """
    label = normalise_label(text)
    words = _street_words(tuple(streets.words.items()), (*common.home_districts, *common.districts))
    found: set[str] = set()
    place, foreign = 0, False
    while place < len(label):
        word, code = next(((w, c) for w, c in words.get(label[place], ()) if label.startswith(w, place)), ("", ""))
        if not word:
            place, foreign = place + 1, False
            continue
        if code and not foreign:
            found.add(code)
        foreign = not code and word not in common.home_districts
        place += len(word)
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=8)
def _street_words(
    streets: tuple[tuple[str, str], ...], districts: tuple[str, ...]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Index street and district words by first character, longest first; a district has no code."""
    by_first: dict[str, list[tuple[str, str]]] = {}
    for word, code in (*streets, *((word, "") for word in districts)):
        if not word.isdigit():
            by_first.setdefault(word[0], []).append((word, code))
    return {first: tuple(sorted(words, key=lambda pair: -len(pair[0]))) for first, words in by_first.items()}


def read_file_name(file_name: str, streets: CodeList | None, common: Common) -> NameFacts:
    """Read what a file's name says (DOMAIN section 7): 03标段-京合二建-进度表2013.12.25.xls."""
    base = file_name.replace("\\", "/").rpartition("/")[2]
    is_lock = base.startswith(common.lock_prefix)
    stem = unicodedata.normalize("NFKC", without_mark(_EXTENSION.sub("", base)))
    label = normalise_label(stem)
    ranks = [rank for word, rank in common.versions.items() if word in label]
    if _COPY_NUMBER.search(label):
        ranks.append(1)
    return NameFacts(
        stem=stem,
        period=find_period(_COPY_NUMBER.sub("", stem)),
        version_rank=max(ranks, default=0),
        is_supplement=any(word in label for word in common.supplements),
        street_id=find_street(stem, streets, common) if streets is not None else None,
        edition=find_edition(stem),
        filer_words=_filer_words(stem, common),
        is_lock=is_lock,
        lot=next((token for token in _TOKEN.split(stem) if _LOT.match(token)), None),
    )


def same_name(stem: str, common: Common) -> str:
    """Give what is left of a file's name without words of versions and copies: the same for each copy of a file."""
    label = _COPY_NUMBER.sub("", normalise_label(stem))
    for word in sorted((*common.versions, *common.copies), key=len, reverse=True):
        label = label.replace(word, "")
    return re.sub(r"\W+", "", label)


def _filer_words(stem: str, common: Common) -> tuple[str, ...]:
    """List the parts of a name that may be the sender's: not a lot, a version word, a form's title or a date."""
    words = []
    for token in _TOKEN.split(stem):
        label = normalise_label(token)
        plain = not label or label.isdigit() or _LOT.match(label) or find_period(token) is not None
        version = any(word in label for word in (*common.versions, *common.supplements, *common.copies))
        attached = any(label.startswith(word) for word in common.attachments)
        titled = any(label.endswith(word) for word in common.titles)
        if not (plain or version or attached or titled) and len(label) > 1:
            words.append(label)
    return tuple(dict.fromkeys(words))
