"""Judging the other forms: ids made of what rows say, lists of names, compounds of a district-wide list."""

import datetime as dt

from tests.transforms.worlds import (
    HUAYUAN,
    REGISTERS,
    TABLES,
    XUEYUAN,
    compound,
    found,
    reasons,
    story,
    submission,
    world,
)
from transforms.split import judge

DAY = dt.date(2013, 9, 2)
YUAN, LI = f"{HUAYUAN}:花园路甲3号院", f"{HUAYUAN}:塔院南里"


def dated(**days):
    return days | {f"{name}_kind": "actual" for name in days}


def accepted(verdicts, entity, *columns):
    return {row["row_id"]: tuple(row[name] for name in columns) for row in verdicts.accepted[entity].to_dicts()}


def opinion(row, number, **more):
    return (
        {"row_id": row, "submission_id": "F11", "opinion_no": number, "compound_name": "塔院南里"}
        | dated(raised_date=DAY)
        | more
    )


def test_an_opinion_is_its_street_its_year_and_its_number():
    report = submission("F11", "resident_opinion", period="2013")
    lines = [
        opinion("in the ledger", "17", ledger_year=2013),
        opinion("full width", " １８ ", ledger_year=2013),
        opinion("year of its day", "19"),
        opinion("no number", None),
    ]
    verdicts = story([report], {"resident_opinion": lines})
    assert accepted(verdicts, "resident_opinion", "opinion_id", "compound_id") == {
        "in the ledger": (f"{HUAYUAN}:2013:17", LI),
        "full width": (f"{HUAYUAN}:2013:18", LI),
        "year of its day": (f"{HUAYUAN}:2013:19", LI),
    }
    assert reasons(verdicts) == {"no number": "E40"}
    assert found(verdicts, "E40") == [("no number", "A8")]


def test_a_number_given_twice_is_a_duplicate():
    report = submission("F11", "resident_opinion", period="2013")
    lines = [opinion("first", "17", reply_date=DAY), opinion("second", "17", reply_date=dt.date(2013, 9, 5))]
    assert reasons(story([report], {"resident_opinion": lines})) == {"first": "E44", "second": "E44"}


def test_an_event_for_several_compounds_knows_them_all():
    report = submission("F13", "material_event", period="2013")
    line = {"submission_id": "F13", "material_category_code": "WINDOW"} | dated(event_date=DAY)
    verdicts = story(
        [report],
        {
            "material_event": [
                line | {"row_id": "two", "compound_names": ["塔院南里", "花园路甲3号院"]},
                line | {"row_id": "one unknown", "compound_names": ["塔院南里", "月球小区"]},
            ]
        },
    )
    assert accepted(verdicts, "material_event", "compound_ids", "event_id") == {
        "two": ([LI, YUAN], f"{HUAYUAN}:2013-09-02:window:{LI}+{YUAN}")
    }
    assert reasons(verdicts) == {"one unknown": "E17"}


def test_attendees_are_firms_of_the_directory_or_departments_and_others_are_warned_of():
    report = submission("F15", "coordination_meeting", street=None, filer="花园路分指挥部", period="2013")
    line = {
        "submission_id": "F15",
        "meeting_level_code": "SUBCOMMAND",
        "convener": "花园路分指挥部",
    } | dated(meeting_date=DAY)
    verdicts = story(
        [report],
        {
            "coordination_meeting": [
                line | {"row_id": "morning", "row_number": 5, "attendees": ["东城建", "消防", "自来水公司"]},
                line | {"row_id": "afternoon", "row_number": 6, "attendees": ["某某协会"]},
            ]
        },
    )
    assert accepted(verdicts, "coordination_meeting", "attendee_ids", "meeting_id", "street_id", "filer_id") == {
        "morning": (
            ["北京东城建设工程有限公司", "FIRE", "WATER"],
            "subcommand:花园路分指挥部:2013-09-02:1",
            HUAYUAN,
            HUAYUAN,
        ),
        "afternoon": ([], "subcommand:花园路分指挥部:2013-09-02:2", HUAYUAN, HUAYUAN),
    }
    assert [row for row, _ in found(verdicts, "E17")] == ["afternoon"]


def two_streets(lines):
    """The registers, one more street with a compound of its own and one named alike, and a plan of the district."""
    reports = [
        *REGISTERS,
        submission("F02-x", "compound_register", street=XUEYUAN),
        submission("F04", "batch_plan", street=None, period="2013", edition=1),
    ]
    others = [
        compound("x-1", "二里庄北里", report="F02-x", street="学院路"),
        compound("x-2", "塔院南里", report="F02-x", street="学院路"),
    ]
    plan = [{"submission_id": "F04", "plan_year": 2013, "batch_no": "1"} | line for line in lines]
    tables = TABLES | {"compound_register": [*TABLES["compound_register"], *others], "batch_plan": plan}
    return judge(world(reports, tables), dt.datetime(2014, 3, 3, tzinfo=dt.UTC))


