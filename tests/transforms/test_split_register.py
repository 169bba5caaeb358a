"""Said twice: one building in two rows, two firms, two types, two sizes (E01, E02, E07, E30, E31, E44)."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl

from schemas.forms import load
from tests.transforms.worlds import (
    EAST,
    HUAYUAN,
    WEST,
    building,
    found,
    progress,
    reasons,
    story,
    submission,
)
from transforms.split import Verdicts

YUAN, LI = "花园路甲3号院", "塔院南里"


def september(name: str, filer: str = EAST, **more: Any) -> dict[str, Any]:
    return submission(name, "contractor_progress", filer=filer, period="2013-09", received="2013-10-02", **more)


def judged(*lines: dict[str, Any], columns: list[dict[str, Any]] | None = None, items: Any = ()) -> Verdicts:
    tables = {"contractor_progress": list(lines), "work_item_progress": list(items)}
    return story([september("S"), september("W", WEST)], tables, columns=columns or [])


def item(row: str, report: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "row_id": row,
        "submission_id": report,
        "row_number": number,
        "report_month": dt.date(2013, 9, 1),
        "work_item_code": "WALL",
        "qty_design": Decimal(100),
    } | more


def test_of_two_firms_the_one_the_register_names_stays() -> None:
    verdicts = judged(
        progress("east", "S", YUAN, "三号楼", "5300.00", 73, row_number=5),
        progress("west", "W", YUAN, "3号楼", "5300.00", 73, row_number=5),
        items=[item("east wall", "S", 5), item("west wall", "W", 5)],
    )
    assert reasons(verdicts) == {"east": "E01", "east wall": "E01"}
    assert found(verdicts, "E01") == [("east", "G5")]
    assert verdicts.quarantined.filter(pl.col("row_id") == "east")["expected"].to_list() == [
        f"台账登记的施工单位为{WEST}"
    ]


def test_of_two_firms_neither_in_the_register_none_stays() -> None:
    third = "北京南城建设工程有限公司"
    orgs = [{"row_id": "south", "submission_id": "F22", "full_name": third, "org_type_code": "CONTRACTOR"}]
    lines = [progress("south", "T", YUAN, "3号楼", "5300.00", 73), progress("east", "S", YUAN, "3号楼", "5300.00", 73)]
    verdicts = story([september("S"), september("T", third)], {"org_directory": orgs, "contractor_progress": lines})
    assert reasons(verdicts) == {"south": "E01", "east": "E01"}


def test_a_firm_whose_row_waits_for_its_date_still_reports_the_building() -> None:
    bad_date = {"actual_finish": dt.date(2013, 3, 1), "actual_finish_kind": "actual"}
    verdicts = judged(
        progress("east", "S", YUAN, "3号楼", "5300.00", 73),
        progress("west", "W", YUAN, "3号楼", "5300.00", 73) | bad_date,
    )
    assert reasons(verdicts) == {"east": "E01", "west": "E06"}


def test_one_firm_alone_is_not_disputed_nor_are_other_months() -> None:
    verdicts = judged(
        progress("east", "S", YUAN, "3号楼", "5300.00", 73),
        progress("west", "W", YUAN, "3号楼", "5300.00", 73, report_month=dt.date(2013, 8, 1)),
    )
    assert reasons(verdicts) == {}


def test_a_building_listed_under_another_compound_is_told_by_its_figures() -> None:
    verdicts = judged(
        progress("yuan 1", "S", YUAN, "1号楼", "5000.00", 70),
        progress("li 1 under yuan", "S", YUAN, "1号楼", "6000.00", 80),
    )
    assert reasons(verdicts) == {"li 1 under yuan": "E02"}
    assert found(verdicts, "E02") == [("li 1 under yuan", "F6")]
    assert verdicts.quarantined["suggestion"].to_list() == ["是否应为塔院南里1号楼"]


def test_under_a_merged_compound_the_building_is_the_cell_to_change() -> None:
    line = progress("li 1 under yuan", "S", YUAN, "1号楼", "6000.00", 80)
    assert found(judged(line | {"addresses": {"compound_name": "F3", "building_no": "G5"}}), "E02") == [
        ("li 1 under yuan", "G5")
    ]


def test_two_buildings_with_each_others_figures_are_restatements() -> None:
    verdicts = judged(
        progress("yuan 1", "S", YUAN, "1号楼", "5200.00", 72), progress("yuan 2", "S", YUAN, "2号楼", "5000.00", 70)
    )
    assert reasons(verdicts) == {}
    assert len(found(verdicts, "E07")) == 2


def test_of_two_rows_the_one_that_agrees_with_the_register_stays() -> None:
    verdicts = judged(
        progress("agrees", "S", YUAN, "1号楼", "5000.00", 70), progress("differs", "S", YUAN, "1#", "4999.00", 70)
    )
    assert reasons(verdicts) == {"differs": "E44"}


def test_of_two_equal_rows_the_first_stays() -> None:
    twice = [progress(name, "S", YUAN, "1号楼", "5000.00", 70) for name in ("first", "second")]
    assert reasons(judged(*twice)) == {"second": "E44"}


def test_of_two_unlike_rows_that_both_agree_none_stays() -> None:
    verdicts = judged(
        progress("open", "S", YUAN, "1号楼", "5000.00", 70),
        progress("suspended", "S", YUAN, "1号楼", "5000.00", 70, workers_on_site=3),
    )
    assert reasons(verdicts) == {"open": "E44", "suspended": "E44"}


def test_a_line_that_a_supplement_repeats_counts_once_as_the_supplement_says_it() -> None:
    reports = [september("S"), september("more", supplement=True, file="zzz")]
    lines = [
        progress("base", "S", YUAN, "1号楼", "5000.00", 70),
        progress("other", "S", YUAN, "3号楼", "5300.00", 73, contractor="西城建"),
        progress("again", "more", YUAN, "1号楼", "5000.00", 70),
        progress("added", "more", YUAN, "2号楼", "5200.00", 72),
    ]
    verdicts = story(reports, {"contractor_progress": lines})
    assert reasons(verdicts) == {}
    assert verdicts.accepted["contractor_progress"]["row_id"].sort().to_list() == ["added", "again", "other"]


def test_restated_figures_warn_and_load() -> None:
    verdicts = judged(
        progress("area", "S", YUAN, "1号楼", "4100.00", 70), progress("households", "S", YUAN, "2号楼", "5200.00", 71)
    )
    assert reasons(verdicts) == {}
    assert found(verdicts, "E07") == [("area", "H5")]
    assert found(verdicts, "E31") == [("households", "I6")]


def test_a_figure_written_in_tens_agrees_within_half_of_ten() -> None:
    in_tens = [{"submission_id": "S", "column_name": "floor_area_m2", "resolution": Decimal(10)}]
    near, far = progress("near", "S", YUAN, "1号楼", "5005.00", 70), progress("far", "S", YUAN, "2号楼", "5210.00", 72)
    assert found(judged(near, far, columns=in_tens), "E07") == [("far", "H6")]


def test_one_building_under_both_types_waits_until_the_register_is_corrected() -> None:
    both = [
        building("energy", LI, "5号楼", "6600.00", 90),
        building("seismic", LI, "5号楼", "6600.00", 90, programme_type_code="SEISMIC_ENERGY"),
    ]
    assert reasons(story([], {"building_register": both})) == {"energy": "E30", "seismic": "E30"}
    newer = submission("corrected", "building_register", received="2013-04-10")
    only = building("corrected energy", LI, "5号楼", "6600.00", 90, report="corrected")
    verdicts = story([newer], {"building_register": [*both, only]})
    assert reasons(verdicts) == {}
    assert verdicts.accepted["building_register"]["row_id"].to_list() == [
        "corrected energy",  # the one line that was wrong; the others stand as they were
        *("li-1", "li-2", "yuan-1", "yuan-2", "yuan-3"),
    ]


def test_a_register_that_contradicts_itself_otherwise_is_a_duplicate() -> None:
    twice = [building("one", LI, "5号楼", "6600.00", 90), building("other", LI, "五号楼", "6700.00", 90)]
    assert reasons(story([], {"building_register": twice})) == {"one": "E44", "other": "E44"}


def test_a_register_of_another_street_is_not_replaced() -> None:
    register = load().forms["building_register"]
    assert "street" in register.report_key
    elsewhere = submission("F03 of 学院路", "building_register", street="110108010", received="2013-04-10")
    verdicts = story([elsewhere], {})
    assert verdicts.accepted["building_register"].filter(pl.col("street_id") == HUAYUAN).height == 5
