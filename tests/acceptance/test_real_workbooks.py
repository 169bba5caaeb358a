"""Real workbooks of two forms that are not ours load through declarations alone: a form is data."""

import hashlib
import os
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from schemas.forms import load
from transforms.layout import read_file

CATALOGUE = load(("schemas", "tests.acceptance.real_forms"))


def shared():
    named = os.environ.get("XINYAN_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents[2:5]]
    return next((place / "real" for place in places if (place / "real").is_dir()), None)


REAL = shared()
pytestmark = pytest.mark.skipif(REAL is None, reason="the shared real workbooks are not here (XINYAN_SHARED)")


def read(name):
    data = (REAL / name).read_bytes()
    return read_file(data, Path(name).name, hashlib.sha256(data).hexdigest(), CATALOGUE)


def rows(name, entity):
    return read(name).rows[entity].to_dicts()


def block(name, number):
    return [row for row in rows(name, "county_works") if row["block"] == number]


PROJECTS = {
    "一职.xlsx": "烟台第一职业中等专业学校A区工程",
    "十公司推进表（福山消防站8.14）.xlsx": "福山战勤保障消防站",
    "南山.xlsx": "南山公园东侧安置房项目",
    "博源名都.xlsx": "博源名都二期",
    "烟台蓬莱国际机场项目推进表8月.xlsx": "烟台蓬莱国际机场二期场地平整项目",
}


def test_side_by_side_years_are_two_lists_of_projects():
    name = "county_works/东兴区.xlsx"
    assert [len(block(name, number)) for number in (1, 2)] == [5, 4]
    assert {row["programme_year"] for row in block(name, 1)} == {2019}
    assert {row["programme_year"] for row in block(name, 2)} == {2020}
    assert {row["county"] for row in rows(name, "county_works")} == {"东兴区"}
    assert sum(row["completed_area_10k_mu"] for row in block(name, 1)) == Decimal("2.64")
    assert sum(row["completed_investment_yuan"] for row in block(name, 1)) == Decimal("39792300")
    assert sum(row["planned_area_10k_mu"] for row in block(name, 2)) == Decimal("2.2")


def test_a_total_row_that_stands_first_is_a_control_that_agrees():
    reading = read("county_works/东兴区.xlsx")
    assert reading.controls.height == 13
    assert reading.controls["agrees"].all()
    assert set(reading.controls["label"]) == {"合计"}
    assert not reading.findings.height


def test_a_county_without_a_total_row_and_with_blank_rows():
    name = "county_works/市中区.xlsx"
    assert [len(block(name, number)) for number in (1, 2)] == [3, 3]
    assert {row["approved_year"] for row in block(name, 1)} == {2019}
    assert [row["planned_investment_yuan"] for row in block(name, 2)] == [None] * 3
    assert {row["problems"] for row in rows(name, "county_works")} == {"暂无问题"}


@pytest.mark.parametrize("name", PROJECTS)
def test_one_project_a_workbook_and_no_template_example(name):
    [row] = rows(f"project_monthly/{name}", "project_monthly")
    assert row["project_name"] == PROJECTS[name]
    assert row["row_number"] == 5
    reading = read(f"project_monthly/{name}")
    outcome = dict(reading.sheets.select("sheet_name", "outcome").rows())
    assert outcome.get("1", "ignored") == "ignored"
    assert reading.submissions.select("period", "rows_read", "outcome").rows() == [("2020-05", 1, "read")]


def date(name, column):
    [row] = rows(f"project_monthly/{name}", "project_monthly")
    value = row[column]
    return value and value.isoformat(), row[f"{column}_kind"], row["raw"][column]


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("一职.xlsx", "planned_finish", ("2020-08-30", "actual", "2020.08.30")),
        ("一职.xlsx", "actual_finish", ("2021-07-31", "forecast", "延期至2021.07.31")),
        ("十公司推进表（福山消防站8.14）.xlsx", "planned_start", (None, "duration", "300天")),
        ("十公司推进表（福山消防站8.14）.xlsx", "planned_finish", (None, None, None)),
        ("烟台蓬莱国际机场项目推进表8月.xlsx", "planned_finish", (None, None, "2020.11.31")),
        ("烟台蓬莱国际机场项目推进表8月.xlsx", "actual_finish", (None, "text", "另行协商")),
    ],
)
def test_dates_that_are_no_dates_stay_what_they_are(name, column, expected):
    assert date(name, column) == expected


def test_a_day_that_never_was_is_a_fault_at_its_cell():
    [row] = rows("project_monthly/烟台蓬莱国际机场项目推进表8月.xlsx", "project_monthly")
    assert [(f["code"], f["severity"], f["address"]) for f in row["faults"] if f["severity"] == "Q"] == [
        ("E06", "Q", "G5")
    ]


def test_codes_permits_and_repeated_leaf_headers():
    [row] = rows("project_monthly/博源名都.xlsx", "project_monthly")
    assert row["stages"] == ["主体", "装饰"]
    assert row["due_wages_cum_yuan"] == Decimal("62830594.48")
    assert row["addresses"]["owed_wages_account_month_yuan"] == "BB5"
    [row] = rows("project_monthly/南山.xlsx", "project_monthly")
    assert row["permit_no"] == "‘370601201811300000"
    assert row["is_connected"] == "未对接（工程即将竣工）"


BOTH = ["county_works/东兴区.xlsx", "county_works/市中区.xlsx", *(f"project_monthly/{name}" for name in PROJECTS)]


@pytest.mark.parametrize("name", BOTH)
def test_every_cell_of_every_sheet_has_a_class(name):
    workbook = openpyxl.load_workbook(REAL / name)
    counted = [
        sum(1 for line in sheet.iter_rows() for cell in line if cell.value is not None and str(cell.value).strip())
        for sheet in workbook
    ]
    reading = read(name)
    assert reading.sheets["non_empty_cells"].to_list() == counted
    classed = {}
    for row in reading.cells.to_dicts():
        classed[row["sheet_index"]] = classed.get(row["sheet_index"], 0) + row["cells"]
    assert [classed.get(number, 0) for number in range(1, len(counted) + 1)] == counted


def test_no_person_is_read():
    for name in PROJECTS:
        reading = read(f"project_monthly/{name}")
        said = str(reading.rows["project_monthly"].to_dicts()) + str(reading.findings.to_dicts())
        assert "王某" not in said
        assert "13800000000" not in said
        assert "37000000000000000000" not in said
