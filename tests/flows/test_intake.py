"""Intake: what is a sender's file, when it was received, and that twice is once."""

import datetime as dt
import fcntl
import json
import os
import stat
from pathlib import Path

import pytest

from flows import admission, home, intake
from flows.errors import UserError
from flows.settings import ZONE

NIGHT = dt.datetime(2014, 1, 10, 1, 30, tzinfo=ZONE)


@pytest.fixture
def place(tmp_path):
    return home.create(tmp_path / "home")


def drop(place, path, content=b"x"):
    target = place.inbox / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def paths(taken):
    return [receipt.path for receipt in taken.new]


def test_files_come_in_order_of_receipt_then_path(place):
    for path in ("2013-04-02/b.xlsx", "late.xlsx", "2013-04-02/a.xlsx", "2013-03-01/z/deep.xlsx"):
        drop(place, path, path.encode())
    taken = intake.take_in(place, NIGHT)
    assert paths(taken) == ["2013-03-01/z/deep.xlsx", "2013-04-02/a.xlsx", "2013-04-02/b.xlsx", "late.xlsx"]
    assert [receipt.received_at for receipt in taken.new][1:] == [
        dt.datetime(2013, 4, 2, tzinfo=ZONE),
        dt.datetime(2013, 4, 2, tzinfo=ZONE),
        NIGHT,
    ]


def test_the_original_is_archived_unchanged_and_private(place):
    drop(place, "a.xlsx", b"original")
    (receipt,) = intake.take_in(place, NIGHT).new
    archived = place.archived(receipt.file_id)
    assert archived.read_bytes() == b"original"
    assert stat.S_IMODE(archived.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.archive.stat().st_mode) == 0o700
    assert (place.inbox / "a.xlsx").read_bytes() == b"original"


def test_a_second_look_finds_nothing_new(place):
    drop(place, "a.xlsx")
    first = intake.take_in(place, NIGHT)
    second = intake.take_in(place, NIGHT + dt.timedelta(days=1))
    assert (len(first.new), len(second.new)) == (1, 0)
    assert intake.receipts(place) == list(first.new)


def test_the_same_bytes_under_another_name_are_another_receipt_of_one_original(place):
    drop(place, "a.xlsx", b"same")
    drop(place, "a (1).xlsx", b"same")
    taken = intake.take_in(place, NIGHT)
    assert len(taken.new) == 2
    assert len({receipt.file_id for receipt in taken.new}) == 1


def test_a_changed_file_under_the_same_name_is_new(place):
    drop(place, "a.xlsx", b"first")
    intake.take_in(place, NIGHT)
    drop(place, "a.xlsx", b"second")
    assert paths(intake.take_in(place, NIGHT)) == ["a.xlsx"]


