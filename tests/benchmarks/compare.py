"""The same job as others would do it: `python -m tests.benchmarks.compare [files] [rounds]` (`make compare`).

Each run is a whole process, one after another in rounds (A B C … A B C …), so that a busy machine is busy for all.
Writes RESULTS.md, RESULTS.json and RESULTS.svg beside this file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb

from flows import home
from tests.benchmarks import wide_files

HERE = Path(__file__).parent
THEIRS = HERE / ".venv" / "bin" / "python"
LIBRARIES = ("duckdb", "polars", "fastexcel", "pandas", "openpyxl", "dlt", "frictionless")
OURS, FLOOR = "xinyan", "floor"
JOBS = {
    FLOOR: "(e) floor: fastexcel in two threads, polars, DuckDB; row checks",
    OURS: "xinyan nightly --plain, everything on",
    "duckdb_excel": "(c) DuckDB's Excel reader, checks in SQL",
    "pandas_openpyxl": "(a) pandas + openpyxl into DuckDB",
    "dlt_openpyxl": "(b) dlt, openpyxl, into DuckDB",
    "after_frictionless": "(d) frictionless, then DuckDB",
}
MOST_FILES_OF_OTHERS = 200
"""More than that takes hours with openpyxl: of larger runs only these are part."""
QUICK = (FLOOR, OURS, "duckdb_excel")
TARGETS = {"floor": 1.6, "pandas_openpyxl": 6, "dlt_openpyxl": 12, "duckdb_excel": 1, "peak_mib": 1024}
EVERY = 0.2


@dataclass
class Run:
    """One whole process."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    rows: int
    total: str
    parts: dict[str, float]


@dataclass
class Peak:
    """The most memory a tree of processes held at one time: the sum of their proportional set sizes (PSS)."""

    root: int
    kib: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look again and again until the process is done."""
        while not self.done.wait(EVERY):
            self.kib = max(self.kib, sum(map(_pss, _tree(self.root))))


def _tree(root: int) -> list[int]:
    found = [root]
    for process in found:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{process}/task"):
                found += map(int, Path(f"/proc/{process}/task/{thread}/children").read_text().split())
    return found


def _pss(process: int) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def measure(command: list[str]) -> tuple[float, float, float, str]:
    """Run a command to its end: seconds, processor seconds of it and its children, MiB at most, what it printed."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        process = subprocess.Popen(command, cwd=HERE.parent.parent, stdout=said, stderr=complained)
        peak = Peak(process.pid)
        watcher = threading.Thread(target=peak.watch)
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken = time.monotonic() - begun
        peak.done.set()
        watcher.join()
        if process.returncode:
            complained.seek(0)
            raise SystemExit(f"{' '.join(command)}\n{complained.read()[-2000:]}")
        said.seek(0)
        return taken, used.ru_utime + used.ru_stime, peak.kib / 1024, said.read()


def run(job: str, inputs: Path, room: Path) -> Run:
    """One run of one competitor, in a fresh folder."""
    place = Path(tempfile.mkdtemp(dir=room))
    try:
        if job != OURS:
            script = HERE / "others" / f"{job}.py"
            seconds, cpu, peak, said = measure([str(THEIRS), str(script), str(inputs), str(place / "db.duckdb")])
            told = json.loads(said.splitlines()[-1])
            return Run(seconds, cpu, peak, told["rows"], told["sum"], told["parts"])
        ours = home.create(place / "home")
        shutil.copytree(inputs, ours.inbox / "2014-01-02", ignore=shutil.ignore_patterns(".*"))
        seconds, cpu, peak, said = measure([sys.executable, "-m", "tests.benchmarks.ours", str(ours.root)])
        with duckdb.connect(str(ours.current), read_only=True) as release:
            [(rows, total)] = release.sql("select count(*), sum(contract_yuan) from core.wide_ledger").fetchall()
        return Run(seconds, cpu, peak, rows, f"{Decimal(total):.2f}", json.loads(said.splitlines()[-1]))
    finally:
        shutil.rmtree(place)


