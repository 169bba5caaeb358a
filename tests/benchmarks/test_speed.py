"""How long the parts of a night take: medians of several runs in one process, and ratios. Nothing is asserted.

Figures of one machine at one time; compare ratios, or two versions run one after the other on an idle machine.
"""

import datetime as dt
import shutil
import statistics
import time

import polars as pl
import pytest

from flows import home as homes
from flows import night, reaching, steps
from schemas import frames
from schemas.forms import load
from transforms.calendar import Calendar
from transforms.layout import read_file
from transforms.sample import make_year
from transforms.sample.draw import draw
from transforms.split import World, judge
from warehouse import digest, models, open_warehouse

pytestmark = pytest.mark.bench

MONTH = "2013-10"
RUNS = 5


def seconds(doing, runs=RUNS):
    """How long each of several runs took."""
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        doing()
        taken.append(time.perf_counter() - begun)
    return taken


def tell(what, taken, *notes):
    spread = f"{min(taken):.2f}–{max(taken):.2f}" if len(taken) > 1 else "one run"
    print(f"\n{what:44} {statistics.median(taken):8.2f} s  ({spread})  {'  '.join(notes)}", end="")


def per_second(count, unit, taken):
    return f"{count / statistics.median(taken):,.0f} {unit}/s"


def month(scale):
    return [(each.path, draw(each)) for each in make_year(2013, 1, scale, "none").envelopes if each.path[:7] == MONTH]


def read(files, catalogue):
    return [read_file(data, path.rpartition("/")[2], path, catalogue) for path, data in files]


def test_reading_a_month_and_the_same_month_ten_times_as_large():
    catalogue = load()
    medians = {}
    for scale in (1, 10):
        files = month(scale)
        readings = read(files, catalogue)
        rows = sum(frame.height for reading in readings for frame in reading.rows.values())
        cells = sum(reading.sheets["non_empty_cells"].sum() for reading in readings)
        taken = seconds(lambda files=files: read(files, catalogue), RUNS if scale == 1 else 3)
        medians[scale] = statistics.median(taken) / rows
        speeds = (per_second(len(files), "files", taken), per_second(cells, "cells", taken))
        tell(f"read {MONTH}, scale {scale}: {len(files)} files, {rows} rows", taken, *speeds)
    print(f"\n{'per row, scale 10 to scale 1':44} {medians[10] / medians[1]:8.2f}", end="")


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """A home with the sample year in its inbox, and one in which it was read before."""
    place = homes.create(tmp_path_factory.mktemp("bench") / "home")
    for file in make_year(2013, 1, 1, "all"):
        path = place.inbox / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    return place


def play(place):
    """One plain night; returns seconds by step."""
    taken = {}

    def timed(name):
        verb = getattr(steps, name)

        def run(*arguments):
            begun = time.perf_counter()
            told = verb(*arguments)
            taken[name] = taken.get(name, 0) + time.perf_counter() - begun
            return told

        return run

    verbs = night.Steps(*(timed(name) for name in ("take_in", "read", "load", "release", "give_back")))
    begun = time.perf_counter()
    with night.begin(place.root) as under_way:
        night.one_night(under_way, verbs)
    return {"all": time.perf_counter() - begun, **taken}


def test_a_whole_night(year, tmp_path):
    files = sum(1 for path in year.inbox.rglob("*") if path.is_file())
    first = play(year)
    tell(f"a night of {files} files", [first["all"]], *(f"{name} {first[name]:.1f}" for name in list(first)[1:]))
    again = []
    for number in range(3):
        place = homes.create(tmp_path / str(number))
        shutil.copytree(year.inbox, place.inbox, dirs_exist_ok=True)
        shutil.copytree(year.staging, place.staging, dirs_exist_ok=True)
        again.append(play(place))
    by_step = {name: [each[name] for each in again] for name in again[0]}
    parts = (f"{name} {statistics.median(taken):.1f}" for name, taken in list(by_step.items())[1:])
    tell("the same, read before", by_step["all"], *parts)
    tell("a night on which nothing came", [play(year)["all"] for _ in range(3)])


def test_judging_and_summarising_a_year(year):
    if not year.warehouse.exists():
        play(year)
    catalogue, at = load(), dt.datetime(2014, 3, 4, tzinfo=dt.UTC)
    with open_warehouse(year.warehouse, catalogue) as warehouse:
        landed = reaching.everything_landed(warehouse)
        world = World(
            catalogue=catalogue,
            submissions=landed.submissions.filter(pl.col("outcome") == "read"),
            rows=landed.rows,
            columns=landed.columns,
            aliases=pl.DataFrame(schema=dict(frames.ALIASES)),
            calendar=Calendar(frozenset(), frozenset()),
        )
        rows = sum(frame.height for frame in landed.rows.values())
        taken = seconds(lambda: judge(world, at))
        tell(f"judge the year: {rows} rows", taken, per_second(rows, "rows", taken))
        with warehouse.transaction():
            built = seconds(lambda: models.build(warehouse))
        tell(f"build {len(models.usable(warehouse))} summaries and helpers", built)
        tell("state digest", seconds(lambda: digest.state_digest(warehouse)))
        tell("history digest", seconds(lambda: digest.history_digest(warehouse)))
    print()
