"""Tables follow the catalogue, and nothing is without its comment."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from schemas.columns import Column
from schemas.forms import load
from schemas.frames import (
    CELLS,
    CONTROL_CELLS,
    CONTROLS,
    FINDINGS,
    LANDED_SUBMISSIONS,
    LOCATED_COLUMNS,
    QUARANTINE,
    SHEETS,
)
from tests.warehouse.office import VISIT, Night, accepted, day, opened, rows, visit
from warehouse import ledger, migrate
from warehouse.connection import Warehouse, conform, open_warehouse
from warehouse.errors import WarehouseError

MAY = day("2013-05-02")


def undocumented(warehouse: Warehouse) -> list[str]:
    return warehouse.frame(
        """
        select schema_name || '.' || table_name || '.' || column_name as name from duckdb_columns()
        where not internal and coalesce(comment, '') = ''
        union all select schema_name || '.' || table_name from duckdb_tables() where coalesce(comment, '') = ''
        union all select schema_name || '.' || view_name from duckdb_views()
        where not internal and coalesce(comment, '') = ''
        """
    )["name"].to_list()


def test_every_table_and_column_has_a_comment_in_chinese_and_english(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb", load()) as warehouse:
        Night(warehouse).write()
        assert undocumented(warehouse) == []
        comments = warehouse.frame("select distinct comment from duckdb_columns() where not internal")["comment"]
    assert comments.filter(~comments.str.contains(r"^\p{Han}.* \| \S")).to_list() == []


def test_core_has_the_columns_the_form_declares(tmp_path: Path) -> None:
    forms = load().forms
    with open_warehouse(tmp_path / "warehouse.duckdb", load()) as warehouse:
        for form in forms.values():
            made = {
                name: dtype for name, dtype in warehouse.schema(f"core.{form.entity}").items() if name != "version_hash"
            }
            assert made == {name: pl.DataFrame(schema={name: t}).schema[name] for name, t in form.core_schema().items()}
            assert not {c.name for c in form.columns if c.sensitivity == "personal"} & made.keys()


@pytest.mark.parametrize(
    ("table", "schema"),
    [
        ("sheets", SHEETS),
        ("cells", CELLS),
        ("columns", LOCATED_COLUMNS),
        ("controls", CONTROLS),
        ("control_cells", CONTROL_CELLS),
        ("submissions", LANDED_SUBMISSIONS),
        ("findings", FINDINGS),
        ("quarantine", QUARANTINE),
        ("files", ledger.FILES),
        ("receipts", ledger.RECEIPTS),
    ],
)
def test_ops_tables_hold_the_shared_frames(tmp_path: Path, table: str, schema: dict[str, pl.DataType]) -> None:
    with opened(tmp_path) as warehouse:
        made = warehouse.schema(f"ops.{table}")
        empty = pl.DataFrame(schema=schema)
        assert {name: made[name] for name in schema} == dict(empty.schema)
        conform(empty, made)


def test_a_new_column_and_a_new_struct_field_are_added(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY).hear(accepted("r"), MAY, s=True).write()
    wider = replace(VISIT, columns=(*VISIT.columns, Column("weather", "text", "天气", "Weather of the day")))
    with opened(tmp_path, wider) as warehouse:
        old = warehouse.frame(
            "select place, weather, raw.place as raw, raw.weather as raw_weather from core.visit"
        ).row(0)
        assert old == ("甲", None, "甲", None)
        assert undocumented(warehouse) == []


def test_a_changed_type_needs_a_migration(tmp_path: Path) -> None:
    opened(tmp_path).close()
    columns = tuple(replace(c, kind="text") if c.name == "area_m2" else c for c in VISIT.columns)
    with pytest.raises(WarehouseError, match=r"landed.visit.area_m2: type DECIMAL\(14,2\); expected VARCHAR"):
        opened(tmp_path, replace(VISIT, columns=columns))


def test_a_changed_meaning_changes_the_comment(tmp_path: Path) -> None:
    opened(tmp_path).close()
    columns = tuple(replace(c, meaning="Where it was") if c.name == "place" else c for c in VISIT.columns)
    with opened(tmp_path, replace(VISIT, columns=columns)) as warehouse:
        comment = warehouse.value(
            "select comment from duckdb_columns() where table_name = 'visit' and column_name = 'place'"
        )
    assert comment == "地点 | Where it was"


def test_streets_have_their_names(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        streets = warehouse.frame("select * from core.street_names order by street_id")
    assert streets.height == 29
    assert ("110108018", "花园路街道") in streets.rows()


def test_codes_have_their_names(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        names = dict(
            warehouse.frame("select code, label_zh from core.code_names where code_list = 'frontlines'").rows()
        )
    assert names == {
        "OUTREACH": "宣传动员",
        "COORDINATION": "问题协调",
        "SAFETY": "安全保障",
        "REPRESENTATION": "代表作用",
    }


def test_tables_have_no_keys_indexes_or_sequences(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        for things in ("duckdb_indexes()", "duckdb_sequences()", "duckdb_constraints()"):
            assert warehouse.value(f"select count(*) from {things}") == 0, things


def test_migrations_are_numbered_without_gaps() -> None:
    assert [m.number for m in migrate.migrations()] == list(range(1, migrate.newest() + 1))
