"""Reading a period again with today's code and layouts: first what it would change, then the change, then the way back.

A plan is worked out on a shadow copy of the warehouse by the very code that applies it, so what it predicts is what
happens. What changes is a new version of the rows, known from the run that applies it; the past stays readable. An undo
makes known again, from its own instant on, what was known before; the plain figures are then exactly those.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from flows import (
    causes,
    chronicle,
    deciding,
    diffing,
    layouts,
    loading,
    lock,
    playing,
    scopes,
    settings,
    steps,
    workers,
)
from flows.errors import UserError
from flows.facts import plain_json, read_facts
from flows.home import PRIVATE, Home, write_whole
from flows.loading import Ground
from flows.scopes import Scope
from flows.settings import ZONE
from flows.steps import PACKAGES, Night
from flows.workers import Original, Read
from warehouse import Warehouse, backfills, digest, ledger, models, movements, open_warehouse, release

__all__ = ["Progress", "Scope", "Stage", "apply", "lines", "plan", "undo"]

Progress = Callable[[int, int], None]
Stage = Callable[[str], None]
"""Hears what is begun, in a few words; nothing where nobody looks."""

_GROUND = {
    "code": "the code or a layout",
    "aliases": "reference/aliases.toml",
    "corrections": "reference/corrections.toml",
    "rulings": "reference/rulings.toml",
    "state_digest": "what is known",
    "files": "the files in its scope",
}
"""What a plan rests on, in a person's words."""
_DECISIONS = {name: kind for kind, name in deciding.UNDONE.items()}
"""Reviewed decisions an apply takes up, by the name it tells their keys under."""


def _unheard(doing: str) -> None:
    pass


def plan(
    home: Home,
    scope: Scope,
    reason: str,
    progress: Progress,
    packages: tuple[str, ...] = PACKAGES,
    stage: Stage = _unheard,
) -> dict[str, Any]:
    """Work out, on a copy, what reading the scope again would change; keep the plan under its id."""
    _require_reason(reason)
    with lock.writer(home.writer_lock, "xinyan backfill plan"):
        night = _night(home, packages)
        with _open(night) as warehouse:
            scopes.require_known(warehouse, scope, packages)
            ground = _ground(night, warehouse, scope)
            warehouse.checkpoint()
        plan_id = _digest([asdict(scope), ground])[:8]
        shadow = home.staging / f"shadow-{night.run_id}.duckdb"
        try:
            stage("Copying the warehouse")
            shutil.copyfile(home.warehouse, shadow)
            with open_warehouse(shadow, night.catalogue, create=False) as warehouse:
                asked = _Asked(plan_id, scope, reason, ground["state_digest"])
                told = _rework(night, warehouse, asked, progress, stage)
        finally:
            _remove(shadow)
        kept = {**told, "ground": ground}
        write_whole(_plans(home, plan_id), plain_json(kept))
        return kept


def apply(
    home: Home,
    plan_id: str,
    reason: str,
    progress: Progress,
    packages: tuple[str, ...] = PACKAGES,
    stage: Stage = _unheard,
) -> dict[str, Any]:
    """Carry out a plan, record the decision and publish.

    Refuses a plan whose ground has changed since. What a run did that died before the end is completed; a plan that was
    carried out already changes nothing.
    """
    _require_reason(reason)
    with lock.writer(home.writer_lock, "xinyan backfill apply"):
        night = _night(home, packages)
        with _open(night) as warehouse:
            told = _done(warehouse, plan_id, "applied_at", "facts")
            if told is None:
                kept = _read_plan(home, plan_id)
                scope = Scope.read(kept["scope"])
                _require_same_ground(night, warehouse, kept, scope)
                asked = _Asked(plan_id, scope, reason, kept["ground"]["state_digest"])
                told = _rework(night, warehouse, asked, progress, stage)
            chronicle.settle(home, warehouse)
        stage("Releasing")
        released = steps.release(night)
        steps.report(night)
        return {**told, "release": released}


