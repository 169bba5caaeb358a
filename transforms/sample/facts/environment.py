"""F19: the compounds whose environment phase has begun by 25 February 2014, item by item, month by month."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import cache

from transforms.sample.facts.base import LAST_DAY, compound_id, count_of
from transforms.sample.invent import below, between
from transforms.sample.plan import Compound, Plan, month_end

ARTICLE_DAY = dt.date(2014, 2, 25)
# Item, its unit, design quantity per 100 households: low and high, days it takes.
_ITEMS = (
    ("ROAD", "m2", 120, 320, 60),
    ("GREENERY", "m2", 90, 260, 75),
    ("LIGHTING", "lamp", 3, 8, 30),
    ("PARKING", "piece", 5, 14, 40),
    ("PIPES", "m", 40, 110, 70),
    ("OVERHEAD_LINES", "m", 50, 150, 55),
    ("WALL", "m", 20, 60, 35),
    ("SECURITY", "place", 1, 3, 25),
    ("MAILBOX", "piece", 90, 100, 20),
    ("FITNESS", "place", 1, 2, 15),
    ("BICYCLE_SHED", "place", 1, 2, 30),
)
ENV_ITEMS = tuple(item[0] for item in _ITEMS)


@dataclass(frozen=True)
class EnvironmentItem:
    """One item of a compound at a month's end (``report_month`` is the first day of the month).

    ``qty_done`` is cumulative, in ``unit_code``; ``status_code`` is STARTED in the first month, then IN_PROGRESS, then
    FINISHED.
    """

    report_month: dt.date
    compound: Compound
    env_start: dt.date
    item_code: str
    unit_code: str
    qty_done: Decimal
    status_code: str

    @property
    def compound_id(self) -> str:
        """The compound's id."""
        return compound_id(self.compound)


@cache
def env_starts(plan: Plan, seed: int) -> Mapping[str, dt.date]:
    """Give the start of the environment phase by compound key: early finishers and late ones, from September on.

    The phase starts 8 to 40 days after the compound's last building, so after its first one too.
    """
    finishes = sorted((max(b.finish for b in plan.buildings_of(c)), c.key) for c in plan.compounds)
    in_time = [(finish, key) for finish, key in finishes if finish < ARTICLE_DAY - dt.timedelta(days=40)]
    wanted = count_of("environment_compounds", plan)
    chosen = [in_time[number * (len(in_time) - 1) // (wanted - 1)] for number in range(wanted)]
    return {key: finish + dt.timedelta(days=between(8, 40, seed, "environment", key)) for finish, key in chosen}


def environment_items(plan: Plan, seed: int) -> tuple[EnvironmentItem, ...]:
    """Give the items month by month, from the month the compound's phase starts to February 2014."""
    starts = env_starts(plan, seed)
    return tuple(
        fact
        for compound in plan.compounds
        if compound.key in starts
        for month in _months_from(starts[compound.key])
        for fact in _items_in(plan, compound, starts[compound.key], month, seed)
    )


def _months_from(start: dt.date) -> list[str]:
    first = start.year * 12 + start.month - 1
    last = LAST_DAY.year * 12 + LAST_DAY.month - 1
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(first, last + 1)]


def _items_in(plan: Plan, compound: Compound, start: dt.date, month: str, seed: int) -> list[EnvironmentItem]:
    households, end = sum(b.households for b in plan.buildings_of(compound)), month_end(month)
    found = []
    for number, (code, unit, low, high, days) in enumerate(_ITEMS):
        if number > 2 and below(100, seed, "environment item", compound.key, code) >= 55:
            continue
        begins = start + dt.timedelta(days=between(0, 45, seed, "item begins", compound.key, code) if number else 0)
        if begins > end:
            continue
        design = max(1, between(low, high, seed, "item quantity", compound.key, code) * households // 100)
        part = min(Decimal(1), Decimal((end - begins).days + 1) / days)
        done = (design * part).quantize(Decimal(1), rounding=ROUND_FLOOR)
        is_new = begins.strftime("%Y-%m") == month
        status = "FINISHED" if part == 1 else "STARTED" if is_new else "IN_PROGRESS"
        found.append(EnvironmentItem(end.replace(day=1), compound, start, code, unit, done, status))
    return found
