"""Who to chase: the list of a release, for `xinyan chase` and for the file a night leaves in reports/."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

import schemas.forms
from flows.home import Home, write_whole
from flows.settings import ZONE
from flows.workers import PACKAGES
from transforms.chase import Chase, chase, document
from warehouse import Warehouse
from warehouse.masking import Masker
from warehouse.reading import Reader

FILE = "催报.md"
NOBODY = Masker()
"""Of a release, which shows no person: what looks like a phone or a room is hidden there already."""
_SHOWN = ("filer_name", "missing_street_names")
_THERE = """
    select count(*) as n from duckdb_tables() where schema_name = 'summary' and table_name = 'report_timeliness'
        and database_name = current_database()
"""
_OWED = "from summary.report_timeliness where missing_reports > 0"
_OPEN = "select filer_id, count(*) as n from ops.open_findings where severity in ('R', 'Q') group by filer_id"
_NEWEST = "select max(known_from) as at from ops.files"


def of_release(home: Home) -> tuple[list[Chase], dt.date | None]:
    """Who is to be chased by the newest release, and as of which day."""
    with Reader(home.current) as release:
        return _ask(release.query)


def of_warehouse(warehouse: Warehouse, masker: Masker) -> tuple[list[Chase], dt.date | None]:
    """The same of the warehouse itself, while a night ends; persons hidden, as they are in a release."""
    return _ask(warehouse.frame, masker)


def hidden(owed: list[dict[str, Any]], masker: Masker) -> list[dict[str, Any]]:
    """Rows of report_timeliness with what they show of filers masked: some firms are called after a person."""
    named = [{**row, "filer_name": row["filer_name"] or row["filer_id"]} for row in owed]
    shown = masker.within([{name: row[name] for name in _SHOWN} for row in named])
    return [row | texts for row, texts in zip(named, shown, strict=True)]


def _ask(query: Callable[[str], pl.DataFrame], masker: Masker = NOBODY) -> tuple[list[Chase], dt.date | None]:
    newest = query(_NEWEST).item()
    if newest is None or not query(_THERE).item():
        return [], None
    as_of = newest.astimezone(ZONE).date()
    waiting = {filer: count for filer, count in query(_OPEN).iter_rows() if filer is not None}
    return chase(hidden(query(_OWED).to_dicts(), masker), waiting, as_of, schemas.forms.load(PACKAGES)), as_of


def write(chases: list[Chase], as_of: dt.date | None, folder: Path) -> None:
    """Leave the list with its messages; the newest replaces the one before."""
    if as_of is not None:
        write_whole(folder / FILE, document(chases, as_of))


def facts(chases: list[Chase], as_of: dt.date | None) -> dict[str, Any]:
    """The same for a program."""
    return {
        "as_of": as_of,
        "filers": [{**asdict(each), "reports": each.reports, "days_late": each.days_late} for each in chases],
    }
