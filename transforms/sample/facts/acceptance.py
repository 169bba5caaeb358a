"""F21: acceptance of the parts, of the whole, and the hand-over of each finished building."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.sample.facts.base import LAST_DAY, OfStreetBuilding
from transforms.sample.invent import below, between, choose
from transforms.sample.plan import Building, Plan, read_table


@dataclass(frozen=True)
class Acceptance(OfStreetBuilding):
    """One acceptance of a building: SUB_ITEM, FINAL or HANDOVER, never before its finish."""

    building: Building
    type_code: str
    acceptance_date: dt.date
    result_code: str
    handover_to: str | None


def acceptances(plan: Plan, seed: int) -> tuple[Acceptance, ...]:
    """Give the acceptances up to the end of February 2014, building by building, in the order they happen."""
    return tuple(
        accepted
        for building in plan.buildings
        for accepted in _of_building(building, seed)
        if accepted.acceptance_date <= LAST_DAY
    )


def _of_building(building: Building, seed: int) -> Iterator[Acceptance]:
    part = building.finish + dt.timedelta(days=between(0, 6, seed, "sub-items", building.key))
    whole = part + dt.timedelta(days=between(8, 38, seed, "final", building.key))
    over = whole + dt.timedelta(days=between(15, 60, seed, "hand-over", building.key))
    managers = [row["full_name"] for row in read_table("orgs") if row["org_type"] == "物业"]
    yield Acceptance(building, "SUB_ITEM", part, _result(building, "SUB_ITEM", seed), None)
    yield Acceptance(building, "FINAL", whole, _result(building, "FINAL", seed), None)
    yield Acceptance(building, "HANDOVER", over, "PASSED", choose(managers, seed, "manager", building.compound_key))


def _result(building: Building, kind: str, seed: int) -> str:
    return "PASSED_AFTER_REPAIR" if below(8, seed, "repair", kind, building.key) == 0 else "PASSED"
