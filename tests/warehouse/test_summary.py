"""The marts M01–M07 on tables small enough to read; ids explain the case (DOMAIN section 8)."""

import re
from decimal import Decimal

import pytest

from tests.warehouse.summary_cases import parties, residents, works
from tests.warehouse.summary_cases.world import World, day, models


@pytest.fixture
def world() -> World:
    return World()


def ratio(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("1e-10"))


# --- the header of every file says what it makes


@pytest.mark.parametrize("name", models())
def test_header_names_every_column_in_order(world: World, name: str) -> None:
    made = [row[0] for row in world.db.execute(f"describe from {name}_as_of(now())").fetchall()]
    assert list(models()[name].columns) == made
    # 中文 | meaning; unit
    assert {(text.count(" | "), text.count("; ")) for text in models()[name].columns.values()} == {(1, 1)}


@pytest.mark.parametrize("name", models())
def test_areas_are_decimals_and_ratios_are_never_floating(world: World, name: str) -> None:
    types = {row[0]: row[1] for row in world.db.execute(f"describe from {name}_as_of(now())").fetchall()}
    assert "DOUBLE" not in types.values()
    assert {type_ for column, type_ in types.items() if column.endswith("_m2")} <= {"DECIMAL(14,2)"}
    assert {type_ for column, type_ in types.items() if column.endswith("_ratio")} <= {"DECIMAL(28,10)"}
    assert not any(type_ == "HUGEINT" for type_ in types.values())


@pytest.mark.parametrize("name", models())
def test_reads_names_what_the_select_reads(name: str) -> None:
    read = set(re.findall(r"\b(?:core|summary|ops)\.[a-z_]+?(?=_as_of\(|\s)", models()[name].body))
    assert read == set(models()[name].reads)


def test_an_empty_warehouse_has_empty_marts(world: World) -> None:
    assert all(world.read(name) == [] for name, model in models().items() if model.layer == "summary")
    assert not world.failures("fail")


# --- the seven traps


def test_trap_1_the_rate_is_against_the_target_not_against_started(world: World) -> None:
    world.target(100)
    world.compound("c")
    world.building("done", "c", 90)
    world.building("begun", "c", 30)
    world.report("done", "2013-09", "2013-04-01", "2013-09-30", items={"WALL": (1, 1)})
    world.report("begun", "2013-09", "2013-04-01", items={"WALL": (0, 1)})
    year = world.one("target_attainment", plan_year=2013)
    assert year["completion_ratio"] == ratio("0.9")
    assert year["start_ratio"] == ratio("1.2")
    assert year["completed_of_started_ratio"] == ratio("0.75")
    assert year["over_target_area_m2"] == -10


def test_trap_2_the_district_share_is_from_sums_not_from_averages(world: World) -> None:
    for street, area in (("large", 900), ("small", 100)):
        world.compound(f"c-{street}", street=street)
        world.building(f"b-{street}", f"c-{street}", area, street_id=street)
        world.report(f"b-{street}", "2013-09", "2013-04-01")
    world.building("b-small-not-begun", "c-small", 5000, street_id="small")
    streets = world.read("street_ranking")
    assert [(s["street_id"], s["area_rank"], s["district_share_ratio"]) for s in streets] == [
        ("large", 1, ratio("0.9")),
        ("small", 2, ratio("0.1")),
    ]
    assert sum(s["district_share_ratio"] for s in streets) == 1


def test_trap_3_a_compound_of_two_types_counts_once(world: World) -> None:
    world.compound("both-types")
    world.building("seismic", "both-types", 40, programme_type_code="SEISMIC_ENERGY")
    world.building("energy", "both-types", 60)
    for building in ("seismic", "energy"):
        world.report(building, "2013-09", "2013-04-01", "2013-09-30", items={"WALL": (1, 1)})
    year = world.one("target_attainment")
    assert (year["benefited_compounds"], year["completed_compounds"]) == (1, 1)
    assert world.one("street_ranking")["compounds"] == 1
    mix = world.read("programme_mix")
    assert [(m["programme_type_code"], m["started_compounds"], m["started_share_ratio"]) for m in mix] == [
        ("ENERGY_ENV", 1, ratio("0.6")),
        ("SEISMIC_ENERGY", 1, ratio("0.4")),
    ]


