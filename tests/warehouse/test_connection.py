"""Opening the warehouse: what goes wrong is said in one sentence, and one process holds the file at a time."""

import os
import subprocess
import sys
import textwrap
from contextlib import nullcontext
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.warehouse.office import Night, accepted, catalogue, day, opened, rows, visit
from warehouse import faults, migrate
from warehouse.connection import conform, open_warehouse
from warehouse.errors import WarehouseError


def test_a_missing_home_is_named(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError) as error:
        opened(tmp_path / "nowhere")
    assert str(error.value) == (
        f"warehouse {tmp_path}/nowhere/warehouse.duckdb: its folder does not exist; expected an existing home. "
        "Name another home with --home."
    )


def test_a_missing_file_is_made_only_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with pytest.raises(WarehouseError, match="no such file"):
        open_warehouse(path, catalogue(), create=False)
    assert not path.exists()
    opened(tmp_path).close()
    assert path.exists()


def test_a_file_that_a_killed_night_half_made_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(faults.VARIABLE, "warehouse.created:raise")
    with pytest.raises(faults.FaultError):
        opened(tmp_path)
    monkeypatch.delenv(faults.VARIABLE)
    assert not (tmp_path / "warehouse.duckdb").exists()
    (tmp_path / ".making-warehouse.duckdb").write_bytes(b"DUCK")
    opened(tmp_path).close()
    assert [path.name for path in tmp_path.glob("*.duckdb")] == ["warehouse.duckdb"]


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").mkdir()
    with pytest.raises(WarehouseError, match="not a regular file"):
        opened(tmp_path)


def test_an_unwritable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).close()
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # the tests may run as root, who may write anything
    with pytest.raises(WarehouseError, match="cannot be written by this account"):
        opened(tmp_path)


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"\0" * 20000], ids=["text", "zeros"])
def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(content)
    with pytest.raises(WarehouseError, match=r"cannot be read as a DuckDB file .*Restore it from the backup"):
        opened(tmp_path)
    assert path.read_bytes() == content


def test_a_file_cut_short_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).write()
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(path.read_bytes()[: 3 * 4096 + 100])
    with pytest.raises(WarehouseError, match="cannot be read as a DuckDB file"):
        opened(tmp_path)


def test_a_file_held_by_another_process_names_it(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / "warehouse.duckdb"
    program = f"import duckdb; c = duckdb.connect({str(path)!r}); print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WarehouseError) as error:
            opened(tmp_path)
        holder.communicate(b"\n")
    assert f"held by process {holder.pid}" in str(error.value)
    assert "expected no other writer" in str(error.value)
    opened(tmp_path).close()


def test_one_process_does_not_open_it_twice(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(WarehouseError, match=rf"held by this process \({os.getpid()}\)"):
        opened(tmp_path)
    opened(tmp_path).close()


def test_a_file_changed_since_this_process_closed_it_is_fitted_again(tmp_path: Path) -> None:
    path, forms = tmp_path / "warehouse.duckdb", catalogue()
    open_warehouse(path, forms).close()
    with duckdb.connect(str(path)) as elsewhere:
        elsewhere.execute("drop view core.street_names; drop table core.visit; checkpoint")
    for _ in range(2):  # the second time nothing is looked for, and everything is there
        with open_warehouse(path, forms) as warehouse:
            assert warehouse.frame("from core.visit").is_empty()
            assert not warehouse.frame("from core.street_names").is_empty()


def test_a_newer_schema_is_refused_with_its_version(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        warehouse.execute("insert into ops.schema_version values (99, 'from_the_future', now())")
    with pytest.raises(WarehouseError, match=r"its schema is version 99; expected version \d+ or older"):
        opened(tmp_path)


def test_an_upgrade_copies_the_file_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), day("2013-05-02")).hear(
            accepted("r"), day("2013-05-02"), s=True
        ).write()
    ours = migrate.migrations()
    more = migrate.Migration(len(ours) + 1, "one_more", "alter table ops.runs add column nights bigint")
    monkeypatch.setattr(migrate, "migrations", lambda: [*ours, more])
    with opened(tmp_path) as warehouse:
        assert "nights" in warehouse.schema("ops.runs")
        assert warehouse.value("select max(version) from ops.schema_version") == more.number
    copy = tmp_path / f"warehouse.before-v{more.number}-was-v{len(ours)}.duckdb"
    with duckdb.connect(str(copy), read_only=True) as old:
        assert old.execute("select count(*) from core.visit").fetchone() == (1,)
        assert old.execute("select max(version) from ops.schema_version").fetchone() == (len(ours),)


def test_a_failing_upgrade_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).close()
    ours = migrate.migrations()
    bad = migrate.Migration(len(ours) + 1, "bad", "create table ops.half (a int); select 1 from ops.nothing_here")
    monkeypatch.setattr(migrate, "migrations", lambda: [*ours, bad])
    with pytest.raises(WarehouseError):
        opened(tmp_path)
    monkeypatch.undo()
    with opened(tmp_path) as warehouse:
        tables = warehouse.frame("select table_name from duckdb_tables()")["table_name"].to_list()
    assert "half" not in tables


