"""What came in and what became of it: files, receipts, reports, sheets, cells, runs. Frames in, frames out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from schemas.columns import PolarsType
from schemas.frames import INSTANT, LANDED_SUBMISSIONS, RECORDS
from warehouse.connection import Warehouse, conform

# One row per file; what `record_files` takes.
FILES: dict[str, PolarsType] = {
    "file_id": pl.String(),
    "file_name": pl.String(),
    "path": pl.String(),
    "received_at": INSTANT,
    "known_from": INSTANT,
    "bytes": pl.Int64(),
    "format": pl.String(),
    "outcome": pl.String(),
    "sheets": pl.Int64(),
    "non_empty_cells": pl.Int64(),
    "submissions": pl.Int64(),
    "read_by": pl.String(),
    "run_id": pl.String(),
    "slip_number": pl.String(),
}

# One row per path and content received; what `record_receipts` takes.
RECEIPTS: dict[str, PolarsType] = {
    "path": pl.String(),
    "file_id": pl.String(),
    "received_at": INSTANT,
    "known_from": INSTANT,
    "bytes": pl.Int64(),
    "is_duplicate": pl.Boolean(),
    "run_id": pl.String(),
}

# One row per run and number it moved; what `record_journal` takes.
MOVES: dict[str, PolarsType] = {
    "run_id": pl.String(),
    "table_name": pl.String(),
    "key": pl.String(),
    "column_name": pl.String(),
    "value_before": pl.String(),
    "value_after": pl.String(),
    "submission_ids": pl.List(pl.String),
}

# One row per run and line of its journal; what `record_journal` takes.
JOURNAL: dict[str, PolarsType] = {
    "run_id": pl.String(),
    "section": pl.String(),
    "line": pl.Int64(),
    "name": pl.String(),
    "told": pl.String(),
    "file": pl.String(),
}

# What judging says of a report; what `record_judgement` takes.
JUDGED: dict[str, PolarsType] = {
    "submission_id": pl.String(),
    "filer_id": pl.String(),
    "report_version": pl.Int64(),
    "is_effective": pl.Boolean(),
    "rows_accepted": pl.Int64(),
    "rows_quarantined": pl.Int64(),
    "version_kind": pl.String(),
    "version_evidence": pl.String(),
    "replaced_row_ids": pl.List(pl.String()),
}

READING_TABLES = ("sheets", "cells", "columns", "controls", "control_cells")
"""Tables that describe a file's reading; a file read again replaces its rows in them."""


def record_files(warehouse: Warehouse, files: pl.DataFrame) -> None:
    """Write files; a file known already is replaced, so that reading it again is not counted twice."""
    _forget(warehouse, "ops.files", "file_id", files["file_id"])
    warehouse.insert("ops.files", conform(files, FILES))


def record_receipts(warehouse: Warehouse, receipts: pl.DataFrame) -> None:
    """Write receipts that are not there yet (same path and content)."""
    if receipts.is_empty():
        return
    known = warehouse.frame("select path, file_id from ops.receipts")
    new = conform(receipts, RECEIPTS).unique(["path", "file_id"], keep="first", maintain_order=True)
    warehouse.insert("ops.receipts", new.join(known, on=["path", "file_id"], how="anti"))


def record_readings(
    warehouse: Warehouse,
    file_ids: pl.Series,
    submissions: pl.DataFrame,
    readings: Mapping[str, pl.DataFrame],
    run_id: str | None = None,
) -> None:
    """Write what reading some files gave, replacing what an earlier reading of the same files gave.

    `submissions` are LANDED_SUBMISSIONS; `readings` holds the frames of sheets, cells, columns and controls by name.
    """
    for table in (*READING_TABLES, "submissions"):
        _forget(warehouse, f"ops.{table}", "file_id", file_ids)
    landed = conform(submissions, LANDED_SUBMISSIONS).with_columns(pl.lit(run_id, dtype=pl.String).alias("run_id"))
    warehouse.insert("ops.submissions", landed)
    for table in READING_TABLES:
        warehouse.insert(f"ops.{table}", readings[table])


def record_judgement(warehouse: Warehouse, judged: pl.DataFrame) -> None:
    """Write what judging said of reports: filer, version, whether it counts, how many rows went where.

    Counts that are null leave what an earlier judgement wrote: a superseded report keeps the counts it had.
    """
    if judged.is_empty():
        return
    with warehouse.registered("_judged", conform(judged, JUDGED)):
        warehouse.execute(
            """
            update ops.submissions as known set
                filer_id = said.filer_id,
                report_version = said.report_version,
                is_effective = said.is_effective,
                version_kind = said.version_kind,
                version_evidence = said.version_evidence,
                replaced_row_ids = said.replaced_row_ids,
                rows_accepted = coalesce(said.rows_accepted, known.rows_accepted),
                rows_quarantined = coalesce(said.rows_quarantined, known.rows_quarantined)
            from _judged as said
            where known.submission_id = said.submission_id
            """
        )


