"""The sender's side of a night: a slip for every file with findings, and how many of an earlier one were put right.

A slip is made once per file, from what stands against the file when its night ends; what healed by itself (a register
that came later) is not the sender's to correct and is left out, what a later version of the same night replaced is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from flows.home import PRIVATE, Home, person_key
from flows.isolation import Question
from flows.settings import ZONE, Limits
from flows.staged import pack_marks
from flows.workers import PACKAGES, mark_all
from schemas.examples import as_text, example, in_unit
from schemas.forms import Catalogue, Form
from schemas.reasons import REASONS
from schemas.slips import NAME_MARKS, file_name_of, number_of
from transforms.chase import Chase
from transforms.layout import NO_SECRET
from transforms.layout.context import read_file_name
from transforms.slip import Heading, Mark
from warehouse import Warehouse, faults, ledger
from warehouse.masking import Masker

UNKNOWN_FILER = "未识别报送单位"
_HOUSES = {"headquarters": "区指挥部", "city": "市办"}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f/\\:*?"<>|]+|^[.\s]+|[.\s]+$')
_LONGEST = 60
_SLIPS = {
    "file_id": pl.String,
    "path": pl.String,
    "findings": pl.Int64,
    "marked_cells": pl.Int64,
    "remark": pl.String,
    "run_id": pl.String,
}

_DUE = """
    select
        finding.*, first.file_name, first.received_at, first.known_from as file_known_from,
        report.entity, coalesce(report.filer_id, whole.filer_id) as filer_id,
        coalesce(report.street_id, whole.street_id) as street_id
    from ops.findings as finding
    join ops.files as first using (file_id)
    left join ops.submissions as report on report.submission_id = finding.submission_id
    left join (
        select file_id, min(filer_id) as filer_id, min(street_id) as street_id from ops.submissions group by file_id
    ) as whole on whole.file_id = finding.file_id
    where finding.file_id not in (select file_id from ops.slips)
        and (
            finding.known_to is null
            or report.outcome = 'refused'
            or not coalesce(report.is_effective, false)
        )
    order by first.known_from, first.path, finding.finding_id
"""
_ANSWERED = """
    select answer.file_id, answer.answered_file_id, answer.known_from, later.path as file, earlier.path as answered_file
    from ops.answers as answer
    join ops.files as later on later.file_id = answer.file_id
    join ops.files as earlier on earlier.file_id = answer.answered_file_id
    where later.run_id = $1
    order by later.known_from, later.path, earlier.path
"""
_STOOD = """
    select code, sheet, address, column_name, found from ops.findings
    where file_id = $1 and severity in ('R', 'Q', 'W') and known_from <= $2 and (known_to is null or known_to >= $2)
"""
_STANDS = """
    select code, sheet, address, column_name, found from ops.findings
    where file_id = $1 and severity in ('R', 'Q', 'W') and (known_to is null or known_to > known_from)
