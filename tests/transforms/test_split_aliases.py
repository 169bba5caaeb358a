"""One thing under several names, several things under one: splits, merges, ranges, and aliases that do nothing."""

import datetime as dt
from typing import Any

import pytest

from tests.transforms.worlds import (
    EAST,
    HUAYUAN,
    REGISTERS,
    TABLES,
    building,
    found,
    progress,
    reasons,
    story,
    submission,
    world,
)
from transforms.split import judge

NOW = dt.datetime(2014, 1, 1, tzinfo=dt.UTC)
SEPTEMBER = submission("S", "contractor_progress", filer=EAST, period="2013-09", received="2013-10-02")
YUAN, LI = "花园路甲3号院", "塔院南里"


def alias(kind: str, written: str, means: str, buildings: str | None = None) -> dict[str, Any]:
    said = {"key": f"{written}→{means}", "kind": kind, "alias": written, "target": means, "buildings": buildings}
    return said | {"street_id": None if kind == "organisation" else HUAYUAN}


def row(name: str, *said: Any) -> dict[str, Any]:
    return progress(name, "S", *said)


def report(*lines: dict[str, Any], **more: Any) -> Any:
    return story([SEPTEMBER], {"contractor_progress": list(lines)}, **more)


def buildings_of(verdicts: Any, entity: str) -> list[str]:
    ids: list[str] = verdicts.accepted[entity]["building_id"].to_list()
    return [each.removeprefix(f"{HUAYUAN}:") for each in sorted(ids)]


def stale(verdicts: Any) -> dict[str, str]:
    return dict(verdicts.stale.select("about", "why").rows())


SPLIT = [alias("compound", "大院", YUAN, "1-2号楼"), alias("compound", "大院", LI, "3号楼")]


def test_the_buildings_of_a_split_compound_go_where_it_was_decided() -> None:
    lines = [row("one", "大院", "1#", "5000.00", 70), row("two", "大院", "2号楼", "5200.00", 72)]
    verdicts = report(*lines, aliases=SPLIT)
    assert buildings_of(verdicts, "contractor_progress") == [f"{YUAN}:1号楼", f"{YUAN}:2号楼"]
    assert reasons(report(*lines)) == {"one": "E17", "two": "E17"}


def test_a_row_about_all_of_a_split_compound_waits() -> None:
    monthly = submission("M", "subcommand_monthly", period="2013-09", received="2013-10-08")
    line = {"row_id": "all", "submission_id": "M", "compound_name": "大院", "report_month": dt.date(2013, 9, 1)}
    verdicts = story([monthly], {"subcommand_monthly": [line]}, aliases=SPLIT)
    assert reasons(verdicts) == {"all": "E17"}
    assert verdicts.quarantined["found"].to_list() == [
        "小区“大院”已拆分为塔院南里、花园路甲3号院，看不出该行属于哪一个"
    ]


MERGE = alias("merge", LI, YUAN)


def test_a_merged_compound_is_no_compound_of_its_own_and_its_name_goes_on_meaning_the_other() -> None:
    monthly = submission("M", "subcommand_monthly", period="2013-09", received="2013-10-08")
    line = {"row_id": "m", "submission_id": "M", "compound_name": LI, "report_month": dt.date(2013, 9, 1)}
    others = {"building_register": [each for each in TABLES["building_register"] if each["compound_name"] == YUAN]}
    tables = {**TABLES, **others, "subcommand_monthly": [line]}
    verdicts = judge(world([*REGISTERS, monthly], tables, aliases=[MERGE]), NOW)
    assert reasons(verdicts) == {"li": "E32"}
    assert verdicts.quarantined["found"].to_list() == ["按决定并入“花园路甲3号院”，不另作一个小区"]
    assert verdicts.accepted["subcommand_monthly"]["compound_id"].to_list() == [f"{HUAYUAN}:{YUAN}"]
    assert found(verdicts, "E32") == []
    assert stale(verdicts) == {}


