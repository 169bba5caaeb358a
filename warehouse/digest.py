"""Digests: one line that says whether two warehouses hold the same, whatever the order of rows and the DuckDB version.

Per row a canonical text (columns by name; every value marks its own end, so that nothing can run together), md5 of it,
both halves summed exactly over the table; then sha256 over table names, counts and sums.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

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


def state_digest(warehouse: Warehouse) -> str:
    """Digest of what is known now: core rows without their times, and all of summary."""
    without = {*_TIMES, *_RUN_COLUMNS, *_keyed(warehouse)}
    core = [Part(table, without, "known_to is null") for table in core_tables(warehouse)]
    return _combined(warehouse, [*core, *(Part(table, without) for table in summary_tables(warehouse))])


def history_digest(warehouse: Warehouse) -> str:
    """Digest of everything ever known in core, with its times."""
    return _combined(warehouse, [Part(table, {*_RUN_COLUMNS, *_keyed(warehouse)}) for table in core_tables(warehouse)])


def _keyed(warehouse: Warehouse) -> set[str]:
    """Hashes with the home's own key: two homes that hold the same differ in them; what they tell shows in summary."""
    return {form.keyed.into for form in warehouse.catalogue.forms.values() if form.keyed is not None}


def findings_digest(warehouse: Warehouse) -> str:
    """Digest of what waits or is wrong now: quarantine and findings, without fixed ones (F) and without times."""
    return _combined(
        warehouse,
        [
            Part("ops.findings", _TIMES, "known_to is null and severity <> 'F'"),
            Part("ops.quarantine", _TIMES, "known_to is null"),
        ],
    )


def content_digest(warehouse: Warehouse, database: str = CATALOG) -> str:
    """Digest of every table of core and summary as a database holds it; for a release, of what was published."""
    tables = [*core_tables(warehouse, database), *summary_tables(warehouse, database)]
    return _combined(warehouse, [Part(table, ()) for table in tables], database)


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
    if not parts:
        return []
    asked = " union all ".join(f"select {n} as n, exists(from {database}.{p.table})" for n, p in enumerate(parts))
    filled = {n for n, there in warehouse.rows(asked) if there}
    wanted = [_sum_of(warehouse, n, part, database) for n, part in enumerate(parts) if n in filled]
    rows = warehouse.rows(" union all ".join(wanted)) if wanted else ()
    found = {n: (int(count), int(high), int(low)) for n, count, high, low in rows}
    return [TableSum(part.table, *found.get(n, (0, 0, 0))) for n, part in enumerate(parts)]


def _sum_of(warehouse: Warehouse, number: int, part: Part, database: str) -> str:
    place = f"{database}.{part.table}"
    columns = {name: dtype for name, dtype in warehouse.schema(place).items() if name not in part.without}
    text = _concat(["''", *(_text(quoted(name), columns[name], name) for name in sorted(columns))])
    return f"""
        select
            {number},
            count(*),
            cast(coalesce(sum(cast('0x' || substr(hash, 1, 16) as ubigint)), 0) as varchar),
            cast(coalesce(sum(cast('0x' || substr(hash, 17, 16) as ubigint)), 0) as varchar)
        from (select md5({text}) as hash from {place} where {part.where})
        """


def _tables(warehouse: Warehouse, schema: str, database: str) -> list[str]:
    found = warehouse.frame(
        "select schema_name || '.' || table_name as name from duckdb_tables()"
        " where database_name = $1 and schema_name = $2 order by name",
        [database, schema],
    )
    return found["name"].to_list()


def _combined(warehouse: Warehouse, parts: Sequence[Part], database: str = CATALOG) -> str:
    sums = _sums(warehouse, parts, database)
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
