"""What a slip says: one mark per finding, the order they are listed in, and the words of a cell's note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.slips import LEVEL_MEANINGS, LEVELS
from transforms.workbook import parse_area

SEVERITIES = tuple(LEVELS)

Place = tuple[str, int, int]
"""Sheet name, row, column."""


@dataclass(frozen=True)
class Mark:
    """One finding of the file, in Chinese and for its sender. Without ``address`` it is about the sheet or the file.

    ``example`` is a well-filled cell of the column; ``accepted`` the value last accepted there, with its period.
    """

    severity: str
    code: str
    title: str
    found: str
    expected: str
    action: str
    sheet: str | None = None
    address: str | None = None
    column: str | None = None
    example: str | None = None
    accepted: str | None = None

    @property
    def place(self) -> Place | None:
        """The cell that is marked: of a range, its first."""
        if self.sheet is None or self.address is None:
            return None
        try:
            area = parse_area(self.address)
        except ValueError:
            return None
        return self.sheet, area.r1, area.c1

    @property
    def should_be(self) -> str:
        """What was expected, without the 应为 that stands before it anyway."""
        return self.expected.removeprefix("应为：").removeprefix("应为")


@dataclass(frozen=True)
class Heading:
    """What stands above the list: the slip's number, the name the file came under, the day it came."""

    number: str
    file_name: str
    received: str


def in_order(marks: Iterable[Mark]) -> list[Mark]:
    """Sort by severity, sheet and place, each said once."""
    unique = dict.fromkeys(marks)
    return sorted(
        unique,
        key=lambda mark: (
            SEVERITIES.index(mark.severity),
            mark.sheet or "",
            (mark.place or ("", 0, 0))[1:],
            mark.code,
            mark.found,
        ),
    )


def by_cell(marks: Iterable[Mark]) -> dict[Place, list[Mark]]:
    """Gather the marks of each cell, gravest first."""
    cells: dict[Place, list[Mark]] = {}
    for mark in in_order(marks):
        if mark.place is not None:
            cells.setdefault(mark.place, []).append(mark)
    return dict(sorted(cells.items()))


def note_of(marks: Sequence[Mark]) -> str:
    """Write the note of one cell."""
    return "\n\n".join("\n".join(_lines(mark)) for mark in marks)


def _lines(mark: Mark) -> Iterable[str]:
    yield f"【{LEVELS[mark.severity]}】{mark.title}（{mark.code}）"
    yield f"发现：{mark.found}"
    yield f"应为：{mark.should_be}"
    if mark.example:
        yield f"例如：{mark.example}"
    if mark.accepted:
        yield f"上次接收：{mark.accepted}"
    yield f"处理：{mark.action}"


def counted(marks: Sequence[Mark]) -> str:
    """Say how many of each severity there are: 共3处：待改正2处、提醒1处."""
    parts = [
        f"{LEVELS[severity]}{count}处"
        for severity in SEVERITIES
        if (count := sum(1 for mark in marks if mark.severity == severity))
    ]
    return f"共{len(marks)}处：{'、'.join(parts)}" if parts else "没有发现问题"


def legend() -> str:
    """Say what each severity means."""
    return "；".join(f"{LEVELS[severity]}：{LEVEL_MEANINGS[severity]}" for severity in SEVERITIES)
