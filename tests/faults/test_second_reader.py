"""A damaged workbook that both readers can read holds the same cells to both, or ours says that it does not know."""

import datetime as dt
import io
import math
import warnings

import openpyxl
import pytest

from tests.faults.mutants import mutants
from transforms.workbook import UnreadableWorkbook, a1, read_workbook


def second_cells(data):
    """What openpyxl finds: sheet → address → value; None where it cannot read the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            workbook = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data))
        except Exception:
            return None
    return {
        sheet.title: {
            a1(*place): (cell.value, formulas[sheet.title]._cells[place].data_type == "f")
            for place, cell in sheet._cells.items()
            if formulas[sheet.title]._cells[place].value not in (None, "")
        }
        for sheet in workbook.worksheets
    }


def agree(cell, value, is_formula):
    """Whether our cell says what the second reader says, or that it does not know."""
    if cell.kind in ("error", "no_value"):
        return True
    if isinstance(value, str) or value is None:
        return str(cell.value).replace("\r\n", "\n").strip() == (value or "").replace("\r\n", "\n").strip()
    if isinstance(value, bool):
        return cell.value is value
    if isinstance(value, dt.datetime | dt.date):
        return cell.text.startswith(f"{value:%Y-%m-%d}")
    if isinstance(value, dt.time | dt.timedelta):
        return True
    if cell.kind == "date":
        return False
    return math.isclose(float(cell.value), value, rel_tol=1e-12)


def differences(count, seed):
    both, found = 0, []
    for name, data in mutants(count, seed):
        if not name.endswith(("of xlsx", "of xlsm")):
            continue
        try:
            book = read_workbook(data)
        except UnreadableWorkbook:
            continue
        others = second_cells(data)
        if others is None:
            continue
        both += 1
        for sheet in book.sheets:
            ours = {a1(*place): cell for place, cell in sheet.cells.items()}
            theirs = {at: pair for at, pair in others.get(sheet.name, {}).items() if pair[1] or str(pair[0]).strip()}
            for at in ours.keys() | theirs.keys():
                if at not in ours or at not in theirs or not agree(ours[at], *theirs[at]):
                    found.append((name, at, ours.get(at), theirs.get(at)))
    return both, found


def test_damaged_workbooks_hold_the_same_to_both_readers():
    both, found = differences(360, 2013)
    assert found == []
    assert both > 10


@pytest.mark.long
def test_thousands_of_damaged_workbooks_hold_the_same_to_both_readers():
    both, found = differences(10_000, 1)
    assert found == []
    assert both > 300
