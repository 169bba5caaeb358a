"""Reading in isolation: a file that crashes, hangs or breaks a reader costs itself; what was read is not read again."""

import hashlib
import io
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from flows import confinement, home, isolation, staged, workers
from flows.errors import RunFailedError
from flows.isolation import Reader
from flows.settings import Limits
from flows.workers import Original
from schemas.forms import load
from tests.transforms.layout_books import book, building, f06
from transforms.layout import read_file

QUICK = Limits(workers=2, seconds_per_file=2, memory_megabytes=900)
MISBEHAVING = ("schemas", "tests.flows.misbehaving")
HONEST, LAST = book(f06(building(1), building(2))), book(f06(building(3)))


@pytest.fixture
def place(tmp_path):
    yield home.create(tmp_path / "home")
    isolation.end_readers()


@pytest.fixture
def keep(place):
    def archived(content, name):
        file_id = hashlib.sha256(content).hexdigest()
        target = place.archived(file_id)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        return Original(file_id, name)

    return archived


def test_each_misbehaving_file_costs_itself_and_has_a_typed_outcome(place, keep, monkeypatch):
    started = []
    begin = Reader.__init__
    monkeypatch.setattr(Reader, "__init__", lambda self, terms: (started.append(terms), begin(self, terms))[1])
    deeds = ["killed", "raised", "hung", "panicked", "another", "ate"]
    originals = [keep(f"{deed}\n1,2\n".encode(), f"deed {deed}.csv") for deed in deeds]
    originals = [keep(HONEST, "first.xlsx"), *originals, keep(LAST, "last.xlsx")]
    told = workers.read_all(place, originals, QUICK, MISBEHAVING)
    twice = "读取进程两次中断（文件可能损坏）"
    assert [(each.file_name, each.outcome, each.failure) for each in told] == [
        ("first.xlsx", "ok", None),
        ("deed killed.csv", "crashed", twice),
        ("deed raised.csv", "crashed", "读取时出错（ZeroDivisionError）"),
        ("deed hung.csv", "timed_out", "读取超过2秒（limits.seconds_per_file）"),
        ("deed panicked.csv", "crashed", "读取时出错（BaseException）"),
        ("deed another.csv", "crashed", twice),
        ("deed ate.csv", "out_of_memory", "读取时内存不足，超过900MB（limits.memory_megabytes）"),
        ("last.xlsx", "ok", None),
    ]
    first, last = (workers.load_reading(told[place].path) for place in (0, -1))
    here = read_file(HONEST, "first.xlsx", first.file_id, load())
    assert first.rows["contractor_progress"].equals(here.rows["contractor_progress"])
    assert last.rows["contractor_progress"].height == 1
    # Two at a time, a third for the second look at the one that died, and one after each error inside a reader.
    assert 2 + 1 + 4 <= len(started) + 1 <= 2 + 2 + 5


@pytest.mark.long
def test_every_way_to_die_has_its_outcome(place, keep):
    deeds = {"aborted": "crashed", "left": "crashed", "spun": "timed_out", "child": "timed_out", "killed": "crashed"}
    originals = [keep(f"{deed}\n1,2\n".encode(), f"deed {deed}.csv") for deed in deeds]
    told = workers.read_all(place, originals, QUICK, MISBEHAVING)
    assert [each.outcome for each in told] == list(deeds.values())


def test_a_reading_process_sees_and_reaches_nothing(place, keep):
    (told,) = workers.read_all(place, [keep(b"looked around\n1,2\n", "deed.csv")], QUICK, MISBEHAVING)
    seen = json.loads(workers.load_reading(told.path).format)
    [reader] = isolation._WARM[0]._all
    assert {"limits", "guard"} <= set(reader.confinement)
    assert [seen[deed] for deed in ("open", "write", "socket", "process", "neighbour")] == ["refused"] * 5
    assert {"HOME", "PATH", "USER", "XINYAN_HOME"}.isdisjoint(seen["environment"].split(","))
    assert seen["folder"] in ("", "refused")
    assert not Path("/tmp/xinyan-was-here").exists()
    if "landlock" in reader.confinement:
        assert (seen["native open"], seen["native neighbour"], seen["native connect"]) == (-1, -1, -1)


def test_packages_that_are_not_on_the_path_are_read_where_an_import_finds_them():
    """An editable install finds them by a hook; started from another folder, `sys.path` does not hold their place."""
    packages = [str(Path(workers.__file__).parents[1] / name) for name in ("flows", "schemas", "transforms")]
    found = confinement.find_libraries(["/usr/lib"], ("schemas",), os.getcwd())
    assert set(packages) <= set(found.read)
    assert {os.path.dirname(packages[0])} == set(found.listed)


def test_a_process_that_cannot_start_says_why(place, keep):
    with pytest.raises(
        RunFailedError, match=r"before it could read \(.*(Error|cannot).*\); .* limits.memory_megabytes"
    ):
        workers.read_all(place, [keep(b"1,2", "a.csv")], Limits().model_copy(update={"memory_megabytes": 64}))