def test_merged_buildings_of_one_number_both_wait_until_they_are_numbered_anew() -> None:
    verdicts = report(aliases=[MERGE])
    assert reasons(verdicts) == {"li": "E32", "yuan-1": "E44", "yuan-2": "E44", "li-1": "E44", "li-2": "E44"}


def test_a_remark_that_two_registered_compounds_are_one_asks_somebody_to_decide() -> None:
    noted = [{**TABLES["compound_register"][0], "remark": "2012年与塔院南里合并"}, TABLES["compound_register"][1]]
    verdicts = judge(world(REGISTERS, {**TABLES, "compound_register": noted}), NOW)
    assert reasons(verdicts) == {}
    [said] = verdicts.findings.filter(code="E32").to_dicts()
    assert (said["severity"], said["row_id"], said["found"]) == ("W", "yuan", "备注写明与“塔院南里”合并，两者都有登记")
    assert (
        judge(world(REGISTERS, {**TABLES, "compound_register": noted}, aliases=[MERGE]), NOW)
        .findings.filter(code="E32")
        .is_empty()
    )


def test_two_names_of_one_compound_in_one_report_are_told() -> None:
    lines = [row("registered", YUAN, "1号楼", "5000.00", 70), row("other", "花园里", "2号楼", "5200.00", 72)]
    verdicts = report(*lines)
    assert reasons(verdicts) == {}
    [said] = verdicts.findings.filter(code="E32").to_dicts()
    assert (said["row_id"], said["address"], said["found"]) == ("other", "F6", "花园路甲3号院又写作“花园里”")
    assert found(report(row("alone", "花园里", "2号楼", "5200.00", 72)), "E32") == []
    assert found(report(lines[0], row("spelt", "花园路甲三号院", "2#", "5200.00", 72)), "E32") == []


def test_a_phase_of_a_project_is_another_name_only_where_somebody_decided_so() -> None:
    lines = [row("plain", LI, "1号楼", "6000.00", 80), row("phase", "塔院南里二期", "2号楼", "6100.00", 81)]
    assert reasons(report(*lines)) == {"phase": "E17"}
    verdicts = report(*lines, aliases=[alias("compound", "塔院南里二期", LI)])
    assert reasons(verdicts) == {}
    assert [row_id for row_id, _ in found(verdicts, "E32")] == ["phase"]


def test_a_row_with_the_figures_of_several_buildings_is_never_divided() -> None:
    verdicts = report(row("three", YUAN, "1-3号楼", "15500.00", 215))
    assert reasons(verdicts) == {"three": "E63"}
    [waiting] = verdicts.quarantined.to_dicts()
    assert (waiting["address"], waiting["found"], waiting["expected"]) == (
        "G5",
        "一行填了3栋楼：“1-3号楼”",
        "每栋楼填一行；合计数不能分摊到各栋",
    )


def test_a_survey_of_several_buildings_waits() -> None:
    survey = submission("C", "consent_survey", received="2013-03-20", edition=1)
    line = {"row_id": "c", "submission_id": "C", "round_no": 1, "compound_name": YUAN, "building_no": "1、2号楼"}
    line |= {"households_total": 142, "households_surveyed": 142, "agree_households": 142}
    line |= {"disagree_households": 0, "not_contacted_households": 0}
    assert reasons(story([survey], {"consent_survey": [line]})) == {"c": "E63"}


ACCEPTED = {
    "row_id": "a",
    "submission_id": "A",
    "compound_name": YUAN,
    "acceptance_type_code": "FINAL",
    "acceptance_date": dt.date(2013, 11, 1),
    "acceptance_result_code": "PASSED",
}


