"""One judgement: registers first, then what refers to them, then what is said twice, then month against month.

A row that one stage has stopped is not judged by the next: one fault, one reason, and what could not be judged is
unknown, not bad. The same world gives the same verdicts, whatever the order of its rows.
"""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from schemas.forms import Form
from schemas.frames import QUARANTINE
from schemas.reasons import REASONS
from transforms.identity import file_findings, findings_frame, identify, resolve_filers
from transforms.split.copies import NO_COPIES, repeated_reports
from transforms.split.duplicates import contested, repeated
from transforms.split.references import Directory, directory, own_faults, resolve, resolve_parts
from transforms.split.register import compare, register_of, relocate, restatements
from transforms.split.series import judge_series
from transforms.split.world import Docket, Verdicts, World, one_fault_per_cell

_ORDER = {"organisation": 0, "compound": 1, "building": 2, None: 3}
_OF_SUBMISSION = (
    "form_code",
    "street_id",
    "street_address",
    "filer_id",
    "filer_text",
    "filer_address",
    "filer_suggestions",
    "period_date",
    "is_supplement",
    "report_version",
)

_OUTCOME = ["submission_id", "filer_id", "report_version", "is_effective"]


def judge(world: World, at: dt.datetime) -> Verdicts:
    """Judge all effective rows of the world as things stand at an instant (only aliases reviewed by then count)."""
    aliases = world.aliases.filter(pl.col("known_from").is_null() | (pl.col("known_from") <= at))
    resolutions = _resolutions(world.columns)
    codes = world.catalogue.codes
    names = directory([], aliases, codes)
    submissions = _identified(world, names)
    dockets: dict[str, Docket] = {}
    copies = NO_COPIES.clone()
    for form in _in_order(world):
        docket = _call(form, world, submissions)
        if form.part_of in dockets:
            docket = resolve_parts(docket, dockets[str(form.part_of)])
        else:
            docket = resolve(docket, names)
        parts = world.catalogue.forms.get(form.items or "")
        copies = pl.concat([copies, repeated_reports(docket, parts, world.rows.get(form.items or ""))])
        known = {entity: heard.open for entity, heard in dockets.items()}
        docket = judge_series(_compare(docket, known, resolutions), resolutions, copies)
        dockets[form.entity] = docket
        if form.defines is not None:
            names = directory([heard for heard in dockets.values() if heard.form.defines], aliases, codes)
            submissions = _identified(world, names) if form.defines == "organisation" else submissions
    return _conclude(world, submissions, dockets, copies)


def _in_order(world: World) -> list[Form]:
    """Order the forms that have rows so that each comes after what it refers to."""
    entities = {entity for entity, rows in world.rows.items() if not rows.is_empty()}
    forms = (form for form in world.catalogue.forms.values() if form.entity in entities)
    return sorted(forms, key=lambda form: (form.part_of is not None, _ORDER[form.defines], form.code))


def _resolutions(columns: pl.DataFrame) -> pl.DataFrame:
    """Give one unit of the last decimal per report and column; the coarsest where sheets differ."""
    return (
        columns.group_by("submission_id", "column_name")
        .agg(pl.col("resolution").cast(pl.Float64).max())
        .drop_nulls("resolution")
        .sort("submission_id", "column_name")
    )


def _identified(world: World, names: Directory) -> pl.DataFrame:
    return identify(resolve_filers(world.submissions, world.catalogue, names.organisations), world.catalogue)


def _call(form: Form, world: World, submissions: pl.DataFrame) -> Docket:
    """Put the form's effective rows on a docket, with what reading and the row rules found."""
    effective = submissions.filter(pl.col("is_effective") & (pl.col("entity") == form.entity))
    if form.part_of is not None:  # parts stand in the files, and so in the submissions, of their whole
        effective = submissions.filter(pl.col("is_effective") & (pl.col("entity") == form.part_of))
    rows = (
        world.rows[form.entity]
        .join(effective.select("submission_id", *_OF_SUBMISSION), on="submission_id", how="inner")
        .sort("row_id")
    )
    if form.filer_column is not None:
        rows = rows.with_columns(pl.col("filer_id").alias(form.filer_column))
    return Docket(form, rows, own_faults(rows), form.note_columns)


def _compare(docket: Docket, known: Mapping[str, pl.DataFrame], resolutions: pl.DataFrame) -> Docket:
    """Judge what is said twice: by the register, by another row, by another party."""
    register = register_of(docket.form, known)
    if register is None:
        docket = docket.charge(repeated(docket, None))
        return docket.charge(contested(docket, known))
    compared = compare(docket, register, resolutions)
    docket = relocate(docket, register, compared)
    docket = docket.charge(repeated(docket, compared))
    docket = docket.charge(contested(docket, known))
    return docket.charge(restatements(docket, register, compared))


def _conclude(world: World, submissions: pl.DataFrame, dockets: Mapping[str, Docket], copies: pl.DataFrame) -> Verdicts:
    of_files = file_findings(submissions, world.catalogue, world.calendar, copies)
    of_rows = [finding for docket in dockets.values() for finding in _row_findings(docket)]
    forms = (form for form in world.catalogue.forms.values() if form.entity in world.rows)
    none = {form.entity: pl.DataFrame(schema={"row_id": pl.String(), **form.ids}) for form in forms}
    accepted = {entity: docket.open.select("row_id", *docket.form.ids) for entity, docket in dockets.items()}
    return Verdicts(
        accepted=none | accepted,
        quarantined=_quarantined(dockets),
        findings=pl.concat([of_files, findings_frame(of_rows)]).sort("finding_id"),
        submissions=submissions.select(_OUTCOME).sort("submission_id"),
    )


def _quarantined(dockets: Mapping[str, Docket]) -> pl.DataFrame:
    waiting = [
        docket.stopped.join(docket.rows.select("row_id", "submission_id"), on="row_id", maintain_order="left")
        .with_columns(entity=pl.lit(entity))
        .select(list(QUARANTINE))
        for entity, docket in dockets.items()
    ]
    empty = pl.DataFrame(schema=dict(QUARANTINE))
    return pl.concat([empty, *waiting]).sort("entity", "row_id", "code", "column_name", "address")


def _row_findings(docket: Docket) -> list[dict[str, object]]:
    """Write one finding per fault that no other finding already says."""
    lineage = docket.rows.select("row_id", "submission_id", "file_id", "form_code", sheet="sheet_name")
    faults = one_fault_per_cell(docket.faults).filter("reported").join(lineage, on="row_id", maintain_order="left")
    return [
        {**fault, "form_code": docket.form.code, "action": _action(fault["code"], fault["suggestion"])}
        for fault in faults.iter_rows(named=True)
    ]


def _action(code: str, suggestion: str | None) -> str:
    action = REASONS[code].action_zh
    return f"{action}（{suggestion}）" if suggestion else action
