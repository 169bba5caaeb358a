"""`xinyan status`: the newest release, the last night, what is in force, and what is wrong.

Reads only small files beside the warehouse and the newest release, so that a running night does not block it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from flows import due, lock, logs, settings
from flows.home import Home
from warehouse import WarehouseError, reading


def status(home: Home) -> dict[str, Any]:
    """Facts for a program; `problems` is empty where all is well."""
    chosen = settings.load(home.settings_file)
    now = dt.datetime.now(settings.ZONE)
    nights = logs.nights(home.logs)
    last = nights[-1] if nights else None
    runs = lock.is_held(home.writer_lock)
    return {
        "home": str(home.root),
        **reading.status(home.releases),
        "last_night": None if last is None else _night(last, runs),
        "problems": _problems(nights, chosen, now, runs),
        "review": _review(home),
        "settings": dict(settings.as_lines(chosen)),
    }


def lines(told: dict[str, Any]) -> Iterable[str]:
    """The same for a person."""
    for name, value in told.items():
        if name not in ("settings", "problems", "review", "last_night"):
            yield f"{name:18} {'none' if value is None else value}"
    night = told["last_night"]
    yield f"{'last_night':18} {'none yet' if night is None else night['started_at'] + ' ' + night['outcome']}"
    yield from ("", "settings in force")
    yield from (f"  {name:28} {value}" for name, value in told["settings"].items())
    yield ""
    yield from (f"PROBLEM  {problem}" for problem in told["problems"])
    yield from (f"REVIEW   {each['file']}: {each['found']}" for each in told["review"])
    if not told["problems"] and not told["review"]:
        yield "All is well."


def _review(home: Home) -> list[dict[str, str]]:
    """The reviewed decisions that do nothing (E62), by the newest release: remove them, or put them right."""
    if not home.current.exists():
        return []
    sql = "select file, found from ops.findings where code = 'E62' and known_to is null order by file, found"
    try:
        return reading.query(home.current, sql).to_dicts()
    except WarehouseError:  # a damaged release is told by whoever asks it something
        return []


def _night(night: logs.NightRun, runs: bool) -> dict[str, str]:
    unfinished = "still runs" if runs else "was stopped before its end"
    outcome = "completed" if night.completed else f"failed ({night.error})" if night.error else unfinished
    return {"started_at": night.started_at.isoformat(timespec="seconds"), "outcome": outcome}


def _problems(nights: list[logs.NightRun], chosen: settings.Settings, now: dt.datetime, runs: bool) -> list[str]:
    problems = []
    last = nights[-1] if nights else None
    if last is not None and not last.completed and (last.error or not runs):
        told = f"failed ({last.error})" if last.error else "was stopped before its end"
        problems.append(f"The night of {last.started_at:%Y-%m-%d %H:%M} {told}. `xinyan nightly` makes up for it.")
    overdue = due.overdue(nights, chosen.schedule, now)
    if overdue is not None and not problems and not runs:
        problems.append(f"The night due at {overdue:%Y-%m-%d %H:%M} did not run. Is `xinyan serve` up?")
    return problems
