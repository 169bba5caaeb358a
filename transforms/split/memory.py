"""What the last judgement of each form came to, so that the next one hears only what has changed.

A docket rests on its effective reports (whose rows never change within a run), the names known, and the dockets of the
forms it is compared with. Where all of these are what they were, it comes out as it did.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from transforms.contents import Content
from transforms.split.world import Docket


@dataclass(frozen=True)
class Heard:
    """One form's docket, what became of its rows, and the reports that repeat last month's."""

    docket: Docket
    copies: pl.DataFrame
    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    findings: pl.DataFrame


@dataclass
class Memory:
    """Dockets and directories of earlier judgements of one run, each with what it rests on.

    Belongs to one catalogue and one set of landed rows: where a report is read again, start anew. What was corrected in
    the rows is told beside the reports.
    """

    _dockets: dict[str, tuple[pl.DataFrame, tuple[object, ...], Heard]] = field(default_factory=dict)
    _contents: dict[str, Content] = field(default_factory=dict)
    _directories: dict[int, tuple[pl.DataFrame, tuple[object, ...], Any]] = field(default_factory=dict)
    _expected: tuple[tuple[object, ...], pl.DataFrame] | None = None

    def docket(
        self, entity: str, reports: pl.DataFrame, rests_on: Sequence[object], hear: Callable[[], Heard]
    ) -> Heard:
        """Give the docket of a form: the last one, where its reports are equal and what it rests on is the same."""
        known = self._dockets.get(entity)
        if known is not None and _same(known[1], rests_on) and known[0].equals(reports):
            return known[2]
        heard = hear()
        self._dockets[entity] = (reports, tuple(rests_on), heard)
        return heard

    def directory(self, registers: Sequence[Docket], aliases: pl.DataFrame, make: Callable[[], Any]) -> Any:
        """Give the directory of some registers: the last made of as many, where they and the aliases are the same."""
        known = self._directories.get(len(registers))
        if known is not None and _same(known[1], registers) and known[0].equals(aliases):
            return known[2]
        made = make()
        self._directories[len(registers)] = (aliases, tuple(registers), made)
        return made

    def expected(self, rests_on: Sequence[object], make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Give what must be sent: as last worked out, where what it rests on is the same."""
        if self._expected is None or not _same(self._expected[0], rests_on):
            self._expected = (tuple(rests_on), make())
        return self._expected[1]

    def contents(
        self, submission_ids: Sequence[str], read: Callable[[list[str]], Mapping[str, Content]]
    ) -> Mapping[str, Content]:
        """Give the contents of some reports, reading those not asked for before."""
        missing = [each for each in submission_ids if each not in self._contents]
        if missing:
            self._contents |= read(missing)
        return {each: self._contents[each] for each in submission_ids}


def _same(before: Sequence[object], now: Sequence[object]) -> bool:
    return len(before) == len(now) and all(one is other for one, other in zip(before, now, strict=True))
