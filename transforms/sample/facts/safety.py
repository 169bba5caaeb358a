"""F17: inspections of sites, what was found and what was put right."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from transforms.sample.facts.base import LAST_DAY, OfStreetBuilding, count_of, day_between, weighted
from transforms.sample.invent import below, between
from transforms.sample.plan import Building, Plan, month_end, read_table
from transforms.sample.words import short_street

HEADQUARTERS = "区指挥部"
_TYPES = (("ROUTINE", 62), ("SPECIAL", 14), ("JOINT", 10), ("NIGHT", 6), ("HOLIDAY", 4), ("FLOOD_SEASON", 4))
_FLOOD_MONTHS = range(6, 10)
_FORM_STREETS = 5
_FORM_SHARE = 8  # of 100 inspections in those streets are sent on forms


@dataclass(frozen=True)
class Inspection(OfStreetBuilding):
    """One inspection of a compound's site, as told in the report of its month.

    ``inspector`` is the headquarters, a supervisor's firm or a street's sub-command; who inspects also files. The
    contractor is one of the compound's. What is put right after the report was made is never told: ``closed_date``
    is None and ``hazards_fixed`` below ``hazards_found`` then. ``on_form`` marks those sent on a form each.
    """

    building: Building
    inspection_date: dt.date
    type_code: str
    inspector: str
    contractor: str
    contractor_id: str
    hazards_found: int
    hazards_major: int
    hazards_fixed: int
    notice_no: str | None
    due_date: dt.date | None
    closed_date: dt.date | None
    penalty_yuan: Decimal | None
    accident_code: str
    on_form: bool

    @property
    def street(self) -> str:
        """The compound's street."""
        return self.building.street

    @property
    def key(self) -> tuple[dt.date, str, str, str]:
        """What is one inspection: day, compound, type, inspector."""
        return self.inspection_date, self.compound_id, self.type_code, self.inspector


@cache
def supervisor_of(lot: str) -> str:
    """Give the firm that supervises a lot."""
    return next(
        row["full_name"] for row in read_table("orgs") if row["org_type"] == "监理" and lot in row["lots"].split(";")
    )


def inspections(plan: Plan, seed: int) -> tuple[Inspection, ...]:
    """Give the inspections by day; each compound and day once for a type and inspector."""
    found: dict[tuple[dt.date, str, str, str], Inspection] = {}
    attempt = 0
    while len(found) < count_of("inspections", plan):
        inspection = _inspection(plan, seed, attempt)
        found.setdefault(inspection.key, inspection)
        attempt += 1
    return tuple(sorted(found.values(), key=lambda each: each.key))


def _inspection(plan: Plan, seed: int, number: int) -> Inspection:
    key = ("inspection", number)
    building = plan.buildings[below(len(plan.buildings), seed, *key, "building")]
    day = day_between(building.start, min(building.finish, LAST_DAY), seed, *key, "day")
    kind = weighted(_TYPES, seed, *key, "type")
    if kind == "FLOOD_SEASON" and day.month not in _FLOOD_MONTHS:
        kind = "ROUTINE"
    firm = plan.contractor(building.contractor)
    forms = building.street in plan.streets[1 : 1 + _FORM_STREETS]
    on_form = forms and below(100, seed, *key, "form") < _FORM_SHARE
    inspector = HEADQUARTERS if below(100, seed, *key, "who") < 45 else supervisor_of(firm.lot)
    hazards = max(0, between(-2, 7, seed, *key, "found"))
    due = day + dt.timedelta(days=between(3, 10, seed, *key, "due")) if hazards else None
    closed = day + dt.timedelta(days=between(1, 14, seed, *key, "closed")) if hazards else None
    # A form is filled in on the day it is looked at again; a ledger tells what was done by the month's end.
    if not on_form and closed and closed > month_end(day.strftime("%Y-%m")):
        closed = None
    fixed = hazards if closed else hazards * between(0, 9, seed, *key, "fixed") // 10
    fined = hazards > 5 and below(3, seed, *key, "fined") == 0
    return Inspection(
        building=building,
        inspection_date=day,
        type_code=kind,
        inspector=f"{short_street(building.street)}分指挥部" if on_form else inspector,
        contractor=(firm.full_name, *firm.short_names)[below(1 + len(firm.short_names), seed, *key, "name")],
        contractor_id=firm.full_name,
        hazards_found=hazards,
        hazards_major=1 if hazards > 3 and below(6, seed, *key, "major") == 0 else 0,
        hazards_fixed=fixed,
        notice_no=f"拟安改〔{day.year}〕{number + 1}号" if hazards else None,
        due_date=due,
        closed_date=closed,
        penalty_yuan=Decimal(between(2, 20, seed, *key, "fine") * 1000) if fined else None,
        accident_code="MINOR_INJURY" if below(200, seed, *key, "accident") == 0 else "NONE",
        on_form=on_form,
    )
