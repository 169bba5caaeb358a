"""M18 on small tables: what each party says of a street at a month's end, and whether it is one thing."""

from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.summary_cases import parties
from tests.warehouse.summary_cases.world import STREET, World

DISTRICT = "110108"
WAN = Decimal(100)
"""One unit of the last decimal of an area in 万㎡ with two decimals."""


@pytest.fixture
def world() -> World:
    world = World()
    world.compound("甲院")
    world.building("甲-1", "甲院", 5_120, households=60)
    world.building("甲-2", "甲院", 6_110, households=70)
    return world


def say(world: World, table: str, month: str = "2013-09", **figures: Any) -> None:
    """One line of a sub-command's or the district's report, its areas written in 万㎡ with two decimals."""
    areas = [name for name in figures if name.endswith("_m2")]
    key = {"street_id": STREET}
    if table == "subcommand_monthly":
        key["compound_id"] = "甲院"
    key |= {name: figures.pop(name) for name in ("known_from", "compound_id", "street_id") if name in figures}
    if areas:
        figures["resolutions"] = dict.fromkeys(areas, WAN)
    world.add(table, report_month=f"{month}-01", **{"programme_type_code": "ENERGY_ENV", **figures}, **key)


def hold(world: World, entity: str, month: str | None = "2013-09", code: str = "E05", **claims: Any) -> None:
    """A row that waits in quarantine."""
    values = {
        "row_id": f"waits-{entity}",
        "entity": entity,
        "code": code,
        "street_id": STREET,
        "report_month": None if month is None else f"{month}-01",
        "known_from": "2013-01-01 00:00:00+08",
        **claims,
    }
    marks = ", ".join("?" for _ in values)
    world.db.execute(f"insert into ops.quarantine ({', '.join(values)}) values ({marks})", list(values.values()))


def both_buildings(world: World, month: str = "2013-09", **more: Any) -> None:
    world.report("甲-1", month, "2013-04-01", "2013-08-20", **more)
    world.report("甲-2", month, "2013-05-01", **more)


def rows(world: World, measure: str, street: str = STREET, as_of: str = "2014-03-03") -> list[dict[str, Any]]:
    return [
        row
        for row in world.read("reconciliation", as_of)
        if (row["measure_code"], row["street_id"]) == (measure, street)
    ]


def one(world: World, measure: str, street: str = STREET, as_of: str = "2014-03-03") -> dict[str, Any]:
    [row] = rows(world, measure, street, as_of)
    return row


def test_parties_that_say_the_same_are_green(world: World) -> None:
    both_buildings(world)
    for table in ("subcommand_monthly", "district_return"):
        say(
            world,
            table,
            started_buildings_cum=2,
            started_area_cum_m2=11_200,
            started_households_cum=130,
            completed_buildings_cum=1,
            completed_area_cum_m2=5_100,
            completed_households_cum=60,
            task_area_m2=11_200,
        )
    for street in (STREET, DISTRICT):
        found = [row for row in world.read("reconciliation") if row["street_id"] == street]
        assert {(row["measure_code"], row["light_zh"], row["agrees"]) for row in found} == {
            (measure, "绿", True)
            for measure in (
                "task_area",
                "started_buildings",
                "started_area",
                "started_households",
                "completed_buildings",
                "completed_area",
                "completed_households",
            )
        }
    row = one(world, "started_area")
    assert (row["contractor_value"], row["register_value"], row["subcommand_value"], row["return_value"]) == (
        11_230,
        11_230,
        11_200,
        11_200,
    )
    assert row["subcommand_difference"] == -30


@pytest.mark.parametrize(("area", "light"), [(11_180, "GREEN"), (11_300, "RED")])
def test_the_tolerance_is_half_a_unit_of_the_last_decimal_per_cell(world: World, area: int, light: str) -> None:
    # One line in 万㎡ with two decimals: 50 ㎡. Two areas of the register with two decimals: 0.01 ㎡.
    both_buildings(world)
    say(world, "subcommand_monthly", started_area_cum_m2=area)
    row = one(world, "started_area")
    assert (row["subcommand_tolerance"], row["light_code"]) == (Decimal("50.01"), light)
    assert row["differing_parties"] == ([] if light == "GREEN" else ["subcommand"])


def test_counts_have_no_tolerance(world: World) -> None:
    both_buildings(world)
    say(world, "subcommand_monthly", started_buildings_cum=2, started_households_cum=129)
    assert one(world, "started_buildings")["agrees"] is True
    row = one(world, "started_households")
    assert (row["agrees"], row["differing_parties"], row["subcommand_difference"]) == (False, ["subcommand"], -1)