def test_trap_4_benefited_is_one_item_done_completed_is_all_of_them(world: World) -> None:
    world.compound("c")
    stories = {
        "no-item-done": (None, {"WALL": (0.5, 1), "ROOF": (0, 1)}),
        "one-item-done": (None, {"WALL": (1, 1), "ROOF": (0, 1)}),
        "finished-but-roof-open": ("2013-09-30", {"WALL": (1, 1), "ROOF": (0.9, 1)}),
        "all-done": ("2013-09-30", {"WALL": (1, 1), "ROOF": (1.2, 1), "SLOPE": (0, 0)}),
    }
    for number, (building, (finish, items)) in enumerate(stories.items()):
        world.building(building, "c", 100, households=10**number)
        world.report(building, "2013-09", "2013-04-01", finish, items=items)
    year = world.one("target_attainment")
    assert (year["benefited_buildings"], year["benefited_households"], year["benefited_compounds"]) == (3, 1110, 1)
    assert (year["completed_buildings"], year["completed_households"], year["completed_compounds"]) == (1, 1000, 0)
    items = {row["building_id"]: (row["items_accepted"], row["items_planned"]) for row in world.read("building_status")}
    assert items == {
        "no-item-done": (0, 2),
        "one-item-done": (1, 2),
        "finished-but-roof-open": (1, 2),
        "all-done": (2, 2),
    }
    assert "building_status.finished_with_open_items" in world.failures("warn")


def test_trap_5_a_finish_told_late_counts_in_its_month_and_in_the_report_that_tells_it(world: World) -> None:
    world.target(100)
    world.compound("c")
    world.building("told-late", "c", 100)
    world.report("told-late", "2013-09", "2013-04-01", items={"WALL": (0, 1)}, known_from="2013-10-02")
    told = {"items": {"WALL": (1, 1)}, "known_from": "2013-11-02"}
    world.report("told-late", "2013-10", "2013-04-01", "2013-09-20", **told)
    curve = {row["month_end"]: row["completed_area_m2"] for row in world.read("attainment_curve")}
    assert (curve[day("2013-08-31")], curve[day("2013-09-30")], curve[day("2013-10-31")]) == (0, 100, 100)
    reported = {row["report_month"]: row["completed_area_month_m2"] for row in world.read("monthly_progress")}
    assert reported == {day("2013-09-01"): 0, day("2013-10-01"): 100}
    # Before the late report the month stood at nothing, and that answer stays.
    as_known = world.one("attainment_curve", "2013-10-20", month_end=day("2013-09-30"))
    assert as_known["completed_area_m2"] == 0


def test_trap_6_one_building_two_voices_in_a_month_counts_once(world: World) -> None:
    """A total row never reaches core; a building that two accepted rows name must not double either."""
    world.compound("c")
    world.building("at-the-lot-border", "c", 100, contractor_id="k-named")
    for contractor in ("a-stranger", "k-named"):
        finish = "2013-09-30" if contractor == "k-named" else None
        items = {"WALL": (1 if finish else 0, 1)}
        world.report("at-the-lot-border", "2013-09", "2013-04-01", finish, contractor_id=contractor, items=items)
    year = world.one("target_attainment")
    assert (year["started_area_m2"], year["completed_area_m2"], year["benefited_buildings"]) == (100, 100, 1)
    assert world.one("monthly_progress")["completed_area_cum_m2"] == 100
    assert world.one("work_item_progress")["qty_cum"] == 1


