"""Releases: nothing private inside, always one that opens, none where nothing changed."""

import multiprocessing
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from schemas.forms import load
from tests.warehouse.office import VISIT, Night, accepted, day, finding, opened, rows, visit, waiting
from warehouse import masks, release
from warehouse.connection import Warehouse, open_warehouse
from warehouse.errors import WarehouseError
from warehouse.masking import Masker
from warehouse.reading import Reader, query, released_path, status
from warehouse.release import publish

MAY, JUNE = day("2013-05-02"), day("2013-06-02")


def one_night(warehouse: Warehouse, run_id: str = "night", area: str = "10.00") -> release.Release | None:
    night = Night(warehouse, run_id).receive(rows(visit("r", "s", "甲", area)), MAY)
    return night.hear(accepted("r"), MAY, s=True).release()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_release_is_a_numbered_file_and_the_stable_path(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        made = one_night(warehouse)
    folder = tmp_path / "releases"
    assert made is not None
    assert names(folder) == ["000001.duckdb", "000001.json", "current.duckdb"]
    assert query(folder / "current.duckdb", "select place, area_m2::varchar from core.visit").rows() == [
        ("甲", "10.00")
    ]
    inside = query(folder / "000001.duckdb", "select release_no, state_digest, history_digest from ops.releases").row(0)
    facts = status(folder)
    assert inside == (1, facts["state_digest"], facts["history_digest"])
    assert (facts["release"], facts["newest_instant"]) == (1, "2013-05-01T16:00:00+00:00")
    assert os.stat(folder / "000001.duckdb").st_ino != os.stat(folder / "current.duckdb").st_ino
    assert os.stat(folder / "current.duckdb").st_mode & 0o222 == 0


def test_none_where_nothing_changed(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        one_night(warehouse)
        assert one_night(warehouse, "again") is None
        assert Night(warehouse, "empty").release() is None
    assert names(tmp_path / "releases") == ["000001.duckdb", "000001.json", "current.duckdb"]


def test_a_new_row_in_quarantine_is_worth_a_release(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        one_night(warehouse)
        night = Night(warehouse, "two").receive(rows(visit("q", "t", "乙")), JUNE)
        made = night.hear(accepted("r"), JUNE, held=[waiting("q", "t")], s=True, t=True).release()
    assert made is not None
    assert made.release_no == 2


def test_nothing_private_is_inside(tmp_path: Path) -> None:
    texts = {"note": "只在内部", "guest": "王小明"}
    landed = rows(
        visit("r", "s", "甲 13800138000", note=texts["note"], sheet_name="联系王小明 010-62345678"),
        visit("q", "s", "乙"),
    )
    told = waiting("q", "s", column_name="note", found="“只在内部”看不懂")
    found = finding("f", "s", column_name="place", found="“张三丰 110108199001011234”", sheet="王小明")
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(landed, MAY, "2013-05-02/王小明 13900139000/走访.xlsx")
        night.hear(accepted("r"), MAY, held=[told], found=[found], s=True).release(words=["王小明", "张三丰"])
    current = tmp_path / "releases" / "current.duckdb"
    content = current.read_bytes()
    for text in ("只在内部", "王小明", "张三丰", "13800138000", "13900139000", "62345678", "110108199001011234"):
        assert text.encode() not in content, text
    with Reader(current) as reader:
        schemas = reader.query("select distinct schema_name from duckdb_tables()")["schema_name"].to_list()
        assert sorted(schemas) == ["core", "ops", "summary"] or sorted(schemas) == ["core", "ops"]
        columns = reader.query("select column_name from duckdb_columns() where table_name = 'visit'")["column_name"]
        assert not {"note", "guest", "version_hash", "content_hash"} & set(columns)
        row = reader.query("select place, sheet_name, raw, addresses from core.visit").to_dicts()[0]
        assert (row["place"], row["sheet_name"]) == ("甲 ***", "联系*** ***")
        assert list(row["raw"]) == list(row["addresses"]) == ["place", "area_m2", "visited", "topics"]
        assert reader.query("select path from ops.files").item() == "2013-05-02/*** ***/走访.xlsx"
        assert reader.query("select found from ops.quarantine").item() is None
        assert reader.query("select found from ops.findings").item() == "“*** ***”"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13800138000、13900139000", "电话***、***"),
        ("138-0013-8000 或 138 0013 8000", "*** 或 ***"),
        ("(010)62345678", "***"),
        ("身份证11010819900101123X", "身份证***"),
        ("京AB1234", "***"),
        ("3单元502室", "***"),
        ("三单元五〇二", "***"),
        ("电话.13800138000", "电话.***"),
        ("+86 138-0013-8000", "+86 ***"),
        ("手机１３８００１３８０００", "手机***"),
        ("130105199001011234", "***"),
        ("身份证 110108 19900101 1234", "身份证 ***"),
        ("卡号6222 0200 1234 5678 901", "卡号***"),
        ("（010）6234-5678", "***"),
        ("京A·12345", "***"),
        ("3b5d1c0e9f27123456789012345678aa", "3b5d1c0e9f27123456789012345678aa"),
        ("37497.84", "37497.84"),
        ("3470.00000000000", "3470.00000000000"),
        ("花园路甲3号院 3号楼", "花园路甲3号院 3号楼"),
        ("2013-05-02/03标段-进度表2013.12.25.xlsx", "2013-05-02/03标段-进度表2013.12.25.xlsx"),
        ("1571000.00", "1571000.00"),
    ],
)
def test_masks_hide_persons_and_leave_numbers(text: str, shown: str) -> None:
    assert Masker().text(text) == shown
    assert Masker().text(shown) == shown


def test_a_text_that_masking_missed_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as warehouse:
        one_night(warehouse)
        landed = rows(visit("q", "t", "找王小明", topics=["王小明来访"]))
        night = Night(warehouse, "two").receive(landed, JUNE).hear(accepted("r", "q"), JUNE, t=True)
        with monkeypatch.context() as broken:
            broken.setattr(masks, "find", lambda _, queries, __: [{} for _ in queries])
            with pytest.raises(WarehouseError) as raised:
                night.release(words=["王小明"])
        assert str(raised.value).startswith(
            "release: personal data in core.visit.place, core.visit.raw, core.visit.top"
        )
        assert "王小明" not in str(raised.value)
        assert [each.release_no for each in release.releases(tmp_path / "releases")] == [1]
        made = publish(warehouse, tmp_path / "releases", "again", words=["王小明"])
    assert made is not None
    found = query(tmp_path / "releases" / "current.duckdb", "select place, topics from core.visit where row_id = 'q'")
    assert found.rows() == [("找***", ["***来访"])]


def test_a_name_learnt_later_is_worth_a_release(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "王小明家")), MAY).hear(accepted("r"), MAY, s=True).release()
        folder = tmp_path / "releases"
        assert publish(warehouse, folder, "same") is None
        assert publish(warehouse, folder, "told", words=["王小明"]) is not None
        assert publish(warehouse, folder, "same", words=["王小明"]) is None
    assert query(folder / "current.duckdb", "select place from core.visit").item() == "***家"


