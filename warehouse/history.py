"""Two times: what became known and what stopped being known, and when. Nothing accepted is overwritten or deleted.

A *version* of a row is its id and a hash of its values and resolved ids. The night plays its instants in order; at
each, what judging says is compared with what is known: versions said anew open at that instant, versions said no
longer close at it. `Book` keeps the score of a whole run in memory; `apply` writes it, once.

An interval may open and close at the same instant (two versions of a report received on one day): it is kept, and
never visible as of anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import polars as pl

from schemas.columns import PolarsType
from schemas.forms import Form
from schemas.frames import FINDINGS, INSTANT, QUARANTINE, RECORDS
from warehouse import ledger
from warehouse.connection import Warehouse, conform, instant, quoted

Origin = Literal["reading", "judgement"]
ORIGINS: tuple[Origin, ...] = ("reading", "judgement")

# A version: what `changes` compares. One row per row known (or said) at an instant.
VERSIONS: dict[str, PolarsType] = {"row_id": pl.String(), "version_hash": pl.String()}

_ROWS_AT_ONCE = 2_000
_SHORT = 256
_NOT_CONTENT = ("row_id", "submission_id", "file_id", "sheet_index", "sheet_name", "block", "row_number", "faults")


@dataclass(frozen=True)
class Changes:
    """What opened and what closed at one instant; both keep the columns of the frames they came from."""

    at: dt.datetime
    opened: pl.DataFrame
    closed: pl.DataFrame

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return self.opened.is_empty() and self.closed.is_empty()


def changes(known: pl.DataFrame, accepted: pl.DataFrame, at: dt.datetime) -> Changes:
    """Compare what is said now with what is known, by (`row_id`, `version_hash`).

    `opened` are the rows of `accepted` that are not known, with `known_from`; `closed` the rows of `known` that are
    said no longer, with `known_to`. Each frame holds a version at most once.
    """
    version = list(VERSIONS)
    opened = accepted.join(known, on=version, how="anti").with_columns(instant(at).alias("known_from"))
    closed = known.join(accepted, on=version, how="anti").with_columns(instant(at).alias("known_to"))
    return Changes(at, opened, closed)


def fingerprints(frame: pl.DataFrame, columns: Iterable[str]) -> pl.Series:
    """One hash per row over the named columns; nulls are left out, so a new empty column changes nothing.

    Does not depend on the order of `columns`, on polars' own hashing, or on its printing of anything but plain values.
    """
    if frame.is_empty():
        return pl.Series(dtype=pl.String)
    texts = [_text(pl.col(name), frame.schema[name], f"{name}=") for name in sorted(columns)]
    joined = pl.concat_str([pl.lit(""), *texts], ignore_nulls=True).alias("text")
    hashes: list[str] = []
    for part in frame.iter_slices(_ROWS_AT_ONCE):  # a landed row is kilobytes of text
        hashes += [_remembered(text) if len(text) <= _SHORT else _hash(text) for text in part.select(joined)["text"]]
    return pl.Series(hashes, dtype=pl.String)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_remembered = lru_cache(maxsize=1 << 18)(_hash)
"""Most rows say the same at every instant of a run, in a short text: what was hashed is remembered."""


def content_hashes(form: Form, rows: pl.DataFrame) -> pl.Series:
    """One hash per row over what was read into it: values, raw texts, addresses; not where the row stands."""
    names = [name for name in form.row_schema() if name not in _NOT_CONTENT and name in rows.columns]
    return fingerprints(rows, names).alias("content_hash")


def _text(value: pl.Expr, dtype: PolarsType, label: str) -> pl.Expr:
    """A text per row: label, length and value; null where there is no value."""
    if isinstance(dtype, pl.Struct):
        fields = [_text(value.struct.field(f.name), f.dtype, f"{f.name}=") for f in _sorted(dtype)]
        inner = pl.when(value.is_not_null()).then(pl.concat_str([pl.lit(""), *fields], ignore_nulls=True))
    elif isinstance(dtype, pl.List):
        inner = value.list.eval(_text(pl.element(), dtype.inner, "-").fill_null("~")).list.join("")
    else:
        inner = value.cast(pl.String)
    return pl.concat_str([pl.lit(label), inner.str.len_bytes().cast(pl.String), pl.lit(":"), inner])


def _sorted(dtype: pl.Struct) -> list[pl.Field]:
    return sorted(dtype.fields, key=lambda f: f.name)


@dataclass
class Track:
    """The intervals of one kind of thing through a run: what was known before it, and every change since."""

    known: pl.DataFrame
    opened: list[pl.DataFrame] = field(default_factory=list)
    closed: list[pl.DataFrame] = field(default_factory=list)
    waves: int = 0

    def say(self, accepted: pl.DataFrame, at: dt.datetime, *, closing: pl.Expr | None = None) -> Changes:
        """Take what is said at an instant; `closing` limits which known versions may close."""
        if accepted.is_empty() and self.known.is_empty():  # a form nobody has sent costs nothing
            self.waves += 1
            return Changes(
                at, accepted.with_columns(known_from=instant(at)), self.known.with_columns(known_to=instant(at))
            )
        version = list(VERSIONS)
        open_to_close = self.known if closing is None else self.known.filter(closing)
        found = changes(self.known, accepted, at)
        found = Changes(at, found.opened, found.closed.join(open_to_close, on=version, how="semi"))
        self.waves += 1
        wave = pl.lit(self.waves, dtype=pl.Int64).alias("wave")
        self.opened += [found.opened.with_columns(wave)] if not found.opened.is_empty() else []
        self.closed += [found.closed.with_columns(wave)] if not found.closed.is_empty() else []
        kept = self.known.join(found.closed, on=version, how="anti")
        self.known = pl.concat([kept, conform(found.opened, self.known.schema)])
        return found

    def close(self, ended: pl.DataFrame) -> None:
        """Close versions, each at its own `known_to`."""
        if ended.is_empty():
            return
        self.waves += 1
        self.closed.append(ended.with_columns(pl.lit(self.waves, dtype=pl.Int64).alias("wave")))
        self.known = self.known.join(ended, on=list(VERSIONS), how="anti")

    def intervals(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What to write: intervals that opened in the run, and closings of intervals that were open before it.

        The first have `known_to` where they closed in the run too.
        """
        version = list(VERSIONS)
        closed = pl.concat([c.select(*version, "known_to", "wave") for c in self.closed]) if self.closed else None
        opened = pl.concat(self.opened, how="diagonal_relaxed") if self.opened else None
        if opened is None or closed is None:
            empty = pl.DataFrame(schema={**VERSIONS, "known_to": INSTANT})
            first = (
                pl.DataFrame() if opened is None else opened.drop("wave").with_columns(instant(None).alias("known_to"))
            )
            return first, empty if closed is None else closed.drop("wave")
        ended = opened.sort("wave").join_asof(
            closed.sort("wave"), on="wave", by=version, strategy="forward", check_sortedness=False
        )
        earlier = (
            closed.sort("wave")
            .join_asof(
                opened.sort("wave").select(*version, "wave", pl.lit(True).alias("in_run")),
                on="wave",
                by=version,
                strategy="backward",
                check_sortedness=False,
            )
            .filter(pl.col("in_run").is_null())
        )
        return ended.drop("wave"), earlier.drop("wave", "in_run")


