"""Which report a table is: its period, street, sender and edition, and the table typed with them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from schemas.forms import Form
from schemas.text import normalise_label
from transforms.layout.context import Context, Month, NameFacts, Said, find_period, find_street
from transforms.layout.findings import Found, short_hash
from transforms.layout.headers import HeaderMatch, labels_of
from transforms.layout.period import Period, Spoken, decide_period, period_column
from transforms.layout.persons import note_persons
from transforms.layout.regions import BlockColumns
from transforms.layout.tables import (
    Constant,
    Surroundings,
    TypedBlock,
    check_filled,
    exclude_rows,
    note_period,
    read_block,
    type_block,
)
from transforms.layout.typing import UnitChoice, find_cells, reader_of, type_column
from transforms.values import parse_date
from transforms.workbook import a1


@dataclass
class TableReading:
    """One block of a table with what identifies its report. ``streets`` run parallel to the data rows."""

    typed: TypedBlock
    context: Context
    period: Period
    edition: int
    filer_text: str | None
    filer_candidates: tuple[str, ...]
    street_id: str | None
    streets: list[str | None]
    sheet_name: str
    area: tuple[int, int]
    findings: list[Found] = field(default_factory=list)
    refused: bool = False

    @property
    def form(self) -> Form:
        """The table's form."""
        return self.typed.block.form

    @property
    def filer_normalised(self) -> str:
        """The sender as written, normalised; "" where nobody is named."""
        return normalise_label(self.filer_text) if self.filer_text else ""

    @cached_property
    def _columns(self) -> frozenset[int]:
        return self.typed.block.columns

    def owns(self, col: int) -> bool:
        """Whether a sheet column is one of the block's."""
        return col in self._columns

    def said_address(self, key: str) -> str | None:
        """Give the cell of a context value."""
        said = self.context.values.get(key)
        return said.address if said is not None else None


def read_table_block(
    around: Surroundings,
    rows: Sequence[int],
    block: BlockColumns,
    facts: NameFacts,
    match: HeaderMatch,
    area: tuple[int, int],
) -> TableReading:
    """Type one block of a table and say which report it is. ``area`` is the table's first and last sheet row."""
    return read_typed(read_block(around, rows, block), around, facts, match, area)


def read_typed(
    typed: TypedBlock, around: Surroundings, facts: NameFacts, match: HeaderMatch, area: tuple[int, int]
) -> TableReading:
    """Type the rows of a block, of a table or of key-value forms, and say which report they are."""
    period = _period(typed, around, facts)
    type_block(typed, around, period.year)
    note_period(typed, period)
    exclude_rows(typed)
    findings = list(typed.findings)
    if period.finding is not None:
        findings.append(period.finding)
    street_id, streets = _streets(typed, around, facts)
    findings += _missing_context(typed, around, street_id, match)
    check_filled(typed)
    note_persons(typed, around.grid)
    filer, candidates = _filer(typed, around, facts)
    edition = _edition(typed, around, facts)
    return TableReading(
        typed, around.context, period, edition, filer, candidates, street_id, streets, around.sheet, area, findings
    )


def _period(typed: TypedBlock, around: Surroundings, facts: NameFacts) -> Period:
    """Gather who speaks of the period, and let them vote."""
    form, layout, context = typed.block.form, typed.block.layout, around.context
    spoken: list[Spoken] = []
    if "title" in layout.period and context.title is not None and context.title_place is not None:
        month = find_period(context.title)
        if month is not None:
            spoken.append(Spoken("title", month, Said(context.title, context.title_place)))
    if "cell" in layout.period:
        said = context.values.get("period") or context.values.get("year")
        if said is not None and said.place != context.title_place:
            month = find_period(said.text) or _bare_year(said.text)
            if month is not None:
                spoken.append(Spoken("cell", month, said))
        column = _period_of_column(typed, around)
        if column is not None:
            spoken.append(column)
    if "file_name" in layout.period and facts.period is not None:
        spoken.append(Spoken("file_name", facts.period, Said(facts.stem, None)))
    if "sheet_name" in layout.period and (month := find_period(around.sheet)) is not None:
        spoken.append(Spoken("sheet_name", month, Said(around.sheet, None)))
    return decide_period(spoken, form, _written(context), around.sheet)


def _bare_year(text: str) -> Month | None:
    digits = text.strip()
    return Month(int(digits), None) if digits.isdigit() and len(digits) == 4 else None


def _written(context: Context) -> Month | None:
    said = context.values.get("report_date")
    if said is None:
        return None
    value = parse_date(said.text).value
    return Month(value.year, value.month) if value is not None else None


