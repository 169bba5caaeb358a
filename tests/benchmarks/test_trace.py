"""How long a trace takes: every measure of every summary, on the sample year and on one many times as large.

CPU seconds on one thread, so that a busy machine says the same. The larger year is a release in which every row about
a compound stands several times, under ids of its own: what `xinyan sample --scale` makes, without an hour of reading.
The streets, contractors and months are the same, so a figure of the district has so many times the cells.
XINYAN_BENCH_RELEASE names a release to measure instead of a sample year made for it, XINYAN_BENCH_TIMES how large.
"""

import os
import shutil
import statistics
import time
from pathlib import Path

import duckdb
import pytest

from flows import home as homes
from flows import night
from schemas.forms import load
from transforms.sample import make_year
from warehouse import models, tracing
from warehouse.connection import fetch

pytestmark = pytest.mark.bench

TRACINGS = tracing.load_tracings(())
SUMMARIES = [model for model in models.load_models(()) if model.layer == "summary" and model.name in TRACINGS]
OWN_IDS = ("row_id", "submission_id", "compound_id", "building_id")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    if named := os.environ.get("XINYAN_BENCH_RELEASE"):
        return Path(named)
    place = homes.create(tmp_path_factory.mktemp("traced") / "home")
    for file in make_year(2013, 1, 1, "all"):
        path = place.inbox / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    with night.begin(place.root) as under_way:
        night.one_night(under_way)
    return place.current


def multiply(path, times):
    """Let every row about a compound stand `times` times, under ids of its own."""
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'Asia/Shanghai'")
        columns = "select column_name, data_type from duckdb_columns() where schema_name = 'core' and table_name = ?"
        for form in load().forms.values():
            types = dict(connection.execute(columns, [form.entity]).fetchall())
            if "compound_id" not in types:
                continue
            ids = {*OWN_IDS, *(name for name in form.key if name.endswith(("_id", "_no")))} - {"street_id"}
            renamed = [name for name, type_of in types.items() if name in ids and type_of == "VARCHAR"]
            others = ", ".join(f"{name} || '~' || copy as {name}" for name in renamed)
            connection.execute(
                f"insert into core.{form.entity} select row.* replace ({others})"
                f" from core.{form.entity} as row cross join range(1, {times}) as copies (copy)"
            )
        at = connection.execute("select max(newest_instant) from ops.releases").fetchall()[0][0]
        kept = [model for model in models.load_models(()) if model.is_kept]
        again = [statement for model in kept for statement in (f"truncate trace.{model.name}", *models.macro(model))]
        for statement in (*again, *tracing.of_instant(kept, at)):
            connection.execute(statement)


def measured(path):
    """CPU seconds of a trace into a frame, and its cells: per measure of the greatest row and of one drawn by hash."""
    found = []
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set threads = 1; set TimeZone = 'Asia/Shanghai'")
        for model in SUMMARIES:
            grain = ", ".join(f"cast({name} as varchar)" for name in model.grain)
            for figure in TRACINGS[model.name].shown:
                told = f"from {model.table} where {figure} is not null"
                rows = connection.execute(
                    f"from (select {grain} {told} order by {figure} desc limit 1)"
                    f" union from (select {grain} {told} order by hash({grain}) limit 1)"
                ).fetchall()
                for row in rows:
                    begun = time.process_time()
                    key = literal(model.grain, row)
                    cells = fetch(connection, f"from trace('{model.name}', {key}, '{figure}')")
                    found.append((time.process_time() - begun, f"{model.name}.{figure}", cells.height))
    return found


def literal(grain, row):
    values = ("null" if value is None else "'" + value.replace("'", "''") + "'" for value in row)
    return "{" + ", ".join(f"'{name}': {value}" for name, value in zip(grain, values, strict=True)) + "}"


@pytest.mark.parametrize("times", [int(each) for each in os.environ.get("XINYAN_BENCH_TIMES", "1 50").split()])
def test_every_measure_of_every_summary(release, tmp_path, times):
    path = tmp_path / "release.duckdb"
    shutil.copyfile(release, path)
    if times > 1:
        multiply(path, times)
    found = sorted(measured(path), reverse=True)
    median = statistics.median(seconds for seconds, *_ in found)
    slow = sum(seconds > 1 for seconds, *_ in found)
    print(f"\n{len(found)} traces, {times} times the year: median {median:.2f} s, {slow} over one second; the slowest:")
    seen = set()
    for seconds, name, cells in found:
        table = name.partition(".")[0]
        if table not in seen:
            seen.add(table)
            print(f"  {name:56} {seconds:6.2f} s  {cells:>9,} cells")
