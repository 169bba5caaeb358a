"""Bytes of one file → everything read of it: sheets, cell classes, reports, located columns, totals, findings, rows.

Never raises for bad input: what cannot be read is refused whole, with findings that say why.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import polars as pl

from schemas import frames
from schemas.forms import Catalogue, Form
from transforms.layout.batches import Batch, ReportKey, fix_findings, make_batches, make_rows
from transforms.layout.cells import CellClass, as_rows, compress
from transforms.layout.context import NameFacts, read_file_name
from transforms.layout.control_cells import control_cells
from transforms.layout.drift import ProposedLayout, find_drifts
from transforms.layout.findings import Found
from transforms.layout.grid import Place
from transforms.layout.headers import vocabularies_of
from transforms.layout.private import find_names
from transforms.layout.reports import TableReading
from transforms.layout.series import make_frame
from transforms.layout.sheets import SheetReading, read_sheet, slip_number
from transforms.workbook import Limits, UnreadableWorkbook, a1, column_letter, read_workbook

LOCK_FILE = "lock_file"
UNREADABLE = "unreadable"
NO_SECRET = b"not kept"
"""The key of hashes that nobody keeps: of a file that is looked at and not loaded."""


Counts = Mapping[str, Counter[str]]
"""How many rows each report has, by entity."""


@dataclass(frozen=True)
class FileReading:
    """All that was read of one file; the frames are those of `schemas.frames`, ``rows`` one frame per entity.

    ``format`` is the workbook's, or "lock_file" (an editor's ~$ file: nothing is read, nothing is wrong), or
    "unreadable" (one finding says why). ``refusal`` is what the workbook reader says of an unreadable one: "refused",
    "corrupt" or "encrypted". ``answers`` is the number of the slip whose list the file carries, ``drifts``
    the layouts proposed for sheets whose headers are like a form's and not quite it. ``names`` are those of persons in
    it (`schemas.persons`): they are kept apart, and no frame holds them.
    """

    file_id: str
    file_name: str
    format: str
    sheets: pl.DataFrame
    cells: pl.DataFrame
    submissions: pl.DataFrame
    columns: pl.DataFrame
    controls: pl.DataFrame
    control_cells: pl.DataFrame
    findings: pl.DataFrame
    rows: dict[str, pl.DataFrame]
    refusal: str | None = None
    answers: str | None = None
    drifts: tuple[ProposedLayout, ...] = ()
    names: tuple[str, ...] = ()


@dataclass
class Report:
    """One report of the file while it is put together; it may span sheets."""

    key: ReportKey
    form: Form
    first: TableReading
    sheet_names: list[str] = field(default_factory=list)
    cells_data: int = 0
    findings: list[tuple[Found, str | None]] = field(default_factory=list)
    refused: bool = False


def read_file(
    data: bytes,
    file_name: str,
    file_id: str,
    catalogue: Catalogue,
    limits: Limits | None = None,
    secret: bytes = NO_SECRET,
) -> FileReading:
    """Read one file. ``file_id`` is the hash of its bytes; ids of reports and rows come from it.

    ``secret`` is the key of the hashes that stand for persons; without it they say nothing outside this reading.
    """
    facts = read_file_name(file_name, catalogue.codes.get("streets"), catalogue.common)
    if facts.is_lock:
        return _nothing(file_id, file_name, LOCK_FILE, [])
    try:
        workbook = read_workbook(data, limits) if limits is not None else read_workbook(data)
    except UnreadableWorkbook as error:
        found = Found(error.code, None, None, None, error.found, error.expected, error.action, severity="R")
        return replace(
            _nothing(file_id, file_name, UNREADABLE, [found.as_row(file_id, None, None)]), refusal=error.outcome
        )
    vocabularies = vocabularies_of(catalogue)
    sheets = [read_sheet(sheet, facts, vocabularies) for sheet in workbook.sheets]
    settle_strangers(sheets, catalogue)
    names = find_names(sheets)  # before refusals are settled: what is refused holds persons, too
    reading = replace(assemble(file_id, file_name, workbook.format, facts, sheets, catalogue, secret), names=names)
    if "E22" not in reading.findings["code"].to_list():
        return reading
    return replace(reading, drifts=tuple(drift.proposed for drift in find_drifts(workbook, catalogue)))


def settle_strangers(sheets: Sequence[SheetReading], catalogue: Catalogue) -> None:
    """Let a sheet that is no form pass beside sheets that are: it is ignored, not refused; its content is reported."""
    if not any(sheet.tables for sheet in sheets):
        return
    for sheet in sheets:
        if sheet.outcome == "refused" and not sheet.resembles:
            sheet.ignore("不是报表的工作表")
            name = f"工作表“{sheet.sheet.name}”不是规定的报表，其中内容未载入"
            sheet.findings = [Found("E48", sheet.sheet.name, None, None, name, "报送文件中只放规定的报表")]


def assemble(
    file_id: str,
    file_name: str,
    file_format: str,
    facts: NameFacts,
    sheets: Sequence[SheetReading],
    catalogue: Catalogue,
    secret: bytes = NO_SECRET,
) -> FileReading:
    """Group the tables' rows into reports, refuse what must be refused, and build the frames."""
    reports: dict[ReportKey, Report] = {}
    keyed: list[tuple[SheetReading, TableReading, list[ReportKey], ReportKey]] = []
    for sheet in sheets:
        for table in sheet.tables:
            of_street = {street: _key(table, street) for street in set(table.streets)}
            keys = [of_street[street] for street in table.streets]
            main = max(set(keys), key=keys.count) if keys else _key(table, table.street_id)
            for key in (*dict.fromkeys(keys), *(() if keys else (main,))):
                report = reports.setdefault(key, Report(key, table.form, table))
                if sheet.sheet.name not in report.sheet_names:
                    report.sheet_names.append(sheet.sheet.name)
            of_row = dict(zip(table.typed.rows, keys, strict=True))
            for found in table.findings:
                report = reports[of_row.get(found.row, main) if found.row is not None else main]
                report.findings.append((found, None))
                report.refused = report.refused or found.severity == "R"
            keyed.append((sheet, table, keys, main))
    batches: list[Batch] = []
    for sheet, table, keys, _ in keyed:
        _reject_refused(sheet, table, keys, reports)
        made = make_batches(table.typed, keys, sheet.grid, catalogue, sheet.sheet.index, sheet.sheet.name)
        _note_fixes(table, keys, made, reports, file_id)
        batches += [_without_refused(batch, reports) for batch in made]
    for sheet in sheets:
        sheet.settle_outcome()
    _count_data(keyed, reports)
    rows = _frames(batches, catalogue, file_id, secret)
    counts = {entity: Counter(frame["submission_id"].to_list()) for entity, frame in rows.items()}
    _refuse_empty(reports, counts, file_id)
    submissions = [_submission(each, facts, counts, file_id) for each in reports.values()]
    return FileReading(
        file_id=file_id,
        file_name=file_name,
        format=file_format,
        sheets=_frame([sheet.as_row(file_id) for sheet in sheets], frames.SHEETS),
        cells=_frame(
            [
                row
                for sheet in sheets
                for row in as_rows(compress(sheet.grid, sheet.classes), file_id, sheet.sheet.index, sheet.sheet.name)
            ],
            frames.CELLS,
        ),
        submissions=_frame(submissions, frames.SUBMISSIONS),
        columns=_frame(_located(keyed, reports, file_id), frames.LOCATED_COLUMNS),
        controls=_frame(_controls(keyed, reports, file_id), frames.CONTROLS),
        control_cells=_frame(_control_cells(keyed, file_id), frames.CONTROL_CELLS),
        findings=_findings(reports, sheets, file_id),
        rows=rows,
        answers=next((number for sheet in sheets if (number := slip_number(sheet.grid))), None),
    )


