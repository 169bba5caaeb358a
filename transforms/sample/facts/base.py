"""What all invented facts share: ids as the warehouse makes them, the days that bound the year, seeded picks."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache

from transforms.sample.invent import below
from transforms.sample.plan import Building, Compound, Plan, read_table

# The last reports of the year are about the end of February 2014: nothing later is told anywhere.
LAST_DAY = dt.date(2014, 2, 28)


def street_id(compound_key: str) -> str:
    """Give the code of the street of a compound's or building's key: 110108018 of HD018-01."""
    return f"110108{compound_key[2:5]}"


def compound_id(compound: Compound | Building) -> str:
    """Give the id of a compound, or of a building's compound: 110108018:花园路甲3号院."""
    if isinstance(compound, Building):
        return f"{street_id(compound.compound_key)}:{compound.compound}"
    return f"{street_id(compound.key)}:{compound.name}"


def building_id(building: Building) -> str:
    """Give the id of a building: 110108018:花园路甲3号院:3号楼."""
    return f"{compound_id(building)}:{building.number}号楼"


class OfBuilding:
    """What a fact with a ``building`` has of it."""

    building: Building

    @property
    def compound_id(self) -> str:
        """The compound's id."""
        return compound_id(self.building)

    @property
    def building_id(self) -> str:
        """The building's id, also where the form names the compound only."""
        return building_id(self.building)


class OfStreetBuilding(OfBuilding):
    """The same, where the street is the building's."""

    @property
    def street_id(self) -> str:
        """The street's code."""
        return street_id(self.building.key)


class OfCompound:
    """What a fact with a ``compound`` has of it."""

    compound: Compound

    @property
    def street_id(self) -> str:
        """The street's code."""
        return street_id(self.compound.key)

    @property
    def compound_id(self) -> str:
        """The compound's id."""
        return compound_id(self.compound)


@cache
def _counts() -> dict[str, int]:
    return {row["fact"]: int(row["count"]) for row in read_table("counts")}


def count_of(fact: str, plan: Plan) -> int:
    """Give how many of a fact there are: the count of ``plan/counts.tsv`` for each copy of the plan."""
    return _counts()[fact] * max(compound.copy for compound in plan.compounds)


def spread(plan: Plan, seed: int, fact: str) -> Iterator[tuple[int, Building]]:
    """Give a building for each number of a fact: more of them where there are more households."""
    edges: list[int] = []
    for building in plan.buildings:
        edges.append((edges[-1] if edges else 0) + building.households)
    for number in range(count_of(fact, plan)):
        at = below(edges[-1], seed, fact, number)
        yield number, plan.buildings[next(i for i, edge in enumerate(edges) if at < edge)]


def day_between(first: dt.date, last: dt.date, seed: int, *key: object) -> dt.date:
    """Give a day of the closed span; the first one where the span is empty."""
    return first + dt.timedelta(days=below(max(1, (last - first).days + 1), seed, *key))


def weighted(choices: Sequence[tuple[str, int]], seed: int, *key: object) -> str:
    """Give one of the words, each as often as its weight says."""
    words = [word for word, weight in choices for _ in range(weight)]
    return words[below(len(words), seed, *key)]


def until(day: dt.date | None, last: dt.date) -> dt.date | None:
    """Give a day where it has come by another, else None."""
    return day if day is not None and day <= last else None