def test_trap_7_the_task_year_takes_the_area_whenever_it_is_finished(world: World) -> None:
    world.target(100)
    world.target(100, year=2014)
    world.compound("task-of-2013")
    world.building("finished-in-2013", "task-of-2013", 90)
    world.building("finished-in-2014", "task-of-2013", 20)
    world.report("finished-in-2013", "2013-12", "2013-04-01", "2013-12-31")
    world.report("finished-in-2014", "2014-01", "2013-04-01", "2014-01-01")
    years = {row["plan_year"]: row for row in world.read("target_attainment")}
    assert years[2013]["completed_area_m2"] == 90
    assert years[2013]["completed_to_date_area_m2"] == 110
    assert years[2013]["completed_compounds"] == 0
    assert years[2014]["completed_area_m2"] == years[2014]["completed_to_date_area_m2"] == 0
    curve = {row["month_end"]: row["completed_area_m2"] for row in world.read("attainment_curve")}
    assert curve[day("2013-12-31")] == 90
    assert curve[day("2014-01-31")] == 110
    assert world.one("programme_mix")["completed_area_m2"] == 90
    assert world.one("street_ranking")["completed_area_m2"] == 90


# --- targets


def test_newest_adjustment_of_our_district_wins(world: World) -> None:
    world.target(100, version=1)
    world.target(80, version=3, known_from="2013-06-01 00:00:00+08")
    world.target(90, version=2, known_from="2013-07-01 00:00:00+08")
    world.target(7, version=9, district="朝阳区")
    world.target(7, version=9, programme_type_code="SEISMIC_ENERGY")
    assert world.one("target_attainment")["target_area_m2"] == 80
    assert world.one("target_attainment", "2013-05-31")["target_area_m2"] == 100


def test_years_without_target_and_without_buildings_both_show(world: World) -> None:
    world.target(100, year=2012)
    world.compound("c", year=2014)
    world.building("no-target-that-year", "c", 50)
    world.report("no-target-that-year", "2014-02", "2014-02-01")
    named, unnamed = world.read("target_attainment")
    assert (named["plan_year"], named["started_area_m2"], named["completion_ratio"]) == (2012, 0, 0)
    assert named["completed_of_started_ratio"] is None
    assert (unnamed["plan_year"], unnamed["started_area_m2"], unnamed["target_area_m2"]) == (2014, 50, None)
    assert unnamed["completion_ratio"] is unnamed["start_ratio"] is unnamed["over_target_area_m2"] is None
    assert "target_attainment.year_without_target" in world.failures("warn")


def test_a_target_of_nought_gives_no_ratio(world: World) -> None:
    world.target(0)
    world.compound("c")
    world.building("b", "c", 50)
    world.report("b", "2013-05", "2013-04-01")
    assert world.one("target_attainment")["start_ratio"] is None
    assert not world.failures("fail")


def test_an_absurdly_small_target_gives_a_large_ratio_and_no_error(world: World) -> None:
    world.target(0.01)
    world.compound("c")
    world.building("b", "c", 59_999_999.99)
    world.report("b", "2013-05", "2013-04-01")
    assert world.one("target_attainment")["start_ratio"].to_integral_value() == 5_999_999_999


def test_a_ratio_that_ends_keeps_its_tie_for_rounding_at_the_edge(world: World) -> None:
    world.target(160)
    world.compound("c")
    world.building("b", "c", 186)
    world.report("b", "2013-05", "2013-04-01")
    assert world.one("target_attainment")["start_ratio"] == ratio("1.1625")  # 116.25 %, half-up 116.3 %


def test_the_split_of_a_target_gives_its_type_a_rate(world: World) -> None:
    world.target(100)
    world.target(50, programme_type_code="SEISMIC_ENERGY")
    world.compound("c")
    world.building("energy", "c", 60)
    world.report("energy", "2013-09", "2013-04-01", "2013-09-30")
    mix = {row["programme_type_code"]: row for row in world.read("programme_mix")}
    assert mix["ENERGY_ENV"]["completion_ratio"] is None
    assert (mix["SEISMIC_ENERGY"]["completion_ratio"], mix["SEISMIC_ENERGY"]["started_area_m2"]) == (0, 0)


