"""What a large home costs to live with (`make at-scale`): `python -m tests.benchmarks.at_scale HOME [times …]`.

`unchanged=20000` in the place of a home measures a night over so many files that were all seen before.

Works on a copy of a loaded home. Start-up, a night with nothing new, making a release and its report; then, on the
release and on copies in which every row about a compound stands `times` times, every summary as it is and as of its
newest instant, beside a plain scan of what core holds; and a night of 200 new files there and on an empty warehouse.
Writes AT_SCALE.md and AT_SCALE.json beside this file.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from flows import home as homes
from flows import persons, reporting, steps
from schemas import forms
from tests.benchmarks import wide_files
from tests.benchmarks.compare import HERE, measure, processor
from tests.benchmarks.test_trace import multiply
from transforms.sample import make_year
from warehouse import models, open_warehouse, release

RUNS = 5
NEW_FILES = 200
HISTORY_TIMES = 1.3
XINYAN = (sys.executable, "-c", "from flows.cli import main; main()")
SUMMARIES = [model.table for model in models.load_models(()) if model.layer == "summary"]
WANTED_MS = {"as it is": 30, "as of": 150}


def seconds(doing: Callable[[], object], runs: int = RUNS) -> float:
    """Median of several runs, by the clock."""
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        doing()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def start_up(home: Path) -> dict[str, float]:
    """Whole processes that do next to nothing."""
    commands = {
        "xinyan --help": ("--help",),
        "xinyan status": ("status", "--home", str(home)),
        "xinyan nightly --plain, nothing new": ("nightly", "--plain", "--home", str(home)),
        "xinyan nightly, nothing new, Prefect's own server": ("nightly", "--home", str(home)),
    }
    found = {}
    for name, arguments in commands.items():
        taken = []
        for _ in range(3):
            begun = time.perf_counter()
            subprocess.run([*XINYAN, *arguments], check=False, capture_output=True)
            taken.append(time.perf_counter() - begun)
        found[name] = round(statistics.median(taken), 2)
    return found


def published(home: homes.Home) -> dict[str, object]:
    """One release and its report, made anew."""
    shutil.rmtree(home.releases)
    shutil.rmtree(home.reports)
    homes.enter(home.root)
    size = home.warehouse.stat().st_size
    with open_warehouse(home.warehouse, forms.load(steps.PACKAGES)) as warehouse:
        words = persons.masker(home, warehouse).names
        begun, used = time.perf_counter(), time.process_time()
        made = release.publish(warehouse, home.releases, run_id="at scale", words=words)
        taken = time.perf_counter() - begun, time.process_time() - used
    assert made is not None
    report = seconds(lambda: reporting.write_for_release(home, made.release_no), 1)
    return {
        "warehouse_mib": round(size / 2**20),
        "release_mib": round(home.current.stat().st_size / 2**20),
        "names_hidden": made.names_hidden,
        "release_seconds": round(taken[0], 2),
        "release_cpu_seconds": round(taken[1], 2),
        "report_seconds": round(report, 2),
    }


def asked(path: Path) -> dict[str, object]:
    """Every summary as it is and as of its newest instant, and a plain scan, in milliseconds."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'Asia/Shanghai'")
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'core'").fetchall()
        counts = [connection.execute(f"select count(*) from core.{name}").fetchone() for (name,) in tables]

        def scan() -> None:
            for (name,) in tables:
                connection.execute(f"select max(hash(row)) from core.{name} as row").fetchall()

        def question(sql: str) -> float:
            return round(seconds(lambda: connection.execute(sql).fetchall(), 3) * 1000, 1)

        as_it_is = {name: question(f"from {name}") for name in SUMMARIES}
        as_of = {name: question(f"from {name}_as_of(timestamptz '2014-01-03 00:00+08')") for name in SUMMARIES}
        return {
            "facts": sum(count for found in counts if found for count in found),
            "plain_scan_ms": round(seconds(scan, 3) * 1000, 1),
            "as it is": _spread(as_it_is),
            "as of": _spread(as_of),
        }


