"""Total rows as checksums: which rows a total adds up, whether it agrees, and totals that nobody labelled.

Exact decimals. Rows and totals agree within n times half a unit of the last decimal written (counts: exactly).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from schemas.columns import Column
from transforms.layout.grid import Cells, Place
from transforms.layout.headers import Located
from transforms.layout.regions import Line
from transforms.layout.typing import Reader, read_each

_REFUSED_FROM = Decimal("0.05")


@dataclass(frozen=True)
class Numbers:
    """The summing columns of a block, by sheet column and row, in canonical units."""

    columns: Mapping[int, tuple[Located, Column]]
    values: Mapping[int, Mapping[int, Decimal]]
    unknown: frozenset[Place]
    resolution: Mapping[int, Decimal]


class Check(NamedTuple):
    """One figure of a total row beside the sum of its rows; ``agrees`` is None where a row's figure is unknown."""

    col: int
    value: Decimal
    rows_sum: Decimal
    tolerance: Decimal
    agrees: bool | None

    @property
    def contradicts(self) -> bool:
        """Whether total and rows are more than 5 % apart, or one of them is nothing."""
        largest = max(abs(self.value), abs(self.rows_sum))
        return self.agrees is False and abs(self.value - self.rows_sum) > largest * _REFUSED_FROM


def read_numbers(
    cells: Mapping[int, Cells],
    rows: Sequence[int],
    columns: Sequence[tuple[Located, Column]],
    readers: Mapping[int, Reader],
    resolution: Mapping[int, Decimal],
) -> Numbers:
    """Read the figures that totals add up, in every line that may be a row or a total, from cells by column."""
    values: dict[int, dict[int, Decimal]] = {}
    unknown: set[Place] = set()
    for found, _ in columns:
        column = values[found.col] = {}
        for row, outcome in zip(rows, read_each(readers[found.col], cells[found.col]), strict=True):
            if outcome.fault is not None or outcome.approximate:
                unknown.add((row, found.col))
            elif outcome.value is not None:
                column[row] = Decimal(outcome.value)
    return Numbers({found.col: (found, column) for found, column in columns}, values, frozenset(unknown), resolution)


def check(numbers: Numbers, row: int, members: Sequence[int]) -> list[Check]:
    """Compare each figure of a total row with the sum of its rows."""
    checks = []
    for col, (_, column) in numbers.columns.items():
        figures = numbers.values[col]
        value = figures.get(row)
        if value is None:
            continue
        present = [figures[member] for member in members if member in figures]
        rows_sum = sum(present, Decimal(0))
        tolerance = Decimal(0) if column.kind == "integer" else numbers.resolution[col] * len(members) / 2
        known = not any((member, col) in numbers.unknown for member in members)
        checks.append(Check(col, value, rows_sum, tolerance, abs(value - rows_sum) <= tolerance if known else None))
    return checks


Keys = Sequence[Mapping[int, str]]


def _groups(row: int, lines: Sequence[Line], keys: Keys) -> dict[str, list[int]]:
    """Give the groups of data rows a total in this row may add up, by name."""
    data = [line.row for line in lines if line.kind == "data"]
    borders = [line.row for line in lines if line.kind in ("total", "section") and line.row != row]
    before = max((border for border in borders if border < row), default=0)
    behind = min((border for border in borders if border > row), default=row + 10_000_000)
    groups = {
        "above": [member for member in data if before < member < row],
        "below": [member for member in data if row < member < behind],
        "all": data,
        "all_above": [member for member in data if member < row],
        "all_below": [member for member in data if member > row],
    }
    for number, labels in enumerate(keys):
        for name, place in (("above", -1), ("below", 0)):
            near = groups[f"all_{name}"]
            same = labels.get(near[place]) if near else None
            groups[f"same_{name}_{number}"] = [member for member in data if same and labels.get(member) == same]
    return groups


def _named(name: str, lines: Sequence[Line], keys: Keys) -> list[int]:
    """Give the rows a label names: 花园路小计, 抗震节能小计."""
    if not name:
        return []
    data = [line.row for line in lines if line.kind == "data"]
    for labels in keys:
        rows = [row for row in data if (label := labels.get(row)) and (name in label or label in name)]
        if rows:
            return rows
    return []


def find_members(
    numbers: Numbers, row: int, lines: Sequence[Line], keys: Keys, *, partial: bool, name: str = ""
) -> tuple[list[int], list[Check]]:
    """Find the rows a total adds up: of the groups it may mean, the first that agrees in most figures."""
    groups = _groups(row, lines, keys)
    same = [groups[key] for key in groups if key.startswith("same_")]
    wide = [groups["all"], groups["all_above"], groups["all_below"]]
    narrow = [groups["above"], *same, groups["below"]]
    ordered = [_named(name, lines, keys), *((*narrow, *wide) if partial else (*wide, *narrow))]
    best: tuple[list[int], list[Check]] | None = None
    for members in ordered:
        if not members:
            continue
        checks = check(numbers, row, members)
        if best is None or _agreeing(checks) > _agreeing(best[1]):
            best = members, checks
    return best if best is not None else ([], check(numbers, row, []))


def _agreeing(checks: Sequence[Check]) -> int:
    return sum(1 for each in checks if each.agrees is not False and (each.value or each.rows_sum))


def is_unlabelled_total(checks: Sequence[Check], members: Sequence[int]) -> bool:
    """Whether a line without a name is the sum of its siblings: every figure agrees, and enough of them speak."""
    telling = [each for each in checks if each.agrees and each.value]
    return bool(telling) and all(each.agrees is not False for each in checks) and len(members) + len(telling) > 2