# --- what starts, completes and benefits a building


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ("a forecast", {"actual_finish_kind": "forecast"}),
        ("a status that is not finished", {"status_code": "IN_PROGRESS"}),
        ("no status", {"status_code": None}),
        ("a finish after the day", {"actual_finish": "2014-03-04"}),
        ("no finish date", {"actual_finish": None, "actual_finish_kind": "text"}),
    ],
)
def test_not_completed_with(world: World, case: str, change: dict[str, str | None]) -> None:
    world.compound("c")
    world.building(case, "c", 100)
    world.report(case, "2014-02", "2013-04-01", "2014-02-20", items={"WALL": (1, 1)}, **change)
    year = world.one("target_attainment")
    assert (year["completed_to_date_area_m2"], year["started_area_m2"]) == (0, 100)
    assert world.one("compound_status")["status_code"] == "IN_PROGRESS"


def test_the_latest_report_speaks_whatever_came_first(world: World) -> None:
    world.compound("c")
    world.building("start-withdrawn", "c", 100)
    world.report("start-withdrawn", "2013-05", None, status="NOT_STARTED", known_from="2013-06-02")
    world.report("start-withdrawn", "2013-04", "2013-04-10", known_from="2013-08-01")
    assert world.one("target_attainment")["started_area_m2"] == 0


def test_an_accepted_building_is_completed_and_a_building_without_items_needs_none(world: World) -> None:
    world.compound("c")
    world.building("accepted-no-items", "c", 100)
    world.report("accepted-no-items", "2013-09", "2013-04-01", "2013-09-30", status="ACCEPTED")
    year = world.one("target_attainment")
    assert (year["completed_buildings"], year["benefited_buildings"]) == (1, 0)


def test_an_item_missing_from_the_newest_report_stands_as_last_told(world: World) -> None:
    """Its row may wait in quarantine: what could not be judged must not pass as done."""
    world.compound("c")
    world.building("roof-row-in-quarantine", "c", 100)
    world.report("roof-row-in-quarantine", "2013-08", "2013-04-01", items={"WALL": (1, 1), "ROOF": (0.4, 1)})
    world.report("roof-row-in-quarantine", "2013-09", "2013-04-01", "2013-09-30", items={"WALL": (1, 1)})
    year = world.one("target_attainment")
    assert (year["completed_buildings"], year["benefited_buildings"]) == (0, 1)


def test_benefited_counts_by_the_report_of_the_day_and_can_fall_with_a_correction(world: World) -> None:
    world.compound("c")
    world.building("wall-taken-back", "c", 100)
    world.report("wall-taken-back", "2013-08", "2013-04-01", items={"WALL": (1, 1)})
    world.report("wall-taken-back", "2013-10", "2013-04-01", items={"WALL": (0.8, 1)})
    benefited = {row["month_end"]: row["benefited_buildings"] for row in world.read("attainment_curve")}
    months = ("2013-07-31", "2013-08-31", "2013-09-30", "2013-10-31")
    assert [benefited[day(month)] for month in months] == [0, 1, 1, 0]
    assert "attainment_curve.benefited_falls" in world.failures("warn")


def test_an_item_first_done_after_the_year_does_not_benefit_the_year(world: World) -> None:
    world.compound("c")
    world.building("first-item-in-january", "c", 100)
    world.report("first-item-in-january", "2013-12", "2013-04-01", items={"WALL": (0.5, 1)})
    world.report("first-item-in-january", "2014-01", "2013-04-01", items={"WALL": (1, 1)})
    assert world.one("target_attainment")["benefited_buildings"] == 0
    assert world.one("building_status")["is_benefited"]


def test_a_day_known_to_the_month_counts_when_the_month_is_over(world: World) -> None:
    world.compound("c")
    world.building("sometime-in-april", "c", 100)
    world.building("sometime-that-year", "c", 10)
    world.report("sometime-in-april", "2013-12", "2013-04-01", actual_start_precision="month")
    world.report("sometime-that-year", "2013-12", "2013-01-01", actual_start_precision="year")
    curve = {row["month_end"]: row["started_area_m2"] for row in world.read("attainment_curve")}
    assert min(curve) == day("2013-04-30")
    assert (curve[day("2013-04-30")], curve[day("2013-11-30")], curve[day("2013-12-31")]) == (100, 100, 110)


