"""F04, F05, F20: what is planned in which batch, what is tried out, what is carried over to the next year."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from transforms.sample.facts.base import OfCompound, OfStreetBuilding, compound_id
from transforms.sample.invent import between
from transforms.sample.plan import BATCHES, YEAR, Building, Compound, Plan, load_other_year, read_table

_YEAR_END = dt.date(YEAR, 12, 31)
_HEATING = dt.date(YEAR, 11, 10)


@dataclass(frozen=True)
class BatchLine(OfCompound):
    """One compound of a batch. Where ``in_months``, the plan names months only: the dates are their first days."""

    plan_year: int
    batch_no: str
    compound: Compound
    planned_start: dt.date
    planned_finish: dt.date
    planned_area_m2: Decimal
    in_months: bool


@dataclass(frozen=True)
class Pilot(OfCompound):
    """One pilot of a compound; ``first_stage`` is what the first report of the year said, ``stage_code`` the last."""

    plan_year: int
    compound: Compound
    topic: str
    first_stage: str
    stage_code: str
    effect: str
    rolled_out_to: tuple[Compound, ...]

    @property
    def rolled_out_compound_ids(self) -> tuple[str, ...]:
        """The ids of the compounds it was rolled out to, as listed."""
        return tuple(map(compound_id, self.rolled_out_to))


@dataclass(frozen=True)
class CarryOver(OfStreetBuilding):
    """One building of ``from_year`` that was not complete at its end."""

    from_year: int
    to_year: int
    building: Building
    reason: str

    @property
    def carried_area_m2(self) -> Decimal:
        """The building's whole area: an unfinished building counts in no part."""
        return self.building.area


def batch_lines(plan: Plan, seed: int) -> tuple[BatchLine, ...]:
    """Give the compounds batch by batch: 2013's three in days, 2014's first one in months."""
    return (*_lines_of(plan, YEAR, seed), *_lines_of(load_other_year(YEAR + 1), YEAR + 1, seed))


def _lines_of(plan: Plan, year: int, seed: int) -> Iterator[BatchLine]:
    for batch in BATCHES:
        for compound in plan.compounds:
            if compound.batch != batch:
                continue
            buildings = plan.buildings_of(compound)
            start = min(building.start for building in buildings)
            finish = max(building.finish for building in buildings)
            if year == YEAR:
                start += dt.timedelta(days=between(-9, 3, seed, "batch start", compound.key))
                finish = min(finish + dt.timedelta(days=between(-6, 25, seed, "batch finish", compound.key)), _HEATING)
            else:
                start, finish = start.replace(day=1), finish.replace(day=1)
            area = sum((building.area for building in buildings), Decimal(0))
            yield BatchLine(year, str(BATCHES.index(batch) + 1), compound, start, finish, area, year != YEAR)


def pilots(plan: Plan) -> tuple[Pilot, ...]:
    """Give the pilots of 2013."""
    by_name = {compound.name: compound for compound in plan.compounds}
    return tuple(
        Pilot(
            plan_year=YEAR,
            compound=by_name[row["compound"]],
            topic=row["topic"],
            first_stage=row["first_stage"],
            stage_code=row["stage"],
            effect=row["effect"],
            rolled_out_to=tuple(by_name[name] for name in row["rolled_out_to"].split(";") if name),
        )
        for row in read_table("pilots")
    )


def carried_over(plan: Plan) -> tuple[CarryOver, ...]:
    """Give the buildings that were not complete at the end of 2013, as told in January 2014."""
    return tuple(
        CarryOver(YEAR, YEAR + 1, building, "抗震加固增加工序，冬期施工放缓")
        for building in plan.buildings
        if building.finish > _YEAR_END
    )
