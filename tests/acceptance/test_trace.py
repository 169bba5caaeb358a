"""Every published figure of the year is made again from the cells its trace lists."""

import json
from decimal import Decimal

import pytest

from tests.conftest import xinyan
from warehouse import models, tracing
from warehouse.reading import Reader

TRACINGS = tracing.load_tracings(())
SUMMARIES = {model.name: model for model in models.load_models(()) if model.layer == "summary"}


@pytest.fixture(scope="module")
def release(faulty_year):
    place, _ = faulty_year
    with Reader(place.current) as reader:
        yield reader


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_figure_of_every_row_recomputes_exactly(release, name):
    model = SUMMARIES[name]
    grain = ", ".join(model.grain)
    kinds = dict(release.query(f"select column_name, column_type from (describe summary.{name})").iter_rows())
    figures = [name for name in TRACINGS[name].shown if kinds[name].startswith(("DECIMAL", "BIGINT", "INTEGER"))]
    stored = " union all ".join(
        f"select {grain}, '{figure}' as figure, cast({figure} as decimal(28, 10)) as stored from summary.{name}"
        for figure in figures
    )
    at = release.query("select max(newest_instant) as at from ops.releases")["at"][0]
    again = tracing.recomputed(TRACINGS[name], model).replace("$as_of", f"timestamptz '{at.isoformat()}'")
    same = " and ".join(f"stored.{name} is not distinct from again.{name}" for name in (*model.grain, "figure"))
    compared = release.query(
        f"with stored as ({stored}), again as ({again})"
        f" select stored.*, again.recomputed from stored left join again on {same}"
    )
    assert compared.height > 0
    # A sum or count of nothing has no cells; a ratio, median or target without cells is NULL.
    off = compared.filter(compared["stored"].fill_null(Decimal(0)) != compared["recomputed"].fill_null(Decimal(0)))
    assert off.is_empty(), off.head(5)


def test_the_command_lists_the_cells_of_the_headline(faulty_year):
    place, _ = faulty_year
    asked = ("trace", "target_attainment", "plan_year=2013", "completed_area_m2", "--home", place.root)
    told = xinyan(*asked)
    assert told.returncode == 0, told.stderr
    first, header, *cells = told.stdout.splitlines()
    assert first == f"target_attainment (plan_year 2013) completed_area_m2 = 1628400.00, from {len(cells)} cells"
    assert header.split("\t") == ["role", "amount", "file", "sheet", "address", "raw", "value", "names"]
    assert sum(line.startswith("term\t") for line in cells) == 286


def test_for_a_program_it_is_the_figure_and_its_cells(faulty_year):
    place, _ = faulty_year
    key = ("tender_no=拟招2013-001", "lot_no=01标段")
    told = json.loads(xinyan("trace", "tenders", *key, "saving_yuan", "--json", "--home", place.root).stdout)
    control, win = sorted(told["cells"], key=lambda cell: -cell["amount"])
    assert told["figure"] == control["value"] - win["value"]
    assert (control["role"], win["role"]) == ("term", "deducted")
    assert all(cell[name] for cell in (control, win) for name in ("file", "sheet", "address", "raw"))


def test_a_part_of_the_key_that_is_empty_is_named_by_nothing(faulty_year):
    place, _ = faulty_year
    key = ("month=2013-07-01", "street_id=", "org_id=GAS", "org_name=燃气")
    told = xinyan("trace", "coordination", *key, "meetings_attended", "--home", place.root)
    assert told.stdout.startswith("coordination (month 2013-07-01, street_id , org_id GAS"), told.stderr


def test_as_known_on_3_january_the_terms_add_up_to_that_days_figure(release):
    cells = release.query(
        "select sum(amount) as total, count(*) as cells from trace_as_of('target_attainment', {'plan_year': 2013},"
        " 'completed_area_m2', timestamptz '2014-01-03 00:00:00+08') where role = 'term'"
    )
    assert cells.row(0)[0] == Decimal("1595384.66")


def test_a_wrong_name_lists_what_there_is(faulty_year):
    place, _ = faulty_year
    told = xinyan("trace", "target_attainment", "plan_year=2013", "completed", "--home", place.root)
    assert told.returncode == 2
    assert "there is no column completed; expected one of plan_year, target_area_m2" in told.stderr