def count_superseded(warehouse: Warehouse) -> None:
    """Count the lines of reports that never were the last version as accepted, as those of an old copy.

    One comes a night after a version of its received day that goes after it.
    """
    warehouse.execute(
        "update ops.submissions set rows_accepted = rows_read, rows_quarantined = 0"
        " where outcome = 'read' and not is_effective and rows_accepted is null"
    )


def note_wrong_periods(warehouse: Warehouse) -> None:
    """Say of refused reports whose period is contradicted (E13) that this is what they are, and why."""
    warehouse.execute(
        """
        update ops.submissions as report set version_kind = 'wrong_period', version_evidence = finding.found
        from ops.findings as finding
        where report.outcome = 'refused' and finding.submission_id = report.submission_id and finding.code = 'E13'
            and finding.severity = 'R' and finding.known_to is null
        """
    )


def known_files(warehouse: Warehouse) -> pl.DataFrame:
    """Every file by content; one row per file."""
    return warehouse.frame("select * from ops.files order by received_at, file_id")


def known_receipts(warehouse: Warehouse) -> pl.DataFrame:
    """Every receipt; one row per path and content."""
    return warehouse.frame("select * from ops.receipts order by received_at, path, file_id")


def known_submissions(warehouse: Warehouse) -> pl.DataFrame:
    """Every report ever landed, as LANDED_SUBMISSIONS and what judging said of it; one row per report."""
    return warehouse.frame("select * from ops.submissions order by received_at, submission_id")


def newest_instant(warehouse: Warehouse) -> dt.datetime | None:
    """The earliest instant at which exactly the core rows were known that are known now; None in an empty warehouse.

    The plain summaries are as of it; the rows of `RECORDS` count too. It is the newest instant at which any row became
    known or stopped being known, unless what happened last was taken back (a backfill undone, an alias or a correction
    removed): that leaves no trace in how things stand, not even in what depends on the day.
    """
    standing, past = [], []
    for table in _two_times(warehouse):
        standing.append(
            f"select known_from as moment, count(*) as intervals from {table} where known_to is null group by 1"
        )
        past.append(
            f"""
            select known_from, known_to, exists(
                from {table} as now
                where now.known_to is null and now.row_id = was.row_id and now.version_hash = was.version_hash
            ) as stands
            from {table} as was where known_to > known_from
            """
        )
    found = warehouse.value(
        f"""
        with past as ({" union all ".join(past)}),
        steps as (
            select moment, intervals as standing, 0 as gone from ({" union all ".join(standing)})
            union all
            select known_from, if(stands, 1, 0), if(stands, 0, 1) from past
            union all
            select known_to, if(stands, -1, 0), if(stands, 0, -1) from past
        ),
        states as (
            select
                moment,
                sum(sum(standing)) over (order by moment) as standing,
                sum(sum(gone)) over (order by moment) as gone
            from steps group by moment
        )
        select min(moment) from states where gone = 0 and standing = (select sum(standing) from steps)
        """
    )
    assert found is None or isinstance(found, dt.datetime)
    return found


def last_instant(warehouse: Warehouse, *, withdrawn: bool = True) -> dt.datetime | None:
    """The newest instant at which anything came, became known or stopped being known: what comes next comes later.

    With `withdrawn`, also backfills that were taken back.
    """
    tables = [*_two_times(warehouse), "ops.findings", "ops.quarantine"]
    gone = "(select unnest([applied_at, undone_at]) from ops.backfills where undone_at is not null)"
    moments = " union all ".join(f"select unnest([known_from, known_to]) as moment from {table}" for table in tables)
    among = "true" if withdrawn else f"moment not in {gone}"
    known = warehouse.value(f"select max(moment) from ({moments}) where {among}")
    received = warehouse.value("select max(known_from) from ops.files")
    return max((moment for moment in (known, received) if moment is not None), default=None)


def _two_times(warehouse: Warehouse) -> list[str]:
    return [f"core.{name}" for name in (*warehouse.catalogue.forms, *RECORDS)]


def record_decisions(warehouse: Warehouse, decisions: pl.DataFrame) -> None:
    """Write decisions that can move numbers: known_from, kind, what, who, why."""
    schema = warehouse.schema("ops.decisions")
    warehouse.insert("ops.decisions", conform(decisions, schema))


def record_decided(warehouse: Warehouse, run_id: str, told: Iterable[str]) -> None:
    """Keep what the archive's log is to say of a run's reviewed decisions, durable with what they moved."""
    rows = [{"run_id": run_id, "line": number, "facts": facts} for number, facts in enumerate(told)]
    warehouse.insert("landed.decided", pl.DataFrame(rows))


