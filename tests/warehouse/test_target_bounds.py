"""Low and high bounds of the headline areas over what is in dispute, worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.summary_cases.world import STREET, World
from tests.warehouse.test_reconciliation import hold, say


@pytest.fixture
def world() -> World:
    """甲-1 (5,000 ㎡) finished and 甲-2 (6,000 ㎡) under way, against a target of 10,000 ㎡."""
    world = World()
    world.target(10_000)
    world.compound("甲院")
    world.building("甲-1", "甲院", 5_000)
    world.building("甲-2", "甲院", 6_000)
    report(world, "2013-09")
    return world


def report(world: World, month: str) -> None:
    world.report("甲-1", month, "2013-04-01", "2013-08-20", street_id=STREET)
    world.report("甲-2", month, "2013-05-01", street_id=STREET)


def bounds(world: World, as_of: str = "2014-03-03") -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Low, figure and high of the started and of the completed area."""
    row = world.one("target_bounds", as_of, plan_year=2013)
    return tuple(
        (row[f"{stage}_area_low_m2"], row[f"{stage}_area_m2"], row[f"{stage}_area_high_m2"])
        for stage in ("started", "completed")
    )


def test_where_nothing_is_in_dispute_low_and_high_are_the_figure(world: World) -> None:
    say(world, "subcommand_monthly", started_area_cum_m2=11_000, completed_area_cum_m2=5_000)
    assert bounds(world) == ((11_000,) * 3, (5_000,) * 3)


def test_what_rounding_explains_is_no_dispute(world: World) -> None:
    say(world, "subcommand_monthly", started_area_cum_m2=11_050, completed_area_cum_m2=4_950)
    assert bounds(world) == ((11_000,) * 3, (5_000,) * 3)


def test_what_the_sub_command_claims_on_top_raises_the_high(world: World) -> None:
    say(world, "subcommand_monthly", started_area_cum_m2=11_000, completed_area_cum_m2=11_000)
    assert bounds(world) == ((11_000,) * 3, (5_000, 5_000, 11_000))
    row = world.one("target_bounds")
    assert (row["completion_low_ratio"], row["completion_high_ratio"]) == (Decimal("0.5"), Decimal("1.1"))


def test_what_the_sub_command_does_not_confirm_lowers_the_low(world: World) -> None:
    say(world, "subcommand_monthly", started_area_cum_m2=5_000, completed_area_cum_m2=0)
    assert bounds(world) == ((5_000, 11_000, 11_000), (0, 5_000, 5_000))


def test_disputes_of_two_compounds_do_not_cancel_out(world: World) -> None:
    world.compound("乙院", street="110108002")
    world.building("乙-1", "乙院", 4_000, street_id="110108002")
    world.report("乙-1", "2013-09", "2013-04-01", "2013-08-20")
    say(world, "subcommand_monthly", completed_area_cum_m2=9_000)
    say(world, "subcommand_monthly", completed_area_cum_m2=0, compound_id="乙院", street_id="110108002")
    assert bounds(world)[1] == (5_000, 9_000, 13_000)
    assert world.one("target_bounds")["disputed_streets"] == 2


def test_only_the_newest_line_counts_up_to_the_year_end(world: World) -> None:
    report(world, "2013-10")
    say(world, "subcommand_monthly", "2013-09", completed_area_cum_m2=11_000)
    say(world, "subcommand_monthly", "2013-10", completed_area_cum_m2=5_000)
    assert bounds(world)[1] == (5_000,) * 3
    world.report("甲-2", "2014-01", "2013-05-01", "2014-01-20")
    say(world, "subcommand_monthly", "2014-01", completed_area_cum_m2=11_000)  # after the year that counts
    assert bounds(world)[1] == (5_000,) * 3


def test_a_line_is_held_against_its_own_month_end(world: World) -> None:
    say(world, "subcommand_monthly", "2013-09", completed_area_cum_m2=5_000)
    world.report("甲-2", "2013-10", "2013-05-01", "2013-10-20")  # the sub-command's October is still to come
    assert bounds(world)[1] == (11_000,) * 3


def test_an_area_a_contractor_states_otherwise_is_in_dispute(world: World) -> None:
    world.db.execute("update core.contractor_progress set floor_area_m2 = 4100 where building_id = '甲-1'")
    assert bounds(world) == ((10_100, 11_000, 11_000), (4_100, 5_000, 5_000))
    world.db.execute("update core.contractor_progress set floor_area_m2 = 5100 where building_id = '甲-1'")
    assert bounds(world) == ((11_000, 11_000, 11_100), (5_000, 5_000, 5_100))


WAITS = {"filer_id": "k1", "started_area_m2": 6_000, "completed_area_m2": 6_000, "building_id": "甲-2"}


def test_a_waiting_row_raises_the_high_by_what_does_not_count_yet(world: World) -> None:
    hold(world, "contractor_progress", "2013-10", code="E06", **WAITS)
    assert bounds(world) == ((11_000,) * 3, (5_000, 5_000, 11_000))


def test_a_waiting_row_that_may_be_another_building_counts_in_full(world: World) -> None:
    hold(world, "contractor_progress", "2013-10", code="E01", **{**WAITS, "building_id": None})
    assert bounds(world) == ((11_000, 11_000, 17_000), (5_000, 5_000, 11_000))


def test_a_waiting_row_overtaken_by_the_next_report_claims_nothing(world: World) -> None:
    hold(world, "contractor_progress", "2013-10", code="E06", **WAITS)
    report(world, "2013-11")
    assert bounds(world)[1] == (5_000,) * 3


def test_a_waiting_row_and_a_sub_command_that_say_the_same_count_once(world: World) -> None:
    hold(world, "contractor_progress", "2013-10", code="E06", **WAITS)
    say(world, "subcommand_monthly", "2013-09", completed_area_cum_m2=11_000)
    assert bounds(world)[1] == (5_000, 5_000, 11_000)


def test_a_year_without_a_target_has_bounds_and_no_ratios(world: World) -> None:
    world.db.execute("truncate core.municipal_target")
    row = world.one("target_bounds")
    assert (row["completed_area_low_m2"], row["completion_low_ratio"], row["completion_high_ratio"]) == (
        5_000,
        None,
        None,
    )


def test_the_rows_behind_a_dispute_are_listed(world: World) -> None:
    say(world, "subcommand_monthly", completed_area_cum_m2=11_000)
    hold(world, "contractor_progress", "2013-10", code="E06", **WAITS)
    [line, waiting] = world.read("core.area_in_dispute")
    assert [(row["source_code"], row["completed_claimed_m2"]) for row in (line, waiting)] == [
        ("SUBCOMMAND", 6_000),
        ("WAITING", 6_000),
    ]
    assert waiting["row_ids"] == ["waits-contractor_progress"]
    said = world.db.execute("select row_id from core.subcommand_monthly").fetchall()
    assert said == [(row_id,) for row_id in line["row_ids"]]
