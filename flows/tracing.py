"""`xinyan trace`: one figure and the cells it was made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flows.errors import UserError
from flows.home import Home
from flows.settings import ZONE
from warehouse import reading


def trace(
    home: Home, table: str, names: Sequence[str], as_of: str | None = None, release: int | None = None
) -> dict[str, Any]:
    """The figure and its cells, for a program: `table`, `key`, `column`, `figure`, `cells`.

    ``names`` are KEY=VALUE pairs and, last, the column. Values of cells are numbers where they are numbers.
    """
    *pairs, column = names
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong or "=" in column:
        raise UserError(
            f"trace {table} {' '.join(names)}",
            f"{wrong[0] if wrong else column!r}",
            "KEY=VALUE for each part of the row's key, and the column last",
            "As in: xinyan trace target_attainment plan_year=2013 completed_area_m2",
        )
    key = dict(pair.split("=", 1) for pair in pairs)
    path = reading.released_path(home.releases, release)
    figure, cells = reading.trace(path, table, key, column, None if as_of is None else _instant(as_of))
    told = [{**cell, "value": _number(cell["value"]), "amount": _plain(cell["amount"])} for cell in cells.to_dicts()]
    return {"table": table, "key": key, "column": column, "figure": figure, "cells": told}


def headline(told: dict[str, Any]) -> str:
    """The figure in a line."""
    key = ", ".join(f"{name} {value}" for name, value in told["key"].items())
    return f"{told['table']} ({key}) {told['column']} = {told['figure']}, from {len(told['cells'])} cells"


def _instant(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        expected = "an instant such as 2014-01-03 or 2014-01-03T00:00:00+08:00"
        raise UserError("--as-of", f"{text!r} is no instant", expected, "Correct it and run again.") from None
    return at if at.tzinfo else at.replace(tzinfo=ZONE)


def _number(text: str | None) -> Decimal | str | None:
    """A plain number where the value is one; a date or a code stays text."""
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return text


def _plain(amount: Decimal | None) -> Decimal | None:
    """The amount without the zeros its ten decimals carry."""
    if amount is None:
        return None
    plain = amount.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain
