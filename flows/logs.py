"""The log of a night: a JSON line per event, ids and counts only, never a name, a path or a value a sender wrote."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flows.settings import ZONE

KEPT = 90
"""Nights whose logs are kept."""

Log = Callable[..., None]
"""`log(event, **facts)`."""


def open_night(folder: Path, started_at: dt.datetime) -> Log:
    """A function that appends one event to this night's file. Older files than the newest 90 are removed."""
    path = folder / f"{started_at.astimezone(ZONE):%Y-%m-%dT%H%M%S}.jsonl"
    path.touch()
    for old in sorted(folder.glob("*.jsonl"))[:-KEPT]:
        old.unlink(missing_ok=True)

    def log(event: str, **facts: object) -> None:
        line = {"at": dt.datetime.now(ZONE).isoformat(timespec="milliseconds"), "event": event, **facts}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")

    return log


def silent(event: str, **facts: object) -> None:
    """A log that keeps nothing, for steps called on their own."""


@dataclass(frozen=True)
class NightRun:
    """One night as its log tells it. `completed` and `error` are both empty where it was killed or still runs."""

    run_id: str
    started_at: dt.datetime
    completed: bool
    error: str | None


def nights(folder: Path) -> list[NightRun]:
    """Every night whose log is kept, oldest first."""
    return [night for path in sorted(folder.glob("*.jsonl")) if (night := _night(path)) is not None]


def _night(path: Path) -> NightRun | None:
    events = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:  # a kill cut the line off
            continue
    started = next((event for event in events if event["event"] == "night started"), None)
    if started is None:
        return None
    failed = next((event for event in events if event["event"] == "night failed"), None)
    return NightRun(
        run_id=started["run_id"],
        started_at=dt.datetime.fromisoformat(started["at"]),
        completed=any(event["event"] == "night completed" for event in events),
        error=failed["error"] if failed else None,
    )
