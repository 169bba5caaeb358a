"""Which definitions changed, and in which run: meanings of tables and columns, calculations, layouts.

`ops.definitions` is a log: a run adds what is another than the newest entry of that name. What was there when the log
began is no change, so that its first run says `first`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from warehouse import ddl
from warehouse.connection import Warehouse

if TYPE_CHECKING:
    from schemas.layouts import Layout
    from warehouse.models import Model

_NAME = ["kind", "name", "column_name"]
_SHOWN = ("core.", "summary.")
"""Tables whose meaning is told; those of ops are about the pipeline itself."""


def record(warehouse: Warehouse, models: Iterable[Model], run_id: str) -> int:
    """Write down every definition that is another than before; returns how many are."""
    now = pl.DataFrame(
        [*_meanings(warehouse), *_calculations(list(models)), *_layouts(warehouse)],
        schema=[*_NAME, "definition"],
        orient="row",
    )
    before = warehouse.frame(_STANDING)
    both = before.join(now, on=_NAME, how="full", coalesce=True, suffix="_now")
    changed = both.filter(pl.col("definition").ne_missing(pl.col("definition_now")))
    begins = not warehouse.value("select exists(from ops.definitions)")
    change = (
        pl.when(pl.lit(begins)).then(pl.lit("first"))
        .when(pl.col("definition").is_null()).then(pl.lit("new"))
        .when(pl.col("definition_now").is_null()).then(pl.lit("gone"))
        .otherwise(pl.lit("changed"))
    )  # fmt: skip
    told = changed.select(
        *_NAME, run_id=pl.lit(run_id), change=change, definition=pl.coalesce("definition_now", "definition")
    ).sort(_NAME)
    warehouse.insert("ops.definitions", told)
    return told.height


_STANDING = """
    select kind, name, column_name, arg_max(definition, rowid) as definition from ops.definitions
    group by kind, name, column_name having arg_max(change, rowid) <> 'gone'
"""
"""The newest is what was written last, not what its run's clock says: a clock can be set back."""


def _meanings(warehouse: Warehouse) -> Iterable[tuple[str, str, str, str]]:
    for (table, column), comment in ddl.current_comments(warehouse).items():
        if table.startswith(_SHOWN):
            yield "meaning", table, column, comment


def _calculations(models: list[Model]) -> Iterable[tuple[str, str, str, str]]:
    """A digest per summary of its own select and of every helper it reads, without comments and blanks."""
    by_table = {model.table: model for model in models}

    def bodies(model: Model, seen: set[str]) -> Iterable[str]:
        seen.add(model.table)
        yield " ".join(re.sub(r"--[^\n]*", "", model.body).split())
        for name in sorted(model.calls - seen):
            if name in by_table and name not in seen:
                yield from bodies(by_table[name], seen)

    for model in models:
        if model.layer == "summary":
            yield "calculation", model.table, "", _digest("\n".join(bodies(model, set())))


def _layouts(warehouse: Warehouse) -> Iterable[tuple[str, str, str, str]]:
    for layout in warehouse.catalogue.layouts:
        yield "layout", layout.id, "", _said(layout)


@lru_cache(maxsize=512)
def _said(layout: Layout) -> str:
    """A digest of all a layout says; one that is loaded never changes."""
    return _digest(json.dumps(_plain(layout), ensure_ascii=False, sort_keys=True))


def _plain(value: Any) -> Any:
    """A layout as JSON knows it: sets in order, patterns as their text."""
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.pattern if isinstance(value, re.Pattern) else value if value is None else str(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
