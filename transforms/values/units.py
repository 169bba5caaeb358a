"""Units of measure as senders write them, each with what it is a multiple of."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from transforms.values.texts import plain


class Unit(NamedTuple):
    """`factor` units of `code` make one of what was written: 万㎡ is Unit("m2", "area", 10000)."""

    code: str
    dimension: str
    factor: Decimal


# code, dimension, the words for it (after NFKC, lower case), the scales it comes in
_WORDS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("m2", "area", ("m2", "平米", "平方米", "平方", "平方公尺", "㎡", "m^2", "sqm"), "百千万亿"),
    ("m3", "volume", ("m3", "立方米", "立方", "m^3"), "千万"),
    ("m", "length", ("m", "米", "延米", "延长米", "meter", "metre"), "千万"),
    ("yuan", "money", ("元", "人民币元", "yuan", "cny", "rmb"), "百千万亿"),
    ("household", "household", ("户", "居民户", "household", "households"), "万"),
    ("dwelling", "dwelling", ("套", "dwelling"), "万"),
    ("building", "building", ("栋", "幢", "座", "楼", "栋楼", "幢楼", "building", "buildings"), "万"),
    ("compound", "compound", ("小区", "个小区", "compound", "compounds"), ""),
    ("stairwell", "stairwell", ("单元", "个单元", "stairwell", "stairwells"), ""),
    ("storey", "storey", ("层", "storey", "storeys"), ""),
    ("window", "window", ("樘", "window", "windows"), "万"),
    ("person", "person", ("人", "名", "位", "person", "persons"), "万"),
    ("person_time", "person_time", ("人次", "person_time"), "万"),
    ("day", "day", ("天", "日历天", "day", "days"), ""),
    ("year", "year", ("年", "year", "years"), ""),
    ("piece", "count", ("个", "项", "处", "件", "piece"), "万"),
    ("percent", "percent", ("%", "百分比", "percent"), ""),
)
_SCALES = {"": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_UNITS: dict[str, Unit] = {
    scale + word: Unit(code, dimension, _SCALES[scale])
    for code, dimension, words, scales in _WORDS
    for word in words
    for scale in ("", *scales)
} | {
    "万方": Unit("m2", "area", _SCALES["万"]),
    "百万元": Unit("yuan", "money", Decimal(1_000_000)),
    "公里": Unit("m", "length", Decimal(1000)),
    "km": Unit("m", "length", Decimal(1000)),
    "公顷": Unit("m2", "area", Decimal(10_000)),
}
_ONE = Decimal(1)
_LONGEST = 40
# What 个 counts is said by its column.
_COUNTED = frozenset(("building", "compound", "stairwell", "window", "household", "dwelling", "storey", "count"))
# Words that senders mix up: the number stands, with a warning.
_MIXED_UP = frozenset((("household", "dwelling"), ("person", "person_time")))
_LABEL = re.compile(r"^(?:计量|数量)?单位[:：]?")
_BRACKETS = re.compile(r"[(（\[【]\s*([^()（）\[\]【】]{1,12})\s*[)）\]】]")
_SEPARATORS = re.compile(r"[、,，;；/和及\s]+")


def find_unit(text: str) -> Unit | None:
    """Return the unit a short text names (㎡, 万平方米, (万元), 单位：户, m2); None where it is no unit."""
    return _find_unit(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _find_unit(text: str) -> Unit | None:
    word = "".join(_LABEL.sub("", plain(text).lower()).split())
    if len(word) > 2 and word[0] in "([【" and word[-1] in ")]】":
        word = word[1:-1]
    return _UNITS.get(word)


def find_units(text: str) -> tuple[Unit, ...]:
    """Return all units a unit line names, in its order: 单位：万平方米、栋、户. Other words are passed over."""
    body = _LABEL.sub("", plain(text))
    found = (find_unit(word) for word in _SEPARATORS.split(body) if word)
    return tuple(unit for unit in found if unit is not None)


def split_header_unit(text: str) -> tuple[str, Unit | None]:
    """Take the unit out of a header: 建筑面积（万㎡） → (建筑面积, 万㎡). Brackets without a unit stay."""
    for match in _BRACKETS.finditer(text):
        unit = find_unit(match[1])
        if unit is not None:
            return (text[: match.start()] + text[match.end() :]).strip(), unit
    bare = plain(text)
    if bare.endswith("%") and len(bare) > 1:
        return bare[:-1].strip(), _UNITS["%"]
    return text, None


def resolve_unit(unit: Unit | str | None) -> Unit | None:
    """Return the unit behind a name of ours or a sender's; None for a name that fixes no dimension."""
    return find_unit(unit) if isinstance(unit, str) else unit


class Conversion(NamedTuple):
    """How to come from one unit to another; `conflict` where there is no way, `mixed_up` where words were confused."""

    factor: Decimal
    conflict: bool = False
    mixed_up: bool = False


@lru_cache(maxsize=4096)
def find_conversion(source: Unit | str | None, target: Unit | str | None) -> Conversion:
    """Return what to multiply by to come from the written unit to the column's."""
    written, wanted = resolve_unit(source), resolve_unit(target)
    if written is None:
        return Conversion(_ONE)
    if wanted is None:
        return Conversion(written.factor)
    factor = written.factor / wanted.factor
    if written.dimension == wanted.dimension:
        return Conversion(factor)
    pair = {written.dimension, wanted.dimension}
    if any(pair == set(mixed) for mixed in _MIXED_UP):
        return Conversion(factor, mixed_up=True)
    if "count" in pair and pair <= _COUNTED:
        return Conversion(factor)
    return Conversion(factor, conflict=True)


def needed_unit(source: Unit | None, target: Unit | str | None) -> Unit | None:
    """Return the unit numbers must be converted from; None where it is the column's own."""
    return None if find_conversion(source, target) == Conversion(_ONE) else source
