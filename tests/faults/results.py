"""RESULTS.json and RESULTS.md: each command keeps what it measured, and the text is made of what is kept."""

import json
import os
import platform
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE / "RESULTS.json"
CORPORA = ("attacks", "bombs", "mutants")
NIGHTS = {
    # part: what was counted, as a reader of the table would say it
    "points_reading": "fault points of intake, reading, staging × modes (kill, raise, no space, I/O, hang): 50 in all",
    "points_loading": "fault points of validation, transaction, summaries, checkpoint, close × modes: 70 in all",
    "points_releasing": "fault points of the release × modes: 45 in all",
    "points_returning": "fault points of receipts and journal × modes: 20 in all",
    "kills": "nights killed at seeded moments",
    "disk_full": "disks that were full, each of another size",
    "at_once": "pairs of nights at once",
    "backfill": "backfills asked for while a night ran",
    "clocks": "nights across midnight, one per time zone of the machine, and a clock set back twice",
    "readers": "openings of the stable path while releases were made",
    "prefect": "nights whose Prefect server was killed (start, middle, end)",
}


def machine():
    """Where it ran, in a line."""
    load = f"load average {os.getloadavg()[1]:.0f}" if hasattr(os, "getloadavg") else "load unknown"
    system = f"{platform.system()} {platform.release()}"
    return f"{system}, {os.cpu_count()} processors, {load}, Python {platform.python_version()}"


def kept():
    """What was measured so far."""
    return json.loads(FACTS.read_text(encoding="utf-8")) if FACTS.exists() else {}


def keep(section, facts):
    """Put facts in the place of those an earlier run kept under the same names."""
    known = kept()
    known[section] = {**known.get(section, {}), **facts, "machine": machine()}
    FACTS.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write():
    """Make RESULTS.md of what is kept."""
    known = kept()
    parts = [_hostile(known["hostile"])] if "hostile" in known else []
    parts += [_nights(known["nights"])] if "nights" in known else []
    text = "# What hostile files and disturbed nights came to\n\nMade by `make faults`.\n\n" + "\n".join(parts)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")


def _nights(told):
    lines = [
        "## Disturbed nights",
        "",
        f"On {told['machine']}. A home of 10 files; nights are real processes, forked and killed with SIGKILL.",
        "After each: the stable path holds one whole release, nothing acknowledged is lost, nothing is doubled. After",
        "the next night, which recovers by itself: state, history and findings, slips and the archive's log are those",
        "of an undisturbed night, and the tables are those of a slow rebuild from the archive (openpyxl, sqlite3).",
        "",
        "| disturbed by | times | wrong | slowest recovery s | all s | |",
        "|---|---|---|---|---|---|",
    ]
    for part, said in NIGHTS.items():
        if part in told:
            facts = told[part]
            usual = ("count", "wrong", "slowest_recovery", "seconds")
            more = "; ".join(f"{name.replace('_', ' ')}: {_told(v)}" for name, v in facts.items() if name not in usual)
            slowest = facts.get("slowest_recovery") or ""
            lines.append(
                f"| {said} | {facts['count']} | {len(facts['wrong'])} | {slowest} | {facts['seconds']} | {more} |"
            )
    wrong = [each for part in NIGHTS if part in told for each in told[part]["wrong"]]
    lines += ["", *(f"- {each}" for each in wrong)] if wrong else []
    return "\n".join(lines) + "\n"


def _told(value):
    return ", ".join(f"{name}: {count}" for name, count in value.items()) if isinstance(value, dict) else value


def _hostile(told):
    limits = told["limits"]
    lines = [
        "## Hostile files",
        "",
        f"On {told['machine']}.",
        f"Limits: {limits['seconds']} s and {limits['mib']} MiB a file. Every outcome is typed; the honest files among",
        "them are compared row for row with what they are alone.",
        "",
        "| corpus | files | outcomes | honest, of them wrong | longest s | most MiB | all s |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in CORPORA:
        facts = told[name]
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in facts["outcomes"].items())
        lines.append(
            f"| {name} | {facts['count']} | {outcomes} | {facts['honest']}, {len(facts['honest_wrong'])} "
            f"| {facts['longest_seconds']} | {facts['most_mib']} | {facts['seconds']} |"
        )
    lines += ["", "### Bombs", "", "| bomb | outcome | said | s |", "|---|---|---|---|"]
    lines += [f"| {e['name']} | {e['outcome']} | {e['said']} | {e['seconds']} |" for e in told["bombs"]["files"]]
    return "\n".join(lines) + "\n"
