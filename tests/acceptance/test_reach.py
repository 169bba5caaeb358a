"""Judging what a change can bear on comes to the same as judging everything, table by table.

Two homes get the same files and decisions in the same order, at the same instants; one of them judges everything anew
each time. The default run makes a few changes, the long one many (`make test-long`).
"""

import dataclasses
import datetime as dt
import io
import random
import shutil

import openpyxl
import pytest

from flows import backfilling, night, reaching, scopes, settings, steps
from flows import home as homes
from schemas.forms import load
from tests.flows.street import REGISTERED, UNKNOWN, changed, put, respelt
from transforms.sample import make_year
from warehouse import digest, open_warehouse

STREETS = ("永定路", "甘家口")
OFFICE = ("名录", "任务分解", "实施计划", "快报", "汇总月报", "派驻", "试点", "招投标", "检查记录")
OURS, MORE = ("schemas",), ("schemas", "tests.flows.more_layouts")
SAID = 'who = "资料员 甲"\nwhy = "来函"\nknown_from = 2013-02-01T00:00:00+08:00\n'
LOADED_ONLY = night.Steps(steps.take_in, steps.read, steps.load, lambda *_: None, lambda *_: None)
FIRST = dt.datetime(2014, 6, 1, 20, tzinfo=settings.ZONE)


def sent():
    """What some streets and the office sent from February to May, with the faults that stand in it."""
    wanted = {
        file.path: file.data
        for file in make_year(2013, 1, 1, "all")
        if file.path < "2013-06-10" and any(word in file.path for word in (*STREETS, *OFFICE)) and "~" not in file.path
    }
    return {path: _misspelt(path, data) for path, data in wanted.items()}


def _misspelt(path, data):
    return changed(data, respelt(REGISTERED, UNKNOWN)) if "永定路抗震标段" in path and path.endswith("xlsx") else data


def another_figure(data, pick):
    """The workbook with one number larger by one."""

    def change(book):
        cells = [cell for row in book.active.iter_rows() for cell in row if isinstance(cell.value, int | float)]
        chosen = pick.choice(cells)
        chosen.value += 1

    return changed(data, change)


class Twins:
    """A home, and one that gets the same and judges everything each time."""

    def __init__(self, folder, monkeypatch):
        self.monkeypatch = monkeypatch
        self.homes = [homes.create(folder / name) for name in ("part", "whole")]
        for place in self.homes:
            place.settings_file.write_text("[report]\nenabled = false\n", encoding="utf-8")
        shutil.copyfile(*(place.archive / "person.key" for place in self.homes))
        self.at, self.reaches = FIRST, []
        of_change = reaching.of_change

        def told(*args, **more):
            reach = of_change(*args, **more)
            self.reaches.append(reach.judged)
            return reach

        monkeypatch.setattr(reaching, "of_change", told)
        monkeypatch.setattr(backfilling, "_night", self._night)

    def _night(self, home, packages):
        return steps.Night(home, settings.load(home.settings_file), self.at, packages=packages)

    def both(self, act):
        """Do one thing in both homes at one instant, and compare all there is."""
        self.at += dt.timedelta(days=1)
        part, whole = self.homes
        act(part)
        shutil.copytree(part.staging, whole.staging, dirs_exist_ok=True)  # nothing needs to be read twice
        with self.monkeypatch.context() as patch:
            patch.setattr(reaching, "_stands", lambda *args: False)
            act(whole)
        assert sums(part) == sums(whole)

    def night(self, place, packages=OURS):
        with night.begin(place.root, packages=packages) as begun:
            night.one_night(dataclasses.replace(begun, started_at=self.at), LOADED_ONLY)


def sums(place):
    """A digest of every table judging can change, by name."""
    with open_warehouse(place.warehouse, load()) as warehouse:
        tables = [*digest.core_tables(warehouse), *digest.summary_tables(warehouse), "landed.alias_uses"]
        tables += [f"ops.{name}" for name in ("findings", "quarantine", "submissions", "answers", "freshness")]
        found = [digest.table_sum(warehouse, table, {"run_id"}) for table in tables]
        return {each.table: str(each) for each in found}


def deliver(twins, waiting, pick):
    """Some files come, in whatever order."""
    chosen = [waiting.pop(pick.randrange(len(waiting))) for _ in range(min(len(waiting), pick.randrange(1, 8)))]

    def act(place):
        for path, data in chosen:
            put(place, path, data)
        twins.night(place)

    twins.both(act)


