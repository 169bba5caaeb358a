"""Analysts who open the stable path again and again while releases are made: each always opens one whole release.

Releases are those of a tiny warehouse, so that there can be hundreds; readers are processes that import DuckDB alone.
"""

import datetime as dt
import subprocess
import sys
import time

from tests.warehouse.office import Night, accepted, day, opened, rows, visit

READER = """
import sys, duckdb
path, times, last = sys.argv[1], int(sys.argv[2]), 0
for _ in range(times):
    with duckdb.connect(path, read_only=True) as release:
        [(number, area, places)] = release.execute(
            "select (select max(release_no) from ops.releases), sum(area_m2), count(*) from core.visit"
            " where known_to is null"
        ).fetchall()
    assert places == 1 and number == area, (number, area, places)
    assert number >= last, (number, last)
    last = number
print(last)
"""


def run(folder, readers, opens, releases):
    """Let readers open the stable path so many times each while releases are made; gives the facts."""
    folder.mkdir()
    current, begun = folder / "releases" / "current.duckdb", time.monotonic()
    wrong = []
    with opened(folder) as warehouse:
        _release(warehouse, 1)
        command = [sys.executable, "-c", READER, str(current), str(opens)]
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running = [subprocess.Popen(command, **pipe) for _ in range(readers)]
        for number in range(2, releases + 1):
            _release(warehouse, number)
    for each in running:
        _, said = each.communicate()
        wrong += [said.strip().splitlines()[-1]] if each.returncode else []
    seconds = round(time.monotonic() - begun, 1)
    return {"count": readers * opens, "releases": releases, "readers": readers, "wrong": wrong, "seconds": seconds}


def _release(warehouse, number):
    """A release in which the only visit says the number of its release."""
    at = day("2013-05-01") + dt.timedelta(days=number)
    night = Night(warehouse, f"night-{number:06d}")
    night.receive(rows(visit("r", "s", "甲", f"{number}.00")), at).hear(accepted("r"), at, s=True).release(keep=5)
