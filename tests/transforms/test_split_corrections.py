"""Corrections: what was read stands, what counts is corrected, and a correction that fits no more does nothing."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.transforms.worlds import EAST, HUAYUAN, NOW, found, progress, reasons, story, submission

DECEMBER = submission("S", "contractor_progress", filer=EAST, period="2013-09", received="2013-10-02", file="5e" * 32)
FILE = "5e5e5e5e"
YUAN = ("花园路甲3号院", "1号楼", "5000.00", 70)


def correction(**said: Any) -> dict[str, Any]:
    """A correction of the first row's area in the file, or what is said otherwise."""
    return {
        "key": "c1",
        "file": FILE,
        "address": "H5",
        "expect": "5900.00",
        "value": "5000.00",
        "is_excluded": False,
        "known_from": dt.datetime(2013, 12, 1, tzinfo=dt.UTC),
    } | said


def row(name: str, *said: Any, **more: Any) -> dict[str, Any]:
    return progress(name, "S", *said, **more)


def judged(*rows: dict[str, Any], by: list[dict[str, Any]], at: dt.datetime = NOW, **more: Any) -> Any:
    placed = [
        line | {"row_number": number, "file_id": DECEMBER["file_id"]} for number, line in enumerate(rows, start=5)
    ]
    return story([DECEMBER], {"contractor_progress": placed}, corrections=by, at=at, **more)


def value(verdicts: Any, row_id: str, column: str) -> Any:
    """What a row says in the place of what was read; None where it is as read."""
    accepted = verdicts.accepted["contractor_progress"].filter(pl.col("row_id") == row_id)
    return accepted[column].to_list()[0] if column in accepted.columns else None


def stale(verdicts: Any) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = verdicts.stale.select("about", "why").rows()
    return rows


MISTYPED = row("mistyped", "花园路甲3号院", "1号楼", "5900.00", 70)
RIGHT = row("right", "花园路甲3号院", "2号楼", "5200.00", 72)


def test_a_corrected_value_counts_and_the_row_says_so() -> None:
    verdicts = judged(MISTYPED, RIGHT, by=[correction()])
    assert found(verdicts, "E07") == []
    assert value(verdicts, "mistyped", "floor_area_m2") == Decimal("5000.00")
    assert value(verdicts, "mistyped", "corrections") == [{"column_name": "floor_area_m2", "correction": "c1"}]
    assert value(verdicts, "right", "corrections") is None
    assert value(verdicts, "right", "floor_area_m2") is None
    [said] = verdicts.findings.filter(code="E60").to_dicts()
    assert (said["severity"], said["address"], said["found"], said["expected"]) == (
        "F",
        "H5",
        "建筑面积填报为“5900.00”",
        "按“5000.00”计",
    )


def test_a_correction_counts_from_its_day_on() -> None:
    before = dt.datetime(2013, 11, 1, tzinfo=dt.UTC)
    assert found(judged(MISTYPED, by=[correction()], at=before), "E07") == [("mistyped", "H5")]
    without = judged(MISTYPED, by=[])
    assert (
        judged(MISTYPED, by=[correction()], at=before)
        .accepted["contractor_progress"]
        .equals(without.accepted["contractor_progress"])
    )


def test_a_corrected_row_leaves_quarantine() -> None:
    late = row("finish first", *YUAN, actual_finish=dt.date(2013, 3, 1), actual_finish_kind="actual")
    by = correction(address="M5", expect="2013-03-01", value="2013.8.20")
    assert reasons(judged(late, by=[])) == {"finish first": "E06"}
    verdicts = judged(late, by=[by])
    assert reasons(verdicts) == {}
    dated = [value(verdicts, "finish first", f"actual_finish{side}") for side in ("", "_kind", "_precision")]
    assert dated == [dt.date(2013, 8, 20), "actual", "day"]


def test_a_fault_of_reading_goes_with_the_cell_it_was_in() -> None:
    unread = row("no such day", *YUAN)
    unread["faults"] = [
        {
            "code": "E06",
            "severity": "Q",
            "column_name": "actual_finish",
            "address": "M5",
            "found": "“2013.9.31”",
            "expected": "",
        }
    ]
    by = correction(address="M5", expect="", value="2013.9.29")
    assert reasons(judged(unread, by=[])) == {"no such day": "E06"}
    assert reasons(judged(unread, by=[by])) == {}
    assert reasons(judged(unread, by=[correction(address="M5", expect="", value="2013.3.1")])) == {"no such day": "E06"}


def test_a_correction_can_stop_a_row() -> None:
    assert reasons(judged(MISTYPED, by=[correction(value="500000")])) == {"mistyped": "E10"}
    assert reasons(judged(MISTYPED, by=[correction(address="G5", expect="1号楼", value="")])) == {"mistyped": "E40"}


def test_a_value_is_in_the_unit_of_its_column_or_in_its_own() -> None:
    column = {
        "submission_id": "S",
        "file_id": DECEMBER["file_id"],
        "sheet_index": 1,
        "block": 1,
        "column_name": "floor_area_m2",
        "column_letter": "H",
        "unit": "m2",
        "factor": Decimal(10000),
    }
    for text in ("0.5", "5000㎡"):
        verdicts = judged(MISTYPED, by=[correction(value=text)], columns=[column])
        assert value(verdicts, "mistyped", "floor_area_m2") == Decimal("5000.00"), text


