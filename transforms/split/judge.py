"""One judgement: registers first, then what refers to them, then what is said twice, then month against month.

A row that one stage has stopped is not judged by the next: one fault, one reason, and what could not be judged is
unknown, not bad. The same world gives the same verdicts, whatever the order of its rows.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from schemas.forms import Form
from schemas.frames import CLAIMS, QUARANTINE, STALE
from schemas.reasons import REASONS
from transforms.contents import Content, read_contents
from transforms.expected import entities, expected_reports, missing_reports, reports_as_they_stand
from transforms.identity import SHANGHAI, file_findings, findings_frame, identify, resolve_filers
from transforms.reconcile import effective_cells, suspect_findings
from transforms.split.aliases import announced_merges, two_names, unused, uses
from transforms.split.copies import NO_COPIES, repeated_reports
from transforms.split.corrections import Applied, correct, superseded
from transforms.split.duplicates import contested, repeated
from transforms.split.memory import Heard, Memory
from transforms.split.references import Directory, directory, own_faults, resolve, resolve_parts
from transforms.split.register import compare, register_of, relocate, restatements
from transforms.split.series import judge_series
from transforms.split.world import IDENTITY_FAULTS, Docket, Verdicts, World, one_fault_per_cell

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

_OUTCOME = [
    "submission_id",
    "filer_id",
    "report_version",
    "is_effective",
    "version_kind",
    "version_evidence",
    "replaced_row_ids",
]
_NOT_RULED = {
    "none": "没有收到这份文件，或它不是报表的后来一份",
    "other": "按内容判定它已不是“{}”，不再适用",
}


def judge(world: World, at: dt.datetime, memory: Memory | None = None) -> Verdicts:
    """Judge all effective rows of the world as things stand at an instant (only what was decided by then counts).

    ``memory`` carries unchanged dockets from one judgement of a run to the next; the verdicts are the same without it.
    Where the world is part of one (``outside``), the verdicts are those that judging the whole would give of the part.
    """
    memory = Memory() if memory is None else memory
    decided = pl.col("known_from").is_null() | (pl.col("known_from") <= at)
    aliases = world.aliases.filter(decided)
    as_read = world  # which version a file is, is decided by what it says
    world, applied = correct(replace(world, corrections=world.corrections.filter(decided)))
    resolutions = _resolutions(world.columns)
    names = _names(memory, {}, aliases, world)
    submissions = _identified(as_read, names, memory, at)
    dockets: dict[str, Heard] = {}
    for form in _in_order(world):
        reports = _effective(form, submissions)
        parent = dockets.get(form.part_of or "")
        compared = {entity: dockets[entity].docket for entity in _compared_with(form) if entity in dockets}
        hearing = partial(_hear, form, world, reports, names, parent, compared, resolutions, applied)
        said = reports.with_columns(corrected=pl.lit(applied.mark(form.entity, form.items)))
        heard = memory.docket(form.entity, said, [names, parent, *compared.values()], hearing)
        dockets[form.entity] = heard
        if form.defines is not None:
            names = _names(memory, dockets, aliases, world)
            if form.defines == "organisation":
                submissions = _identified(as_read, names, memory, at)
    writing = world.judged(uses(aliases, [heard.docket for heard in dockets.values()], submissions))
    elsewhere = () if world.outside is None else world.outside.uses["alias_key"]
    idle = unused(aliases, {*writing["alias_key"], *elsewhere}, names)
    idle = pl.concat([idle, _idle_rulings(world.rulings.filter(decided), submissions)])
    reports = reports_as_they_stand(world.judged(submissions), world.catalogue, world.calendar)
    records = {"reports": reports, "expected_reports": _expected(world, dockets, names, memory)}
    return _conclude(world, submissions, dockets, applied, idle, records, writing)


def _expected(world: World, dockets: Mapping[str, Heard], names: Directory, memory: Memory) -> pl.DataFrame:
    """Work out what must be sent; the same as before where the registers, the progress and the names are."""
    heard = {entity: dockets[entity] for entity in entities(world.catalogue) if entity in dockets}
    if world.outside is not None and world.outside.expected is not None:
        return world.outside.expected
    others = {} if world.outside is None else world.outside.rows

    def rows_of(entity: str) -> pl.DataFrame:
        if entity not in others:
            return heard[entity].docket.open
        if entity not in heard:
            return others[entity]
        return pl.concat([others[entity], world.judged(heard[entity].docket.open).select(others[entity].columns)])

    def work_out() -> pl.DataFrame:
        rows = {entity: rows_of(entity) for entity in dict.fromkeys([*heard, *others])}
        return expected_reports(world.catalogue, rows, world.expected_filers, names.organisations, world.calendar)

    return memory.expected([*heard.values(), names], work_out)


def _idle_rulings(rulings: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Give, as `STALE`, the rulings that overrule nothing: no such version, or its content says otherwise by now."""
    found = []
    for row in rulings.iter_rows(named=True):
        ruled = submissions.filter(pl.col("file_id").str.starts_with(row["file"]))
        if ruled.is_empty() or not (ruled["unruled_kind"] == row["expect"]).any():
            why = _NOT_RULED["none" if ruled.is_empty() else "other"].format(row["expect"])
            about = f"文件{row['file'][:12]}判为{row['kind']}"
            found.append({"kind": "ruling", "key": row["key"], "about": about, "why": why})
    return pl.DataFrame(found, schema=STALE, orient="row")


