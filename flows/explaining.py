"""`xinyan explain`: what became of one file or one report, cell class by cell class, row by row, reason by reason."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from flows import intake, persons, settings, workers
from flows.admission import shown
from flows.errors import UserError
from flows.home import Home
from flows.layouts import packages_of
from schemas.forms import load
from schemas.reasons import REASONS
from transforms.layout import FileReading
from warehouse.masking import Masker
from warehouse.reading import Reader

_HASH = re.compile(r"[0-9a-f]{8,64}")
_SHOWN = 3
_MANY_COLUMNS = 24
_GLANCE = 16
_REMARK = re.compile(r"\([^()]*\)")
_Column = tuple[str, str, str, str]  # letter, header, name, unit and factor as told
_WISH = re.compile(r"^应为?")

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
    select sheet_index, column_letter, column_name, header, unit, factor from ops.columns
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
        return _on_the_spot(home, path)
    with Reader(home.current) as release:
        if path is not None and file_id is not None:
            known = not _ask(release, "select 1 from ops.files where file_id = $value", file_id).is_empty()
            return _file(release, file_id) if known else _on_the_spot(home, path)
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


def _on_the_spot(home: Home, path: Path) -> dict[str, Any]:
    """Read a file that was never taken in; nothing of it stays behind."""
    limits = settings.load(home.settings_file).limits
    with workers.read_aside([path], limits, packages_of(home, workers.PACKAGES)) as (reading,):
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
        "columns": reading.columns.select(
            "sheet_index", "column_letter", "column_name", "header", "unit", "factor"
        ).to_dicts(),
        "not_read": reading.cells.filter(reading.cells["cell_class"].is_in(["ignored", "rejected"])).to_dicts(),
        "findings": [*reading.findings.drop("finding_id", "file_id", "row_id").to_dicts(), *faults_of(reading)],
        "quarantine": [],
    }


def faults_of(reading: FileReading) -> list[dict[str, Any]]:
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


def propose(home: Home, what: str) -> dict[str, Any]:
    """Layouts that would read the sheets of a file whose headers changed; of a path, or of what was received."""
    path = next((path for path in (Path(what), home.inbox / what) if path.is_file()), None)
    if path is None:
        if not home.current.exists():
            raise _unknown(what, 0)
        with Reader(home.current) as release:
            path = home.archived(_by_name_or_hash(release, what))
    limits = settings.load(home.settings_file).limits
    with workers.read_aside([path], limits, packages_of(home, workers.PACKAGES)) as (reading,):
        found = [asdict(drift) for drift in reading.drifts]
    masker = Masker({name for names in persons.known(home).values() for name in names})
    return {"file": what, "file_id": reading.file_id, "proposals": masker.within(found)}


def proposal_lines(told: dict[str, Any]) -> Iterable[str]:
    """The proposed layouts themselves, each with its difference in comments; ready to be saved after a look."""
    for number, drift in enumerate(told["proposals"], start=1):
        done = "complete" if drift["is_complete"] else "not complete: see 缺少"
        yield f"# proposal {number} of {len(told['proposals'])}, sheet “{drift['sheet']}”, {done}"
        yield drift["toml"]
    if not told["proposals"]:
        yield "# nothing to propose: every header is known, or the sheets are like no form"


def lines(told: dict[str, Any]) -> Iterable[str]:
    """The same for a person: what the file is, what became of each sheet and report, then what needs somebody.

    Names and texts are the sender's: signs that command a terminal are written out.
    """
    return (shown(line) for text in _lines(told) for line in text.split("\n"))


def _lines(told: dict[str, Any]) -> Iterable[str]:
    yield f"{told['file']}  ({told['file_id'][:12]})  {told.get('outcome', '')}".rstrip()
    for receipt in told.get("received", ()):
        again = "  (the same bytes again)" if receipt["is_duplicate"] else ""
        moment = receipt["received_at"].astimezone(settings.ZONE)
        yield f"  received {moment:%Y-%m-%d %H:%M} as {receipt['path']}{again}"
    yield f"  {_contents(told)}"
    for _, alike in groupby(told["sheets"], key=lambda sheet: _sheet(sheet, told["not_read"])[1]):
        yield f"  {_sheets(list(alike), told['not_read'])}"
    for report in told["reports"]:
        yield f"  {_report_line(report)}"
    if len(told["reports"]) > 1:
        yield f"  {_rows(told)} in all"
    elif not told["reports"] and told["sheets"]:
        yield "  no report in it"
    yield from _column_lines(told["columns"])
    yield from _unread_lines(told["not_read"], told["sheets"])
    yield from _finding_lines(told["findings"])


def _contents(told: dict[str, Any]) -> str:
    """Say the format, how many sheets there are, and what their cells became."""
    kind = told.get("format") or "unreadable"
    if not told["sheets"]:
        return "no workbook that could be read" if kind == "unreadable" else f"{kind}, nothing in it was read"
    classes = sorted(told["cell_classes"].items(), key=lambda pair: -pair[1])
    parts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in classes)
    cells = f"{_many(told['non_empty_cells'], 'cell')}{': ' if parts else ''}{parts}"
    return f"{kind}, {_many(len(told['sheets']), 'sheet')}, {cells}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _rows(counted: dict[str, Any]) -> str:
    read = f"{_many(counted['rows_read'], 'row')} read"
    if counted.get("rows_accepted") is None:
        return read
    return f"{read}, {counted['rows_accepted']} accepted, {counted['rows_quarantined']} quarantined"


def _sheets(alike: list[dict[str, Any]], not_read: list[dict[str, Any]]) -> str:
    """Say a sheet, or several in a row that became the same."""
    said = _sheet(alike[0], not_read)[1]
    if len(alike) < 3:
        return "\n  ".join(f"sheet {_sheet(each, not_read)[0]}: {said}" for each in alike)
    first, last = _sheet(alike[0], not_read)[0], _sheet(alike[-1], not_read)[0]
    each_one = " each" if alike[0]["non_empty_cells"] else ""
    return f"sheets {first} … {last}: {said}{each_one}"


def _sheet(sheet: dict[str, Any], not_read: list[dict[str, Any]]) -> tuple[str, str]:
    """Give what a sheet is called, and what became of it; why, where all of it was set aside."""
    kind = "" if sheet["visibility"] == "visible" else f" ({sheet['visibility'].replace('_', ' ')})"
    by = f" as {sheet['form_code']} by layout {sheet['layout_id']}" if sheet["form_code"] else ""
    cells = f", {_many(sheet['non_empty_cells'], 'cell')}" if sheet["non_empty_cells"] else ""
    why = _whole(sheet, not_read)
    because = f" ({why})" if why else ""
    return f"{sheet['sheet_index']} “{sheet['sheet_name'].strip()}”{kind}", f"{sheet['outcome']}{because}{by}{cells}"


def _whole(sheet: dict[str, Any], not_read: list[dict[str, Any]]) -> str | None:
    """Give the one reason why no cell of a sheet was read; None where there are several, or some were."""
    ranges = [each for each in not_read if each["sheet_index"] == sheet["sheet_index"]]
    reasons = {each["reason"] for each in ranges}
    cells = sum(each["cells"] for each in ranges)
    return str(reasons.pop()) if len(reasons) == 1 and cells == sheet["non_empty_cells"] else None


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


def _column_lines(columns: list[dict[str, Any]]) -> Iterable[str]:
    """Say once what stands in the same column of several sheets, and in one line what repeats side by side.

    A form of more columns than a screen has lines is told in paragraphs, one for each parent of its headers.
    """
    places: dict[_Column, list[int]] = {}
    for each in columns:
        key = (each["column_letter"], each["header"], each["column_name"], _scale(each))
        places.setdefault(key, [])
        if each["sheet_index"] not in places[key]:
            places[key].append(each["sheet_index"])
    runs: list[list[_Column]] = []
    for key, where in places.items():
        same = runs and runs[-1][0][2:] == key[2:] and places[runs[-1][0]] == where
        if same:
            runs[-1].append(key)
        else:
            runs.append([key])
    sheets = {sheet for where in places.values() for sheet in where}
    if len(runs) > _MANY_COLUMNS:
        yield from _column_paragraphs(runs, places, len(sheets))
        return
    for run in runs:
        where = f"sheet {_numbers(places[run[0]])} " if len(sheets) > 1 else ""
        reach, words, target = _column(run)
        yield f"    {where}{reach:>3}  {words} → {target}"


def _column(run: list[_Column], below: int = 0) -> tuple[str, str, str]:
    """Give the letters, the headers (without their first `below` parts) and the target of columns that repeat."""
    (letter, header, name, scale), (last, end, *_) = run[0], run[-1]
    reach = letter if len(run) == 1 else f"{letter}…{last}"
    words = _short(header, below) if len(run) == 1 else f"{_short(header, below)} … {_short(end, below)}"
    return reach, words, f"{name}{scale}"


def _scale(column: dict[str, Any]) -> str:
    """Say the unit where the column's name does not, and what the figures are multiplied by."""
    unit, factor = column["unit"], column["factor"]
    said = f" in {unit}" if unit and not column["column_name"].endswith(f"_{unit}") else ""
    return said if factor in (None, 1) else f"{said} × {factor.normalize():f}"