def test_area_and_households_come_from_the_register(world: World) -> None:
    world.compound("c")
    world.building("area-corrected", "c", 999, 9, known_to="2013-06-01 00:00:00+08")
    world.building("area-corrected", "c", 100, 10, known_from="2013-06-01 00:00:00+08")
    world.report("area-corrected", "2013-04", "2013-04-01", items={"WALL": (1, 1)})
    before, after = (world.one("target_attainment", at) for at in ("2013-05-31", "2013-06-01"))
    assert (before["started_area_m2"], before["benefited_households"]) == (999, 9)
    assert (after["started_area_m2"], after["benefited_households"]) == (100, 10)


def test_a_building_whose_compound_has_no_year_is_in_no_year_but_has_a_status(world: World) -> None:
    world.compound("no-year", year=None)
    world.building("b", "no-year", 100)
    world.report("b", "2013-04", "2013-04-01", items={"WALL": (1, 1)})
    assert world.read("target_attainment") == world.read("programme_mix") == world.read("work_item_progress") == []
    assert world.one("building_status")["is_started"]
    assert world.one("compound_status")["status_code"] == "IN_PROGRESS"


# --- the curve's ends


def test_the_curve_runs_from_the_first_start_to_the_newest_report(world: World) -> None:
    world.compound("c")
    world.building("b", "c", 100)
    world.report("b", "2013-04", None, known_from="2013-05-02 00:00:00+08")
    world.report("b", "2013-06", "2013-05-20", known_from="2013-07-02 00:00:00+08")
    months = [row["month_end"] for row in world.read("attainment_curve", "2013-09-15")]
    assert months == [day("2013-05-31"), day("2013-06-30")]
    assert world.read("attainment_curve", "2013-06-15") == []


def test_the_curve_stops_at_the_month_of_the_day(world: World) -> None:
    world.compound("c")
    world.building("b", "c", 100)
    world.report("b", "2013-06", "2013-04-20")  # a report sent before its month is over
    months = [row["month_end"] for row in world.read("attainment_curve", "2013-05-15")]
    assert months == [day("2013-04-30"), day("2013-05-31")]


def test_the_day_is_shanghais_whatever_the_session(world: World) -> None:
    world.compound("c")
    world.building("finished-on-new-years-day", "c", 100)
    world.report("finished-on-new-years-day", "2014-01", "2013-04-01", "2014-01-01")
    for zone in ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Auckland"):
        world.db.execute(f"set timezone = '{zone}'")
        assert world.one("target_attainment", "2013-12-31")["completed_to_date_area_m2"] == 0
        assert world.one("target_attainment", "2014-01-01")["completed_to_date_area_m2"] == 100


# --- streets, months


def test_equal_streets_share_a_rank_and_a_street_without_a_start_has_none(world: World) -> None:
    areas = {"110108001": 50, "110108002": 30, "110108003": 30, "110108004": 20, "110108005": 0}
    for street, area in areas.items():
        world.compound(f"c-{street}", street=street)
        world.building(f"b-{street}", f"c-{street}", area or 10, street_id=street)
        world.report(f"b-{street}", "2013-09", "2013-04-01" if area else None)
    ranks = [(row["street_name"], row["area_rank"]) for row in world.read("street_ranking")]
    names = ("万寿路街道", "永定路街道", "羊坊店街道", "甘家口街道", "八里庄街道")
    assert ranks == list(zip(names, (1, 2, 2, 3, None), strict=True))
    assert not world.failures("fail")


