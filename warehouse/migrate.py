"""Migrations: numbered SQL files, applied once and in order; what is applied is never edited.

An existing file is copied before it is upgraded, so that the older program can go on with the copy.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb

from warehouse.connection import Warehouse, open_file_read_only
from warehouse.errors import WarehouseError


@dataclass(frozen=True)
class Migration:
    """One step from version `number` - 1 to `number`."""

    number: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """Every migration there is, in order. Raises ValueError where the numbers have a gap or repeat."""
    folder = Path(str(files("warehouse"))) / "migrations"
    found = [
        Migration(int(path.stem.partition("_")[0]), path.stem.partition("_")[2], path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.sql"))
    ]
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations must be numbered 1, 2, 3 … without gaps: {[m.number for m in found]}")
    return found


def newest() -> int:
    """The schema version this program writes."""
    return len(migrations())


def copy_before_upgrade(path: Path) -> Path | None:
    """Copy an existing warehouse that an upgrade will change; the copy is named by its version.

    Returns the copy, or None where nothing will be upgraded. Opens the file read-only for a moment. Raises
    `WarehouseError` where it cannot be read or is newer than this program.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    connection = open_file_read_only(path)
    try:
        version = _version(connection)
    finally:
        connection.close()
    _refuse_newer(path, version)
    if version in (0, newest()):
        return None
    copy = path.with_name(f"{path.stem}.before-v{newest()}-was-v{version}{path.suffix}")
    partial = copy.with_name(copy.name + ".partial")
    shutil.copy2(path, partial)
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        shutil.copy2(wal, copy.with_name(copy.name + ".wal"))
    partial.replace(copy)
    return copy


def upgrade(warehouse: Warehouse) -> int:
    """Apply what is missing, all in one transaction; returns the version reached."""
    version = _version(warehouse._connection)
    _refuse_newer(warehouse.path, version)
    missing = [migration for migration in migrations() if migration.number > version]
    if missing:
        with warehouse.transaction():
            for migration in missing:
                warehouse.execute(migration.sql)
                warehouse.execute(
                    "insert into ops.schema_version (version, name, applied_at) values (?, ?, now())",
                    [migration.number, migration.name],
                )
    return newest()


def _version(connection: duckdb.DuckDBPyConnection) -> int:
    known = connection.execute(
        "select count(*) from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'ops' and table_name = 'schema_version'"
    ).fetchone()
    if known is None or known[0] == 0:
        return 0
    row = connection.execute("select coalesce(max(version), 0) from ops.schema_version").fetchone()
    return 0 if row is None else int(row[0])


def _refuse_newer(path: Path, version: int) -> None:
    if version > newest():
        raise WarehouseError(
            f"warehouse {path}",
            f"its schema is version {version}",
            f"version {newest()} or older",
            "It was written by a newer xinyan: use that one, or restore the copy made before the upgrade.",
        )