def beside_history(root: Path, room: Path) -> dict[str, object]:
    """A night of many new files on an empty warehouse and on a loaded home, each once."""
    inputs = wide_files.folder(NEW_FILES, HERE / ".data")
    empty = homes.create(room / "empty").root
    command = [sys.executable, "-m", "tests.benchmarks.ours"]
    first = root / "inbox" / "2014-12-30" / wide_files.names(NEW_FILES + 1)[-1]
    first.parent.mkdir()
    first.write_bytes(wide_files.workbook(NEW_FILES))
    measure([*command, str(root)])  # the form of these files is new to the home: everything is judged once
    found: dict[str, object] = {"files": NEW_FILES}
    for name, place in (("empty", empty), ("loaded", root)):
        shutil.copytree(inputs, place / "inbox" / "2014-12-31", ignore=shutil.ignore_patterns(".*"))
        taken = measure([*command, str(place)])
        found |= {f"{name}_seconds": round(taken[0], 1), f"{name}_cpu_seconds": round(taken[1], 1)}
        found |= {f"{name}_peak_mib": round(taken[2])}
    return found


def _spread(found: dict[str, float]) -> dict[str, object]:
    slowest = sorted(found, key=lambda name: -found[name])[:3]
    return {
        "median_ms": round(statistics.median(found.values()), 1),
        "slowest_ms": found[slowest[0]],
        "slowest": {name: found[name] for name in slowest},
    }


def look(root: Path, times: list[int]) -> dict[str, object]:
    """Everything, on a copy of a home."""
    with tempfile.TemporaryDirectory(prefix="at-scale-", dir=root.parent) as room:
        place = Path(room) / "home"
        shutil.copytree(root, place, symlinks=True)
        home = homes.enter(place)
        command = [*XINYAN, "nightly", "--plain", "--home", str(place)]
        measure(command)  # a home of another version may have something to do once
        again = measure(command)
        told: dict[str, object] = {
            "files": sum(1 for path in home.inbox.rglob("*") if path.is_file()),
            "nothing_new_seconds": round(again[0], 2),
            "nothing_new_cpu_seconds": round(again[1], 2),
            "nothing_new_peak_mib": round(again[2]),
            "start_up_seconds": start_up(place),
            "published": published(home),
        }
        queries = []
        for each in times:
            path = Path(room) / "release.duckdb"
            shutil.copyfile(home.current, path)
            path.chmod(0o600)
            if each > 1:
                multiply(path, each)
            queries.append({"times": each, **asked(path)})
            path.unlink()
        return {**told, "queries": queries, "beside_history": beside_history(place, Path(room))}


def unchanged(count: int) -> dict[str, object]:
    """A night over files that were all seen before: one sound workbook under `count` names, in folders of 500."""
    with tempfile.TemporaryDirectory(prefix="unchanged-") as room:
        home = homes.create(Path(room) / "home")
        file = next(each for each in make_year(2013, 1, 1, "none") if each.path.endswith(".xlsx"))
        for number in range(count):
            path = home.inbox / "2014-01-02" / f"{number // 500:03d}" / f"{number:05d}{Path(file.path).name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
        command = [*XINYAN, "nightly", "--plain", "--home", str(home.root)]
        first, *again = [measure(command) for _ in range(4)]
        start = statistics.median(measure([*XINYAN, "--help"])[0] for _ in range(3))
        return {
            "files": count,
            "bytes_of_each": len(file.data),
            "first_seconds": round(first[0], 1),
            "again_seconds": round(statistics.median(each[0] for each in again), 2),
            "again_cpu_seconds": round(statistics.median(each[1] for each in again), 2),
            "start_up_seconds": round(start, 2),
        }