def undo(home: Home, plan_id: str, reason: str, packages: tuple[str, ...] = PACKAGES) -> dict[str, Any]:
    """Take a plan's apply back: what was read and known before it is known again, from now on; publish.

    Refuses where something came or changed since the apply. What a run did that died before the end is completed.
    """
    _require_reason(reason)
    with lock.writer(home.writer_lock, "xinyan backfill undo"):
        night = _night(home, packages)
        with _open(night) as warehouse:
            told = _done(warehouse, plan_id, "undone_at", "undo_facts")
            if told is None:
                applied = _require_undoable(warehouse, plan_id)
                standing = steps.standing_instant(home, warehouse)
                at = playing.instant_of(night.started_at, night.started_at, standing)
                told = take_back(night, warehouse, steps.ground_of(night, standing), applied, reason, at)
            chronicle.settle(home, warehouse)
        released = steps.release(night)
        steps.report(night)
        return {**told, "release": released}


def lines(told: dict[str, Any]) -> Iterable[str]:
    """What a plan would do, or what was done, for a person."""
    done = "taken back" if "undone_at" in told else "read again"
    yield f"Plan {told['plan_id']}: {len(told['files'])} files {done}, {told['rows_restated']} rows restated."
    yield f"  scope    {Scope.read(told['scope']).told}"
    yield f"  reason   {told['reason']}"
    yield f"  reports  {len(told['reports'])}, of {', '.join(told['periods']) or 'no period'}"
    if told["following_periods"]:
        yield f"  follow   {', '.join(told['following_periods'])}: their cumulative figures are checked against these"
    if told["differences"]:
        yield f"  numbers  {len(told['differences'])} change"
        yield from diffing.difference_lines(told["differences"], told["submissions"])
    else:
        yield "No published number changes."
    if "release" not in told:
        yield f'Next: xinyan backfill apply {told["plan_id"]} --reason "…"'
        return
    outcome = f"release {told['release']}." if told["release"] else "nothing published changed."
    yield f"{'Undone' if 'undone_at' in told else 'Applied'}; {outcome}"
    if "undone_at" in told:
        yield from _after_undo(told)


def _after_undo(told: dict[str, Any]) -> Iterable[str]:
    if told["state_restored"]:
        yield "Everything known now is what was known before the apply."
    else:
        yield "The program changed since the apply: the rows are those of before it, the summaries are today's."
    for name in _DECISIONS:
        if told[name]:
            where = f"Take them out of reference/{name}.toml, or write them anew."
            yield f"{name.capitalize()} that count no more: {len(told[name])}. {where}"


def _night(home: Home, packages: tuple[str, ...]) -> Night:
    known = layouts.packages_of(home, packages)
    return Night(home, settings.load(home.settings_file), dt.datetime.now(ZONE), packages=known)


def _open(night: Night) -> Warehouse:
    return open_warehouse(night.home.warehouse, night.catalogue, create=False)


@dataclass(frozen=True)
class _Asked:
    """A plan to work out or to apply: its id, scope and reason, and the digest of what is known before it."""

    plan_id: str
    scope: Scope
    reason: str
    state: str


def _rework(night: Night, warehouse: Warehouse, asked: _Asked, progress: Progress, stage: Stage) -> dict[str, Any]:
    """Read the scope again and settle everything anew, in one transaction."""
    stage("Reading again")
    reads = _read_again(night, scopes.originals(warehouse, asked.scope, night.packages), progress)
    standing = steps.standing_instant(night.home, warehouse)
    at = playing.instant_of(night.started_at, night.started_at, standing)
    ground = steps.ground_of(night, standing, again=True)
    ground = replace(ground, decided=ground.decided.from_instant(at))
    facts = {"plan_id": asked.plan_id, "scope": asdict(asked.scope), "reason": asked.reason}
    return carry_out(night, warehouse, ground, reads, at, facts, state=asked.state, stage=stage)


