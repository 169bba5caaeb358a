"""Masking tables on their way into a release, and looking a finished release through for what should not show.

Texts repeat: each column's different texts are masked once, outside SQL, and only the columns in which something
changed are joined with what changed. A text that nobody has to be hidden in costs a look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import polars as pl

from schemas.columns import PolarsType
from warehouse.connection import Warehouse, quoted
from warehouse.errors import WarehouseError
from warehouse.masking import Masker, holds_text, is_id, texts_in


@dataclass(frozen=True)
class _Leaf:
    """One place texts stand in: a column, or a field of one; lists are masked as wholes."""

    column: str
    value: str
    dtype: PolarsType
    is_id: bool


def copy(warehouse: Warehouse, query: str, target: str, masker: Masker) -> None:
    """Make a table of a query's rows, every text masked."""
    schema = warehouse.schema(f"({query})")
    leaves = [leaf for name, dtype in schema.items() for leaf in _leaves(name, f"source.{quoted(name)}", dtype)]
    changed = _changed(warehouse, f"({query}) as source", leaves, masker)
    shown = {leaf.value: f"if(mask{n}.shown is null, {leaf.value}, mask{n}.shown)" for n, leaf in changed}
    columns = ", ".join(
        f"{_rebuilt(f'source.{quoted(name)}', dtype, shown)} as {quoted(name)}" for name, dtype in schema.items()
    )
    joins = " ".join(f"left join _mask{n} as mask{n} on mask{n}.text = {leaf.value}" for n, leaf in changed)
    with ExitStack() as stack:
        for (n, _), pairs in changed.items():
            stack.enter_context(warehouse.registered(f"_mask{n}", pairs))
        warehouse.execute(f"create table {target} as select {columns} from ({query}) as source {joins}")


def require_nobody(warehouse: Warehouse, database: str, masker: Masker) -> None:
    """Refuse a database in which any text, comment or name of a thing shows somebody. Raises `WarehouseError`.

    Asks column by column, not as `copy` does: a fault of the one should not blind the other. The error says where,
    never what.
    """
    places = sorted(set(_places(warehouse, database, masker)))
    if places:
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        raise WarehouseError(
            "release",
            f"personal data in {', '.join(places[:3])}{more}",
            "no phone, ID number, account, plate, room or name of a person in any text",
            "Nothing was released; the last release stands. Report this: masking must have hidden it.",
        )


def _places(warehouse: Warehouse, database: str, masker: Masker) -> Iterator[str]:
    tables = warehouse.frame(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = $1 order by 1", [database]
    )
    asked = [f"select '{table}' as name where exists(from {database}.{table})" for (table,) in tables.iter_rows()]
    filled = warehouse.frame(" union all ".join(asked)) if asked else tables.head(0)
    for (table,) in filled.iter_rows():
        schema = warehouse.schema(f"{database}.{table}")
        leaves = [each for name, dtype in schema.items() for each in _leaves(name, f"source.{quoted(name)}", dtype)]
        yield from (f"{table}.{column}" for column in _showing(warehouse, f"{database}.{table}", leaves, masker))
    said = warehouse.frame(
        """
        select schema_name || '.' || table_name, concat_ws(' ', table_name, comment) from duckdb_tables()
        where database_name = $1
        union all
        select schema_name || '.' || table_name || '.' || column_name, concat_ws(' ', column_name, comment)
        from duckdb_columns() where database_name = $1
        union all
        select schema_name || '.' || view_name, concat_ws(' ', view_name, comment, sql) from duckdb_views()
        where database_name = $1 and not internal
        union all
        select schema_name || '.' || function_name, concat_ws(' ', function_name, comment, macro_definition)
        from duckdb_functions() where database_name = $1 and function_type in ('macro', 'table_macro')
        """,
        [database],
    )
    found = set(masker.changed(said.to_series(1).unique())["text"])
    yield from (place for place, text in said.iter_rows() if text in found)


