"""One release → a site of plain HTML pages that opens from disk: headline, curve, streets, where each figure is from.

`make_site` takes frames and gives pages by path. Everything that came from a sender is escaped by the templates; no
page asks for anything from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from transforms.report import sections
from transforms.report.formats import NOTHING, half_up, heading, is_measure, show
from transforms.report.sections import HEADLINE, SECTIONS, Change, Section, View
from transforms.report.tables import (
    Key,
    Shown,
    Table,
    by_rows,
    command,
    key_of,
    row_slug,
    rows_sql,
    shown,
    slug,
    trace_sql,
)

__all__ = ["PAGED", "Release", "Table", "compared", "make_site", "needed"]

needed = sections.needed

PAGED: Mapping[str, tuple[str, ...]] = {
    HEADLINE: sections.CARDS,
    sections.CURVE: ("started_area_m2", "completed_area_m2"),
    sections.STREETS: ("started_area_m2", "completed_area_m2", "compounds", "buildings", "households"),
}
"""Figures whose cells are listed on a page of their own; of the others the page gives the command and the query."""

CELLS_A_PAGE = 600
"""No page lists more cells, so that the site stays small; the query lists them all."""

CHANGES_SHOWN = 200


def compared() -> tuple[str, ...]:
    """The tables whose figures are compared with the release before."""
    return sections.COMPARED


_ROLES = {
    "term": "计入",
    "deducted": "减去",
    "counted": "计数",
    "numerator": "分子",
    "denominator": "分母",
    "evidence": "依据",
}


@dataclass(frozen=True)
class Release:
    """What the report is made from.

    ``cells`` holds, per table of `PAGED`, what `trace` lists, with the table's grain and ``figure``. ``traceable`` are
    the tables that have a trace. ``synthetic`` is the sentence that says so where the data are invented.
    """

    number: int
    known_at: str
    made_at: str
    tables: Mapping[str, Table]
    cells: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    traceable: frozenset[str] = frozenset()
    previous_number: int | None = None
    previous: Mapping[str, Table] = field(default_factory=dict)
    synthetic: str | None = None

    @property
    def year(self) -> int | None:
        """The programme year reported on: the newest that has a target, else the newest."""
        if HEADLINE not in self.tables:
            return None
        frame = self.tables[HEADLINE].frame
        aimed = frame.filter(pl.col("target_area_m2").is_not_null())
        newest = (aimed if aimed.height else frame)["plan_year"].max()
        return int(str(newest)) if newest is not None else None


def make_site(release: Release) -> dict[str, str]:
    """Give every page by its path below the report's folder; `index.html` is where to begin."""
    site = _Site(release)
    index = _render("index.html.j2", site.facts | site.index())
    return {"index.html": index, **dict(site.trace_pages())}


@dataclass(frozen=True)
class _Block:
    table: Shown
    chart: Markup | None