def _period_of_column(typed: TypedBlock, around: Surroundings) -> Spoken | None:
    """Give the period most rows of a period column name, and its first cell."""
    name = period_column(typed.block.form)
    located = typed.block.plain.get(name or "")
    if name is None or located is None:
        return None
    column = typed.block.form.column[name]
    if typed.given is not None:
        cells = around.grid.at(typed.given[name])
    else:
        cells = find_cells(around.grid, typed.rows, located.col, merged=True, repeats=False)
    read = type_column(around.grid, column, cells, reader_of(column, None, UnitChoice(None), None), frozenset())
    values = Counter(value for value in read.values if value is not None)
    if not values:
        return None
    value = values.most_common(1)[0][0]
    place = next(where for where, each in zip(read.places, read.values, strict=True) if each == value)
    month = Month(value, None) if isinstance(value, int) else Month(value.year, value.month)
    return Spoken("cell", month, Said("", place))


def _streets(typed: TypedBlock, around: Surroundings, facts: NameFacts) -> tuple[str | None, list[str | None]]:
    """Find the report's street, and each row's where the table has a column for it."""
    streets = around.catalogue.codes.get("streets")
    if "street" not in typed.block.form.report_key or streets is None:
        return None, [None] * len(typed.rows)
    common, values = around.catalogue.common, around.context.values

    def street_in(text: str | None) -> str | None:
        return find_street(text, streets, common) if text else None

    said = values["street"].text if "street" in values else None
    filer = values["filer"].text if "filer" in values and typed.block.form.filer_kind == "street" else None
    sources = (said, filer, around.sheet, around.context.title)
    found = next((street for text in sources if (street := street_in(text))), None) or facts.street_id
    if found is not None and "street" in typed.block.form.column and "street" not in typed.constants:
        typed.constants["street"] = Constant(streets.labels.get(found))
    column = typed.typed.get("street")
    if column is None:
        return found, [found] * len(typed.rows)
    known = {text: street_in(text) for text in set(column.values) if text is not None}
    return found, [known.get(text) or found if text is not None else found for text in column.values]


def _filer(typed: TypedBlock, around: Surroundings, facts: NameFacts) -> tuple[str | None, tuple[str, ...]]:
    """Name the sender as written, and every text that may name it, best first."""
    said = around.context.values.get("filer")
    words: list[str] = [] if said is None else [said.text]
    column = typed.typed.get("contractor")
    if column is not None and typed.block.form.filer_kind == "contractor":
        words += [text for text, _ in Counter(text for text in column.values if text).most_common(1)]
    if typed.block.form.filer_kind == "street" and "street" in around.context.values:
        words.append(around.context.values["street"].text)
    filer = words[0] if words else None
    labels = [normalise_label(word) for word in words]
    return filer, tuple(dict.fromkeys((*labels, *facts.filer_words)))


def _edition(typed: TypedBlock, around: Surroundings, facts: NameFacts) -> int:
    """Give the number of the edition inside its period: column, context, file name; 0 where the form has none.

    A day numbers a weekly report: 20130616. A key-value form (a certificate) is numbered by what it is about, so that
    the next one does not replace it.
    """
    form = typed.block.form
    if form.subject and typed.block.layout.values is not None:
        about = [str(typed.value(name, row)) for row in range(len(typed.rows)) for name in form.subject]
        return int(short_hash(*(normalise_label(text) for text in about))[:12], 16)
    name = form.edition_column
    if name is None:
        return 0
    own = typed.typed.get(name)
    values = [value for value in own.values if value is not None] if own is not None else []
    if values:
        return _as_number(Counter(values).most_common(1)[0][0])
    said = around.context.values.get("edition")
    if said is None and facts.edition is not None and typed.block.form.column[name].kind == "integer":
        typed.constants[name] = typed.constants[name]._replace(value=facts.edition)
        return facts.edition
    value = typed.constants[name].value if name in typed.constants else 0
    return _as_number(value)


def _as_number(value: object) -> int:
    return int(f"{value:%Y%m%d}") if isinstance(value, dt.date) else int(str(value or 0))


def _missing_context(typed: TypedBlock, around: Surroundings, street_id: str | None, match: HeaderMatch) -> list[Found]:
    """Refuse a report that lacks what its headers left to the lines above (E22); the period speaks for itself (E13)."""
    form = typed.block.form
    items = typed.block.layout.items
    given = {found.target.column for found in typed.block.located} | set(typed.constants)
    if items is not None and typed.items:
        given.add(items.column)
    if "period" in form.report_key:
        given.add(period_column(form) or "")
    if typed.block.layout.sections is not None and typed.block.layout.sections in typed.typed:
        given.add(typed.block.layout.sections)
    missing = [name for name in form.required if name not in given]
    if not missing:
        return []
    labels = labels_of(form, missing)
    return [
        Found(
            "E22",
            around.sheet,
            a1(match.top, match.located[0].col),
            missing[0],
            f"表头和表头以上都没有“{labels}”",
            f"应在表头以上写明，或在表中设“{labels}”一栏",
            severity="R",
        )
    ]