@dataclass(frozen=True)
class Known:
    """What is open before a run: versions of core rows by entity, of quarantine, of findings by origin, of records."""

    core: Mapping[str, pl.DataFrame]
    quarantine: pl.DataFrame
    findings: Mapping[Origin, pl.DataFrame]
    records: Mapping[str, pl.DataFrame]


# Columns of the frames of `Known`; `submission_id` and `file_id` are what a scope is decided by.
KNOWN_ROWS: dict[str, PolarsType] = {**VERSIONS, "submission_id": pl.String()}
KNOWN_FINDINGS: dict[str, PolarsType] = {**KNOWN_ROWS, "file_id": pl.String()}

# Findings as `note` and `play` take them: `file` where it is not the path the file first came under.
SAID_FINDINGS: dict[str, PolarsType] = {**FINDINGS, "file": pl.String()}


def known_now(warehouse: Warehouse, scope: Collection[str] | None = None) -> Known:
    """Read what is open now, as versions; with `scope` (report ids) what is of these reports, or of none.

    Findings of reading and records other than of reports are read whole.
    """
    with _scoped(warehouse, scope) as within:
        core = {
            entity: conform(
                warehouse.frame(
                    f"select row_id, version_hash, submission_id from core.{entity} where known_to is null{within}"
                ),
                KNOWN_ROWS,
            )
            for entity in warehouse.catalogue.forms
        }
        waiting = warehouse.frame(f"select * from ops.quarantine where known_to is null{within}")
        return Known(
            core,
            conform(_quarantine_versions(conform(waiting, QUARANTINE)), KNOWN_ROWS),
            {
                "reading": _known_findings(warehouse, "reading", ""),
                "judgement": _known_findings(warehouse, "judgement", within),
            },
            {name: _known_records(warehouse, name, within if name == "reports" else "") for name in RECORDS},
        )


