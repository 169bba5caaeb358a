"""`xinyan explain`: what became of one file or one report, cell class by cell class, row by row, reason by reason."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from flows import intake, settings, workers
from flows.errors import UserError
from flows.home import Home
from flows.workers import Original
from schemas.forms import load
from schemas.reasons import REASONS
from transforms.layout import FileReading
from warehouse.reading import Reader

_HASH = re.compile(r"[0-9a-f]{8,64}")
_SHOWN = 3

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
            "submission_id", "form_code", "filer_text", "street_id", "period", "outcome", "rows_read"
        ).to_dicts(),
        "columns": reading.columns.select("sheet_index", "column_letter", "column_name", "header", "unit").to_dicts(),
        "not_read": reading.cells.filter(reading.cells["cell_class"].is_in(["ignored", "rejected"])).to_dicts(),
        "findings": [*reading.findings.drop("finding_id", "file_id", "row_id").to_dicts(), *_faults(reading)],
        "quarantine": [],
    }


def _faults(reading: FileReading) -> list[dict[str, Any]]:
    """The faults of rows as findings: nothing was judged, so they stand in the rows still."""
    forms = {row["submission_id"]: row["form_code"] for row in reading.submissions.to_dicts()}
    return [
        {
            "code": fault["code"],
            "severity": fault["severity"],
            "form_code": forms.get(row["submission_id"]),
            "submission_id": row["submission_id"],
            "sheet": row["sheet_name"],
            "address": fault["address"],
            "column_name": fault["column_name"],
            "found": fault["found"],
            "expected": fault["expected"],
            "action": REASONS[fault["code"]].action_zh,
        }
        for frame in reading.rows.values()
        for row in frame.select("submission_id", "sheet_name", "faults").to_dicts()
        for fault in row["faults"]
    ]


def lines(told: dict[str, Any]) -> Iterable[str]:
    """The same for a person: counts first, then what became of each sheet and report, then what needs somebody."""
    yield f"{told['file']}  ({told['file_id'][:12]})  {told.get('outcome', '')}".rstrip()
    for receipt in told.get("received", ()):
        again = "  (the same bytes again)" if receipt["is_duplicate"] else ""
        moment = receipt["received_at"].astimezone(settings.ZONE)
        yield f"  received {moment:%Y-%m-%d %H:%M} as {receipt['path']}{again}"
    classes = sorted(told["cell_classes"].items(), key=lambda pair: -pair[1])
    if classes:
        yield f"  {_many(told['non_empty_cells'], 'cell')}: " + ", ".join(
            f"{count} {name.replace('_', ' ')}" for name, count in classes
        )
    for _, alike in groupby(told["sheets"], key=lambda sheet: _sheet(sheet)[1]):
        yield f"  {_sheets(list(alike))}"
    for report in told["reports"]:
        yield f"  {_report_line(report)}"
    if len(told["reports"]) != 1 and told["sheets"]:
        yield f"  {_rows(told)} in all"
    yield from _column_lines(told["columns"], len(told["sheets"]))
    yield from _unread_lines(told["not_read"])
    yield from _finding_lines(told["findings"])


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _rows(counted: dict[str, Any]) -> str:
    read = f"{_many(counted['rows_read'], 'row')} read"
    if counted.get("rows_accepted") is None:
        return read
    return f"{read}, {counted['rows_accepted']} accepted, {counted['rows_quarantined']} quarantined"


def _sheets(alike: list[dict[str, Any]]) -> str:
    """Say a sheet, or several in a row that became the same."""
    said = _sheet(alike[0])[1]
    if len(alike) < 3:
        return "\n  ".join(f"sheet {_sheet(each)[0]}: {said}" for each in alike)
    first, last = _sheet(alike[0])[0], _sheet(alike[-1])[0]
    each_one = " each" if alike[0]["non_empty_cells"] else ""
    return f"sheets {first} … {last}: {said}{each_one}"


def _sheet(sheet: dict[str, Any]) -> tuple[str, str]:
    """Give what a sheet is called, and what became of it."""
    kind = "" if sheet["visibility"] == "visible" else f" ({sheet['visibility'].replace('_', ' ')})"
    by = f" as {sheet['form_code']} by layout {sheet['layout_id']}" if sheet["form_code"] else ""
    cells = f", {_many(sheet['non_empty_cells'], 'cell')}" if sheet["non_empty_cells"] else ""
    return f"{sheet['sheet_index']} “{sheet['sheet_name'].strip()}”{kind}", f"{sheet['outcome']}{by}{cells}"


def _report_line(report: dict[str, Any]) -> str:
    """Say a report as one would: report F08 … 清河街道 2013-09, version 1, in force: 1 row read, 1 accepted."""
    catalogue = load(workers.PACKAGES)
    streets = catalogue.codes["streets"].labels
    form = next((form.title_zh for form in catalogue.forms.values() if form.code == report["form_code"]), None)
    street = streets.get(report.get("street_id") or "")
    filer = report.get("filer_text") or report.get("filer_id")
    filer = None if filer in (None, "any", report.get("street_id")) else streets.get(filer, filer)
    said = [report["form_code"], form, filer, street if street != filer else None, report["period"]]
    parts = [" ".join(["report", *(text for text in said if text)])]
    if report.get("report_version") is not None:
        parts.append(f"version {report['report_version']}")
    if report.get("outcome") == "refused":
        parts.append("refused")
    elif report.get("is_effective") is not None:
        parts.append("in force" if report["is_effective"] else "replaced by another version")
    return f"{', '.join(parts)}: {_rows(report)}  [{report['submission_id']}]"


def _column_lines(columns: list[dict[str, Any]], sheets: int) -> Iterable[str]:
    """Say once what stands in the same column of several sheets, and in one line what repeats side by side."""
    places: dict[tuple[str, str, str, str | None], list[int]] = {}
    for each in columns:
        key = (each["column_letter"], each["header"], each["column_name"], each["unit"])
        places.setdefault(key, [])
        if each["sheet_index"] not in places[key]:
            places[key].append(each["sheet_index"])
    runs: list[list[tuple[str, str, str, str | None]]] = []
    for key, where in places.items():
        same = runs and runs[-1][0][2:] == key[2:] and places[runs[-1][0]] == where
        if same:
            runs[-1].append(key)
        else:
            runs.append([key])
    for run in runs:
        (letter, header, name, unit), (last, end, *_) = run[0], run[-1]
        where = f"sheet {_numbers(places[run[0]])} " if sheets > 1 else ""
        reach = letter if len(run) == 1 else f"{letter}…{last}"
        words = header if len(run) == 1 else f"{header} … {end}"
        yield f"    {where}{reach:>3}  {words} → {name}{f' in {unit}' if unit else ''}"


def _numbers(numbers: list[int]) -> str:
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and numbers == list(range(first, last + 1)):
        return f"{first}–{last}"
    return ",".join(str(number) for number in numbers)


def _unread_lines(ranges: list[dict[str, Any]]) -> Iterable[str]:
    """Gather the ranges that were not read by class and reason, and once for sheets where they are the same."""
    gathered: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for each in ranges:
        gathered.setdefault((each["cell_class"], each["reason"] or "", each["sheet_name"].strip()), []).append(each)
    alike: dict[tuple[Any, ...], list[str]] = {}
    for (cell_class, reason, sheet), found in gathered.items():
        places = tuple(_range(each["cell_range"]) for each in found)
        alike.setdefault((cell_class, reason, sum(each["cells"] for each in found), places), []).append(sheet)
    for (cell_class, reason, cells, places), sheets in alike.items():
        more = f" and {len(places) - _SHOWN} more places" if len(places) > _SHOWN else ""
        names = f"“{sheets[0]}”" if len(sheets) == 1 else f"“{sheets[0]}” … “{sheets[-1]}” each"
        yield f"  {cell_class} in {names}: {_many(cells, 'cell')}, {reason}: {', '.join(places[:_SHOWN])}{more}"


def _range(text: str) -> str:
    first, _, last = text.partition(":")
    return first if first == last else text


def _finding_lines(findings: list[dict[str, Any]]) -> Iterable[str]:
    """Say each finding; of many of one kind in one column the first few."""
    kinds: dict[tuple[Any, ...], int] = {}
    for finding in findings:
        kind = (finding["severity"], finding["code"], finding["sheet"], finding["column_name"])
        kinds[kind] = kinds.get(kind, 0) + 1
    shown: dict[tuple[Any, ...], int] = {}
    for finding in findings:
        kind = (finding["severity"], finding["code"], finding["sheet"], finding["column_name"])
        shown[kind] = shown.get(kind, 0) + 1
        if shown[kind] > _SHOWN and kinds[kind] > _SHOWN + 2:
            if shown[kind] == kinds[kind]:
                yield f"  {finding['severity']} {finding['code']} … and {kinds[kind] - _SHOWN} more like these"
            continue
        healed = "  (since healed)" if finding.get("known_to") else ""
        place = " ".join(part.strip() for part in (finding["sheet"], finding["address"]) if part)
        said = f"{finding['found']}；应为：{str(finding['expected']).removeprefix('应为')}"
        yield f"  {finding['severity']} {finding['code']} {place}: {said}{healed}".replace(" :", ":")