def carry_out(
    night: Night,
    warehouse: Warehouse,
    ground: Ground,
    reads: list[Read],
    at: dt.datetime,
    asked: Mapping[str, Any],
    moved_by: list[str] | None = None,
    state: str | None = None,
    stage: Stage = _unheard,
) -> dict[str, Any]:
    """Settle what was read again as of an instant, in one transaction, and tell what changed.

    `asked` has plan_id, scope and reason; `moved_by` says what made the files read otherwise, and `state` is the digest
    of what is known before, where these are known.
    """
    chosen = models.usable(warehouse)
    before, state = movements.figures(warehouse.frame, chosen), state or digest.state_digest(warehouse)
    plan_id, reason = asked["plan_id"], asked["reason"]
    stage("Judging what is held in the light of it")
    with warehouse.transaction():
        restated = loading.reload(warehouse, ground, reads, at, what=plan_id, why=reason, moved_by=moved_by)
        stage("Comparing every published number")
        reports = scopes.reports(warehouse, (read.file_id for read in reads))
        facts = {
            **{name: asked[name] for name in ("plan_id", "scope", "reason")},
            **_run(night),
            "known_from": at.isoformat(),
            "causes": causes.at(warehouse, at),
            "files": sorted(read.file_id for read in reads),
            **{name: _new_keys(ground, kind) for name, kind in _DECISIONS.items()},
            "decided": ground.decided.new(),
            "reports": reports,
            "periods": sorted({report["period"] for report in reports if report["period"]}),
            "following_periods": scopes.following(warehouse, reports),
            "rows_restated": restated,
            **_moved(warehouse, before, chosen, at),
        }
        written = plain_json(facts)
        _record(night, warehouse, "backfill", at, len(reads), plan_id)
        backfills.record(
            warehouse,
            plan_id=plan_id,
            applied_at=at,
            run_id=night.run_id,
            reason=reason,
            state_before=state,
            facts=written,
        )
    warehouse.checkpoint()
    told: dict[str, Any] = read_facts(written)
    return told


def _moved(
    warehouse: Warehouse, before: Mapping[str, pl.DataFrame], chosen: list[models.Model], at: dt.datetime
) -> dict[str, Any]:
    """Every number that is not what it was before an instant, and the reports that moved them."""
    found = movements.differences(before, movements.figures(warehouse.frame, chosen), chosen)
    since = at - dt.timedelta(microseconds=1)
    told = movements.attribute(found, chosen, movements.moved_rows(warehouse.frame, warehouse.catalogue, since))
    movers = {submission_id for each in told for submission_id in each.submissions}
    return {
        "differences": [each.as_facts() for each in told],
        "submissions": movements.reports(warehouse.frame, movers),
    }


def take_back(
    night: Night, warehouse: Warehouse, ground: Ground, applied: Mapping[str, Any], reason: str, at: dt.datetime
) -> dict[str, Any]:
    """Restore what stood before an apply, in one transaction."""
    chosen = models.usable(warehouse)
    before = movements.figures(warehouse.frame, chosen)
    did = read_facts(applied["facts"])
    with warehouse.transaction():
        causes.record(warehouse, at, ["undo"], night.run_id, applied["plan_id"], reason)
        restated = loading.take_back(warehouse, ground, applied["applied_at"], at, reason)
        facts = {
            "plan_id": applied["plan_id"],
            "scope": did["scope"],
            "reason": reason,
            **_run(night),
            "known_from": at.isoformat(),
            "undone_at": at.isoformat(),
            "files": did["files"],
            "layouts": layouts.digest_of(night.packages),
            **{name: did.get(name, []) for name in _DECISIONS},
            **{name: did[name] for name in ("reports", "periods", "following_periods")},
            "rows_restated": restated,
            **_moved(warehouse, before, chosen, at),
            "state_restored": digest.state_digest(warehouse) == applied["state_before"],
        }
        written = plain_json(facts)
        _record(night, warehouse, "undo", at, len(did["files"]), applied["plan_id"])
        backfills.record_undo(warehouse, applied["applied_at"], written)
    warehouse.checkpoint()
    told: dict[str, Any] = read_facts(written)
    return told


def _run(night: Night) -> dict[str, str]:
    """Which run it is, and by which code: what the archive's log of decisions needs."""
    return {"run_id": night.run_id, "code": steps.code_version(night.packages)}


def _record(night: Night, warehouse: Warehouse, kind: str, at: dt.datetime, files: int, plan_id: str) -> None:
    ledger.record_run(
        warehouse,
        run_id=night.run_id,
        kind=kind,
        started_at=night.started_at,
        finished_at=dt.datetime.now(ZONE),
        first_instant=at,
        last_instant=at,
        files=files,
        outcome="completed",
        code_version=steps.code_version(night.packages),
        note=f"plan {plan_id}",
    )


