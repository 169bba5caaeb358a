"""Summaries from SQL files: what a header says is what is made, in the order the texts need."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.forms import load
from tests.warehouse.office import Night, accepted, catalogue, day, opened, rows, visit
from warehouse import models
from warehouse.connection import open_warehouse
from warehouse.errors import WarehouseError

APRIL, MAY = day("2013-04-02"), day("2013-05-02")

TEXT = """-- One street and what was seen there.
-- 中文: 街道走访
-- grain: street_id
-- reads: core.visit
-- check fail area_is_positive: area_m2 >= 0
-- check warn few_places: select street_id from summary.visited
--   where places < 2
-- column street_id: 街道; street; id
-- column places: 地点数; places seen; by kind; place
-- column area_m2: 面积; area seen; m2
-- column today: 当日; day of the instant; date
select
    street_id,
    count(*) as places,
    cast(sum(area_m2) as decimal(14, 2)) as area_m2,
    cast(timezone('Asia/Shanghai', $as_of) as date) as today
from core.visit_as_of($as_of)
group by street_id
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package beside ours with its own sql/summary."""
    folder = tmp_path / "visiting_office"
    (folder / "sql" / "summary").mkdir(parents=True)
    (folder / "sql" / "core").mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "visiting_office", raising=False)
    extra = replace(catalogue(), packages=("schemas", "visiting_office"))
    monkeypatch.setattr("tests.warehouse.office.catalogue", lambda *_: extra)
    return folder / "sql" / "summary"


def test_a_header_says_everything_about_its_table() -> None:
    model = models.parse("summary", "visited", TEXT)
    assert (model.row, model.title_zh) == ("One street and what was seen there.", "街道走访")
    assert (model.grain, model.reads, model.calls) == (("street_id",), ("core.visit",), {"core.visit"})
    assert [(c.name, c.severity, c.sql) for c in model.checks] == [
        ("area_is_positive", "fail", "area_m2 >= 0"),
        ("few_places", "warn", "select street_id from summary.visited\nwhere places < 2"),
    ]
    assert model.columns["places"] == "地点数 | places seen; by kind; place"


@pytest.mark.parametrize(
    ("missing", "said"), [("-- grain: street_id\n", "its grain"), ("-- column ", "its columns"), ("select", "")]
)
def test_a_header_that_lacks_something_is_refused(missing: str, said: str) -> None:
    text = TEXT[: TEXT.index("select\n")] if missing == "select" else TEXT.replace(missing, "-- ")
    with pytest.raises(ValueError, match=rf"summary/visited.sql: .*{said}"):
        models.parse("summary", "visited", text)


def test_the_plain_table_is_as_of_the_newest_instant(tmp_path: Path, package: Path) -> None:
    (package / "visited.sql").write_text(TEXT, encoding="utf-8")
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r1", "s", "甲"), visit("r2", "s", "乙", "5.00")), APRIL)
        night.hear(accepted("r1"), APRIL, s=True).hear(accepted("r1", "r2"), MAY, s=True).write()
        assert [str(v) for v in warehouse.frame("from summary.visited").row(0)] == [
            "110108018",
            "2",
            "15.00",
            "2013-05-02",
        ]
        past = warehouse.frame("from summary.visited_as_of(timestamptz '2013-04-20 00:00:00+08')").row(0)
        assert [str(v) for v in past] == ["110108018", "1", "10.00", "2013-04-20"]
        comment = "select comment from duckdb_columns() where table_name = 'visited' and column_name = 'area_m2'"
        assert warehouse.value(comment) == "面积 | area seen; m2"


def test_a_helper_in_core_serves_a_summary_and_leaves_no_table(tmp_path: Path, package: Path) -> None:
    helper = TEXT.replace("-- check", "-- unused check")
    (package.parent / "core" / "visited_street.sql").write_text(helper, encoding="utf-8")
    body = "select street_id, places, area_m2, today\nfrom core.visited_street_as_of($as_of)\n"
    text = TEXT[: TEXT.index("select\n    street_id")] + body
    (package / "visited.sql").write_text(text, encoding="utf-8")
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r1", "s", "甲"), visit("r2", "s", "乙", "5.00")), APRIL)
        night.hear(accepted("r1"), APRIL, s=True).hear(accepted("r1", "r2"), MAY, s=True).write()
        plain = warehouse.frame("from summary.visited")
        assert plain.equals(warehouse.frame("from summary.visited_as_of(timestamptz '2013-05-02 00:00:00+08')"))
        assert plain["places"].to_list() == [2]
        assert warehouse.frame("from duckdb_tables() where table_name like '%visited_street%'").is_empty()


def test_a_row_withdrawn_last_is_gone_from_the_plain_table(tmp_path: Path, package: Path) -> None:
    (package / "visited.sql").write_text(TEXT, encoding="utf-8")
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r1", "s", "甲"), visit("r2", "s", "乙")), APRIL)
        night.hear(accepted("r1", "r2"), APRIL, s=True).hear(accepted("r1"), MAY).write(checked=False)
        assert warehouse.value("select places from summary.visited") == 1


def test_models_are_made_after_those_they_call(tmp_path: Path, package: Path) -> None:
    (package / "visited.sql").write_text(TEXT, encoding="utf-8")
    text = TEXT.replace("core.visit_as_of", "summary.visited_as_of").replace("count(*)", "sum(places)")
    (package / "a_first_by_name.sql").write_text(text, encoding="utf-8")
    names = [model.name for model in models.load_models(["visiting_office"])]
    assert names.index("visited") < names.index("a_first_by_name")
    (package / "visited.sql").write_text(
        TEXT.replace("core.visit_as_of", "summary.a_first_by_name_as_of"), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"call each other: .*summary.a_first_by_name, .*summary.visited"):
        models.load_models(["visiting_office"])


def test_columns_that_differ_from_the_header_are_refused(tmp_path: Path, package: Path) -> None:
    (package / "visited.sql").write_text(TEXT.replace("as places,", "as spots,"), encoding="utf-8")
    with opened(tmp_path) as warehouse, pytest.raises(WarehouseError, match=r"visited.sql: columns street_id, spots"):
        Night(warehouse).write()


def test_a_summary_whose_file_is_gone_is_dropped(tmp_path: Path, package: Path) -> None:
    (package / "visited.sql").write_text(TEXT, encoding="utf-8")
    with opened(tmp_path) as warehouse:
        Night(warehouse).write()
        (package / "visited.sql").unlink()
        Night(warehouse).write()
        assert warehouse.frame("select * from duckdb_tables() where table_name = 'visited'").is_empty()
        assert warehouse.frame("select * from duckdb_functions() where function_name = 'visited_as_of'").is_empty()


def test_every_mart_of_ours_is_made_from_the_real_catalogue(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb", load()) as warehouse:
        Night(warehouse).write()
        made = warehouse.frame("select table_name as name from duckdb_tables() where schema_name = 'summary'")["name"]
        assert set(made) == {model.name for model in models.load_models(()) if model.layer == "summary"}


def test_where_nothing_known_moved_only_what_reads_beside_is_made_again(tmp_path: Path, package: Path) -> None:
    revised = TEXT.replace("-- reads", "-- revised: yes\n-- reads")
    (package / "visited.sql").write_text(revised, encoding="utf-8")
    beside = """-- One file that came.
-- grain: file_id
-- reads: ops.files
-- column file_id: 文件; file
select file_id from ops.files where known_from <= $as_of
"""
    (package / "came.sql").write_text(beside, encoding="utf-8")
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), APRIL).hear(accepted("r"), APRIL, s=True).write()
        for moved, left in ((False, 0), (True, 1)):
            warehouse.execute("delete from summary.visited; delete from summary.came")
            with warehouse.transaction() as tx:
                models.build(tx, moved=moved)
            assert warehouse.value("select count(*) from summary.visited") == left
            assert warehouse.value("select count(*) from summary.came") == 1
