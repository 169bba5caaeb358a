"""The steps of a night as plain functions; no Prefect needed to call them.

Steps hand each other paths and ids. `load` is one transaction: run again after an error, it finds what became durable.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

import schemas.forms
from flows import intake, journal, loading, playing, reviewed, workers
from flows.errors import UserError
from flows.home import Home
from flows.intake import Receipt, Skipped
from flows.journal import Summary
from flows.loading import Ground
from flows.settings import ZONE, Settings
from flows.workers import PACKAGES, Original, Read, code_version
from schemas import frames
from schemas.forms import Catalogue
from transforms.calendar import Calendar
from warehouse import Warehouse, ledger, open_warehouse
from warehouse import release as releasing

__all__ = ["PACKAGES", "Arrived", "Batch", "Loaded", "Night", "Summary", "code_version"]


@dataclass(frozen=True)
class Night:
    """One night under way: where, with which settings, begun when, playing up to which day."""

    home: Home
    settings: Settings
    started_at: dt.datetime
    until: dt.date | None = None
    packages: tuple[str, ...] = PACKAGES

    @property
    def run_id(self) -> str:
        """Names the night in the ledger and the log; no row of core or summary knows it."""
        return f"{self.started_at:%Y%m%dT%H%M%S.%f}"

    @property
    def catalogue(self) -> Catalogue:
        """The forms, layouts and codes in force."""
        return schemas.forms.load(self.packages)

    @property
    def calendar(self) -> Calendar:
        """Working days, with the days of the settings."""
        chosen = self.settings.calendar
        return Calendar(frozenset(chosen.extra_holidays), frozenset(chosen.extra_workdays))


@dataclass(frozen=True)
class Batch:
    """Files read by one task."""

    name: str
    originals: tuple[Original, ...]


@dataclass(frozen=True)
class Arrived:
    """What is new since the last night that completed: receipts, and the contents not read before."""

    receipts: tuple[Receipt, ...]
    batches: tuple[Batch, ...]
    skipped: tuple[Skipped, ...]

    @property
    def files(self) -> int:
        """How many contents there are to read."""
        return sum(len(batch.originals) for batch in self.batches)


@dataclass(frozen=True)
class Loaded:
    """What one transaction brought; `judged` counts the waves, 0 where nothing had to be judged."""

    files: int
    submissions: int
    judged: int


def take_in(night: Night) -> Arrived:
    """Archive what lies in the inbox, and list what the ledger does not know yet (an earlier night may have died)."""
    _refuse_the_past(night)
    with open_warehouse(night.home.warehouse, night.catalogue) as warehouse:
        taken = intake.take_in(night.home, night.started_at, night.until)
        known = set(ledger.known_receipts(warehouse).select("path", "file_id").iter_rows())
        read = set(ledger.known_files(warehouse)["file_id"])
    pending = sorted(
        receipt
        for receipt in intake.receipts(night.home)
        if (receipt.path, receipt.file_id) not in known and _in_reach(night, receipt)
    )
    originals: dict[str, Original] = {}
    for receipt in pending:
        if receipt.file_id not in read:
            originals.setdefault(receipt.file_id, Original(receipt.file_id, receipt.file_name))
    batches = tuple(_batches(list(originals.values()), night.settings.limits.files_per_batch))
    return Arrived(tuple(pending), batches, taken.skipped)


def read(night: Night, batch: Batch) -> list[Read]:
    """Read one batch in worker processes; a file that cannot be read is an outcome, not an error."""
    return workers.read_all(night.home, batch.originals, night.settings.limits, night.packages)


def load(night: Night, arrived: Arrived, reads: Sequence[Read]) -> Loaded:
    """Validate, judge day by day, and write everything the night brought in one transaction."""
    with open_warehouse(night.home.warehouse, night.catalogue) as warehouse:
        if ledger.run_is_recorded(warehouse, night.run_id):  # an error at commit left it durable all the same
            return Loaded(len(reads), 0, 0)
        standing = standing_instant(night.home, warehouse)
        ground = ground_of(night, standing)
        if not arrived.receipts and not ground.aliases["is_new"].any() and not ground.removed:
            return Loaded(0, 0, 0)
        receipts = loading.receipts_frame(arrived.receipts, reads, night.run_id, night.started_at, standing)
        with warehouse.transaction():
            new, judged = loading.load(warehouse, ground, receipts, reads)
            ledger.record_run(warehouse, **_facts(night, warehouse, new, judged))
        warehouse.checkpoint()
    _record_aliases(night.home, ground)
    return Loaded(new.files.height, new.submissions.height, judged)


def release(night: Night) -> int | None:
    """Publish what is known now; None where it is what the last release holds already."""
    with open_warehouse(night.home.warehouse, night.catalogue) as warehouse:
        published = releasing.publish(
            warehouse, night.home.releases, run_id=night.run_id, keep=night.settings.releases.keep
        )
        return None if published is None else published.release_no


def give_back(night: Night, arrived: Arrived, loaded: Loaded, released: int | None) -> Summary:
    """Write the night journal and say what came of the night."""
    with open_warehouse(night.home.warehouse, night.catalogue) as warehouse:
        received, current = len(arrived.receipts), night.home.current
        summary = journal.summarise(
            warehouse, night.run_id, night.started_at, arrived.skipped, received, released, current
        )
    (night.home.reports / f"{night.started_at:%Y-%m-%dT%H%M%S}.md").write_text(summary.journal, encoding="utf-8")
    return summary


def ground_of(night: Night, standing: dt.datetime | None, *, again: bool = False) -> Ground:
    """What loading starts from besides the files; with `again`, aliases withdrawn by an undo are new once more."""
    removed_at = playing.instant_of(night.started_at, night.started_at, standing)
    aliases, removed = _aliases(night, standing, removed_at, again=again)
    return Ground(night.catalogue, aliases, night.calendar, night.run_id, removed, removed_at)


def standing_instant(home: Home, warehouse: Warehouse) -> dt.datetime | None:
    """The newest instant anything was played at or published as of.

    None in a warehouse that holds no file: what was lost is made again from the archive, at the instants it came.
    """
    last = ledger.last_instant(warehouse)
    published = _published(home)
    return last if last is None or published is None else max(last, published)


def _published(home: Home) -> dt.datetime | None:
    newest = releasing.newest(home.releases)
    return None if newest is None or newest.newest_instant is None else dt.datetime.fromisoformat(newest.newest_instant)


def _refuse_the_past(night: Night) -> None:
    standing = _published(night.home)
    if night.until is None or standing is None or night.until >= standing.astimezone(ZONE).date():
        return
    raise UserError(
        f"--as-of {night.until}",
        f"the newest release already stands at {standing.astimezone(ZONE):%Y-%m-%d}",
        "that day or a later one",
        "Past figures are read with the _as_of macros, such as summary.target_attainment_as_of(timestamptz '…').",
    )


def _in_reach(night: Night, receipt: Receipt) -> bool:
    return night.until is None or receipt.received_at.astimezone(ZONE).date() <= night.until


def _batches(originals: Sequence[Original], size: int) -> Iterator[Batch]:
    count = -(-len(originals) // size)
    for number in range(count):
        yield Batch(f"{number + 1} of {count}", tuple(originals[number * size : (number + 1) * size]))


def _facts(night: Night, warehouse: Warehouse, new: loading.New, judged: int) -> dict[str, object]:
    counted = warehouse.frame(
        "select coalesce(sum(rows_read), 0) as rows_read, coalesce(sum(rows_accepted), 0) as rows_accepted,"
        " coalesce(sum(rows_quarantined), 0) as rows_quarantined from ops.submissions where run_id = ?",
        [night.run_id],
    ).row(0, named=True)
    return {
        "run_id": night.run_id,
        "kind": "nightly",
        "started_at": night.started_at,
        "finished_at": dt.datetime.now(ZONE),
        "first_instant": new.files["known_from"].min(),
        "last_instant": new.files["known_from"].max(),
        "files": new.files.height,
        "submissions": new.submissions.height,
        **{name: int(value) for name, value in counted.items()},
        "outcome": "completed",
        "code_version": code_version(night.packages),
        "note": f"judged {judged} times",
    }


def _aliases(
    night: Night, standing: dt.datetime | None, removed_at: dt.datetime, *, again: bool
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The reviewed aliases, each with the instant it counts from and whether this run is the first to see it.

    Also the keys of those that counted and are no longer in the file; what they said counts until `removed_at`.

    An alias written today with a date in the past counts from this run, where something stands at that date already.
    In an empty warehouse all are new, at the instants they always counted from.
    One that an undo withdrew counts no more, until it is written differently or a backfill takes it up `again`.
    """
    written = reviewed.aliases(night.home.aliases_file, night.catalogue.codes["streets"])
    seen, withdrawn = _decided(night.home)
    keys = [_key(row) for row in written.iter_rows(named=True)]
    if not again:
        written = written.filter(pl.Series([key not in withdrawn for key in keys], dtype=pl.Boolean))
        keys = [key for key in keys if key not in withdrawn]
    known_from = [
        seen.get(key) or playing.instant_of(at, night.started_at, standing)
        for key, at in zip(keys, written["known_from"], strict=True)
    ]
    found = written.with_columns(
        pl.Series("known_from", known_from, dtype=frames.INSTANT),
        pl.Series("key", keys, dtype=pl.String),
        pl.Series("is_new", [standing is None or key not in seen for key in keys], dtype=pl.Boolean),
        pl.lit(None, dtype=frames.INSTANT).alias("known_to"),
    )
    removed = tuple(str(key) for key in seen if key not in keys)
    if standing is None or not removed:  # an empty warehouse is made from what is written now
        return found, removed
    told = {str(entry["key"]): entry.get("says") for entry in intake.decisions(night.home) if entry["kind"] == "alias"}
    gone = [
        {**says, "known_from": seen[key], "key": key, "is_new": False}
        for key in removed
        if isinstance(says := told[key], dict)
    ]
    ended = pl.DataFrame(gone, schema={**found.schema, "known_to": pl.Null}).with_columns(
        known_to=pl.lit(removed_at).cast(frames.INSTANT)
    )
    return pl.concat([found, ended]), removed


