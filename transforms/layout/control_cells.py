"""The figures of a table whose totals and rows disagree: what the search for the wrong cell starts from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from schemas.text import normalise_label
from transforms.layout.reports import TableReading
from transforms.layout.totals import Numbers
from transforms.workbook import a1

_NAMES = ("compound_name", "building_no")
_TYPE = "programme_type_code"


def control_cells(table: TableReading) -> Iterator[dict[str, Any]]:
    """Give every figure of the form's own summing columns, where some total contradicts its rows; else nothing."""
    typed, numbers = table.typed, table.typed.numbers
    if numbers is None or not any(each.agrees is False for total in typed.totals for each in total.checks):
        return
    own = [col for col, (found, _) in numbers.columns.items() if found.target.kind == "column"]
    for position, row in enumerate(typed.rows):
        names = {name: _text(typed.value(name, position)) for name in _NAMES if name in table.form.column}
        if _TYPE in table.form.column:
            names[_TYPE] = typed.value(_TYPE, position)
        for col in own:
            if row in numbers.values[col]:
                yield _cell(table, numbers, col, row) | {"is_total": False} | names
    kept = set(typed.rows)
    for total in typed.totals:
        members = [row for row in total.members if row in kept]
        for each in total.checks:
            if each.agrees is not None and each.col in own:
                said = {"is_total": True, "label": total.label or None, "members": members}
                yield _cell(table, numbers, each.col, total.line.row) | said


def _cell(table: TableReading, numbers: Numbers, col: int, row: int) -> dict[str, Any]:
    slot, period = numbers.columns[col][0].slot, table.period
    unit = table.typed.units[slot].unit
    return {
        "form_code": table.form.code,
        "period_date": None if period.year is None else dt.date(period.year, period.month or 1, 1),
        "sheet_name": table.sheet_name,
        "block": table.typed.block.index,
        "row_number": row,
        "column_name": numbers.columns[col][0].target.column,
        "address": a1(row, col),
        "value": numbers.values[col][row],
        "factor": unit.factor if unit is not None else Decimal(1),
        "resolution": table.typed.resolution[slot],
    }


def _text(value: object) -> str | None:
    return normalise_label(value) if isinstance(value, str) else None