"""


@dataclass(frozen=True)
class Slipped:
    """One slip that was made: whose it is, where it lies below returned/, how much stands on it."""

    file_id: str
    filer: str
    path: str
    findings: int
    marked_cells: int
    remark: str | None

    @property
    def grave(self) -> bool:
        """Whether there is something for the sender to correct."""
        return NAME_MARKS[0] in self.path.rpartition("（")[2]


@dataclass(frozen=True)
class Answered:
    """A file that answers an earlier one: of ``were`` findings ``fixed`` are gone, and ``new`` ones stand."""

    file: str
    answered_file: str
    were: int
    fixed: int
    new: int

    @property
    def sentence(self) -> str:
        """As the journal says it."""
        return f"{self.were} 处已改正 {self.fixed} 处，新增 {self.new} 处"


@dataclass(frozen=True)
class Returned:
    """What a night gave back."""

    slips: tuple[Slipped, ...] = ()
    answered: tuple[Answered, ...] = ()
    proposals: tuple[str, ...] = ()
    chases: tuple[Chase, ...] = ()


NOTHING = Returned()


def give_back(
    warehouse: Warehouse,
    home: Home,
    limits: Limits,
    run_id: str,
    masker: Masker,
    packages: tuple[str, ...] = PACKAGES,
) -> Returned:
    """Make the slips that are due, and count what the night's files put right. Again, it finds what was made.

    What a slip says of others' files shows nobody; the sender's own workbook in it stays as it was sent.
    """
    due = warehouse.frame(_DUE)
    if due.height:
        made = _make(warehouse, home, limits, due, masker, packages)
        rows = [{name: getattr(each, name) for name in _SLIPS if name != "run_id"} for each in made]
        ledger.record_slips(warehouse, pl.DataFrame(rows, schema=_SLIPS).with_columns(run_id=pl.lit(run_id)))
    proposals = tuple(_proposals_of(warehouse, home, run_id))
    return Returned(tuple(_made_by(warehouse, run_id)), tuple(answered_by(warehouse, run_id)), proposals)


def _proposals_of(warehouse: Warehouse, home: Home, run_id: str) -> Iterable[str]:
    """Where the layouts proposed for files of this run lie, below the home."""
    files = set(
        warehouse.frame("select left(file_id, 8) as file_id from ops.files where run_id = $1", [run_id])["file_id"]
    )
    for path in sorted(home.proposals.glob("*.toml")):
        if any(part in files for part in path.stem.split("_")):
            yield path.relative_to(home.root).as_posix()


def answered_by(warehouse: Warehouse, run_id: str) -> Iterable[Answered]:
    """Say of each file of a run that answers one with findings what was put right and what is new."""
    for pair in warehouse.frame(_ANSWERED, [run_id]).iter_rows(named=True):
        were = _kinds(warehouse.frame(_STOOD, [pair["answered_file_id"], pair["known_from"]]))
        if not were:
            continue
        stands = _kinds(warehouse.frame(_STANDS, [pair["file_id"]]))
        same = _still_there(were, stands)
        yield Answered(pair["file"], pair["answered_file"], len(were), len(were) - same, len(stands) - same)


_Kind = tuple[str, str | None, str | None, str | None, str | None]


def _kinds(findings: pl.DataFrame) -> list[_Kind]:
    return [row for row in findings.iter_rows() if not REASONS[row[0]].lasting]


def _still_there(before: Sequence[_Kind], after: Sequence[_Kind]) -> int:
    """Count the findings that are there again: at the same cell, else (a row moved) of the same words."""
    at_cell = Counter(kind[:4] for kind in before) & Counter(kind[:4] for kind in after)
    left_before, left_after = _without(before, at_cell), _without(after, at_cell)
    alike = Counter((kind[0], *kind[3:]) for kind in left_before) & Counter((kind[0], *kind[3:]) for kind in left_after)
    return at_cell.total() + alike.total()


def _without(kinds: Sequence[_Kind], taken: Counter[Any]) -> list[_Kind]:
    left, rest = taken.copy(), []
    for kind in kinds:
        if left[kind[:4]] > 0:
            left[kind[:4]] -= 1
        else:
            rest.append(kind)
    return rest


def _made_by(warehouse: Warehouse, run_id: str) -> Iterable[Slipped]:
    found = warehouse.frame(
        "select file_id, path, findings, marked_cells, remark from ops.slips where run_id = $1 order by path", [run_id]
    )
    for row in found.iter_rows(named=True):
        yield Slipped(filer=row["path"].partition("/")[0], **row)


@dataclass(frozen=True)
class Job:
    """One slip to make: from which original, where to (without the extension), saying what."""

    file_id: str
    source: str
    target: Path
    heading: Heading
    marks: tuple[Mark, ...]


def _make(
    warehouse: Warehouse, home: Home, limits: Limits, due: pl.DataFrame, masker: Masker, packages: tuple[str, ...]
) -> list[Slipped]:
    catalogue = warehouse.catalogue
    units = _units(warehouse, due)
    accepted = masker.within(_accepted(warehouse, catalogue, due))
    due = due.with_columns(masker.texts(due[name]) for name in ("found", "expected", "action"))
    names = _Names(warehouse)
    jobs = []
    for (file_id,), findings in due.group_by("file_id", maintain_order=True):
        rows = findings.to_dicts()
        marks = tuple(mark_of(row, catalogue, units, accepted) for row in rows)
        filer = filer_of(rows, catalogue)
        target = names.path(filer, rows[0], grave=any(mark.severity != "F" for mark in marks))
        received = f"{rows[0]['received_at'].astimezone(ZONE):%Y-%m-%d}"
        heading = Heading(number_of(str(file_id)), rows[0]["file_name"], received)
        jobs.append(Job(str(file_id), str(home.archived(str(file_id))), home.returned / target, heading, marks))
    made = []
    for job, (path, remark) in zip(jobs, make_slips(jobs, limits, packages, person_key(home)), strict=True):
        cells = len({mark.place for mark in job.marks if mark.place is not None})
        where = path.relative_to(home.returned)
        made.append(Slipped(job.file_id, where.parts[0], where.as_posix(), len(set(job.marks)), cells, remark))
    return made


def mark_of(
    row: Mapping[str, Any],
    catalogue: Catalogue,
    units: Mapping[tuple[str, str], tuple[Decimal, int]],
    accepted: Mapping[tuple[str, str], str],
) -> Mark:
    """Say one finding to its sender: with an example in his own unit, and what was last accepted."""
    reason = REASONS[row["code"]]
    column = column_of(catalogue, row["entity"], row["column_name"])
    shown = None
    if column is not None and (value := example(column, row["entity"] or "")) is not None:
        factor, places = units.get((row["submission_id"], row["column_name"]), (Decimal(1), 2))
        shown = as_text(in_unit(value, factor, max(places, 2)))
    return Mark(
        severity=row["severity"],
        code=row["code"],
        title=reason.title_zh,
        found=row["found"] or "",
        expected=row["expected"] or "",
        action=row["action"] or reason.action_zh,
        sheet=row["sheet"],
        address=row["address"],
        column=None if column is None else column.label_zh,
        example=shown,
        accepted=accepted.get((row["row_id"], row["column_name"])),
    )


def column_of(catalogue: Catalogue, entity: str | None, name: str | None) -> Any:
    """Give a column of a form or of its sub-form."""
    form = catalogue.forms.get(entity or "")
    parts = catalogue.forms.get(form.items or "") if form is not None else None
    for each in (form, parts):
        if each is not None and name in each.column:
            return each.column[name]
    return None


def _units(warehouse: Warehouse, due: pl.DataFrame) -> dict[tuple[str, str], tuple[Decimal, int]]:
    """Give factor and decimals of the numbers of each report's columns, as the sender writes them."""
    with warehouse.registered("_due", due.select("submission_id").drop_nulls().unique()):
        found = warehouse.frame(
            "select submission_id, column_name, factor, decimals from ops.columns semi join _due using (submission_id)"
        )
    return {
        (report, column): (Decimal(factor or 1), int(places or 0))
        for report, column, factor, places in found.iter_rows()
    }


