"""Whole files: one month of the sample read back, damaged bytes, duplicates of names. Counted against openpyxl."""

import csv
import hashlib
import io

import openpyxl
import polars as pl
import pytest
import xlrd

from tests.transforms.layout_books import CATALOGUE, building, f06, read
from transforms.layout import read_file
from transforms.layout.grid import Grid
from transforms.sample import make_year
from transforms.sample.draw import draw
from transforms.workbook import Area, Cell, Sheet

REGISTERS = ("municipal_target", "org_directory", "compound_register", "building_register")
REPORTS = ("contractor_progress", "subcommand_monthly")


@pytest.fixture(scope="module")
def month():
    """Every register, and the reports of September, as (path, bytes, reading)."""
    wanted = {*((form, "") for form in REGISTERS), *((form, "2013-09") for form in REPORTS)}
    envelopes = [e for e in make_year(2013, 3, 1, "none").envelopes if (e.form, e.period) in wanted]
    files = []
    for envelope in envelopes:
        data = draw(envelope)
        name = envelope.path.rpartition("/")[2]
        files.append((envelope.path, data, read_file(data, name, hashlib.sha256(data).hexdigest(), CATALOGUE)))
    return files


def counted(path, data):
    """Non-empty cells of each sheet, as openpyxl, xlrd and csv see them."""
    if path.endswith(".csv"):
        lines = csv.reader(io.StringIO(data.decode("gb18030"), newline=""))
        return [sum(1 for line in lines for text in line if text.strip())]
    if path.endswith(".xls"):
        return [
            sum(1 for row in range(sheet.nrows) for text in sheet.row_values(row) if str(text).strip())
            for sheet in xlrd.open_workbook(file_contents=data).sheets()
        ]
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    return [
        sum(1 for line in sheet.iter_rows() for cell in line if cell.value is not None and str(cell.value).strip())
        for sheet in workbook
    ]


def of_september(reading, entity):
    """The rows of an entity, without those of the earlier months some senders keep in their workbook."""
    ids = reading.submissions.filter(pl.col("period").is_in(["2013-09", "2013", ""]))["submission_id"]
    return reading.rows[entity].filter(pl.col("submission_id").is_in(ids.implode()))


def test_the_classes_of_every_sheet_add_up_to_its_non_empty_cells(month):
    for path, data, reading in month:
        classed = [0] * reading.sheets.height
        for row in reading.cells.to_dicts():
            classed[row["sheet_index"] - 1] += row["cells"]
        assert classed == reading.sheets["non_empty_cells"].to_list() == counted(path, data), path


def test_nothing_of_a_faultless_month_is_refused_or_at_fault(month):
    for path, _, reading in month:
        assert reading.findings.filter(reading.findings["severity"].is_in(["R", "Q", "W"])).height == 0, path
        for frame in reading.rows.values():
            assert frame["faults"].list.len().sum() == 0, path
        assert reading.controls["agrees"].all(), path


def test_every_line_of_the_plan_is_a_row(month):
    rows = {}
    for _, _, reading in month:
        for entity in reading.rows:
            rows[entity] = rows.get(entity, 0) + of_september(reading, entity).height
    assert rows["building_register"] == rows["contractor_progress"] == 289
    assert rows["compound_register"] == 33
    assert rows["subcommand_monthly"] == 36
    assert rows["org_directory"] == 26


def test_rows_read_are_the_rows_of_the_frame(month):
    for path, _, reading in month:
        for row in reading.submissions.to_dicts():
            frame = reading.rows[row["entity"]]
            assert row["rows_read"] == frame.filter(frame["submission_id"] == row["submission_id"]).height, path
    monthly = [reading for path, _, reading in month if "subcommand_monthly" in reading.rows]
    assert all("2013-09" in reading.submissions["period"] for reading in monthly)


def test_frames_have_the_declared_schemas(month):
    for path, _, reading in month:
        for entity, frame in reading.rows.items():
            assert dict(frame.schema) == {
                name: dtype() if isinstance(dtype, type) else dtype
                for name, dtype in CATALOGUE.forms[entity].row_schema().items()
            }, path


def test_reading_twice_is_the_same(month):
    path, data, reading = next(each for each in month if each[2].rows.keys() >= {"work_item_progress"})
    again = read_file(data, path.rpartition("/")[2], hashlib.sha256(data).hexdigest(), CATALOGUE)
    for entity, frame in reading.rows.items():
        assert frame.equals(again.rows[entity])
    assert reading.findings.equals(again.findings)
    assert reading.cells.equals(again.cells)


def test_row_ids_are_unique_over_all_files(month):
    ids = [row for _, _, reading in month for frame in reading.rows.values() for row in frame["row_id"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 not a zip", b"<html><body>nothing</body></html>", b"\xd0\xcf\x11\xe0"]
)
def test_bytes_that_are_no_workbook_are_one_finding(data):
    reading = read_file(data, "月报.xlsx", "f" * 64, CATALOGUE)
    assert "R" in reading.findings["severity"].to_list()
    assert reading.rows == {}


def test_a_workbook_of_empty_sheets_has_nothing_to_say():
    reading = read(("Sheet1", [], {}), ("Sheet2", [], {}))
    assert reading.sheets["outcome"].to_list() == ["empty", "empty"]
    assert reading.cells.height == reading.submissions.height == 0


def test_finding_ids_are_unique():
    reading = read(f06(building(1), [None, None, None, 1.5], [None, None, None, 2.5], title="无期"), name="报表.xlsx")
    ids = reading.findings["finding_id"].to_list()
    assert len(ids) == len(set(ids)) > 2


def test_a_merge_over_the_whole_sheet_costs_nothing():
    text = Cell("text", "x", "x")
    grid = Grid(Sheet("S", 1, "visible", {(1, 1): text, (1_048_576, 16_384): text}, (Area(1, 1, 1_048_576, 16_383),)))
    assert set(grid.anchor) == {(1_048_576, 1)}
