"""Backfills that were applied, and the way back: what an apply replaces is kept, and undo puts it back.

What was read is put back as it was; what was known before the apply is known again from the undo on. Both instants are
*withdrawn*: the plain summaries are as of the newest instant that is not, so they say what they said before the apply
(also what depends on the day, such as days late). The past keeps the apply: as of any instant between the two, the
figures are those it gave.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import polars as pl

from warehouse import history, ledger
from warehouse.connection import Warehouse, conform

KEPT = 10
"""Applies whose replaced rows are kept; older ones can no longer be taken back."""


def keep(warehouse: Warehouse, file_ids: pl.Series, at: dt.datetime) -> None:
    """Keep what is held of files about to be read again at `at`. Call it in the transaction that reads them again.

    Of the reports all are kept: judging may say something new of any of them.
    """
    warehouse.execute(
        "delete from landed.replaced where applied_at not in"
        " (select distinct applied_at from landed.replaced order by applied_at desc limit $1)",
        [KEPT - 1],
    )
    with warehouse.registered("_read_again", pl.DataFrame({"file_id": file_ids.cast(pl.String)}).unique()):
        for table in _tables(warehouse):
            where = "" if table == "ops.submissions" else " where file_id in (select file_id from _read_again)"
            rows = warehouse.frame(f"select * from {table}{where}")
            buffer = io.BytesIO()
            rows.write_ipc(buffer, compression="zstd")
            warehouse.execute("insert into landed.replaced values ($1, $2, $3)", [at, table, buffer.getvalue()])


def record(warehouse: Warehouse, **facts: Any) -> None:
    """Write one apply; names are the columns of ops.backfills."""
    schema = warehouse.schema("ops.backfills")
    warehouse.insert("ops.backfills", conform(pl.DataFrame([facts]), {n: schema[n] for n in schema if n in facts}))


def record_undo(warehouse: Warehouse, applied_at: dt.datetime, facts: str) -> None:
    """Write what an undo told."""
    warehouse.execute("update ops.backfills set undo_facts = $1 where applied_at = $2", [facts, applied_at])


def applied(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Every backfill applied, oldest first, those taken back too."""
    found = warehouse.frame("select * from ops.backfills order by applied_at")
    return list(found.iter_rows(named=True))


def files_undone(warehouse: Warehouse, layouts: str) -> set[str]:
    """Files whose reading was taken back while these layouts (their digest) were in force."""
    undone = (json.loads(each["undo_facts"]) for each in applied(warehouse) if each["undo_facts"])
    return {file_id for facts in undone if facts.get("layouts") == layouts for file_id in facts["files"]}


def can_be_taken_back(warehouse: Warehouse, applied_at: dt.datetime) -> bool:
    """Whether what an apply replaced is still kept."""
    return bool(warehouse.value("select count(*) from landed.replaced where applied_at = $1", [applied_at]))


def stands_since(warehouse: Warehouse) -> dt.datetime | None:
    """The newest instant at which anything came or changed, those withdrawn left out."""
    return ledger.last_instant(warehouse, withdrawn=False)


def take_back(warehouse: Warehouse, applied_at: dt.datetime, at: dt.datetime, reason: str) -> dict[str, int]:
    """Put back what an apply replaced, and what was known before it, known from `at` on.

    Nothing may have come or changed since the apply but what was taken back already (`stands_since`). Call it inside a
    transaction; build the summaries afterwards. Returns the number of intervals opened per core table.
    """
    kept = {
        table: pl.read_ipc(io.BytesIO(rows))
        for table, rows in warehouse.frame(
            "select table_name, rows from landed.replaced where applied_at = $1", [applied_at]
        ).iter_rows()
    }
    for table, rows in kept.items():
        _put_back(warehouse, table, rows, kept["ops.files"]["file_id"])
    opened = history.restore(warehouse, applied_at, at)
    warehouse.execute(
        "update ops.backfills set undone_at = $1, undo_reason = $2 where applied_at = $3", [at, reason, applied_at]
    )
    warehouse.execute("delete from landed.replaced where applied_at = $1", [applied_at])
    return opened


def _put_back(warehouse: Warehouse, table: str, rows: pl.DataFrame, file_ids: pl.Series) -> None:
    if table == "ops.submissions":
        warehouse.execute("delete from ops.submissions")
    else:
        with warehouse.registered("_put_back", pl.DataFrame({"file_id": file_ids})):
            warehouse.execute(f"delete from {table} where file_id in (select file_id from _put_back)")
    there = warehouse.schema(table)
    warehouse.insert(table, rows.select(name for name in rows.columns if name in there))


def _tables(warehouse: Warehouse) -> list[str]:
    """Every table that describes the newest reading of a file."""
    told = ("files", "submissions", *ledger.READING_TABLES)
    return [*(f"ops.{name}" for name in told), *(f"landed.{entity}" for entity in warehouse.catalogue.forms)]
