"""What becomes of one cell: a value, or a fault that its sender can act on."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

DateKind = Literal["actual", "forecast", "duration", "text"]
Precision = Literal["day", "month", "period", "year", "none"]


class ValueFault(NamedTuple):
    """`code` of the fault catalogue; `found` and `expected` are Chinese, and `found` quotes the cell."""

    code: str
    found: str
    expected: str


class Outcome(NamedTuple):
    """The typed value of a cell; None with no fault means a true blank.

    With `fault` there is no value. With `fix` the value stands, and what was done to it is said (E11, E19, E24, E31).
    `approximate`: the sender wrote 约, 近, 余, 左右. `kind` and `precision` are for dates only.
    """

    value: Any
    fault: ValueFault | None = None
    approximate: bool = False
    kind: DateKind | None = None
    precision: Precision | None = None
    fix: ValueFault | None = None


BLANK = Outcome(None)


def refuse(code: str, found: str, expected: str) -> Outcome:
    """Return an outcome without a value."""
    return Outcome(None, ValueFault(code, found, expected))