@contextmanager
def _scoped(warehouse: Warehouse, scope: Collection[str] | None) -> Iterator[str]:
    """A condition on `submission_id` that holds for the reports of a scope, and for what is about no report."""
    if scope is None:
        yield ""
        return
    with warehouse.registered("_reports", pl.DataFrame({"id": sorted(scope)}, schema={"id": pl.String})):
        yield " and (submission_id is null or submission_id in (select id from _reports))"


def _known_records(warehouse: Warehouse, name: str, within: str) -> pl.DataFrame:
    # A report is a row of its own: its id is that of its submission.
    sql = f"select row_id, version_hash, row_id as submission_id from core.{name} where known_to is null"
    return conform(warehouse.frame(f"from ({sql}) where true{within}"), dict(VERSIONS))


def _record_versions(name: str, records: pl.DataFrame) -> pl.DataFrame:
    told = conform(records, RECORDS[name])
    return told.with_columns(fingerprints(told, list(RECORDS[name])).alias("version_hash"))


def _known_findings(warehouse: Warehouse, origin: Origin, within: str) -> pl.DataFrame:
    found = warehouse.frame(
        "select finding.* exclude (file), nullif(finding.file, first.path) as file"
        f" from (from ops.findings where known_to is null and origin = $1{within}) as finding"
        " left join ops.files as first using (file_id)",
        [origin],
    )
    return conform(_finding_versions(conform(found, SAID_FINDINGS)), KNOWN_FINDINGS)


def content_hashes_of(warehouse: Warehouse, entity: str, scope: Collection[str] | None = None) -> pl.DataFrame:
    """Row, report and content hash of the landed rows of an entity; what `Book` needs of rows landed before."""
    with _scoped(warehouse, scope) as within:
        return warehouse.frame(f"select row_id, submission_id, content_hash from landed.{entity} where true{within}")