def _names(memory: Memory, dockets: Mapping[str, Heard], aliases: pl.DataFrame, world: World) -> Directory:
    registers = [heard.docket for heard in dockets.values() if heard.docket.form.defines]
    made: Directory = memory.directory(
        registers, aliases, partial(directory, registers, aliases, world.catalogue.codes)
    )
    return made


def _compared_with(form: Form) -> list[str]:
    """Name the registers whose figures or parties a form's rows are held against."""
    named = [restated.register for restated in form.restated]
    return list(dict.fromkeys([*named, *([form.exclusive.register] if form.exclusive else [])]))


def _hear(
    form: Form,
    world: World,
    reports: pl.DataFrame,
    names: Directory,
    parent: Heard | None,
    compared: Mapping[str, Docket],
    resolutions: pl.DataFrame,
    applied: Applied,
) -> Heard:
    """Hear one form: ids, what is said twice, month against month."""
    docket = _call(form, world, reports)
    docket = resolve(docket, names) if parent is None else resolve_parts(docket, parent.docket)
    parts = world.catalogue.forms.get(form.items or "")
    copies = repeated_reports(docket, parts, world.rows.get(form.items or ""))
    told = copies if parent is None else pl.concat([parent.copies, copies])
    known = {entity: register.open for entity, register in compared.items()}
    docket = judge_series(_compare(docket, known, resolutions), resolutions, told)
    docket = docket.charge(two_names(docket), announced_merges(docket))
    said = _said(docket, world)
    return Heard(
        docket,
        copies,
        _accepted(said, applied.values.get(form.entity)),
        _quarantined(said),
        findings_frame(_row_findings(said)),
    )


def _said(docket: Docket, world: World) -> Docket:
    """Take of a docket what verdicts are given on."""
    if world.outside is None:
        return docket
    rows = world.judged(docket.rows)
    return replace(docket, rows=rows, faults=docket.faults.join(rows, on="row_id", how="semi", maintain_order="left"))


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


def _identified(world: World, names: Directory, memory: Memory, at: dt.datetime) -> pl.DataFrame:
    filed = resolve_filers(world.submissions, world.catalogue, names.organisations)

    def content(entity: str, submission_ids: Sequence[str]) -> Mapping[str, Content]:
        form = world.catalogue.forms[entity]
        reading = partial(read_contents, form, world.catalogue.forms.get(form.items or ""), world.rows, world.controls)
        return memory.contents(submission_ids, reading)

    return identify(filed, world.catalogue, content, world.ruled(at))


def _effective(form: Form, submissions: pl.DataFrame) -> pl.DataFrame:
    """Take the reports whose rows of the form count, with what they say of each row."""
    # Parts stand in the files, and so in the submissions, of their whole.
    entity = form.entity if form.part_of is None else form.part_of
    return submissions.filter(pl.col("is_effective") & (pl.col("entity") == entity)).select(
        "submission_id", *_OF_SUBMISSION, "replaced_row_ids"
    )


def _call(form: Form, world: World, reports: pl.DataFrame) -> Docket:
    """Put the form's effective rows on a docket, with what reading and the row rules found."""
    replaced = reports.select(row_id=pl.col("replaced_row_ids").explode()).drop_nulls()
    read = world.rows[form.entity].drop("raw")  # texts as received: corrections alone ask, and have been applied
    placed = (
        read.select("row_id", "submission_id", _place=pl.int_range(pl.len()))
        .join(reports.drop("replaced_row_ids"), on="submission_id", how="inner")
        .join(replaced, on="row_id", how="anti")  # a later version says these lines anew
        .sort("row_id")
    )
    rows = read[placed["_place"]].hstack(placed.drop("row_id", "submission_id", "_place"))  # rows are wide: one copy
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


