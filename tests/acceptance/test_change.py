"""Change that is planned: what a plan predicts is what happens, undo restores the state, a kill leaves before or after.

The default run tries a few changes and kills; the long one 200 and 50 (`make test-long`).
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from flows import backfilling, diffing, scopes
from flows import home as homes
from flows.facts import plain_json, read_facts
from schemas.forms import load
from tests.flows.street import REGISTERED, UNKNOWN, changed, files, of_street, play, put, respelt
from warehouse import digest, open_warehouse, reading

OURS, MORE = ("schemas",), ("schemas", "tests.flows.more_layouts")
REGISTER = "2013-03-01/永定路街道楼栋台账.xlsx"
DECEMBER = "2014-01-02/永定路抗震标段12月报.xlsx"
AGAIN = "2014-01-05/永定路抗震标段12月报.xlsx"
SAID = 'who = "资料员 甲"\nwhy = "来函"\nknown_from = 2014-01-20T00:00:00+08:00\n'


def one_line(book):
    sheet = book.active
    sheet.unmerge_cells("B8:B13")
    sheet["B9"], sheet["H9"] = UNKNOWN, "2013.6.21"
    for merged in [r for r in sheet.merged_cells.ranges if r.min_row > 12]:
        sheet.merged_cells.remove(merged)
    for row in (*range(15, 9, -1), 8):
        sheet.delete_rows(row)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Twelve files of one street: one layout unknown, one name unknown, one report sent twice. Do not change it."""
    place = homes.create(tmp_path_factory.mktemp("change") / "home")
    sent = files(of_street)
    sent[REGISTER] = changed(sent[REGISTER], respelt("户数", "住家"))
    whole = changed(sent[DECEMBER], respelt(REGISTERED, UNKNOWN))
    sent |= {DECEMBER: whole, AGAIN: changed(whole, one_line)}
    assert len(sent) == 12
    for path, data in sent.items():
        put(place, path, data)
    play(place)
    return place


def held(place):
    with open_warehouse(place.warehouse, load()) as warehouse:
        return digest.state_digest(warehouse)


def quietly(done, total):
    pass


# Changes somebody might make: each writes it down, and says with which layouts the next run reads.


def a_layout(place, pick):
    return MORE


def an_alias(place, pick):
    written = f'written = "{UNKNOWN}"\nmeans = "{REGISTERED}"\n{SAID}'
    place.aliases_file.write_text(f'[[alias]]\nkind = "compound"\nstreet = "永定路街道"\n{written}', encoding="utf-8")
    return OURS


def a_correction(place, pick):
    number = pick.randrange(1, 6)
    found = reading.query(
        place.current,
        f"select file_id, raw.household_count as raw, addresses.household_count as cell from core.contractor_progress"
        f" where building_id like '%:{number}号楼' and known_to is null order by known_from limit 1",
    ).to_dicts()
    where = found[0] if found else {"file_id": "0" * 64, "cell": "E8", "raw": "58"}
    cell = f'address = "{where["cell"]}"\nexpect = "{where["raw"]}"\nvalue = "{pick.randrange(40, 90)}"\n'
    place.corrections_file.write_text(f'[[correction]]\nfile = "{where["file_id"]}"\n{cell}{SAID}', encoding="utf-8")
    return OURS


def a_replaced_file(place, pick):
    [(file_id, kind)] = reading.query(
        place.current,
        "select file_id, version_kind from ops.submissions inner join ops.files using (file_id)"
        f" where path = '{AGAIN}'",
    ).rows()
    said = pick.choice([each for each in ("replacement", "older", "supplement") if each != kind])
    ruling = f'[[ruling]]\nfile = "{file_id}"\nexpect = "{kind}"\nkind = "{said}"\n{SAID}'
    place.rulings_file.write_text(ruling, encoding="utf-8")
    return OURS


CHANGES = (a_layout, an_alias, a_correction, a_replaced_file)


def a_scope(place, pick):
    forms = reading.query(place.current, "select distinct entity from ops.submissions order by 1")["entity"].to_list()
    return scopes.Scope.parse(
        **pick.choice(
            [
                {"first": "2013-01", "last": "2014-12"},
                {"form": pick.choice(forms)},
                {"files": [pick.choice([REGISTER, DECEMBER, AGAIN])]},
            ]
        )
    )


def try_one(place, pick):
    """Make one change: plan, apply, compare, undo, compare."""
    before, release = held(place), reading.status(place.releases)["release"]
    packages = pick.choice(CHANGES)(place, pick)
    planned = backfilling.plan(place, a_scope(place, pick), "试", quietly, packages)
    assert held(place) == before
    applied = backfilling.apply(place, planned["plan_id"], "试", quietly, packages)
    assert applied["differences"] == planned["differences"]
    if applied["release"] is not None:
        actual = diffing.diff(place, release, applied["release"])["differences"]
        assert read_facts(plain_json(actual)) == planned["differences"]
    else:
        assert planned["differences"] == []
    undone = backfilling.undo(place, planned["plan_id"], "试完", packages)
    assert undone["state_restored"]
    assert held(place) == before
    for path in (place.aliases_file, place.corrections_file, place.rulings_file):
        path.write_text("", encoding="utf-8")


@pytest.mark.parametrize("times", [1, pytest.param(200, marks=pytest.mark.long)])
def test_what_is_predicted_happens_and_undo_restores_the_state(loaded, tmp_path, times):
    shutil.copytree(loaded.root, tmp_path / "home")
    place = homes.enter(tmp_path / "home")
    pick = random.Random(times)
    for _ in range(times):
        try_one(place, pick)


APPLY = """
import sys
from pathlib import Path
from flows import backfilling
from flows.home import enter
if __name__ == "__main__":
    more = ("schemas", "tests.flows.more_layouts")
    backfilling.apply(enter(Path(sys.argv[1])), sys.argv[2], "试", lambda done, total: None, more)
"""


@pytest.mark.parametrize("times", [1, pytest.param(50, marks=pytest.mark.long)])
def test_killed_at_any_moment_an_apply_has_happened_or_not_and_run_again_it_completes(loaded, tmp_path, times):
    shutil.copytree(loaded.root, tmp_path / "home")
    place = homes.enter(tmp_path / "home")
    (tmp_path / "apply.py").write_text(APPLY)
    planned = backfilling.plan(place, scopes.Scope.parse(files=[REGISTER]), "试", quietly, MORE)
    before, pick = held(place), random.Random(times)
    lasted, after, at = 8.0, None, set()
    for _ in range(times):
        started = time.monotonic()
        run = subprocess.Popen(
            [sys.executable, str(tmp_path / "apply.py"), str(place.root), planned["plan_id"]],
            env={**os.environ, "PYTHONPATH": os.getcwd()},
            start_new_session=True,
        )
        try:
            run.wait(timeout=pick.uniform(0.2, 1.0) * lasted)
            lasted = time.monotonic() - started
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        state = held(place)
        again = backfilling.apply(place, planned["plan_id"], "试", quietly, MORE)
        assert again["differences"] == planned["differences"]
        after = after or held(place)
        assert state in (before, after)
        assert held(place) == after
        at.add(state == before)
        assert backfilling.undo(place, planned["plan_id"], "试完", MORE)["state_restored"]
        assert held(place) == before
