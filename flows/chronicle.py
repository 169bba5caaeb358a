"""The archive's log of what became known when: with originals and receipts it is enough to make a warehouse again.

`archive/decisions.jsonl` holds, in order: each night that brought something (its receipts, each with the instant it
counts from), each reviewed decision when it began or ended to count, each apply and undo. A night is written down after
its transaction is durable; one that died in between is written down by whoever opens the warehouse next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flows import deciding, intake
from flows.facts import read_facts
from flows.home import Home
from warehouse import Warehouse, backfills, ledger

NIGHT = "night"
_KEPT = ("plan_id", "reason", "scope", "files", "run_id", "code", "causes", *deciding.UNDONE.values())
"""What the log keeps of the facts of an apply or undo."""


def settle(home: Home, warehouse: Warehouse) -> None:
    """Write down every night, apply and undo that the warehouse holds and the log does not, in their order."""
    told = {entry["run_id"] for entry in intake.decisions(home) if "run_id" in entry}
    runs = warehouse.frame(
        "select run_id, kind, code_version, started_at from ops.runs"
        " where kind in ('nightly', 'backfill', 'undo') and outcome = 'completed' order by rowid"
    )
    for run_id, kind, code, started_at in runs.iter_rows():
        if run_id in told:
            continue
        if kind == "nightly":
            _write_night(home, warehouse, run_id, code, started_at)
        else:
            _write_backfill(home, warehouse, run_id, kind)


def _write_night(home: Home, warehouse: Warehouse, run_id: str, code: str, started_at: dt.datetime) -> None:
    deciding.record(home, map(read_facts, ledger.decided_in(warehouse, run_id)))
    receipts = warehouse.frame(
        "select path, file_id, coalesce(known_from, received_at) as known_from from ops.receipts"
        " where run_id = $1 order by received_at, path, file_id",
        [run_id],
    )
    listed = [[path, file_id, _text(at)] for path, file_id, at in receipts.iter_rows()]
    last = receipts["known_from"].max() if receipts.height else started_at
    assert isinstance(last, dt.datetime)
    intake.record_decision(home, NIGHT, last, run_id=run_id, code=code, receipts=listed)


def last_run(home: Home) -> str:
    """The last run the log tells of, or nothing."""
    return next((str(entry["run_id"]) for entry in reversed(intake.decisions(home)) if "run_id" in entry), "")


def _write_backfill(home: Home, warehouse: Warehouse, run_id: str, kind: str) -> None:
    """Write an apply or undo, after the reviewed decisions that an apply took up, which count from it."""
    for row in backfills.applied(warehouse):
        facts = read_facts(row["facts" if kind == "backfill" else "undo_facts"] or "{}")
        if facts.get("run_id") == run_id:
            deciding.record(home, facts.get("decided", ()))
            told = {name: facts[name] for name in _KEPT if name in facts}
            at = dt.datetime.fromisoformat(facts["known_from"])
            intake.record_decision(home, "apply" if kind == "backfill" else "undo", at, **told)


def nights_missing(home: Home, entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A night for receipts that no night lists: homes from before the log, and nights that died before they loaded.

    Given only where the log lists no night at all; otherwise what is not listed waits for the next night.
    """
    if any(entry["kind"] == NIGHT for entry in entries):
        return []
    receipts = [[each.path, each.file_id, each.received_at.isoformat()] for each in sorted(intake.receipts(home))]
    return [{"kind": NIGHT, "run_id": "", "code": "", "receipts": receipts}] if receipts else []


def _text(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()