def _refuse_empty(reports: Mapping[ReportKey, Report], counts: Counts, file_id: str) -> None:
    """Refuse a report without a single row: taken for a new version, it would withdraw what stands."""
    filled = set().union(*counts.values())
    for key, report in reports.items():
        if report.refused or key.submission_id(file_id) in filled:
            continue
        report.refused = True
        sheet = report.sheet_names[0] if report.sheet_names else None
        found = Found("E40", sheet, None, None, "表内没有可载入的数据行", "至少有一行数据", severity="R")
        report.findings.append((found, None))


def _key(table: TableReading, street_id: str | None) -> ReportKey:
    form = table.form
    street = street_id or "" if "street" in form.report_key else ""
    return ReportKey(form.code, table.filer_normalised, street, table.period.text, table.edition)


def _reject_refused(
    sheet: SheetReading, table: TableReading, keys: Sequence[ReportKey], reports: Mapping[ReportKey, Report]
) -> None:
    """Class the cells of refused reports as rejected; a sheet all of whose reports are refused is refused whole."""
    refused = {key for key in (keys or reports) if key in reports and reports[key].refused}
    if not refused:
        return
    if all(reports[key].refused for key in keys):
        table.refused = True
        return
    bad = {row for row, key in zip(table.typed.rows, keys, strict=True) if key in refused}
    for row in bad & sheet.grid.rows.keys():
        sheet.classes.put(row, dict.fromkeys(sheet.grid.rows[row], CellClass("rejected", "该报表未接收")))