def _accepted(warehouse: Warehouse, catalogue: Catalogue, due: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Give, per row and column, what the same sender was last accepted with for the same thing, as it was written."""
    found: dict[tuple[str, str], str] = {}
    rows = due.filter(pl.col("row_id").is_not_null() & pl.col("column_name").is_not_null())
    for form in catalogue.forms.values():
        names = (name for name in rows["column_name"].unique().sort() if name not in form.row_identity)
        columns = [name for name in names if name in form.typed and name in form.column]
        if columns and rows.height:
            found |= _accepted_rows(warehouse, form, columns, rows)
    return found


def _accepted_rows(
    warehouse: Warehouse, form: Form, columns: Sequence[str], rows: pl.DataFrame
) -> dict[tuple[str, str], str]:
    months = {column.name for column in form.columns if column.kind in ("month", "year")}
    codes = {column.name for column in form.columns if column.kind == "code"}
    identity = list(dict.fromkeys((*form.row_identity, *(name for name in form.key if name in codes))))
    identity = [name for name in identity if name not in months and name in form.typed]
    same = " and ".join(f'past."{name}" is not distinct from here."{name}"' for name in identity)
    said = ", ".join(f'past.raw."{name}" as "{name}"' for name in columns)
    with warehouse.registered("_about", rows.select("row_id", "file_known_from").unique()):
        found = warehouse.frame(
            f"""
            select here.row_id, report.period, {said}
            from landed.{form.entity} as here
            join _about as about on about.row_id = here.row_id
            join ops.submissions as own on own.submission_id = here.submission_id
            join core.{form.entity} as past on {same} and past.known_from < about.file_known_from
            join ops.submissions as report on report.submission_id = past.submission_id
                and report.filer_id is not distinct from own.filer_id
                and report.street_id is not distinct from own.street_id
                and report.period <= own.period
            qualify row_number() over (
                partition by here.row_id order by report.period_date desc nulls last, past.known_from desc, past.row_id
            ) = 1
            """
        )
    return {
        (row["row_id"], name): f"{row[name]}（{row['period']}）" if row["period"] else row[name]
        for row in found.iter_rows(named=True)
        for name in columns
        if row[name] is not None
    }


def filer_of(rows: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> str:
    """Name the folder of a file's sender: a street's sub-command, a firm, headquarters; else who it may be."""
    streets = catalogue.codes["streets"]
    for row in rows:
        filer = row["filer_id"]
        if filer in streets.labels:
            return f"{streets.labels[filer].removesuffix('街道')}分指挥部"
        if filer is not None:
            return _plain(_HOUSES.get(filer, filer))
    facts = read_file_name(rows[0]["file_name"], streets, catalogue.common)
    street = facts.street_id or next((row["street_id"] for row in rows if row["street_id"]), None)
    return f"{streets.labels[street].removesuffix('街道')}分指挥部" if street in streets.labels else UNKNOWN_FILER


def _plain(name: str) -> str:
    return _NOT_IN_NAMES.sub("_", name)[:_LONGEST] or UNKNOWN_FILER


class _Names:
    """File names of slips: the sender's own, with an addition where another of his files has the same."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._taken = set(warehouse.frame("select path from ops.slips")["path"])

    def path(self, filer: str, row: Mapping[str, Any], *, grave: bool) -> str:
        """Give the path below returned/, without the extension, which the slip decides."""
        stem = _plain(Path(row["file_name"]).stem)
        mark = NAME_MARKS[0] if grave else NAME_MARKS[1]
        plain = f"{filer}/{file_name_of(stem, mark, '', '')}"
        if any(taken.rpartition(".")[0] == plain for taken in self._taken):
            plain = f"{filer}/{file_name_of(stem, mark, row['file_id'][:6], '')}"
        self._taken.add(f"{plain}.")
        return plain


def make_slips(
    jobs: Sequence[Job], limits: Limits, packages: tuple[str, ...] = PACKAGES, secret: bytes = NO_SECRET
) -> Iterable[tuple[Path, str | None]]:
    """Make slips and put each in its place; gives where it lies and what could not be kept of the original."""
    questions = [
        Question(job.file_id, job.heading.file_name, Path(job.source).read_bytes, pack_marks(job.heading, job.marks))
        for job in jobs
    ]
    for job, slip in zip(jobs, mark_all(questions, limits, packages, secret), strict=True):
        path = job.target.with_name(job.target.name + slip.extension)
        path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        partial.write_bytes(slip.data)
        faults.passing("slips.written")
        partial.replace(path)
        faults.passing("slips.placed")
        yield path, slip.remark
