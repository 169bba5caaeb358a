"""A well-filled cell of each column; the values are in ``examples.toml``."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from schemas.columns import Column

Example = str | int | Decimal | dt.date
"""A value as a sender would enter it: a text, a number in the column's own unit, or a day."""


@cache
def _document() -> Mapping[str, Mapping[str, Mapping[str, Example]]]:
    text = Path(__file__).with_name("examples.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def example(column: Column, entity: str = "") -> Example | None:
    """Give the example of a column in a form; None for a personal column, and where an empty cell is a good one."""
    if column.sensitivity == "personal":
        return None
    document = _document()
    own = document["forms"].get(entity, {})
    columns: Mapping[str, Example] = document["columns"]  # type: ignore[assignment]
    value = own.get(column.name, columns.get(column.name))
    return None if value == "" else value


def above(key: str, filer_kind: str) -> tuple[str, str]:
    """Give the label of a value that stands above the table, and an example; of a filer by what kind it is."""
    document = _document()
    labels: Mapping[str, tuple[str, str]] = document["above"]  # type: ignore[assignment]
    label, value = labels[key]
    return label, str(document["filers"][filer_kind]) if key == "filer" else value


def in_unit(value: Example, factor: Decimal, places: int = 2) -> Example:
    """Turn a number into the unit a form prints, as many decimals as it prints."""
    if isinstance(value, str | dt.date) or factor == 1:
        return value
    return (Decimal(value) / factor).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def as_text(value: Example) -> str:
    """Write an example as one would type it."""
    match value:
        case dt.date():
            return f"{value.year}-{value.month}-{value.day}"
        case Decimal():
            return f"{value.normalize():f}"
    return str(value)
