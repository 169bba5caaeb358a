"""What a form is: its columns, keys, filer, due day, references and rules. One module per form declares one `Form`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from schemas.columns import Column, PolarsType
from schemas.frames import CORE_TIMES, CORRECTED, FAULTS, RESOLUTION, ROW_LINEAGE
from schemas.reasons import Severity

FilerKind = Literal["contractor", "street", "headquarters", "city", "any"]


@dataclass(frozen=True)
class Due:
    """When a monthly report is due in the month after: the ``n``-th calendar day or the ``n``-th working day."""

    kind: Literal["day", "working_day"]
    n: int


@dataclass(frozen=True)
class Reference:
    """A written name that must become an id: ``source`` (typed column) is looked up and the id goes ``into``.

    Where ``source`` is a list, ``into`` is the list of ids. ``anywhere`` lets a compound be one of another street too;
    ``departments`` lets an organisation be named by the short word of a department.
    """

    target: Literal["street", "compound", "building", "organisation"]
    source: str
    into: str
    required: bool = True
    anywhere: bool = False
    departments: bool = False


@dataclass(frozen=True)
class Derived:
    """An id made of what the row says: ``parts`` (typed columns and resolved ids) in one text, as in 110108018:2013:17.

    ``optional`` parts may be empty; a row that lacks any other is quarantined. ``numbered`` counts rows that are alike
    in all parts, by their place in the report. ``hashed`` hides the text behind a digest, where a part is not open.
    ``fallback`` says what stands in for a part that is empty.
    """

    into: str
    label_zh: str
    parts: tuple[str, ...]
    optional: tuple[str, ...] = ()
    numbered: bool = False
    hashed: bool = False
    fallback: Mapping[str, pl.Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class Keyed:
    """A person told apart without being named: ``into`` is the keyed hash of ``parts``, made while reading.

    The key lies in the home, so hashes of two homes differ and nobody can try names against a release; digests leave
    ``into`` out, and releases name a person by one of their rows instead. ``parts`` may be personal columns, which
    reach no row themselves.
    """

    into: str
    label_zh: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """A row rule, run by pandera: ``holds`` is true, or null where the row lacks what it needs (unknown, not bad).

    ``address_of`` is the column whose cell a fault points to. ``severity`` overrides the reason's own.
    """

    code: str
    name: str
    holds: pl.Expr
    address_of: str
    expected_zh: str
    severity: Severity | None = None


@dataclass(frozen=True)
class Cumulative:
    """A measure typed as cumulative: it never falls (E03) and grows by the month's figure (E04).

    ``exact`` for counts; areas agree within the rounding of the sources.
    """

    cum: str
    month: str | None = None
    exact: bool = True


@dataclass(frozen=True)
class Restated:
    """A figure of another form's register that this form states again; a difference is ``code`` (W), register wins."""

    column: str
    register: str
    register_column: str
    code: str


@dataclass(frozen=True)
class Exclusive:
    """One thing (``within``) may be reported by one ``by`` only; ``register``.``register_column`` says which (E01)."""

    by: str
    within: tuple[str, ...]
    register: str
    register_column: str


