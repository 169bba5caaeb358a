"""Loading: what was read becomes landed rows, verdicts and history, all inside the caller's one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import polars as pl

from flows import causes, playing, reaching, workers
from flows.deciding import Decided
from flows.intake import Receipt
from flows.playing import Played, Terms
from flows.reaching import Reach
from flows.workers import Read
from schemas import frames
from schemas.forms import Catalogue
from schemas.reasons import REASONS
from schemas.slips import NUMBER_LENGTH
from transforms.answers import find_answers
from transforms.layout import FileReading
from transforms.validate import validate
from warehouse import Warehouse, backfills, checks, definitions, faults, ledger, models
from warehouse.history import SAID_FINDINGS, Book
from warehouse.load import forget_files, land, readings


@dataclass(frozen=True)
class Ground:
    """What a loading starts from besides the files: declared facts, reviewed decisions, settings, and its run.

    With `anew` everything is judged, whatever the change: what a rebuild does, and what a smaller judgement must equal.
    """

    catalogue: Catalogue
    decided: Decided
    terms: Terms
    run_id: str
    anew: bool = False

    @property
    def settled(self) -> Ground:
        """The same, once what began or ended in this run was heard."""
        return replace(self, decided=self.decided.settled())


@dataclass(frozen=True)
class New:
    """What a run read, but for what has landed by then; findings know the instant they count from.

    ``disputed`` are the reports (`submission_id`) of which a total disagrees with its rows.
    """

    files: pl.DataFrame
    submissions: pl.DataFrame
    findings: pl.DataFrame
    disputed: pl.Series


_BYTES_AT_ONCE = 16 << 20
"""Of staged readings: what is read back, validated and landed together. A sample year is one lot."""


_TEXT, _COUNT = pl.String, pl.Int64
_FACTS = {
    "file_id": _TEXT,
    "format": _TEXT,
    "outcome": _TEXT,
    "sheets": _COUNT,
    "non_empty_cells": _COUNT,
    "submissions": _COUNT,
    "slip_number": _TEXT,
    "read_by": _TEXT,
}
_RECEIPTS = {
    "path": _TEXT,
    "file_name": _TEXT,
    "file_id": _TEXT,
    "received_at": frames.INSTANT,
    "known_from": frames.INSTANT,
    "bytes": _COUNT,
    "is_duplicate": pl.Boolean,
    "run_id": _TEXT,
}


def receipts_frame(
    receipts: Sequence[Receipt],
    read: Sequence[Read],
    run_id: str,
    started_at: dt.datetime,
    standing: dt.datetime | None,
) -> pl.DataFrame:
    """Receipts, each with the instant it is known from; the first receipt of a content read now is its original."""
    originals = {each.file_id for each in read}
    rows = []
    for receipt in receipts:
        at = playing.instant_of(receipt.received_at, started_at, standing)
        rows.append(receipt_row(receipt, at, receipt.file_id not in originals, run_id))
        originals.discard(receipt.file_id)
    return receipt_rows(rows)


def receipt_row(receipt: Receipt, known_from: dt.datetime, is_duplicate: bool, run_id: str) -> dict[str, object]:
    """One receipt with the instant it is known from."""
    return {
        "path": receipt.path,
        "file_name": receipt.file_name,
        "file_id": receipt.file_id,
        "received_at": receipt.received_at,
        "known_from": known_from,
        "bytes": receipt.bytes,
        "is_duplicate": is_duplicate,
        "run_id": run_id,
    }


def receipt_rows(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Receipts as a frame."""
    return pl.DataFrame(rows, schema=_RECEIPTS, orient="row")


