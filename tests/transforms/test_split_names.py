"""Rows that name things: resolved, suggested, or waiting for the register (E02, E17)."""

import datetime as dt
from typing import Any

import polars as pl

from tests.transforms.worlds import (
    EAST,
    HUAYUAN,
    REGISTERS,
    TABLES,
    XUEYUAN,
    building,
    compound,
    found,
    progress,
    reasons,
    story,
    submission,
    world,
)
from transforms.split import judge

SEPTEMBER = submission("S", "contractor_progress", filer=EAST, period="2013-09", received="2013-10-02")
NOW = dt.datetime(2014, 1, 1, tzinfo=dt.UTC)


def report(*lines: dict[str, Any], **more: Any) -> Any:
    return story([SEPTEMBER], {"contractor_progress": list(lines)}, **more)


def row(name: str, compound_name: str, number: str, area: str = "5000.00", households: int = 70) -> dict[str, Any]:
    return progress(name, "S", compound_name, number, area, households)


def test_names_as_written_become_ids() -> None:
    verdicts = report(row("variant", "花园路 甲三号院", "1#"), row("former name", "花园里", "二号楼", "5200.00", 72))
    accepted = verdicts.accepted["contractor_progress"].select("row_id", "street_id", "contractor_id", "building_id")
    assert accepted.sort("row_id").rows() == [
        ("former name", HUAYUAN, EAST, f"{HUAYUAN}:花园路甲3号院:2号楼"),
        ("variant", HUAYUAN, EAST, f"{HUAYUAN}:花园路甲3号院:1号楼"),
    ]
    assert verdicts.quarantined.is_empty()


def test_an_unknown_compound_waits_with_suggestions() -> None:
    verdicts = report(row("typo", "塔院南李", "1号楼", "6000.00", 80))
    assert reasons(verdicts) == {"typo": "E17"}
    (waiting,) = verdicts.quarantined.rows(named=True)
    assert waiting["found"] == "小区“塔院南李”不在花园路街道的小区登记表中"
    assert waiting["suggestion"] == "相近名称：塔院南里"
    assert found(verdicts, "E17") == [("typo", "F5")]


def test_a_reviewed_alias_frees_the_row_from_its_day_on() -> None:
    alias = {
        "kind": "compound",
        "street_id": HUAYUAN,
        "alias": "塔院南李",
        "target": "塔院南里",
        "known_from": dt.datetime(2013, 12, 1, tzinfo=dt.UTC),
    }
    line = row("typo", "塔院南李", "1号楼", "6000.00", 80)
    assert reasons(report(line, aliases=[alias], at=dt.datetime(2013, 11, 1, tzinfo=dt.UTC))) == {"typo": "E17"}
    assert reasons(report(line, aliases=[alias], at=NOW)) == {}


def test_a_compound_of_another_street_is_suggested_there() -> None:
    registers = [submission("F02 of 学院路", "compound_register", street=XUEYUAN)]
    elsewhere = [compound("far", "二里庄北里", report="F02 of 学院路", street="学院路")]
    verdicts = story(
        [*registers, SEPTEMBER],
        {"compound_register": elsewhere, "contractor_progress": [row("wrong street", "二里庄北里", "1号楼")]},
    )
    assert reasons(verdicts) == {"wrong street": "E02"}
    assert verdicts.quarantined["suggestion"].to_list() == ["该小区登记在学院路街道"]


def test_an_unknown_building_waits() -> None:
    verdicts = report(row("no such building", "塔院南里", "9号楼", "7777.00", 99))
    assert reasons(verdicts) == {"no such building": "E17"}
    assert found(verdicts, "E17") == [("no such building", "G5")]


def test_an_unknown_number_with_the_figures_of_a_missing_building_is_that_building() -> None:
    verdicts = report(row("li 9", "塔院南里", "9号楼", "5200.00", 72))
    assert reasons(verdicts) == {"li 9": "E02"}
    assert verdicts.quarantined["suggestion"].to_list() == ["是否应为花园路甲3号院2号楼"]


def test_rows_wait_for_their_register_and_load_when_it_comes() -> None:
    line = row("early", "花园路甲3号院", "1号楼")
    before = judge(
        world([REGISTERS[0], SEPTEMBER], {"org_directory": TABLES["org_directory"], "contractor_progress": [line]}), NOW
    )
    assert reasons(before) == {"early": "E17"}
    assert "尚未报送" in before.quarantined["found"][0]
    assert reasons(report(line)) == {}


