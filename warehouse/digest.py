"""Digests: one line that says whether two warehouses hold the same, whatever the order of rows and the DuckDB version.

Per row a canonical text (columns by name; every value marks its own end, so that nothing can run together), md5 of it,
both halves summed exactly over the table; then sha256 over table names, counts and sums. What core ever held is told by
the same md5 of each row and its times, so that both digests of core cost one look at it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from schemas import frames
from schemas.columns import PolarsType
from warehouse.connection import CATALOG, Warehouse, quoted

_TIMES = ("known_from", "known_to")
_RUN_COLUMNS = ("run_id", "release_no", "version_hash")
"""Ids of runs and releases never count; the hash of a row repeats its other columns."""


@dataclass(frozen=True)
class TableSum:
    """What a table adds to a digest."""

    table: str
    rows: int
    high: int
    low: int

    def __str__(self) -> str:
        return f"{self.table} {self.rows} {self.high} {self.low}"


@dataclass(frozen=True)
class Known:
    """Digests of what is known now (core rows without their times, all of summary) and of all core ever held."""

    state: str
    history: str


def known(warehouse: Warehouse) -> Known:
    """Both digests by one look at core."""
    now, ever = _core_sums(warehouse)
    without = {*_TIMES, *_RUN_COLUMNS, *_keyed(warehouse)}
    summary = _sums(warehouse, [Part(table, without) for table in summary_tables(warehouse)])
    return Known(_digest([*now, *summary]), _digest(ever))


def state_digest(warehouse: Warehouse) -> str:
    """Digest of what is known now: core rows without their times, and all of summary."""
    return known(warehouse).state


def history_digest(warehouse: Warehouse) -> str:
    """Digest of everything ever known in core, with its times."""
    return _digest(_core_sums(warehouse)[1])


def _keyed(warehouse: Warehouse) -> set[str]:
    """Hashes with the home's own key: two homes that hold the same differ in them; what they tell shows in summary."""
    return {form.keyed.into for form in warehouse.catalogue.forms.values() if form.keyed is not None}


def findings_digest(warehouse: Warehouse) -> str:
    """Digest of what waits or is wrong now: quarantine and findings, without fixed ones (F) and without times."""
    parts = [
        Part("ops.findings", _TIMES, "known_to is null and severity <> 'F'"),
        Part("ops.quarantine", _TIMES, "known_to is null"),
    ]
    return _digest(_sums(warehouse, parts))


def content_digest(warehouse: Warehouse, database: str = CATALOG) -> str:
    """Digest of every table of core and summary as a database holds it, whatever the order of rows.

    By DuckDB's own hash of a row, a tenth of the cost: it tells whether a file reads back as it was written, by the
    DuckDB that wrote it.
    """
    tables = [*core_tables(warehouse, database), *summary_tables(warehouse, database)]
    asked = " union all ".join(
        f"select {n}, count(*), cast(sum(hash(each)) as varchar) from {database}.{table} as each"
        for n, table in enumerate(tables)
    )
    counted = sorted(warehouse.rows(asked)) if tables else []
    told = "\n".join(f"{table} {rows} {total}" for table, (_, rows, total) in zip(tables, counted, strict=True))
    return hashlib.sha256(told.encode()).hexdigest()


def core_tables(warehouse: Warehouse, database: str = CATALOG) -> list[str]:
    """Tables of core, sorted; views derive from code lists and do not count."""
    return _tables(warehouse, "core", database)


def summary_tables(warehouse: Warehouse, database: str = CATALOG) -> list[str]:
    """Tables of summary, sorted."""
    return _tables(warehouse, "summary", database)


def table_sum(
    warehouse: Warehouse, table: str, without: Collection[str], where: str = "true", *, database: str = CATALOG
) -> TableSum:
    """Count and sums of one table's rows."""
    [found] = _sums(warehouse, [Part(table, without, where)], database)
    return found


@dataclass(frozen=True)
class Part:
    """A table's share in a digest: which columns are left out, which rows count."""

    table: str
    without: Collection[str]
    where: str = "true"


def _sums(warehouse: Warehouse, parts: Sequence[Part], database: str = CATALOG) -> list[TableSum]:
    """Counts and sums of many tables by one statement; most tables of a young warehouse are empty and cost nothing."""
    there = filled(warehouse, [part.table for part in parts], database)
    wanted = [
        f"select {n}, {_SUMS.format('hash', 'true')} from (select {_hash_of(warehouse, part, database)} as hash"
        f" from {database}.{part.table} where {part.where})"
        for n, part in enumerate(parts)
        if n in there
    ]
    found = _numbers(warehouse, wanted)
    return [TableSum(part.table, *found.get(n, (0, 0, 0))) for n, part in enumerate(parts)]


