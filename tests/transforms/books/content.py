"""What a workbook of the tests holds, and which format can carry it."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Formula:
    """A formula and its stored result; None where the program that wrote it calculated nothing."""

    text: str
    value: Any = None


@dataclass(frozen=True)
class Error:
    """An error value that stands in a cell."""

    text: str


@dataclass(frozen=True)
class Percent:
    """A share under a percent format."""

    value: Decimal


@dataclass
class Page:
    """A sheet; rows and columns count from 1."""

    name: str
    cells: dict = field(default_factory=dict)
    merges: tuple = ()
    hidden_rows: tuple = ()
    hidden_columns: tuple = ()
    state: str = "visible"

    @property
    def last(self):
        """The last row and column that hold anything."""
        return max(row for row, _ in self.cells), max(col for _, col in self.cells)


_COMMON = {"merges", "hidden rows", "hidden columns", "sheets", "numbers", "errors", "booleans", "percents"}
_COMMON |= {"dates", "formulas"}
CARRIES = {
    "xlsx": _COMMON | {"very hidden", "uncalculated", "1904"},
    "xlsm": _COMMON | {"very hidden", "uncalculated", "1904"},
    "xlsb": _COMMON | {"very hidden", "1904"},
    "xls": _COMMON | {"very hidden", "uncalculated", "1904"},
    "et": _COMMON | {"very hidden", "uncalculated", "1904"},
    "ods": _COMMON | {"uncalculated", "1904"},
    "xml2003": _COMMON | {"very hidden", "uncalculated", "1904"},
    "html": {"merges", "hidden rows", "hidden columns", "numbers", "errors", "formulas", "uncalculated"},
    "csv": {"errors"},
}
"""What each format can say. A number in csv is a text; so is a date in a web page."""


def shown(value):
    """The text a spreadsheet shows for a value."""
    match value:
        case None:
            return ""
        case Formula():
            return shown(value.value)
        case Error():
            return value.text
        case Percent():
            return f"{float(value.value * 100):g}%"
        case bool():
            return "TRUE" if value else "FALSE"
        case dt.datetime():
            return f"{value:%Y-%m-%d}"
    return str(value)


def plain(value):
    """What a format without formulas keeps of a value: its result."""
    return value.value if isinstance(value, Formula) else value


def serial(moment, epoch_1904=False):
    """A date as the number spreadsheets store."""
    return (moment - (dt.datetime(1904, 1, 1) if epoch_1904 else dt.datetime(1899, 12, 30))).days
