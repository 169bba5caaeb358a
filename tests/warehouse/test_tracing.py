"""Every figure lists the cells it was made of, and they make it again."""

import re
from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest

from schemas.forms import load
from tests.warehouse.summary_cases.world import STREET, World, models
from warehouse import tracing
from warehouse.models import macro

TRACINGS = tracing.load_tracings(())
MARTS = [model.name for model in models().values() if model.layer == "summary"]
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


def cells(
    world: World, column: str, *shown: str, mart: str = "target_attainment", key: str = "{'plan_year': 2013}"
) -> list[tuple]:
    at = "timestamptz '2014-03-01 00:00:00+08'"
    picked = ", ".join(shown)
    return world.db.execute(
        f"select {picked} from trace_as_of('{mart}', {key}, '{column}', {at}) order by all"
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


def test_a_formula_lists_a_cell_in_each_of_its_roles(world: World) -> None:
    world.add("tender", tender_lot_id="t:1", tender_no="t", lot_no="1", control_price_yuan=200, win_price_yuan=190)
    listed = cells(world, "saving_ratio", "part", "role", "amount", mart="tenders", key="{'tender_no': 't'}")
    assert listed == [
        ("control_price_yuan", "denominator", Decimal(200)),
        ("control_price_yuan", "numerator", Decimal(200)),
        ("win_price_yuan", "numerator", Decimal(190)),
    ]


def test_a_measure_of_many_is_found_in_the_column_its_row_names(world: World) -> None:
    said = {"report_month": "2013-09-01", "programme_type_code": "ENERGY_ENV", "street_id": STREET}
    world.add("subcommand_monthly", compound_id="c", started_area_cum_m2=120, started_buildings_cum=2, **said)
    key = f"{{'report_month': date '2013-09-01', 'street_id': '{STREET}', 'measure_code': 'started_area'}}"
    assert cells(world, "subcommand_value", "column_name", "value", mart="reconciliation", key=key) == [
        ("started_area_cum_m2", "120.00")
    ]


def test_a_row_that_waits_is_counted_where_it_stands(world: World) -> None:
    world.db.execute(
        "insert into ops.quarantine (row_id, entity, code, address, street_id, report_month, known_from)"
        f" values ('waiting', 'contractor_progress', 'E08', 'D7', '{STREET}', '2013-09-01', '2013-10-05')"
    )
    key = f"{{'report_month': date '2013-09-01', 'street_id': '{STREET}', 'measure_code': 'started_area'}}"
    shown = ("entity", "counted", "address", "raw", "value")
    assert cells(world, "waiting_rows", *shown, mart="reconciliation", key=key) == [
        ("quarantine", "waiting", "D7", None, "E08")
    ]


def test_what_was_corrected_and_what_a_name_was_read_as_stand_beside_the_cell(world: World) -> None:
    world.building(
        f"{STREET}:东里:3",
        f"{STREET}:东里",
        90,
        street_id=STREET,
        raw={"compound_name": "东里小区", "building_no": "3", "floor_area_m2": "900"},
        corrections=[{"column_name": "floor_area_m2", "correction": "C7"}],
    )
    shown = ("raw", "value", "correction", "names")
    found = cells(world, "floor_area_m2", *shown, mart="building_status", key=f"{{'building_id': '{STREET}:东里:3'}}")
    assert found == [("900", "90.00", "C7", f"东里小区 → {STREET}:东里")]


def test_a_person_is_counted_and_not_named(world: World) -> None:
    world.compound("c")
    said = {"compound_id": "c", "project": "c", "frontline_code": "SAFETY", "start_date": "2013-05-01"}
    world.add("party_posting", person_key="key-of-a-person", post_code="SAFETY_OFFICER", **said)
    listed = cells(world, "total_members", "column_name", "value", mart="party_coverage", key="{'compound_id': 'c'}")
    assert set(listed) == {("project", "c")}


@pytest.mark.parametrize("name", MARTS)
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
        ("-- figure a: b ** c", "trace/t.sql: not a figure: b ** c"),
        ("-- figure a: (b - c", "trace/t.sql: not a figure: (b - c"),
        ("-- figure a: 2 * 3", "trace/t.sql: not a figure: 2 * 3"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        tracing.parse("t", f"-- What.\n{line}\nwith\n\nr as (select 1)\n\nfrom r\n")


def test_a_body_ends_in_its_relation() -> None:
    with pytest.raises(ValueError, match="ends in a line `from RELATION`"):
        tracing.parse("t", "-- What.\n-- figure a: sum of x.y by z\nselect 1")


@pytest.mark.parametrize(
    ("text", "parts", "sql"),
    [
        ("a / b", [("a", "numerator"), ("b", "denominator")], "(A / nullif(B, 0))"),
        ("1 - a / b", [("a", "numerator"), ("b", "denominator")], "(1 - (A / nullif(B, 0)))"),
        ("a - b + c", [("a", "term"), ("b", "deducted"), ("c", "term")], "((A - B) + C)"),
        (
            "100 * (a - b) / (c + d)",
            [("a", "numerator"), ("b", "numerator"), ("c", "denominator"), ("d", "denominator")],
            "((100 * (A - B)) / nullif((C + D), 0))",
        ),
    ],
)
def test_a_formula_is_arithmetic_over_figures(text: str, parts: list, sql: str) -> None:
    made = tracing.Formula(text)
    assert made.parts == parts
    assert made.sql({name: name.upper() for name in "abcd"}) == sql


def test_a_part_of_the_grain_named_as_a_column_of_the_trace_is_told_apart() -> None:
    db = duckdb.connect()
    model = models()["summary.tenders"]
    made = tracing.parse("t", "-- What.\n-- figure bidders: value of settings.value by row_id\nwith\n\nr as (\n"
                         "    select 'x' as column_name, 'y' as key, 's' as row_id\n)\n\nfrom r\n")  # fmt: skip
    db.execute("create schema core; create schema trace")
    db.execute("create macro core.settings_as_of(as_of) as table select 's' as row_id, 5 as value, as_of as known_from")
    for statement in tracing._macro(made, replace(model, grain=("column_name", "key")), {}) + tracing.functions(None):
        db.execute(statement)
    found = db.execute("select value, row_id from trace('t', {'column_name': 'x', 'key': 'y'}, 'bidders')").fetchall()
    assert found == [("5", "s")]
    assert not db.execute("from trace('t', {'column_name': 'z', 'key': 'y'}, 'bidders')").fetchall()


def test_the_macros_of_a_release_speak_as_older_programs_do() -> None:
    """DuckDB 1.4 and 1.5 open a release; `if(…)` is a function of 2.0 alone."""
    made = tracing.statements(load(), models().values())
    made += [statement for model in models().values() for statement in macro(model)]
    assert [statement[:60] for statement in made if re.search(r"\bif\s*\(", statement)] == []