@dataclass(frozen=True)
class Form:
    """One form of the programme.

    ``report_key`` says what makes two files versions of one report, from "filer", "street", "period", "edition".
    ``edition_column`` is the column that numbers editions inside a period (F01's adjustment). ``required`` columns
    must be mapped by a layout, or stand in the sheet's context; ``filled`` ones must hold a value in every row (E40).
    ``row_identity`` columns make a line a data row; ``single`` ones hold one value per key (E30). ``key`` columns of
    core are unique among the rows known at one instant. ``series_key`` identifies a row across months for
    ``cumulative``. ``items`` is the entity of the sub-form in the wide block, ``part_of`` the reverse.
    ``note_columns`` are where a sender may explain a correction (更正, 核减).
    ``in_motion`` marks rows that change from month to month: a report that has one and repeats last month's is E12.
    ``derived`` is the id the rows are given, ``keyed`` the person they are about.
    Where ``street_required`` or ``period_required`` is false, a report may lack what its key names: each row finds its
    street, and dates itself. ``sequence_column`` only numbers the lines.
    ``subject`` are the columns that say what a key-value form is about: each is a report of its own.
    ``claims`` are the areas (`CLAIMS`) a row says were started and completed, for rows that wait in quarantine.
    """

    code: str
    entity: str
    title_zh: str
    title_en: str
    filed_by_zh: str
    filer_kind: FilerKind
    cadence: Literal["once", "weekly", "monthly", "yearly", "on_change", "per_event", "continuous"]
    report_key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    filled: tuple[str, ...]
    row_identity: tuple[str, ...]
    key: tuple[str, ...]
    due: Due | None = None
    filer_column: str | None = None
    edition_column: str | None = None
    references: tuple[Reference, ...] = ()
    defines: Literal["compound", "building", "organisation"] | None = None
    rules: tuple[Rule, ...] = ()
    series_key: tuple[str, ...] = ()
    cumulative: tuple[Cumulative, ...] = ()
    restated: tuple[Restated, ...] = ()
    exclusive: Exclusive | None = None
    single: tuple[str, ...] = ()
    in_motion: pl.Expr | None = None
    items: str | None = None
    part_of: str | None = None
    note_columns: tuple[str, ...] = field(default=())
    derived: Derived | None = None
    keyed: Keyed | None = None
    street_required: bool = True
    period_required: bool = True
    sequence_column: str = "seq_no"
    subject: tuple[str, ...] = ()
    claims: Mapping[str, pl.Expr] = field(default_factory=dict)

    @property
    def column(self) -> Mapping[str, Column]:
        """The form's columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def open_columns(self) -> tuple[Column, ...]:
        """The columns that may leave the archive: all but the personal ones."""
        return tuple(column for column in self.columns if column.sensitivity != "personal")

    @property
    def typed(self) -> dict[str, PolarsType]:
        """Typed columns of a row, date companions included, personal columns left out: a keyed hash stands for them."""
        typed = {name: dtype for column in self.open_columns for name, dtype in column.stored.items()}
        return typed if self.keyed is None else typed | {self.keyed.into: pl.String()}

    @property
    def ids(self) -> dict[str, PolarsType]:
        """Columns a row gains when it is resolved: ids, the report's month, its version."""
        names: list[str] = []
        if "street" in self.report_key or any(r.target in ("street", "compound") for r in self.references):
            names.append("street_id")
        if self.filer_column is not None:
            names.append(self.filer_column)
        names += [reference.into for reference in self.references]
        if self.defines is not None:
            names.append({"compound": "compound_id", "building": "building_id", "organisation": "org_id"}[self.defines])
        if self.derived is not None:
            names.append(self.derived.into)
        lists = {reference.into for reference in self.references if self.column[reference.source].kind == "list"}
        ids: dict[str, PolarsType] = {
            name: pl.List(pl.String) if name in lists else pl.String() for name in dict.fromkeys(names)
        }
        return ids | {"report_version": pl.Int64()}

    @property
    def needs_street(self) -> bool:
        """Whether a report that names no street is at fault."""
        return "street" in self.report_key and self.street_required

    @property
    def by_street(self) -> bool:
        """Whether rows can bear on each other only within the street of their report.

        So it is where every report names its street, no row names another one, and whatever makes two rows one thing
        (key, series, party) says in which street the thing is.
        """
        if "street" not in self.report_key or not self.needs_street:
            return False
        if any(reference.target == "street" or reference.anywhere for reference in self.references):
            return False
        placed = {"street_id", *(r.into for r in self.references if r.target in ("compound", "building"))}
        placed |= {"compound_id"} if self.defines == "compound" else set()
        placed |= {"building_id"} if self.defines == "building" else set()
        if self.derived is not None and placed & set(self.derived.parts):
            placed.add(self.derived.into)
        things = (self.key, self.series_key, self.exclusive.within if self.exclusive else ())
        return all(placed & set(thing) for thing in things if thing)

    def _lineage_structs(self) -> dict[str, PolarsType]:
        names = [column.name for column in self.open_columns]
        texts = pl.Struct(dict.fromkeys(names, pl.String))
        structs: dict[str, PolarsType] = {"addresses": texts, "raw": texts, "approximate_columns": pl.List(pl.String)}
        if self.rounded:
            structs["resolutions"] = pl.Struct(dict.fromkeys(self.rounded, RESOLUTION))
        return structs

    @property
    def rounded(self) -> tuple[str, ...]:
        """The columns whose figures were rounded by who wrote them; each row says to which decimal."""
        return tuple(column.name for column in self.open_columns if column.kind == "decimal")

    def row_schema(self) -> dict[str, PolarsType]:
        """The frame of rows as read: lineage, typed columns, addresses and raw texts per column, faults."""
        return {**ROW_LINEAGE, **self.typed, **self._lineage_structs(), "faults": FAULTS}

    def core_schema(self) -> dict[str, PolarsType]:
        """The core table: a row as read (or corrected) and accepted, its resolved ids, and when it was known."""
        lineage = {**self._lineage_structs(), "corrections": CORRECTED}
        return {**ROW_LINEAGE, **self.typed, **self.ids, **lineage, **CORE_TIMES}
