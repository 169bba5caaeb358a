"""What nobody outside may read in a text: phones, ID numbers, accounts, plates, rooms, and names of persons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from schemas.columns import PolarsType

MASK = "***"

_D = "[0-9０-９]"
_GAP = "[-－–—‐ \u00a0\u3000]?"
_PATTERNS = (
    rf"{_D}{{17}}[0-9０-９XxＸｘ]",
    rf"{_D}{{6}}[- ]{_D}{{8}}[- ]?{_D}{{3}}[0-9XxＸｘ]",
    rf"{_D}{{4}}(?:[- ]{_D}{{4}}){{3,}}(?:[- ]?{_D}{{1,3}})?",  # accounts in groups of four
    rf"{_D}{{12,}}[XxＸｘ]?",
    rf"[1１][3-9３-９]{_D}(?:{_GAP}{_D}{{4}}){{2}}",
    rf"[1１][3-9３-９]{_D}(?:[.．·]{_D}{{4}}){{2}}",
    rf"[(（]?[0０]{_D}{{2,3}}[)）]?{_GAP}{_D}{{7,8}}",
    rf"[(（]?[0０]{_D}{{2,3}}[)）]?{_GAP}{_D}{{3,4}}{_GAP}{_D}{{4}}",
    rf"{_D}{{11}}",
    r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-Z][·• ]?[A-Z0-9]{5,6}",  # plates
    r"[0-9一二三四五六七八九十]+单元[0-9一二三四五六七八九〇零十]+(?:室|号|房)?",  # rooms
)
# Digits that go on from others, or behind the point of a decimal, are part of a number, not of a phone.
_GUARD = r"(^|[^0-9０-９.]|^\.|[^0-9０-９]\.)"
_RULES = tuple(f"{_GUARD}(?:{pattern})" for pattern in _PATTERNS)
_ANY_RULE = f"{_GUARD}(?:{'|'.join(_PATTERNS)})"
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_HASH = "^[0-9a-f]{12,64}$"
_SHORTEST = 10
"""No pattern fits a shorter text without Chinese characters: an area code and seven digits are ten."""


class Masker:
    """Hides persons in texts. `names` are hidden wherever they stand, the longer ones first.

    What it has hidden it finds nothing more to hide in, so that the same says whether a text shows somebody.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        whole = {name.strip() for name in names if len(name.strip()) > 1}
        spelt = whole | {gap.join(name) for name in whole if len(name) <= 3 for gap in (" ", "\u3000")}
        self.names = tuple(sorted(whole))
        self.shortest = _SHORTEST if all(re.search(_HAN, name) for name in whole) else 2
        """In fewer characters, where none is Chinese, nobody can show."""
        self._spelt = sorted(spelt, key=lambda name: (-len(name), name))

    def texts(self, texts: pl.Series, *, ids: bool = False) -> pl.Series:
        """Mask texts; hashes stay, and of ids only those that are made of words are looked at."""
        shown = pl.col("text")
        for rule in _RULES:
            shown = shown.str.replace_all(rule, "${1}" + MASK)
        if self._spelt:
            shown = shown.str.replace_many(self._spelt, [MASK], leftmost=True)
        text = pl.col("text")
        stays = ~text.str.contains(_HAN) if ids else text.str.contains(_HASH) & text.str.contains("[a-f]")
        frame = texts.alias("text").to_frame()
        return frame.select(pl.when(stays).then(text).otherwise(shown).alias(texts.name)).to_series()

    def text(self, text: str) -> str:
        """Mask one text."""
        return str(self.texts(pl.Series([text], dtype=pl.String)).item())

    def within(self, value: Any) -> Any:
        """Mask every text inside lists and dicts, names of keys excepted."""
        texts = sorted(texts_in(value))
        shown = self.texts(pl.Series(texts, dtype=pl.String)).to_list()
        changed = {text: other for text, other in zip(texts, shown, strict=True) if text != other}
        return _replaced(value, changed) if changed else value

    def changed(self, texts: pl.Series, *, ids: bool = False) -> pl.DataFrame:
        """Give the texts that show somebody, and what stands in their place: columns `text` and `shown`."""
        suspected = texts.alias("text").filter(self.suspects(texts))
        shown = self.texts(suspected, ids=ids).alias("shown")
        return pl.DataFrame([suspected, shown]).filter(pl.col("text") != pl.col("shown"))

    def suspects(self, texts: pl.Series) -> pl.Series:
        """Tell which texts have to be looked at: one look for all that could show somebody, where hiding takes many."""
        found = texts.str.contains(_ANY_RULE)
        return found | texts.str.contains_any(self._spelt) if self._spelt else found


def is_id(name: str) -> bool:
    """Whether a column holds ids or codes, which join: only what words they are made of can name somebody."""
    return name.endswith(("_id", "_ids", "_code", "_digest")) or name in (
        "code",
        "code_version",
        "slip_number",
        "read_by",
    )


def holds_text(dtype: PolarsType) -> bool:
    """Whether a column of this type can hold a text, however deep."""
    if isinstance(dtype, pl.Struct):
        return any(holds_text(field.dtype) for field in dtype.fields)
    if isinstance(dtype, pl.List):
        return holds_text(dtype.inner)
    return dtype == pl.String


def texts_in(value: Any) -> set[str]:
    """Every text inside lists and dicts, names of keys excepted."""
    if isinstance(value, str):
        return {value}
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return {text for each in inside for text in texts_in(each)}


def _replaced(value: Any, changed: dict[str, str]) -> Any:
    if isinstance(value, str):
        return changed.get(value, value)
    if isinstance(value, dict):
        return {name: _replaced(each, changed) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_replaced(each, changed) for each in value)
    return value
