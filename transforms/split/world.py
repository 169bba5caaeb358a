"""What a judgement starts from and what it comes to."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from schemas.forms import Catalogue, Form
from schemas.frames import ALIASES, CONTROL_CELLS, CONTROLS, CORRECTIONS, LOCATED_COLUMNS, RULINGS
from schemas.reasons import REASONS
from transforms.calendar import Calendar


def _no_aliases() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(ALIASES))


def _no_corrections() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(CORRECTIONS))


def _no_columns() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(LOCATED_COLUMNS))


def _no_controls() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(CONTROLS))


def _no_rulings() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(RULINGS))


@dataclass(frozen=True)
class Outside:
    """Where only some reports are judged (``judged``, by id): what is known of all others, in which nothing changed.

    ``reports`` (`REPORTS`) as they stand; ``rows``: accepted rows of the forms that decide what is expected, the
    registers left out (`expected.READ` columns); ``expected``: what is expected as known (`EXPECTED_REPORTS`), where
    nothing judged can change it; ``uses``: what they write of the aliases (`aliases.USES`).
    """

    judged: frozenset[str]
    reports: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    expected: pl.DataFrame | None
    uses: pl.DataFrame


@dataclass(frozen=True)
class World:
    """Everything landed up to one instant, or of it what a judgement of some reports needs (``outside``).

    ``submissions`` is a `LANDED_SUBMISSIONS` frame without refused ones; ``rows`` holds, per entity, a
    `Form.row_schema` frame that `transforms.validate.validate` has been over; ``columns`` (`LOCATED_COLUMNS`) says how
    exact a figure was written; ``control_cells`` (`CONTROL_CELLS`) are the figures of tables whose totals disagree, of
    refused reports too; ``controls`` (`CONTROLS`) are total rows; ``aliases``, ``corrections`` and ``rulings``
    (`RULINGS`: what a file is) are the reviewed decisions that count; ``expected_filers`` names who files a form
    (entity), where the settings say it instead of the registers.
    """

    catalogue: Catalogue
    submissions: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    columns: pl.DataFrame = field(default_factory=_no_columns)
    control_cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(CONTROL_CELLS)))
    aliases: pl.DataFrame = field(default_factory=_no_aliases)
    corrections: pl.DataFrame = field(default_factory=_no_corrections)
    calendar: Calendar = field(default_factory=Calendar)
    expected_filers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    controls: pl.DataFrame = field(default_factory=_no_controls)
    rulings: pl.DataFrame = field(default_factory=_no_rulings)
    outside: Outside | None = None

    def judged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Take what is of the reports that are judged (``submission_id``)."""
        if self.outside is None:
            return frame
        return frame.filter(pl.col("submission_id").is_in(sorted(self.outside.judged)))

    def ruled(self, at: dt.datetime) -> dict[str, tuple[str, str]]:
        """What reviewed decisions known by an instant say each file is, and what its content must say for them."""
        counts = self.rulings.filter(pl.col("known_from").is_null() | (pl.col("known_from") <= at))
        files = self.submissions["file_id"].unique()
        return {
            file_id: (kind, expect)
            for file, kind, expect in counts.select("file", "kind", "expect").iter_rows()
            for file_id in files.filter(files.str.starts_with(file))
        }


@dataclass(frozen=True)
class Verdicts:
    """What is known once a world has been judged.

    ``accepted``: per entity row_id and `Form.ids`; where a row of the entity holds a corrected value, ``corrections``
    too, and the columns of what was read, null in rows that are as read. ``quarantined``: a `QUARANTINE` frame, one row
    per row and reason. ``findings``: `FINDINGS` of every severity. ``submissions``: submission_id, filer_id,
    report_version, is_effective, and what each version was taken for. Only rows of effective submissions are in the
    first two, each in exactly one of them, but for those a later version says anew (``replaced_row_ids``).
    ``stale``: a `STALE` frame, the reviewed decisions that do nothing. ``records``: what is known of the reports
    themselves, those that came and those that are expected (`RECORDS`; what is not given stays as known). ``uses``: a
    `USES` frame, the reports that write an alias. Where only some reports are judged, all is of those; but missing
    reports and decisions are told of everything.
    """

    accepted: dict[str, pl.DataFrame]
    quarantined: pl.DataFrame
    findings: pl.DataFrame
    submissions: pl.DataFrame
    stale: pl.DataFrame
    records: dict[str, pl.DataFrame] = field(default_factory=dict)
    uses: pl.DataFrame = field(default_factory=pl.DataFrame)


