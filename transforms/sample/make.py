"""The sample year: everybody's envelopes, the faults of the ledger put in, drawn one by one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from transforms.sample import (
    contractor_progress,
    headquarters,
    planning_files,
    registers,
    site_files,
    street_ledgers,
    subcommand_monthly,
)
from transforms.sample.draw import draw
from transforms.sample.draw_csv import SHEET
from transforms.sample.envelope import Envelope, Mark
from transforms.sample.facts import load_facts
from transforms.sample.faults import inject
from transforms.sample.keep_months import with_earlier_months
from transforms.sample.place import a1, place
from transforms.sample.plan import YEAR
from transforms.sample.style import look_of
from transforms.sample.words import noon
from transforms.sample.year import Year

Faults = Literal["all", "none"]


@dataclass(frozen=True)
class SampleFile:
    """One file as it lies in the inbox: ``path`` is received day and name, ``data`` its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class InjectedFault:
    """A fault put into the sample on purpose.

    ``path``, ``sheet`` and ``address`` name the exact cell ("" where ``file_level``), ``column`` the canonical column.
    ``also`` are further cells of the same row that carry the same slip.
    """

    code: str
    path: str
    sheet: str
    address: str
    column: str
    note: str
    file_level: bool
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampleYear:
    """An iterable of `SampleFile` in the order of receipt, drawn while it is walked through."""

    envelopes: tuple[Envelope, ...]

    def __iter__(self) -> Iterator[SampleFile]:
        return (SampleFile(envelope.path, draw(envelope)) for envelope in self.envelopes)

    def __len__(self) -> int:
        return len(self.envelopes)

    @cached_property
    def ledger(self) -> tuple[InjectedFault, ...]:
        """The faults put in, each with the cell where it stands."""
        return tuple(_entry(envelope, mark) for envelope in self.envelopes for mark in envelope.marks)


def make_year(year: int = 2013, seed: int = 1, scale: int = 1, faults: Faults = "all") -> SampleYear:
    """Make a programme year's workbooks: the same bytes for the same arguments.

    ``seed`` decides what the plan leaves open, ``scale`` adds copies of every compound, ``faults`` is "all" for the
    ledger of injected faults or "none". Raises ValueError for a year without a plan or other wrong arguments.
    """
    if year != YEAR:
        raise ValueError(f"there is a sample plan for {YEAR} only, not for {year}")
    if scale < 1:
        raise ValueError(f"scale is {scale}; it counts the copies of every compound and is at least 1")
    if faults not in ("all", "none"):
        raise ValueError(f'faults is "{faults}"; it is "all" or "none"')
    facts = load_facts(seed, scale)
    plan = facts.plan
    envelopes = (
        *headquarters.envelopes(plan, seed),
        *registers.envelopes(plan, seed),
        *contractor_progress.envelopes(plan, seed),
        *subcommand_monthly.envelopes(plan, seed),
        *planning_files.envelopes(facts),
        *street_ledgers.envelopes(facts),
        *site_files.envelopes(facts),
        lock_file(dt.date(2013, 6, 2)),
    )
    sent = inject(Year(plan, seed, envelopes)) if faults == "all" else envelopes
    return SampleYear(tuple(sorted(with_earlier_months(sent), key=lambda envelope: envelope.path)))


def lock_file(day: dt.date) -> Envelope:
    """Give the file Excel leaves beside an open workbook; it is no workbook and nobody sent it."""
    owner = "拟用户".encode("utf-16-le")
    name = "~$02标段-京合一建-北太平庄-进度表2013.5.31.xlsx"
    return Envelope("", "", "", "", day, name, "", (), noon(day), plain=b"\x03" + owner.ljust(164, b"\x20"))


def _entry(envelope: Envelope, mark: Mark) -> InjectedFault:
    if mark.file_level:
        return InjectedFault(mark.code, envelope.path, "", "", "", mark.note, file_level=True)
    sheet = envelope.sheets[mark.sheet]
    name = SHEET if envelope.suffix == "csv" else sheet.name
    addresses = place(sheet, look_of(envelope.form, envelope.look)).addresses
    cell, *also = (a1(*addresses[mark.row, column]) for column in (mark.column, *mark.also))
    return InjectedFault(
        mark.code, envelope.path, name, cell, mark.column, mark.note, file_level=False, also=tuple(also)
    )
