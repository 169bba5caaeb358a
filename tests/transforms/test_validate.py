"""Row rules through pandera: a fault at the sender's cell, nothing for what is unknown."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from schemas.forms import load
from tests.transforms.worlds import building, progress, rows
from transforms.validate import rules_of, validate

SEPTEMBER = dt.date(2013, 9, 1)


def faults(frame: pl.DataFrame) -> dict[str, list[tuple[str, str, str]]]:
    """Code, severity and address of the faults of each row that has any."""
    return {
        row: [(fault["code"], fault["severity"], fault["address"]) for fault in found]
        for row, found in frame.select("row_id", "faults").rows()
        if found
    }


def line(row: str, **more: Any) -> dict[str, Any]:
    return progress(row, "S", "东里", "1号楼", "5000.00", 70) | more


def finish(day: dt.date, kind: str = "actual") -> dict[str, Any]:
    return {"actual_finish": day, "actual_finish_kind": kind, "actual_finish_precision": "day"}


def test_good_rows_have_no_faults() -> None:
    done = finish(dt.date(2013, 9, 20)) | {"status_code": "FINISHED"}
    assert faults(rows("contractor_progress", [line("open"), line("done", **done)])) == {}


def test_each_fault_stands_at_its_own_row_and_cell() -> None:
    frame = rows(
        "contractor_progress",
        [
            line("good"),
            line("finish before start", **finish(dt.date(2013, 3, 1))),
            line("good too"),
            line("in 万㎡", floor_area_m2=Decimal("50000000.00")),
            line("started next month", actual_start=dt.date(2013, 10, 2)),
        ],
    )
    assert faults(frame) == {
        "finish before start": [("E06", "Q", "M6")],
        "in 万㎡": [("E10", "Q", "H8"), ("E10", "Q", "H8")],
        "started next month": [("E06", "Q", "K9")],
    }


def test_a_forecast_is_no_actual_date() -> None:
    assert faults(rows("contractor_progress", [line("later", **finish(dt.date(2014, 1, 31), "forecast"))])) == {}


def test_a_rule_on_an_empty_cell_still_names_its_row() -> None:
    frame = rows("contractor_progress", [line("good"), line("finished when?", status_code="FINISHED")])
    assert faults(frame) == {"finished when?": [("E40", "W", "M6")]}


def test_what_cannot_be_judged_is_no_fault() -> None:
    blank = {"household_count": None, "actual_start": None, "actual_start_kind": None}
    assert faults(rows("contractor_progress", [line("blank", **blank)])) == {}


def test_a_range_stops_what_the_form_needs_and_warns_otherwise() -> None:
    frame = rows(
        "building_register",
        [
            building("thirteen stairwells", "东里", "1号楼", "5000.00", 70, unit_count=13),
            building("less than none", "东里", "2号楼", "-5000.00", 70),
        ],
    )
    assert faults(frame)["thirteen stairwells"] == [("E43", "W", "I5")]
    assert ("E43", "Q", "K6") in faults(frame)["less than none"]


def test_a_warning_of_a_rule_loads() -> None:
    frame = rows("building_register", [building("old", "东里", "1号楼", "5000.00", 70, built_year=1978)])
    assert faults(frame) == {"old": [("E43", "W", "N5")]}


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("100", {}), ("101", {"item": [("E25", "W", "H5")]}), ("151", {"item": [("E25", "Q", "H5")]})],
)
def test_items_over_their_design(quantity: str, expected: dict[str, Any]) -> None:
    item = {"row_id": "item", "submission_id": "S", "report_month": SEPTEMBER, "work_item_code": "WALL"}
    amounts = {"qty_design": Decimal(100), "qty_cum": Decimal(quantity)}
    assert faults(rows("work_item_progress", [item | amounts])) == expected


def test_completed_beyond_started() -> None:
    row = {
        "row_id": "eleven of ten",
        "submission_id": "S",
        "report_month": SEPTEMBER,
        "compound_name": "东里",
        "programme_type_code": "ENERGY_ENV",
        "started_buildings_cum": 10,
        "completed_buildings_cum": 11,
    }
    assert faults(rows("subcommand_monthly", [row])) == {"eleven of ten": [("E05", "Q", "N5")]}


def test_found_quotes_open_cells_only() -> None:
    frame = rows("contractor_progress", [line("early", **finish(dt.date(2013, 3, 1)))])
    (fault,) = frame["faults"].to_list()[0]
    assert fault["found"] == "实际竣工日期：“2013-03-01”"
    assert fault["expected"] == "实际竣工日期不早于实际开工日期"


def test_rule_names_are_unique_in_every_form() -> None:
    for form in load().forms.values():
        names = [rule.name for rule in rules_of(form)]
        assert len(names) == len(set(names)), form.code


def test_every_one_of_thousands_of_rows_is_judged() -> None:
    frame = rows("contractor_progress", [line("one", household_count=1)])
    many = pl.concat([frame.with_columns(faults=frame["faults"].list.head(0))] * 3000)
    form = load().forms["contractor_progress"]
    judged = validate(form, many)
    assert judged.filter(pl.col("faults").list.len() == 1).height == 3000
