"""Hostile files in a batch: each has its typed outcome, the parent lives, and honest files among them are untouched."""

import os
import socket
from pathlib import Path

import duckdb
import pytest

import schemas.forms
from flows import home, intake, night
from flows.settings import Limits
from tests.faults import hostile
from tests.faults.attacks import ATTACKS, BOMBS
from tests.faults.mutants import mutants
from tests.faults.zygote import of_few_forms
from tests.transforms.layout_books import book, building, f06
from tests.transforms.test_workbook import package

EXPECTED = Path(__file__).with_name("expected.tsv")
LIMITS = Limits()


def test_there_are_attacks_enough():
    assert len(ATTACKS) >= 150
    assert len(ATTACKS) + len(BOMBS) == len({*ATTACKS, *BOMBS})


def test_every_attack_comes_to_what_it_should(tmp_path):
    named = [*((name, make()) for name, make in ATTACKS.items()), *mutants(60)]
    ran, wrong = hostile.read_corpus(named, LIMITS, tmp_path)
    assert wrong == []
    found = {each.name: each.outcome for each in ran}
    expected = dict(line.split("\t") for line in EXPECTED.read_text(encoding="utf-8").splitlines())
    told = {name: found.get(name) for name in ATTACKS if name in found}
    assert told == {name: expected[name] for name in told}, "python -m tests.faults.hostile expected"
    assert set(expected) == set(ATTACKS)
    assert {found[name] for name in found if name.startswith("mutant")} <= {"ok", "refused", "corrupt", "encrypted"}
    assert max(each.seconds for each in ran) <= 30
    assert max(each.peak_bytes for each in ran) <= 1536 << 20


@pytest.mark.long
def test_bombs_and_a_thousand_mutants(tmp_path):
    ran, wrong = hostile.read_corpus(((name, make()) for name, make in BOMBS.items()), LIMITS, tmp_path / "a")
    more, wronged = hostile.read_corpus(mutants(1000), LIMITS, tmp_path / "b")
    assert wrong + wronged == []
    assert max(each.peak_bytes for each in (*ran, *more)) <= 1536 << 20
    assert {each.outcome for each in ran} <= {"ok", "refused", "corrupt", "out_of_memory", "timed_out"}
    assert {each.outcome for each in more} <= {"ok", "refused", "corrupt", "encrypted"}


def drop(place, name, data):
    Path(os.fsdecode(os.fsencode(place.inbox) + b"/" + os.fsencode(name))).write_bytes(data)


HONEST = {f"施工进度{number}.xlsx": book(f06(building(number), building(number + 10))) for number in (1, 2)}
SENT = {
    "\x1b]0;owned\x07\x1b[31m月报.xlsx": b"%PDF-1.4",
    "line\nbreak|cell.xlsx": b"",
    "<script>alert(1)</script>.xlsx".replace("/", "∕"): package('<row r="1"><c r="A1">'),
    "'; drop table core.building_register; --.xlsx": b"PK\x03\x04",
    "\u202eslx.exe": b"MZ\x90\x00" + bytes(100),
    "$(touch owned) `touch owned`.csv": b"\xff\xff\xfe,1\n\x81",
    "x" * 250 + ".xls": ATTACKS["xls: four billion shared texts"](),
}


def test_a_night_survives_a_hostile_inbox(tmp_path, monkeypatch):
    monkeypatch.setattr(schemas.forms, "load", of_few_forms(schemas.forms.load))  # the summaries cost most of a night
    place = home.create(tmp_path / "home")
    for name, data in {**HONEST, **SENT}.items():
        drop(place, name, data)
    drop(place, "月报.xlsx".encode("gb18030"), HONEST["施工进度1.xlsx"][:-30])
    (tmp_path / "secret.xlsx").write_bytes(HONEST["施工进度2.xlsx"] + b"\0")
    (place.inbox / "link.xlsx").symlink_to(tmp_path / "secret.xlsx")
    os.link(tmp_path / "secret.xlsx", place.inbox / "other name.xlsx")
    os.mkfifo(place.inbox / "pipe.xlsx")
    (place.inbox / "folder.xlsx").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(place.inbox)  # the whole path would be too long for a socket
        listening.bind("socket.xlsx")
        monkeypatch.chdir(tmp_path)
    with night.begin(place.root, None) as begun:
        summary = night.one_night(begun)
    paths = [receipt.path for receipt in intake.receipts(place)]
    assert len(paths) == len(HONEST) + len(SENT) + 1
    assert all(sign.isprintable() or sign == "\u3000" for path in paths for sign in path)
    assert summary is not None
    with duckdb.connect(str(place.current.resolve()), read_only=True) as connection:
        outcomes = dict(connection.sql("select path, outcome from ops.files").fetchall())
    assert {path for path, outcome in outcomes.items() if outcome != "refused"} == set(HONEST)
    assert not [path for path in (place.root, place.inbox, Path.cwd()) if (path / "owned").exists()]
    journal = next(place.reports.glob("20*.md")).read_text(encoding="utf-8")
    assert "<script>" not in journal and "\x1b" not in journal and "\u202e" not in journal
    assert "另有名称指向同一文件" in journal and "符号链接" in journal