def _core_sums(warehouse: Warehouse) -> tuple[list[TableSum], list[TableSum]]:
    """Counts and sums of the core tables: of the rows known now, and of all with their times."""
    tables = core_tables(warehouse)
    there = filled(warehouse, tables)
    without = {*_TIMES, *_RUN_COLUMNS, *_keyed(warehouse)}
    dated = _concat([_text(name, frames.INSTANT, name) for name in _TIMES])
    wanted = [
        f"select {n}, {_SUMS.format('hash', 'known_to is null')}, {_SUMS.format('dated', 'true')}"
        f" from (select hash, known_to, md5(hash || {dated}) as dated from"
        f" (select {_hash_of(warehouse, Part(table, without), CATALOG)} as hash, {', '.join(_TIMES)}"
        f" from {CATALOG}.{table}))"
        for n, table in enumerate(tables)
        if n in there
    ]
    found = _numbers(warehouse, wanted)
    sums = [found.get(n, (0,) * 6) for n in range(len(tables))]
    now = [TableSum(table, *each[:3]) for table, each in zip(tables, sums, strict=True)]
    return now, [TableSum(table, *each[3:]) for table, each in zip(tables, sums, strict=True)]


_SUMS = """
    count(*) filter ({1}),
    cast(coalesce(sum(cast('0x' || substr({0}, 1, 16) as ubigint)) filter ({1}), 0) as varchar),
    cast(coalesce(sum(cast('0x' || substr({0}, 17, 16) as ubigint)) filter ({1}), 0) as varchar)"""


def _numbers(warehouse: Warehouse, wanted: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """What several selects say by one statement: each begins with its number, and tells counts and sums."""
    rows = warehouse.rows(" union all ".join(wanted)) if wanted else ()
    return {n: tuple(map(int, sums)) for n, *sums in rows}


def filled(warehouse: Warehouse, tables: Sequence[str], database: str = CATALOG) -> set[int]:
    """Places of the tables that hold anything."""
    asked = " union all ".join(f"select {n}, exists(from {database}.{table})" for n, table in enumerate(tables))
    return {n for n, there in warehouse.rows(asked) if there} if tables else set()


def _hash_of(warehouse: Warehouse, part: Part, database: str) -> str:
    """An SQL expression for the md5 of a row's canonical text."""
    columns = warehouse.schema(f"{database}.{part.table}")
    names = sorted(name for name in columns if name not in part.without)
    text = _concat(["''", *(_text(quoted(name), columns[name], name) for name in names)])
    return f"md5({text})"


def _tables(warehouse: Warehouse, schema: str, database: str) -> list[str]:
    found = warehouse.frame(
        "select schema_name || '.' || table_name as name from duckdb_tables()"
        " where database_name = $1 and schema_name = $2 order by name",
        [database, schema],
    )
    return found["name"].to_list()


def _digest(sums: Sequence[TableSum]) -> str:
    return hashlib.sha256("\n".join(str(each) for each in sums).encode()).hexdigest()


def _text(value: str, dtype: PolarsType, label: str, depth: int = 0, null: str = "") -> str:
    """An SQL expression that marks its own end; empty for a null, so that a new empty column is no change.

    Texts carry their length, since they may hold anything; other values end with a mark they cannot hold.
    """
    name = _escaped(label)
    if isinstance(dtype, pl.Struct):
        fields = sorted(dtype.fields, key=lambda f: f.name)
        inner = [_text(f"{value}.{quoted(f.name)}", f.dtype, f.name, depth) for f in fields]
        said = _concat([f"'{name}{{'", *inner, "'}'"])
    elif isinstance(dtype, pl.List):
        each = f"e{depth}"
        items = f"list_transform({value}, lambda {each}: {_text(each, dtype.inner, '-', depth + 1, '~;')})"
        said = _concat([f"'{name}['", f"array_to_string({items}, '')", "']'"])
    elif dtype == pl.String:
        said = _concat([f"'{name}='", f"strlen({value})", "':'", value])
    elif isinstance(dtype, pl.Datetime):
        said = _concat([f"'{name}='", f"epoch_us({value})", "';'"])
    else:
        said = _concat([f"'{name}='", f"cast({value} as varchar)", "';'"])
    return f"if({value} is null, '{null}', {said})"


def _concat(parts: list[str]) -> str:
    """One call for all parts: a chain of `||` would copy the growing text once per part."""
    return f"concat({', '.join(parts)})"


def _escaped(text: str) -> str:
    return text.replace("'", "''")
