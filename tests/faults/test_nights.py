"""Nights killed, failing, out of room, hanging, at once, by odd clocks: nothing lost, nothing partial, nothing double.

A little of each; `make faults` does all of it.
"""

import pytest

from tests.faults import disturbed, readers
from warehouse import faults


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """(nights, the small home they are of)."""
    with disturbed.scene(tmp_path_factory.mktemp("nights")) as found:
        yield found


def test_a_night_passes_every_fault_point(scene):
    _, small = scene
    assert small.passed == set(faults.POINTS)
    assert sum(len(disturbed.of_areas(areas)) for areas in disturbed.AREAS.values()) == len(faults.POINTS)


def test_an_unknown_fault_point_is_named_with_those_there_are(monkeypatch):
    monkeypatch.setenv(faults.VARIABLE, "intake.lost:kill")
    with pytest.raises(
        ValueError, match=r"XINYAN_FAULT: no intake\.lost:kill; points: intake\.copied, .*; modes: kill, "
    ):
        faults.passing("intake.copied")


def test_a_night_disturbed_again_and_again_ends_as_one_undisturbed(scene, tmp_path):
    nights, small = scene
    told = disturbed.chain(nights, small, tmp_path, SUFFERED)
    assert told["wrong"] == []
    assert told["count"] == len(SUFFERED)


SUFFERED = (
    "log.appended:kill",
    "staging.written:no_space",
    "summaries.built:hang",
    "transaction.committed:no_space",
    "release.told:io_error",
    "slips.placed:raise",
)
"""One after the other on one home, each further on than the one before."""


def test_nights_killed_at_any_moment_end_as_one_undisturbed(scene, tmp_path):
    nights, small = scene
    told = disturbed.kills(nights, small, tmp_path, 8, seed=7)
    assert told["wrong"] == []
    assert told["count"] == 8


def test_a_full_disk_costs_the_night_and_nothing_else(scene, tmp_path):
    nights, small = scene
    told = disturbed.disk_full(nights, small, tmp_path, 1)
    assert told["wrong"] == []


def test_of_two_nights_at_once_one_waits_for_the_next_day(scene, tmp_path):
    nights, small = scene
    assert disturbed.at_once(nights, small, tmp_path, 1)["wrong"] == []


def test_a_backfill_asked_for_during_a_night_is_told_to_wait(scene, tmp_path):
    nights, small = scene
    assert disturbed.backfill(nights, small, tmp_path, 1)["wrong"] == []


def test_neither_midnight_nor_the_zone_nor_a_clock_set_back_changes_anything(scene, tmp_path):
    nights, small = scene
    assert disturbed.clocks(nights, small, tmp_path, ("UTC", "America/Los_Angeles"), verified=False)["wrong"] == []


def test_readers_always_open_one_whole_release(tmp_path):
    assert readers.run(tmp_path / "readers", 2, 40, 3)["wrong"] == []


@pytest.mark.long
def test_a_prefect_server_that_is_killed_costs_the_night_and_nothing_else(scene, tmp_path):
    nights, small = scene
    assert disturbed.prefect(nights, small, tmp_path)["wrong"] == []


@pytest.mark.long
def test_every_fault_point_in_every_mode(scene, tmp_path):
    nights, small = scene
    told = disturbed.points(nights, small, tmp_path)
    assert told["wrong"] == []
    assert told["count"] == len(faults.POINTS) * len(faults.MODES)
