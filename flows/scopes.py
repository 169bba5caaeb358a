"""What a backfill reads again: by period, form, filer, file, or everything a change of layouts or rules touches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from flows import workers
from flows.errors import UserError
from flows.workers import Original
from warehouse import Warehouse

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_OPTIONS = "--from and --to, --form, --filer, --file or --changed"


@dataclass(frozen=True)
class Scope:
    """Which files: with a report of these periods (both ends included), of one form or filer, these files, or changed.

    What is given must hold together; what is not given limits nothing.
    """

    first: str | None = None
    last: str | None = None
    form: str | None = None
    filer: str | None = None
    files: tuple[str, ...] = ()
    changed: bool = False

    @classmethod
    def parse(
        cls,
        first: str | None = None,
        last: str | None = None,
        form: str | None = None,
        filer: str | None = None,
        files: Iterable[str] = (),
        changed: bool = False,
    ) -> Scope:
        """Check what a person typed. Raises `UserError`."""
        for option, month in (("--from", first), ("--to", last)):
            if month and not _MONTH.fullmatch(month):
                raise UserError(option, repr(month), "a month such as 2013-06", "Correct it and run again.")
        if first and last and first > last:
            raise UserError("--from", f"{first} is after --to {last}", "the earlier month first", "Swap them.")
        scope = cls(first or None, last or None, form or None, filer or None, tuple(files), changed)
        if scope == cls():
            raise UserError("backfill plan", "nothing says what to read again", _OPTIONS, "Name at least one of them.")
        return scope

    @classmethod
    def read(cls, facts: dict[str, Any]) -> Scope:
        """The scope of a plan that was kept."""
        return cls(**{**facts, "files": tuple(facts["files"])})

    @property
    def told(self) -> str:
        """The scope as a person would type it."""
        said = [
            *(f"--{option} {value}" for option, value in (("from", self.first), ("to", self.last)) if value),
            *(f"--{option} {value}" for option, value in (("form", self.form), ("filer", self.filer)) if value),
            *(f"--file {each}" for each in self.files),
            *(["--changed"] if self.changed else []),
        ]
        return " ".join(said)


def originals(warehouse: Warehouse, scope: Scope, packages: tuple[str, ...]) -> list[Original]:
    """Files with a report in scope, in the order they came.

    A file that was refused whole has no period: it counts under the month it was received in.
    """
    found = warehouse.frame(
        """
        select distinct file.file_id, file.file_name, file.received_at from ops.files as file
        left join ops.submissions as report using (file_id)
        where case
            when $first is null and $last is null then true
            when coalesce(report.period, '') = ''
                then strftime(file.received_at, '%Y-%m') between coalesce($first, '') and coalesce($last, '9')
            when length(report.period) = 4
                then report.period between left(coalesce($first, ''), 4) and left(coalesce($last, '9999'), 4)
            else report.period between coalesce($first, '') and coalesce($last, '9')
        end
        and ($form is null or report.entity = $form) and ($filer is null or report.filer_id = $filer)
        order by file.received_at, file.file_id
        """,
        {name: asdict(scope)[name] for name in ("first", "last", "form", "filer")},  # type: ignore[arg-type]
    ).drop("received_at")
    if scope.files:
        named = set().union(*(_named(warehouse, each) for each in scope.files))
        found = found.filter(pl.col("file_id").is_in(sorted(named)))
    if scope.changed:
        found = found.filter(pl.col("file_id").is_in(sorted(changed_files(warehouse, packages))))
    return [Original(*row) for row in found.iter_rows()]


def changed_files(warehouse: Warehouse, packages: tuple[str, ...]) -> set[str]:
    """Files that were read by other layouts, rules or code than today's would read them by."""
    held = warehouse.frame(
        "select file.file_id, file.read_by, list(distinct sheet.form_code) as forms,"
        " coalesce(bool_or(sheet.outcome = 'refused'), true) as is_open"
        " from ops.files as file left join ops.sheets as sheet using (file_id) group by all"
    )
    return {
        row["file_id"]
        for row in held.iter_rows(named=True)
        if row["read_by"] != workers.read_by(packages, row["forms"] or (), is_open=row["is_open"])
    }


def _named(warehouse: Warehouse, what: str) -> set[str]:
    """A path as received, its end, or a sha256 or its beginning."""
    found = warehouse.frame(
        "select distinct file_id from ops.receipts where path = $1 or ends_with(path, '/' || $1)"
        " or (length($1) >= 8 and starts_with(file_id, $1))",
        [what.removeprefix("inbox/")],
    )
    if found.is_empty():
        raise UserError(
            "--file",
            f"{what}: no such file was received",
            "a path below the inbox, or a sha256",
            '`xinyan query "select path, file_id from ops.receipts"` lists what was received.',
        )
    return set(found["file_id"])


def require_known(warehouse: Warehouse, scope: Scope, packages: tuple[str, ...]) -> None:
    """Raises `UserError` for a form, a filer, files or months that no report is of, naming what there is."""
    if scope.form is not None and scope.form not in warehouse.catalogue.forms:
        raise _unknown("--form", scope.form, warehouse.catalogue.forms)
    if scope.filer is not None:
        filers = warehouse.frame("select distinct filer_id from ops.submissions where filer_id is not null order by 1")
        if scope.filer not in filers["filer_id"]:
            raise _unknown("--filer", scope.filer, filers["filer_id"])
    if originals(warehouse, scope, packages):
        return
    if scope.changed:
        raise UserError(
            scope.told,
            "nothing that was read would be read otherwise",
            "a change of a layout, a form or the reading",
            "",
        )
    whose = " of that form or filer" if scope.form or scope.filer else ""
    raise UserError(scope.told, f"no report{whose}", _months(warehouse), "Correct them and run again.")


def reports(warehouse: Warehouse, file_ids: Iterable[str]) -> list[dict[str, Any]]:
    """The reports of some files, in the order they came."""
    found = warehouse.frame(
        """
        select report.submission_id, report.form_code, report.entity, report.filer_id, report.street_id, report.period,
            file.path as file
        from ops.submissions as report inner join ops.files as file using (file_id)
        where file_id in (select unnest($1)) order by report.received_at, file.path, report.submission_id
        """,
        [sorted(file_ids)],
    )
    return list(found.iter_rows(named=True))


def following(warehouse: Warehouse, of: Iterable[dict[str, Any]]) -> list[str]:
    """Later months whose cumulative figures are checked against those of these reports: same form, filer and street."""
    forms = warehouse.catalogue.forms
    series = {
        entity for entity, form in forms.items() if form.cumulative or (form.items and forms[form.items].cumulative)
    }
    first: dict[tuple[Any, ...], str] = {}
    touched = set()
    for report in of:
        touched.add(report["period"])
        if report["entity"] in series and report["period"]:
            whose = (report["entity"], report["filer_id"], report["street_id"])
            first[whose] = min(report["period"], first.get(whose, report["period"]))
    held = warehouse.frame(
        "select distinct entity, filer_id, street_id, period from ops.submissions where is_effective"
    )
    later = {period for *whose, period in held.iter_rows() if tuple(whose) in first and period > first[tuple(whose)]}
    return sorted(later - touched)


def _months(warehouse: Warehouse) -> str:
    sql = "select min(period), max(period) from ops.submissions where length(period) = 7"
    first, last = warehouse.frame(sql).row(0)
    return "months with reports; nothing is loaded yet" if first is None else f"months between {first} and {last}"


def _unknown(option: str, found: str, there: Iterable[str]) -> UserError:
    expected = f"one of: {', '.join(there) or 'none'}"
    return UserError(option, repr(found), expected, "Correct it and run again.")
