"""Why numbers move besides files: reviewed decisions, and layouts, rules or code that changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from flows import workers
from flows.deciding import Decided
from schemas.forms import Catalogue
from warehouse import Warehouse, ledger


def of_reading(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[str]:
    """What made files read otherwise: `code`, `layout`, or both; by file, what read it (`workers.read_by`)."""
    pairs = [
        ((before[file] or "/").split("/"), (after[file] or "/").split("/")) for file in before.keys() & after.keys()
    ]
    code = any(one[0] != other[0] for one, other in pairs)
    layout = any(one[1] != other[1] for one, other in pairs)
    return [kind for kind, differs in (("code", code), ("layout", layout)) if differs]


def of_judging(warehouse: Warehouse, catalogue: Catalogue) -> list[str]:
    """`code` where the last run was of another version of the program than this one."""
    last = warehouse.value("select code_version from ops.runs order by rowid desc limit 1")
    return ["code"] if last is not None and last != workers.code_version(catalogue.packages) else []


def readers(warehouse: Warehouse, file_ids: Iterable[str]) -> dict[str, str | None]:
    """What read each of some files."""
    sql = "select file_id, read_by from ops.files where file_id in (select unnest($1))"
    return dict(warehouse.frame(sql, [sorted(file_ids)]).iter_rows())


def record_decided(warehouse: Warehouse, decided: Decided, run_id: str) -> None:
    """Write down the reviewed decisions that begin or end in a run."""
    rows = [
        {**{name: said[name] for name in ("known_from", "kind", "who", "why")}, "what": said["key"]}
        for said in decided.new()
    ]
    rows += [{"known_from": decided.removed_at, "kind": kind, "what": key} for kind, key in decided.removed]
    if rows:
        ledger.record_decisions(warehouse, pl.DataFrame(rows).with_columns(run_id=pl.lit(run_id)))


def at(warehouse: Warehouse, instant: dt.datetime) -> list[str]:
    """What besides files and reviewed decisions moved numbers at an instant."""
    sql = "select distinct kind from ops.decisions where known_from = $1 and kind in ('code', 'layout') order by 1"
    return warehouse.frame(sql, [instant])["kind"].to_list()


def record(
    warehouse: Warehouse, at: dt.datetime, kinds: Iterable[str], run_id: str, what: str = "", why: str = ""
) -> None:
    """Write down that from an instant on something else than a file moved numbers."""
    rows = [{"known_from": at, "kind": kind, "what": what, "why": why, "run_id": run_id} for kind in kinds]
    if rows:
        ledger.record_decisions(warehouse, pl.DataFrame(rows))
