"""Contractors, materials, tenders, issues, safety, postings, pilots (M08, M12–M15, M20, M21) on tables to read."""

from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.summary_cases import works
from tests.warehouse.summary_cases.world import STREET, World, day
from tests.warehouse.test_summary_residents import came


@pytest.fixture
def world() -> World:
    return World()


def ratio(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("1e-10"))


def dated(**days: str | None) -> dict[str, Any]:
    """Dates written to the day, with their companions."""
    found: dict[str, Any] = {}
    for name, text in days.items():
        kind, precision = ("actual", "day") if text else (None, None)
        found |= {name: text, f"{name}_kind": kind, f"{name}_precision": precision}
    return found


def firm(world: World, org: str, name: str | None = None) -> None:
    world.add("org_directory", org_id=org, full_name=name or org)


def built(world: World, building: str, finish: str | None, due: str | None, area: float = 100, **more: Any) -> None:
    """A building of compound c, with a date of finish in its contract or none."""
    world.building(building, "c", area, **more)
    contractor = {"contractor_id": more["contractor_id"]} if "contractor_id" in more else {}
    done = 1 if finish else 0
    month = (finish or "2013-12")[:7]
    world.report(
        building, month, "2013-04-01", finish, items={"WALL": (done, 1)}, **contractor, **dated(planned_finish=due)
    )


# --- M08 contractors


def test_on_time_is_a_share_of_the_finished_buildings_whose_contract_says_when(world: World) -> None:
    firm(world, "k1", "一号公司")
    world.compound("c")
    built(world, "early", "2013-09-20", "2013-09-30")
    built(world, "on-the-day", "2013-09-30", "2013-09-30")
    built(world, "late-by-4", "2013-10-04", "2013-09-30")
    built(world, "no-date-in-the-contract", "2013-10-04", None)
    built(world, "not-finished", None, "2014-02-21")
    row = world.one("contractor_performance")
    assert (row["contractor_id"], row["contractor_name"], row["buildings"]) == ("k1", "一号公司", 5)
    assert (row["finished_buildings"], row["judged_buildings"], row["on_time_buildings"]) == (4, 3, 2)
    assert row["on_time_ratio"] == ratio("0.6666666667")
    # 0, 0, 4 and, on 3 March, 10 days: the middle lies between 0 and 4.
    assert (row["late_buildings"], row["median_days_late"]) == (2, Decimal("2.0"))
    # Asked ten days earlier, nothing is late but the finished one.
    assert world.one("contractor_performance", "2014-02-21")["late_buildings"] == 1


def test_areas_count_to_the_year_end_and_buildings_to_the_day(world: World) -> None:
    world.compound("c")
    built(world, "in-2013", "2013-12-31", "2013-12-31", area=70)
    built(world, "in-2014", "2014-01-16", "2013-12-31", area=30)
    row = world.one("contractor_performance")
    assert (row["floor_area_m2"], row["started_area_m2"], row["completed_area_m2"]) == (100, 100, 70)
    assert row["finished_buildings"] == 2


def test_hazards_go_by_started_area_and_opinions_by_households(world: World) -> None:
    world.compound("c")
    world.compound("shared")
    built(world, "mine", None, None, area=20_000, households=150)
    world.building("also-mine", "shared", 5000, households=50)
    world.building("theirs", "shared", 5000, contractor_id="k2")
    world.report("theirs", "2013-09", "2013-04-01", contractor_id="k2")
    for number, found in enumerate((3, 0, 4)):
        inspect(world, f"i{number}", "2013-06-05", found=found)
    told = {"no-building": ("c", None), "about-mine": ("c", "mine"), "about-theirs": ("shared", "theirs")}
    told |= {"nobody-knows-whose": ("shared", None)}
    for opinion, (compound, building) in told.items():
        world.add("resident_opinion", opinion_id=opinion, compound_id=compound, building_id=building, street_id=STREET)
    mine, theirs = world.read("contractor_performance")
    assert (mine["hazards_found"], mine["hazards_per_hectare"]) == (7, ratio("3.5"))
    assert (mine["opinions"], mine["opinions_per_100_households"]) == (2, ratio("1"))
    assert (theirs["opinions"], theirs["opinions_per_100_households"]) == (1, ratio("10"))


