"""Seeded single-cell errors in the sample's own workbooks: totals and independent checks find the wrong cell.

A workbook is drawn, read, one of its cells is mistyped in memory, and the sheet is read again as a night would.
"""

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise

import polars as pl
import pytest

from schemas.forms import load
from transforms.layout import read_file
from transforms.layout.context import read_file_name
from transforms.layout.headers import vocabularies_of
from transforms.layout.reading import assemble
from transforms.layout.sheets import read_sheet
from transforms.reconcile import Witnesses, disputes
from transforms.sample import make_year
from transforms.sample.draw import draw
from transforms.split import World, judge
from transforms.validate import validate
from transforms.workbook import Cell, read_workbook
from transforms.workbook.model import a1

CATALOGUE = load()
MONTH, BEFORE = "2013-09", "2013-08"
F06, F08 = "contractor_progress", "subcommand_monthly"
REGISTERS = ("org_directory", "compound_register", "building_register")
LATE = dt.datetime(2014, 3, 3, tzinfo=dt.UTC)

MEASURES = tuple(
    f"{stage}_{measure}"
    for stage in ("started", "completed")
    for measure in ("buildings_month", "area_month_m2", "buildings_cum", "area_cum_m2", "households_cum")
)
TWICE_COVERED = {F08: (*MEASURES, "task_area_m2"), F06: ("floor_area_m2", "household_count")}


@cache
def envelopes():
    return make_year(2013, 1, 1, "none").envelopes


def sent(form, period):
    return [e for e in envelopes() if (e.form, e.period) == (form, period)]


@cache
def reading(path):
    [envelope] = [e for e in envelopes() if e.path == path]
    return read_file(draw(envelope), envelope.file_name, path, CATALOGUE)


@cache
def book(path):
    [envelope] = [e for e in envelopes() if e.path == path]
    return read_workbook(draw(envelope))


def with_cells(path, changed):
    """Read a file again with some of its cells as given: {(sheet index, address): text}."""
    workbook, facts = book(path), read_file_name(path.split("/")[-1], CATALOGUE.codes["streets"], CATALOGUE.common)
    sheets = []
    for sheet in workbook.sheets:
        cells = dict(sheet.cells)
        for place in cells:
            text = changed.get((sheet.index, a1(*place)))
            if text is not None:
                cells[place] = Cell("number", Decimal(text), text)
        sheets.append(replace(sheet, cells=cells))
    vocabularies = vocabularies_of(CATALOGUE)
    read = [read_sheet(sheet, facts, vocabularies) for sheet in sheets]
    return assemble(path, path.split("/")[-1], workbook.format, facts, read, CATALOGUE)


@cache
def witnesses():
    """What is known besides September's sub-commands' reports: registers, August's, and September's contractors'."""
    wanted = [e for e in envelopes() if e.form in REGISTERS] + sent(F08, BEFORE) + sent(F06, MONTH)
    readings = [reading(e.path) for e in wanted]
    at = {"received_at": LATE, "known_from": LATE}
    landed = pl.concat([r.submissions for r in readings]).with_columns(
        *(pl.lit(value).cast(pl.Datetime("us", "UTC")).alias(name) for name, value in at.items()),
        file_name=pl.col("file_id"),
    )
    rows = {
        entity: validate(
            form,
            pl.concat(
                [pl.DataFrame(schema=form.row_schema()), *(r.rows[entity] for r in readings if entity in r.rows)]
            ),
        )
        for entity, form in CATALOGUE.forms.items()
    }
    accepted = judge(World(CATALOGUE, landed, rows), LATE).accepted
    known = {entity: rows[entity].join(ids, on="row_id") for entity, ids in accepted.items()}
    streets = frozenset(known["compound_register"]["street_id"])
    return Witnesses(CATALOGUE.forms, known, streets)


def alone(cell, line):
    """No other check covers anything."""
    return []


