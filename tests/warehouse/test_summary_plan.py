"""The worked programme year of the plan, as core tables: every figure DESIGN section 5 names must come out of them."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.summary_cases.world import World, make

ROOT = Path(__file__).parents[2]
PLANS = [plan for plan in (ROOT.parent / "shared" / "plan", ROOT / "transforms" / "sample" / "plan") if plan.is_dir()]
pytestmark = pytest.mark.skipif(not PLANS, reason="no plan files")

MONTHS = [date(2013 + (month > 12), (month - 1) % 12 + 1, 1) for month in range(3, 15)]
TYPES = {"抗震节能综合改造": "SEISMIC_ENERGY", "节能和环境综合整治": "ENERGY_ENV"}
REGISTERED = "2013-03-01 00:00:00+08"
LATE_STREET, LATE_DAY = "花园路街道", "2014-01-09 00:00:00+08"
COPIER, COPIED_STREET = "K03", "甘家口街道"


def table(name: str) -> list[dict[str, str]]:
    with (PLANS[0] / f"{name}.tsv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def month_end(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def reports(building: dict[str, str]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """One F06 row a month, and its two items: the wall goes ahead of the roof by a fortnight."""
    for month in MONTHS:
        seen = end = month_end(month)
        # E12: the contractor's November file says again what October's said.
        if (building["contractor"], building["street"], month.month) == (COPIER, COPIED_STREET, 11):
            seen = month - timedelta(days=1)
        start, finish = date.fromisoformat(building["actual_start"]), date.fromisoformat(building["actual_finish"])
        is_started, is_finished = start <= seen, finish <= seen
        known_from = f"{end + timedelta(days=2)} 00:00:00+08"
        if building["street"] == LATE_STREET and month == date(2013, 12, 1):
            known_from = LATE_DAY  # E16: the December envelope
        lineage = {
            "report_month": str(month),
            "building_id": building["building_id"],
            "compound_id": building["compound_id"],
            "contractor_id": building["contractor"],
            "known_from": known_from,
        }
        yield (
            {
                **lineage,
                "actual_start": str(start) if is_started else None,
                "actual_start_kind": "actual" if is_started else None,
                "actual_start_precision": "day" if is_started else None,
                # A finish ahead is announced, and must not count.
                "actual_finish": str(finish) if is_started else None,
                "actual_finish_kind": ("actual" if is_finished else "forecast") if is_started else None,
                "actual_finish_precision": "day" if is_started else None,
                "status_code": "FINISHED" if is_finished else "IN_PROGRESS" if is_started else "NOT_STARTED",
            },
            [
                {**lineage, "work_item_code": item, "unit_code": "m2", "qty_design": "100", "qty_cum": done}
                for item, done in (
                    ("WALL", "100" if finish - timedelta(days=60) <= seen and is_started else "0"),
                    ("ROOF", "100" if is_finished else "10" if is_started else "0"),
                )
            ],
        )


@pytest.fixture(scope="module")
def world() -> World:
    world = World(make())
    streets = {row["street"]: row["street_code"] for row in table("compounds")}
    world.target(1_400_000)
    world.fill(
        "compound_register",
        [
            {
                "street_id": row["street_code"],
                "compound_id": row["compound_id"],
                "compound_name": row["compound"],
                "plan_year": "2013",
                "batch_no": row["batch"],
                "building_count": row["buildings"],
                "known_from": REGISTERED,
            }
            for row in table("compounds")
        ],
    )
    buildings = table("buildings")
    world.fill(
        "building_register",
        [
            {
                "street_id": streets[row["street"]],
                "compound_id": row["compound_id"],
                "building_id": row["building_id"],
                "building_no": row["building_no"],
                "programme_type_code": TYPES[row["programme"]],
                "floor_area_m2": row["floor_area_m2"],
                "household_count": row["households"],
                "contractor_id": row["contractor"],
                "known_from": REGISTERED,
            }
            for row in buildings
        ],
    )
    told = [report for building in buildings for report in reports(building)]
    world.fill("contractor_progress", [progress for progress, _ in told])
    world.fill("work_item_progress", [item for _, items in told for item in items])
    return world


def percent(share: Decimal | None) -> Decimal:
    assert share is not None
    return (share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def test_the_year_as_design_names_it(world: World) -> None:
    year = world.one("target_attainment", plan_year=2013)
    assert {name: value for name, value in year.items() if not name.endswith("_ratio")} == {
        "plan_year": 2013,
        "target_area_m2": 1_400_000,
        "started_area_m2": 1_644_600,
        "completed_area_m2": 1_628_400,
        "completed_to_date_area_m2": 1_644_600,
        "over_target_area_m2": 228_400,
        "benefited_compounds": 33,
        "benefited_buildings": 289,
        "benefited_households": 23_553,
        "completed_compounds": 32,
        "completed_buildings": 286,
        "completed_households": 23_306,
    }
    ratios = [percent(year[name]) for name in ("completion_ratio", "start_ratio", "completed_of_started_ratio")]
    assert ratios == [Decimal("116.3"), Decimal("117.5"), Decimal("99.0")]


@pytest.mark.parametrize(
    ("as_of", "completed", "rate"),
    [("2014-01-03", "1595384.66", "114.0"), ("2014-01-08", "1595384.66", "114.0"), ("2014-01-09", "1628400", "116.3")],
)
def test_the_year_as_it_was_known(world: World, as_of: str, completed: str, rate: str) -> None:
    year = world.one("target_attainment", as_of, plan_year=2013)
    assert year["completed_area_m2"] == year["completed_to_date_area_m2"] == Decimal(completed)
    assert percent(year["completion_ratio"]) == Decimal(rate)


def test_the_curve_at_every_month_end(world: World) -> None:
    planned = [
        (
            row["month"],
            int(row["cum_started_bldg"]),
            Decimal(row["cum_started_m2"]),
            int(row["cum_completed_bldg"]),
            Decimal(row["cum_completed_m2"]),
            Decimal(row["completion_rate_pct"]),
        )
        for row in table("monthly")
    ]
    curve = [
        (
            row["month_end"].strftime("%Y-%m"),
            row["started_buildings"],
            row["started_area_m2"],
            row["completed_buildings"],
            row["completed_area_m2"],
            percent(row["completion_ratio"]),
        )
        for row in world.read("attainment_curve")
    ]
    assert curve == planned
    assert [row["month_end"] for row in world.read("attainment_curve")] == [month_end(month) for month in MONTHS]


def test_november_stood_lower_while_only_a_copy_was_known(world: World) -> None:
    november = date(2013, 11, 30)
    rates = [
        percent(world.one("attainment_curve", as_of, month_end=november)["completion_ratio"])
        for as_of in ("2014-01-01", "2014-01-02")
    ]
    assert rates == [Decimal("108.5"), Decimal("110.9")]


def test_the_types(world: World) -> None:
    mix = {row["programme_type_code"]: row for row in world.read("programme_mix")}
    assert mix.keys() == {"SEISMIC_ENERGY", "ENERGY_ENV"}
    assert [mix[code]["started_area_m2"] for code in ("SEISMIC_ENERGY", "ENERGY_ENV")] == [73_600, 1_571_000]
    assert [mix[code]["started_buildings"] for code in ("SEISMIC_ENERGY", "ENERGY_ENV")] == [16, 273]
    shares = [percent(mix[code]["started_share_ratio"]) for code in ("SEISMIC_ENERGY", "ENERGY_ENV")]
    assert shares == [Decimal("4.5"), Decimal("95.5")]
    assert sum(row["started_compounds"] for row in mix.values()) == 36
    assert {row["completion_ratio"] for row in mix.values()} == {None}


def test_the_streets(world: World) -> None:
    counts = ("compounds", "buildings", "households")
    planned = [
        tuple(int(row[name]) if row[name].isdigit() else row[name] for name in ("rank", "street", *counts))
        + tuple(Decimal(row[name]) for name in ("started_m2", "completed_m2"))
        for row in table("streets")
    ]
    measures = (*counts, "started_area_m2", "completed_area_m2")
    ranked = sorted(world.read("street_ranking"), key=lambda row: row["area_rank"])
    assert [(row["area_rank"], row["street_name"], *(row[name] for name in measures)) for row in ranked] == planned
    assert ranked[1]["street_name"] == "花园路街道"
    assert abs(sum(row["district_share_ratio"] for row in ranked) - 1) < Decimal("1e-8")


def test_the_months_of_the_reports(world: World) -> None:
    totals: dict[date, list[Decimal]] = {}
    for row in world.read("monthly_progress"):
        total = totals.setdefault(row["report_month"], [Decimal(0), Decimal(0)])
        total[0] += row["started_area_cum_m2"]
        total[1] += row["completed_area_cum_m2"]
    planned = {
        date.fromisoformat(f"{row['month']}-01"): [Decimal(row["cum_started_m2"]), Decimal(row["cum_completed_m2"])]
        for row in table("monthly")
    }
    copied = date(2013, 11, 1)  # by report month November stays what the copy said
    assert totals.pop(copied) == [planned[copied][0], planned.pop(copied)[1] - Decimal("33522.24")]
    assert totals == planned


def test_statuses_and_items_at_the_year_end(world: World) -> None:
    # The night before the reports of January come: the year's, and nothing later.
    compounds = [row["status_code"] for row in world.read("compound_status", "2014-01-15")]
    assert sorted(compounds) == ["FINISHED"] * 32 + ["IN_PROGRESS"]
    buildings = world.read("building_status", "2014-01-15")
    unfinished = [row["building_id"] for row in buildings if not row["is_completed"]]
    assert unfinished == ["HD004-02-01", "HD004-02-02", "HD004-02-03"]
    assert {(row["items_planned"], row["items_accepted"]) for row in buildings if not row["is_completed"]} == {(2, 1)}
    items = {row["work_item_code"]: row for row in world.read("work_item_progress", "2014-01-15")}
    assert (items["WALL"]["accepted_buildings"], items["ROOF"]["accepted_buildings"]) == (289, 286)
    assert {row["status_code"] for row in world.read("compound_status")} == {"FINISHED"}


@pytest.mark.parametrize("as_of", ["2013-03-01", "2013-04-02", "2013-12-15", "2014-01-03", "2014-03-03"])
def test_no_check_fails_on_any_night(world: World, as_of: str) -> None:
    assert world.failures("fail", as_of) == set()