def load(warehouse: Warehouse, ground: Ground, receipts: pl.DataFrame, read: Sequence[Read]) -> tuple[New, int]:
    """Load new files: land what was read, play its instants in order, summarise and check.

    Returns what was new and how often was judged. Raises `ChecksFailedError` where a promise of ours is broken.
    """
    ledger.record_receipts(warehouse, receipts.drop("file_name"))
    new = _land(warehouse, ground, read, receipts.filter(~pl.col("is_duplicate")).drop("is_duplicate"))
    faults.passing("load.landed")
    causes.record_decided(warehouse, ground.decided, ground.run_id)
    if receipts.height:
        causes.record(
            warehouse, receipts["known_from"].min(), causes.of_judging(warehouse, ground.catalogue), ground.run_id
        )
    fresh = new.submissions["submission_id"].to_list()
    heard = new.submissions.filter((pl.col("outcome") == "read") | pl.col("submission_id").is_in(new.disputed))
    reach = reaching.of_change(warehouse, ground, heard["submission_id"].to_list(), heard["known_from"].min())
    book = Book(warehouse, reach.judged)
    noted = pl.concat([new.findings, _duplicates(receipts)], how="diagonal_relaxed")
    for (at,), findings in noted.group_by("known_from", maintain_order=True):
        assert isinstance(at, dt.datetime)
        book.note(findings.drop("known_from"), at)
    played = playing.play(book, reach.landed, fresh, ground.catalogue, ground.decided, ground.terms)
    _hear_answers(warehouse, book, ground, reach, new.files["file_id"])
    reach = reach.without_rows()
    faults.passing("load.judged")
    book.apply(warehouse)
    _remember(warehouse, ground, reach, played)
    faults.passing("load.booked")
    untouched = reach.untouched(ground.catalogue, new.submissions)
    _conclude(warehouse, ground, untouched, moved=not reach.stands or book.instants is not None)
    return new, played.times if played else 0


def reload(
    warehouse: Warehouse,
    ground: Ground,
    read: Sequence[Read],
    at: dt.datetime,
    *,
    keep: bool = True,
    what: str = "",
    why: str = "",
    moved_by: Sequence[str] | None = None,
) -> int:
    """Replace what reading some known files gave, and judge everything anew as of `at`.

    When each file was received stays as it is; with `keep`, what is replaced is kept, so that it can be taken back.
    `what` and `why` are written down beside the causes of the change (`moved_by`, worked out where it is not given).
    Returns how many core rows are restated.
    """
    before = ledger.known_submissions(warehouse)
    file_ids = pl.Series([each.file_id for each in read], dtype=pl.String)
    if keep:
        backfills.keep(warehouse, file_ids, at)
    known = ledger.known_files(warehouse).drop([name for name in _FACTS if name != "file_id"])
    was = readings(warehouse, file_ids)
    forget_files(warehouse, file_ids)
    held = causes.readers(warehouse, file_ids)
    new = _land(warehouse, ground, read, known.filter(pl.col("file_id").is_in(file_ids.implode())))
    if moved_by is None:
        moved_by = causes.of_reading(held, causes.readers(warehouse, file_ids))
        moved_by = moved_by or causes.of_judging(warehouse, ground.catalogue)
    causes.record_decided(warehouse, ground.decided, ground.run_id)
    causes.record(warehouse, at, moved_by, ground.run_id, what, why)
    changed = pl.concat([was, readings(warehouse, file_ids)]).filter(~pl.struct(pl.all()).is_duplicated())
    reach = reaching.of_change(warehouse, ground, set(changed["submission_id"]), at, gone=before)
    book = Book(warehouse, reach.judged)
    copies = ledger.known_receipts(warehouse).filter(pl.col("file_id").is_in(file_ids.implode()))
    twice = _duplicates(copies.with_columns(known_from=pl.lit(at).cast(frames.INSTANT)))
    found = pl.concat([new.findings, twice], how="diagonal_relaxed").drop("known_from")
    book.note(found, at, read_again=file_ids.to_list())
    readable = before.filter(pl.col("outcome") == "read")
    fresh = new.submissions.join(readable, on="submission_id", how="anti")["submission_id"].to_list()
    reach = _known_at(reach, fresh, at)
    played = playing.play(book, reach.landed, fresh, ground.catalogue, ground.decided, ground.terms)
    if played is None and not reach.is_empty:
        landed = playing.part(reach.landed, reach.landed.submissions["submission_id"].to_list())
        uses = playing.settle(book, landed, ground.catalogue, ground.decided, ground.terms, at)
        played = Played(1, at, uses)
    _hear_answers(warehouse, book, ground, reach, file_ids, at)
    reach = reach.without_rows()
    opened = book.apply(warehouse)
    _remember(warehouse, ground, reach, played)
    _keep_judgement(warehouse, before, reach)
    was_here = before.filter(pl.col("file_id").is_in(file_ids.implode()))
    untouched = reach.untouched(ground.catalogue, new.submissions, was_here)
    _conclude(warehouse, ground, untouched, moved=not reach.stands or book.instants is not None)
    return sum(opened.values())


def take_back(warehouse: Warehouse, ground: Ground, applied_at: dt.datetime, at: dt.datetime, reason: str) -> int:
    """Put back what a reload replaced, known again from `at`. Returns how many core rows are restated."""
    opened = backfills.take_back(warehouse, applied_at, at, reason)
    reaching.forget(warehouse)
    _conclude(warehouse, ground)
    return sum(opened.values())