def test_links_lock_files_and_hidden_files_are_left_alone_and_told(place, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.xlsx").write_bytes(b"secret")
    (place.inbox / "link.xlsx").symlink_to(outside / "secret.xlsx")
    (place.inbox / "folder").symlink_to(outside, target_is_directory=True)
    os.mkfifo(place.inbox / "pipe")
    drop(place, "~$a.xlsx")
    drop(place, ".DS_Store")
    taken = intake.take_in(place, NIGHT)
    assert taken.new == ()
    assert {(skipped.path, skipped.why) for skipped in taken.skipped} == {
        ("link.xlsx", "symbolic link"),
        ("folder", "symbolic link"),
        ("pipe", "not a regular file"),
        ("~$a.xlsx", "lock file of an open workbook"),
        (".DS_Store", "hidden file"),
    }


def why_not(taken):
    return {skipped.path: skipped.why for skipped in taken.skipped}


def test_a_file_that_another_name_leads_to_is_left_alone(place, tmp_path):
    (tmp_path / "passwords.xlsx").write_bytes(b"secret")
    os.link(tmp_path / "passwords.xlsx", place.inbox / "report.xlsx")
    taken = intake.take_in(place, NIGHT)
    assert (taken.new, why_not(taken)) == ((), {"report.xlsx": "another name leads to the same file"})
    assert not list(place.archive.glob("??/*"))


def test_a_link_put_in_place_after_the_listing_is_not_followed(place, tmp_path, monkeypatch):
    (tmp_path / "secret.xlsx").write_bytes(b"secret")
    (place.inbox / "a.xlsx").symlink_to(tmp_path / "secret.xlsx")
    drop(place, "b.xlsx", b"fine")
    monkeypatch.setattr(admission, "_check_kind", lambda found: None)
    taken = intake.take_in(place, NIGHT)
    assert (paths(taken), why_not(taken)) == (["b.xlsx"], {"a.xlsx": "symbolic link"})


def test_a_pipe_put_in_place_after_the_listing_is_not_waited_for(place, monkeypatch):
    os.mkfifo(place.inbox / "a.xlsx")
    real = admission._check_kind
    asked = []
    monkeypatch.setattr(admission, "_check_kind", lambda found: real(found) if asked else asked.append(found))
    assert why_not(intake.take_in(place, NIGHT)) == {"a.xlsx": "not a regular file"}


def test_a_file_larger_than_is_admitted_is_not_copied(place):
    drop(place, "a.xlsx", b"x" * (2 << 20))
    drop(place, "b.xlsx", b"x")
    taken = intake.take_in(place, NIGHT, most_megabytes=1)
    assert (paths(taken), why_not(taken)) == (["b.xlsx"], {"a.xlsx": "larger than 1 MB (limits.admit_megabytes)"})


@pytest.mark.skipif(not hasattr(fcntl, "F_SETLEASE"), reason="no leases on this system")
def test_a_file_that_somebody_still_writes_is_left_for_the_next_night(place):
    target = drop(place, "a.xlsx", b"half")
    with target.open("ab") as writer:
        writer.write(b" and half")
        taken = intake.take_in(place, NIGHT)
        assert why_not(taken) == {"a.xlsx": "still being written; left for the next night"}
    (receipt,) = intake.take_in(place, NIGHT).new
    assert place.archived(receipt.file_id).read_bytes() == b"half and half"


def test_a_file_that_changes_while_it_is_copied_is_left_for_the_next_night(place, monkeypatch):
    target = drop(place, "a.xlsx", b"before")
    monkeypatch.setattr(admission, "_hold_still", lambda handle: target.write_bytes(b"behind") and True)
    taken = intake.take_in(place, NIGHT)
    assert why_not(taken) == {"a.xlsx": "changed while it was read; left for the next night"}
    assert intake.receipts(place) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\x1b[31mred.xlsx", "a\\x1b[31mred.xlsx"),
        (b"two\nlines.xlsx", "two\\x0alines.xlsx"),
        ("a\u202excod.exe".encode(), "a\\u202excod.exe"),
        ("花园路月报.xlsx".encode("gb18030"), "花园路月报.xlsx"),
        (b"\xff\xfe.xlsx", "\\xff\\xfe.xlsx"),
        ("花园路 (1)'; drop table x --.xlsx".encode(), "花园路 (1)'; drop table x --.xlsx"),
    ],
    ids=["colours", "two lines", "written backwards", "gb18030", "no text", "sql"],
)
def test_a_name_is_shown_without_what_could_harm(place, name, shown):
    (Path(os.fsdecode(os.fsencode(place.inbox) + b"/" + name))).write_bytes(b"x")
    taken = intake.take_in(place, NIGHT)
    assert paths(taken) == [shown]
    assert intake.receipts(place) == list(taken.new)
    assert intake.take_in(place, NIGHT).new == ()


def test_a_folder_that_is_no_day_is_no_date(place):
    drop(place, "2013-02-30/a.xlsx")
    drop(place, "2013-4-2/b.xlsx", b"y")
    assert {receipt.received_at for receipt in intake.take_in(place, NIGHT).new} == {NIGHT}


def test_as_of_takes_dated_folders_up_to_that_day_only(place):
    for path in ("2014-01-02/a.xlsx", "2014-01-09/b.xlsx", "c.xlsx"):
        drop(place, path, path.encode())
    assert paths(intake.take_in(place, NIGHT, until=dt.date(2014, 1, 3))) == ["2014-01-02/a.xlsx"]


def test_a_receipt_cut_off_by_a_crash_is_written_again(place):
    drop(place, "a.xlsx")
    drop(place, "b.xlsx", b"y")
    intake.take_in(place, NIGHT)
    whole = place.receipts.read_bytes()
    place.receipts.write_bytes(whole[:-20])
    assert paths(intake.take_in(place, NIGHT)) == ["b.xlsx"]
    assert place.receipts.read_bytes() == whole


@pytest.mark.parametrize("cut", [1, 2, 12], ids=["newline", "brace", "inside a character"])
def test_a_line_cut_off_in_either_log_is_said_again(place, cut):
    drop(place, "2013-04-02/表.xlsx")
    intake.take_in(place, NIGHT)
    intake.record_decision(place, "alias", NIGHT, why="来函")
    for log, told in ((place.receipts, intake.receipts), (place.decisions, intake.decisions)):
        whole, said = log.read_bytes(), told(place)
        end = whole.index("表".encode() if log == place.receipts else "函".encode()) + 1 if cut == 12 else -cut
        log.write_bytes(whole[:end])
        assert told(place) == (said if cut == 1 else [])
    intake.take_in(place, NIGHT)
    intake.record_decision(place, "alias", NIGHT, why="再函")
    assert [receipt.path for receipt in intake.receipts(place)] == ["2013-04-02/表.xlsx"]
    assert [entry["why"] for entry in intake.decisions(place)][-1] == "再函"


def test_a_damaged_receipt_is_named(place):
    place.receipts.write_text('{"path": "a.xlsx"}\n{}\n', encoding="utf-8")
    told = "line 1: not a receipt; expected JSON with path, sha256, received_at and bytes"
    with pytest.raises(UserError, match=told):
        intake.receipts(place)


def test_decisions_are_kept_in_order(place):
    intake.record_decision(place, "apply", NIGHT, reason="因台账更正")
    intake.record_decision(place, "undo", NIGHT, reason="误")
    assert [decision["kind"] for decision in intake.decisions(place)] == ["apply", "undo"]
    assert json.loads(place.decisions.read_text(encoding="utf-8").splitlines()[0])["known_from"] == NIGHT.isoformat()
