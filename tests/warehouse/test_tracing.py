"""Every figure lists the cells it was made of, and they make it again."""

from decimal import Decimal

import pytest

from tests.warehouse.summary_cases.world import World, models
from warehouse import tracing

TRACINGS = tracing.load_tracings(())
WHOLE = ("DECIMAL", "BIGINT", "INTEGER")


@pytest.fixture
def world() -> World:
    made = World()
    made.target(100)
    made.compound("c")
    made.building("done", "c", 90)
    made.building("begun", "c", 30)
    made.report("done", "2013-09", "2013-04-01", "2013-09-30", items={"WALL": (1, 1)})
    made.report("begun", "2013-09", "2013-04-01", items={"WALL": (0, 1)})
    return made


def cells(world: World, column: str, *shown: str) -> list[tuple]:
    key = "{'plan_year': 2013}"
    at = "timestamptz '2014-03-01 00:00:00+08'"
    picked = ", ".join(shown)
    return world.db.execute(
        f"select {picked} from trace_as_of('target_attainment', {key}, '{column}', {at}) order by all"
    ).fetchall()


def test_a_sum_lists_what_is_added_and_what_decided(world: World) -> None:
    assert cells(world, "completed_area_m2", "role", "amount", "entity", "column_name") == [
        ("evidence", None, "contractor_progress", "actual_finish"),
        ("evidence", None, "contractor_progress", "status_code"),
        ("term", Decimal(90), "building_register", "floor_area_m2"),
    ]


def test_a_count_lists_each_thing_counted(world: World) -> None:
    assert cells(world, "benefited_buildings", "role", "counted", "column_name", "value") == [
        ("counted", "done", "qty_cum", "1.0000")
    ]


def test_a_ratio_lists_both_its_parts(world: World) -> None:
    assert cells(world, "completion_ratio", "role", "amount") == [
        ("denominator", Decimal(100)),
        ("evidence", None),
        ("evidence", None),
        ("numerator", Decimal(90)),
    ]


def test_a_difference_lists_what_is_deducted(world: World) -> None:
    listed = cells(world, "over_target_area_m2", "role", "amount")
    assert [line for line in listed if line[1]] == [("deducted", Decimal(100)), ("term", Decimal(90))]


def test_a_key_without_a_row_has_no_cells(world: World) -> None:
    assert not world.db.execute("from trace('target_attainment', {'plan_year': 1999}, 'started_area_m2')").fetchall()


@pytest.mark.parametrize("name", TRACINGS)
def test_every_measure_of_a_summary_is_traced_and_nothing_else(world: World, name: str) -> None:
    columns = {row[0]: row[1] for row in world.db.execute(f"describe summary.{name}").fetchall()}
    model = models()[f"summary.{name}"]
    measures = {column for column, kind in columns.items() if kind.startswith(WHOLE) and column not in model.grain}
    assert measures <= set(TRACINGS[name].shown) <= set(columns)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-- figure a: total of x.y by z", "trace/t.sql: not a figure: total of x.y by z"),
        ("-- figure a: count of x.y by z", "trace/t.sql: not a figure: count of x.y by z"),
        ("-- figure a: sum of x.y by z because y", "trace/t.sql: not a cell: y"),
        ("-- figure a: b / c", "trace/t.sql: a is made of b, which is no figure with cells"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=rf"^{said}"):
        tracing.parse("t", f"-- What.\n{line}\nwith\n\nr as (select 1)\n\nfrom r\n")


def test_a_body_ends_in_its_relation() -> None:
    with pytest.raises(ValueError, match="ends in a line `from RELATION`"):
        tracing.parse("t", "-- What.\n-- figure a: sum of x.y by z\nselect 1")
