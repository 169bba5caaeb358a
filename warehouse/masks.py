"""Masking tables on their way into a release, and looking a finished release through for what should not show.

Texts repeat: all tables' different texts are looked at once, outside SQL, and only the columns in which something
changed are joined with what changed. A text that nobody has to be hidden in costs a look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

    @property
    def printed(self) -> str:
        """An expression for it as one text."""
        return self.value if self.dtype == pl.String else f"cast({self.value} as varchar)"


Hidden = dict[tuple[int, _Leaf], pl.DataFrame]
"""What has to be masked in each place of a table: values as they are (`text`) and as they may be shown."""


def find(warehouse: Warehouse, queries: Sequence[str], masker: Masker) -> list[Hidden]:
    """Look through the rows of some queries, all at once: what has to be masked in each.

    Lists are looked at as they print, and those that show somebody then by themselves.
    """
    leaves = [_leaves_of(warehouse, f"({query})") for query in queries]
    asked = [
        _texts(number, query, enumerate(places), masker)
        for number, (query, places) in enumerate(zip(queries, leaves, strict=True))
        if places
    ]
    hidden: list[Hidden] = [{} for _ in queries]
    if not asked:
        return hidden
    found = _suspected(warehouse, f"select distinct * from ({' union all '.join(asked)})", masker)
    for (number, n), part in found.group_by("t", "n"):
        assert isinstance(number, int) and isinstance(n, int)
        leaf = leaves[number][n]
        if leaf.dtype == pl.String:
            masked = masker.changed(part["text"], ids=leaf.is_id)
        else:
            masked = _in_lists(warehouse, queries[number], leaf, masker)
        if not masked.is_empty():
            hidden[number][n, leaf] = masked
    return hidden


def _texts(number: int, query: str, places: Iterable[tuple[int, _Leaf]], masker: Masker) -> str:
    """A query for the texts of a table that could show somebody: which table, which place in it, the text."""
    placed = list(places)
    pairs = ", ".join(f"{{'n': {n}, 'text': {leaf.printed}}}" for n, leaf in placed)
    ids = ", ".join(str(n) for n, leaf in placed if leaf.is_id and leaf.dtype == pl.String) or "-1"
    return (
        f"select {number} as t, n, text from (select unnest([{pairs}], recursive := true) from ({query}) as source)"
        f" where strlen(text) > length(text) or (strlen(text) >= {masker.shortest} and n not in ({ids}))"
    )


def _suspected(warehouse: Warehouse, sql: str, masker: Masker) -> pl.DataFrame:
    """The rows of a query whose `text` has to be looked at."""
    parts = [batch.filter(masker.suspects(batch["text"])) for batch in warehouse.batches(sql)]
    return pl.concat(parts) if parts else pl.DataFrame(schema={"t": pl.Int32, "n": pl.Int32, "text": pl.String})


def _in_lists(warehouse: Warehouse, query: str, leaf: _Leaf, masker: Masker) -> pl.DataFrame:
    """What has to be masked in a column of lists."""
    lists = warehouse.frame(
        f"select distinct {leaf.value} as text from ({query}) as source where {leaf.value} is not null"
    )
    shown = [(value, masker.within(value)) for value in lists["text"].to_list()]
    differ = [(value, other) for value, other in shown if value != other]
    return pl.DataFrame(differ, schema={"text": leaf.dtype, "shown": leaf.dtype}, orient="row")


def copy(warehouse: Warehouse, query: str, target: str, hidden: Hidden) -> None:
    """Fill a table with a query's rows, with what has to be masked in them masked."""
    if not hidden:
        warehouse.execute(f"insert into {target} {query}")
        return
    shown = {leaf.value: f"if(mask{n}.shown is null, {leaf.value}, mask{n}.shown)" for n, leaf in hidden}
    columns = ", ".join(
        f"{_rebuilt(f'source.{quoted(name)}', dtype, shown)} as {quoted(name)}"
        for name, dtype in warehouse.schema(f"({query})").items()
    )
    joins = " ".join(f"left join _mask{n} as mask{n} on mask{n}.text = {leaf.value}" for n, leaf in hidden)
    with ExitStack() as stack:
        for (n, _), pairs in hidden.items():
            stack.enter_context(warehouse.registered(f"_mask{n}", pairs))
        warehouse.execute(f"insert into {target} select {columns} from ({query}) as source {joins}")


def require_nobody(warehouse: Warehouse, database: str, masker: Masker) -> None:
    """Refuse a database in which any text, comment or name of a thing shows somebody. Raises `WarehouseError`.

    Asks row by row, not as `find` does: a fault of the one should not blind the other. The error says where, never
    what.
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
        "select schema_name || '.' || table_name as name from duckdb_tables() where database_name = $1 order by 1",
        [database],
    )["name"].to_list()
    leaves = [_leaves_of(warehouse, f"{database}.{table}") for table in tables]
    lines = [
        f"select {n} as t, {_line(leaves[n], masker)} as text from {database}.{table} as source"
        for n, table in enumerate(tables)
        if leaves[n]
    ]
    found = _suspected(warehouse, " union all ".join(lines), masker) if lines else pl.DataFrame({"t": []})
    for n in found["t"].unique().sort():
        shown = _showing(warehouse, f"{database}.{tables[n]}", leaves[n], masker)
        yield from (f"{tables[n]}.{column}" for column in shown)
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


def _line(leaves: Sequence[_Leaf], masker: Masker) -> str:
    """All texts of a row that could show somebody, in one."""
    worth = "strlen(t) > length(t)"
    kinds = ((False, f"{worth} or strlen(t) >= {masker.shortest}"), (True, worth))
    lists = [
        f"list_filter([{', '.join(leaf.printed for leaf in leaves if leaf.is_id == ids)}]::varchar[], lambda t: {kept})"
        for ids, kept in kinds
    ]
    return f"array_to_string({lists[0]} || {lists[1]}, chr(31))"


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


def _leaves_of(warehouse: Warehouse, table: str) -> list[_Leaf]:
    """Every place of a table, or of a query in brackets, that holds texts; it is called `source`."""
    schema = warehouse.schema(table)
    return [leaf for name, dtype in schema.items() for leaf in _leaves(name, f"source.{quoted(name)}", dtype)]


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
