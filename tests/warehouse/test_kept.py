"""What a release keeps for traces is what the helpers give at its instant, and is read at that instant only."""

import datetime as dt

import pytest

from tests.warehouse.summary_cases.world import STREET, World, make, models
from warehouse import tracing

AT = dt.datetime.fromisoformat("2014-03-01T00:00:00+08:00")
BEFORE = dt.datetime.fromisoformat("2013-10-15T00:00:00+08:00")
KEPT = [model.name for model in models().values() if model.is_kept]


def rows(world: World, helper: str, at: dt.datetime) -> list[tuple]:
    return world.db.execute(f"from core.{helper}_as_of(timestamptz '{at.isoformat()}') order by all").fetchall()


def tables_read(world: World, helper: str, at: dt.datetime) -> set[str]:
    plan = world.db.execute(f"explain from core.{helper}_as_of(timestamptz '{at.isoformat()}')").fetchall()[0][1]
    return {word.removeprefix("xinyan.") for word in plan.split() if word.startswith("xinyan.")}


@pytest.fixture(scope="module")
def told() -> tuple[World, dict[tuple[str, dt.datetime], list[tuple]]]:
    """A story whose second half was not known before; and what each helper said of it without anything kept."""
    world = World(make())
    world.target(100)
    world.compound("c")
    world.building("b", "c", 90)
    world.report("b", "2013-09", "2013-04-01", items={"WALL": (0, 1)})
    world.report("b", "2013-10", "2013-04-01", "2013-10-31", items={"WALL": (1, 1)}, known_from="2013-11-05")
    said = {"report_month": "2013-10-01", "programme_type_code": "ENERGY_ENV", "street_id": STREET}
    world.add("subcommand_monthly", compound_id="c", started_area_cum_m2=120, known_from="2013-11-05", **said)
    before = {(helper, at): rows(world, helper, at) for helper in KEPT for at in (BEFORE, AT)}
    for statement in tracing.of_instant(models().values(), AT):
        world.db.execute(statement)
    return world, before


@pytest.mark.parametrize("helper", KEPT)
def test_a_helper_says_the_same_at_any_instant(told, helper):
    world, before = told
    assert before[helper, AT] != before[helper, BEFORE]
    for at in (BEFORE, AT):
        assert rows(world, helper, at) == before[helper, at]


@pytest.mark.parametrize("helper", KEPT)
def test_it_works_nothing_out_at_the_instant_of_the_release(told, helper):
    world, _ = told
    assert tables_read(world, helper, AT) == {f"trace.{helper}"}
    assert not any(name.startswith("trace.") for name in tables_read(world, helper, BEFORE))


@pytest.mark.parametrize("helper", KEPT)
def test_what_is_kept_is_described(told, helper):
    world, _ = told
    described = world.db.execute(
        "select comment from duckdb_tables() where schema_name = 'trace' and table_name = $1 union all"
        " select comment from duckdb_columns() where schema_name = 'trace' and table_name = $1",
        [helper],
    ).fetchall()
    assert len(described) > 3
    assert all(text for (text,) in described)
