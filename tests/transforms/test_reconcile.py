"""Which cell is wrong: tables of three rows, a total, and what others say of them."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest

from schemas.frames import CONTROL_CELLS
from tests.transforms.worlds import HUAYUAN, NOW, REGISTERS, TABLES, submission, world
from transforms.reconcile import Witness, disputes
from transforms.reconcile.slips import slip_between
from transforms.split import judge

SEPTEMBER = dt.date(2013, 9, 1)


def line(row, value, *, compound=None, total=None, column="started_buildings_cum", **more):
    """One figure: of a compound, or of the total of some rows."""
    said = dict.fromkeys(CONTROL_CELLS) | {
        "submission_id": "F08",
        "file_id": "F08",
        "form_code": "F08",
        "street_id": HUAYUAN,
        "period_date": SEPTEMBER,
        "sheet_index": 1,
        "sheet_name": "月报",
        "block": 1,
        "row_number": row,
        "is_total": total is not None,
        "label": "合计" if total else None,
        "members": total,
        "compound_name": compound,
        "programme_type_code": "ENERGY_ENV",
        "column_name": column,
        "address": f"E{row}",
        "value": Decimal(value),
        "factor": Decimal(1),
        "resolution": Decimal(1),
    }
    return said | more


def search(*cells, asks=None):
    """Each dispute: where its total stands, the difference, who is accused, and the suspects in order."""
    asks = asks or {}

    def witnesses(cell, _):
        return [Witness(f"W{n}", Decimal(value), Decimal(0)) for n, value in enumerate(asks.get(cell.address, ()))]

    return [
        (
            found.total.address,
            found.difference,
            found.accused and found.accused.cell.address,
            [(each.cell.address, each.likely, each.slip.code) for each in found.suspects],
        )
        for found in disputes(cells, witnesses)
    ]


@pytest.mark.parametrize(
    ("written", "likely", "code"),
    [
        ("7.25", "7.52", "TRANSPOSED"),
        ("577", "507", "DIGIT"),
        ("77", "577", "LENGTH"),
        ("5770", "577", "POINT"),
        ("75200", "7.52", "UNIT"),
        ("-12", "12", "SIGN"),
        ("12", "345", "OTHER"),
        ("0", "7", "DIGIT"),
    ],
)
def test_a_slip_has_a_name(written, likely, code):
    last = Decimal("0.01") if "." in likely + written else Decimal(1)
    assert slip_between(Decimal(written), Decimal(likely), last).code == code


def test_a_total_that_agrees_is_no_dispute():
    assert search(line(5, 12), line(6, 30), line(7, 42, total=[5, 6])) == []


def test_areas_agree_within_half_a_unit_a_row():
    area = {"column": "started_area_cum_m2", "factor": Decimal(10000), "resolution": Decimal(100)}
    rows = [line(5, 75_200, **area), line(6, 40_100, **area)]
    assert search(*rows, line(7, 115_400, total=[5, 6], **area)) == []
    assert len(search(*rows, line(7, 115_500, total=[5, 6], **area))) == 1


def test_one_total_alone_ranks_and_accuses_nobody():
    [(total, difference, accused, suspects)] = search(line(5, 21), line(6, 30), line(7, 42, total=[5, 6]))
    assert (total, difference, accused) == ("E7", 9, None)
    assert suspects == [("E5", 12, "TRANSPOSED"), ("E6", 21, "OTHER"), ("E7", 51, "OTHER")]


def test_a_witness_that_asks_for_the_same_figure_makes_an_accusation():
    cells = (line(5, 12), line(6, 39), line(7, 42, total=[5, 6]))
    assert search(*cells, asks={"E6": [30]})[0][2] == "E6"
    assert search(*cells, asks={"E6": [31]})[0][2] is None  # it asks for another figure
    assert search(*cells, asks={"E5": [3], "E6": [30]})[0][2] is None  # two cells are pointed at


def test_a_witness_content_with_a_cell_puts_it_last():
    [(_, _, accused, suspects)] = search(line(5, 21), line(6, 30), line(7, 42, total=[5, 6]), asks={"E5": [21]})
    assert accused is None
    assert suspects[-1][0] == "E5"


def test_a_subtotal_that_agrees_clears_its_rows_and_the_narrowest_total_is_told():
    cells = (
        line(5, 12),
        line(6, 12, total=[5]),
        line(7, 39),
        line(8, 30, total=[7]),
        line(9, 42, total=[5, 7]),
    )
    [(total, _, _, suspects)] = search(*cells)
    assert total == "E8"
    assert {address for address, _, _ in suspects} == {"E7", "E8"}


def test_a_subtotal_is_itself_accused_where_the_grand_total_agrees_with_the_rows():
    cells = (line(5, 12), line(6, 21, total=[5]), line(7, 30), line(8, 30, total=[7]), line(9, 42, total=[5, 7]))
    [(total, difference, accused, _)] = search(*cells)
    assert (total, difference, accused) == ("E6", -9, "E6")


def test_the_grand_total_is_accused_where_every_subtotal_agrees():
    cells = (line(5, 12), line(6, 12, total=[5]), line(7, 30), line(8, 30, total=[7]), line(9, 24, total=[5, 7]))
    assert search(*cells)[0][:3] == ("E9", 18, "E9")


def test_a_line_that_stands_twice_is_a_suspect():
    suspects = search(line(5, 12), line(6, 12), line(7, 30), line(8, 42, total=[5, 6, 7]))[0][3]
    assert suspects[0][2] == "DOUBLED"


def test_a_refused_report_is_held_against_last_month_and_the_accused_cell_is_named():
    before = submission("F08-8", "subcommand_monthly", filer="花园路分指挥部", period="2013-08")
    last = {
        "row_id": "august",
        "submission_id": "F08-8",
        "report_month": dt.date(2013, 8, 1),
        "street": "花园路",
        "compound_name": "塔院南里",
        "programme_type_code": "ENERGY_ENV",
        "started_buildings_cum": 10,
    }
    cells = [
        line(5, 21, compound="塔院南里"),
        line(5, 2, compound="塔院南里", column="started_buildings_month", address="D5"),
        line(6, 30, compound="花园路甲3号院"),
        line(7, 42, total=[5, 6]),
    ]
    tables = {**TABLES, "subcommand_monthly": [last]}
    made = world([*REGISTERS, before], tables, control_cells=pl.DataFrame(cells, schema=CONTROL_CELLS))
    [found] = judge(made, NOW).findings.filter(pl.col("code") == "E50").to_dicts()
    assert (found["submission_id"], found["address"], found["severity"]) == ("F08", "E5", "W")
    assert found["found"] == "“合计”行的累计开工栋数与明细之和相差9（E7为42）"
    assert found["expected"] == "E5填21，似应为12（相邻两位数字颠倒；合计、上月累计加本月）"
    assert json.loads(found["suspects"]) == [
        {
            "address": "E5",
            "row_number": 5,
            "written": "21",
            "likely": "12",
            "slip": "TRANSPOSED",
            "checks": ["TOTAL", "SERIES"],
            "accused": True,
        }
    ]