def test_a_refusal_has_its_kind_and_its_reading(place, keep):
    originals = [keep(b"%PDF-1.4", "a.xlsx"), keep(HONEST[: len(HONEST) // 2], "b.xlsx")]
    pdf, cut = workers.read_all(place, originals, QUICK)
    assert (pdf.outcome, pdf.failure, cut.outcome) == ("refused", None, "corrupt")
    assert workers.load_reading(pdf.path).findings["found"].to_list() == ["文件内容是PDF 文档，不是电子表格"]
    assert [each.outcome for each in workers.read_all(place, originals, QUICK)] == ["refused", "corrupt"]


def test_limits_of_the_settings_reach_the_reader(place, keep):
    (told,) = workers.read_all(place, [keep(HONEST, "a.xlsx")], Limits(cells_per_file=5, workers=1))
    assert told.outcome == "refused"
    assert "有内容的单元格数不超过 5" in workers.load_reading(told.path).findings["expected"].item()


def test_a_file_that_was_given_up_has_one_finding(place, keep):
    original = keep(b"x", "x.csv")
    reading = workers.unread(workers.Read(original.file_id, original.file_name, None, "读取超过60秒", "timed_out"))
    assert reading.findings.select("code", "severity", "file_id", "found").rows() == [
        ("E45", "R", original.file_id, "读取超过60秒")
    ]
    assert reading.sheets.is_empty()
    assert reading.rows == {}


def test_a_file_larger_than_the_limit_is_not_opened(place, keep):
    original = keep(b"x" * (1 << 20) + b"y", "x.csv")
    (told,) = workers.read_all(place, [original], Limits(file_megabytes=1))
    assert (told.outcome, told.failure) == ("refused", "文件大于1MB（limits.file_megabytes）")


def test_what_was_read_comes_back_the_same_and_is_not_read_twice(place, keep, monkeypatch):
    original = keep(HONEST, "进度表.xlsx")
    (told,) = workers.read_all(place, [original], Limits(workers=1))
    first = workers.load_reading(told.path)
    assert (first.file_id, first.file_name) == (original.file_id, "进度表.xlsx")
    second = staged.unpack(staged.pack(first))
    assert all(rows.equals(second.rows[entity]) for entity, rows in first.rows.items())
    assert first.cells.equals(second.cells)
    monkeypatch.setattr(workers, "_in_processes", lambda *_: pytest.fail("read again"))
    assert workers.read_all(place, [original], Limits(workers=1)) == [told]


def zipped(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_txt", ".txt").replace("_arrow", ".arrow"), data)
    return buffer.getvalue()


def arrow(**columns):
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_ipc(buffer)
    return buffer.getvalue()


FACTS = "f\nxlsx\n\nx.xlsx"


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"not a zip",
        zipped(other_txt="x"),
        zipped(file_txt="one line"),
        zipped(file_txt=FACTS, sheets_arrow=b"ARROW1"),
        zipped(file_txt=FACTS, sheets_arrow=arrow(file_id=["x"])),
        zipped(file_txt=FACTS, rows__thing_arrow=arrow(anything=[1])),
        zipped(file_txt=FACTS, rows__DROP_arrow=arrow(anything=[1])),
    ],
    ids=["nothing", "no zip", "other part", "no facts", "no arrow", "other columns", "other rows", "other name"],
)
def test_bytes_that_are_no_reading_are_not_taken_for_one(packed):
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever is raised, it is caught where answers are taken
        staged.unpack(packed)


STRACE = shutil.which("strace")


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
def test_nothing_outside_the_libraries_is_opened_while_files_are_read(place, keep, tmp_path, monkeypatch):
    script, log = tmp_path / "traced", tmp_path / "trace"
    script.write_text(f'#!/bin/sh\nexec {STRACE} -f -qq -e trace=file,network -o {log} {sys.executable} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(isolation, "_ENVIRONMENT", {**isolation._ENVIRONMENT, "PATH": os.environ["PATH"]})
    originals = [keep(HONEST, "a.xlsx"), keep(b"a,b\n1,2\n", "b.csv")]
    assert {each.outcome for each in workers.read_all(place, originals, Limits(workers=1))} == {"ok"}
    isolation.end_readers()
    lines = log.read_text(errors="replace").splitlines()
    ready = next(number for number, line in enumerate(lines) if "guard" in line or "sendto" in line)
    opened = [line for line in lines[ready:] if any(call in line for call in ("open", "connect(", "socket("))]
    libraries = (sys.prefix, sys.base_prefix, str(Path(workers.__file__).parents[1]), "/usr/lib", "/lib")
    assert [line for line in opened if "ENOENT" not in line and not any(each in line for each in libraries)] == []


def test_the_code_version_changes_with_a_layout(tmp_path, monkeypatch):
    package = tmp_path / "more_forms"
    (package / "layouts").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "layouts" / "a.toml").write_text("title = 'a'")
    monkeypatch.syspath_prepend(tmp_path)
    workers.code_version.cache_clear()
    first = workers.code_version(("schemas", "more_forms"))
    (package / "layouts" / "a.toml").write_text("title = 'b'")
    workers.code_version.cache_clear()
    assert workers.code_version(("schemas", "more_forms")) != first