def test_an_unknown_firm_is_found_once_and_all_its_rows_wait() -> None:
    stranger = submission("X", "contractor_progress", filer="南城建", period="2013-09", received="2013-10-02")
    lines = [progress(f"x{n}", "X", "花园路甲3号院", f"{n}号楼", "5000.00", 70) for n in (1, 2)]
    items = [
        {
            "row_id": "x1 wall",
            "submission_id": "X",
            "row_number": 5,
            "work_item_code": "WALL",
            "report_month": dt.date(2013, 9, 1),
        }
    ]
    verdicts = story([stranger], {"contractor_progress": lines, "work_item_progress": items})
    assert reasons(verdicts) == {"x1": "E17", "x2": "E17", "x1 wall": "E17"}
    assert found(verdicts, "E17") == [(None, "A2")]


def test_a_street_nobody_recognises_stops_the_report() -> None:
    lost = submission("X", "subcommand_monthly", street=None, period="2013-09", received="2013-10-08")
    line = {"row_id": "x", "submission_id": "X", "compound_name": "塔院南里", "report_month": dt.date(2013, 9, 1)}
    verdicts = story([lost], {"subcommand_monthly": [line]})
    assert reasons(verdicts) == {"x": "E17"}
    assert found(verdicts, "E17") == [(None, "A2")]


def test_a_register_row_that_names_an_unknown_firm_waits_with_the_progress_of_its_building() -> None:
    lines = [building("other firm", "塔院南里", "5号楼", "6600.00", 90, firm="南城建")]
    verdicts = story(
        [SEPTEMBER],
        {"building_register": lines, "contractor_progress": [row("its progress", "塔院南里", "5号楼", "6600.00", 90)]},
    )
    assert reasons(verdicts) == {"other firm": "E17", "its progress": "E17"}
    assert found(verdicts, "E17") == [("other firm", "P10")]  # said once, where the fault is
    waiting = verdicts.quarantined.filter(row_id="its progress")
    assert waiting["found"].to_list() == ["“塔院南里5号楼”的台账记录待更正，暂无法核对"]


def test_row_faults_come_first_and_alone() -> None:
    bad_date = {"actual_finish": dt.date(2013, 3, 1), "actual_finish_kind": "actual"}
    verdicts = report(row("bad date in no compound", "无此小区", "1号楼") | bad_date)
    assert reasons(verdicts) == {"bad date in no compound": "E06"}


def test_two_rules_on_one_cell_are_one_fault() -> None:
    verdicts = report(row("in 万㎡", "花园路甲3号院", "1号楼", "50000000.00"))
    assert verdicts.quarantined.select("row_id", "code", "address").rows() == [("in 万㎡", "E10", "H5")]


def test_only_effective_rows_are_judged_and_each_once() -> None:
    newer = submission("N", "contractor_progress", filer=EAST, period="2013-09", received="2013-10-03", rank=2)
    lines = [
        row("old", "花园路甲3号院", "1号楼"),
        progress("new", "N", "花园路甲3号院", "1号楼", "5000.00", 70),
        progress("new and unknown", "N", "无此小区", "1号楼", "5000.00", 70),
    ]
    verdicts = story([SEPTEMBER, newer], {"contractor_progress": lines})
    assert verdicts.accepted["contractor_progress"].select("row_id", "report_version").rows() == [("new", 2)]
    assert verdicts.quarantined["row_id"].to_list() == ["new and unknown"]


def test_the_order_of_rows_changes_nothing() -> None:
    lines = [row("one", "花园路甲3号院", "1号楼"), row("two", "花园路甲3号院", "1#"), row("three", "无此小区", "1号楼")]
    placed = [line | {"row_number": number} for number, line in enumerate(lines)]
    one, other = report(*placed), report(*reversed(placed))
    assert one.quarantined.drop("address").equals(other.quarantined.drop("address"))
    assert one.accepted["contractor_progress"].equals(other.accepted["contractor_progress"])


def test_findings_of_every_severity_are_there_and_say_what_to_do() -> None:
    verdicts = report(row("other area", "花园路甲3号院", "1号楼", "5001.00"), row("unknown", "塔院南李", "1号楼"))
    actions = dict(verdicts.findings.select("code", "action").rows())
    assert set(verdicts.findings["severity"]) == {"W", "Q"}
    assert actions["E17"] == "请使用台账、名录中的名称（相近名称：塔院南里）"
    assert verdicts.findings.select(pl.col("finding_id").n_unique() == pl.len()).item()