def figures(form):
    """Every figure other than 0 of the form's reports of the month: path, sheet, address, column, text as written."""
    for envelope in sent(form, MONTH):
        for row in reading(envelope.path).rows[form].iter_rows(named=True):
            if row["report_month"] != dt.date(2013, 9, 1):  # a workbook that keeps its earlier months
                continue
            for column in TWICE_COVERED[form]:
                if row[column]:
                    yield envelope.path, row["sheet_index"], row["addresses"][column], column, row["raw"][column]


def slips(text):
    """The ways to mistype a figure."""
    digits = [at for at, sign in enumerate(text) if sign.isdigit()]
    for one, two in pairwise(digits):
        if text[one] != text[two]:
            swapped = list(text)
            swapped[one], swapped[two] = text[two], text[one]
            yield "".join(swapped)
    for at in digits:
        yield text[:at] + str((int(text[at]) + 3) % 10) + text[at + 1 :]
    if len(digits) > 1:
        yield text[: digits[0]] + text[digits[0] + 1 :]
    yield f"{Decimal(text) * 10:f}"
    yield f"{Decimal(text) * 10000:f}"
    yield f"-{text}"


def seeded(form, count, seed=1):
    """Mistyped cells whose total notices; the same ones for the same seed."""
    dice = random.Random(seed)
    cells = sorted(figures(form))
    found = []
    while len(found) < count:
        path, sheet, address, column, text = dice.choice(cells)
        wrong = dice.choice(list(slips(text)))
        if Decimal(wrong) == Decimal(text):
            continue
        read = with_cells(path, {(sheet, address): wrong})
        if any(read.control_cells["column_name"] == column) and not all(
            read.controls.filter(pl.col("column_name") == column)["agrees"]
        ):
            found.append((path, sheet, address, column, text, wrong, read))
    return found


def judged(read, heard):
    return list(disputes(read.control_cells.iter_rows(named=True), heard))


def in_column(found, column, sheet):
    return [d for d in found if (d.total.column_name, d.total.sheet_index) == (column, sheet)]


COUNTS = [20, pytest.param(100, marks=pytest.mark.long)]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("form", [F08, F06])
def test_a_cell_that_two_checks_cover_is_accused(form, count):
    right, wrong = 0, []
    for path, _, address, column, text, typed, read in seeded(form, count):
        found = judged(read, witnesses())
        accused = [d.accused.cell.address for d in found if d.accused is not None]
        if accused == [address]:
            right += 1
        else:
            wrong.append((path, address, column, text, typed, accused))
    assert right * 10 >= count * 9, wrong


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("form", [F08, F06])
def test_with_the_total_alone_column_and_difference_are_right_and_nobody_is_accused(form, count):
    for path, sheet, address, column, text, typed, read in seeded(form, count, seed=2):
        found = judged(read, alone)
        own = in_column(found, column, sheet)
        assert own, (path, address)
        assert {d.total.column_name for d in found} == {column}
        factor = own[0].total.factor
        for dispute in own:
            members = len(dispute.total.members)
            rounding = dispute.total.resolution * members
            assert abs(dispute.difference - (Decimal(typed) - Decimal(text)) * factor) <= rounding
            assert address in [s.cell.address for s in dispute.suspects]
            assert dispute.accused is None


def test_a_correct_sheet_is_never_accused():
    checked = 0
    for envelope in [e for e in envelopes() if e.form in (F06, F08) and e.period in (BEFORE, MONTH, "2013-12")]:
        checked += 1
        assert judged(reading(envelope.path), witnesses()) == []
    assert checked >= 90


def test_rounding_alone_is_no_dispute():
    """Totals of exact figures beside rows rounded to two decimals: up to half a unit a row."""
    for envelope in sent(F08, MONTH):
        read = reading(envelope.path)
        off = read.controls.filter(pl.col("value") != pl.col("rows_sum"))
        assert judged(read, witnesses()) == [], (envelope.path, off)
