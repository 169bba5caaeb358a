"""Tables of a release as the report takes them, and their rows as texts with links to the trace."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import polars as pl

from transforms.report.formats import heading, is_measure, scaled, show

Key = tuple[tuple[str, Any], ...]
"""What names a row: (column, value) of its grain."""

Link = Callable[[str, Key, str], str]
"""`link(source, key, column)` is where a figure is traced to, below the site's root."""


@dataclass(frozen=True)
class Table:
    """A table of a release: where it stands (``summary.x``), its title and labels in Chinese, its grain, its rows.

    ``only`` is the condition the rows were taken with, where not all were.
    """

    source: str
    title: str
    frame: pl.DataFrame
    labels: Mapping[str, str]
    grain: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: str = ""

    def label(self, column: str) -> str:
        """The column's label with the unit shown; its name where the warehouse says none."""
        return heading(column, self.labels.get(column, column))

    def show(self, column: str, value: Any) -> str:
        """A value of a column as text."""
        return show(column, value, self.words.get(column))

    def with_rows(self, frame: pl.DataFrame, grain: Sequence[str] | None = None) -> Table:
        """The same table with other rows, and another grain where rows were added up."""
        return replace(self, frame=frame, grain=self.grain if grain is None else tuple(grain))


@dataclass(frozen=True)
class Cell:
    """One cell of a shown table: its text, what it is sorted by, and where its figure is traced to."""

    text: str
    sort: str
    is_figure: bool
    href: str | None = None


@dataclass(frozen=True)
class Shown:
    """A table ready for the page."""

    title: str
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str


def key_of(grain: Sequence[str], row: Mapping[str, Any]) -> Key:
    """What names a row of a table with that grain."""
    return tuple((name, row[name]) for name in grain)


def shown(table: Table, columns: Sequence[str], link: Link, title: str = "") -> Shown:
    """The rows of a table with these columns, those that are there; every figure but a year carries its link."""
    there = [name for name in columns if name in table.frame.columns]
    figures = {name: table.frame[name].dtype.is_numeric() and not name.endswith("year") for name in there}
    rows = tuple(
        tuple(_cell(table, name, row, figures[name], link) for name in there)
        for row in table.frame.iter_rows(named=True)
    )
    headings = tuple((table.label(name), figures[name]) for name in there)
    return Shown(title or table.title, headings, rows, table.source)


def _cell(table: Table, name: str, row: Mapping[str, Any], is_figure: bool, link: Link) -> Cell:
    value = row[name]
    traced = is_figure and value is not None and name not in table.grain
    href = link(table.source, key_of(table.grain, row), name) if traced else None
    return Cell(table.show(name, value), _sort_key(name, value), is_figure, href)


def _sort_key(column: str, value: Any) -> str:
    if value is None:
        return ""
    return format(scaled(column, value), "f") if is_measure(column, value) else str(value)


def slug(*parts: Any) -> str:
    """A name for a file or an anchor: the parts where they are plain, else a hash that stands for them."""
    text = "-".join(str(part) for part in parts)
    if re.fullmatch(r"[0-9A-Za-z_-]{1,80}", text):
        return text
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def row_slug(key: Key) -> str:
    """An anchor for a row."""
    return slug(*(value for _, value in key)) if key else "all"


def command(table: str, key: Key, column: str) -> str | None:
    """The command that traces a figure; None where a part of the key is not known."""
    if any(value is None for _, value in key):
        return None
    pairs = " ".join(shlex.quote(f"{name}={value}") for name, value in key)
    return f"xinyan trace {table} {pairs} {column}"


def trace_sql(table: str, key: Key, column: str) -> str:
    """The query that traces a figure in any client that has the release open."""
    packed = ", ".join(f"{literal(name)}: {literal(value)}" for name, value in key)
    return f"from trace({literal(table)}, {{{packed}}}, {literal(column)});"


def rows_sql(source: str, key: Key, only: str = "") -> str:
    """The query that lists the rows a figure was added up from."""
    same = [f"{name} is null" if value is None else f"{name} = {literal(value)}" for name, value in key]
    asked = " and ".join([*same, *([only] if only else [])])
    return f"from {source}" + (f" where {asked}" if asked else "") + ";"


def literal(value: Any) -> str:
    """A value as DuckDB reads it."""
    if value is None:
        return "null"
    if isinstance(value, int | Decimal):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def by_rows(frame: pl.DataFrame, grain: Sequence[str]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Every row with its key."""
    for row in frame.iter_rows(named=True):
        yield key_of(grain, row), row
