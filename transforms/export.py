"""A table as a file for people and programs: Excel workbook, CSV, Parquet. Frames in, bytes out.

In a workbook and a CSV a text is never a formula, whoever wrote it: a sender's `=HYPERLINK(…)` stays a text.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import xlsxwriter

_ZONE = ZoneInfo("Asia/Shanghai")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MOST_ROWS = 1_048_575
_LONGEST_TEXT = 32_767
_EXACT = 1 << 53
_WIDTHS = (8, 40)


@dataclass(frozen=True)
class Shown:
    """One column as it is shown: its name, Chinese label, meaning and unit."""

    name: str
    label: str
    meaning: str = ""
    unit: str = ""

    @property
    def header(self) -> str:
        """The label, with the unit the figures are shown in."""
        unit = {"m2": "万㎡", "yuan": "元"}.get(self.unit)
        return f"{self.label}（{unit}）" if unit else self.label

    def number_format(self, dtype: pl.DataType) -> str:
        """How a spreadsheet shows the exact value: areas in 万㎡ (the point is set, the value stays), ratios as %."""
        if dtype == pl.Date:
            return "yyyy-mm-dd"
        if isinstance(dtype, pl.Datetime):
            return "yyyy-mm-dd hh:mm"
        if self.unit == "m2":
            return r"0\.0000"
        if self.unit in ("ratio", "1") or self.name.endswith("_ratio"):
            return "0.0%"
        if self.name.endswith("_year"):
            return "0"
        if isinstance(dtype, pl.Decimal):
            return "#,##0.00"
        return "#,##0" if dtype.is_integer() else "General"


def as_workbook(frame: pl.DataFrame, columns: Sequence[Shown], title: str, about: Sequence[tuple[str, str]]) -> bytes:
    """Give a workbook: the table with a frozen header and a filter, and a sheet that says what its columns are."""
    buffer = io.BytesIO()
    never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **never}) as book:
        head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#DDE6EE", "border": 1}
        )
        guarded = book.add_format({"quote_prefix": True})
        page = book.add_worksheet(_sheet_name(title))
        for place, (column, values) in enumerate(zip(columns, frame.get_columns(), strict=True)):
            page.write_string(0, place, column.header, head)
            form = book.add_format({"num_format": column.number_format(values.dtype)})
            for row, value in enumerate(values, start=1):
                _write(page, row, place, value, form, guarded)
            page.set_column(place, place, _width(column.header, values))
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(frame.height, 1), max(len(columns) - 1, 0))
        notes = book.add_worksheet("说明")
        lines = [*about, ("", ""), ("列", "含义")]
        lines += [(column.header, f"{column.name}: {column.meaning}") for column in columns]
        for row, (name, text) in enumerate(lines):
            notes.write_string(row, 0, name)
            notes.write_string(row, 1, text)
        notes.set_column(0, 0, 28)
        notes.set_column(1, 1, 90)
    return buffer.getvalue()


def as_csv(frame: pl.DataFrame, columns: Sequence[Shown]) -> bytes:
    """Give a CSV that Excel opens in Chinese: UTF-8 with its mark, exact values, texts that cannot become formulas."""
    shown = frame.select(
        pl.Series(column.name, [_safe(_plain(value)) for value in values], dtype=pl.String)
        if _needs_text(values.dtype)
        else values
        for column, values in zip(columns, frame.get_columns(), strict=True)
    )
    labels = _distinct([f"{column.label}（㎡）" if column.unit == "m2" else column.label for column in columns])
    return b"\xef\xbb\xbf" + shown.rename(dict(zip(shown.columns, labels, strict=True))).write_csv().encode()


def as_parquet(frame: pl.DataFrame) -> bytes:
    """Give a Parquet file with the names and types of the table, for R and Python."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _write(page: Any, row: int, place: int, value: Any, form: Any, guarded: Any) -> None:
    value = _plain(value)
    match value:
        case None:
            return
        case str():
            page.write_string(row, place, value[:_LONGEST_TEXT], guarded if value.startswith(_FORMULA) else None)
        case dt.date():
            page.write_datetime(row, place, value, form)
        case int() | float() if abs(value) < _EXACT:
            page.write_number(row, place, value, form)
        case Decimal() if abs(value) < _EXACT:
            page.write_number(row, place, float(value), form)
        case _:
            page.write_string(row, place, str(value))


def _plain(value: Any) -> Any:
    """A value as a cell can hold it: instants in our zone, lists and structs as texts, yes and no in words."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return (value.astimezone(_ZONE) if value.tzinfo is not None else value).replace(tzinfo=None)
    if isinstance(value, pl.Series):
        value = value.to_list()
    if isinstance(value, list):
        return "、".join(each if isinstance(each, str) else _json(each) for each in value)
    return _json(value) if isinstance(value, dict) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _safe(value: Any) -> str | None:
    if value is None:
        return None
    text = f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, dt.datetime) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _needs_text(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype in (pl.String, pl.Boolean) or isinstance(dtype, pl.Datetime)


def _distinct(labels: Sequence[str]) -> list[str]:
    """Labels, with a number where one stands again: a CSV is read by names."""
    return [
        label if label not in labels[:place] else f"{label}{labels[: place + 1].count(label)}"
        for place, label in enumerate(labels)
    ]


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31] or "数据"


def _width(header: str, values: pl.Series) -> int:
    longest = max((len(str(_plain(value))) for value in values.head(200)), default=0)
    return min(max(2 * len(header) + 2, longest + 2, _WIDTHS[0]), _WIDTHS[1])
