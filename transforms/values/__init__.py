"""Text as received → typed value, or a fault: numbers, units, dates, months, ticks, nulls, lists (DOMAIN section 4).

Everything takes a `Cell` or plain text and gives an `Outcome`; exact (Decimal, never float), and nothing raises.
"""

from __future__ import annotations

from transforms.values.chinese import arabic_dates, read_numeral
from transforms.values.choices import (
    Status,
    parse_boolean,
    parse_list,
    parse_storeys,
    parse_tick,
    parse_ticks,
    split_status,
)
from transforms.values.dates import parse_date, parse_month, parse_month_cell, parse_year, parse_year_range
from transforms.values.numbers import parse_decimal, parse_integer, parse_ratio
from transforms.values.outcome import BLANK, Outcome, ValueFault
from transforms.values.texts import (
    LONGEST_REPEAT,
    cell_text,
    is_null,
    is_same_as_above,
    is_same_as_left,
    plain,
    quote,
    strip_pinyin,
)
from transforms.values.units import (
    Conversion,
    Unit,
    find_conversion,
    find_unit,
    find_units,
    needed_unit,
    split_header_unit,
)

__all__ = [
    "BLANK",
    "LONGEST_REPEAT",
    "Conversion",
    "Outcome",
    "Status",
    "Unit",
    "ValueFault",
    "arabic_dates",
    "cell_text",
    "find_conversion",
    "find_unit",
    "find_units",
    "is_null",
    "is_same_as_above",
    "is_same_as_left",
    "needed_unit",
    "parse_boolean",
    "parse_date",
    "parse_decimal",
    "parse_integer",
    "parse_list",
    "parse_month",
    "parse_month_cell",
    "parse_ratio",
    "parse_storeys",
    "parse_tick",
    "parse_ticks",
    "parse_year",
    "parse_year_range",
    "plain",
    "quote",
    "read_numeral",
    "split_header_unit",
    "split_status",
    "strip_pinyin",
]
