"""Two hundred workbooks made at random: what is loaded equals what was put in, or a finding says otherwise."""

import csv
import datetime as dt
import hashlib
import io
from collections import Counter

import openpyxl
import pytest
import xlrd
from hypothesis import HealthCheck, Phase, given, settings

from tests.properties.random_books import FACTS, Book, books, catalogue, written
from transforms.layout import read_file
from transforms.workbook import parse_a1


@pytest.fixture(scope="module")
def layouts(tmp_path_factory):
    known = catalogue(tmp_path_factory.mktemp("layouts"))
    return lambda: known  # hypothesis prints its arguments


def second_cells(book: Book, data):
    """What openpyxl, xlrd or csv finds: (row, column) → value."""
    if book.suffix == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        return {
            (cell.row, cell.column): cell.value for line in sheet.iter_rows() for cell in line if filled(cell.value)
        }
    if book.suffix == "xls":
        sheet = xlrd.open_workbook(file_contents=data).sheet_by_index(0)
        places = ((row, col) for row in range(sheet.nrows) for col in range(sheet.ncols))
        return {(r + 1, c + 1): sheet.cell_value(r, c) for r, c in places if filled(sheet.cell_value(r, c))}
    lines = csv.reader(io.StringIO(data.decode(book.encoding), newline=""))
    return {(r, c): text for r, line in enumerate(lines, 1) for c, text in enumerate(line, 1) if filled(text)}


def filled(value):
    return value is not None and bool(str(value).strip())


def facts(rows):
    return Counter(tuple(row[name] for name in FACTS) for row in rows)


def something_is_said(reading):
    faulty = any(faults for frame in reading.rows.values() for faults in frame["faults"].to_list())
    rejected = reading.cells.filter(reading.cells["cell_class"] == "rejected").height
    return faulty or rejected or bool(reading.findings.height)


def check(book, layouts):
    data = written(book)
    reading = read_file(data, f"登记表.{book.suffix}", hashlib.sha256(data).hexdigest(), layouts())
    cells = second_cells(book, data)
    assert reading.sheets["non_empty_cells"].sum() == len(cells)
    assert reading.cells["cells"].sum() == len(cells)
    rows = reading.rows["thing"].to_dicts() if "thing" in reading.rows else []
    refused = any(finding["severity"] == "R" for finding in reading.findings.to_dicts())
    if facts(rows) != facts(book.rows):
        assert something_is_said(reading), (book, rows)
        assert book.is_awkward or (book.total_off and refused), (book, rows, reading.findings.to_dicts())
    for row in rows:
        for name, address in row["addresses"].items():
            if address is not None and isinstance(row["raw"][name], str):
                assert same(row["raw"][name], cells[parse_a1(address)]), (name, address)


def same(raw, value):
    """Whether our text of a cell is the second reader's value."""
    if isinstance(value, dt.datetime):
        return raw.startswith(f"{value:%Y-%m-%d}")
    if isinstance(value, str):
        return raw == value
    return raw[4:5] == "-" or float(raw) == float(value)


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # a failure is told at once; the long test makes it small
)
@given(book=books())
def test_what_is_loaded_is_what_was_put_in(layouts, book):
    check(book, layouts)


@pytest.mark.long
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
@given(book=books())
def test_what_is_loaded_is_what_was_put_in_for_longer(layouts, book):
    check(book, layouts)
