"""Every query of the README runs as written on the release; the national form's four parts are what the plan says."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from transforms.sample.plan import load_plan
from warehouse import models
from warehouse.reading import Reader

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
ASKED = re.findall(r'xinyan query "(.*?)"', README)
QUERIES = [query for block in BLOCKS for query in re.split(r";[^\n]*\n", block) if query.strip()] + ASKED
PARTS = {name: query for query in QUERIES for name in re.findall(r"^-- (\w+) ", query.strip())}


@pytest.fixture(scope="module")
def release(faulty_year):
    place, _ = faulty_year
    with Reader(place.current) as reader:
        yield reader


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: " ".join(query.split())[:70])
def test_every_query_runs_as_written(release, query):
    assert release.query(query).width > 0


def test_every_mart_is_in_the_table():
    told = set(re.findall(r"summary\.(\w+)", README))
    assert {model.name for model in models.load_models(()) if model.layer == "summary"} <= told


def of_2013(release, part):
    [row] = [row for row in release.query(PARTS[part]).to_dicts() if row["plan_year"] == 2013]
    return row


def test_the_yearly_plan(release):
    row = of_2013(release, "年度计划")
    plan = load_plan()
    assert (row["compounds"], row["buildings"]) == (len(plan.compounds), len(plan.buildings))
    assert row["households"] == sum(building.households for building in plan.buildings)
    assert row["target_area_m2"] == Decimal("1400000.00")


def test_the_progress(release):
    row = of_2013(release, "改造进展")
    plan = load_plan()
    assert (row["compounds"], row["started_compounds"], row["started_compounds_ratio"]) == (33, 33, 1)
    assert row["started_area_m2"] == sum(building.area for building in plan.buildings)


def test_the_results(release):
    row = of_2013(release, "改造效果")
    in_time = [building for building in load_plan().buildings if building.finish.year == 2013]
    assert row["completed_buildings"] == len(in_time)
    assert row["completed_area_m2"] == sum(building.area for building in in_time)


def test_the_basics(release):
    rows = [row for row in release.query(PARTS["项目基本情况"]).to_dicts() if row["plan_year"] == 2013]
    plan = load_plan()
    assert {(row["street_name"], row["compound_name"]): row["floor_area_m2"] for row in rows} == {
        (compound.street, compound.name): sum(building.area for building in plan.buildings_of(compound))
        for compound in plan.compounds
    }