def test_a_report_is_late_in_the_year_of_the_buildings_it_speaks_of(world: World) -> None:
    world.compound("c")
    built(world, "b", "2014-01-16", "2013-12-20")
    world.report("b", "2013-12", "2013-04-01")
    for period, received in (("2013-12", "2014-01-09"), ("2014-01", "2014-02-02"), ("2014-02", "2014-03-03")):
        for street in ("110108001", "110108018"):
            due = f"{received[:8]}02"
            came(world, "F06", "k1", period, received if street > "110108017" else due, due_date=due, street_id=street)
    # December's second report came on the 9th; February's, by nobody's row known, speaks of no building.
    assert world.one("contractor_performance")["late_reports"] == 1


def test_no_started_area_no_density_and_no_finished_building_no_rate(world: World) -> None:
    world.compound("c")
    world.building("not-begun", "c", 100, households=0)
    row = world.one("contractor_performance")
    assert row["on_time_ratio"] is row["median_days_late"] is row["hazards_per_hectare"] is None
    assert row["opinions_per_100_households"] is None
    assert (row["started_area_m2"], row["opinions"]) == (0, 0)


# --- M12 materials and tenders


def event(world: World, name: str, *compounds: str, **said: Any) -> None:
    said = {"material_category_code": "WINDOW", "event_date": "2013-05-04", **said}
    world.add("material_event", event_id=name, compound_ids=list(compounds), street_id=STREET, **said)


def test_attendances_are_summed_and_compounds_counted_once(world: World) -> None:
    world.compound("east")
    world.compound("west")
    world.add("tender", tender_lot_id="t1", tender_no="t1")
    event(world, "first", "east", residents_attended=40, selected_product="甲型", linked_tender_no="t1")
    event(world, "again-for-both", "east", "west", residents_attended=30, selected_product="甲型")
    event(world, "nothing-chosen", "west", selected_product="无", linked_tender_no="t1")
    event(world, "paint", "west", material_category_code="PAINT")
    paint, windows = world.read("material_selection")
    assert (windows["events"], windows["compounds"], windows["attendances"]) == (3, 2, 70)
    assert (windows["selections"], windows["selected_products"], windows["tendered_selections"]) == (2, 1, 1)
    # Nobody counted: not known, not nought.
    assert (paint["events"], paint["attendances"], paint["selections"]) == (1, None, 0)


def test_an_event_is_of_the_year_of_its_compounds(world: World) -> None:
    world.compound("of-2014", year=2014)
    event(world, "held-in-december-2013", "of-2014", event_date="2013-12-10")
    event(world, "says-so-itself", "of-2014", event_date="2013-12-10", plan_year=2013)
    event(world, "compound-not-known", event_date="2015-01-05")
    assert [row["plan_year"] for row in world.read("material_selection")] == [2013, 2014, 2015]