def test_what_is_said_of_several_buildings_alike_holds_for_each() -> None:
    certificate = submission("A", "acceptance", filer=EAST, received="2013-11-20")
    verdicts = story([certificate], {"acceptance": [ACCEPTED | {"building_no": "1-3号楼"}]})
    assert buildings_of(verdicts, "acceptance") == [f"{YUAN}:{number}号楼" for number in (1, 2, 3)]
    assert reasons(verdicts) == {}
    verdicts = story([certificate], {"acceptance": [ACCEPTED | {"building_no": "1-4号楼"}]})
    assert reasons(verdicts) == {"a": "E17"}
    assert verdicts.accepted["acceptance"].is_empty()
    again = ACCEPTED | {"row_id": "b", "building_no": "2号楼", "row_number": 9}
    verdicts = story([certificate], {"acceptance": [ACCEPTED | {"building_no": "1-3号楼"}, again]})
    assert reasons(verdicts) == {"b": "E44"}


def test_an_opinion_about_several_buildings_is_one_opinion_of_none_of_them() -> None:
    ledger = submission("O", "resident_opinion", received="2013-06-03")
    line = {"row_id": "o", "submission_id": "O", "opinion_no": "7", "raised_date": dt.date(2013, 5, 6)}
    line |= {"compound_name": YUAN, "building_no": "1-2号楼", "content": "噪声", "channel_code": "VISIT"}
    verdicts = story([ledger], {"resident_opinion": [line]})
    assert reasons(verdicts) == {}
    assert verdicts.accepted["resident_opinion"]["building_id"].to_list() == [None]
    assert verdicts.findings.filter(code="E63")["severity"].to_list() == ["W"]


def test_a_register_lists_each_building_unless_it_was_decided_that_the_number_is_one() -> None:
    listed = [building("both", LI, "1-2号楼", "12000.00", 160)]
    assert reasons(story([], {"building_register": listed})) == {"both": "E63"}
    one = alias("building", f"{LI}:1-2号楼", "1-2号楼")
    assert reasons(story([], {"building_register": listed}, aliases=[one])) == {}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (alias("compound", "塔院南李", LI), "没有报表再写“塔院南李”"),
        (alias("compound", "塔院南李", "塔院西里"), "“塔院西里”不在花园路街道的小区登记表中"),
        (alias("compound", YUAN, LI), "“花园路甲3号院”本身就在花园路街道的小区登记表中"),
        (alias("building", f"{LI}:甲1楼", "1号楼"), "没有报表再写“塔院南里:甲1楼”"),
        (alias("building", "塔院西里:甲1楼", "1号楼"), "“塔院西里”没有楼栋台账"),
        (alias("organisation", "南城建", EAST), "没有报表再写“南城建”"),
        (alias("organisation", "东城建设", "无此公司"), "“无此公司”不在参建单位名录中"),
        (alias("merge", "塔院西里", LI), "没有报表再写“塔院西里”"),
        (alias("merge", LI, "塔院西里"), "“塔院西里”不在花园路街道的小区登记表中"),
    ],
)
def test_an_alias_that_does_nothing_says_why(written: dict[str, Any], why: str) -> None:
    verdicts = report(row("one", LI, "1号楼", "6000.00", 80), aliases=[written])
    assert stale(verdicts) == {f"{written['alias']}→{written['target']}": why}
    assert reasons(verdicts) == {}


def test_an_alias_that_is_used_says_nothing() -> None:
    used = [
        alias("compound", "塔院南李", LI),
        alias("building", f"{YUAN}:甲楼", "1号楼"),
        alias("organisation", "东城建设", EAST),
        *SPLIT,
    ]
    filer = submission("N", "contractor_progress", filer="东城建设", period="2013-10", received="2013-11-02")
    lines = [row("li", "塔院南李", "1号楼", "6000.00", 80), row("yuan", YUAN, "甲楼", "5000.00", 70)]
    later = progress("later", "N", "大院", "1号楼", "5000.00", 70) | {"report_month": dt.date(2013, 10, 1)}
    verdicts = story([SEPTEMBER, filer], {"contractor_progress": [*lines, later]}, aliases=used)
    assert stale(verdicts) == {}
    assert reasons(verdicts) == {}
