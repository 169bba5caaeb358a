"""F12: how many households of each building agreed, round by round, before its works started."""

import datetime as dt
from dataclasses import dataclass

from transforms.sample.facts.base import OfStreetBuilding
from transforms.sample.invent import between
from transforms.sample.plan import Building, Plan

# When the rounds were sent. A building is asked again only where its works had not started by then.
ROUND_DAYS = (dt.date(2013, 3, 1), dt.date(2013, 4, 3), dt.date(2013, 5, 6))
_ENOUGH = 90  # percent; below it, one asks again


@dataclass(frozen=True)
class Consent(OfStreetBuilding):
    """One building in one round: ``agree`` + ``disagree`` + ``not_contacted`` = ``total`` = its households."""

    building: Building
    round_no: int
    surveyed_by: dt.date
    agree: int
    disagree: int
    not_contacted: int

    @property
    def total(self) -> int:
        """All households of the building, as the register has them."""
        return self.building.households

    @property
    def surveyed(self) -> int:
        """The households that were asked."""
        return self.total - self.not_contacted


def consents(plan: Plan, seed: int) -> tuple[Consent, ...]:
    """Give every building's rounds, by round, in the order of the plan."""
    rounds: list[list[Consent]] = []
    for number, day in enumerate(ROUND_DAYS, 1):
        asked = plan.buildings if number == 1 else [c.building for c in rounds[-1] if 100 * c.agree < _ENOUGH * c.total]
        rounds.append([_ask(building, number, day, seed) for building in asked if day < building.start])
    return tuple(consent for each in rounds for consent in each)


def _ask(building: Building, number: int, day: dt.date, seed: int) -> Consent:
    starts_soon = building.start <= ROUND_DAYS[1]
    low = 90 if starts_soon else (66, 82, 86)[number - 1]
    share = between(low, 100, seed, "consent", building.key, number)
    agree = -(-building.households * share // 100)
    rest = building.households - agree
    against = rest * between(20, 70, seed, "against", building.key, number) // 100
    return Consent(building, number, day, agree, against, rest - against)