def test_what_a_tender_saved_and_how_long_it_was_open(world: World) -> None:
    firm(world, "k1", "一号公司")
    lots: dict[str, dict[str, Any]] = {
        "saved-5-percent": {"control_price_yuan": 2_000_000, "win_price_yuan": 1_900_000, "winner_id": "k1"},
        "dearer-than-allowed": {"control_price_yuan": 100, "win_price_yuan": 110, "winner": "某公司"},
        "no-control-price": {"win_price_yuan": 100},
        "control-price-nought": {"control_price_yuan": 0, "win_price_yuan": 100},
    }
    for lot, said in lots.items():
        said |= {"notice_date": "2013-01-10", "open_date": "2013-01-31", "award_date": "2013-02-04"}
        world.add("tender", tender_lot_id=f"t:{lot}", tender_no="t", lot_no=lot, contract_date="2013-03-06", **said)
    world.add("tender", tender_lot_id="no-lot", tender_no="no-lot")
    event(world, "chosen", linked_tender_no="t")
    rows = {row["lot_no"]: row for row in world.read("tenders")}
    assert rows.keys() == {*lots, None}
    assert {lot: row["saving_ratio"] for lot, row in rows.items()} == {
        "saved-5-percent": ratio("0.05"),
        "dearer-than-allowed": ratio("-0.1"),
        "no-control-price": None,
        "control-price-nought": None,
        None: None,
    }
    saved = rows["saved-5-percent"]
    assert (saved["saving_yuan"], saved["winner_name"], saved["linked_events"]) == (100_000, "一号公司", 1)
    assert (saved["notice_to_open_days"], saved["award_to_contract_days"], saved["plan_year"]) == (21, 30, 2013)
    assert rows["dearer-than-allowed"]["winner_name"] == "某公司"
    assert rows[None]["notice_to_open_days"] is None
    assert "tenders.price_over_control" in world.failures("warn")


# --- M13 issues


def issue(world: World, name: str, raised: str, due: str | None = None, closed: str | None = None, **said: Any) -> None:
    status = "RESOLVED" if closed else "IN_PROGRESS"
    said = {"issue_status_code": status, "responsible_org_id": "GAS", "street_id": STREET, **said}
    said = dated(raised_date=raised, due_date=due, closed_date=closed) | said
    world.add("issue_log", issue_id=name, **said)


def test_ages_go_by_the_day_in_shanghai_and_fall_into_three_buckets(world: World) -> None:
    issue(world, "raised today", "2014-03-03")
    issue(world, "7 days", "2014-02-24")
    issue(world, "8 days", "2014-02-23")
    issue(world, "30 days", "2014-02-01")
    issue(world, "31 days", "2014-01-31")
    board = {row["ageing_bucket"]: row["issues"] for row in world.read("issue_board")}
    assert board == {"0-7": 2, "8-30": 2, "31+": 1}
    assert world.one("issue_board", ageing_bucket="31+")["oldest_open_days"] == 31
    assert {row["org_name"] for row in world.read("issue_board")} == {"燃气"}


def test_the_age_of_a_closed_issue_stands_still(world: World) -> None:
    issue(world, "closed after 3 days", "2013-05-01", closed="2013-05-04")
    row = world.one("issue_board")
    assert (row["ageing_bucket"], row["closed_issues"], row["oldest_open_days"]) == ("0-7", 1, None)


def test_overdue_is_due_before_the_day_and_not_closed(world: World) -> None:
    issue(world, "due yesterday", "2014-02-25", due="2014-03-02")
    issue(world, "due today", "2014-02-25", due="2014-03-03")
    issue(world, "closed after its day", "2014-02-20", due="2014-02-24", closed="2014-02-25")
    issue(world, "some day (尽快)", "2014-02-25", due_date_kind="text")
    issue(world, "due in March", "2014-02-25", due="2014-03-01", due_date_precision="month")
    issue(world, "due in February", "2014-02-25", due="2014-02-01", due_date_precision="month")
    issue(world, "shelved and due", "2014-02-25", due="2014-03-02", issue_status_code="SUSPENDED")
    rows = {(row["status_code"], row["ageing_bucket"]): row for row in world.read("issue_board")}
    assert {key: (row["open_issues"], row["overdue_issues"]) for key, row in rows.items()} == {
        ("IN_PROGRESS", "0-7"): (5, 2),
        ("SUSPENDED", "0-7"): (1, 1),
        ("RESOLVED", "0-7"): (0, 0),
    }
    assert {(row["org_issues"], row["org_closed_issues"]) for row in rows.values()} == {(7, 1)}
    assert rows["RESOLVED", "0-7"]["org_closure_ratio"] == ratio("0.1428571429")