def _conclude(
    world: World,
    submissions: pl.DataFrame,
    dockets: Mapping[str, Heard],
    applied: Applied,
    idle: pl.DataFrame,
    records: dict[str, pl.DataFrame],
    writing: pl.DataFrame,
) -> Verdicts:
    copies = pl.concat([NO_COPIES, *(heard.copies for heard in dockets.values())])
    of_files = file_findings(world.judged(submissions), world.catalogue, world.calendar, copies)
    forms = (form for form in world.catalogue.forms.values() if form.entity in world.rows)
    none = {form.entity: pl.DataFrame(schema={"row_id": pl.String(), **form.ids}) for form in forms}
    effective = submissions.filter("is_effective")["submission_id"].to_list()
    done = (finding for finding in applied.findings if finding["submission_id"] in effective)
    corrected = world.judged(findings_frame(done))
    suspected = _suspected(world, submissions, dockets)
    waiting = [pl.DataFrame(schema=dict(QUARANTINE)), *(heard.quarantined for heard in dockets.values())]
    return Verdicts(
        accepted=none | {entity: heard.accepted for entity, heard in dockets.items()},
        quarantined=pl.concat(waiting).sort("entity", "row_id", "code", "column_name", "address"),
        findings=pl.concat(
            [of_files, corrected, suspected, _missing(world, records), *(heard.findings for heard in dockets.values())]
        ).sort("finding_id"),
        submissions=world.judged(submissions).select(_OUTCOME).sort("submission_id"),
        stale=pl.concat([idle, applied.stale, superseded(world, applied, effective)]).sort("kind", "key"),
        records=records,
        uses=writing,
    )


def _missing(world: World, records: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Find the reports that never came: among all there are, whichever of them are judged."""
    reports = [records["reports"], *([] if world.outside is None else [world.outside.reports])]
    come = pl.concat(reports)
    # As of the last day anything came, not of the instant: a decision reviewed years later makes no report missing.
    newest = come.select(pl.col("received_at").dt.convert_time_zone(SHANGHAI).dt.date().max()).item()
    return findings_frame(missing_reports(records["expected_reports"], come, world.catalogue, newest))


def _suspected(world: World, submissions: pl.DataFrame, dockets: Mapping[str, Heard]) -> pl.DataFrame:
    """Say which cells could explain the totals that disagree, by all that is accepted besides."""
    cells = effective_cells(world.control_cells, submissions)
    if cells.is_empty():
        return findings_frame([])
    rows = {entity: heard.docket.open for entity, heard in dockets.items()}
    return findings_frame(suspect_findings(cells, rows, world.catalogue))


def _accepted(docket: Docket, corrected: pl.DataFrame | None) -> pl.DataFrame:
    """Take the ids of the open rows, and of those that were corrected what they say now."""
    rows = docket.open.select("row_id", *docket.form.ids)
    if corrected is None:
        return rows
    typed = [name for name in (*docket.form.typed, "approximate_columns") if name not in docket.form.ids]
    return rows.join(corrected.select("row_id", "corrections", *typed), on="row_id", how="left", maintain_order="left")


def _quarantined(docket: Docket) -> pl.DataFrame:
    """Give each waiting row and reason, with what the row says."""
    stopped = docket.stopped.unique(maintain_order=True)
    if stopped.is_empty():
        return pl.DataFrame(schema=dict(QUARANTINE))
    waiting = docket.rows.join(stopped, on="row_id", how="semi").unique("row_id", keep="first", maintain_order=True)
    in_doubt = stopped.filter(pl.col("code").is_in(IDENTITY_FAULTS))["row_id"]
    said = waiting.select(
        "row_id",
        "submission_id",
        entity=pl.lit(docket.form.entity),
        **{name: _claim(docket, name).cast(dtype) for name, dtype in CLAIMS.items()},
    ).with_columns(building_id=pl.when(~pl.col("row_id").is_in(in_doubt.implode())).then("building_id"))
    return stopped.join(said, on="row_id", maintain_order="left").select(list(QUARANTINE))


def _claim(docket: Docket, name: str) -> pl.Expr:
    if name in docket.form.claims:
        return docket.form.claims[name]
    source = "period_date" if name == "report_month" else name
    return pl.col(source) if source in docket.rows.columns else pl.lit(None)


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