def _short(header: str, below: int = 0) -> str:
    """Give a header path without the remarks in its brackets, each part cut to what one reads at a glance."""
    parts = []
    for part in header.split("·")[below:]:
        bare = _REMARK.sub("", part) or part
        parts.append(bare if len(bare) <= _GLANCE else f"{bare[: _GLANCE - 1]}…")
    return "·".join(parts) or "(no header)"


def _column_paragraphs(
    runs: list[list[_Column]],
    places: dict[_Column, list[int]],
    sheets: int,
) -> Iterable[str]:
    def parent(run: list[_Column]) -> tuple[str, str]:
        where = f"sheet {_numbers(places[run[0]])}" if sheets > 1 else ""
        header = run[0][1]
        return where, header.split("·")[0] if "·" in header else ""

    for (where, top), members in groupby(runs, key=parent):
        told = [_column(run, 1 if top else 0) for run in members]
        text = "; ".join(f"{reach} {words} → {target}" for reach, words, target in told)
        head = " ".join(part for part in (where, f"{_short(top)}:" if top else "") if part)
        yield from textwrap.wrap(
            f"{head} {text}".strip(), 110, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False
        )


def _numbers(numbers: list[int]) -> str:
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and numbers == list(range(first, last + 1)):
        return f"{first}–{last}"
    return ",".join(str(number) for number in numbers)


