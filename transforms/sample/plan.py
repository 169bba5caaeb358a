"""The worked programme year of 2013: what is true in the sample, before anybody reports it."""

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files

from transforms.sample.spell import chinese_number

YEAR = 2013
SEISMIC = "抗震节能综合改造"
ENERGY = "节能和环境综合整治"
PROGRAMMES = (SEISMIC, ENERGY)
BATCHES = ("第一批", "第二批", "第三批")


def read_table(name: str) -> list[dict[str, str]]:
    """Read one of the package's own tables (``plan/NAME.tsv``)."""
    text = files("transforms.sample").joinpath("plan", f"{name}.tsv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


@dataclass(frozen=True)
class Building:
    """One building of the plan. Area in ㎡; ``batch``, ``structure`` and ``programme`` are the words of the forms."""

    key: str
    compound_key: str
    street: str
    compound: str
    number: int
    built_year: int
    structure: str
    storeys: int
    programme: str
    batch: str
    contractor: str
    area: Decimal
    households: int
    start: dt.date
    finish: dt.date


@dataclass(frozen=True)
class Compound:
    """One compound of the plan; ``copy`` is 1 for the plan's own and counts on for the copies that ``scale`` adds.

    ``year`` is the programme year.
    """

    key: str
    street: str
    name: str
    aliases: tuple[str, ...]
    batch: str
    copy: int = 1
    year: int = YEAR


@dataclass(frozen=True)
class Contractor:
    """One invented contractor; its short names are those that senders use."""

    key: str
    full_name: str
    short_names: tuple[str, ...]
    lot: str


@dataclass(frozen=True)
class Plan:
    """Compounds, buildings and contractors of the year, and the report months in order ("2013-03" …)."""

    compounds: tuple[Compound, ...]
    buildings: tuple[Building, ...]
    contractors: tuple[Contractor, ...]
    months: tuple[str, ...]

    @cached_property
    def streets(self) -> tuple[str, ...]:
        """The active streets, in the order of the plan."""
        return tuple(dict.fromkeys(compound.street for compound in self.compounds))

    @cached_property
    def pairs(self) -> tuple[tuple[Contractor, str], ...]:
        """Who works where: every contractor and street with at least one building."""
        worked = dict.fromkeys((building.contractor, building.street) for building in self.buildings)
        return tuple((self.contractor(key), street) for key, street in sorted(worked))

    @cached_property
    def _contractors(self) -> Mapping[str, Contractor]:
        return {contractor.key: contractor for contractor in self.contractors}

    @cached_property
    def _by_compound(self) -> Mapping[str, tuple[Building, ...]]:
        found: dict[str, list[Building]] = {}
        for building in self.buildings:
            found.setdefault(building.compound_key, []).append(building)
        return {key: tuple(buildings) for key, buildings in found.items()}

    def contractor(self, key: str) -> Contractor:
        """Give the contractor of a key such as "K01"."""
        return self._contractors[key]

    def compounds_of(self, street: str) -> tuple[Compound, ...]:
        """Give a street's compounds."""
        return tuple(compound for compound in self.compounds if compound.street == street)

    def buildings_of(self, compound: Compound) -> tuple[Building, ...]:
        """Give a compound's buildings."""
        return self._by_compound[compound.key]


def month_end(month: str) -> dt.date:
    """Give the last day of "2013-12"."""
    year, number = (int(part) for part in month.split("-"))
    following = dt.date(year + number // 12, number % 12 + 1, 1)
    return following - dt.timedelta(days=1)


def load_plan(scale: int = 1) -> Plan:
    """Read the plan; ``scale`` > 1 adds copies of every compound with all its buildings, under other names."""
    compounds, buildings = _compounds(), _buildings()
    numbers = range(1, scale + 1)
    return Plan(
        compounds=tuple(_copy_of_compound(compound, n) for compound in compounds for n in numbers),
        buildings=tuple(_copy_of_building(building, n) for building in buildings for n in numbers),
        contractors=_contractors(),
        months=tuple(row["month"] for row in read_table("monthly")),
    )


@cache
def load_other_year(year: int) -> Plan:
    """Read what the registers know of a programme year beside the plan's: 2012 done with, 2014 still to come.

    The days of its buildings are never reported; those of 2014 are hopes, and no contractor has won them yet ("").
    """
    rows = [row for row in read_table("other_years") if row["plan_year"] == str(year)]
    names = {row["compound_id"]: row for row in rows}
    compounds = tuple(
        Compound(key, row["street"], row["compound"], (f"{row['compound']}小区",), row["batch"], year=year)
        for key, row in names.items()
    )
    return Plan(compounds, tuple(map(_building, rows)), _contractors(), ())


def name_of_copy(name: str, number: int) -> str:
    """Name the n-th copy of a compound: 文慧北里二号院, 花园路甲3号院二区."""
    if number == 1:
        return name
    return f"{name}{chinese_number(number)}{'区' if name.endswith('院') else '号院'}"


def _copy_of_compound(compound: Compound, number: int) -> Compound:
    if number == 1:
        return compound
    name = name_of_copy(compound.name, number)
    return replace(compound, key=f"{compound.key}x{number}", name=name, aliases=(f"{name}小区",), copy=number)


def _copy_of_building(building: Building, number: int) -> Building:
    if number == 1:
        return building
    return replace(
        building,
        key=f"{building.key}x{number}",
        compound_key=f"{building.compound_key}x{number}",
        compound=name_of_copy(building.compound, number),
    )


@cache
def _compounds() -> tuple[Compound, ...]:
    return tuple(
        Compound(row["compound_id"], row["street"], row["compound"], tuple(row["aliases"].split(";")), row["batch"])
        for row in read_table("compounds")
    )


@cache
def _contractors() -> tuple[Contractor, ...]:
    return tuple(
        Contractor(row["contractor_id"], row["full_name"], tuple(row["aliases"].split(";")), row["lot"])
        for row in read_table("contractors")
    )


@cache
def _buildings() -> tuple[Building, ...]:
    return tuple(map(_building, read_table("buildings")))


def _building(row: Mapping[str, str]) -> Building:
    return Building(
        key=row["building_id"],
        compound_key=row["compound_id"],
        street=row["street"],
        compound=row["compound"],
        number=int(row["building_no"].removesuffix("号楼")),
        built_year=int(row["built_year"]),
        structure=row["structure"],
        storeys=int(row["storeys"]),
        programme=row["programme"],
        batch=row["batch"],
        contractor=row["contractor"],
        area=Decimal(row["floor_area_m2"]),
        households=int(row["households"]),
        start=dt.date.fromisoformat(row["actual_start"]),
        finish=dt.date.fromisoformat(row["actual_finish"]),
    )