def _decided(home: Home) -> tuple[dict[object, dt.datetime], set[object]]:
    """Keys of the aliases that count, with the instant they count from; and of those an undo withdrew."""
    seen: dict[object, dt.datetime] = {}
    withdrawn: set[object] = set()
    for entry in intake.decisions(home):
        if entry["kind"] == "alias":
            seen[entry["key"]] = dt.datetime.fromisoformat(str(entry["known_from"]))
            withdrawn.discard(entry["key"])
        elif entry["kind"] == "alias removed":
            seen.pop(entry["key"], None)
        elif entry["kind"] == "undo":
            keys = entry.get("aliases")
            for key in keys if isinstance(keys, list) else []:
                seen.pop(key, None)
                withdrawn.add(key)
    return seen, withdrawn


def _record_aliases(home: Home, ground: Ground) -> None:
    """Write down from when each new alias counts, and from when those taken out of the file count no more."""
    for row in ground.aliases.filter("is_new").iter_rows(named=True):
        said = {name: row[name] for name in frames.ALIASES if name != "known_from"}
        intake.record_decision(home, "alias", row["known_from"], key=row["key"], says=said)
    for key in ground.removed:
        assert ground.removed_at is not None
        intake.record_decision(home, "alias removed", ground.removed_at, key=key)


def _key(alias: Mapping[str, object]) -> str:
    text = json.dumps(alias, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