class _Site:
    """One site under way: remembers which figures were shown, so that each gets its place in the trace pages."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.year = release.year
        self.facts = {"release": release, "year": self.year, "nothing": NOTHING}
        self._cells = dict(_cells_by_figure(release))
        self._asked: dict[str, dict[tuple[Key, str], None]] = {}

    def link(self, source: str, key: Key, column: str) -> str:
        """Where a figure is traced to; asking for it makes the place."""
        name = source.rpartition(".")[2]
        if (source, key, column) in self._cells:
            return f"trace/{_page_name(name, key, column)}"
        grain = self.release.tables[source].grain
        exact = tuple(part for part, _ in key) == grain and name in self.release.traceable
        place = column if exact else ""
        self._asked.setdefault(source, {})[key, place] = None
        return f"trace/{slug(name)}.html#{_anchor(key, place)}"

    def index(self) -> dict[str, Any]:
        """Everything the first page shows."""
        return {
            "cards": self._cards(),
            "years": self._years(),
            "sections": [self._section(section) for section in SECTIONS],
            "changes": self._changes(),
        }

    def _cards(self) -> list[dict[str, Any]]:
        table = self.release.tables.get(HEADLINE)
        if table is None or self.year is None:
            return []
        row = table.frame.filter(pl.col("plan_year") == self.year).row(0, named=True)
        bounds = self._bounds()
        key = key_of(table.grain, row)
        return [
            {
                "column": name,
                "label": table.label(name),
                "text": table.show(name, row[name]),
                "href": self.link(HEADLINE, key, name) if row[name] is not None else None,
                "bounds": bounds.get(name),
            }
            for name in sections.CARDS
            if name in row
        ]

    def _bounds(self) -> dict[str, list[tuple[str, str, str]]]:
        table = self.release.tables.get(sections.BOUNDS)
        if table is None:
            return {}
        rows = by_rows(table.frame.filter(pl.col("plan_year") == self.year), table.grain)
        return {
            name: [
                (word, table.show(bound, row[bound]), self.link(sections.BOUNDS, key, bound))
                for word, bound in (("下限", low), ("上限", high))
            ]
            for key, row in rows
            for name, (low, high) in sections.BOUNDS_OF.items()
            if row.get(low) is not None and row.get(high) is not None
        }

    def _years(self) -> Shown | None:
        table = self.release.tables.get(HEADLINE)
        if table is None or table.frame.height < 2:
            return None
        ordered = table.with_rows(table.frame.sort("plan_year"))
        return shown(ordered, ("plan_year", *sections.CARDS[:7]), self.link, "各年度")

    def _section(self, section: Section) -> dict[str, Any]:
        blocks, lacking = [], []
        for view in section.views:
            block = self._block(view)
            blocks += [block] if block else []
            lacking += [] if block else [view.title or self._title(view.source)]
        return {"section": section, "blocks": blocks, "lacking": list(dict.fromkeys(lacking))}

    def _block(self, view: View) -> _Block | None:
        table = self.release.tables.get(view.source)
        if table is None or not set(view.by) <= set(table.frame.columns):
            return None
        rows = view.table(table, self.year)
        if not rows.frame.height:
            return None
        return _Block(shown(rows, view.columns, self.link, view.title), view.chart(rows) if view.chart else None)

    def _title(self, source: str) -> str:
        table = self.release.tables.get(source)
        return source if table is None else table.title

    def _changes(self) -> dict[str, Any]:
        found = sections.changes(self.release.previous, self.release.tables)
        return {"rows": [self._change(each) for each in found[:CHANGES_SHOWN]], "count": len(found)}

    def _change(self, change: Change) -> dict[str, Any]:
        table, name = change.table, change.column
        known = change.after is not None
        return {
            "table": table.title,
            "row": " ".join(table.show(part, value) for part, value in change.key),
            "label": table.label(name),
            "before": table.show(name, change.before),
            "after": table.show(name, change.after),
            "difference": _difference(name, change.before, change.after),
            "href": self.link(table.source, change.key, name) if known else None,
        }

    def trace_pages(self) -> Iterator[tuple[str, str]]:
        """A page of cells per figure of `PAGED`, and one page of commands per table for the others."""
        for (source, key, column), cells in self._cells.items():
            table = self.release.tables[source]
            path = f"trace/{_page_name(source.rpartition('.')[2], key, column)}"
            yield path, _render("cells.html.j2", self.facts | _cells_page(table, key, column, cells))
        for source, asked in self._asked.items():
            table = self.release.tables[source]
            rows = [_how(table, key, column) for key, column in asked]
            yield (
                f"trace/{slug(source.rpartition('.')[2])}.html",
                _render("how.html.j2", self.facts | {"table": table, "rows": rows}),
            )


def _cells_by_figure(release: Release) -> Iterator[tuple[tuple[str, Key, str], pl.DataFrame]]:
    """The cells of every listed figure that stands in the report's year."""
    for source, figures in PAGED.items():
        table, cells = release.tables.get(source), release.cells.get(source)
        if table is None or cells is None:
            continue
        parts = {
            tuple(values): part
            for values, part in cells.group_by([*table.grain, "figure"], maintain_order=True)
            if isinstance(values, tuple)
        }
        for key, row in by_rows(table.frame, table.grain):
            if "plan_year" in row and row["plan_year"] != release.year:
                continue
            for column in figures:
                part = parts.get((*(value for _, value in key), column))
                if part is not None:
                    yield (source, key, column), part


