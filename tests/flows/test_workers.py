"""Reading in isolation: a file that crashes, hangs or breaks a reader costs itself; what was read is not read again."""

import hashlib
import os
import signal
import time

import pytest

from flows import home, workers
from flows.settings import Limits
from flows.workers import Original

QUICK = Limits(workers=2, seconds_per_file=3)


@pytest.fixture
def place(tmp_path):
    return home.create(tmp_path / "home")


@pytest.fixture
def originals(place):
    def keep(*contents):
        kept = []
        for content in contents:
            file_id = hashlib.sha256(content).hexdigest()
            target = place.archived(file_id)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
            kept.append(Original(file_id, f"{content.decode()[:20]}.csv"))
        return kept

    return keep


def misbehaving(archived, file_name, file_id, target):
    """Stands in for reading one file; does what the file's name says."""
    match file_name.removesuffix(".csv"):
        case "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(60)
        case "fail":
            return "读取时出错（ValueError）"
    return None


def test_each_misbehaving_file_costs_itself(place, originals, monkeypatch):
    monkeypatch.setattr(workers, "_read_one", misbehaving)
    monkeypatch.setattr(workers, "_prepare", print)
    told = workers.read_all(place, originals(b"good", b"crash", b"fail", b"hang", b"good too"), QUICK)
    assert [(each.file_name, each.failure) for each in told] == [
        ("good.csv", None),
        ("crash.csv", "读取进程中断（文件可能损坏，或占用内存过大）"),
        ("fail.csv", "读取时出错（ValueError）"),
        ("hang.csv", "读取超过3秒"),
        ("good too.csv", None),
    ]


def test_a_file_that_was_given_up_has_one_finding(place, originals):
    (original,) = originals(b"x")
    reading = workers.unread(workers.Read(original.file_id, original.file_name, None, "读取超过60秒"))
    assert reading.findings.select("code", "severity", "file_id", "found").rows() == [
        ("E45", "R", original.file_id, "读取超过60秒")
    ]
    assert reading.sheets.is_empty()
    assert reading.rows == {}


def test_a_file_larger_than_the_limit_is_not_opened(place, originals, monkeypatch):
    (original,) = originals(b"x" * (1 << 20) + b"y")
    (told,) = workers.read_all(place, [original], Limits(file_megabytes=1))
    assert told.failure == "文件大于1MB"


def test_what_was_read_comes_back_the_same_and_is_not_read_twice(place, monkeypatch):
    from transforms.sample import make_year

    file = next(file for file in make_year() if "F06" in file.path or "进度" in file.path)
    file_id = hashlib.sha256(file.data).hexdigest()
    target = place.archived(file_id)
    target.parent.mkdir()
    target.write_bytes(file.data)
    original = Original(file_id, file.path.rpartition("/")[2])
    (told,) = workers.read_all(place, [original], Limits(workers=1))
    first = workers.load_reading(told.path)
    assert first.file_id == file_id
    assert first.submissions.height == 1
    again = place.root / "again.reading"
    workers.save_reading(first, again)
    second = workers.load_reading(again)
    assert all(rows.equals(second.rows[entity]) for entity, rows in first.rows.items())
    assert first.cells.equals(second.cells)
    monkeypatch.setattr(workers, "_in_processes", lambda *_: pytest.fail("read again"))
    assert workers.read_all(place, [original], Limits(workers=1)) == [told]


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