def _land(warehouse: Warehouse, ground: Ground, read: Sequence[Read], origins: pl.DataFrame) -> New:
    """Validate and write what was read, a lot of files at a time; `origins` says of each file whence it came."""
    landed = [_land_lot(warehouse, ground, lot, origins) for lot in _lots(read)]
    return New(*(pl.concat([getattr(part, name.name) for part in landed]) for name in fields(New)))


def _lots(read: Sequence[Read]) -> Iterator[list[Read]]:
    """Files whose readings together are not too large; one lot at least."""
    lot: list[Read] = []
    size = 0
    for each in read:
        own = 0 if each.path is None else Path(each.path).stat().st_size
        if lot and size + own > _BYTES_AT_ONCE:
            yield lot
            lot, size = [], 0
        lot.append(each)
        size += own
    yield lot


def _land_lot(warehouse: Warehouse, ground: Ground, read: Sequence[Read], origins: pl.DataFrame) -> New:
    catalogue = ground.catalogue
    readings = [workers.unread(each) if each.path is None else workers.load_reading(each.path) for each in read]
    files = pl.DataFrame(
        [_facts(reading, catalogue.packages) for reading in readings], schema=_FACTS, orient="row"
    ).join(origins, on="file_id", how="inner")
    dated = files.select("file_id", "file_name", "received_at", "known_from")
    submissions = _concat([reading.submissions for reading in readings], frames.SUBMISSIONS)
    submissions = submissions.join(dated, on="file_id", how="inner").select(list(frames.LANDED_SUBMISSIONS))
    findings = _concat([reading.findings for reading in readings], frames.FINDINGS)
    located = {
        "sheets": _concat([reading.sheets for reading in readings], frames.SHEETS),
        "cells": _concat([reading.cells for reading in readings], frames.CELLS),
        "columns": _concat([reading.columns for reading in readings], frames.LOCATED_COLUMNS),
        "controls": _concat([reading.controls for reading in readings], frames.CONTROLS),
        "control_cells": _concat([reading.control_cells for reading in readings], frames.CONTROL_CELLS),
    }
    rows = _validated(catalogue, readings)
    faults.passing("load.validated")
    ledger.record_files(warehouse, files)
    ledger.record_readings(warehouse, files["file_id"], submissions, located, ground.run_id)
    for entity, landed in rows.items():
        land(warehouse, entity, landed)
    findings = findings.join(dated.select("file_id", "known_from"), on="file_id", how="inner")
    return New(files, submissions, findings, located["control_cells"]["submission_id"].unique())


def _facts(reading: FileReading, packages: tuple[str, ...]) -> dict[str, object]:
    is_open = reading.sheets.is_empty() or (reading.sheets["outcome"] == "refused").any()
    was_read = (reading.submissions["outcome"] == "read").any()
    return {
        "file_id": reading.file_id,
        "format": reading.format,
        "outcome": "read" if was_read else "refused",
        "sheets": reading.sheets.height,
        "non_empty_cells": reading.sheets["non_empty_cells"].sum(),
        "submissions": reading.submissions.height,
        "slip_number": reading.answers,
        "read_by": workers.read_by(packages, reading.sheets["form_code"], is_open=bool(is_open)),
    }


def _validated(catalogue: Catalogue, readings: Sequence[FileReading]) -> dict[str, pl.DataFrame]:
    """The rows of each form, validated in one call per form."""
    rows = {}
    for entity, form in catalogue.forms.items():
        parts = [reading.rows[entity] for reading in readings if entity in reading.rows]
        rows[entity] = validate(form, _concat(parts, form.row_schema()))
    return rows


def _duplicates(receipts: pl.DataFrame) -> pl.DataFrame:
    """A finding E15 per receipt of bytes that had come before, about the path they came under this time."""
    reason = REASONS["E15"]
    rows = [
        {
            "finding_id": hashlib.sha256(f"{reason.code}|{file_id}|{path}".encode()).hexdigest()[:16],
            "code": reason.code,
            "severity": reason.severity,
            "file_id": file_id,
            "file": path,
            "found": "又收到一份内容完全相同的文件",
            "expected": "同一份报表只报一次",
            "action": reason.action_zh,
            "known_from": known_from,
        }
        for file_id, path, known_from in receipts.filter("is_duplicate")
        .select("file_id", "path", "known_from")
        .iter_rows()
    ]
    return pl.DataFrame(rows, schema={**SAID_FINDINGS, "known_from": frames.INSTANT}, orient="row")


