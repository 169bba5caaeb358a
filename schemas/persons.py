"""Names of persons in the texts of a column of names: what nobody outside the home may read.

A name is what a person is called, as it stands there: 王芳, 欧阳某某, 阿依古丽, 买买提·艾力; also 王女士. 无, 业主 and
the name of an office are nobody's. Where a common word is taken for a name it is hidden for nothing, so a word this
project itself prints is never a name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

from schemas.forms import Catalogue
from schemas.reasons import REASONS
from schemas.text import normalise_label

LONGEST = 20
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(rf"[{_HAN}]+(?:[·•・][{_HAN}]+)*")
_NAME = re.compile(rf"[{_HAN}·•・]{{2,{LONGEST}}}")
_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(r"(?<!\d)\+?[\d \-–—()（）]{7,}(?!\d)")
_SPREAD = re.compile(rf"[{_HAN}](?:[ \u3000]+[{_HAN}](?![{_HAN}])){{1,2}}")


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    said = tomllib.loads((files("schemas") / "persons.toml").read_text(encoding="utf-8"))
    return {name: frozenset("".join(text.split()) if isinstance(text, str) else text) for name, text in said.items()}


def is_name(text: str) -> bool:
    """Whether a text has the form of a name: what comes from a reading process is not believed without."""
    return _NAME.fullmatch(text) is not None


def names_in(text: str, *, surname: bool = False) -> Iterator[str]:
    """Give the names of persons a cell of a column of names holds; with `surname`, only those that begin with one.

    Several may stand in one cell, with phones between them. A cell with other numbers may be an address that slipped
    into the column: only what begins with a surname is believed there.
    """
    text = _NUMBERS.sub("、", text.strip())
    if _SPREAD.fullmatch(text):  # 王 芳, set apart to fill the column
        text = "".join(text.split())
    mixed = _DIGIT.search(text) is not None
    for piece in _PIECE.findall(text):
        name = _without_title(piece)
        if _names_somebody(name, surname=surname or mixed) and not (mixed and len(name) > 3):
            yield name


def names_signed(text: str) -> Iterator[str]:
    """Give the names in a line of signatures (填表人：王芳  审核人：李明)."""
    signs = "|".join(sorted(map(re.escape, _words()["signs"]), key=lambda sign: (-len(sign), sign)))
    for said in re.findall(rf"(?:{signs})(?:[(（][^)）]*[)）])?[:：]\s*(?=([^:：]*))", text):
        first = next(iter(_PIECE.findall(_NUMBERS.sub("、", said))), "")
        spread = _SPREAD.match(said.strip())
        first = "".join(spread[0].split()) if spread is not None and len(first) == 1 else first
        name = _without_title(first)
        if _names_somebody(name, surname=True):
            yield name


def is_sign(text: str) -> bool:
    """Whether a cell holds nothing but what stands before a signature."""
    return normalise_label(text) in _words()["signs"]


def _without_title(piece: str) -> str:
    for title in _words()["honorifics"]:
        if piece.endswith(title) and len(piece) - len(title) >= 2:
            return piece.removesuffix(title)
    return piece


def _names_somebody(name: str, *, surname: bool) -> bool:
    words = _words()
    if (
        name in words["nobody"]
        or name in words["honorifics"]
        or any(name.endswith(each) for each in words["not_persons"])
    ):
        return False
    if any(mark in name for mark in "·•・"):
        return len(name) <= LONGEST
    double = name[:2] in words["compound_surnames"]
    if not 2 <= len(name) <= (5 if double else 4):
        return False
    return double or name[0] in words["surnames"] or not surname


def without_own_words(names: Iterable[str], catalogue: Catalogue) -> set[str]:
    """Leave out what stands in the labels, codes and reasons of this project: hiding it would hide no person."""
    own = "\n".join(own_words(catalogue))
    return {name for name in names if name not in own}


def own_words(catalogue: Catalogue) -> Iterator[str]:
    """Every Chinese text this project itself prints into what leaves the home, or reads as a header."""
    for form in catalogue.forms.values():
        yield from (form.title_zh, form.filed_by_zh, *(column.label_zh for column in form.columns))
    for listed in catalogue.codes.values():
        yield from (listed.title_zh, *listed.labels.values(), *listed.words)
    for layout in catalogue.layouts:
        yield from (label for entry in layout.columns for path in entry.headers for label in path)
    common = catalogue.common
    yield from (*common.totals, *common.notes, *common.sign_off, *common.titles)
    yield from (label for labels in common.labels.values() for label in labels)
    for reason in REASONS.values():
        yield from (reason.title_zh, reason.action_zh)