def decided_in(warehouse: Warehouse, run_id: str) -> list[str]:
    """What `record_decided` kept of a run, in order."""
    found = warehouse.frame("select facts from landed.decided where run_id = $1 order by line", [run_id])
    return found["facts"].to_list()


def run_is_recorded(warehouse: Warehouse, run_id: str) -> bool:
    """Whether the transaction of a run became durable; a retry after an error at commit asks this first."""
    return bool(warehouse.value("select count(*) from ops.runs where run_id = ?", [run_id]))


def record_run(warehouse: Warehouse, **facts: Any) -> None:
    """Write one run; names are the columns of ops.runs."""
    row = pl.DataFrame([facts])
    warehouse.insert("ops.runs", conform(row, {n: t for n, t in warehouse.schema("ops.runs").items() if n in facts}))


def refresh_freshness(warehouse: Warehouse) -> None:
    """Rebuild ops.freshness: one row per core table, street and filer."""
    warehouse.execute("delete from ops.freshness")
    for form in warehouse.catalogue.forms.values():
        warehouse.execute(_FRESHNESS.format(entity=form.entity), [form.entity, form.code, form.title_zh])


# A part of another form's files has no reports of its own: those its rows came in count for it.
_FRESHNESS = """
    insert into ops.freshness by name
    with
    known as (
        select submission_id, max(known_from) as newest_known_from,
            count(*) filter (where known_to is null) as rows_known
        from core.{entity} group by submission_id
    ),
    held as (
        select submission_id, count(distinct row_id) as rows_waiting from ops.quarantine
        where entity = $1 and known_to is null group by submission_id
    ),
    sent as (
        select report.street_id, report.filer_id, report.received_at, known.newest_known_from,
            case when report.is_effective then report.period end as period, known.rows_known, held.rows_waiting
        from (
            select submission_id from ops.submissions where entity = $1
            union select submission_id from known
            union select submission_id from held
        ) as one
        left join ops.submissions as report using (submission_id)
        left join known using (submission_id)
        left join held using (submission_id)
        union all by name
        select street_id, filer_id from core.expected_reports
        where form_code = $2 and known_to is null
            and due_date < (select cast(timezone('Asia/Shanghai', max(known_from)) as date) from ops.files)
    )
    select
        $1 as entity, $2 as form_code, $3 as title_zh, street_id, filer_id,
        max(period) as newest_period,
        max(received_at) as newest_received_at,
        date_diff(
            'day', timezone('Asia/Shanghai', max(received_at)),
            timezone('Asia/Shanghai', (select max(known_from) from ops.files))
        ) as days_since_received,
        max(newest_known_from) as newest_known_from,
        cast(coalesce(sum(rows_known), 0) as bigint) as rows_known,
        cast(coalesce(sum(rows_waiting), 0) as bigint) as rows_waiting
    from sent
    group by street_id, filer_id
    order by street_id, filer_id
"""


def refresh_open_findings(warehouse: Warehouse) -> None:
    """Rebuild ops.open_findings: what still stands against a sender, and for how long."""
    warehouse.execute("delete from ops.open_findings")
    warehouse.execute(
        """
        insert into ops.open_findings by name
        select
            finding.finding_id, finding.code, finding.severity, finding.form_code, report.filer_id, report.street_id,
            report.period, finding.file_id, finding.file, finding.submission_id, finding.sheet, finding.address,
            finding.column_name, finding.found, finding.expected, finding.action, finding.known_from,
            date_diff('day', timezone('Asia/Shanghai', finding.known_from), timezone('Asia/Shanghai', newest.at))
                as age_days
        from ops.findings as finding
        left join ops.submissions as report using (submission_id)
        cross join (select max(known_from) as at from ops.files) as newest
        where finding.known_to is null and finding.severity in ('R', 'Q', 'W')
        order by position(finding.severity in 'RQW'), finding.known_from, finding.finding_id
        """
    )


def record_answers(warehouse: Warehouse, pairs: pl.DataFrame) -> None:
    """Write which files answer which; pairs that are known already stay as they are."""
    known = warehouse.frame("select file_id, answered_file_id from ops.answers")
    warehouse.insert("ops.answers", pairs.join(known, on=["file_id", "answered_file_id"], how="anti"))


def record_slips(warehouse: Warehouse, slips: pl.DataFrame) -> None:
    """Write the slips that were made; a file has one."""
    _forget(warehouse, "ops.slips", "file_id", slips["file_id"])
    warehouse.insert("ops.slips", slips)


def _forget(warehouse: Warehouse, table: str, key: str, values: pl.Series) -> None:
    if values.is_empty():
        return
    with warehouse.registered("_forgotten", pl.DataFrame({key: values.cast(pl.String)}).unique()):
        warehouse.execute(f"delete from {table} where {key} in (select {key} from _forgotten)")