def test_a_name_corrected_is_looked_up_again() -> None:
    lost = row("lost", "花园路甲2号院", "1号楼", "5000.00", 70)
    by = correction(address="F5", expect="花园路甲2号院", value="花园路甲3号院")
    assert reasons(judged(lost, by=[])) == {"lost": "E17"}
    verdicts = judged(lost, by=[by])
    assert reasons(verdicts) == {}
    assert value(verdicts, "lost", "building_id") == f"{HUAYUAN}:花园路甲3号院:1号楼"


def test_a_row_set_aside_waits_with_its_parts_and_says_nothing_to_its_sender() -> None:
    items = [
        {"row_id": "wall", "submission_id": "S", "row_number": 5, "work_item_code": "WALL", "unit_code": "m2"}
        | {"report_month": dt.date(2013, 9, 1), "file_id": DECEMBER["file_id"]}
    ]
    placed = [MISTYPED | {"row_number": 5, "file_id": DECEMBER["file_id"]}]
    by = [correction(value=None, is_excluded=True)]
    verdicts = story([DECEMBER], {"contractor_progress": placed, "work_item_progress": items}, corrections=by)
    assert reasons(verdicts) == {"mistyped": "E61", "wall": "E61"}
    assert set(verdicts.findings["code"]) == {"E60"}
    assert verdicts.findings["expected"].to_list() == ["该行不计入"]


def test_a_report_and_a_row_name_a_cell_in_every_version_of_the_report() -> None:
    by = correction(
        file=None,
        form_code="F06",
        filer=EAST,
        street_id=HUAYUAN,
        period="2013-09",
        address=None,
        column_name="floor_area_m2",
        row_cells=[
            {"column_name": "compound_name", "written": "花园路甲3号院"},
            {"column_name": "building_no", "written": "1号楼"},
        ],
    )
    again = submission("N", "contractor_progress", filer=EAST, period="2013-09", received="2013-10-03", rank=2)
    lines = [MISTYPED, progress("again", "N", "花园路甲3号院", "1号楼", "5900.00", 70)]
    verdicts = story([DECEMBER, again], {"contractor_progress": lines}, corrections=[by])
    assert value(verdicts, "again", "floor_area_m2") == Decimal("5000.00")
    assert stale(verdicts) == []
    healed = [MISTYPED, progress("again", "N", "花园路甲3号院", "1号楼", "5000.00", 70)]
    verdicts = story([DECEMBER, again], {"contractor_progress": healed}, corrections=[by])
    assert value(verdicts, "again", "floor_area_m2") is None
    assert stale(verdicts) == [(f"F06 {EAST} 2013-09 花园路甲3号院、1号楼 floor_area_m2", "所在报表已被后来的版本替代")]
    assert verdicts.findings.filter(code="E60").is_empty()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"expect": "5901.00"}, "该处现为“5900.00”，不是更正所针对的内容"),
        ({"file": "abcdef12"}, "没有收到过这份文件"),
        ({"address": "H99"}, "该处没有数据单元格"),
        ({"sheet": "附表"}, "该处没有数据单元格"),
        ({"value": "约5000"}, "更正后的值“约5000”是约数"),
        ({"value": "五千多"}, "更正后的值无法读取：“五千多” 不是单个数字，应只填数字，如 1234.56"),
        ({"address": "B5", "expect": "2013-09-01", "value": "2013-10"}, "报告期不能逐格更正，应请报送单位重报"),
        ({"address": "O5", "expect": "x"}, "该处现为空白，不是更正所针对的内容"),
    ],
)
def test_a_correction_that_fits_nothing_does_nothing_and_says_why(said: dict[str, Any], why: str) -> None:
    verdicts = judged(MISTYPED, by=[correction(**said)])
    assert [reason for _, reason in stale(verdicts)] == [why]
    assert found(verdicts, "E07") == [("mistyped", "H5")]
    assert value(verdicts, "mistyped", "corrections") is None


def test_the_text_of_an_internal_column_is_not_repeated() -> None:
    noted = row("noted", *YUAN, delay_reason="张三未到")
    by = correction(address="T5", expect="李四未到", value="材料未到")
    [(_, why)] = stale(judged(noted, by=[by]))
    assert why == "该处现为别的内容，不是更正所针对的内容"
    verdicts = judged(noted, by=[by | {"expect": "张三未到"}])
    assert value(verdicts, "noted", "delay_reason") == "材料未到"
    [said] = verdicts.findings.filter(code="E60").to_dicts()
    assert (said["found"], said["expected"]) == ("滞后原因已更正", "按更正后的内容计")


def test_two_corrections_of_one_row_both_count() -> None:
    worse = row("worse", "花园路甲3号院", "1号楼", "5900.00", 700)
    by = [correction(), correction(key="c2", address="I5", expect="700", value="70")]
    verdicts = judged(worse, by=by)
    assert [value(verdicts, "worse", name) for name in ("floor_area_m2", "household_count")] == [Decimal("5000.00"), 70]
    assert [each["correction"] for each in value(verdicts, "worse", "corrections")] == ["c1", "c2"]
