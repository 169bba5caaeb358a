"""`xinyan explain`: what became of one file or one report, cell class by cell class, row by row, reason by reason."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from flows import intake, settings, workers
from flows.errors import UserError
from flows.home import Home
from flows.workers import Original
from transforms.layout import FileReading
from warehouse.reading import Reader

_HASH = re.compile(r"[0-9a-f]{8,64}")

_CELL_CLASSES = """
    select cell_class, cast(sum(cells) as bigint) as cells from ops.cells where file_id = $value
    group by cell_class order by cell_class
"""
_SHEETS = """
    select sheet_index, sheet_name, visibility, non_empty_cells, outcome, form_code, layout_id
    from ops.sheets where file_id = $value order by sheet_index
"""
_REPORTS = """
    select submission_id, form_code, entity, filer_id, street_id, period, report_version, is_effective, outcome,
        rows_read, rows_accepted, rows_quarantined
    from ops.submissions where {column} = $value order by form_code, submission_id
"""
_COLUMNS = """
    select sheet_index, column_letter, column_name, header, unit from ops.columns
    where {column} = $value order by sheet_index, block, length(column_letter), column_letter
"""
_NOT_READ = """
    select sheet_index, sheet_name, cell_class, cell_range, cells, reason from ops.cells
    where file_id = $value and cell_class in ('ignored', 'rejected') order by sheet_index, cell_range
"""
_FINDINGS = """
    select code, severity, file, sheet, address, column_name, found, expected, action, submission_id,
        known_from, known_to
    from ops.findings where {column} = $value and (known_to is null or known_to > known_from)
    order by known_to is not null, position(severity in 'RQWF'), sheet, address, code
"""
_QUARANTINE = """
    select sheet_name, row_number, code, column_name, address, found, expected, suggestion from ops.quarantine
    where {column} = $value and known_to is null order by sheet_name, row_number, code
