"""F02 and F03: the compounds and buildings of each street before the year's reports; those of other years added."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from transforms.sample.envelope import Envelope, Row, Sheet, Value
from transforms.sample.invent import below, between, choose
from transforms.sample.letters import Table, letter
from transforms.sample.plan import SEISMIC, Building, Compound, Plan, load_other_year, read_table
from transforms.sample.progress import items_of, unit_count
from transforms.sample.spell import BUILDING_NUMBERS
from transforms.sample.style import Look, look_of
from transforms.sample.words import noon, short_street, words_for

COMPOUNDS, BUILDINGS, SUPPLEMENT = "compound_register", "building_register", "补充"
# Programme years beside the plan's, and when their supplements come.
_OTHER_YEARS = ((2012, dt.date(2013, 4, 3)), (2014, dt.date(2014, 2, 6)))
_OWNERS = ("中央产、房改房", "市属", "区属", "混合", "房改房", "中央产、市属", "区属、房改房")
_HEAT_TYPES = ("集中供热", "集中供热", "区域锅炉房", "分户")
_PILOTS = ("花园路甲3号院", "甘家口北里", "志新西路甲11号院")
_TICKED = ("WINDOW", "WALL", "ROOF", "HEAT_METER", "PIPE", "STAIR", "SEISMIC", "SLOPE")

_RowsOf = Callable[[Plan, int, str, Look], Iterator[Row]]


def envelopes(plan: Plan, seed: int) -> Iterator[Envelope]:
    """Give the registers of every street: a file each, or one with a sheet per street where a look says so."""
    yield from _register(plan, seed, COMPOUNDS, _compound_rows)
    yield from _register(plan, seed, BUILDINGS, _building_rows)
    for year, day in _OTHER_YEARS:
        yield from _supplements(load_other_year(year), seed, str(year), day)


def _supplements(plan: Plan, seed: int, year: str, day: dt.date) -> Iterator[Envelope]:
    """Give what a street adds to its registers about another programme year."""
    for street in plan.streets:
        for form, rows_of in ((COMPOUNDS, _compound_rows), (BUILDINGS, _building_rows)):
            rows = tuple(rows_of(plan, seed, street, look_of(form, SUPPLEMENT)))
            yield letter(form, SUPPLEMENT, street, year, day, [Table(rows)], seed)


def _register(plan: Plan, seed: int, form: str, rows_of: _RowsOf) -> Iterator[Envelope]:
    posted: dict[str, Envelope] = {}
    for street in plan.streets:
        look = look_of(form, street)
        day = dt.date.fromisoformat(look.arrives)
        words = {**words_for(seed, street, street, "2013", day), "filer": look.filer}
        sheet = Sheet(look.sheet.format_map(words), tuple(rows_of(plan, seed, street, look)), words)
        name = look.file_name.format_map(words)
        if name in posted:
            posted[name] = replace(posted[name], sheets=(*posted[name].sheets, sheet))
        else:
            posted[name] = Envelope(form, street, street, "", day, name, street, (sheet,), noon(day))
    yield from posted.values()


def _compound_rows(plan: Plan, seed: int, street: str, look: Look) -> Iterator[Row]:
    managers, heaters = _firms("物业"), _firms("专业公司")
    for compound in plan.compounds_of(street):
        buildings = plan.buildings_of(compound)
        households = sum(building.households for building in buildings)
        values: dict[str, Value] = {
            "street": street,
            "community": f"{compound.name}社区",
            "compound_name": compound.name,
            "compound_alias": "、".join(_registered_aliases(compound)) or None,
            "address": f"海淀区{short_street(street)}拟定路{between(1, 98, seed, 'address', compound.key)}号",
            "property_owner": choose(_OWNERS, seed, "owner", compound.key),
            "property_manager": choose((*managers, "无"), seed, "manager", compound.key),
            "heat_supplier": choose(heaters, seed, "heat", compound.key),
            "heat_type_code": choose(_HEAT_TYPES, seed, "heat type", compound.key),
            **_built_years(buildings, look),
            "building_count": len(buildings),
            "household_count": households,
            "resident_count": households * between(24, 31, seed, "residents", compound.key) // 10,
            "floor_area_m2": sum(building.area for building in buildings),
            "plan_year": compound.year,
            "batch_no": compound.batch,
            "is_pilot": compound.name in _PILOTS,
        }
        yield Row(compound.key, values)


def _registered_aliases(compound: Compound) -> tuple[str, ...]:
    """Give the other names a register can hold; a bracket inside a list of names would split the name."""
    return tuple(alias for alias in compound.aliases if not set(alias) & set("()（） "))


def _built_years(buildings: Sequence[Building], look: Look) -> dict[str, Value]:
    first, last = (pick(building.built_year for building in buildings) for pick in (min, max))
    if any(column.name == "built_year_to" for column in look.columns):
        return {"built_year_from": first, "built_year_to": last}
    return {"built_year_from": f"{first}-{last}" if first < last else str(first)}


def _building_rows(plan: Plan, seed: int, street: str, look: Look) -> Iterator[Row]:
    for compound in plan.compounds_of(street):
        for building in plan.buildings_of(compound):
            yield building_row(plan, building, seed, look)


def building_row(plan: Plan, building: Building, seed: int, look: Look) -> Row:
    """Give a building's line of the register."""
    codes = {item.code for item in items_of(building, seed)}
    is_seismic = building.programme == SEISMIC
    values: dict[str, Value] = {
        "street": building.street,
        "compound_name": building.compound,
        "building_no": BUILDING_NUMBERS[look.building](building.number),
        "built_year": building.built_year,
        "structure_type_code": building.structure,
        "storeys_above": building.storeys,
        "storeys_below": 1 if building.storeys >= 10 else below(4, seed, "cellar", building.key) // 3,
        "unit_count": unit_count(building, seed),
        "household_count": building.households,
        "floor_area_m2": building.area,
        "seismic_appraisal_code": "不符合" if is_seismic else choose(("符合", "未鉴定"), seed, "quake", building.key),
        "energy_class_code": "一步节能" if building.built_year >= 1988 else "非节能",
        "programme_type_code": building.programme,
    }
    firms = _firms_on(plan, building, seed) if building.contractor else {}
    return Row(building.key, values | firms | {f"planned_items.{code}": code in codes for code in _TICKED})


def _firms_on(plan: Plan, building: Building, seed: int) -> dict[str, Value]:
    contractor = plan.contractor(building.contractor)
    names = (contractor.full_name, *contractor.short_names)
    return {
        "contractor": choose(names, seed, "contractor's name", building.street, building.compound_key),
        "lot_no": contractor.lot,
        "supervisor": _firm_of("监理", contractor.lot),
        "designer": _firm_of("设计", contractor.lot),
    }


def _firms(kind: str) -> tuple[str, ...]:
    return tuple(row["full_name"] for row in read_table("orgs") if row["org_type"] == kind)


def _firm_of(kind: str, lot: str) -> str:
    return next(
        row["full_name"] for row in read_table("orgs") if row["org_type"] == kind and lot in row["lots"].split(";")
    )