def _without_refused(batch: Batch, reports: Mapping[ReportKey, Report]) -> Batch:
    if not any(reports[key].refused for key in set(batch.keys)):
        return batch
    kept = [place for place, key in enumerate(batch.keys) if not reports[key].refused]

    def pick(values: list[Any]) -> list[Any]:
        return [values[place] for place in kept]

    return Batch(
        batch.form,
        batch.sheet_index,
        batch.sheet_name,
        batch.block,
        pick(batch.keys),
        pick(batch.row_numbers),
        pick(batch.items),
        {name: pick(values) for name, values in batch.columns.items()},
        {name: pick(values) for name, values in batch.addresses.items()},
        {name: pick(values) for name, values in batch.raw.items()},
        {name: pick(values) for name, values in batch.resolutions.items()},
        pick(batch.approximate),
        pick(batch.faults),
    )


def _note_fixes(
    table: TableReading,
    keys: Sequence[ReportKey],
    batches: Sequence[Batch],
    reports: Mapping[ReportKey, Report],
    file_id: str,
) -> None:
    fixes = fix_findings(table.typed, table.sheet_name)
    if not fixes or not batches:
        return
    ids = dict(zip(batches[0].row_numbers, batches[0].row_ids(file_id), strict=True))
    for position, found in fixes:
        reports[keys[position]].findings.append((found, ids.get(table.typed.rows[position])))


def _count_data(
    keyed: Iterable[tuple[SheetReading, TableReading, list[ReportKey], ReportKey]], reports: Mapping[ReportKey, Report]
) -> None:
    """Count the data cells of each report, each cell once: by the row it stands in, else by its table."""
    counted: dict[int, set[Place]] = {}
    for sheet, table, keys, main in keyed:
        of_row = dict(zip(table.typed.rows, keys, strict=True))
        before = counted.setdefault(sheet.sheet.index, set())
        seen: Mapping[int, CellClass] | None = None
        own: list[int] = []
        for row in sheet.grid.rows_from(*table.area):
            held = sheet.classes.row(row)
            if held is not seen:
                own = [col for col, kind in held.items() if kind.name == "data" and table.owns(col)]
                seen = held
            report = reports[of_row.get(row, main)]
            if report.refused:
                continue
            mine = own
            if len(sheet.tables) > 1:
                mine = [col for col in own if (row, col) not in before]
                before.update((row, col) for col in mine)
            report.cells_data += len(mine)


def _frames(batches: Sequence[Batch], catalogue: Catalogue, file_id: str, secret: bytes) -> dict[str, pl.DataFrame]:
    by_entity: dict[str, list[Batch]] = {}
    for batch in batches:
        by_entity.setdefault(batch.form.entity, []).append(batch)
    return {entity: make_rows(each, catalogue.forms[entity], file_id, secret) for entity, each in by_entity.items()}


def _submission(report: Report, facts: NameFacts, counts: Counts, file_id: str) -> dict[str, Any]:
    table, key = report.first, report.key
    submission_id = key.submission_id(file_id)
    entity = report.form.entity
    period = table.period
    return {
        "submission_id": submission_id,
        "file_id": file_id,
        "form_code": report.form.code,
        "entity": entity,
        "filer_text": table.filer_text,
        "filer_candidates": list(table.filer_candidates),
        "street_id": key.street_id or None,
        "period": key.period,
        "edition": key.edition,
        "period_date": dt.date(period.year, period.month or 1, 1) if period.year is not None and key.period else None,
        "version_rank": facts.version_rank,
        "is_supplement": facts.is_supplement,
        "title": table.context.title,
        "filer_address": table.said_address("filer"),
        "period_address": period.address,
        "street_address": table.said_address("street"),
        "sheet_names": report.sheet_names,
        "rows_read": counts[entity][submission_id] if entity in counts else 0,
        "cells_data": report.cells_data,
        "outcome": "refused" if report.refused else "read",
    }