def test_what_releases_have_in_common_is_made_once_for_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(release, "_made_shell", lambda *of, make=release._made_shell: made.append(of) or make(*of))
    with opened(tmp_path) as warehouse:
        for process in range(4):
            monkeypatch.setattr(release, "_SHELLS", {})
            night = Night(warehouse, f"night-{process}").receive(rows(visit("r", "s", "甲", f"{process}.00")), MAY)
            night.hear(accepted("r"), day(f"2013-06-{process + 2:02d}"), s=True).release(scratch=tmp_path)
            assert query(tmp_path / "releases" / "current.duckdb", "select area_m2::int from core.visit").height
            [kept] = tmp_path.glob("shell-*.duckdb")
            if process == 1:  # a crash while it was written
                kept.write_bytes(kept.read_bytes()[:5000])
    assert len(made) == 2
    newest = query(
        tmp_path / "releases" / "000004.duckdb", "select area_m2::int from core.visit where known_to is null"
    )
    assert newest.item() == 3


def test_everything_inside_is_documented_and_every_macro_works(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb", load()) as warehouse:
        Night(warehouse).release()
    with Reader(tmp_path / "releases" / "current.duckdb") as reader:
        things = reader.objects()
        assert things.filter(pl.col("comment").is_null() | (pl.col("comment") == "")).to_dicts() == []
        macros = things.filter((pl.col("kind") == "macro") & (pl.col("schema_name") != "main"))  # trace asks for more
        assert macros.height > 10
        for schema, name in macros.select("schema_name", "table_name").rows():
            reader.query(f"select * from {schema}.{name}(timestamptz '2014-01-03 00:00:00+08')")
        for form in load().forms.values():
            hidden = {c.name for c in form.columns if c.sensitivity != "open" and not c.published}
            assert not hidden & set(reader.query(f"from core.{form.entity}").columns)


def test_the_past_reads_the_same_in_the_release(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r1", "s", "甲"), visit("r2", "s", "甲", "12.00")), MAY)
        night.hear(accepted("r1"), MAY, s=True).hear(accepted("r2"), JUNE).write(checked=False)
        warehouse.execute("update ops.checks set severity = 'warn'")
        publish(warehouse, tmp_path / "releases", "night")
    sql = "select area_m2::varchar as area from core.visit_as_of(cast($at as timestamptz))"
    found = [
        query(tmp_path / "releases" / "current.duckdb", sql, {"at": at})["area"].to_list()
        for at in ("2013-05-01 23:59:59+08", "2013-05-02 00:00:00+08", "2013-06-02 00:00:00+08")
    ]
    assert found == [[], ["10.00"], ["12.00"]]


def test_a_reader_that_holds_the_stable_path_never_fails(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    with opened(tmp_path) as warehouse:
        one_night(warehouse)
        with Reader(folder / "current.duckdb") as analyst:
            for number, area in enumerate(("11.00", "12.00", "13.00"), start=2):
                made = one_night(warehouse, f"night {number}", area)
                assert made is not None
                assert analyst.query("select area_m2::varchar from core.visit_as_of(now())").item() == "10.00"
                assert (
                    query(
                        folder / "current.duckdb", "select area_m2::varchar from core.visit where known_to is null"
                    ).item()
                    == area
                )


def _read_forever(path: str, stop: "multiprocessing.synchronize.Event", failures: "multiprocessing.Queue[str]") -> None:
    while not stop.is_set():
        try:
            with duckdb.connect(path, read_only=True) as connection:
                counts = connection.execute(
                    "select (select count(*) from core.visit where known_to is null),"
                    " (select max(rows_known) from ops.releases)"
                ).fetchone()
            if counts is None or counts[0] != counts[1]:
                failures.put(f"torn: {counts}")
        except Exception as error:
            failures.put(str(error))


def test_readers_in_other_processes_see_whole_releases_only(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    context = multiprocessing.get_context("spawn")
    stop, failures = context.Event(), context.Queue()
    with opened(tmp_path) as warehouse:
        one_night(warehouse)
        reader = context.Process(target=_read_forever, args=(str(folder / "current.duckdb"), stop, failures))
        reader.start()
        try:
            for number in range(3):
                one_night(warehouse, f"night {number}", f"{number + 20}.00")
        finally:
            stop.set()
            reader.join(30)
    assert failures.empty(), failures.get()


def test_what_an_analyst_writes_stays_in_the_copy_and_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    with opened(tmp_path) as warehouse:
        one_night(warehouse)
        current = folder / "current.duckdb"
        current.chmod(0o644)
        before = (folder / "000001.duckdb").read_bytes()
        with duckdb.connect(str(current)) as careless:
            careless.execute("create table scribble as select 1")
        (folder / "current.duckdb.wal").write_bytes(b"left behind")
        assert (folder / "000001.duckdb").read_bytes() == before
        one_night(warehouse, "next", "11.00")
    assert not (folder / "current.duckdb.wal").exists()
    assert query(current, "select count(*) from duckdb_tables() where table_name = 'scribble'").item() == 0


def test_an_older_release_of_the_same_size_does_not_stay_current(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    current = folder / "current.duckdb"
    with opened(tmp_path) as warehouse:
        one_night(warehouse, "one", "11.00")
        older = current.read_bytes()
        one_night(warehouse, "two", "12.00")
        size = (folder / "000002.duckdb").stat().st_size
        current.unlink()
        current.write_bytes(older.ljust(size, b"\0")[:size])  # and newer by the clock than the release
        Night(warehouse, "three").release()
        assert current.read_bytes() == (folder / "000002.duckdb").read_bytes()


def test_a_release_damaged_on_the_disk_is_not_served(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    with opened(tmp_path) as warehouse:
        one_night(warehouse, "one", "11.00")
        numbered, current = folder / "000001.duckdb", folder / "current.duckdb"
        whole = numbered.read_bytes()
        numbered.chmod(0o644)
        numbered.write_bytes(whole[:5000] + b"?" + whole[5001:])
        Night(warehouse, "two").release()
        assert current.read_bytes() == whole
        current.unlink()
        with pytest.raises(WarehouseError) as error:
            Night(warehouse, "three").release()
    assert str(error.value) == (
        f"release {numbered}: its bytes are not those that were written; expected the file as it was made."
        " Check the disk, remove this file and the .json beside it, and run the night again."
    )
    assert not current.exists()


@pytest.mark.parametrize(
    "killed_at", ["_copy_rows", "_require_readable", "_write_facts", "_make_current", "_record_at_end", "_prune"]
)
def test_a_night_killed_while_releasing_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    folder = tmp_path / "releases"
    calls = {"_record": 0}
    with opened(tmp_path) as warehouse:
        one_night(warehouse, area="11.00")
        real = release._record

        def die(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        def die_second_time(*arguments: object) -> None:
            calls["_record"] += 1
            if calls["_record"] == 2:
                raise KeyboardInterrupt
            real(*arguments)

        target = "_record" if killed_at == "_record_at_end" else killed_at
        monkeypatch.setattr(release, target, die_second_time if killed_at == "_record_at_end" else die)
        with pytest.raises(KeyboardInterrupt):
            one_night(warehouse, "two", "12.00")
        assert query(
            folder / "current.duckdb", "select area_m2::varchar from core.visit where known_to is null"
        ).item() in (
            "11.00",
            "12.00",
        )
        monkeypatch.undo()
        Night(warehouse, "two again").release()
        area = query(folder / "current.duckdb", "select area_m2::varchar from core.visit where known_to is null").item()
        assert area == "12.00"
        assert [r.release_no for r in release.releases(folder)] == [1, 2]
        assert warehouse.frame("select release_no from ops.releases order by 1")["release_no"].to_list() == [1, 2]
        assert not [name for name in names(folder) if name.startswith(".")]


def test_a_process_killed_between_commit_and_release_loses_nothing(tmp_path: Path) -> None:
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from dataclasses import replace
from pathlib import Path
from tests.warehouse.office import VISIT, Night, accepted, day, opened, rows, visit
warehouse = opened(Path({str(tmp_path)!r}))
night = Night(warehouse).receive(rows(visit("r", "s", "甲")), day("2013-05-02"))
night.hear(accepted("r"), day("2013-05-02"), s=True).write()
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    other = tmp_path / "undisturbed"
    other.mkdir()
    with opened(tmp_path) as warehouse:
        made = Night(warehouse, "again").release()
    with opened(other) as warehouse:
        undisturbed = one_night(warehouse)
    assert made is not None
    assert undisturbed is not None
    assert (made.state_digest, made.history_digest) == (undisturbed.state_digest, undisturbed.history_digest)


def test_only_the_last_are_kept_and_numbers_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    with opened(tmp_path) as warehouse:
        for number in range(1, 5):
            Night(warehouse, str(number)).receive(rows(visit("r", "s", "甲", f"{number}.00")), MAY).hear(
                accepted("r"), MAY, s=True
            ).release(keep=2)
        assert names(folder) == ["000003.duckdb", "000003.json", "000004.duckdb", "000004.json", "current.duckdb"]
        history = query(folder / "current.duckdb", "select release_no from ops.releases order by 1")[
            "release_no"
        ].to_list()
        assert history == [1, 2, 3, 4]
        assert released_path(folder, 3) == folder / "000003.duckdb"
        with pytest.raises(WarehouseError, match="release 1: not in the folder; expected one of 3, 4"):
            released_path(folder, 1)
        shutil.rmtree(folder)
        made = publish(warehouse, folder, "after the folder was lost")
        assert made is not None
        assert made.release_no == 5


def test_a_failed_check_keeps_the_last_release(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        one_night(warehouse)
        night = (
            Night(warehouse, "bad").receive(rows(visit("r", "s", "甲", "11.00")), MAY).hear(accepted("r"), MAY, s=True)
        )
        night.write()
        warehouse.execute(
            "update ops.checks set outcome = 'failed', failing_rows = 1, examples = 'x=1' where run_id = 'bad'"
        )
        with pytest.raises(WarehouseError, match=r"check \w+ on \S+ failed \(1 rows: x=1\)"):
            publish(warehouse, tmp_path / "releases", "bad")
    assert names(tmp_path / "releases") == ["000001.duckdb", "000001.json", "current.duckdb"]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "releases").write_text("not a folder")
    with opened(tmp_path) as warehouse, pytest.raises(WarehouseError, match=r"releases .*: cannot be written"):
        one_night(warehouse)


def test_no_release_yet_is_said(tmp_path: Path) -> None:
    assert status(tmp_path)["release"] is None
    with pytest.raises(
        WarehouseError, match=r"current.duckdb: no such file; expected a released file. Run `xinyan nightly`"
    ):
        query(tmp_path / "current.duckdb", "select 1")


def test_where_nothing_can_be_released_the_load_is_kept_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise duckdb.IOException("No space left on device")

    with opened(tmp_path) as warehouse:
        one_night(warehouse, area="11.00")
        monkeypatch.setattr(release, "_copy_rows", full)
        with pytest.raises(WarehouseError) as raised:
            one_night(warehouse, "two", "12.00")
        assert "The night's load is kept; nothing was released" in str(raised.value)
        assert f"releases {(tmp_path / 'releases').resolve()}: cannot be written" in str(raised.value)
        monkeypatch.undo()
        sql = "select area_m2::varchar from core.visit where known_to is null"
        assert warehouse.value(sql) == "12.00"


def test_an_internal_text_that_a_summary_shows_is_published_masked(tmp_path: Path) -> None:
    columns = tuple(replace(c, published=True) if c.name == "note" else c for c in VISIT.columns)
    with opened(tmp_path, replace(VISIT, columns=columns)) as warehouse:
        said = visit("r", "s", "甲", note="请打13800000000找我", raw={"note": "请打13800000000找我"})
        Night(warehouse).receive(rows(said), MAY).hear(accepted("r"), MAY, s=True).release()
    found = query(tmp_path / "releases" / "current.duckdb", "select note, raw.note from core.visit").rows()
    assert found == [("请打***找我", "请打***找我")]
