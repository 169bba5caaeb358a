"""Reading a period again with today's code and layouts: first what it would change, then the change itself.

A plan is worked out on a shadow copy of the warehouse by the very code that applies it, so what it predicts is what
happens. What changes is a new version of the rows, known from the run that applies it; the past stays readable.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from flows import intake, loading, lock, playing, settings, steps, workers
from flows.errors import UserError
from flows.home import PRIVATE, Home
from flows.steps import PACKAGES, Night
from flows.workers import Original, Read
from warehouse import Warehouse, digest, open_warehouse

Progress = Callable[[int, int], None]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Scope:
    """Which reports: of which periods (both ends included), and perhaps of one form or one filer."""

    first: str
    last: str
    form: str | None = None
    filer: str | None = None

    @classmethod
    def parse(cls, first: str, last: str, form: str | None, filer: str | None) -> Scope:
        """Check what a person typed. Raises `UserError`."""
        for option, month in (("--from", first), ("--to", last)):
            if not _MONTH.fullmatch(month):
                raise UserError(option, repr(month), "a month such as 2013-06", "Correct it and run again.")
        if first > last:
            raise UserError("--from", f"{first} is after --to {last}", "the earlier month first", "Swap them.")
        return cls(first, last, form, filer)


def plan(home: Home, scope: Scope, reason: str, progress: Progress) -> dict[str, Any]:
    """Work out, on a copy, what reading the scope again would change; keep the plan under its id."""
    with lock.writer(home.writer_lock, "xinyan backfill plan"):
        night = _night(home)
        with _open(night) as warehouse:
            warehouse.checkpoint()
            before = digest.state_digest(warehouse)
        shadow = home.staging / f"shadow-{night.run_id}.duckdb"
        try:
            shutil.copyfile(home.warehouse, shadow)
            told = _rework(night, shadow, scope, progress)
        finally:
            _remove(shadow)
        facts = {"scope": asdict(scope), "code": steps.code_version(night.packages), "state_digest": before}
        plan_id = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]
        kept = {"plan_id": plan_id, "reason": reason, **facts, **told}
        _plans(home, plan_id).write_text(json.dumps(kept, ensure_ascii=False, default=str, indent=1), encoding="utf-8")
        return kept


def apply(home: Home, plan_id: str, reason: str, progress: Progress) -> dict[str, Any]:
    """Carry out a plan, record the decision and publish. Refuses a plan whose ground has changed since."""
    if not reason.strip():
        raise UserError("--reason", "empty", "why the change is right", "Say it in a few words.")
    with lock.writer(home.writer_lock, "xinyan backfill apply"):
        night = _night(home)
        kept = _read_plan(home, plan_id)
        with _open(night) as warehouse:
            _require_same_ground(night, warehouse, kept)
        told = _rework(night, home.warehouse, Scope(**kept["scope"]), progress)
        at = dt.datetime.fromisoformat(told["known_from"])
        facts = {"plan_id": plan_id, "reason": reason, "scope": kept["scope"], "files": told["files"]}
        intake.record_decision(home, "apply", at, **facts)
        return {**told, "plan_id": plan_id, "reason": reason, "release": steps.release(night)}


def lines(told: dict[str, Any]) -> Iterable[str]:
    """The differences for a person."""
    yield f"Plan {told['plan_id']}: {len(told['files'])} files read again, {told['rows_restated']} rows restated."
    if not told["differences"]:
        yield "No figure of target_attainment changes."
    for change in told["differences"]:
        yield f"  {change['plan_year']} {change['measure']:32} {change['before']} → {change['after']}"
    if "release" in told:
        yield f"Applied; release {told['release']}." if told["release"] else "Applied; nothing published changed."
    else:
        yield f'Next: xinyan backfill apply {told["plan_id"]} --reason "…"'


def _night(home: Home) -> Night:
    return Night(home, settings.load(home.settings_file), dt.datetime.now(settings.ZONE), packages=PACKAGES)


def _open(night: Night) -> Warehouse:
    return open_warehouse(night.home.warehouse, night.catalogue, create=False)


def _rework(night: Night, file: Path, scope: Scope, progress: Progress) -> dict[str, Any]:
    """Read the scope again and settle everything anew in `file`, in one transaction."""
    with open_warehouse(file, night.catalogue, create=False) as warehouse:
        originals = _originals(warehouse, scope)
        reads = _read_again(night, originals, progress)
        before = _attainment(warehouse)
        standing = steps.standing_instant(night.home, warehouse)
        at = playing.instant_of(night.started_at, night.started_at, standing)
        with warehouse.transaction():
            restated = loading.reload(warehouse, steps.ground_of(night, standing), reads, at)
        warehouse.checkpoint()
        return {
            "known_from": at.isoformat(),
            "files": [original.file_id for original in originals],
            "rows_restated": restated,
            "differences": _differences(before, _attainment(warehouse)),
        }


def _originals(warehouse: Warehouse, scope: Scope) -> list[Original]:
    """Files with a report in scope, and files refused whole that were received in its months (or the month after)."""
    found = warehouse.frame(
        """
        select distinct file.file_id, file.file_name from ops.files as file
        left join ops.submissions as report using (file_id)
        where case
            when report.submission_id is null
                then strftime(file.received_at, '%Y-%m') between $first and $last
            when report.period = '' then strftime(file.received_at, '%Y-%m') between $first and $last
            when length(report.period) = 4 then report.period between left($first, 4) and left($last, 4)
            else report.period between $first and $last
        end
        and ($form is null or report.entity = $form) and ($filer is null or report.filer_id = $filer)
        order by file.file_id
        """,
        asdict(scope),  # type: ignore[arg-type]
    )
    return [Original(*row) for row in found.iter_rows()]


def _read_again(night: Night, originals: list[Original], progress: Progress) -> list[Read]:
    limits, done = night.settings.limits, 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, len(originals))

    return workers.read_all(night.home, originals, limits, night.packages, advance)


def _attainment(warehouse: Warehouse) -> pl.DataFrame:
    return warehouse.frame("select * from summary.target_attainment order by plan_year")


def _differences(before: pl.DataFrame, after: pl.DataFrame) -> list[dict[str, Any]]:
    old = {row["plan_year"]: row for row in before.iter_rows(named=True)}
    new = {row["plan_year"]: row for row in after.iter_rows(named=True)}
    return [
        {"plan_year": year, "measure": measure, "before": was, "after": now}
        for year in sorted(old | new)
        for measure in before.columns
        if measure != "plan_year" and (was := old.get(year, {}).get(measure)) != (now := new.get(year, {}).get(measure))
    ]


def _plans(home: Home, plan_id: str) -> Path:
    folder = home.staging / "plans"
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    return folder / f"{plan_id}.json"


def _read_plan(home: Home, plan_id: str) -> dict[str, Any]:
    path = _plans(home, plan_id) if re.fullmatch(r"[0-9a-f]{8}", plan_id) else None
    if path is None or not path.exists():
        known = ", ".join(sorted(each.stem for each in (home.staging / "plans").glob("*.json"))) or "none"
        raise UserError(f"plan {plan_id}", "no such plan", f"one of: {known}", "Make one with `xinyan backfill plan`.")
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def _require_same_ground(night: Night, warehouse: Warehouse, kept: dict[str, Any]) -> None:
    now = {"code": steps.code_version(night.packages), "state_digest": digest.state_digest(warehouse)}
    changed = [name for name, value in now.items() if kept[name] != value]
    if changed:
        raise UserError(
            f"plan {kept['plan_id']}",
            f"{' and '.join(changed)} changed since it was made",
            "the code and the figures it was worked out with",
            "Make a new plan and look at it again.",
        )


def _remove(shadow: Path) -> None:
    for path in (shadow, shadow.with_name(shadow.name + ".wal")):
        path.unlink(missing_ok=True)