"""


def explain(home: Home, what: str) -> dict[str, Any]:
    """Facts about a path (in the inbox or anywhere), an archived sha256 (or its beginning), or a report's id.

    Asks the newest release, so that a running night does not block it. A file no release knows is read on the spot,
    without being judged or kept.
    """
    path = next((path for path in (Path(what), home.inbox / what) if path.is_file()), None)
    file_id = None if path is None else intake.hash_file(path)
    if not home.current.exists():
        if path is None or file_id is None:
            raise _unknown(what, 0)
        return _on_the_spot(home, path, file_id)
    with Reader(home.current) as release:
        if path is not None and file_id is not None:
            known = not _ask(release, "select 1 from ops.files where file_id = $value", file_id).is_empty()
            return _file(release, file_id) if known else _on_the_spot(home, path, file_id)
        if not _ask(release, "select 1 from ops.submissions where submission_id = $value", what).is_empty():
            return _report(release, what)
        return _file(release, _by_name_or_hash(release, what))


def _ask(release: Reader, sql: str, value: str) -> pl.DataFrame:
    return release.query(sql, {"value": value})


def _by_name_or_hash(release: Reader, what: str) -> str:
    if _HASH.fullmatch(what):
        found = _ask(release, "select file_id from ops.files where starts_with(file_id, $value)", what)
    else:
        same = "path = $value or ends_with(path, '/' || $value)"
        found = _ask(release, f"select distinct file_id from ops.receipts where {same}", what)
    if found.height != 1:
        raise _unknown(what, found.height)
    return str(found.item())


def _unknown(what: str, count: int) -> UserError:
    return UserError(
        what,
        f"{count} files have this name" if count else "no such file, sha256 or report",
        "a path, the sha256 of a received file, or the id of a report",
        '`xinyan query "select path, file_id from ops.receipts"` lists what was received.',
    )


def _file(release: Reader, file_id: str) -> dict[str, Any]:
    facts = _ask(release, "select path, outcome, format from ops.files where file_id = $value", file_id)
    receipts = "select path, received_at, is_duplicate from ops.receipts where file_id = $value order by 2, 1"
    path, outcome, kind = facts.row(0)
    return {
        "file_id": file_id,
        "file": path,
        "outcome": outcome,
        "format": kind,
        "received": _ask(release, receipts, file_id).to_dicts(),
        **_told(release, "file_id", file_id, file_id),
    }


def _report(release: Reader, submission_id: str) -> dict[str, Any]:
    """A report stands on sheets of a file, so it is told the cells of its file."""
    file_id = _ask(release, "select file_id from ops.submissions where submission_id = $value", submission_id).item()
    path = _ask(release, "select path from ops.files where file_id = $value", file_id).item()
    told = _told(release, "submission_id", submission_id, file_id)
    return {"submission_id": submission_id, "file_id": file_id, "file": path, **told}


def _told(release: Reader, column: str, value: str, file_id: str) -> dict[str, Any]:
    cells = _ask(release, _CELL_CLASSES, file_id)
    sheets = _ask(release, _SHEETS, file_id)
    reports = _ask(release, _REPORTS.format(column=column), value)
    return {
        "non_empty_cells": int(sheets["non_empty_cells"].sum()),
        "cell_classes": dict(cells.iter_rows()),
        "rows_read": int(reports["rows_read"].sum()),
        "rows_accepted": int(reports["rows_accepted"].sum()),
        "rows_quarantined": int(reports["rows_quarantined"].sum()),
        "sheets": sheets.to_dicts(),
        "reports": reports.to_dicts(),
        "columns": _ask(release, _COLUMNS.format(column=column), value).to_dicts(),
        "not_read": _ask(release, _NOT_READ, file_id).to_dicts(),
        "findings": _ask(release, _FINDINGS.format(column=column), value).to_dicts(),
        "quarantine": _ask(release, _QUARANTINE.format(column=column), value).to_dicts(),
    }


def _on_the_spot(home: Home, path: Path, file_id: str) -> dict[str, Any]:
    """Read a file that was never taken in; nothing of it stays behind."""
    limits = settings.load(home.settings_file).limits
    with tempfile.TemporaryDirectory() as folder:
        aside = Home(Path(folder))
        aside.staging.mkdir()
        target = aside.archived(file_id)
        target.parent.mkdir(parents=True)
        target.write_bytes(path.read_bytes())
        (read,) = workers.read_all(aside, [Original(file_id, path.name)], limits)
        reading = workers.unread(read) if read.path is None else workers.load_reading(read.path)
    return _unjudged(path, reading)


def _unjudged(path: Path, reading: FileReading) -> dict[str, Any]:

    classes: dict[str, int] = {}
    for name, cells in reading.cells.select("cell_class", "cells").iter_rows():
        classes[name] = classes.get(name, 0) + cells
    return {
        "file_id": reading.file_id,
        "file": str(path),
        "outcome": "not received: read on the spot, not judged",
        "format": reading.format,
        "received": [],
        "non_empty_cells": int(reading.sheets["non_empty_cells"].sum()),
        "cell_classes": dict(sorted(classes.items())),
        "rows_read": int(reading.submissions["rows_read"].sum()),
        "rows_accepted": None,
        "rows_quarantined": None,
        "sheets": reading.sheets.drop("file_id").to_dicts(),
        "reports": reading.submissions.select(
            "submission_id", "form_code", "filer_text", "period", "rows_read"
        ).to_dicts(),
        "columns": reading.columns.select("sheet_index", "column_letter", "column_name", "header", "unit").to_dicts(),
        "not_read": reading.cells.filter(reading.cells["cell_class"].is_in(["ignored", "rejected"])).to_dicts(),
        "findings": reading.findings.drop("finding_id", "file_id", "row_id").to_dicts(),
        "quarantine": [],
    }


def lines(told: dict[str, Any]) -> Iterable[str]:
    """The same for a person: counts first, then what needs somebody."""
    yield f"{told['file']}  ({told['file_id'][:12]})  {told.get('outcome', '')}"
    for receipt in told.get("received", ()):
        again = "  (the same bytes again)" if receipt["is_duplicate"] else ""
        moment = receipt["received_at"].astimezone(settings.ZONE)
        yield f"  received {moment:%Y-%m-%d %H:%M} as {receipt['path']}{again}"
    yield f"  cells {told['non_empty_cells']}: " + ", ".join(f"{n} {c}" for n, c in told["cell_classes"].items())
    accepted, waiting = told["rows_accepted"], told["rows_quarantined"]
    judged = "" if accepted is None else f": {accepted} accepted, {waiting} quarantined"
    yield f"  rows {told['rows_read']}{judged}"
    for sheet in told["sheets"]:
        form = f"{sheet['form_code']} by {sheet['layout_id']}" if sheet["form_code"] else ""
        yield f"  sheet {sheet['sheet_index']} {sheet['sheet_name']} ({sheet['visibility']}): {sheet['outcome']} {form}"
    for report in told["reports"]:
        yield "  report " + " ".join(str(value) for value in report.values() if value is not None)
    for column in told["columns"]:
        unit = f" in {column['unit']}" if column["unit"] else ""
        place = f"sheet {column['sheet_index']} {column['column_letter']:>3}"
        yield f"    {place}  {column['header']} → {column['column_name']}{unit}"
    for cells in told["not_read"]:
        yield f"  {cells['cell_class']} {cells['sheet_name']} {cells['cell_range']}: {cells['reason'] or ''}"
    for finding in told["findings"]:
        healed = "  (since healed)" if finding.get("known_to") else ""
        place = " ".join(part for part in (finding["sheet"], finding["address"]) if part)
        said = f"{finding['found']}；应为：{finding['expected']}"
        yield f"  {finding['severity']} {finding['code']} {place}: {said}{healed}"
