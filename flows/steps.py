"""The steps of a night as plain functions; no Prefect needed to call them.

Steps hand each other paths and ids. `load` is one transaction: run again after an error, it finds what became durable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

import schemas.forms
from flows import (
    chasing,
    chronicle,
    deciding,
    entries,
    intake,
    journal,
    layouts,
    loading,
    persons,
    playing,
    returning,
    workers,
)
from flows.errors import UserError
from flows.facts import plain_json
from flows.home import Home, write_whole
from flows.intake import Receipt, Skipped
from flows.journal import Summary
from flows.loading import Ground
from flows.playing import Terms
from flows.settings import ZONE, Settings
from flows.workers import PACKAGES, Original, Read, code_version
from schemas import frames
from schemas.forms import Catalogue
from transforms.calendar import Calendar
from warehouse import Warehouse, backfills, faults, ledger, models, movements, open_warehouse
from warehouse import release as releasing

__all__ = ["PACKAGES", "RUN_ID", "Arrived", "Batch", "Loaded", "Night", "Summary", "code_version"]

RUN_ID = "%Y%m%dT%H%M%S.%f"
"""How the instant a run began at makes its id."""


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
        return self.started_at.strftime(RUN_ID)

    @property
    def catalogue(self) -> Catalogue:
        """The forms, layouts and codes in force."""
        return schemas.forms.load(self.packages)

    @property
    def terms(self) -> Terms:
        """What the settings say that verdicts and figures depend on."""
        chosen = self.settings.calendar
        calendar = Calendar(frozenset(chosen.extra_holidays), frozenset(chosen.extra_workdays))
        figures = {"consent.threshold_ratio": Decimal(str(self.settings.consent.threshold_ratio))}
        settings = pl.DataFrame(list(figures.items()), schema=frames.SETTINGS, orient="row")
        return Terms(calendar, self.settings.expected_filers, settings)


@dataclass(frozen=True)
class Batch:
    """Files read by one task."""

    name: str
    originals: tuple[Original, ...]


@dataclass(frozen=True)
class Arrived:
    """What is new since the last night that completed: receipts, and the contents not read before.

    `again` are files refused earlier that are read once more, as the layouts have changed since.
    """

    receipts: tuple[Receipt, ...]
    batches: tuple[Batch, ...]
    skipped: tuple[Skipped, ...]
    again: tuple[str, ...] = ()

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
        chronicle.settle(night.home, warehouse)
        taken = intake.take_in(night.home, night.started_at, night.until, night.settings.limits.admit_megabytes)
        known = set(ledger.known_receipts(warehouse).select("path", "file_id").iter_rows())
        read = set(ledger.known_files(warehouse)["file_id"])
        again = _refused(night, warehouse) if layouts.changed(night.home, night.packages) else []
    pending = sorted(
        receipt
        for receipt in intake.receipts(night.home)
        if (receipt.path, receipt.file_id) not in known and _in_reach(night, receipt)
    )
    originals: dict[str, Original] = {}
    for receipt in pending:
        if receipt.file_id not in read:
            originals.setdefault(receipt.file_id, Original(receipt.file_id, receipt.file_name))
    waiting = [*originals.values(), *again]
    batches = tuple(_batches(waiting, night.settings.limits.files_per_batch))
    return Arrived(tuple(pending), batches, taken.skipped, tuple(each.file_id for each in again))


def read(night: Night, batch: Batch) -> list[Read]:
    """Read one batch in worker processes; a file that cannot be read is an outcome, not an error."""
    return workers.read_all(night.home, batch.originals, night.settings.limits, night.packages)


def load(night: Night, arrived: Arrived, reads: Sequence[Read]) -> Loaded:
    """Validate, judge day by day, and write everything the night brought in one transaction."""
    with open_warehouse(night.home.warehouse, night.catalogue) as warehouse:
        if ledger.run_is_recorded(warehouse, night.run_id):  # an error at commit left it durable all the same
            chronicle.settle(night.home, warehouse)
            layouts.record(night.home, night.packages, night.started_at)
            return Loaded(len(reads), 0, 0)
        standing = standing_instant(night.home, warehouse)
        ground = ground_of(night, standing)
        if not arrived.receipts and not ground.decided.change and not arrived.again:
            layouts.record(night.home, night.packages, night.started_at)
            return Loaded(0, 0, 0)
        fresh = [each for each in reads if each.file_id not in arrived.again]
        again = [each for each in reads if each.file_id in arrived.again]
        receipts = loading.receipts_frame(arrived.receipts, fresh, night.run_id, night.started_at, standing)
        before = movements.figures(warehouse.frame, models.usable(warehouse))
        with warehouse.transaction():
            new, judged = loading.load(warehouse, ground, receipts, fresh)
            if again:
                at = playing.instant_of(night.started_at, night.started_at, standing_instant(night.home, warehouse))
                loading.reload(warehouse, ground.settled, again, at, keep=False)
            warehouse.insert("ops.moves", entries.moves(warehouse, night.run_id, before, standing))
            told = entries.lines(warehouse, night.run_id)
            warehouse.insert("ops.journal", entries.as_frame(night.run_id, told))
            ledger.record_decided(warehouse, night.run_id, map(plain_json, ground.decided.told()))
            ledger.record_run(warehouse, **_facts(night, warehouse, new, judged))
        warehouse.checkpoint()
        chronicle.settle(night.home, warehouse)
        layouts.propose(night.home, reads, persons.masker(night.home, warehouse))
    layouts.record(night.home, night.packages, night.started_at)
    return Loaded(new.files.height, new.submissions.height, judged)


def _refused(night: Night, warehouse: Warehouse) -> list[Original]:
    """Files of which a sheet was refused for its header: another layout may read it.

    But those an undo took back while these very layouts were in force: what a person withdrew stays withdrawn until the
    layouts change again or a backfill takes it up.
    """
    withdrawn = backfills.files_undone(warehouse, layouts.digest_of(night.packages))
    found = warehouse.frame(
        "select file_id, file_name from ops.files where file_id in"
        " (select file_id from ops.sheets where outcome = 'refused') order by received_at, file_id"
    )
    return [Original(*row) for row in found.iter_rows() if row[0] not in withdrawn]


def release(night: Night) -> int | None:
    """Publish what is known now; None where it is what the last release holds already."""
    with open_warehouse(night.home.warehouse, night.catalogue) as warehouse:
        _hear_all_names(night, warehouse)
        published = releasing.publish(
            warehouse,
            night.home.releases,
            run_id=night.run_id,
            keep=night.settings.releases.keep,
            words=persons.masker(night.home, warehouse).names,
            code_version=code_version(night.packages),
            last_run_id=chronicle.last_run(night.home),
            scratch=night.home.staging,
        )
        return None if published is None else published.release_no


def give_back(night: Night, arrived: Arrived, loaded: Loaded, released: int | None) -> Summary:
    """Make the slips that are due, write the night journal and say what came of the night."""
    with open_warehouse(night.home.warehouse, night.catalogue) as warehouse:
        masker = persons.masker(night.home, warehouse)
        with warehouse.transaction():
            limits = night.settings.limits
            returned = returning.give_back(warehouse, night.home, limits, night.run_id, masker, night.packages)
        owing, as_of = chasing.of_warehouse(warehouse, masker)
        chasing.write(owing, as_of, night.home.reports)
        returned = replace(returned, chases=tuple(owing))
        received, current = len(arrived.receipts), night.home.current
        summary = journal.summarise(
            warehouse, night.run_id, night.started_at, arrived.skipped, received, released, current, returned
        ).masked(masker)
    faults.passing("journal.writing")
    write_whole(night.home.reports / f"{night.started_at:%Y-%m-%dT%H%M%S}.md", summary.journal)
    faults.passing("journal.written")
    report(night)
    return summary


def report(night: Night) -> None:
    """Write the HTML report of the newest release where it has none yet, unless the settings say not to."""
    newest = releasing.newest(night.home.releases)
    if newest is None or not night.settings.report.enabled or night.home.report_of(newest.release_no).exists():
        return
    from flows import reporting  # here: a night that has nothing to report should not wait for the charts' library

    reporting.write_for_release(night.home, newest.release_no)


def _hear_all_names(night: Night, warehouse: Warehouse) -> None:
    """Read again the files whose names of persons are not kept (the list was lost): nothing is published without."""
    heard = persons.known(night.home)
    files = ledger.known_files(warehouse).select("file_id", "file_name")
    missing = [Original(*row) for row in files.iter_rows() if row[0] not in heard]
    if missing:
        workers.read_all(night.home, missing, night.settings.limits, night.packages)
        heard = persons.known(night.home)
        for original in missing:
            if original.file_id not in heard:  # nothing in it could be read: then nothing of it is published
                persons.remember(night.home, original.file_id, ())


def ground_of(night: Night, standing: dt.datetime | None, *, again: bool = False) -> Ground:
    """What loading starts from besides the files; with `again`, decisions withdrawn by an undo are new once more."""
    horizon = night.started_at
    if night.until is not None:
        horizon = min(horizon, dt.datetime.combine(night.until, dt.time.max, ZONE))
    decided = deciding.decide(night.home, night.catalogue, night.started_at, standing, horizon, again=again)
    return Ground(night.catalogue, decided, night.terms, night.run_id)


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
