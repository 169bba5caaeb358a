"""A warehouse that is lost, and a release that is doubted: both come out of the archive again."""

import datetime as dt
import json
import os
import shutil

import pytest

from flows import backfilling, chronicle, intake, rebuilding
from flows import home as homes
from schemas.forms import load
from tests.flows.street import REGISTERED, UNKNOWN, alias, changed, files, of_street, play, put, respelt
from warehouse import digest, ledger, open_warehouse, reading

LATE = "2013-03-05/永定路街道楼栋台账（更正）.xlsx"


def quietly(done, total):
    pass


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Three nights, a late file, an alias, a backfill that stays and one that is taken back. Do not change it."""
    place = homes.create(tmp_path_factory.mktemp("rebuild") / "home")
    sent = files(of_street)
    for path, data in sent.items():
        put(place, path, changed(data, respelt(REGISTERED, UNKNOWN)) if "抗震标段12月" in path else data)
    play(place, "2014-01-02")
    put(place, "2014-01-03/再报.xlsx", sent["2013-03-01/永定路街道楼栋台账.xlsx"])
    play(place, "2014-01-03")
    put(place, LATE, changed(sent["2013-03-01/永定路街道楼栋台账.xlsx"], lambda book: None))
    play(place, "2014-03-03")
    place.aliases_file.write_text(alias(), encoding="utf-8")
    first = backfilling.plan(place, backfilling.Scope.parse(first="2013-12", last="2013-12"), "别名", quietly)
    backfilling.apply(place, first["plan_id"], "别名", quietly)
    second = backfilling.plan(place, backfilling.Scope.parse(form="building_register"), "试", quietly)
    backfilling.apply(place, second["plan_id"], "试", quietly)
    backfilling.undo(place, second["plan_id"], "试完")
    return place


@pytest.fixture(scope="module")
def made_again(office, tmp_path_factory):
    """The same home, its warehouse lost and made again. Do not change it."""
    place = copy_of(office, tmp_path_factory.mktemp("made-again"))
    place.warehouse.unlink()
    rebuilding.rebuild(place, quietly)
    return place


def copy_of(place, room):
    return homes.enter(shutil.copytree(place.root, room / "home"))


@pytest.fixture
def copy(office, tmp_path):
    return copy_of(office, tmp_path)


def held(place):
    with open_warehouse(place.warehouse, load()) as warehouse:
        return digest.state_digest(warehouse), digest.history_digest(warehouse), digest.findings_digest(warehouse)


def test_a_damaged_warehouse_is_made_again_with_the_same_digests(office, copy, xinyan):
    copy.warehouse.write_bytes(b"not a database " * 1000)
    code, _, err = xinyan("nightly", "--plain", "--home", copy.root)
    assert code == 3
    assert "run `xinyan rebuild`, which makes it again from the archive; releases are not touched" in err
    code, out, _ = xinyan("rebuild", "--home", copy.root)
    assert code == 0
    assert out.splitlines()[0] == "Made again from 12 files of 3 nights."
    assert out.splitlines()[-1] == f"State and history are those of release {reading.status(copy.releases)['release']}."
    assert held(copy) == held(office)
    assert (copy.root / "warehouse.before-rebuild.duckdb").exists()


def test_a_lost_warehouse_is_made_again_by_the_next_night_which_publishes_nothing(office, copy, xinyan):
    copy.warehouse.unlink()
    code, out, _ = xinyan("nightly", "--plain", "--home", copy.root)
    assert code == 0
    assert "No new release: nothing published changed." in out
    assert held(copy) == held(office)


def test_what_was_made_again_goes_on_as_what_was_lost(office, made_again, tmp_path):
    copy = copy_of(made_again, tmp_path)
    again = backfilling.plan(copy, backfilling.Scope.parse(form="building_register"), "试", quietly)
    backfilling.apply(copy, again["plan_id"], "试", quietly)
    assert backfilling.undo(copy, again["plan_id"], "试完")["state_restored"]
    assert held(copy)[0] == held(office)[0]


def notes(place):
    asked = "select release_no, kind, name, told from ops.release_notes where kind <> 'figure' order by all"
    return reading.query(place.current, asked).rows()


def test_what_was_made_again_tells_of_each_release_what_came_by_it(made_again, copy, tmp_path):
    """All but which figures moved, which the log does not hold; the older releases hold their own notes."""
    again = copy_of(made_again, tmp_path / "again")
    for place in (copy, again):
        put(place, "再报.xlsx", b"no workbook")
        play(place)
    told = notes(again)
    assert told == notes(copy)
    newest = told[-1][0]
    assert ("refused", "退回文件") in {(kind, name) for number, kind, name, _ in told if number == newest}
    assert "received" not in {kind for number, kind, *_ in told if number == newest}
    assert {"received", "duplicate", "decision"} <= {kind for number, kind, *_ in told if number < newest}


def test_nights_are_logged_as_they_were_written_whatever_the_clock_said(tmp_path):
    place = homes.create(tmp_path / "home")
    with open_warehouse(place.warehouse, load()) as warehouse:
        for day in ("2014-01-03", "2014-01-02"):  # the clock was set back
            at = dt.datetime.fromisoformat(f"{day}T01:30:00+08:00")
            ledger.record_run(
                warehouse, run_id=day, kind="nightly", started_at=at, outcome="completed", code_version="1"
            )
        chronicle.settle(place, warehouse)
    assert [entry["run_id"] for entry in intake.decisions(place)] == ["2014-01-03", "2014-01-02"]


def test_verify_finds_every_release_in_the_archive_again(office, xinyan):
    before = sorted(path.name for path in office.staging.iterdir())
    code, out, _ = xinyan("verify", "--home", office.root, "--json")
    told = json.loads(out)
    assert code == 0
    assert len(told["releases"]) == reading.status(office.releases)["release"] > 3
    assert {(each["digests"], each["file"], each["made_by"]) for each in told["releases"]} == {
        ("same", "sound", told["code"])
    }
    assert sorted(path.name for path in office.staging.iterdir()) == before


def test_verify_tells_a_release_that_says_otherwise_and_one_of_another_version(copy, xinyan):
    facts = sorted(copy.releases.glob("0*.json"))
    for path, change in ((facts[1], {"state_digest": "0" * 64}), (facts[0], {"code_version": "0123456789abcdef"})):
        path.write_text(json.dumps(json.loads(path.read_text()) | change), encoding="utf-8")
    damaged = copy.releases / "000003.duckdb"
    os.chmod(damaged, 0o644)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    code, out, _ = xinyan("verify", "--home", copy.root)
    said = out.splitlines()
    assert code == 1
    assert said[0] == "release 1: file sound, digests not compared, made by version 0123456789abcdef"
    assert said[1] == "release 2: file sound, digests differ (state)"
    assert said[2] == "release 3: file damaged, digests same"
    assert said[-1] == "PROBLEM  2, 3: what the archive gives is not what was released."
