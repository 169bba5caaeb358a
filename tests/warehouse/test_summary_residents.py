"""Reports, residents, environment, carry-over, batches, acceptance, flashes: M09–M11, M16, M17, M19, M22."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.warehouse.summary_cases import residents
from tests.warehouse.summary_cases.world import STREET, World, day


@pytest.fixture
def world() -> World:
    return World()


def ratio(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("1e-10"))


def exact(**days: str | None) -> dict[str, Any]:
    """Dates written to the day, with their companions."""
    found: dict[str, Any] = {}
    for name, text in days.items():
        kind, precision = ("actual", "day") if text else (None, None)
        found |= {name: text, f"{name}_kind": kind, f"{name}_precision": precision}
    return found


def finished(world: World, building: str, compound: str, finish: str, area: float = 100, **more: Any) -> None:
    """A building whose works are done, told in time."""
    world.building(building, compound, area, **more)
    world.report(building, finish[:7], "2013-04-01", finish, items={"WALL": (1, 1)})


# --- M09 reports


def came(world: World, form: str, filer: str, period: str | None, received: str, version: int = 1, **more: Any) -> None:
    """A version of a report; its id is filer, period and version."""
    entity = {"F06": "contractor_progress", "F08": "subcommand_monthly", "F09": "weekly_flash"}[form]
    values = {
        "row_id": f"{filer}{period}{version}",
        "form_code": form,
        "entity": entity,
        "filer_id": filer,
        "period": period,
        "report_key": f"{form}|{filer}|{more.get('street_id')}|{period}",
        "received_at": f"{received} 00:00:00+08",
        "report_version": version,
        "is_supplement": False,
        "is_effective": True,
        "rows_read": 10,
        "cells_data": 200,
        "known_from": f"{received} 00:00:00+08",
        **more,
    }
    world.add("reports", **values)


def owed(world: World, form: str, filer: str, month: str, due: str, **more: Any) -> None:
    row_id = f"{form}|{filer}|{more.get('street_id', '')}|{month}"
    dates = {"period": month, "period_date": f"{month}-01", "due_date": due}
    world.add("expected_reports", row_id=row_id, form_code=form, filer_id=filer, **dates, **more)


def waits(
    world: World, row: str, report: str, since: str, until: str | None = None, entity: str = "contractor_progress"
) -> None:
    world.db.execute(
        "insert into ops.quarantine (row_id, entity, submission_id, code, known_from, known_to)"
        " values (?, ?, ?, ?, ?, ?)",
        [row, entity, report, "E17", f"{since} 00:00:00+08", None if until is None else f"{until} 00:00:00+08"],
    )


def found(world: World, finding: str, report: str | None, code: str, row: str | None = None) -> None:
    world.db.execute(
        "insert into ops.findings (finding_id, submission_id, code, severity, origin, row_id, known_from)"
        " values (?, ?, ?, 'W', 'judgement', ?, ?)",
        [finding, report, code, row, "2013-01-01 00:00:00+08"],
    )


def test_in_time_late_and_never(world: World) -> None:
    for filer in ("in-time", "late", "never"):
        owed(world, "F08", filer, "2013-12", "2014-01-06", street_id=filer)
    came(world, "F08", "in-time", "2013-12", "2014-01-06", due_date="2014-01-06", street_id="in-time")
    came(world, "F08", "late", "2013-12", "2014-01-09", due_date="2014-01-06", street_id="late")

    def told(day_: str) -> dict[str, tuple[Any, ...]]:
        rows = world.read("report_timeliness", day_)
        return {row["filer_id"]: (row["is_received"], row["is_on_time"], row["days_late"]) for row in rows}

    assert told("2013-12-31") == {}
    assert told("2014-01-05") == dict.fromkeys(("in-time", "late", "never"), (False, None, 0))
    assert told("2014-01-06") == {"in-time": (True, True, 0), "late": (False, None, 0), "never": (False, None, 0)}
    assert told("2014-01-08") == {"in-time": (True, True, 0), "late": (False, False, 2), "never": (False, False, 2)}
    assert told("2014-02-05") == {"in-time": (True, True, 0), "late": (True, False, 3), "never": (False, False, 30)}
    assert "report_timeliness.report_missing" in world.failures("warn")


def test_a_contractor_s_reports_of_a_month_are_one_row_and_name_the_streets_that_lack(world: World) -> None:
    for street in ("110108001", "110108002", "110108003"):
        owed(world, "F06", "k1", "2013-12", "2014-01-02", street_id=street)
    came(world, "F06", "k1", "2013-12", "2014-01-01", due_date="2014-01-02", street_id="110108002")
    row = world.one("report_timeliness", "2014-01-09")
    assert (row["expected_reports"], row["received_reports"], row["missing_reports"]) == (3, 1, 2)
    assert row["missing_street_names"] == "万寿路街道、羊坊店街道"
    assert (row["is_received"], row["on_time_reports"], row["days_late"], row["last_received_at"]) == (
        False,
        1,
        7,
        None,
    )
    for number, street in enumerate(("110108001", "110108003"), 2):
        came(world, "F06", "k1", "2013-12", f"2014-01-1{number}", number, due_date="2014-01-02", street_id=street)
    row = world.one("report_timeliness")
    assert (row["is_received"], row["is_on_time"], row["days_late"]) == (True, False, 11)
    assert row["missing_street_names"] is None
    days = [row[name].astimezone(ZoneInfo("Asia/Shanghai")).day for name in ("first_received_at", "last_received_at")]
    assert days == [1, 13]


def test_accepted_the_first_time_or_not(world: World) -> None:
    for filer in ("clean", "corrected", "waited-once", "waits", "added-to"):
        came(world, "F06", filer, "2013-12", "2014-01-02", is_effective=filer != "corrected")
    came(world, "F06", "corrected", "2013-12", "2014-01-08", 2)
    came(world, "F06", "added-to", "2013-12", "2014-01-08", 2, is_supplement=True)
    waits(world, "row", "waited-once2013-121", "2014-01-02", "2014-01-20")
    waits(world, "another", "waits2013-121", "2014-01-02")
    waits(world, "its item", "waits2013-121", "2014-01-02", entity="work_item_progress")
    rows = {
        row["filer_id"]: (
            row["is_accepted_first_time"],
            row["versions"],
            row["rows_read"],
            row["rows_loaded"],
            row["rows_quarantined"],
        )
        for row in world.read("report_timeliness")
    }
    assert rows == {
        "clean": (True, 1, 10, 10, 0),
        "corrected": (True, 2, 10, 10, 0),
        "waited-once": (False, 1, 10, 10, 0),
        "waits": (False, 1, 10, 9, 1),
        "added-to": (True, 2, 20, 20, 0),
    }


def test_reports_without_a_period_or_a_due_day_are_neither_late_nor_in_time(world: World) -> None:
    for week in ("20130607", "20130614"):
        came(world, "F09", STREET, None, "2013-06-15", row_id=week, report_key=week, street_id=STREET)
    row = world.one("report_timeliness")
    assert (row["filer_name"], row["received_reports"], row["versions"]) == ("万寿路街道", 2, 2)
    assert (row["is_expected"], row["is_on_time"], row["days_late"], row["is_accepted_first_time"]) == (
        False,
        None,
        None,
        True,
    )


def test_a_filer_nobody_knows_has_a_row_too(world: World) -> None:
    came(world, "F06", "unknown", "2013-12", "2014-01-02", filer_id=None, row_id="r")
    found(world, "f", "r", "E17")
    assert world.one("report_timeliness")["filer_id"] is None
    assert world.one("data_quality")["findings_per_thousand_cells"] == 5


def test_findings_are_counted_by_reason_for_the_cells_sent(world: World) -> None:
    came(world, "F06", "k1", "2013-12", "2014-01-02", is_effective=False)
    came(world, "F06", "k1", "2013-12", "2014-01-08", 2, cells_data=300)
    for number, (report, code) in enumerate([(1, "E14"), (2, "E04"), (2, "E04"), (2, "E17")]):
        found(world, f"finding{number}", f"k12013-12{report}", code)
    waits(world, "row", "k12013-122", "2014-01-08")
    found(world, "of-a-refused-file", None, "E45")
    rows = [
        (row["reason_code"], row["findings"], row["rows_quarantined"], row["findings_per_thousand_cells"])
        for row in world.read("data_quality")
    ]
    assert rows == [("E04", 2, 0, 4), ("E14", 1, 0, 2), ("E17", 1, 1, 2)]


def test_a_report_that_never_came_is_a_finding_for_no_cells(world: World) -> None:
    owed(world, "F08", "110108001", "2013-12", "2014-01-06")
    found(world, "missing", None, "E16", "F08|110108001||2013-12")
    row = world.one("data_quality")
    assert (row["filer_name"], row["period"], row["findings"]) == ("万寿路街道", "2013-12", 1)
    assert (row["cells_data"], row["findings_per_thousand_cells"]) == (0, None)


# --- M10 opinions


def opinion(world: World, name: str, raised: str, **said: Any) -> None:
    days = exact(raised_date=raised, reply_date=said.pop("reply", None), resolved_date=said.pop("resolved", None))
    if days["resolved_date"]:
        said.setdefault("resolution_code", "RESOLVED")
    values = {"opinion_id": name, "street_id": STREET, "stage_code": "CONSTRUCTION", **days, **said}
    world.add("resident_opinion", **values)


def test_what_was_adopted_is_counted_against_what_was_decided(world: World) -> None:
    for number, adopted in enumerate(("ADOPTED", "PARTLY", "REJECTED", "EXPLAINED", "PENDING", None)):
        opinion(world, f"{number}-{adopted}", "2013-06-05", adopted_code=adopted)
    row = world.one("opinion_handling")
    assert (row["raised"], row["decided"], row["adopted"]) == (6, 3, 2)
    assert row["adopted_ratio"] == ratio("0.6666666667")


def test_satisfaction_leaves_out_those_nobody_asked(world: World) -> None:
    for number, said in enumerate(("SATISFIED", "MOSTLY_SATISFIED", "DISSATISFIED", "SATISFIED", "NOT_ASKED", None)):
        opinion(world, f"{number}-{said}", "2013-06-05", satisfaction_code=said)
    row = world.one("opinion_handling")
    assert (row["asked_again"], row["satisfied"], row["satisfied_ratio"]) == (4, 3, ratio("0.75"))


def test_ratios_without_a_denominator_are_unknown(world: World) -> None:
    opinion(world, "only-explained", "2013-06-05", adopted_code="EXPLAINED", satisfaction_code="NOT_ASKED")
    row = world.one("opinion_handling")
    assert row["adopted_ratio"] is row["satisfied_ratio"] is row["median_days_to_reply"] is None
    assert row["resolved_ratio"] == 0


def test_days_to_reply_and_to_resolve_are_true_medians_of_days_known_to_the_day(world: World) -> None:
    for number, (reply, resolved) in enumerate([("06-06", "06-09"), ("06-07", "06-10"), ("06-12", None)]):
        done = f"2013-{resolved}" if resolved else None
        opinion(world, f"{number}", "2013-06-05", reply=f"2013-{reply}", resolved=done)
    opinion(world, "raised-in-june", "2013-06-01", reply="2013-06-30", raised_date_precision="month")
    row = world.one("opinion_handling")
    assert (row["raised"], row["replied"], row["resolved"], row["resolved_ratio"]) == (4, 4, 2, ratio("0.5"))
    assert (row["median_days_to_reply"], row["median_days_to_resolve"]) == (2, Decimal("4.5"))


def test_what_is_open_at_a_month_s_end_stays_until_it_is_resolved(world: World) -> None:
    opinion(world, "open-for-two-month-ends", "2013-05-20", resolved="2013-07-01")
    opinion(world, "never-resolved", "2013-06-10", resolution_code="UNRESOLVED")
    opinion(world, "resolved-at-once", "2013-08-10", resolved="2013-08-10")
    months = {row["month"].month: (row["raised"], row["open_at_month_end"]) for row in world.read("opinion_handling")}
    assert months == {5: (1, 1), 6: (1, 2), 7: (0, 1), 8: (1, 1)}
    assert not world.failures("fail")


def test_months_without_opinions_show_only_while_something_is_open(world: World) -> None:
    opinion(world, "early", "2013-03-05", resolved="2013-03-06")
    opinion(world, "late", "2013-06-05", resolved="2013-06-06")
    assert [row["month"].month for row in world.read("opinion_handling")] == [3, 6]


def test_stages_and_streets_are_kept_apart(world: World) -> None:
    opinion(world, "windows", "2013-06-05", stage_code="MATERIAL")
    opinion(world, "dust", "2013-06-05")
    opinion(world, "elsewhere", "2013-06-05", street_id="110108002", stage_code=None)
    rows = [(row["street_name"], row["stage_code"], row["raised"]) for row in world.read("opinion_handling")]
    assert rows == [("万寿路街道", "CONSTRUCTION", 1), ("万寿路街道", "MATERIAL", 1), ("永定路街道", "OTHER", 1)]


# --- M11 consent


def consent(world: World, building: str, agree: int, total: int | None = 10, round_no: int = 1) -> None:
    world.add(
        "consent_survey",
        building_id=building,
        compound_id="c",
        street_id=STREET,
        round_no=round_no,
        households_total=total,
        agree_households=agree,
    )


def test_a_building_is_under_the_threshold_in_force(world: World) -> None:
    world.add("settings", row_id="consent.threshold_ratio", value="0.9", known_to="2013-06-01 00:00:00+08")
    world.add("settings", row_id="consent.threshold_ratio", value="0.66", known_from="2013-06-01 00:00:00+08")
    consent(world, "exactly-nine-of-ten", 9)
    consent(world, "eight-of-ten", 8)
    consent(world, "two-of-three", 2, 3)
    consent(world, "nobody-counted", 0, 0)
    consent(world, "total-unknown", 5, None)
    may = {
        row["building_id"]: (row["agree_ratio"], row["is_under_threshold"])
        for row in world.read("consent", "2013-05-31")
    }
    assert may == {
        "exactly-nine-of-ten": (ratio("0.9"), False),
        "eight-of-ten": (ratio("0.8"), True),
        "two-of-three": (ratio("0.6666666667"), True),
        "nobody-counted": (None, None),
        "total-unknown": (None, None),
    }
    june = {row["building_id"] for row in world.read("consent", "2013-06-01") if row["is_under_threshold"]}
    assert june == set()


def test_the_last_round_says_whether_works_began_without_consent(world: World) -> None:
    world.add("settings", row_id="consent.threshold_ratio", value="0.9")
    world.compound("c")
    for building, second in (("asked-again", 10), ("begun-all-the-same", 8)):
        finished(world, building, "c", "2013-10-01")
        consent(world, building, 7)
        consent(world, building, second, round_no=2)
    rows = [(row["building_id"], row["round_no"], row["is_latest_round"]) for row in world.read("consent")]
    assert rows == [
        ("asked-again", 1, False),
        ("asked-again", 2, True),
        ("begun-all-the-same", 1, False),
        ("begun-all-the-same", 2, True),
    ]
    assert "consent.begun_without_consent" in world.failures("warn")


def test_without_a_threshold_nobody_is_under_it(world: World) -> None:
    consent(world, "b", 1)
    row = world.one("consent")
    assert (row["agree_ratio"], row["threshold_ratio"], row["is_under_threshold"]) == (ratio("0.1"), None, None)


# --- M16 environment


def environment(world: World, compound: str, start: str | None, item: str = "ROAD", **said: Any) -> None:
    values = {
        "report_month": "2014-01-01",
        "compound_id": compound,
        "env_item_code": item,
        "env_status_code": "STARTED" if start else "NOT_STARTED",
        **exact(env_start=start),
        **said,
    }
    world.add("environment_phase", **values)


def test_the_environment_phase_follows_the_energy_phase(world: World) -> None:
    for compound in ("a-started", "b-not-started", "c-never-reported"):
        world.compound(compound)
        finished(world, f"{compound}/1", compound, "2013-10-01")
        finished(world, f"{compound}/2", compound, "2013-11-20")
    environment(world, "a-started", "2014-01-09", env_status_code="FINISHED", qty_done=40)
    environment(world, "a-started", "2014-01-09", "GREENERY", env_status_code="NOT_STARTED")
    environment(world, "b-not-started", None)
    rows = {(row["compound_id"], row["env_item_code"]): row for row in world.read("environment_phase")}
    road = rows["a-started", "ROAD"]
    assert (road["env_start"], road["energy_completed_date"]) == (day("2014-01-09"), day("2013-11-20"))
    assert (road["days_from_energy_completion"], road["year_compounds"], road["qty_done"]) == (50, 3, 40)
    assert {key: (row["is_started"], row["is_finished"]) for key, row in rows.items()} == {
        ("a-started", "ROAD"): (True, True),
        ("a-started", "GREENERY"): (False, False),
        ("b-not-started", "ROAD"): (False, False),
    }


def test_a_start_ahead_is_none_and_the_latest_report_of_an_item_speaks(world: World) -> None:
    world.compound("c")
    environment(world, "c", "2014-03-20", report_month="2014-02-01")
    assert not world.one("environment_phase", "2014-03-03")["is_started"]
    assert world.one("environment_phase", "2014-03-20")["is_started"]
    environment(world, "c", None, report_month="2014-03-01")
    assert world.one("environment_phase", "2014-04-10")["env_start"] is None


def test_an_environment_phase_begun_before_any_building_is_done_is_told(world: World) -> None:
    world.compound("c")
    world.building("b", "c", 100)
    world.report("b", "2014-01", "2013-04-01")
    environment(world, "c", "2014-01-09")
    row = world.one("environment_phase")
    assert row["days_from_energy_completion"] is row["energy_completed_date"] is None
    assert "environment_phase.started_before_any_completion" in world.failures("warn")


def test_a_compound_is_in_its_environment_phase_and_then_handed_over(world: World) -> None:
    for compound in ("finished", "with-environment", "half-handed-over", "handed-over", "begun-too-early"):
        world.compound(compound)
        for number in (1, 2):
            finished(world, f"{compound}/{number}", compound, "2013-11-20")
    world.building("begun-too-early/3", "begun-too-early", 100)
    for compound in ("with-environment", "half-handed-over", "handed-over", "begun-too-early"):
        environment(world, compound, "2014-01-09")
    for building in ("half-handed-over/1", "handed-over/1", "handed-over/2"):
        acceptance(world, building, "HANDOVER", "2014-02-01")
    assert {row["compound_id"]: row["status_label_zh"] for row in world.read("compound_status")} == {
        "finished": "完工",
        "with-environment": "环境整治中",
        "half-handed-over": "环境整治中",
        "handed-over": "已移交",
        "begun-too-early": "在施",
    }


# --- M17 carry-over


def test_what_is_carried_over_counts_in_its_task_year_and_in_no_other(world: World) -> None:
    """Trap 7: 2013's open area is finished in 2014 and stays 2013's."""
    world.target(100)
    world.compound("c")
    world.compound("task-of-2014", year=2014)
    finished(world, "done-in-2013", "c", "2013-12-30", 84)
    finished(world, "carried", "c", "2014-01-16", 16, households=7)
    finished(world, "of-2014", "task-of-2014", "2014-02-20", 5)
    world.add("carry_over", from_year=2013, to_year=2014, compound_id="c", building_id="carried", carried_area_m2=16)
    row = world.one("carry_over")
    assert (row["carried_buildings"], row["carried_households"], row["carried_area_m2"]) == (1, 7, 16)
    assert (row["unfinished_area_m2"], row["completed_area_m2"]) == (16, 16)
    assert row["last_completed_date"] == day("2014-01-16")
    years = {year["plan_year"]: year for year in world.read("target_attainment")}
    assert (years[2013]["completed_area_m2"], years[2013]["completed_to_date_area_m2"]) == (84, 100)
    assert (years[2014]["completed_area_m2"], years[2014]["completed_to_date_area_m2"]) == (5, 5)
    assert {name for name in world.failures("warn") if name.startswith("carry_over")} == set()
    before = world.one("carry_over", "2014-01-10")
    assert (before["completed_buildings"], before["completed_area_m2"], before["last_completed_date"]) == (0, 0, None)


def test_a_carry_over_that_is_not_what_was_open_is_told(world: World) -> None:
    world.compound("c")
    finished(world, "open-and-forgotten", "c", "2014-01-16", 16)
    finished(world, "finished-and-carried", "c", "2013-12-30", 84)
    row = {"compound_id": "c", "building_id": "finished-and-carried", "carried_area_m2": 84}
    world.add("carry_over", from_year=2013, to_year=2014, **row)
    world.add("carry_over", from_year=2012, to_year=2014, **row)
    assert [row["unfinished_area_m2"] for row in world.read("carry_over")] == [None, 16]
    assert {"carry_over.carried_differs_from_unfinished", "carry_over.carried_from_another_year"} <= world.failures(
        "warn"
    )


# --- M19 batches


def planned(world: World, compound: str, batch: str, start: str, finish: str, area: float, **more: Any) -> None:
    days = exact(planned_start=start, planned_finish=finish)
    world.add("batch_plan", plan_year=2013, batch_no=batch, compound_id=compound, planned_area_m2=area, **days | more)


def test_a_batch_from_its_plan_to_its_last_building(world: World) -> None:
    for compound in ("first", "second"):
        world.compound(compound, batch_no="1")
    planned(world, "first", "1", "2013-03-20", "2013-10-31", 200)
    planned(world, "second", "1", "2013-04-10", "2013-11-01", 100, planned_finish_precision="month")
    finished(world, "first/1", "first", "2013-09-30", 120)
    finished(world, "first/2", "first", "2014-01-16", 80)
    world.building("second/1", "second", 100, households=4)
    world.report("second/1", "2013-12", "2013-05-02")
    row = world.one("batch_progress")
    assert (row["compounds"], row["buildings"], row["households"]) == (2, 3, 24)
    assert (row["planned_area_m2"], row["register_area_m2"]) == (300, 300)
    assert (row["started_area_m2"], row["completed_area_m2"], row["completed_to_date_area_m2"]) == (300, 120, 200)
    assert row["completion_ratio"] == ratio("0.4")
    assert (row["first_planned_start"], row["last_planned_start"]) == (day("2013-03-20"), day("2013-04-10"))
    assert (row["first_planned_finish"], row["last_planned_finish"]) == (day("2013-10-31"), day("2013-11-30"))
    assert (row["first_actual_start"], row["last_actual_start"]) == (day("2013-04-01"), day("2013-05-02"))
    assert (row["first_actual_finish"], row["last_actual_finish"]) == (day("2013-09-30"), day("2014-01-16"))
    assert not world.failures("fail")


def test_the_register_names_the_batch_where_no_plan_does_and_agrees_where_plans_name_two(world: World) -> None:
    world.compound("only-in-the-register", batch_no="2")
    world.compound("in-two-plans", batch_no="1")
    world.compound("in-no-batch", batch_no=None)
    world.compound("moved-by-the-plan", batch_no="1")
    planned(world, "in-two-plans", "1", "2013-03-20", "2013-10-31", 200)
    planned(world, "in-two-plans", "2", "2013-03-20", "2013-10-31", 200)
    planned(world, "moved-by-the-plan", "3", "2013-03-20", "2013-10-31", 50)
    rows = {row["batch_no"]: (row["compounds"], row["planned_area_m2"]) for row in world.read("batch_progress")}
    assert rows == {"1": (1, 200), "2": (1, None), "3": (1, 50)}
    assert "batch_progress.planned_area_differs" in world.failures("warn")


# --- M22 acceptance and flashes


def acceptance(world: World, building: str, kind: str, date: str | None, result: str = "PASSED", **more: Any) -> None:
    world.add(
        "acceptance",
        building_id=building,
        acceptance_type_code=kind,
        acceptance_result_code=result,
        **exact(acceptance_date=date) | more,
    )


def test_three_acceptances_of_a_building(world: World) -> None:
    world.compound("c")
    finished(world, "handed-over", "c", "2013-10-01")
    acceptance(world, "handed-over", "SUB_ITEM", "2013-09-20", "PASSED_AFTER_REPAIR")
    acceptance(world, "handed-over", "FINAL", "2013-10-21")
    acceptance(world, "handed-over", "HANDOVER", "2013-11-05", handover_to="某物业公司")
    finished(world, "failed", "c", "2013-10-01")
    acceptance(world, "failed", "FINAL", "2013-10-21", "FAILED")
    world.building("none-yet", "c", 100)
    rows = {row["building_id"]: row for row in world.read("acceptance_status")}
    assert {building: row["acceptance_stage_code"] for building, row in rows.items()} == {
        "handed-over": "HANDOVER",
        "failed": "NONE",
        "none-yet": "NONE",
    }
    done = rows["handed-over"]
    assert (done["sub_item_result_code"], done["sub_item_passed_date"]) == ("PASSED_AFTER_REPAIR", day("2013-09-20"))
    assert (done["days_from_finish_to_final"], done["handover_to"]) == (20, "某物业公司")
    assert (rows["failed"]["final_date"], rows["failed"]["final_passed_date"]) == (day("2013-10-21"), None)
    assert not world.failures("fail")


def test_acceptances_out_of_order_are_told(world: World) -> None:
    world.compound("c")
    finished(world, "accepted-before-its-finish", "c", "2013-10-01")
    acceptance(world, "accepted-before-its-finish", "FINAL", "2013-09-30")
    finished(world, "handed-over-unaccepted", "c", "2013-10-01")
    acceptance(world, "handed-over-unaccepted", "HANDOVER", "2013-11-30")
    assert {"acceptance_status.accepted_before_finish", "acceptance_status.handed_over_without_final"} <= (
        world.failures("warn")
    )


@pytest.mark.parametrize(
    ("result", "date", "more", "benefits"),
    [
        ("PASSED", "2013-12-20", {}, True),
        ("PASSED_AFTER_REPAIR", "2013-12-20", {}, True),
        ("FAILED", "2013-12-20", {}, False),
        ("PASSED", "2014-01-05", {}, False),
        ("PASSED", "2013-12-20", {"acceptance_date_kind": "forecast"}, False),
    ],
)
def test_parts_that_passed_count_as_an_item_done(
    world: World, result: str, date: str, more: dict[str, str], benefits: bool
) -> None:
    world.compound("c")
    world.building("b", "c", 100)
    world.report("b", "2013-12", "2013-04-01", items={"WALL": (0.5, 1)})
    acceptance(world, "b", "SUB_ITEM", date, result, **more)
    year = world.one("target_attainment")
    assert (year["benefited_buildings"], year["completed_buildings"]) == (int(benefits), 0)
    assert world.one("building_status", "2014-01-01")["is_benefited"] == benefits


def test_a_finished_building_is_complete_once_its_parts_passed(world: World) -> None:
    world.compound("c")
    for building, passed in (("passed-in-time", "2013-11-30"), ("passed-next-year", "2014-01-05")):
        world.building(building, "c", 100)
        world.report(building, "2013-12", "2013-04-01", "2013-12-10", items={"WALL": (0.9, 1)})
        acceptance(world, building, "SUB_ITEM", passed)
    year = world.one("target_attainment")
    assert (year["completed_area_m2"], year["completed_to_date_area_m2"]) == (100, 200)
    assert world.one("monthly_progress")["completed_area_cum_m2"] == 100
    assert world.one("compound_status")["last_completed_date"] == day("2014-01-05")


def test_a_flash_beside_the_one_before(world: World) -> None:
    for week, street, done in (
        ("2013-06-07", STREET, 2),
        ("2013-06-14", STREET, 5),
        ("2013-06-28", STREET, 4),
        ("2013-06-14", "110108002", 1),
    ):
        values = {"in_progress_buildings": 3, "completed_buildings_cum": done, "workers_on_site": 80}
        world.add("weekly_flash", week_end=week, street_id=street, **values)
    rows = [
        (row["week_end"].day, row["street_name"], row["completed_buildings_week"], row["days_since_last_flash"])
        for row in world.read("weekly_flash")
    ]
    assert rows == [
        (7, "万寿路街道", None, None),
        (14, "万寿路街道", 3, 7),
        (14, "永定路街道", None, None),
        (28, "万寿路街道", -1, 14),
    ]
    assert "weekly_flash.completed_falls" in world.failures("warn")


# --- every check that guards a promise sees it broken


def test_a_broken_promise_is_seen_and_a_kept_one_is_not(world: World) -> None:
    world.compound("c")
    finished(world, "b", "c", "2013-10-01")
    opinion(world, "o", "2013-06-05", adopted_code="ADOPTED")
    came(world, "F06", "k1", "2013-12", "2014-01-02", street_id=STREET)
    found(world, "finding", "k12013-121", "E04")
    assert world.failures("fail") == set()
    assert world.unseen(residents.BROKEN) == set()