def test_a_list_of_the_district_finds_the_street_by_the_row_or_by_the_only_compound_of_the_name():
    verdicts = two_streets(
        [
            {"row_id": "only one", "compound_name": "二里庄北里"},
            {"row_id": "street said", "street": "花园路", "compound_name": "塔院南里"},
            {"row_id": "two streets", "compound_name": "塔院南里"},
            {"row_id": "unknown", "compound_name": "月球小区"},
            {"row_id": "other street", "street": "花园路", "compound_name": "二里庄北里"},
        ]
    )
    assert accepted(verdicts, "batch_plan", "street_id", "compound_id") == {
        "only one": (XUEYUAN, f"{XUEYUAN}:二里庄北里"),
        "street said": (HUAYUAN, LI),
    }
    assert reasons(verdicts) == {"two streets": "E17", "unknown": "E17", "other street": "E02"}


def test_a_pilot_is_rolled_out_to_compounds_of_any_street():
    report = submission("F05", "pilot_project", street=None, period="2013")
    line = {
        "row_id": "rain",
        "submission_id": "F05",
        "plan_year": 2013,
        "compound_name": "塔院南里",
        "pilot_topic": "雨洪利用",
        "rolled_out_to": ["花园里", "月球小区"],
    }
    verdicts = story([report], {"pilot_project": [line]})
    assert accepted(verdicts, "pilot_project", "compound_id", "rolled_out_compound_ids") == {"rain": (LI, [YUAN])}
    assert [row for row, _ in found(verdicts, "E17")] == ["rain"]


def test_two_people_at_one_post_are_two_rows_and_one_person_is_one():
    report = submission("F18", "party_posting", street=None)
    line = {"submission_id": "F18", "org": "区住建委", "project": "塔院南里", "post_code": "SAFETY_OFFICER"} | dated(
        start_date=DAY
    )
    people = {"first": "zhao", "again": "zhao", "other": "qian"}
    lines = [
        line | {"row_id": row, "row_number": number, "person_key": person}
        for number, (row, person) in enumerate(people.items(), start=8)
    ]
    verdicts = story([report], {"party_posting": lines})
    assert accepted(verdicts, "party_posting", "compound_id") == {"first": (LI,), "other": (LI,)}
    assert reasons(verdicts) == {"again": "E44"}


def test_one_figure_alike_does_not_make_another_building():
    report = submission("F12", "consent_survey", edition=1)
    line = {
        "row_id": "81 like no. 2",
        "submission_id": "F12",
        "round_no": 1,
        "compound_name": "塔院南里",
        "building_no": "1号楼",
        "households_total": 81,
        "agree_households": 80,
    }
    verdicts = story([report], {"consent_survey": [line]})
    assert accepted(verdicts, "consent_survey", "building_id") == {"81 like no. 2": (f"{LI}:1号楼",)}
    assert len(found(verdicts, "E31")) == 1


def test_the_district_return_is_judged_street_by_street_and_month_by_month():
    def line(row, month, started):
        return {
            "row_id": row,
            "submission_id": row,
            "report_month": dt.date(2013, month, 1),
            "street": "花园路街道",
            "programme_type_code": "ENERGY_ENV",
            "started_buildings_cum": started,
        }

    reports = [
        submission(row, "district_return", street=None, period=period, received=day)
        for row, period, day in (("august", "2013-08", "2013-09-05"), ("september", "2013-09", "2013-10-05"))
    ]
    verdicts = story(reports, {"district_return": [line("august", 8, 12), line("september", 9, 11)]})
    assert accepted(verdicts, "district_return", "street_id") == {"august": (HUAYUAN,)}
    assert reasons(verdicts) == {"september": "E03"}


def test_an_inspection_by_a_person_is_numbered_without_saying_who():
    report = submission("F17", "safety_inspection", street=None, filer="区指挥部", period="2013-09")
    line = {
        "row_id": "night",
        "submission_id": "F17",
        "inspection_type_code": "NIGHT",
        "inspector": "孙某",
        "compound_name": "塔院南里",
        "hazards_found": 3,
    } | dated(inspection_date=DAY)
    verdicts = story([report], {"safety_inspection": [line]})
    ((identifier, street),) = accepted(verdicts, "safety_inspection", "inspection_id", "street_id").values()
    assert len(identifier) == 16 and "孙" not in identifier
    assert street == HUAYUAN


def test_forms_without_rows_are_not_heard_and_have_nothing_accepted():
    reports, tables = [*REGISTERS], TABLES | {"tender": []}
    verdicts = judge(world(reports, tables), dt.datetime(2014, 3, 3, tzinfo=dt.UTC))
    assert verdicts.accepted["tender"].is_empty()
    assert "tender_lot_id" in verdicts.accepted["tender"].columns
