"""The year's envelopes on their way through the faults, and what faults do to an envelope as a whole."""

import datetime as dt
from dataclasses import dataclass, replace

from transforms.sample import contractor_progress as progress
from transforms.sample import subcommand_monthly as monthly
from transforms.sample.envelope import Envelope
from transforms.sample.plan import Building, Plan
from transforms.sample.style import look_of
from transforms.sample.words import noon


@dataclass(frozen=True)
class Year:
    """The year's envelopes on their way through the faults, with the plan they come from."""

    plan: Plan
    seed: int
    envelopes: tuple[Envelope, ...]

    def building(self, compound: str, number: int) -> Building:
        """Give a building of the plan by its compound's name and its number."""
        return next(b for b in self.plan.buildings if (b.compound, b.number) == (compound, number))

    def find(self, form: str, sender: str, street: str, period: str) -> Envelope:
        """Give the one envelope of a form, sender, street and period."""
        wanted = (form, sender, f"{street}街道", period)
        [found] = [e for e in self.envelopes if (e.form, e.sender, e.street, e.period) == wanted]
        return found

    def sent(self, form: str, sender: str, received: dt.date) -> Envelope:
        """Give the one envelope of a form that a sender (its look) sent on a day."""
        [found] = [e for e in self.envelopes if (e.form, e.sender, e.received) == (form, sender, received)]
        return found

    def f06(self, sender: str, street: str, period: str) -> Envelope:
        """Give a contractor's report."""
        return self.find(progress.FORM, sender, street, period)

    def f08(self, street: str, period: str) -> Envelope:
        """Give a sub-command's report."""
        return self.find(monthly.FORM, f"{street}街道", street, period)

    def swap(self, old: Envelope, *new: Envelope) -> "Year":
        """Put other envelopes in the place of one."""
        at = self.envelopes.index(old)
        return replace(self, envelopes=(*self.envelopes[:at], *new, *self.envelopes[at + 1 :]))


def received_on(envelope: Envelope, day: dt.date) -> Envelope:
    """Let an envelope arrive on another day, on which it was made, too."""
    made = {"made": f"{day.year}年{day.month}月{day.day}日", "made_dotted": f"{day.year}.{day.month}.{day.day}"}
    return replace(envelope.with_words(**made), received=day, written=noon(day))


def renamed(envelope: Envelope, version: str) -> Envelope:
    """Put a version word into the file's name, where the sender's names have room for it."""
    words = {**envelope.sheets[0].words, "version": version}
    return replace(envelope, file_name=look_of(envelope.form, envelope.look).file_name.format_map(words))
