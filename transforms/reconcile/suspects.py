"""Totals as checksums: where a total and its rows disagree, the cells that could explain it, the likeliest first.

A total points to a column and a difference, never to a row. Another check that covers a cell (last month plus this
month, the register, another party) is a *witness*: it speaks against the cell where it asks for the very figure that
would make the total agree, and for it where the figure is what it asks for. Only a cell that the total and an
independent witness both point at is accused, and only where it is the only one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from transforms.reconcile.slips import Slip, likeliest
from transforms.reconcile.witnesses import Witness

SHOWN = 5


@dataclass(frozen=True)
class Cell:
    """One figure of a table, a row of a `CONTROL_CELLS` frame; figures are in canonical units."""

    said: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.said[name]

    @property
    def written(self) -> Decimal:
        """The figure in the unit it was written in."""
        return Decimal(self.said["value"] / self.said["factor"])


@dataclass(frozen=True)
class Suspect:
    """A cell that would explain the difference if it were ``likely``; ``checks`` ask for it, ``cleared`` deny it."""

    cell: Cell
    likely: Decimal
    slip: Slip
    checks: tuple[str, ...]
    cleared: tuple[str, ...]

    @property
    def order(self) -> tuple[Any, ...]:
        """The likeliest first: most checks against it, fewest for it, the commonest slip, then the place."""
        negative = self.likely < 0 <= self.cell.value
        return (-len(self.checks), len(self.cleared), negative, self.slip.rank, self.cell.row_number)


@dataclass(frozen=True)
class Dispute:
    """One total that disagrees with its rows: the difference (rows less total) and who could explain it."""

    total: Cell
    difference: Decimal
    suspects: tuple[Suspect, ...]

    @property
    def accused(self) -> Suspect | None:
        """The one cell that two independent checks point at; None where there is none, or more than one."""
        pointed = [suspect for suspect in self.suspects if len(suspect.checks) >= 2]
        return pointed[0] if len(pointed) == 1 else None


def disputes(
    cells: Iterable[Mapping[str, Any]], witnesses: Callable[[Cell, Sequence[Cell]], Sequence[Witness]]
) -> Iterator[Dispute]:
    """Search each table's columns in which a total disagrees; one dispute per narrowest total.

    ``witnesses`` gives the other checks of a cell, told the cells of its row.
    """
    tables: dict[tuple[Any, ...], list[Cell]] = {}
    for said in cells:
        key = (said["submission_id"], said["sheet_index"], said["block"])
        tables.setdefault(key, []).append(Cell(said))
    for table in tables.values():
        rows: dict[int, list[Cell]] = {}
        for cell in table:
            if not cell.is_total:
                rows.setdefault(cell.row_number, []).append(cell)
        for column in sorted({cell.column_name for cell in table}):
            own = {cell.row_number: cell for cell in table if cell.column_name == column and not cell.is_total}
            totals = [_Total(cell, own) for cell in table if cell.column_name == column and cell.is_total]
            for total in _narrowest([each for each in totals if not each.agrees]):
                yield _dispute(total, totals, own, rows, witnesses)


class _Total:
    """A total and the cells it adds up."""

    def __init__(self, cell: Cell, column: Mapping[int, Cell]) -> None:
        self.cell = cell
        self.members = [column[row] for row in cell.members or () if row in column]
        self.rows = frozenset(cell.members or ())
        self.difference = sum((each.value for each in self.members), Decimal(0)) - cell.value
        # Where every resolution is 1 these are counts, which agree exactly.
        counts = cell.resolution == 1 and cell.factor == 1
        self.tolerance = Decimal(0) if counts else cell.resolution * max(len(self.members), 1) / 2
        self.agrees = abs(self.difference) <= self.tolerance


def _narrowest(wrong: Sequence[_Total]) -> list[_Total]:
    """Leave out a total whose difference one of fewer rows explains (of the same rows: the first)."""
    kept: list[_Total] = []
    for total in sorted(wrong, key=lambda each: (len(each.rows), each.cell.row_number)):
        explained = any(
            narrow.rows <= total.rows
            and abs(narrow.difference - total.difference) <= total.tolerance + narrow.tolerance
            for narrow in kept
        )
        kept += [] if explained else [total]
    return kept


def _dispute(
    total: _Total,
    totals: Sequence[_Total],
    column: Mapping[int, Cell],
    rows: Mapping[int, Sequence[Cell]],
    witnesses: Callable[[Cell, Sequence[Cell]], Sequence[Witness]],
) -> Dispute:
    found = [_total_itself(total, totals)]
    safe = {row for other in totals if other.agrees and other.rows < total.rows for row in other.rows}
    for cell in total.members:
        heard = witnesses(cell, rows[cell.row_number])
        asked = cell.value - total.difference
        against = [
            each for each in heard if each.asks_for(asked, total.tolerance) and not each.content_with(cell.value)
        ]
        cleared = [each.code for each in heard if each.content_with(cell.value)]
        if cell.row_number in safe:
            cleared.append("SUBTOTAL")
        exact = next((each.value for each in against if each.tolerance == 0), None)
        near = asked if exact is None else exact
        leeway = total.tolerance if exact is None else Decimal(0)
        found.append(_suspect(cell, near, leeway, ("TOTAL", *(each.code for each in against)), tuple(cleared)))
    found += _doubled_rows(total, rows)
    return Dispute(total.cell, total.difference, tuple(sorted(found, key=lambda each: each.order)))


def _suspect(cell: Cell, near: Decimal, leeway: Decimal, checks: Sequence[str], cleared: Sequence[str]) -> Suspect:
    last = cell.resolution / cell.factor
    likely, slip = likeliest(cell.written, near / cell.factor, leeway / cell.factor, last)
    return Suspect(cell, likely * cell.factor, slip, tuple(dict.fromkeys(checks)), tuple(cleared))


def _total_itself(total: _Total, totals: Sequence[_Total]) -> Suspect:
    """The total's own cell: another level of totals that agrees with the rows speaks against it."""
    others = [other for other in totals if other is not total and other.agrees and other.members]
    within = [other for other in others if other.rows < total.rows]
    covered = frozenset(row for other in within for row in other.rows) == total.rows
    around = [other for other in others if other.rows > total.rows]
    checks = ["TOTAL", *(["LEVELS"] if around or (covered and total.rows) else [])]
    return _suspect(total.cell, total.cell.value + total.difference, Decimal(0), checks, ())


def _doubled_rows(total: _Total, rows: Mapping[int, Sequence[Cell]]) -> Iterator[Suspect]:
    """A line that stands there twice, word for word, and whose figure is the difference."""
    content = {
        cell.row_number: tuple(sorted((each.column_name, each.value) for each in rows[cell.row_number]))
        for cell in total.members
    }
    times = Counter(content.values())
    for cell in total.members:
        if times[content[cell.row_number]] > 1 and abs(cell.value - total.difference) <= total.tolerance:
            yield Suspect(cell, Decimal(0), Slip("DOUBLED", "该行重复填报", 0), ("TOTAL",), ())