def test_a_party_that_says_nothing_is_null_and_one_voice_is_no_agreement(world: World) -> None:
    both_buildings(world)
    row = one(world, "started_area")
    assert (row["subcommand_value"], row["return_value"], row["city_value"]) == (None, None, None)
    assert (row["light_code"], row["agrees"], row["differing_parties"]) == (None, None, [])


def test_an_area_restated_by_a_contractor_differs_from_the_register(world: World) -> None:
    both_buildings(world)
    world.db.execute("update core.contractor_progress set floor_area_m2 = 5210 where building_id = '甲-1'")
    row = one(world, "started_area")
    assert (row["contractor_value"], row["register_value"]) == (11_320, 11_230)
    assert (row["light_code"], row["differing_parties"], row["contractor_difference"]) == ("RED", ["contractor"], 90)


def test_a_building_not_reported_leaves_it_open_as_far_as_it_reaches(world: World) -> None:
    world.report("甲-2", "2013-09", "2013-05-01")  # nothing of 甲-1
    say(world, "subcommand_monthly", started_buildings_cum=2, completed_buildings_cum=2)
    started = one(world, "started_buildings")
    assert (started["contractor_value"], started["contractor_unsaid"], started["light_zh"]) == (1, 1, "黄")
    completed = one(world, "completed_buildings")  # one building cannot explain two
    assert (completed["contractor_value"], completed["contractor_unsaid"], completed["light_zh"]) == (0, 1, "红")


def test_a_building_missing_from_a_month_stands_as_before(world: World) -> None:
    both_buildings(world, "2013-08")
    world.report("甲-2", "2013-09", "2013-05-01")
    say(world, "subcommand_monthly", started_buildings_cum=2, completed_buildings_cum=1)
    assert [row["light_zh"] for row in rows(world, "started_buildings")] == [None, "绿"]
    completed = rows(world, "completed_buildings")  # 甲-1 was finished in August
    assert [(row["contractor_value"], row["light_zh"]) for row in completed] == [(1, None), (1, "绿")]


def test_a_compound_missing_from_the_sub_command_leaves_it_open(world: World) -> None:
    world.compound("乙院")
    world.building("乙-1", "乙院", 4_000)
    both_buildings(world)
    world.report("乙-1", "2013-09", "2013-06-01")
    say(world, "subcommand_monthly", started_area_cum_m2=11_200)
    row = one(world, "started_area")
    assert (row["subcommand_unsaid"], row["subcommand_difference"], row["light_zh"]) == (4_000, -4_030, "黄")


def test_a_row_that_waits_leaves_its_street_and_month_open(world: World) -> None:
    for month in ("2013-08", "2013-09"):
        both_buildings(world, month)
        say(world, "subcommand_monthly", month, started_buildings_cum=2)
    hold(world, "contractor_progress", known_to="2014-01-09 00:00:00+08", code="E01")
    assert [row["light_zh"] for row in rows(world, "started_buildings", as_of="2014-01-08")] == ["绿", "黄"]
    assert [row["waiting_rows"] for row in rows(world, "started_buildings", as_of="2014-01-08")] == [0, 1]
    assert [row["light_zh"] for row in rows(world, "started_buildings", as_of="2014-01-09")] == ["绿", "绿"]


def test_a_sub_command_all_of_whose_rows_wait_speaks_without_a_figure(world: World) -> None:
    both_buildings(world)
    hold(world, "subcommand_monthly", code="E10")
    row = one(world, "started_area")
    assert (row["subcommand_value"], row["subcommand_unsaid"], row["light_zh"]) == (None, 11_230, "黄")


def test_a_row_of_the_register_waits_in_every_month(world: World) -> None:
    for month in ("2013-08", "2013-09"):
        both_buildings(world, month)
        say(world, "subcommand_monthly", month, started_buildings_cum=2)
    hold(world, "building_register", month=None, code="E30")
    assert [row["light_zh"] for row in rows(world, "started_buildings")] == ["黄", "黄"]