def _cells_page(table: Table, key: Key, column: str, cells: pl.DataFrame) -> dict[str, Any]:
    name = table.source.rpartition(".")[2]
    row = next(row for found, row in by_rows(table.frame, table.grain) if found == key)
    listed = cells.head(CELLS_A_PAGE)
    groups = [
        {"file": file, "sheet": sheet, "cells": [_cell(each) for each in part.iter_rows(named=True)]}
        for (file, sheet), part in listed.group_by(["file", "sheet"], maintain_order=True)
    ]
    return {
        "table": table,
        "key": " · ".join(f"{table.labels.get(part, part)} {table.show(part, value)}" for part, value in key),
        "place": " ".join(str(row[part]) for part in row if part.endswith("_name")),
        "label": heading(column, table.labels.get(column, column)),
        "figure": table.show(column, row[column]),
        "exact": NOTHING
        if row[column] is None
        else format(row[column], "f" if is_measure(column, row[column]) else ""),
        "counts": [(_ROLES.get(role, role), count) for role, count in _counts(cells)],
        "groups": groups,
        "left_out": cells.height - listed.height,
        "command": command(name, key, column),
        "sql": trace_sql(name, key, column),
    }


def _counts(cells: pl.DataFrame) -> Sequence[tuple[str, int]]:
    return list(cells.group_by("role", maintain_order=True).len().iter_rows())


def _cell(row: Mapping[str, Any]) -> dict[str, str]:
    amount = row["amount"]
    return {
        "address": row["address"] or NOTHING,
        "raw": NOTHING if row["raw"] is None else row["raw"],
        "value": NOTHING if row["value"] is None else row["value"],
        "corrected": row["correction"] or "",
        "amount": NOTHING if amount is None else _plain(amount),
        "role": _ROLES.get(row["role"], row["role"]),
    }


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _how(table: Table, key: Key, column: str) -> dict[str, Any]:
    name = table.source.rpartition(".")[2]
    return {
        "anchor": _anchor(key, column),
        "row": " · ".join(table.show(part, value) for part, value in key),
        "label": table.label(column) if column else "",
        "command": command(name, key, column) if column else None,
        "sql": trace_sql(name, key, column) if column else rows_sql(table.source, key, table.only),
    }


def _page_name(table: str, key: Key, column: str) -> str:
    return f"{slug(table)}-{row_slug(key)}-{slug(column)}.html"


def _anchor(key: Key, column: str) -> str:
    row = slug(*(part for part, _ in key)) + "-" + row_slug(key)
    return f"{row}-{slug(column)}" if column else row


def _difference(column: str, before: Any, after: Any) -> str:
    if before is None or after is None:
        return NOTHING
    gap = Decimal(after) - Decimal(before)
    sign = "+" if gap > 0 else "−"
    if column.endswith("_ratio"):
        return f"{sign}{half_up(abs(gap) * 100, 1)} 个百分点"
    text = show(column, abs(gap) if isinstance(after, Decimal) else int(abs(gap)))
    return sign + text


def _render(template: str, facts: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(facts)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("transforms.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_part(environment, name) for name in ("style.css", "sort.js"))
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {"style": style, "script": script, "allowed_script": Markup(allowed)}
    return environment


def _part(environment: Environment, name: str) -> Markup:
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0])