def test_an_organisation_nobody_knows_keeps_its_name(world: World) -> None:
    unknown = {"responsible_org_id": None}
    issue(world, "a", "2014-03-01", responsible_org="某办", **unknown)
    issue(world, "b", "2014-03-01", responsible_org="某处", **unknown)
    issue(world, "c", "2014-03-01", **unknown)
    assert {(row["org_id"], row["org_name"], row["issues"]) for row in world.read("issue_board")} == {
        (None, "某办", 1),
        (None, "某处", 1),
        (None, "未写明", 1),
    }
    assert world.failures("fail") == set()
    assert "issue_board.organisation_unknown" in world.failures("warn")


# --- M14 safety


def inspect(world: World, name: str, on: str, found: int = 0, fixed: int | None = 0, **said: Any) -> None:
    due, closed = said.pop("due", None), said.pop("closed", None)
    said = {"contractor_id": "k1", "compound_id": "c", "hazards_found": found, "hazards_fixed": fixed, **said}
    world.add(
        "safety_inspection", inspection_id=name, **said, **dated(inspection_date=on, due_date=due, closed_date=closed)
    )


def test_hazards_are_put_right_or_overdue(world: World) -> None:
    firm(world, "k1", "一号公司")
    inspect(world, "all-fixed", "2014-02-03", 4, 4, due="2014-02-10")
    inspect(world, "two-left-past-the-day", "2014-02-05", 3, 1, due="2014-03-02", hazards_major=1)
    inspect(world, "left-but-due-today", "2014-02-05", 2, 0, due="2014-03-03")
    inspect(world, "not-told-fixed", "2014-02-05", 1, None, due="2014-02-08", accident_code="MINOR_INJURY")
    inspect(world, "looked-at-again", "2014-02-06", 2, 1, due="2014-02-08", closed="2014-02-09", penalty_yuan=5000)
    row = world.one("safety")
    assert (row["month"], row["contractor_name"], row["inspections"]) == (day("2014-02-01"), "一号公司", 5)
    assert (row["hazards_found"], row["hazards_fixed"], row["rectification_ratio"]) == (12, 6, ratio("0.5"))
    assert (row["overdue_inspections"], row["overdue_hazards"]) == (2, 3)
    assert (row["hazards_major"], row["accidents"], row["penalty_yuan"]) == (1, 1, 5000)
    assert "safety.hazards_overdue" in world.failures("warn")


def test_density_is_against_the_area_under_works_in_the_month(world: World) -> None:
    world.compound("c")
    for building, start, finish in (
        ("done-before", "2013-04-01", "2013-05-31"),
        ("done-in-june", "2013-04-01", "2013-06-01"),
        ("going-on", "2013-06-30", "2013-09-01"),
        ("not-begun", "2013-07-01", "2013-09-01"),
    ):
        world.building(building, "c", 10_000)
        world.report(building, finish[:7], start, finish)
    inspect(world, "june", "2013-06-15", 5)
    inspect(world, "before-all-works", "2013-03-15", 2)
    inspect(world, "somebody-else", "2013-06-15", 1, contractor_id="k2")
    rows = {(row["contractor_id"], row["month"]): row for row in world.read("safety")}
    june = rows["k1", day("2013-06-01")]
    assert (june["in_progress_area_m2"], june["hazards_per_hectare"]) == (20_000, ratio("2.5"))
    early = rows["k1", day("2013-03-01")]
    assert (early["in_progress_area_m2"], early["hazards_per_hectare"]) == (0, None)
    assert rows["k2", day("2013-06-01")]["hazards_per_hectare"] is None


def test_no_hazard_found_no_rate(world: World) -> None:
    inspect(world, "clean", "2013-06-15", 0)
    assert world.one("safety")["rectification_ratio"] is None


# --- M15 postings