def _unread_lines(ranges: list[dict[str, Any]], sheets: list[dict[str, Any]]) -> Iterable[str]:
    """Gather the ranges that were not read by class and reason, and once for sheets where they are the same.

    A sheet set aside as a whole has said so already.
    """
    said = {sheet["sheet_index"] for sheet in sheets if _whole(sheet, ranges)}
    gathered: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for each in ranges:
        if each["sheet_index"] not in said:
            key = (each["cell_class"], each["reason"] or "", each["sheet_name"].strip())
            gathered.setdefault(key, []).append(each)
    alike: dict[tuple[Any, ...], list[str]] = {}
    for (cell_class, reason, sheet), found in gathered.items():
        places = tuple(_range(each["cell_range"]) for each in found)
        alike.setdefault((cell_class, reason, sum(each["cells"] for each in found), places), []).append(sheet)
    for (cell_class, reason, cells, places), names in alike.items():
        more = f" and {len(places) - _SHOWN} more places" if len(places) > _SHOWN else ""
        where = f"“{names[0]}”" if len(names) == 1 else f"“{names[0]}” … “{names[-1]}” each"
        yield f"  {cell_class} in {where}: {_many(cells, 'cell')}, {reason}: {', '.join(places[:_SHOWN])}{more}"


def _range(text: str) -> str:
    first, _, last = text.partition(":")
    return first if first == last else text


def _finding_lines(findings: list[dict[str, Any]]) -> Iterable[str]:
    """Say each finding; once what is found alike in several places, and of many in one column the first few."""
    alike: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for finding in findings:
        words = (finding["code"], finding["found"], finding["expected"], bool(finding.get("known_to")))
        alike.setdefault((finding["severity"], *words), []).append(finding)
    kinds: dict[tuple[Any, ...], list[list[dict[str, Any]]]] = {}
    for found in alike.values():
        first = found[0]
        kinds.setdefault((first["severity"], first["code"], first["sheet"], first["column_name"]), []).append(found)
    for (severity, code, *_), several in kinds.items():
        shown = several[:_SHOWN] if len(several) > _SHOWN + 2 else several
        yield from (_finding_line(found) for found in shown)
        rest = sum(len(found) for found in several[len(shown) :])
        if rest:
            yield f"  {severity} {code} … and {rest} more like these"


def _finding_line(found: list[dict[str, Any]]) -> str:
    first = found[0]
    places = [" ".join(part.strip() for part in (each["sheet"], each["address"]) if part) for each in found]
    more = f" and {len(places) - 2} more places" if len(places) > 3 else ""
    where = "、".join(place for place in (places[:2] if more else places) if place)
    healed = "  (since healed)" if first.get("known_to") else ""
    said = f"{first['found']}；应为：{_WISH.sub('', str(first['expected']))}"
    return f"  {first['severity']} {first['code']} {where}{more}: {said}{healed}".replace(" :", ":")