def _quarantine_versions(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.unique(list(QUARANTINE), maintain_order=True)
    return rows.with_columns(fingerprints(rows, list(QUARANTINE)).alias("version_hash"))


def _finding_versions(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings keyed like rows: `row_id` holds the finding's id, and `about_row` the row it is about."""
    ordered = findings.sort(list(SAID_FINDINGS)).unique("finding_id", keep="first", maintain_order=True)
    hashes = fingerprints(ordered, list(SAID_FINDINGS)).alias("version_hash")
    return ordered.with_columns(hashes).rename({"row_id": "about_row", "finding_id": "row_id"})


class Book:
    """The score of one run: starts from what is known, hears each instant's verdicts, and is applied once.

    ``scope`` are the reports (ids) that verdicts are given on: the verdicts must be of these alone, or of no report,
    and what is known of others stays; None is everything. Instants must not go back. Rows must be landed (`land`)
    before verdicts on them are played.
    """

    def __init__(self, warehouse: Warehouse, scope: Collection[str] | None = None) -> None:
        known = known_now(warehouse, scope)
        self._forms = warehouse.catalogue.forms
        self._core = {entity: Track(rows) for entity, rows in known.core.items()}
        self._quarantine = Track(known.quarantine)
        self._findings = {origin: Track(findings) for origin, findings in known.findings.items()}
        self._records = {name: Track(records) for name, records in known.records.items()}
        self._contents = {entity: content_hashes_of(warehouse, entity, scope) for entity in self._forms}
        self._judged: dict[str, dict[str, object]] = {}
        self._heard: dict[str, pl.DataFrame | None] = {}
        self._last: dt.datetime | None = None

    @property
    def instants(self) -> tuple[dt.datetime, dt.datetime] | None:
        """First and last instant at which anything changed, or None."""
        tracks = [*self._core.values(), self._quarantine, *self._findings.values(), *self._records.values()]
        at = [f["known_from"].min() for t in tracks for f in t.opened] + [
            f["known_to"].max() for t in tracks for f in t.closed
        ]
        moments = [moment for moment in at if isinstance(moment, dt.datetime)]
        return (min(moments), max(moments)) if moments else None

    def land(self, entity: str, rows: pl.DataFrame) -> None:
        """Hear of rows read in this run (the form's row schema); rows read again take the new content."""
        self._heard.pop(entity, None)
        new = rows.select("row_id", "submission_id").with_columns(content_hashes(self._forms[entity], rows))
        old = self._contents[entity].join(new, on="row_id", how="anti")
        self._contents[entity] = pl.concat([old, conform(new, old.schema)])

    def note(self, findings: pl.DataFrame, at: dt.datetime, read_again: Collection[str] = ()) -> None:
        """Take findings of reading: true of their file until it is read differently, never closed by judging.

        `findings` may have a column `file`: the path one is about, where the same bytes came under several.
        `read_again` are files (ids) read once more: what is known of their reading and not said now closes.
        """
        again = pl.col("file_id").is_in(sorted(read_again)) if read_again else pl.lit(False)
        self._findings["reading"].say(_said_findings(findings), at, closing=again)

    def answer(self, answered: pl.DataFrame) -> None:
        """Close findings of reading that a later file answers, each at its own instant.

        `answered` has file_id, submission_id (null: the file beside its reports) and known_to. A finding that comes
        back when its file is read again closes again.
        """
        track = self._findings["reading"]
        report = pl.col("submission_id").fill_null("").alias("report")
        known = track.known.with_columns(report)
        said = answered.select("file_id", report, "known_to").unique(["file_id", "report"])
        track.close(known.join(said, on=["file_id", "report"], how="inner").drop("report"))

    def open_readings(self) -> pl.DataFrame:
        """Files and reports (null: the file beside its reports) against which findings of reading stand."""
        return self._findings["reading"].known.select("file_id", "submission_id").unique()

    def play(
        self,
        accepted: Mapping[str, pl.DataFrame],
        quarantined: pl.DataFrame,
        findings: pl.DataFrame,
        submissions: pl.DataFrame,
        at: dt.datetime,
        records: Mapping[str, pl.DataFrame] | None = None,
    ) -> dict[str, Changes]:
        """Take the verdicts of one instant: everything that holds then, of all reports in scope.

        `accepted` has per entity row_id, the resolved columns and report_version; columns of what was read are in it
        too where rows have `corrections`, and hold in those rows. `submissions` has submission_id, filer_id,
        report_version, is_effective. `records` (`RECORDS`) speak of everything, whatever the scope; those not given
        stay. Returns what changed, by entity; a frame that is the very one of the instant before is passed over. Raises
        ValueError for a row that was never landed or an instant that goes back.
        """
        if self._last is not None and at < self._last:
            raise ValueError(f"instants go forward: {at} after {self._last}")
        self._last = at
        changed = {}
        for entity, track in self._core.items():
            frame = accepted.get(entity)
            if frame is not None and frame is self._heard.get(entity):  # the very frame of the instant before
                continue
            self._heard[entity] = frame
            changed[entity] = track.say(self._versions(entity, frame), at)
        waiting = conform(quarantined, QUARANTINE)
        self._quarantine.say(_quarantine_versions(waiting), at)
        said = _said_findings(findings).join(self._findings["reading"].known, on=list(VERSIONS), how="anti")
        self._findings["judgement"].say(said, at)
        for name, told in (records or {}).items():
            if told is not self._heard.get(name):
                self._heard[name] = told
                self._records[name].say(_record_versions(name, told), at)
        self._count(accepted, waiting, submissions)
        return changed

    def _versions(self, entity: str, accepted: pl.DataFrame | None) -> pl.DataFrame:
        if accepted is None or accepted.is_empty():
            return pl.DataFrame(schema=KNOWN_ROWS)
        found = accepted.join(self._contents[entity], on="row_id", how="left")
        unknown = found.filter(pl.col("content_hash").is_null())
        if not unknown.is_empty():
            raise ValueError(
                f"{entity}: {unknown.height} accepted rows were never landed, such as {unknown['row_id'][0]}"
            )
        resolved = [name for name in accepted.columns if name != "row_id"]
        hashes = fingerprints(found, [*resolved, "content_hash"]).alias("version_hash")
        return found.drop("content_hash").with_columns(hashes)

    def _count(self, accepted: Mapping[str, pl.DataFrame], waiting: pl.DataFrame, submissions: pl.DataFrame) -> None:
        """Keep, per report, what this instant says; counts only for reports that count now.

        A report's rows are its lines: rows of a form that is part of another (items in a wide block) do not count.
        Lines that a later version says anew count as accepted: they were, when their report was the last.
        """
        lines = [entity for entity, form in self._forms.items() if form.part_of is None]
        rows = [
            accepted[entity]
            .select("row_id")
            .join(self._contents[entity], on="row_id")
            .select("row_id", "submission_id")
            for entity in lines
            if entity in accepted and not accepted[entity].is_empty()
        ]
        taken = _rows_per_report(pl.concat(rows) if rows else pl.DataFrame(schema=_ROW_OF_REPORT), "rows_accepted")
        held = _rows_per_report(waiting.filter(pl.col("entity").is_in(lines)), "rows_quarantined")
        counts = pl.col("is_effective")
        if "replaced_row_ids" in submissions.columns:
            counts = counts | pl.col("replaced_row_ids").is_not_null()
            taken = _with_replaced(taken, submissions, pl.concat([self._contents[entity] for entity in lines]))
        counted = (
            submissions.join(taken, on="submission_id", how="left")
            .join(held, on="submission_id", how="left")
            .with_columns(
                pl.when(counts).then(pl.col(name).fill_null(0)).alias(name)
                for name in ("rows_accepted", "rows_quarantined")
            )
        )
        for row in conform(counted, ledger.JUDGED).iter_rows(named=True):
            before = self._judged.get(row["submission_id"], {})
            kept = {name: row[name] if row[name] is not None else before.get(name) for name in row}
            self._judged[row["submission_id"]] = kept

    def apply(self, warehouse: Warehouse) -> dict[str, int]:
        """Write every change of the run; landed rows and reports must be written before, in the same transaction.

        Returns the number of intervals opened per core table.
        """
        opened = {}
        for entity, track in self._core.items():
            new, ended = track.intervals()
            opened[entity] = new.height
            _close(warehouse, f"core.{entity}", ["row_id", "version_hash"], ended)
            _open_rows(warehouse, entity, new)
        self._apply_quarantine(warehouse)
        self._apply_findings(warehouse)
        self._apply_records(warehouse)
        ledger.record_judgement(warehouse, pl.DataFrame(list(self._judged.values()), schema=ledger.JUDGED))
        return opened

    def _apply_quarantine(self, warehouse: Warehouse) -> None:
        new, ended = self._quarantine.intervals()
        if not ended.is_empty():
            known = conform(warehouse.frame("select * from ops.quarantine where known_to is null"), QUARANTINE)
            rows = _quarantine_versions(known).join(ended, on=list(VERSIONS), how="inner")
            _close(warehouse, "ops.quarantine", list(QUARANTINE), rows.select(*QUARANTINE, "known_to"))
        if new.is_empty():
            return
        places = " union all ".join(
            f"select row_id, file_id, sheet_name, row_number from landed.{e}" for e in self._forms
        )
        with warehouse.registered("_waiting", conform(new, {**QUARANTINE, "known_from": INSTANT, "known_to": INSTANT})):
            said = ", ".join(f"said.{name}" for name in QUARANTINE)
            warehouse.execute(
                f"""
                insert into ops.quarantine by name
                select {said}, place.file_id, place.sheet_name, place.row_number, said.known_from, said.known_to
                from _waiting as said left join ({places}) as place on place.row_id = said.row_id
                """
            )

    def _apply_findings(self, warehouse: Warehouse) -> None:
        for origin, track in self._findings.items():
            new, ended = track.intervals()
            ended = ended.select(pl.col("row_id").alias("finding_id"), pl.lit(origin).alias("origin"), "known_to")
            _close(warehouse, "ops.findings", ["finding_id", "origin"], ended)
            if not new.is_empty():
                _open_findings(warehouse, new, origin)

    def _apply_records(self, warehouse: Warehouse) -> None:
        for name, track in self._records.items():
            new, ended = track.intervals()
            _close(warehouse, f"core.{name}", list(VERSIONS), ended)
            if not new.is_empty():
                warehouse.insert(f"core.{name}", conform(new, warehouse.schema(f"core.{name}")))


def restore(warehouse: Warehouse, before: dt.datetime, at: dt.datetime) -> dict[str, int]:
    """Make known from `at` on what was known just before an instant: what is not said there closes, the rest reopens.

    The landed rows need not be those the versions came from: they are copied from their earlier intervals. Returns the
    number of intervals opened per core table.
    """
    opened = {}
    for entity in warehouse.catalogue.forms:
        opened[entity] = _restore(warehouse, f"core.{entity}", list(VERSIONS), before, at)
    for name in RECORDS:
        _restore(warehouse, f"core.{name}", list(VERSIONS), before, at)
    for table in ("ops.quarantine", "ops.findings"):
        every = [name for name in warehouse.schema(table) if name not in ("known_from", "known_to")]
        _restore(warehouse, table, every, before, at)
    return opened


def _restore(warehouse: Warehouse, table: str, key: list[str], before: dt.datetime, at: dt.datetime) -> int:
    names = ", ".join(map(quoted, key))
    same = " and ".join(f"known.{quoted(name)} is not distinct from said.{quoted(name)}" for name in key)
    said = f"select * from {table} where known_from < $1 and (known_to is null or $1 <= known_to)"
    now = f"select * from {table} where known_to is null"
    ended = warehouse.frame(f"select {names} from ({now}) as known anti join ({said}) as said on {same}", [before])
    gone = f"from ({said}) as said anti join ({now}) as known on {same}"
    count = int(warehouse.value(f"select count(*) {gone}", [before]))
    warehouse.execute(
        f"insert into {table} by name select said.* replace ($2 as known_from, null as known_to) {gone}", [before, at]
    )
    _close(warehouse, table, key, ended.with_columns(instant(at).alias("known_to")))
    return count


_ROW_OF_REPORT: dict[str, PolarsType] = {"row_id": pl.String(), "submission_id": pl.String()}
_FINDING_VERSION: dict[str, PolarsType] = {
    **{name: dtype for name, dtype in SAID_FINDINGS.items() if name not in ("finding_id", "row_id")},
    **VERSIONS,
    "about_row": pl.String(),
}


def _said_findings(findings: pl.DataFrame) -> pl.DataFrame:
    return conform(_finding_versions(conform(findings, SAID_FINDINGS)), _FINDING_VERSION)


def _open_findings(warehouse: Warehouse, new: pl.DataFrame, origin: Origin) -> None:
    """Insert findings with the path they name, else the one their file first came under."""
    written = new.rename({"row_id": "finding_id", "about_row": "row_id"})
    with warehouse.registered(
        "_found", conform(written, {**SAID_FINDINGS, "known_from": INSTANT, "known_to": INSTANT})
    ):
        said = ", ".join(f"said.{name}" for name in FINDINGS)
        warehouse.execute(
            f"""
            insert into ops.findings by name
            select {said}, $1 as origin, coalesce(said.file, first.path) as file, said.known_from, said.known_to
            from _found as said left join ops.files as first on first.file_id = said.file_id
            """,
            [origin],
        )


def _rows_per_report(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.group_by("submission_id").agg(pl.col("row_id").n_unique().cast(pl.Int64).alias(name))


def _with_replaced(taken: pl.DataFrame, submissions: pl.DataFrame, landed: pl.DataFrame) -> pl.DataFrame:
    """Count lines that a later version says anew as accepted; `landed` are the lines there are."""
    replaced = submissions.select(row_id=pl.col("replaced_row_ids").explode()).drop_nulls()
    if replaced.is_empty():
        return taken
    more = _rows_per_report(landed.join(replaced, on="row_id", how="semi"), "rows_accepted")
    return pl.concat([taken, more]).group_by("submission_id").agg(pl.col("rows_accepted").sum())


def _close(warehouse: Warehouse, table: str, key: list[str], ended: pl.DataFrame) -> None:
    """Set `known_to` of the open intervals named by `key`."""
    if ended.is_empty():
        return
    same = " and ".join(f"known.{quoted(name)} is not distinct from ended.{quoted(name)}" for name in key)
    with warehouse.registered("_ended", ended):
        warehouse.execute(
            f"update {table} as known set known_to = ended.known_to from _ended as ended"
            f" where known.known_to is null and {same}"
        )


def _open_rows(warehouse: Warehouse, entity: str, new: pl.DataFrame) -> None:
    """Insert core rows: what was landed (or corrected), what judging resolved, and their interval."""
    if new.is_empty():
        return
    core = warehouse.schema(f"core.{entity}")
    resolved = [name for name in new.columns if name in core and name != "submission_id"]
    landed = warehouse.schema(f"landed.{entity}")
    columns = [name for name in core if name in resolved or name in landed]
    ids = warehouse.catalogue.forms[entity].ids
    picked = ", ".join(
        f"if(said.corrections is null, landed.{quoted(name)}, said.{quoted(name)}) as {quoted(name)}"
        if "corrections" in resolved and name in resolved and name in landed and name not in ids
        else f"{'said' if name in resolved else 'landed'}.{quoted(name)}"
        for name in columns
    )
    with warehouse.registered("_said", conform(new, {name: core[name] for name in resolved})):
        warehouse.execute(
            f"insert into core.{entity} by name select {picked}"
            f" from _said as said join landed.{entity} as landed on landed.row_id = said.row_id"
        )