def post(
    world: World, person: str, compound: str | None, post_code: str, duty: str | None = "SAFETY", **said: Any
) -> None:
    said = {"project": compound, "start_date": "2013-04-01", **said}
    world.add(
        "party_posting", person_key=person, compound_id=compound, post_code=post_code, frontline_code=duty, **said
    )


def test_people_count_once_across_projects_and_posts_once_a_project(world: World) -> None:
    world.compound("east")
    world.compound("west")
    world.compound("nobody-there")
    post(world, "zhao", "east", "SAFETY_OFFICER")
    post(world, "zhao", "west", "SAFETY_OFFICER")
    post(world, "zhao", "west", "COORDINATOR", "COORDINATION")
    post(world, "qian", "west", "SAFETY_OFFICER")
    rows = world.read("party_coverage")
    assert len(rows) == 3 * 4
    assert {(row["project"], row["members"], row["key_posts_covered"]) for row in rows} == {
        ("east", 1, 1),
        ("west", 2, 2),
        ("nobody-there", 0, 0),
    }
    duties = {(row["project"], row["frontline_code"]): row["duty_members"] for row in rows}
    assert (duties["east", "SAFETY"], duties["west", "SAFETY"], duties["west", "COORDINATION"]) == (1, 2, 1)
    assert duties["west", "OUTREACH"] == duties["nobody-there", "SAFETY"] == 0
    # Three on projects, two people.
    assert {(row["total_members"], row["total_projects"], row["total_projects_without_members"]) for row in rows} == {
        (2, 3, 1)
    }
    assert {row["frontline_code"]: row["total_duty_members"] for row in rows} == {
        "SAFETY": 2,
        "COORDINATION": 1,
        "OUTREACH": 0,
        "REPRESENTATION": 0,
    }
    assert world.one("party_coverage", project="west", frontline_code="SAFETY")["key_post_ratio"] == ratio("0.4")
    assert "party_coverage.project_without_members" in world.failures("warn")


def test_who_has_left_counted_and_serves_no_more(world: World) -> None:
    world.compound("c")
    post(world, "left", "c", "SAFETY_OFFICER", end_date="2014-03-02")
    post(world, "last-day-today", "c", "COORDINATOR", end_date="2014-03-03")
    post(world, "comes-tomorrow", "c", "QUALITY_INSPECTOR", start_date="2014-03-04")
    row = world.one("party_coverage", frontline_code="SAFETY")
    assert (row["members"], row["serving_members"]) == (2, 1)
    assert (row["key_posts_covered"], row["key_posts_serving"]) == (2, 1)


def test_a_project_the_register_does_not_know_and_a_member_without_a_duty_show(world: World) -> None:
    post(world, "zhao", None, "COORDINATOR", None, project="协调组")
    rows = {row["frontline_code"]: row for row in world.read("party_coverage")}
    assert rows.keys() == {"OUTREACH", "COORDINATION", "SAFETY", "REPRESENTATION", None}
    assert (rows[None]["project"], rows[None]["compound_id"], rows[None]["duty_members"]) == ("协调组", None, 1)
    assert (rows["SAFETY"]["members"], rows["SAFETY"]["duty_members"]) == (1, 0)
    assert world.failures("fail") == set()


# --- M20 pilots


