"""What a plan costs on homes that hold more and more: the same scopes, medians of three. Nothing is asserted.

`XINYAN_BENCH_SCALES=1,10 make bench` names the years to measure on; ten times the compounds take some minutes to load.
`XINYAN_BENCH_HOMES` is a folder where the homes are kept (month, year1, year10, …) and found again.
"""

import os
import statistics
import time
from pathlib import Path

import pytest

from flows import backfilling, night
from flows import home as homes
from transforms.sample import make_year
from warehouse import reading

pytestmark = pytest.mark.bench

RUNS = 3
STREET = "110108012"
SCOPES = {
    "one form, one street, one month": {
        "form": "subcommand_monthly",
        "filer": STREET,
        "first": "2013-03",
        "last": "2013-03",
    },
    "six months of one street": {"filer": STREET, "first": "2013-03", "last": "2013-08"},
    "six months of everybody": {"first": "2013-03", "last": "2013-08"},
}
SCALES = [int(each) for each in os.environ.get("XINYAN_BENCH_SCALES", "1,3").split(",")]


def filled(root, scale, until="9999"):
    """A home with the files of a sample year that came until a day, loaded; as it is where it was filled before."""
    if (root / "releases" / "current.duckdb").exists():
        return homes.enter(root)
    place = homes.create(root)
    for file in make_year(2013, 1, scale, "all"):
        if file.path[:10] <= until:
            path = place.inbox / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
    with night.begin(place.root) as begun:
        night.one_night(begun)
    return place


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    kept = os.environ.get("XINYAN_BENCH_HOMES")
    return Path(kept) if kept else tmp_path_factory.mktemp("plans")


@pytest.mark.parametrize(
    ("name", "scale", "until"),
    [("month", 1, "2013-04-10"), *((f"year{scale}", scale, "9999") for scale in SCALES)],
)
def test_plans(folder, name, scale, until):
    place = filled(folder / name, scale, until)
    held = reading.query(place.current, "select count(*) as files, sum(rows_read)::bigint as n from ops.submissions")
    files, rows = held.row(0)
    print(f"\n{name}: {files} reports, {rows} rows held")
    for told, said in SCOPES.items():
        wall, cpu = [], []
        for _ in range(RUNS + 1):
            begun, used = time.perf_counter(), time.process_time()
            plan = backfilling.plan(place, backfilling.Scope.parse(**said), "量", lambda done, total: None)
            wall.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - used)
        touched = f"{len(plan['files'])} files, {len(plan['reports'])} reports"
        # the first reads the files; the others find them read by the same version
        print(
            f"  {told:34} {statistics.median(wall[1:]):7.2f} s  {statistics.median(cpu[1:]):7.2f} s of processors"
            f"  (first {wall[0]:.1f})  {touched}"
        )
