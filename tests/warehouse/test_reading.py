"""Queries on a release: read-only, alone with that file, errors in one sentence; and the dictionary made from it."""

import os
from pathlib import Path

import pytest

from schemas.forms import load
from tests.warehouse.office import Night, accepted, day, opened, rows, visit
from warehouse.connection import open_warehouse
from warehouse.dictionary import as_html, dictionary
from warehouse.errors import WarehouseError
from warehouse.reading import Reader, query, table

MAY = day("2013-05-02")


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    with opened(home) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY).hear(accepted("r"), MAY, s=True).release()
    return home / "releases" / "current.duckdb"


def test_a_query_gives_a_frame(current: Path) -> None:
    found = query(current, "select place, visited from core.visit where place = $place", {"place": "甲"})
    assert found.to_dicts() == [{"place": "甲", "visited": day("2013-05-01").date()}]
    assert query(current, "select 1 where false").is_empty()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select plaice from core.visit", "plaice"),
        ("select from where", "syntax error"),
        ("select * from core.visits", "visit"),
        ("delete from core.visit", "read-only"),
        ("create table core.x as select 1", "read-only"),
        ("from read_csv('/etc/hostname')", "disabled by configuration"),
        ("attach '/tmp/other.duckdb'", "disabled by configuration"),
        ("copy (select 1) to '/tmp/out.csv'", "disabled by configuration"),
        ("set enable_external_access = true", "locked"),
        ("install httpfs", "disabled"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_sentence(current: Path, sql: str, said: str) -> None:
    with pytest.raises(WarehouseError) as error:
        query(current, sql)
    assert said in error.value.found
    assert "\n" not in str(error.value)
    assert "`xinyan dictionary` lists every table and column." in str(error.value)


def test_a_query_does_not_depend_on_the_machines_zone(current: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    assert query(current, "select cast(known_from as varchar) as t from core.visit").item() == "2013-05-02 00:00:00+08"


def test_the_dictionary_tells_of_every_table_and_column(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb", load()) as warehouse:
        Night(warehouse).release()
    with Reader(tmp_path / "releases" / "current.duckdb") as reader:
        text = dictionary(reader, load().packages)
        things = reader.objects()
    for row in things.iter_rows(named=True):
        if row["kind"] == "column":
            assert f"| `{row['column_name']}` |" in text
        elif row["kind"] == "table":
            assert f"### {row['schema_name']}.{row['table_name']}\n" in text
    assert "| `started_area_m2` | DECIMAL(14,2) | 开工面积 |" in text


def test_two_columns_of_one_name_are_told_apart(current: Path) -> None:
    assert query(current, "select 1 as a, 2 as a, 3 as a_1, 4 as a").to_dicts() == [
        {"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}
    ]
    assert query(current, "select 1 as a, 2 as a").columns == ["a", "a_1"]


def test_a_table_tells_its_columns_and_its_past(current: Path) -> None:
    found = table(current, "core.visit")
    assert (found.release_no, found.frame["place"].to_list()) == (1, ["甲"])
    said = {name: rest for name, *rest in found.columns}
    assert said["area_m2"] == ["面积", "Area seen", "m2"]
    assert table(current, "core.visit", day("2013-05-01")).frame.is_empty()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "core.visits",
            "export core.visits: there is no core.visits; expected one of core.code_names, core.expected_reports,"
            " core.reports, core.settings, core.street_names, core.visit.",
        ),
        ("visit", "export visit: there is no summary.visit; expected one of"),
        ("core.visit; drop table x", "export core.visit; drop table x: there is no core.visit; drop table x"),
    ],
)
def test_a_table_that_is_not_there_is_told_with_those_that_are(current: Path, name: str, said: str) -> None:
    with pytest.raises(WarehouseError) as error:
        table(current, name)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/etc/*')",
        "from '/etc/passwd'",
        "load httpfs",
        "pragma database_list; attach ':memory:' as m; copy m to '/tmp/x'",
        "export database '/tmp/xinyan-export'",
        "set allowed_directories = ['/']",
        "select getenv('HOME')",
        "call pragma_user_agent(); copy core.visit to '/tmp/x.parquet'",
        "update core.visit set place = 'x'",
    ],
)
def test_no_query_reaches_beyond_its_release(current: Path, sql: str) -> None:
    with pytest.raises(WarehouseError):
        query(current, sql)


@pytest.fixture(scope="module")
def empty_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of every form and summary, without a row."""
    home = tmp_path_factory.mktemp("empty")
    with open_warehouse(home / "warehouse.duckdb", load()) as warehouse:
        Night(warehouse).release()
    return home / "releases" / "current.duckdb"


def test_a_release_says_what_its_columns_mean_where_they_come_from_and_what_guards_them(empty_release: Path) -> None:
    said = "select * from summary.dictionary where table_name = 'summary.target_attainment' and column_name = $column"
    [whole] = query(empty_release, said, {"column": ""}).to_dicts()
    assert whole["grain"] == "plan_year"
    assert {"F01", "F03", "F06"} <= set(whole["source_forms"].split(", "))
    assert whole["checks"]
    [column] = query(empty_release, said, {"column": "completed_area_m2"}).to_dicts()
    assert (column["label_zh"], column["unit"], column["data_type"]) == ("完成面积", "m2", "DECIMAL(14,2)")
    assert column["meaning"].endswith("the official figure")
    [area] = query(
        empty_release,
        "select unit, source_forms, grain from summary.dictionary"
        " where table_name = 'core.building_register' and column_name = 'floor_area_m2'",
    ).to_dicts()
    assert (area["unit"], area["source_forms"]) == ("㎡", "F03")
    missing = """
        select schema_name || '.' || table_name, column_name from duckdb_columns() where not internal
            and table_name <> 'dictionary'
        except select table_name, column_name from summary.dictionary where label_zh <> ''
    """
    assert query(empty_release, missing).rows() == []


def test_the_dictionary_as_one_page_holds_what_the_markdown_holds(empty_release: Path) -> None:
    with Reader(empty_release) as reader:
        markdown = dictionary(reader)
    page = as_html(markdown)
    assert page.count("<table>") == page.count("</table>") == markdown.count("\n|---")
    assert page.count("<td>") > 1000
    assert "src=" not in page and "http" not in page.replace("http-equiv", "")
    assert as_html("| a |\n|---|\n| <b> \\| `c` |").count("<td>&lt;b&gt; | <code>c</code></td>") == 1


def test_the_published_schema_changes_in_the_open(empty_release: Path) -> None:
    """Analysts rely on these names and types: who changes them changes this text, too (XINYAN_GOLDEN=1 writes it)."""
    with Reader(empty_release) as reader:
        rows = reader.objects().filter(kind="column").sort("schema_name", "table_name", "position")
    lines = [
        f"{row['schema_name']}.{row['table_name']}.{row['column_name']} {row['data_type']}" for row in rows.to_dicts()
    ]
    golden = Path(__file__).with_name("published_schema.txt")
    if os.environ.get("XINYAN_GOLDEN"):
        golden.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == golden.read_text(encoding="utf-8").splitlines()