def test_a_missing_month_stands_as_last_reported_and_a_correction_can_take_back(world: World) -> None:
    world.compound("c")
    world.building("reported-every-month", "c", 100)
    world.building("silent-in-september", "c", 10, households=3)
    for month in ("08", "09", "10"):
        world.report("reported-every-month", f"2013-{month}", "2013-08-05")
    world.report("silent-in-september", "2013-08", "2013-08-20")
    world.report("silent-in-september", "2013-10", None)
    rows = [
        (row["started_area_cum_m2"], row["started_area_month_m2"], row["known_buildings"], row["reported_buildings"])
        for row in world.read("monthly_progress")
    ]
    assert rows == [(110, 110, 2, 2), (110, 0, 2, 1), (100, -10, 2, 2)]
    assert {"monthly_progress.cumulative_falls", "monthly_progress.building_not_reported"} <= world.failures("warn")


def test_a_month_nobody_reported_has_a_row_of_nothing_new(world: World) -> None:
    world.compound("c")
    world.building("b", "c", 100)
    world.report("b", "2013-08", "2013-08-05")
    world.report("b", "2013-10", "2013-08-05", "2013-10-05")
    rows = world.read("monthly_progress")
    assert [
        (row["report_month"].month, row["started_area_month_m2"], row["completed_area_month_m2"]) for row in rows
    ] == [
        (8, 100, 0),
        (9, 0, 0),
        (10, 0, 100),
    ]


# --- compounds, buildings, items


def test_compound_status(world: World) -> None:
    cases = {
        "1-none-registered": [],
        "2-none-begun": [None, None],
        "3-one-begun": ["begun", None],
        "4-done-but-one-not-begun": ["done", None],
        "5-all-done": ["done", "done"],
    }
    for compound, buildings in cases.items():
        world.compound(compound, building_count=len(buildings) + (compound == "5-all-done"))
        for number, state in enumerate(buildings):
            world.building(f"{compound}/{number}", compound, 100)
            world.report(
                f"{compound}/{number}",
                "2013-09",
                "2013-04-01" if state else None,
                "2013-09-30" if state == "done" else None,
            )
    rows = {row["compound_id"]: (row["status_code"], row["status_label_zh"]) for row in world.read("compound_status")}
    assert rows == {
        "1-none-registered": ("NOT_STARTED", "未开工"),
        "2-none-begun": ("NOT_STARTED", "未开工"),
        "3-one-begun": ("IN_PROGRESS", "在施"),
        "4-done-but-one-not-begun": ("IN_PROGRESS", "在施"),
        "5-all-done": ("FINISHED", "完工"),
    }
    # The target mart asks the started buildings only.
    assert world.one("target_attainment")["completed_compounds"] == 2
    assert "compound_status.register_counts_differ" in world.failures("warn")
    assert not world.failures("fail")


def test_days_late(world: World) -> None:
    world.compound("c")
    day_precise = {"planned_finish_kind": "actual", "planned_finish_precision": "day"}
    stories = {
        "early": ("2013-09-20", {"planned_finish": "2013-09-30", **day_precise}),
        "late": ("2013-10-03", {"planned_finish": "2013-09-30", **day_precise}),
        "unfinished": (None, {"planned_finish": "2014-02-28", **day_precise}),
        "contract-says-300-days": (None, {"planned_finish_kind": "duration"}),
        "due-in-september": ("2013-10-03", {"planned_finish": "2013-09-01", "planned_finish_precision": "month"}),
    }
    for building, (finish, contract) in stories.items():
        world.building(building, "c", 100)
        world.report(building, "2013-10", "2013-04-01", finish, **contract)
    world.building("never-reported", "c", 100)
    late = {row["building_id"]: row["days_late"] for row in world.read("building_status")}
    assert late == {
        "early": 0,
        "late": 3,
        "unfinished": 3,
        "contract-says-300-days": None,
        "due-in-september": 3,
        "never-reported": None,
    }
    assert world.one("building_status", building_id="never-reported")["status_code"] == "NOT_STARTED"


