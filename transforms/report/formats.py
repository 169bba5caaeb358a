"""How a figure is written in the report: 万㎡ with two decimals, percent with one, half-up only here; NULL is a dash.

A column's name ends in its unit (``_m2``, ``_ratio``, ``_yuan``), so the name decides; the label is the warehouse's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

NOTHING = "—"
_ZONE = ZoneInfo("Asia/Shanghai")
_TEN_THOUSAND = Decimal(10_000)
_SCALED = {"_m2": ("万㎡", _TEN_THOUSAND), "_yuan": ("万元", _TEN_THOUSAND)}
_PLAIN_INTEGERS = ("year", "rank", "_no")
_MEASURES = ("int", "Decimal", "float")


def half_up(value: Decimal, places: int) -> str:
    """A number with that many decimals, thousands apart, half-up."""
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"


def unit_of(column: str) -> str | None:
    """The unit the report shows a column in, where its name says one."""
    return next((unit for ending, (unit, _) in _SCALED.items() if column.endswith(ending)), None)


def heading(column: str, label: str) -> str:
    """The label of a column, with the unit its figures are written in."""
    unit = unit_of(column)
    return f"{label}（{unit}）" if unit else label


def is_measure(column: str, value: Any) -> bool:
    """Whether a value is a figure: a number that is not a year."""
    return type(value).__name__ in _MEASURES and not column.endswith("year")


def scaled(column: str, value: Decimal | int) -> Decimal:
    """The value in the unit the report shows."""
    for ending, (_, factor) in _SCALED.items():
        if column.endswith(ending):
            return Decimal(value) / factor
    return Decimal(value)


def show(column: str, value: Any, words: Mapping[str, str] | None = None) -> str:
    """A value as text. ``words`` are the labels of its codes; a code without a label stays as it is."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "是" if value else "否"
        case int() | Decimal():
            return _number(column, Decimal(value), isinstance(value, int))
        case dt.datetime():
            return f"{value.astimezone(_ZONE):%Y-%m-%d}"
        case dt.date():
            return f"{value:%Y-%m}" if re.search(r"(^|_)month$", column) else value.isoformat()
        case list():
            return "、".join(show(column, each, words) for each in value) or NOTHING
    text = str(value)
    return (words or {}).get(text, text) or NOTHING


def _number(column: str, value: Decimal, whole: bool) -> str:
    if unit_of(column):
        return half_up(scaled(column, value), 2)
    if column.endswith("_ratio"):
        return f"{half_up(value * 100, 1)} %"
    if whole:
        return str(value) if column.endswith(_PLAIN_INTEGERS) else f"{value:,}"
    return half_up(value, 1 if "median" in column else 2)