def markdown(everything: dict[str, dict]) -> str:
    """AT_SCALE.md."""
    parts = [
        "# What a large home costs to live with",
        "Made by `make at-scale`; not to be edited. Queries are fetched whole, on the machine's cores; medians.",
    ]
    for name, told in everything.items():
        where = (
            f"{told['measured_on']}; {told['processor']}, {told['cores']} cores, load average {told['load_average']};"
            f" DuckDB {told['duckdb']}."
        )
        if "published" not in told:
            parts += [
                f"## {told['files']:,} files that were all seen before",
                f"One workbook of {told['bytes_of_each']:,} bytes under so many names. The first night:"
                f" {told['first_seconds']} s. Again: {told['again_seconds']} s ({told['again_cpu_seconds']} s of"
                f" processors), of which `xinyan --help` takes {told['start_up_seconds']} s. Wanted: 5 s and that.",
                where,
            ]
            continue
        made = told["published"]
        parts += [
            f"## {name}: {told['files']} files, a warehouse of {made['warehouse_mib']} MiB",
            f"A night with nothing new: {told['nothing_new_seconds']} s ({told['nothing_new_cpu_seconds']} s of"
            f" processors, at most {told['nothing_new_peak_mib']} MiB). A release ({made['release_mib']} MiB,"
            f" {made['names_hidden']} names hidden): {made['release_seconds']} s ({made['release_cpu_seconds']} s of"
            f" processors). Its report: {made['report_seconds']} s.",
            _table(("process", "seconds"), told["start_up_seconds"].items()),
            _table(
                ("facts", "plain scan, ms", "summary: median", "slowest", "as of: median", "slowest"),
                (
                    (
                        f"{each['facts']:,}",
                        each["plain_scan_ms"],
                        *(
                            value
                            for kind in WANTED_MS
                            for value in (
                                f"{each[kind]['median_ms']} ms",
                                f"{each[kind]['slowest_ms']} ms ({next(iter(each[kind]['slowest']))})",
                            )
                        ),
                    )
                    for each in told["queries"]
                ),
            ),
            *(_verdict(each) for each in told["queries"]),
            *([_history(told["beside_history"])] if "beside_history" in told else []),
            where,
        ]
    return "\n\n".join(parts) + "\n"


def _table(head: tuple[str, ...], rows: object) -> str:
    lines = [head, ("---",) * len(head), *rows]  # type: ignore[misc]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _verdict(queries: dict) -> str:
    said = []
    for kind, wanted in WANTED_MS.items():
        slowest, scan = queries[kind]["slowest_ms"], queries["plain_scan_ms"]
        missed = "met" if slowest < wanted else f"**missed** by a factor of {slowest / wanted:.1f}"
        said.append(f"{kind}: slowest {slowest} ms ({slowest / scan:.2f} of a plain scan), wanted {wanted}: {missed}")
    return f"At {queries['facts']:,} facts: {'; '.join(said)}."


def _history(told: dict) -> str:
    ratios = [told[f"loaded_{unit}"] / told[f"empty_{unit}"] for unit in ("seconds", "cpu_seconds")]
    said = [
        f"{told[f'{name}_seconds']} s ({told[f'{name}_cpu_seconds']} s of processors, at most"
        f" {told[f'{name}_peak_mib']} MiB)"
        for name in ("empty", "loaded")
    ]
    missed = "met" if ratios[1] <= HISTORY_TIMES else "**missed**"
    return (
        f"A night of {told['files']} new wide files: on an empty warehouse {said[0]}, on this one {said[1]}:"
        f" {ratios[0]:.2f} times by the clock, {ratios[1]:.2f} in processor time, wanted {HISTORY_TIMES}: {missed}."
    )


def main() -> None:
    """Measure one thing, keep what was measured of others, write the results."""
    kept = HERE / "AT_SCALE.json"
    told = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    what, *times = sys.argv[1:]
    if what.startswith("unchanged="):
        name, found = "unchanged", unchanged(int(what.partition("=")[2]))
    else:
        name, found = Path(what).resolve().name, look(Path(what).resolve(), [int(each) for each in times] or [1])
    told[name] = {
        **found,
        "measured_on": dt.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[1], 1),
        "duckdb": duckdb.__version__,
    }
    kept.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (HERE / "AT_SCALE.md").write_text(markdown(told), encoding="utf-8")
    print(markdown(told))


if __name__ == "__main__":
    main()