def test_clients_of_1_4_and_later_can_open_it(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        tags = warehouse.frame(
            "select tags['storage_version'] as v from duckdb_databases() where database_name = 'xinyan'"
        )
    assert tags["v"].item().startswith("v1.4")


def test_sql_reaches_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with opened(tmp_path) as warehouse:
        for sql in (f"from read_csv('{tmp_path}/secret.csv')", f"copy (select 1) to '{tmp_path}/out.csv'"):
            with pytest.raises(duckdb.Error, match="disabled by configuration"):
                warehouse.execute(sql)
        with pytest.raises(duckdb.Error, match="locked"):
            warehouse.execute("set enable_external_access = true")


def test_an_error_in_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        with pytest.raises(duckdb.Error, match="nothing_here"), warehouse.transaction() as tx:  # noqa: PT012
            tx.execute("insert into ops.runs (run_id) values ('half')")
            tx.execute("select * from ops.nothing_here")
        assert warehouse.value("select count(*) from ops.runs") == 0
        with warehouse.transaction(), pytest.raises(RuntimeError, match="open already"), warehouse.transaction():
            pass


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        with pytest.raises(WarehouseError) as error, warehouse.transaction() as tx:  # noqa: PT012
            tx.execute("insert into ops.runs (run_id) values ('half')")
            raise duckdb.IOException("IO Error: Could not write file: No space left on device\nmore")
        assert warehouse.value("select count(*) from ops.runs") == 0
    assert "could not go on (IO Error: Could not write file: No space left on device)" in str(error.value)
    assert str(error.value).endswith("Nothing of this run was kept. Make room, check the disk, and run again.")


def test_a_killed_writer_leaves_what_was_committed(tmp_path: Path) -> None:
    program = f"""
        import os, sys
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from pathlib import Path
        from tests.warehouse.office import opened
        warehouse = opened(Path({str(tmp_path)!r}))
        with warehouse.transaction() as tx:
            tx.execute("insert into ops.runs (run_id) values ('committed')")
        warehouse.execute("begin transaction")
        warehouse.execute("insert into ops.runs (run_id) values ('not committed')")
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    with opened(tmp_path) as warehouse:
        assert warehouse.frame("select run_id from ops.runs")["run_id"].to_list() == ["committed"]


def test_frames_fit_tables_by_name_at_every_depth() -> None:
    frame = pl.DataFrame({"b": [{"y": 1, "x": "a"}], "surplus": [1]})
    fitting = conform(frame, {"a": pl.Int64(), "b": pl.Struct({"x": pl.String(), "y": pl.Int64(), "z": pl.Date()})})
    assert fitting.to_dicts() == [{"a": None, "b": {"x": "a", "y": 1, "z": None}}]


def test_an_instant_without_a_zone_is_refused(tmp_path: Path) -> None:
    naive = pl.DataFrame({"run_id": ["r"], "started_at": [day("2013-05-01").replace(tzinfo=None)]})
    with opened(tmp_path) as warehouse, pytest.raises(ValueError, match="an instant needs a zone"):
        warehouse.insert("ops.runs", naive)


def _read_much(home: Path, *, inside: bool) -> None:
    more = pl.DataFrame({"h": [1]})
    with (
        opened(home) as warehouse,
        warehouse.transaction() if inside else nullcontext(),
        warehouse.registered("_more", more),
    ):
        warehouse.frame("select sum(h) from core.much left join _more using (h)")


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_damaged_bytes_name_the_warehouse_wherever_they_are_met(tmp_path: Path, share: float) -> None:
    path = tmp_path / "warehouse.duckdb"
    with opened(tmp_path) as warehouse:
        with warehouse.transaction():
            warehouse.execute("create table core.much as select hash(range) as h from range(200000)")
        warehouse.checkpoint()
    data = bytearray(path.read_bytes())
    place = int(len(data) * share)
    data[place : place + 64] = bytes(byte ^ 255 for byte in data[place : place + 64])
    path.write_bytes(data)
    for inside in (True, False):
        with pytest.raises(WarehouseError) as raised:
            _read_much(tmp_path, inside=inside)
        assert f"warehouse {path.resolve()}: cannot be read as a DuckDB file" in str(raised.value)
        assert "Restore it from the backup of the home" in str(raised.value)


def test_the_cause_is_told_where_letting_a_frame_go_fails_too(tmp_path: Path) -> None:
    more = pl.DataFrame({"h": ["x"]})
    with (
        opened(tmp_path) as warehouse,
        pytest.raises(duckdb.ConversionException),
        warehouse.transaction(),
        warehouse.registered("_more", more),
    ):
        warehouse.frame("select cast(h as integer) from _more")
