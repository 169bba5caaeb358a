"""Opening the warehouse file: one writer, clear errors, deterministic close, frames in and out.

DuckDB is always opened in memory and the file attached under a fixed name: that is the only way to say which storage
version a new file gets, and releases can be attached beside it. Connections of one process share no instance.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas.columns import PolarsType
from schemas.forms import Catalogue
from schemas.frames import INSTANT
from warehouse import faults
from warehouse.errors import WarehouseError

STORAGE_VERSION = "v1.4.0"
"""Oldest storage that every client of 1.4 and later opens and that a stale WAL beside it cannot enter."""

_MEMORY_MIB = 384
"""What DuckDB may hold where it writes, of the file and to work with before it goes to the disk; twice the file more.

Its own choice, 80 % of all memory, stands where it reads: what a question needs is hard to tell, too little ends it.
"""

ZONE = "Asia/Shanghai"
CATALOG = "xinyan"
"""Name the file is attached under; analysts see the name of the file they open instead."""

NOT_OUR_FAULT = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.SerializationException,
    duckdb.FatalException,
    duckdb.InternalException,
)
"""What DuckDB raises for a full or damaged disk, too little memory, or a fault of its own."""

_ROWS_AT_ONCE = 100_000
_HOLDER = re.compile(r"held in (?P<program>.*?)\s*\(PID (?P<pid>\d+)\)", re.DOTALL)
_opened: set[Path] = set()
_schemas: dict[tuple[tuple[str, str], ...], dict[str, PolarsType]] = {}
_fitted_files: dict[Path, tuple[tuple[int, ...], Catalogue]] = {}


class Warehouse:
    """An open warehouse. Read at any time; write inside `transaction` only."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, catalogue: Catalogue) -> None:
        self._connection = connection
        self.path = path
        self.catalogue = catalogue
        self.in_transaction = False
        self.is_fitted = False

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()
        if isinstance(error, duckdb.Error) and is_not_our_fault(error):  # read outside a transaction
            raise failed(self.path, error, "What was committed before is kept.") from error

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Run statements whose result nobody needs."""
        self._connection.execute(sql, parameters)

    def frame(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Run one query; instants come back in UTC."""
        return fetch(self._connection, sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one query for a few numbers and texts: planned once, where `frame` plans twice to know its types."""
        return self._connection.execute(sql, parameters).fetchall()

    def batches(self, sql: str) -> Iterator[pl.DataFrame]:
        """Run one query of which more may come than should be held at once."""
        for batch in self._connection.sql(sql).to_arrow_reader(_ROWS_AT_ONCE):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """The first value of the first row, or None where there is no row."""
        frame = self.frame(sql, parameters)
        return None if frame.is_empty() else frame.item(0, 0)

    def schema(self, table: str) -> dict[str, PolarsType]:
        """Columns of a table or view as polars types, in the table's order, struct fields too."""
        relation = self._connection.sql(f"select * from {table} limit 0")
        spelt = tuple(zip(relation.columns, map(str, relation.types), strict=True))
        if spelt not in _schemas:  # asking for the types alone costs a fifth of asking for a frame
            _schemas[spelt] = dict(self.frame(f"select * from {table} limit 0").schema)
        return dict(_schemas[spelt])

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        """Append rows; columns are matched by name, absent ones stay null, unknown ones are refused."""
        if frame.is_empty():
            return
        schema = self.schema(table)
        surplus = set(frame.columns) - set(schema)
        if surplus:
            raise ValueError(f"{table} has no columns {', '.join(sorted(surplus))}")
        fitting = conform(frame, {name: schema[name] for name in schema if name in frame.columns})
        names = ", ".join(quoted(name) for name in fitting.columns)
        with self.registered("_incoming", fitting):
            self.execute(f"insert into {table} ({names}) select {names} from _incoming")

    @contextmanager
    def registered(self, name: str, frame: pl.DataFrame) -> Iterator[None]:
        """Make a frame readable in SQL under `name` for a while."""
        self._connection.register(name, frame.to_arrow())
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # in a transaction that failed this fails too, and must not hide why
                self._connection.unregister(name)
            raise
        self._connection.unregister(name)

    @contextmanager
    def transaction(self) -> Iterator[Warehouse]:
        """All or nothing. An error inside rolls everything back and goes on up.

        An error at commit can still have made the run durable: ask `ledger.run_is_recorded` before running it again.
        A disk that is full or damaged raises `WarehouseError`.
        """
        if self.in_transaction:
            raise RuntimeError("a transaction is open already; one run, one transaction")
        self.execute("begin transaction")
        self.in_transaction = True
        try:
            yield self
            faults.passing("transaction.committing")
            self.execute("commit")
            faults.passing("transaction.committed")
        except duckdb.Error as error:
            self._roll_back()
            if is_not_our_fault(error):
                raise failed(self.path, error, "Nothing of this run was kept.") from error
            raise
        except BaseException:
            self._roll_back()
            raise
        finally:
            self.in_transaction = False

    def _roll_back(self) -> None:
        try:
            self.execute("rollback")
        except duckdb.Error:  # the connection is gone or the commit itself failed: nothing is left to roll back
            return

    def checkpoint(self) -> None:
        """Bring everything committed into the file itself, so that no WAL stays behind."""
        faults.passing("checkpoint.begun")
        self.execute(f"checkpoint {CATALOG}")
        faults.passing("checkpoint.done")

    def close(self) -> None:
        """Checkpoint and let the file go. Closing twice does nothing."""
        if self.path not in _opened:
            return
        try:
            faults.passing("close.begun")
            self._connection.execute(f"use memory; detach {CATALOG}")
        except duckdb.Error:  # a broken file must not hide the error that broke it
            pass
        finally:
            self._connection.close()
            _opened.discard(self.path)
            if self.is_fitted:
                _fitted_files[self.path] = (_stamp(self.path), self.catalogue)
        faults.passing("close.done")


def open_warehouse(path: Path, catalogue: Catalogue, *, create: bool = True) -> Warehouse:
    """Open the private warehouse for writing, migrate it, and fit its tables to the catalogue.

    A missing file is made where `create` says so. Besides the file, only the folder `releases` beside it can be
    reached from SQL. Raises `WarehouseError` for a file that is missing, cannot be written, is held by another
    process, is damaged, or was written by a newer xinyan.
    """
    from warehouse import ddl, migrate

    path = path.resolve()
    _check_place(path, create=create)
    if path in _opened:
        raise WarehouseError(
            f"warehouse {path}",
            f"held by this process ({os.getpid()})",
            "one writer",
            "Close it before opening it again.",
        )
    if not path.exists():
        _make(path)
    # A night opens the file several times: what this process closed and nobody touched needs no second look.
    stamp, fitted_to = _fitted_files.pop(path, ((), None))
    is_fitted = fitted_to is catalogue and stamp == _stamp(path)
    if not is_fitted:
        migrate.copy_before_upgrade(path)
    connection = _attach(path, reach=path.parent / "releases")
    _opened.add(path)
    warehouse = Warehouse(connection, path, catalogue)
    try:
        if not is_fitted:
            migrate.upgrade(warehouse)
            ddl.fit(warehouse)
        warehouse.is_fitted = True
        faults.passing("warehouse.opened")
    except WarehouseError:
        warehouse.close()
        raise
    except duckdb.Error as error:
        warehouse.close()
        raise _damaged(path, error) from error
    except BaseException:
        warehouse.close()
        raise
    return warehouse


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes when a file is written or replaced."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def open_file_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a release (or a warehouse nobody writes) read-only, with external access off, and `use` it.

    Raises `WarehouseError` like `open_warehouse`.
    """
    if not path.is_file():
        raise WarehouseError(f"release {path}", "no such file", "a released file", "Run `xinyan nightly` first.")
    return _attach(path.resolve(), read_only=True)


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """Run one query and give its rows as a frame; a statement without rows gives an empty one."""
    relation = connection.sql(sql) if parameters is None else connection.sql(sql, params=parameters)
    if relation is None:
        return pl.DataFrame()
    table = relation.to_arrow_table()
    frame = pl.from_arrow(table.rename_columns(_distinct(table.column_names)))
    assert isinstance(frame, pl.DataFrame)
    instants = [
        pl.col(name).dt.convert_time_zone("UTC")
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    ]
    return frame.with_columns(instants) if instants else frame


def _distinct(names: Sequence[str]) -> list[str]:
    """Names as DuckDB itself tells them apart in a subquery: the second `a` is `a_1`."""
    found: list[str] = []
    for name in names:
        taken = {*found, *names} if name in found else set(found)
        numbers = (f"{name}_{number}" for number in range(1, len(names) + 2))
        found.append(name if name not in taken else next(each for each in numbers if each not in taken))
    return found


def conform(frame: pl.DataFrame, schema: Mapping[str, PolarsType]) -> pl.DataFrame:
    """Give exactly the columns of `schema`, in its order and types; absent columns are null.

    Struct fields are matched by name, at any depth of structs; instants without a zone are refused.
    """
    there = frame.schema
    return frame.select(_fitted(name, there.get(name), dtype) for name, dtype in schema.items())


def _fitted(name: str, found: PolarsType | None, wanted: PolarsType) -> pl.Expr:
    if found is None:
        return pl.lit(None, dtype=wanted).alias(name)
    if isinstance(wanted, pl.Datetime) and wanted.time_zone and isinstance(found, pl.Datetime):
        if found.time_zone is None:
            raise ValueError(f"{name}: an instant needs a zone")
        return pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    return _field(pl.col(name), found, wanted).alias(name)


def _field(value: pl.Expr, found: PolarsType, wanted: PolarsType) -> pl.Expr:
    if isinstance(wanted, pl.Struct) and isinstance(found, pl.Struct):
        there = {field.name: field.dtype for field in found.fields}
        fields = [
            _field(value.struct.field(f.name), there[f.name], f.dtype).alias(f.name)
            if f.name in there
            else pl.lit(None, dtype=f.dtype).alias(f.name)
            for f in wanted.fields
        ]
        return pl.when(value.is_not_null()).then(pl.struct(fields))
    return value.cast(wanted, strict=True)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def duckdb_type(dtype: PolarsType) -> str:
    """The DuckDB type that stores a polars type."""
    match dtype:
        case pl.Struct():
            fields = ", ".join(f"{quoted(field.name)} {duckdb_type(field.dtype)}" for field in dtype.fields)
            return f"STRUCT({fields})"
        case pl.List():
            return f"{duckdb_type(dtype.inner)}[]"
        case pl.Decimal():
            return f"DECIMAL({dtype.precision or 38},{dtype.scale})"
        case pl.Datetime():
            return "TIMESTAMPTZ" if dtype.time_zone else "TIMESTAMP"
    names = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Boolean: "BOOLEAN", pl.Date: "DATE"}
    for known, name in names.items():
        if dtype == known:
            return name
    raise TypeError(f"no DuckDB type for {dtype}")


def instant(value: Any) -> Any:
    """An instant as a literal polars expression of the shared type."""
    return pl.lit(value).cast(INSTANT)


def _attach(path: Path, *, read_only: bool = False, reach: Path | None = None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    mode = "READ_ONLY" if read_only else f"STORAGE_VERSION '{STORAGE_VERSION}'"
    try:
        connection.execute(f"set TimeZone = '{ZONE}'")
        if not read_only:
            size = path.stat().st_size if path.exists() else 0
            connection.execute(f"set memory_limit = '{_MEMORY_MIB + (2 * size >> 20)}MiB'")
        connection.execute(f"set temp_directory = {literal(str(path.with_name(path.name + '.tmp')))}")
        connection.execute(f"attach {literal(str(path))} as {CATALOG} ({mode})")
        connection.execute(f"use {CATALOG}")
        if reach is not None:
            connection.execute(f"set allowed_directories = [{literal(str(reach) + os.sep)}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as error:
        connection.close()
        raise _cannot_open(path, error) from error
    return connection


def _make(path: Path) -> None:
    """Make an empty warehouse, complete or not at all: half a file could not be opened by the next night."""
    staged = path.with_name(f".making-{path.name}")
    for left in (staged, staged.with_name(staged.name + ".wal"), path.with_name(path.name + ".wal")):
        left.unlink(missing_ok=True)
    connection = _attach(staged)
    try:
        connection.execute(f"checkpoint {CATALOG}")
    finally:
        connection.close()
    faults.passing("warehouse.created")
    os.replace(staged, path)


def _check_place(path: Path, *, create: bool) -> None:
    where = f"warehouse {path}"
    if not path.parent.is_dir():
        raise WarehouseError(where, "its folder does not exist", "an existing home", "Name another home with --home.")
    if not path.exists() and not create:
        raise WarehouseError(where, "no such file", "a warehouse", "Run `xinyan nightly` to make it.")
    if path.exists() and not path.is_file():
        raise WarehouseError(
            where, "not a regular file", "a warehouse file", "Move it away; the next night makes a new one."
        )
    writable = os.access(path, os.R_OK | os.W_OK) if path.exists() else os.access(path.parent, os.W_OK | os.X_OK)
    if not writable:
        raise WarehouseError(
            where,
            "cannot be written by this account",
            "read and write rights",
            "Give this account the right to write there.",
        )


def _cannot_open(path: Path, error: duckdb.Error) -> WarehouseError:
    text = str(error)
    where = f"warehouse {path}"
    if not is_damage(error) and "could not set lock" in text.lower():
        held = _HOLDER.search(text)
        holder = f"process {held['pid']} ({held['program']})" if held else "another process"
        return WarehouseError(
            where, f"held by {holder}", "no other writer", "Wait until that process ends, or close it, and try again."
        )
    if isinstance(error, duckdb.PermissionException) or "Permission denied" in text:
        return WarehouseError(
            where, "cannot be opened by this account", "read and write rights", "Give this account the right to use it."
        )
    return _damaged(path, error)


def failed(path: Path, error: duckdb.Error, kept: str) -> WarehouseError:
    """Say what the machine could not do with a warehouse, and what is `kept` of the run."""
    if is_damage(error):
        return _damaged(path, error)
    first = str(error).strip().splitlines()[0]
    return WarehouseError(
        f"warehouse {path}",
        f"could not go on ({first})",
        "a sound disk with room, and enough memory",
        f"{kept} Make room, check the disk, and run again.",
    )


def is_not_our_fault(error: duckdb.Error) -> bool:
    """Whether the machine, the disk or the file is at fault, not what was asked of DuckDB."""
    return isinstance(error, NOT_OUR_FAULT) or is_damage(error)


def is_damage(error: duckdb.Error) -> bool:
    """Whether DuckDB tells of bytes in the file that are not what it wrote."""
    text = str(error).lower()
    return isinstance(error, duckdb.SerializationException) or "checksum" in text or "corrupt" in text


def _damaged(path: Path, error: duckdb.Error) -> WarehouseError:
    first = str(error).strip().splitlines()[0]
    return WarehouseError(
        f"warehouse {path}",
        f"cannot be read as a DuckDB file ({first})",
        f"a file of storage version {STORAGE_VERSION}",
        "Restore it from the backup of the home, or run `xinyan rebuild`, which makes it again from the archive;"
        " releases are not touched.",
    )