def test_a_pilot_names_where_it_went_and_how_that_stands(world: World) -> None:
    for compound in ("tried", "done", "begun"):
        world.compound(compound)
        world.building(f"b-{compound}", compound, 100)
    world.report("b-done", "2013-09", "2013-04-01", "2013-09-30")
    world.report("b-begun", "2013-09", "2013-04-01")
    world.add(
        "pilot_project",
        plan_year=2013,
        compound_id="tried",
        pilot_topic="雨洪利用",
        pilot_stage_code="ROLL_OUT",
        effect_note="积水点消除",
        rolled_out_to=["done", "begun", "月球小区"],
        rolled_out_compound_ids=["done", "begun"],
    )
    world.add("pilot_project", plan_year=2013, compound_id="tried", pilot_topic="外墙", pilot_stage_code="TRIAL")
    rain, wall = sorted(world.read("pilots"), key=lambda row: -row["rolled_out_compounds"])
    assert (rain["pilot_stage_code"], rain["status_code"], rain["effect_note"]) == (
        "ROLL_OUT",
        "NOT_STARTED",
        "积水点消除",
    )
    assert rain["rolled_out_to"] == "begun（在施）、done（完工）"
    assert (rain["rolled_out_compounds"], rain["rolled_out_started_compounds"]) == (2, 2)
    assert (rain["rolled_out_finished_compounds"], rain["rolled_out_unknown"]) == (1, 1)
    assert (wall["rolled_out_compounds"], wall["rolled_out_to"], wall["rolled_out_unknown"]) == (0, None, 0)
    assert "pilots.rolled_out_to_unknown" in world.failures("warn")


# --- M21 coordination


def meet(
    world: World, name: str, on: str, *orgs: str, decisions: int | None = None, street: str | None = STREET
) -> None:
    row = {"meeting_id": name, "meeting_date": on, "attendee_ids": list(orgs), "decision_count": decisions}
    world.add("coordination_meeting", street_id=street, **row)


def test_each_organisation_has_its_meetings_and_its_issues_of_the_month(world: World) -> None:
    meet(world, "first", "2013-05-02", "GAS", "WATER", decisions=3)
    meet(world, "second", "2013-05-20", "GAS", "GAS", decisions=2)
    meet(world, "district", "2013-05-21", "GAS", street=None)
    issue(world, "raised-and-closed-in-may", "2013-05-03", due="2013-05-31", closed="2013-05-30")
    issue(world, "raised-in-may-overdue-from-june", "2013-05-03", due="2013-06-10")
    issue(world, "closed-in-june-after-its-day", "2013-04-30", due="2013-05-15", closed="2013-06-01")
    issue(world, "not-due-yet", "2013-05-03", due="2014-04-01")
    names = ("meetings_attended", "decisions", "issues_raised", "issues_closed", "issues_fallen_due", "issues_overdue")
    found = {
        (row["month"].month, row["street_id"], row["org_id"]): tuple(row[name] for name in names)
        for row in world.read("coordination")
    }
    assert found == {
        (4, STREET, "GAS"): (0, None, 1, 0, 0, 0),
        (5, STREET, "GAS"): (2, 5, 3, 1, 2, 0),
        (5, None, "GAS"): (1, None, 0, 0, 0, 0),
        (5, STREET, "WATER"): (1, 3, 0, 0, 0, 0),
        (6, STREET, "GAS"): (0, None, 0, 1, 1, 1),
    }
    # As known on the day it was due, it was not overdue.
    assert world.one("coordination", "2013-06-10", month=day("2013-05-01"), org_id="WATER")["decisions"] == 3
    assert not [row for row in world.read("coordination", "2013-06-10") if row["issues_overdue"]]


# --- every check that guards a promise sees it broken


def test_a_broken_promise_is_seen_and_a_kept_one_is_not(world: World) -> None:
    firm(world, "k1")
    world.compound("c")
    built(world, "b", "2013-09-30", "2013-10-31", area=90)
    event(world, "e", "c", selected_product="甲型")
    world.add("tender", tender_lot_id="t", tender_no="t", control_price_yuan=100, win_price_yuan=90)
    issue(world, "i", "2013-05-01", due="2013-06-01")
    inspect(world, "s", "2013-06-01", 3, 1, due="2013-06-10")
    post(world, "p", "c", "COORDINATOR")
    world.add("pilot_project", plan_year=2013, compound_id="c", pilot_topic="t", rolled_out_compound_ids=["c"])
    meet(world, "m", "2013-05-02", "GAS")
    assert world.failures("fail") == set()
    assert world.unseen(works.BROKEN) == set()