def compare(files: int, rounds: int) -> dict[str, list[Run]]:
    """All runs, round after round. Everybody must have loaded the same rows and the same sum."""
    inputs = wide_files.folder(files, HERE / ".data")
    jobs = [job for job in JOBS if files <= MOST_FILES_OF_OTHERS or job in QUICK]
    runs: dict[str, list[Run]] = {job: [] for job in jobs}
    with tempfile.TemporaryDirectory(prefix="compare-") as room:
        for number in range(rounds):
            for job in jobs:
                if number and statistics.median(each.seconds for each in runs[job]) > 300:
                    continue  # one run of ten minutes says enough
                runs[job].append(run(job, inputs, Path(room)))
                print(f"{number + 1}/{rounds} {job:20} {runs[job][-1].seconds:8.1f} s", file=sys.stderr, flush=True)
    loaded = {(each.rows, each.total) for taken in runs.values() for each in taken}
    if len(loaded) != 1 or next(iter(loaded))[0] != files * wide_files.ROWS:
        raise SystemExit(f"not the same rows: {loaded}")
    return runs


def facts(files: int, rounds: int, runs: dict[str, list[Run]]) -> dict[str, object]:
    """Medians and ratios, and where they were measured."""
    median = {job: statistics.median(each.seconds for each in taken) for job, taken in runs.items()}
    used = {job: statistics.median(each.cpu_seconds for each in taken) for job, taken in runs.items()}
    return {
        "files": files,
        "rows": next(iter(runs.values()))[0].rows,
        "cells": files * wide_files.ROWS * len(wide_files.HEADERS),
        "rounds": rounds,
        "measured_on": dt.date.today().isoformat(),
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "load_average": round(os.getloadavg()[2], 1),
            "python": platform.python_version(),
        },
        "versions": {"ours": _ours(), "theirs": _theirs()},
        "memory": f"PSS of the whole process tree, sampled every {EVERY} s",
        "jobs": {
            job: {
                "what": JOBS[job],
                "runs": len(taken),
                "seconds": round(median[job], 2),
                "fastest_seconds": round(min(each.seconds for each in taken), 2),
                "slowest_seconds": round(max(each.seconds for each in taken), 2),
                "cpu_seconds": round(used[job], 2),
                "ratio_to_floor": round(median[job] / median[FLOOR], 2),
                "cpu_ratio_to_floor": round(used[job] / used[FLOOR], 2),
                "peak_mib": round(max(each.peak_mib for each in taken)),
                "cpu_seconds_by_part": taken[-1].parts,
            }
            for job, taken in runs.items()
        },
    }


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _ours() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in ("duckdb", "polars", "pyarrow", "pandera")}


def _theirs() -> dict[str, str]:
    asked = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {LIBRARIES}}}))"
    return json.loads(subprocess.run([str(THEIRS), "-c", asked], capture_output=True, text=True, check=True).stdout)


def verdicts(sizes: dict[str, dict]) -> list[str]:
    """Each target beside what was measured, missed ones said as such."""
    lines = []
    for files, told in sizes.items():
        jobs = told["jobs"]
        ours = jobs[OURS]
        for other, wanted in TARGETS.items():
            if other == "peak_mib":
                lines.append(_verdict(files, "peak memory, MiB", ours["peak_mib"], wanted, most=True))
            elif other == FLOOR:
                lines.append(_verdict(files, "times the floor", ours["ratio_to_floor"], wanted, most=True))
            elif other in jobs:
                ratio = round(jobs[other]["seconds"] / ours["seconds"], 2)
                lines.append(_verdict(files, f"times faster than {other}", ratio, wanted, most=False))
    return lines


def _verdict(files: str, what: str, found: float, wanted: float, *, most: bool) -> str:
    met = found <= wanted if most else found >= wanted
    missed = "met" if met else f"**missed** by a factor of {max(found / wanted, wanted / max(found, 0.001)):.1f}"
    return f"| {files} | {what} | {'≤' if most else '≥'} {wanted} | {found} | {missed} |"