def test_units_are_never_added(world: World) -> None:
    world.compound("c")
    world.building("windows-by-piece", "c", 100)
    world.building("windows-by-area", "c", 100)
    world.building("windows-by-both", "c", 100)
    world.report("windows-by-piece", "2013-09", "2013-04-01", items={"WINDOW:window": (30, 40)})
    world.report("windows-by-area", "2013-09", "2013-04-01", items={"WINDOW:m2": (200, 200)})
    world.report("windows-by-both", "2013-09", "2013-04-01", items={"WINDOW:window": (10, 10), "WINDOW:m2": (0, 50)})
    rows = [
        (row["unit_code"], row["buildings"], row["accepted_buildings"], row["qty_cum"], row["completion_ratio"])
        for row in world.read("work_item_progress")
    ]
    assert rows == [("m2", 2, 1, 200, ratio("0.8")), ("window", 2, 1, 40, ratio("0.8"))]


def test_only_the_latest_report_of_an_item_counts_and_without_design_no_ratio(world: World) -> None:
    world.compound("c")
    world.building("b", "c", 100)
    world.report("b", "2013-08", "2013-04-01", items={"WALL": (10, 40), "SLOPE": (0, 0)})
    world.report("b", "2013-09", "2013-04-01", items={"WALL": (50, 40), "SLOPE": (0, 0)})
    wall, slope = (world.one("work_item_progress", work_item_code=code) for code in ("WALL", "SLOPE"))
    assert (wall["qty_cum"], wall["completion_ratio"], wall["accepted_buildings"]) == (50, ratio("1.25"), 1)
    assert (slope["buildings"], slope["completion_ratio"]) == (0, None)
    assert "work_item_progress.done_over_design" in world.failures("warn")


# --- every check that guards a promise sees it broken

BROKEN = {
    "target_attainment.completed_goes_on": "update summary.target_attainment set completed_area_m2 = 999",
    "target_attainment.ratio_exactly_where_target": "update summary.target_attainment set completion_ratio = null",
    "attainment_curve.never_falls": "update summary.attainment_curve set started_area_m2 = -month(month_end)",
    "attainment_curve.year_end_is_official": "update summary.attainment_curve set completed_area_m2 = 999",
    "programme_mix.types_add_up": "insert into summary.programme_mix from summary.programme_mix",
    "street_ranking.streets_add_up": "update summary.street_ranking set completed_area_m2 = 0",
    "street_ranking.street_has_a_name": "update summary.street_ranking set street_name = null",
    "monthly_progress.months_add_up": "update summary.monthly_progress set started_area_month_m2 = 1",
    "compound_status.every_compound_once": "delete from summary.compound_status",
    "building_status.every_building_once": "delete from summary.building_status",
    "work_item_progress.accepted_within_buildings": "update summary.work_item_progress set accepted_buildings = 2",
}


def test_every_fail_check_has_a_failing_case() -> None:
    declared = {
        f"{model.name}.{check.name}"
        for model in models().values()
        for check in model.checks
        if check.severity == "fail"
    }
    assert declared == BROKEN.keys() | residents.BROKEN.keys() | parties.BROKEN.keys() | works.BROKEN.keys()


def test_a_broken_promise_is_seen_and_a_kept_one_is_not(world: World) -> None:
    world.target(100)
    world.compound("c")
    world.building("b", "c", 90)
    for month in ("2013-08", "2013-09", "2013-10"):
        world.report("b", month, "2013-08-01", items={"WALL": (0, 1)})
    world.report("b", "2013-12", "2013-08-01", "2013-12-30", items={"WALL": (1, 1)})
    assert world.failures("fail") == set()
    assert world.unseen(BROKEN) == set()


def test_more_completed_than_started_is_told(world: World) -> None:
    world.compound("c")
    world.building("finished-with-no-start", "c", 90)
    world.report("finished-with-no-start", "2013-12", None, "2013-12-30")
    assert world.failures("warn") >= {
        "target_attainment.completed_over_started",
        "programme_mix.completed_over_started",
    }
    assert world.failures("fail") == set()