# One row per row and fault. `reported` is false where another finding already says it.
ROW_FAULTS = {
    "row_id": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "column_name": pl.String,
    "address": pl.String,
    "found": pl.String,
    "expected": pl.String,
    "suggestion": pl.String,
    "reported": pl.Boolean,
}
EXCLUDED = "E61"
"""A reviewed correction says that the row does not count."""
# Faults that put in doubt which thing a row is about, although its names are known.
IDENTITY_FAULTS = ("E01", "E02", "E30", "E44", EXCLUDED)

_SEVERITY_ORDER = {"R": 0, "Q": 1, "W": 2, "F": 3}


def no_faults() -> pl.DataFrame:
    """Give an empty frame of faults."""
    return pl.DataFrame(schema=ROW_FAULTS)


def text(value: str | pl.Expr | None) -> pl.Expr:
    """Take a sentence as it stands, or an expression that makes one per row."""
    return value if isinstance(value, pl.Expr) else pl.lit(value, dtype=pl.String)


def faults_at(
    rows: pl.DataFrame,
    code: str,
    column: str | None,
    found: str | pl.Expr,
    expected: str | pl.Expr,
    *,
    severity: str | None = None,
    suggestion: str | pl.Expr | None = None,
    address: str | pl.Expr | None = None,
    reported: bool | pl.Expr = True,
) -> pl.DataFrame:
    """Make one fault per row, at the cell of ``column`` where no address is given."""
    if rows.is_empty():
        return no_faults()
    if address is None and column is not None:
        address = pl.col("addresses").struct.field(column)
    return rows.select(
        row_id="row_id",
        code=pl.lit(code),
        severity=pl.lit(severity or REASONS[code].severity),
        column_name=pl.lit(column, dtype=pl.String),
        address=text(address),
        found=text(found),
        expected=text(expected),
        suggestion=text(suggestion),
        reported=reported if isinstance(reported, pl.Expr) else pl.lit(reported),
    )


@dataclass(frozen=True)
class Docket:
    """The rows of one form before the judge, and the faults found so far.

    ``rows`` has the row's lineage and typed columns, the ids it resolved to, and what its submission says of it.
    ``notes`` are the columns where a sender explains a correction.
    """

    form: Form
    rows: pl.DataFrame
    faults: pl.DataFrame = field(default_factory=no_faults)
    notes: tuple[str, ...] = ()

    @cached_property
    def stopped(self) -> pl.DataFrame:
        """The faults that quarantine a row."""
        return self.faults.filter(pl.col("severity") == "Q")

    @cached_property
    def open(self) -> pl.DataFrame:
        """The rows nothing has stopped so far."""
        return self.open_of(self.rows)

    def open_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take of some of its rows those nothing has stopped so far; rows are wide, and copied only where some are."""
        if self.stopped.is_empty():
            return rows
        return rows.join(self.stopped, on="row_id", how="anti", maintain_order="left")

    def charge(self, *faults: pl.DataFrame) -> "Docket":
        """Add faults."""
        return replace(self, faults=pl.concat([self.faults, *faults]))


def one_fault_per_cell(faults: pl.DataFrame) -> pl.DataFrame:
    """Keep the gravest fault of a cell (the first among equals): one fault, one reason."""
    return (
        faults.with_row_index("_order")
        .sort(pl.col("severity").replace_strict(_SEVERITY_ORDER, return_dtype=pl.Int64), "_order")
        .unique(["row_id", "column_name", "address"], keep="first", maintain_order=True)
        .sort("_order")
        .drop("_order")
    )