def _showing(warehouse: Warehouse, table: str, leaves: list[_Leaf], masker: Masker) -> Iterator[str]:
    """The columns in which some text shows somebody: one question for all columns of a type."""
    by_type: dict[PolarsType, list[tuple[int, _Leaf]]] = {}
    for n, leaf in enumerate(leaves):
        by_type.setdefault(leaf.dtype, []).append((n, leaf))
    for dtype, same in by_type.items():
        each = (f"select distinct {n} as n, {leaf.value} as text from {table} as source" for n, leaf in same)
        found = warehouse.frame(" union all ".join(each)).drop_nulls("text")
        if dtype != pl.String:
            texts = [(n, text) for n, value in found.iter_rows() for text in texts_in(value)]
            found = pl.DataFrame(texts, schema={"n": pl.Int64, "text": pl.String}, orient="row")
        for ids in (False, True):
            asked = [n for n, leaf in same if leaf.is_id == ids]
            own = found.filter(pl.col("n").is_in(asked))
            shown = set(masker.changed(own["text"].unique(), ids=ids)["text"])
            hit = {n for n, text in own.iter_rows() if text in shown} if shown else set()
            yield from (leaf.column for n, leaf in same if n in hit)


def _leaves(column: str, value: str, dtype: PolarsType, name: str | None = None) -> Iterator[_Leaf]:
    if isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield from _leaves(column, f"{value}.{quoted(field.name)}", field.dtype, field.name)
    elif holds_text(dtype):
        yield _Leaf(column, value, dtype, is_id(name or column))


def _rebuilt(value: str, dtype: PolarsType, shown: Mapping[str, str]) -> str:
    """The expression of a column with its masked texts put in; the column itself where there are none."""
    if not isinstance(dtype, pl.Struct) or not any(leaf.startswith(f"{value}.") for leaf in shown):
        return shown.get(value, value)
    fields = ", ".join(
        f"{quoted(field.name)} := {_rebuilt(f'{value}.{quoted(field.name)}', field.dtype, shown)}"
        for field in dtype.fields
    )
    return f"if({value} is null, null, struct_pack({fields}))"


def _changed(
    warehouse: Warehouse, source: str, leaves: list[_Leaf], masker: Masker
) -> dict[tuple[int, _Leaf], pl.DataFrame]:
    """What has to be masked in each leaf: values as they are (`text`) and as they may be shown."""
    changed: dict[tuple[int, _Leaf], pl.DataFrame] = {}
    plain = [(n, leaf) for n, leaf in enumerate(leaves) if leaf.dtype == pl.String]
    if plain:
        pairs = ", ".join(f"{{'n': {n}, 'text': {leaf.value}}}" for n, leaf in plain)
        found = warehouse.frame(
            # One scan for all texts of a table; DuckDB 2.0.0 loses rows of `select distinct unnest(…)`.
            f"select distinct n, text from (select unnest([{pairs}], recursive := true) from {source})"
        ).drop_nulls("text")
        for ids in (False, True):
            mine = [n for n, leaf in plain if leaf.is_id == ids]
            own = found.filter(pl.col("n").is_in(mine))
            masked = masker.changed(own["text"].unique(), ids=ids)
            hit = own.join(masked, on="text") if masked.height else own.head(0)
            changed |= {
                (n, leaf): part.select("text", "shown")
                for n, leaf in plain
                if leaf.is_id == ids and not (part := hit.filter(pl.col("n") == n)).is_empty()
            }
    for n, leaf in enumerate(leaves):
        if leaf.dtype != pl.String:
            lists = warehouse.frame(f"select distinct {leaf.value} as text from {source} where len({leaf.value}) > 0")
            pairs_of = [(value, masker.within(value)) for value in lists["text"].to_list()] if lists.height else []
            differ = [(value, shown) for value, shown in pairs_of if value != shown]
            if differ:
                columns = {"text": leaf.dtype, "shown": leaf.dtype}
                changed[n, leaf] = pl.DataFrame(differ, schema=columns, orient="row")
    return changed
