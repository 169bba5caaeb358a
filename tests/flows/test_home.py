"""The home: made where asked for, never by mistake; the lock names its holder; the log tells nights apart."""

import datetime as dt
import json
import os
import subprocess
import sys

import pytest

from flows import due, home, lock, logs
from flows.errors import UserError
from flows.settings import ZONE, Schedule


def test_a_home_that_does_not_exist_is_wrong_use(tmp_path):
    with pytest.raises(UserError) as raised:
        home.enter(tmp_path / "none")
    assert "no such folder; expected an existing home. Make one with `xinyan sample" in str(raised.value)


def test_entering_makes_what_is_missing_and_keeps_what_is_there(tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "settings.toml").write_text("# ours\n", encoding="utf-8")
    entered = home.enter(tmp_path)
    assert entered.settings_file.read_text(encoding="utf-8") == "# ours\n"
    assert entered.aliases_file.exists()
    assert {room.name for room in tmp_path.iterdir() if room.is_dir()} == {
        "inbox",
        "archive",
        "reference",
        "staging",
        "logs",
        "releases",
        "returned",
        "reports",
    }


def test_a_file_in_the_place_of_a_home_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        home.create(tmp_path / "file" / "home")


def test_the_second_writer_is_told_who_is_first(tmp_path):
    path = tmp_path / "writer.lock"
    with lock.writer(path, "xinyan nightly"):
        code = (
            "import sys; from pathlib import Path; from flows import lock, errors\n"
            "try:\n    lock.writer(Path(sys.argv[1]), 'x').__enter__()\n"
            "except errors.UserError as error:\n    print(error)"
        )
        second = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert f"held by process {os.getpid()} (xinyan nightly) since " in second.stdout
    assert "expected no other writer. Wait until it has finished, then run again." in second.stdout
    with lock.writer(path, "xinyan nightly"):
        pass


def test_a_lock_file_left_by_a_dead_process_stops_nobody(tmp_path):
    path = tmp_path / "writer.lock"
    path.write_text(json.dumps({"pid": 1, "since": "2014-01-01", "doing": "xinyan nightly"}))
    with lock.writer(path, "xinyan nightly"):
        pass


def night(folder, started, *events):
    path = folder / f"{started:%Y-%m-%dT%H%M%S}.jsonl"
    lines = [{"at": started.isoformat(), "event": "night started", "run_id": started.isoformat()}, *events]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_nights_that_completed_failed_and_were_killed(tmp_path):
    night(tmp_path, at("2014-01-01T01:30"), {"event": "night completed"})
    night(tmp_path, at("2014-01-02T01:30"), {"event": "night failed", "error": "OSError"})
    night(tmp_path, at("2014-01-03T01:30"))
    assert [(run.completed, run.error) for run in logs.nights(tmp_path)] == [
        (True, None),
        (False, "OSError"),
        (False, None),
    ]


def test_ninety_nights_are_kept(tmp_path):
    for number in range(100):
        logs.open_night(tmp_path, at("2014-01-01T01:30") + dt.timedelta(days=number))
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert (len(kept), kept[0]) == (90, "2014-01-11T013000.jsonl")


@pytest.mark.parametrize(
    ("now", "missed", "overdue"),
    [
        ("2014-01-02T01:00", None, None),
        ("2014-01-02T01:40", "2014-01-02T01:30", None),
        ("2014-01-02T06:00", "2014-01-02T01:30", "2014-01-02T01:30"),
        ("2014-01-03T02:00", "2014-01-03T01:30", "2014-01-02T01:30"),
    ],
)
def test_a_night_is_missed_at_once_and_overdue_from_six(tmp_path, now, missed, overdue):
    night(tmp_path, at("2014-01-01T01:30"), {"event": "night completed"})
    runs, schedule = logs.nights(tmp_path), Schedule()
    assert due.missed(runs, schedule, at(now)) == (missed and at(missed))
    assert due.overdue(runs, schedule, at(now)) == (overdue and at(overdue))


def test_a_home_without_any_night_is_not_overdue():
    assert due.overdue([], Schedule(), at("2014-01-02T12:00")) is None
