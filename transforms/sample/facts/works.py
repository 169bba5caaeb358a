"""F09 and F10: the weeks of the streets in three numbers, and what the district tells the city each month."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from transforms.sample.facts.base import count_of, street_id
from transforms.sample.plan import PROGRAMMES, SEISMIC, Building, Plan, month_end
from transforms.sample.progress import workers_on

FIRST_WEEK_END = dt.date(2013, 3, 24)


@dataclass(frozen=True)
class WeeklyFlash:
    """A street at the end of a week (a Sunday): buildings in progress, buildings completed so far, workers."""

    week_end: dt.date
    street: str
    street_id: str
    in_progress_buildings: int
    completed_buildings_cum: int
    workers_on_site: int


@dataclass(frozen=True)
class Measures:
    """Buildings, area in ㎡ and households."""

    buildings: int
    area_m2: Decimal
    households: int


@dataclass(frozen=True)
class DistrictReturn:
    """A street and programme type at a month's end, exact: the form prints the areas in 万㎡ with two decimals.

    ``report_month`` is the first day of the month. ``*_month`` is what was added in it, ``*_cum`` all so far.
    """

    report_month: dt.date
    street: str
    street_id: str
    programme: str
    programme_type_code: str
    task_area_m2: Decimal
    started_month: Measures
    started_cum: Measures
    completed_month: Measures
    completed_cum: Measures


def week_ends(plan: Plan) -> tuple[dt.date, ...]:
    """Give the Sundays of the reporting weeks: 24 March to 22 December 2013."""
    weeks = count_of("weeks", plan) // max(compound.copy for compound in plan.compounds)
    return tuple(FIRST_WEEK_END + dt.timedelta(weeks=week) for week in range(weeks))


def weekly_flashes(plan: Plan, seed: int) -> tuple[WeeklyFlash, ...]:
    """Give every street's weeks, week by week. A building is in progress from its start until its finish."""
    return tuple(_flash(plan, street, day, seed) for day in week_ends(plan) for street in plan.streets)


def _flash(plan: Plan, street: str, day: dt.date, seed: int) -> WeeklyFlash:
    buildings = [building for building in plan.buildings if building.street == street]
    going_on = [building for building in buildings if building.start <= day < building.finish]
    month = day.strftime("%Y-%m")
    return WeeklyFlash(
        week_end=day,
        street=street,
        street_id=street_id(buildings[0].key),
        in_progress_buildings=len(going_on),
        completed_buildings_cum=sum(building.finish <= day for building in buildings),
        workers_on_site=sum(workers_on(building, seed, month) for building in going_on),
    )


def district_returns(plan: Plan) -> tuple[DistrictReturn, ...]:
    """Give the returns month by month: the sums of what the sub-commands report."""
    return tuple(line for month in plan.months for line in _return_of(plan, month))


def _return_of(plan: Plan, month: str) -> Iterator[DistrictReturn]:
    end = month_end(month)
    before = end.replace(day=1) - dt.timedelta(days=1)
    for street in plan.streets:
        for programme in PROGRAMMES:
            own = [b for b in plan.buildings if (b.street, b.programme) == (street, programme)]
            if own:
                yield DistrictReturn(
                    report_month=end.replace(day=1),
                    street=street,
                    street_id=street_id(own[0].key),
                    programme=programme,
                    programme_type_code="SEISMIC_ENERGY" if programme == SEISMIC else "ENERGY_ENV",
                    task_area_m2=_measures(own).area_m2,
                    started_month=_measures(b for b in own if before < b.start <= end),
                    started_cum=_measures(b for b in own if b.start <= end),
                    completed_month=_measures(b for b in own if before < b.finish <= end),
                    completed_cum=_measures(b for b in own if b.finish <= end),
                )


def _measures(buildings: Iterable[Building]) -> Measures:
    chosen = list(buildings)
    area = sum((building.area for building in chosen), Decimal(0))
    return Measures(len(chosen), area, sum(building.households for building in chosen))