def send_again(twins, come, pick, number):
    """A corrected copy of a workbook comes."""
    workbooks = [(path, data) for path, data in come if path.endswith(".xlsx") and has_numbers(data)]
    if not workbooks:
        return
    path, data = pick.choice(workbooks)
    _, _, name = path.partition("/")
    copy = another_figure(data, pick)

    def act(place):
        put(place, f"2013-06-{number + 10:02}/{name}", copy)
        twins.night(place)

    twins.both(act)


def has_numbers(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return any(isinstance(cell.value, int | float) for row in book.active.iter_rows() for cell in row)


def decide(twins, pick):
    """An alias, a correction or a ruling is written down, or taken out again."""
    [part, _] = twins.homes
    with open_warehouse(part.warehouse, load()) as warehouse:
        cells = warehouse.rows(
            "select file_id, raw.task_area_m2, addresses.task_area_m2 from landed.subcommand_monthly"
            " where raw.task_area_m2 is not null order by row_id"
        )
        several = warehouse.rows(
            "select file_id, version_kind from ops.submissions where version_kind <> 'first' order by submission_id"
        )
    written = f'written = "{UNKNOWN}"\nmeans = "{REGISTERED}"\n{SAID}'
    alias = f'[[alias]]\nkind = "compound"\nstreet = "永定路街道"\n{written}'
    file_id, raw, cell = pick.choice(cells) if cells else ("0" * 64, "58", "E8")
    place = f'file = "{file_id}"\naddress = "{cell}"\nexpect = "{raw}"\n'
    correction = f'[[correction]]\n{place}value = "{pick.randrange(1, 9999)}"\n{SAID}'
    file_id, kind = pick.choice(several) if several else ("0" * 64, "replacement")
    said = pick.choice([each for each in ("replacement", "older", "supplement") if each != kind])
    ruling = f'[[ruling]]\nfile = "{file_id}"\nexpect = "{kind}"\nkind = "{said}"\n{SAID}'
    written_down = {"aliases_file": alias, "corrections_file": correction, "rulings_file": ruling}
    name = pick.choice(["corrections_file", "corrections_file", "rulings_file", "aliases_file"])
    text = pick.choice([written_down[name], written_down[name], ""])

    def act(home):
        getattr(home, name).write_text(text, encoding="utf-8")
        twins.night(home)

    twins.both(act)


def read_again(twins, come, pick):
    """A backfill of some files is planned and applied."""
    scope = scopes.Scope.parse(
        **pick.choice(
            [
                {"first": "2013-03", "last": "2013-04"},
                {"form": pick.choice(["contractor_progress", "subcommand_monthly", "consent_survey"])},
                {"files": [pick.choice(come)[0]]},
            ]
        )
    )
    packages = pick.choice([OURS, MORE])

    def act(place):
        planned = backfilling.plan(place, scope, "试", lambda done, total: None, packages)
        applied = backfilling.apply(place, planned["plan_id"], "试", lambda done, total: None, packages)
        assert applied["differences"] == planned["differences"]

    twins.both(act)


KINDS = ("deliver", "deliver", "again", "decide", "backfill")
MANY = [
    pytest.param(seed, ["deliver", *random.Random(seed).choices(KINDS, k=14)], marks=pytest.mark.long)
    for seed in range(2, 10)
]


@pytest.mark.parametrize(("seed", "kinds"), [(1, ["deliver", "again", "decide"]), *MANY])
def test_a_part_judged_is_the_whole_judged(tmp_path, monkeypatch, seed, kinds):
    pick = random.Random(seed)
    files = list(sent().items())
    early = [each for each in files if each[0] < "2013-03-10"]
    waiting, come = [each for each in files if each not in early], list(early)
    twins = Twins(tmp_path, monkeypatch)

    def begin(place):
        for path, data in early:
            put(place, path, data)
        twins.night(place)

    twins.both(begin)
    for number, kind in enumerate(kinds):
        held = list(waiting)
        if kind == "deliver" and waiting:
            deliver(twins, waiting, pick)
            come += [each for each in held if each not in waiting]
        elif kind == "again":
            send_again(twins, come, pick, number)
        elif kind == "decide":
            decide(twins, pick)
        elif kind == "backfill":
            read_again(twins, come, pick)
    assert any(reach for reach in twins.reaches), "nothing was judged in part"