def test_the_return_inherits_the_rounding_of_what_it_adds_up(world: World) -> None:
    world.building("甲-3", "甲院", 5_040, programme_type_code="SEISMIC_ENERGY")
    both_buildings(world)
    world.report("甲-3", "2013-09", "2013-05-01")
    say(world, "subcommand_monthly", started_area_cum_m2=11_200)
    say(world, "subcommand_monthly", started_area_cum_m2=5_000, programme_type_code="SEISMIC_ENERGY")
    say(world, "district_return", started_area_cum_m2=11_200)
    say(world, "district_return", started_area_cum_m2=4_900, programme_type_code="SEISMIC_ENERGY")
    row = one(world, "started_area")  # 2 lines of the return and 2 of the sub-command at 50, 3 areas at 0.005
    assert (row["return_tolerance"], row["return_difference"]) == (Decimal("200.015"), -170)
    assert row["differing_parties"] == []


def test_without_contractors_the_return_is_held_against_the_sub_command(world: World) -> None:
    say(world, "subcommand_monthly", started_buildings_cum=2)
    say(world, "district_return", started_buildings_cum=3)
    row = one(world, "started_buildings")
    assert (row["contractor_value"], row["register_value"], row["subcommand_difference"]) == (None, None, None)
    assert (row["return_difference"], row["differing_parties"], row["light_zh"]) == (1, ["return"], "红")


def test_the_district_is_the_sum_of_its_streets_and_the_city_stands_beside(world: World) -> None:
    world.target(10_000)
    other = "110108002"
    world.compound("丙院", street=other)
    world.building("丙-1", "丙院", 2_000, street_id=other)
    both_buildings(world)
    world.report("丙-1", "2013-09", "2013-05-01")
    say(world, "subcommand_monthly", started_buildings_cum=2, task_area_m2=11_200)
    say(world, "subcommand_monthly", started_buildings_cum=2, task_area_m2=2_000, compound_id="丙院", street_id=other)
    assert [one(world, "started_buildings", street)["light_zh"] for street in (STREET, other, DISTRICT)] == [
        "绿",
        "红",
        "红",
    ]
    district = one(world, "task_area", DISTRICT)
    assert (district["register_value"], district["city_value"], district["light_zh"]) == (13_230, 10_000, "绿")
    assert one(world, "task_area")["city_value"] is None


def test_a_street_not_heard_yet_leaves_the_district_open(world: World) -> None:
    other = "110108002"
    world.compound("丙院", street=other)
    world.building("丙-1", "丙院", 2_000, street_id=other)
    both_buildings(world)
    say(world, "subcommand_monthly", started_buildings_cum=2)
    say(world, "subcommand_monthly", started_buildings_cum=1, compound_id="丙院", street_id=other)
    row = one(world, "started_buildings", DISTRICT)
    assert (row["contractor_value"], row["contractor_unsaid"], row["subcommand_value"], row["light_zh"]) == (
        2,
        1,
        3,
        "黄",
    )
    assert one(world, "started_buildings", other)["light_code"] is None


def test_compounds_nobody_mentions_in_a_month_are_not_compared(world: World) -> None:
    world.compound("来年院", year=2014)
    world.building("来年-1", "来年院", 9_000)
    both_buildings(world)
    say(world, "subcommand_monthly", started_buildings_cum=2, task_area_m2=11_200)
    assert {one(world, measure)["light_zh"] for measure in ("started_buildings", "task_area")} == {"绿"}


def test_every_figure_lists_its_cells_and_is_their_sum(world: World) -> None:
    world.target(10_000)
    both_buildings(world, household_count=65)
    say(
        world,
        "subcommand_monthly",
        started_area_cum_m2=11_200,
        started_buildings_cum=2,
        addresses={"started_area_cum_m2": "F7", "started_buildings_cum": "E7"},
    )
    say(world, "district_return", started_buildings_cum=2)
    terms = world.read("core.reconciliation_terms")
    for row in world.read("reconciliation"):
        for party in ("contractor", "register", "subcommand", "return"):
            values = [
                term["value"]
                for term in terms
                if (term["measure_code"], term["party_code"]) == (row["measure_code"], party.upper())
            ]
            assert row[f"{party}_value"] in (sum(values), None), (row["measure_code"], party)
            assert values == [] or row[f"{party}_value"] is not None
    cells = {(t["measure_code"], t["address"]) for t in terms if t["party_code"] == "SUBCOMMAND"}
    assert cells == {("started_area", "F7"), ("started_buildings", "E7")}


def test_a_disagreement_warns_and_the_light_follows_the_parties(world: World) -> None:
    both_buildings(world)
    say(world, "subcommand_monthly", started_buildings_cum=3)
    assert "reconciliation.parties_differ" in world.failures("warn")
    assert not world.failures("fail")
    assert world.unseen(parties.BROKEN) == set()