def _concat(parts: Sequence[pl.DataFrame], schema: frames.FrameSchema) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=dict(schema)), *(part for part in parts if part.height)])


def _hear_answers(
    warehouse: Warehouse,
    book: Book,
    ground: Ground,
    reach: Reach,
    file_ids: pl.Series,
    not_before: dt.datetime | None = None,
) -> None:
    """Record which files answer earlier ones, and close what was found in those."""
    new = pl.DataFrame({"file_id": file_ids}, schema={"file_id": pl.String})
    about = pl.concat([new, book.open_readings().select("file_id")])
    files, reports = ledger.known_files(warehouse), reach.submissions
    kinds = reports.join(about, on="file_id", how="semi").select("form_code", "period").unique()
    alike = reports.join(kinds, on=["form_code", "period"], how="semi", nulls_equal=True)
    carriers = files.filter(pl.col("slip_number").is_not_null())
    carried = files.filter(pl.col("file_id").str.head(NUMBER_LENGTH).is_in(carriers["slip_number"].implode()))
    known = pl.concat([about, *(each.select("file_id") for each in (alike, carriers, carried))]).unique()
    files = files.join(known, on="file_id", how="semi").sort("received_at", "file_id")
    reports = reports.join(known, on="file_id", how="semi")
    written = ground.decided.aliases.filter(pl.col("known_to").is_null())
    organisations = playing.organisations_of(reach.landed, ground.catalogue, written)
    found = find_answers(files, reports, ground.catalogue, organisations)
    ledger.record_answers(warehouse, found.pairs.join(new, on="file_id", how="semi"))
    floor = pl.lit(not_before).cast(frames.INSTANT)
    book.answer(found.answered.with_columns(known_to=pl.max_horizontal("known_to", floor)))


def _conclude(warehouse: Warehouse, ground: Ground, untouched: Collection[str] = (), *, moved: bool = True) -> None:
    """Counts, summaries and checks; a promise of ours that is broken takes everything back.

    `untouched` are forms of which nothing landed or was judged since the last run; `moved` is whether what is known
    can differ from what it was then.
    """
    ledger.count_superseded(warehouse)
    ledger.note_wrong_periods(warehouse)
    ledger.refresh_freshness(warehouse)
    ledger.refresh_open_findings(warehouse)
    built = models.build(warehouse, moved=moved)
    faults.passing("summaries.built")
    definitions.record(warehouse, built, ground.run_id)
    checks.require(checks.run(warehouse, built, ground.run_id, untouched))
    faults.passing("summaries.checked")


def _remember(warehouse: Warehouse, ground: Ground, reach: Reach, played: Played | None) -> None:
    if played is not None:
        reaching.remember(warehouse, ground, reach, played.uses, played.at)


def _known_at(reach: Reach, submission_ids: Sequence[str], at: dt.datetime) -> Reach:
    """The same, with these reports known from `at`: a file that could not be read when it came is news only now."""
    chosen = pl.col("submission_id").is_in(list(submission_ids))
    instant = pl.lit(at).cast(frames.INSTANT)
    known_from = pl.when(chosen).then(instant).otherwise(pl.col("known_from")).alias("known_from")
    landed = replace(reach.landed, submissions=reach.landed.submissions.with_columns(known_from))
    return replace(reach, landed=landed, submissions=reach.submissions.with_columns(known_from))


def _keep_judgement(warehouse: Warehouse, before: pl.DataFrame, reach: Reach) -> None:
    """Say again of reports read again what was said of them: of all where they were not judged, else the counts.

    A superseded report that was read again is not counted again: it keeps the counts it had.
    """
    now = ledger.known_submissions(warehouse).filter(pl.col("rows_accepted").is_null() & (pl.col("outcome") == "read"))
    if reach.judged is not None:
        left = ~pl.col("submission_id").is_in(sorted(reach.judged))
        unjudged = now.filter(left).select("submission_id")
        ledger.record_judgement(warehouse, before.join(unjudged, on="submission_id").select(list(ledger.JUDGED)))
        now = now.filter(~left)
    had = before.select("submission_id", had_accepted="rows_accepted")
    kept = now.join(had, on="submission_id", how="inner").with_columns(
        rows_accepted=pl.min_horizontal("had_accepted", "rows_read").fill_null(0)
    )
    kept = kept.with_columns(rows_quarantined=pl.col("rows_read") - pl.col("rows_accepted"))
    ledger.record_judgement(warehouse, kept.select(list(ledger.JUDGED)))