def markdown(sizes: dict[str, dict]) -> str:
    """RESULTS.md."""
    parts = [
        "# Speed beside what people would use instead",
        "Made by `make compare`; not to be edited. Every run is a whole process, the jobs one after another in rounds;"
        " medians. Ours does what the others leave out: lineage of every value, a class for every cell, isolation,"
        " history, release, report. All loaded the same number of rows and the same sum.",
        "![Seconds by job](RESULTS.svg)",
    ]
    for files, told in sizes.items():
        machine, versions = told["machine"], told["versions"]
        parts += [
            f"## {files} files, {told['rows']:,} rows, {told['cells']:,} cells",
            "\n".join(
                [
                    "| job | seconds | spread | times the floor | processor s | times the floor | peak MiB |",
                    "|---|---:|---:|---:|---:|---:|---:|",
                    *(
                        f"| {each['what']} | {each['seconds']} | {each['fastest_seconds']}–{each['slowest_seconds']} |"
                        f" {each['ratio_to_floor']} | {each['cpu_seconds']} | {each['cpu_ratio_to_floor']} |"
                        f" {each['peak_mib']} |"
                        for each in told["jobs"].values()
                    ),
                ]
            ),
            *(_parts(job, told["jobs"][job]) for job in (FLOOR, OURS) if told["jobs"][job].get("cpu_seconds_by_part")),
            f"{told['measured_on']}, {told['rounds']} rounds; {machine['processor']}, {machine['cores']} cores,"
            f" {machine['memory_gib']} GiB, load average {machine['load_average']}; Python {machine['python']};"
            f" memory: {told['memory']}. Ours: {_named(versions['ours'])}. Theirs: {_named(versions['theirs'])}.",
        ]
    parts += [
        "## Targets",
        "\n".join(["| files | what | wanted | measured | |", "|---|---|---:|---:|---|", *verdicts(sizes)]),
    ]
    return "\n\n".join(parts) + "\n"


def _parts(job: str, told: dict) -> str:
    """What a job's processor time was made of, in its last round."""
    parts = told["cpu_seconds_by_part"]
    return f"Made of, in processor seconds: {job}: {', '.join(f'{name} {seconds}' for name, seconds in parts.items())}."


def _named(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def picture(sizes: dict[str, dict]) -> str:
    """RESULTS.svg: seconds of every job, for the largest number of files all took part in."""
    import altair
    import vl_convert

    told = max(sizes.values(), key=lambda each: (len(each["jobs"]), each["files"]))
    rows = [{"job": job, **each} for job, each in told["jobs"].items()]
    bars = altair.Chart(altair.Data(values=rows)).encode(
        altair.Y("job:N", sort=[row["job"] for row in rows], title=None),
        altair.X("seconds:Q", title=f"seconds for {told['files']} files (median)"),
    )
    labels = bars.mark_text(align="left", dx=4).encode(text=altair.Text("ratio_to_floor:Q", format=".1f"))
    chart = bars.mark_bar() + labels
    return vl_convert.vegalite_to_svg(chart.properties(width=560, height=220).to_json())


def main() -> None:
    """Measure one size, keep the others, write the results."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    if not THEIRS.exists():
        raise SystemExit(f"{THEIRS} is not there; run `make compare`, which makes it")
    kept = HERE / "RESULTS.json"
    sizes = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    sizes[str(files)] = facts(files, rounds, compare(files, rounds))
    sizes = dict(sorted(sizes.items(), key=lambda item: int(item[0])))
    kept.write_text(json.dumps(sizes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (HERE / "RESULTS.md").write_text(markdown(sizes), encoding="utf-8")
    (HERE / "RESULTS.svg").write_text(picture(sizes), encoding="utf-8")
    print(markdown(sizes))


if __name__ == "__main__":
    main()
