"""A table as a file: exact values under Chinese headers, and no text that becomes a formula."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import polars as pl
import pytest

from transforms.export import Shown, as_csv, as_parquet, as_workbook

COLUMNS = [
    Shown("street_name", "街道", "name of the street", "text"),
    Shown("completed_area_m2", "完成面积", "area completed", "m2"),
    Shown("completion_ratio", "完成率", "against target", "ratio"),
    Shown("plan_year", "计划年度", "programme year", "year"),
    Shown("finished", "完工日期"),
    Shown("known_from", "入账时点"),
    Shown("names", "名称"),
]
FRAME = pl.DataFrame(
    {
        "street_name": ["清河街道", '=HYPERLINK("http://x","y")', None],
        "completed_area_m2": pl.Series([Decimal("101457.13"), Decimal("500.00"), None], dtype=pl.Decimal(14, 2)),
        "completion_ratio": pl.Series([Decimal("1.1632000000"), Decimal(0), None], dtype=pl.Decimal(28, 10)),
        "plan_year": [2013, 2014, None],
        "finished": [dt.date(2013, 11, 20), None, None],
        "known_from": pl.Series(
            [dt.datetime(2013, 4, 30, 16, tzinfo=dt.UTC), None, None], dtype=pl.Datetime("us", "UTC")
        ),
        "names": [["甲", "乙"], [], None],
    }
)


@pytest.fixture(scope="module")
def book():
    data = as_workbook(FRAME, COLUMNS, "street_ranking", [("表", "summary.street_ranking")])
    return openpyxl.load_workbook(io.BytesIO(data))


def test_a_workbook_has_chinese_headers_frozen_and_filtered(book):
    page = book["street_ranking"]
    heads = [cell.value for cell in page[1]]
    assert heads == ["街道", "完成面积（万㎡）", "完成率", "计划年度", "完工日期", "入账时点", "名称"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:G4")


def test_cells_keep_exact_values_under_the_format_people_read(book):
    page = book["street_ranking"]
    assert (page["B2"].value, page["B2"].number_format) == (101457.13, r"0\.0000")
    assert (page["C2"].value, page["C2"].number_format) == (1.1632, "0.0%")
    assert (page["D2"].value, page["D2"].number_format) == (2013, "0")
    assert (page["E2"].value, page["E2"].is_date) == (dt.datetime(2013, 11, 20), True)
    assert page["F2"].value == dt.datetime(2013, 5, 1)
    assert page["G2"].value == "甲、乙"
    assert [cell.value for cell in page[4]] == [None] * 7


def test_a_text_that_looks_like_a_formula_stays_a_text(book):
    cell = book["street_ranking"]["A3"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", '=HYPERLINK("http://x","y")', True)


def test_a_sheet_says_what_the_columns_are(book):
    said = [(a.value, b.value) for a, b in book["说明"]["A1:B5"]]
    assert said[0] == ("表", "summary.street_ranking")
    assert said[4] == ("完成面积（万㎡）", "completed_area_m2: area completed")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_csv_guards_what_a_spreadsheet_would_run(text):
    written = as_csv(pl.DataFrame({"t": [text]}), [Shown("t", "说明")]).decode("utf-8-sig")
    assert pl.read_csv(written.encode())["说明"].to_list() == [f"'{text}"]


def test_a_csv_is_marked_utf_8_with_exact_values():
    written = as_csv(FRAME, COLUMNS)
    assert written.startswith(b"\xef\xbb\xbf")
    lines = written.decode("utf-8-sig").splitlines()
    assert lines[0] == "街道,完成面积（㎡）,完成率,计划年度,完工日期,入账时点,名称"
    assert lines[1] == "清河街道,101457.13,1.1632000000,2013,2013-11-20,2013-05-01 00:00:00,甲、乙"


def test_parquet_keeps_names_types_and_values():
    assert pl.read_parquet(as_parquet(FRAME)).equals(FRAME)