def _new_keys(ground: Ground, kind: str) -> list[str]:
    keys: list[str] = ground.decided.of(kind).filter("is_new")["key"].to_list()
    return keys


def _read_again(night: Night, originals: list[Original], progress: Progress) -> list[Read]:
    limits, done = night.settings.limits, 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(done, len(originals))

    return workers.read_all(night.home, originals, limits, night.packages, advance)


def _plans(home: Home, plan_id: str) -> Path:
    folder = home.staging / "plans"
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    return folder / f"{plan_id}.json"


def _read_plan(home: Home, plan_id: str) -> dict[str, Any]:
    path = _plans(home, plan_id) if re.fullmatch(r"[0-9a-f]{8}", plan_id) else None
    if path is None or not path.exists():
        known = ", ".join(sorted(each.stem for each in (home.staging / "plans").glob("*.json"))) or "none"
        raise UserError(f"plan {plan_id}", "no such plan", f"one of: {known}", "Make one with `xinyan backfill plan`.")
    told: dict[str, Any] = read_facts(path.read_text(encoding="utf-8"))
    return told


def _ground(night: Night, warehouse: Warehouse, scope: Scope) -> dict[str, Any]:
    """What a plan rests on: code, reviewed names, what is known, and which files it reads."""
    decided = steps.ground_of(night, None, again=True).decided  # without those taken out of the file
    return {
        "code": steps.code_version(night.packages),
        **{name: _digest(sorted(decided.of(kind)["key"])) for name, kind in _DECISIONS.items()},
        "state_digest": release.known_digest(warehouse),
        "files": sorted(original.file_id for original in scopes.originals(warehouse, scope, night.packages)),
    }


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _require_same_ground(night: Night, warehouse: Warehouse, kept: dict[str, Any], scope: Scope) -> None:
    now = _ground(night, warehouse, scope)
    changed = [told for name, told in _GROUND.items() if kept["ground"][name] != now[name]]
    if changed:
        raise UserError(
            f"plan {kept['plan_id']}",
            f"{' and '.join(changed)} changed since it was made",
            "what it was worked out with",
            "Make a new plan and look at it again.",
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise UserError("--reason", "empty", "why it is right", "Say it in a few words.")


def _require_undoable(warehouse: Warehouse, plan_id: str) -> dict[str, Any]:
    """The apply of a plan that stands. Raises `UserError` where there is none, or where it can be undone no more."""
    where, standing = f"plan {plan_id}", [each for each in backfills.applied(warehouse) if each["undone_at"] is None]
    found = next((each for each in reversed(standing) if each["plan_id"] == plan_id), None)
    if found is None:
        known = ", ".join(each["plan_id"] for each in standing) or "none"
        raise UserError(where, "not applied, or taken back already", f"one of: {known}", "")
    last = backfills.stands_since(warehouse)
    if last is not None and last > found["applied_at"]:
        later = [each["plan_id"] for each in standing if each["applied_at"] > found["applied_at"]]
        raise UserError(
            where,
            f"something was loaded or restated since, last at {last.astimezone(ZONE):%Y-%m-%d %H:%M}",
            f"the newest change; plan {later[-1]} was applied later" if later else "the newest change",
            "Take back what made it right (layout, alias), and plan a backfill of the same months.",
        )
    if not backfills.can_be_taken_back(warehouse, found["applied_at"]):
        raise UserError(where, "what it replaced is no longer kept", f"one of the last {backfills.KEPT} applies", "")
    return found


def _done(warehouse: Warehouse, plan_id: str, when: str, facts: str) -> dict[str, Any] | None:
    """What the apply (or undo) of a plan told, where it is the newest thing that happened: nothing is left to do."""
    found = [each for each in backfills.applied(warehouse) if each["plan_id"] == plan_id]
    last = ledger.last_instant(warehouse)
    undone = found and found[-1]["undone_at"] is not None
    if not found or undone != (when == "undone_at") or (last is not None and last > found[-1][when]):
        return None
    told: dict[str, Any] = read_facts(found[-1][facts])
    return told


def _remove(shadow: Path) -> None:
    for path in (shadow, shadow.with_name(shadow.name + ".wal")):
        path.unlink(missing_ok=True)
