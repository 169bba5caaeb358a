"""Reading a release: any query, read-only; and the facts `xinyan status` shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse import release
from warehouse.connection import fetch, literal, open_file_read_only, quoted
from warehouse.errors import WarehouseError


class Reader:
    """A release, opened read-only and with no way to any other file. Close it, or use it in a `with`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = open_file_read_only(path)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Run one statement. Raises `WarehouseError` with DuckDB's own sentence where it cannot be run."""
        try:
            return fetch(self._connection, sql, parameters)
        except duckdb.Error as error:
            found = " ".join(line.strip() for line in str(error).strip().splitlines() if line.strip())
            raise WarehouseError(
                "query",
                found,
                "one SQL query on ops, core or summary",
                "`xinyan dictionary` lists every table and column.",
            ) from error

    def objects(self) -> pl.DataFrame:
        """Every documented thing: one row per table, view or as-of macro (column_name empty) and per column."""
        return self.query(
            """
            select schema_name, table_name, '' as column_name, 'table' as kind, '' as data_type, 0 as position, comment
            from duckdb_tables() where database_name = current_database()
            union all
            select schema_name, view_name, '', 'view', '', 0, comment
            from duckdb_views() where database_name = current_database() and not internal
            union all
            select schema_name, function_name, '', 'macro', '', 0, comment
            from duckdb_functions() where database_name = current_database() and function_type = 'table_macro'
            union all
            select schema_name, table_name, column_name, 'column', data_type, column_index, comment
            from duckdb_columns() where database_name = current_database() and not internal
            order by schema_name, table_name, position
            """
        )


@dataclass(frozen=True)
class Table:
    """A table of a release: its rows, and name, label, meaning and unit of each column."""

    name: str
    comment: str
    release_no: int
    frame: pl.DataFrame
    columns: tuple[tuple[str, str, str, str], ...]


def table(path: Path, name: str, as_of: dt.datetime | None = None) -> Table:
    """Read one table, or what it was at an instant. Raises `WarehouseError` listing what there is."""
    whole = name if "." in name else f"summary.{name}"
    with Reader(path) as reader:
        objects = reader.objects().with_columns(
            name=pl.concat_str("schema_name", pl.lit("."), "table_name"), comment=pl.col("comment").fill_null("")
        )
        there = objects.filter(pl.col("kind").is_in(["table", "view"]))
        head = there.filter(pl.col("name") == whole)
        if head.is_empty():
            like = there.filter(pl.col("schema_name") == whole.partition(".")[0])
            raise _no_such(f"export {name}", whole, (like if like.height else there)["name"])
        source = whole if as_of is None else f"{whole}_as_of"
        if as_of is not None and objects.filter((pl.col("kind") == "macro") & (pl.col("name") == source)).is_empty():
            raise WarehouseError(
                f"export {name}", f"{whole} has no past", "a table with an as-of form", "Leave --as-of out."
            )
        rows = reader.query(f"from {source}" if as_of is None else f"from {source}({_moment(as_of)})")
        said = dict(
            objects.filter((pl.col("kind") == "column") & (pl.col("name") == whole))
            .select("column_name", "comment")
            .iter_rows()
        )
        release_no = reader.query("select max(release_no) as n from ops.releases").item()
    columns = tuple((column, *describe(said.get(column, column))) for column in rows.columns)
    return Table(whole, head["comment"].item(), int(release_no), rows, columns)


def describe(comment: str) -> tuple[str, str, str]:
    """Label, meaning and unit of a column's comment: 中文 | meaning; unit."""
    label, _, said = comment.partition(" | ")
    meaning, _, unit = said.partition("; ") if said.count("; ") == 1 else said.rpartition("; ")
    return label, meaning or said, _UNITS.get(unit.strip(), unit.strip())


_UNITS = {"㎡": "m2", "元": "yuan"}
"""Units of core are written for people, those of summaries for programs."""


def query(path: Path, sql: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """Open a release, run one query, close it. Raises `WarehouseError`."""
    with Reader(path) as reader:
        return reader.query(sql, parameters)


def status(folder: Path) -> dict[str, Any]:
    """Facts about the newest release, from the files beside it alone, so that a running night does not block it.

    Keys `release` (number or None), `state_digest`, `history_digest`, and the rest of `release.Release`.
    """
    newest = release.newest(folder)
    facts: dict[str, Any] = {"release": None, "state_digest": None, "history_digest": None, "releases_kept": 0}
    if newest is None:
        return facts
    kept = release.releases(folder)
    facts |= {name: value for name, value in vars(newest).items() if name != "release_no"}
    return facts | {"release": newest.release_no, "file_name": newest.file_name, "releases_kept": len(kept)}


def released_path(folder: Path, release_no: int | None = None) -> Path:
    """The file of one release, or the stable path. Raises `WarehouseError` naming the releases there are."""
    if release_no is None:
        return folder / release.CURRENT
    kept = release.releases(folder)
    for each in kept:
        if each.release_no == release_no:
            return folder / each.file_name
    raise WarehouseError(
        f"release {release_no}",
        "not in the folder",
        f"one of {_numbers(r.release_no for r in kept)}",
        "Older ones are removed.",
    )


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in numbers) or "none"


def trace(
    path: Path, table: str, key: Mapping[str, str], column: str, as_of: dt.datetime | None = None
) -> tuple[Any, pl.DataFrame]:
    """One figure of a summary, and its cells as `trace(…)` lists them.

    `key` names one row by its grain; an empty value is none. Raises `WarehouseError` listing what there is where a
    name is not, and where the key names no row or more than one.
    """
    with Reader(path) as reader:
        place = f"trace {table} {' '.join(f'{name}={value}' for name, value in key.items())} {column}"
        columns = reader.query(
            "select column_name as name from duckdb_columns() where schema_name = 'summary' and table_name = $t",
            {"t": table},
        )["name"].to_list()
        if not columns:
            tables = reader.query("select table_name from duckdb_tables() where schema_name = 'summary' order by all")
            raise _no_such(place, f"summary.{table}", tables["table_name"])
        for name in (*key, column):
            if name not in columns:
                raise _no_such(place, f"column {name}", columns)
        source = f"summary.{table}" if as_of is None else f"summary.{table}_as_of({_moment(as_of)})"
        said = {name: literal(value) if value else "null" for name, value in key.items()}
        same = " and ".join(f"cast({quoted(name)} as varchar) is not distinct from {said[name]}" for name in said)
        rows = reader.query(f"select {quoted(column)} as figure from {source} where {same or 'true'}")
        if rows.height != 1:
            raise WarehouseError(
                place,
                f"{rows.height} rows of summary.{table}" if rows.height else f"no such row in summary.{table}",
                "a key that names one row",
                f'`xinyan query "from summary.{table}"` shows them.',
            )
        packed = ", ".join(f"{literal(name)}: {value}" for name, value in said.items())
        chosen = f"{literal(table)}, {{{packed}}}, {literal(column)}"
        call = f"trace({chosen})" if as_of is None else f"trace_as_of({chosen}, {_moment(as_of)})"
        return rows["figure"][0], reader.query(f"select * exclude (figure) from {call}")


def _moment(at: dt.datetime) -> str:
    return f"timestamptz {literal(at.isoformat())}"


def _no_such(place: str, what: str, there: Iterable[str]) -> WarehouseError:
    return WarehouseError(place, f"there is no {what}", f"one of {', '.join(there)}", "Correct the name and ask again.")