def _located(
    keyed: Iterable[tuple[SheetReading, TableReading, list[ReportKey], ReportKey]],
    reports: Mapping[ReportKey, Report],
    file_id: str,
) -> list[dict[str, Any]]:
    rows = []
    for sheet, table, keys, main in keyed:
        for key in dict.fromkeys(keys) or (main,):
            if reports[key].refused:
                continue
            for found in table.typed.block.located:
                unit = table.typed.units[found.slot].unit
                rows.append(
                    {
                        "submission_id": key.submission_id(file_id),
                        "file_id": file_id,
                        "sheet_index": sheet.sheet.index,
                        "block": table.typed.block.index,
                        "column_name": found.target.column,
                        "column_letter": column_letter(found.col),
                        "header": found.header,
                        "unit": unit.code if unit is not None else None,
                        "factor": unit.factor if unit is not None else Decimal(1),
                        "decimals": table.typed.decimals[found.slot],
                        "resolution": table.typed.resolution[found.slot],
                    }
                )
    return rows


def _controls(
    keyed: Iterable[tuple[SheetReading, TableReading, list[ReportKey], ReportKey]],
    reports: Mapping[ReportKey, Report],
    file_id: str,
) -> list[dict[str, Any]]:
    rows = []
    for sheet, table, keys, main in keyed:
        of_row = dict(zip(table.typed.rows, keys, strict=True))
        names = {found.col: found.target.column for found in table.typed.block.located}
        for total in table.typed.totals:
            owners = [of_row[member] for member in total.members if member in of_row]
            key = max(set(owners), key=owners.count) if owners else main
            for each in total.checks:
                rows.append(
                    {
                        "submission_id": key.submission_id(file_id),
                        "file_id": file_id,
                        "sheet_index": sheet.sheet.index,
                        "sheet_name": sheet.sheet.name,
                        "row_number": total.line.row,
                        "label": total.label or None,
                        "column_name": names[each.col],
                        "address": a1(total.line.row, each.col),
                        "value": each.value,
                        "rows_sum": each.rows_sum,
                        "tolerance": each.tolerance,
                        "agrees": each.agrees,
                    }
                )
    return rows


def _control_cells(
    keyed: Iterable[tuple[SheetReading, TableReading, list[ReportKey], ReportKey]],
    file_id: str,
) -> list[dict[str, Any]]:
    rows = []
    for sheet, table, keys, main in keyed:
        of_row = dict(zip(table.typed.rows, keys, strict=True))
        for cell in control_cells(table):
            members = cell.get("members") or [cell["row_number"]]
            key = of_row.get(members[0], main)
            rows.append(
                dict.fromkeys(frames.CONTROL_CELLS)
                | cell
                | {
                    "submission_id": key.submission_id(file_id),
                    "file_id": file_id,
                    "street_id": key.street_id or None,
                    "sheet_index": sheet.sheet.index,
                }
            )
    return rows


def _findings(reports: Mapping[ReportKey, Report], sheets: Sequence[SheetReading], file_id: str) -> pl.DataFrame:
    rows = [found.as_row(file_id, None, None) for sheet in sheets for found in sheet.findings]
    rows += [
        found.as_row(file_id, report.key.submission_id(file_id), report.form.code, row_id)
        for report in reports.values()
        for found, row_id in report.findings
    ]
    return _frame(list({row["finding_id"]: row for row in rows}.values()), frames.FINDINGS)


def _frame(rows: Sequence[Mapping[str, Any]], schema: frames.FrameSchema) -> pl.DataFrame:
    return make_frame({name: [row[name] for row in rows] for name in schema}, schema)


def _nothing(file_id: str, file_name: str, file_format: str, findings: Sequence[Mapping[str, Any]]) -> FileReading:
    return FileReading(
        file_id,
        file_name,
        file_format,
        _frame([], frames.SHEETS),
        _frame([], frames.CELLS),
        _frame([], frames.SUBMISSIONS),
        _frame([], frames.LOCATED_COLUMNS),
        _frame([], frames.CONTROLS),
        _frame([], frames.CONTROL_CELLS),
        _frame(findings, frames.FINDINGS),
        {},
    )
