"""Releases: what analysts open. Immutable numbered files, and one stable path that always opens.

A release is built from nothing in a fresh file, so that no private page survives in a free block: `ops` without what
could name a person, `core` without internal columns, `summary` as it is. It is written beside, compared with what the
warehouse holds, made durable, and only then put in place with an atomic replace. A night killed anywhere in between
leaves the last release, and the next call completes or repeats the work.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas.columns import Column, PolarsType
from schemas.forms import Form
from warehouse import ddl, described, digest, faults, ledger, masking, masks, models, tracing
from warehouse.connection import (
    CATALOG,
    STORAGE_VERSION,
    ZONE,
    Warehouse,
    failed,
    is_damage,
    is_not_our_fault,
    literal,
    quoted,
)
from warehouse.errors import WarehouseError
from warehouse.masking import Masker

CURRENT = "current.duckdb"
KEEP = 30

_NUMBERED = re.compile(r"^(\d{6})\.duckdb$")
_SHELLS: dict[str, bytes] = {}
"""Releases without a row that this process made or found, by what they are made of: tables, views, macros, comments."""
_SHELLS_KEPT = 4
_STAGED = "release_in_making"
"""Catalog name of the file being built."""

_OPS = (
    "schema_version",
    "runs",
    "files",
    "receipts",
    "submissions",
    "sheets",
    "cells",
    "columns",
    "controls",
    "findings",
    "quarantine",
    "figure_history",
    "decisions",
    "definitions",
    "moves",
    "journal",
    "checks",
    "releases",
    "freshness",
    "answers",
    "slips",
    "open_findings",
)
_NOT_PUBLISHED = {"submissions": {"filer_candidates"}, "checks": {"examples"}, "runs": {"note"}}
"""Columns of ops that stay at home: texts nobody reviewed."""
_TOLD = {"findings": ("found",), "open_findings": ("found",), "quarantine": ("found", "suggestion")}
"""Columns that repeat what a cell said; empty where the cell's column is internal."""


@dataclass(frozen=True)
class Release:
    """One release: its number, when it was made, as of when, and what it holds by digest.

    `last_run_id` is the last run the archive's log tells of: nothing that came after it is in the release.
    """

    release_no: int
    run_id: str
    made_at: str
    newest_instant: str | None
    state_digest: str
    history_digest: str
    findings_digest: str
    content_digest: str
    rows_known: int
    duckdb_version: str
    note: str
    names_hidden: int = 0
    code_version: str = ""
    file_sha256: str = ""
    last_run_id: str = ""

    @property
    def file_name(self) -> str:
        """Six digits and `.duckdb`."""
        return f"{self.release_no:06d}.duckdb"

    def same_content(self, facts: Mapping[str, str | int]) -> bool:
        """Whether nothing published differs: not what is known, nor how many names of persons it hides."""
        return all(getattr(self, name) == value for name, value in facts.items())


def publish(
    warehouse: Warehouse,
    folder: Path,
    run_id: str,
    *,
    keep: int = KEEP,
    note: str = "",
    words: Collection[str] = (),
    code_version: str = "",
    last_run_id: str = "",
    scratch: Path | None = None,
) -> Release | None:
    """Make a release where something published changed since the last one; otherwise put right what is missing.

    Call it outside a transaction, after the run's own is durable. `words` are names of persons to mask in every text.
    In `scratch` what releases have in common is kept for the next process; it may be emptied at any time.
    Returns the new release, or None. Raises `WarehouseError` where the folder cannot be written, where the newest run's
    checks failed, or where what was written is not what the warehouse holds; the last release then still stands.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(exist_ok=True)
        _clear_leftovers(folder)
        last = newest(folder)
        _record(warehouse, folder)
        known = digest.known(warehouse)
        digests = {
            "state_digest": known.state,
            "history_digest": known.history,
            "findings_digest": digest.findings_digest(warehouse),
        }
        masker = masking.Masker(words)
        if last is not None and last.same_content({**digests, "names_hidden": len(masker.names)}):
            _make_current(folder, last, always=False)
            return None
        _require_checks(warehouse)
        number = max([_highest_number(warehouse, folder), 0]) + 1
        made_by = {"run_id": run_id, "note": note, "code_version": code_version, "last_run_id": last_run_id}
        facts = {"release_no": number, **made_by, **digests}
        release = _make(warehouse, folder, facts, masker, scratch)
        _make_current(folder, release, always=True)
        _record(warehouse, folder)
        _prune(folder, keep)
        faults.passing("release.pruned")
    except duckdb.Error as error:
        if is_not_our_fault(error):
            raise _not_released(warehouse, folder, error) from error
        raise
    except WarehouseError as error:  # of the transaction that fills the release
        if isinstance(error.__cause__, duckdb.Error):
            raise _not_released(warehouse, folder, error.__cause__) from error
        raise
    except OSError as error:
        raise _not_released(warehouse, folder, error) from error
    return release


def _not_released(warehouse: Warehouse, folder: Path, error: duckdb.Error | OSError) -> WarehouseError:
    """Say why nothing was released; what was loaded before stays loaded."""
    if isinstance(error, duckdb.Error) and is_damage(error):
        return failed(warehouse.path, error, "")
    said = error.strerror if isinstance(error, OSError) else None
    return WarehouseError(
        f"releases {folder}",
        f"cannot be written ({said or str(error).strip().splitlines()[0]})",
        "a folder this account may write, with room for one more release",
        "The night's load is kept; nothing was released, and the last release stands."
        " Give this account the right to write there or make room, then run the night again.",
    )


def releases(folder: Path) -> list[Release]:
    """The complete releases of a folder, oldest first, by the facts beside each file."""
    found = []
    for path in sorted(folder.glob("*.json")):
        file = path.with_suffix(".duckdb")
        if not _NUMBERED.match(file.name) or not file.exists():
            continue
        try:
            found.append(Release(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError):  # cut off or of another version: the file is not counted as released
            continue
    return found


def known_digest(warehouse: Warehouse) -> str:
    """Digest of what is known now: as the release of the last run told it; worked out where that run made none.

    Working it out goes over everything held. What is known changes by runs only, and each is recorded with its change.
    """
    told = warehouse.frame(
        """
        select state_digest from (from ops.releases order by release_no desc limit 1)
        where run_id = (select run_id from ops.runs order by rowid desc limit 1)
        """
    )
    return digest.state_digest(warehouse) if told.is_empty() else str(told["state_digest"][0])


def newest(folder: Path) -> Release | None:
    """The newest complete release, or None."""
    found = releases(folder)
    return found[-1] if found else None


def _make(
    warehouse: Warehouse, folder: Path, facts: Mapping[str, Any], masker: Masker, scratch: Path | None
) -> Release:
    faults.passing("release.begun")
    number = facts["release_no"]
    staged = folder / f".making-{number:06d}.duckdb"
    at = ledger.newest_instant(warehouse)
    published, built = _published(warehouse), models.usable(warehouse)
    staged.write_bytes(_shell(warehouse, folder, published, built, scratch))
    warehouse.execute(f"attach {literal(str(staged))} as {_STAGED}")
    try:
        with warehouse.transaction():  # one for all: each statement on its own would wait for the disk
            _copy_rows(warehouse, published, masker)
            warehouse.execute(f"use {_STAGED}")
            for statement in tracing.of_instant(built, at):
                warehouse.execute(statement)
        faults.passing("release.filled")
        release = Release(
            **facts,
            made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            newest_instant=None if at is None else at.isoformat(),
            content_digest=digest.content_digest(warehouse, _STAGED),
            rows_known=_rows_known(warehouse),
            duckdb_version=duckdb.__version__,
            names_hidden=len(masker.names),
        )
        _insert_release(warehouse, f"{_STAGED}.ops.releases", release)
        _require_documented(warehouse)
        masks.require_nobody(warehouse, _STAGED, masker)
        warehouse.execute(f"checkpoint {_STAGED}")
        faults.passing("release.checkpointed")
    finally:
        warehouse.execute(f"use {CATALOG}")
        warehouse.execute(f"detach {_STAGED}")
    _require_readable(staged, release)
    faults.passing("release.verified")
    _sync(staged)
    staged.chmod(0o444)
    release = replace(release, file_sha256=file_sha256(staged))
    _write_facts(folder / f"{number:06d}.json", release)
    faults.passing("release.told")
    os.replace(staged, folder / release.file_name)
    _sync(folder)
    faults.passing("release.numbered")
    return release


def _published(warehouse: Warehouse) -> dict[str, str]:
    """What is published: each table of a release with the query of its rows."""
    forms = {f"core.{entity}": form for entity, form in warehouse.catalogue.forms.items()}
    internal = {c.name for form in forms.values() for c in form.columns if _stays(c)}
    published = {}
    for table in (*(f"ops.{name}" for name in _OPS), *digest.core_tables(warehouse), *digest.summary_tables(warehouse)):
        there = warehouse.schema(table)
        if table in forms:
            columns = _core_columns(forms[table], there)
        elif table.startswith("ops."):
            columns = _ops_columns(table.removeprefix("ops."), there, internal)
        else:
            columns = {name: quoted(name) for name in there}
        picked = ", ".join(f"{expression} as {quoted(name)}" for name, expression in columns.items())
        published[table] = f"select {picked} from {CATALOG}.{table}"
    return published


def _copy_rows(warehouse: Warehouse, published: Mapping[str, str], masker: Masker) -> None:
    """Copy what is published into the file in the making, masked before it is written: no page of it held a name."""
    filled = [list(published)[n] for n in sorted(digest.filled(warehouse, list(published)))]
    hidden = masks.find(warehouse, [published[table] for table in filled], masker)
    for table, places in zip(filled, hidden, strict=True):
        masks.copy(warehouse, published[table], f"{_STAGED}.{table}", places)


def _shell(
    warehouse: Warehouse,
    folder: Path,
    published: Mapping[str, str],
    built: Sequence[models.Model],
    scratch: Path | None,
) -> bytes:
    """A release without a row: its tables, views, macros and comments, made once for what they are.

    Every as-of macro was called in it, so that none fails at the analyst's.
    """
    statements = _statements(warehouse, published, built)
    types = warehouse.rows(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() where database_name = $1"
        " order by all",
        [CATALOG],
    )
    comments = ddl.current_comments(warehouse)
    facts = described.facts(warehouse, built)
    told = repr((duckdb.__version__, statements, types, sorted(comments.items()), facts.rows()))
    made_of = hashlib.sha256(told.encode()).hexdigest()[:32]
    if made_of not in _SHELLS:
        while len(_SHELLS) >= _SHELLS_KEPT:
            del _SHELLS[next(iter(_SHELLS))]
        kept = None if scratch is None else _kept_shell(scratch, made_of)
        _SHELLS[made_of] = kept or _made_shell(warehouse, folder, statements, comments, facts)
        if scratch is not None and kept is None:
            _keep_shell(scratch, made_of, _SHELLS[made_of])
    return _SHELLS[made_of]


def _made_shell(
    warehouse: Warehouse,
    folder: Path,
    statements: Sequence[str],
    comments: Mapping[tuple[str, str], str],
    facts: pl.DataFrame,
) -> bytes:
    staged = folder / ".making-shell.duckdb"
    warehouse.execute(f"attach {literal(str(staged))} as {_STAGED} (storage_version '{STORAGE_VERSION}')")
    try:
        with warehouse.transaction():
            warehouse.execute(f"use {_STAGED}")
            for statement in statements:
                warehouse.execute(statement)
            _copy_comments(warehouse, comments)
            _call_macros(warehouse)
            described.describe(warehouse, _STAGED, facts)
        warehouse.execute(f"checkpoint {_STAGED}")
    finally:
        warehouse.execute(f"use {CATALOG}")
        warehouse.execute(f"detach {_STAGED}")
    made = staged.read_bytes()
    staged.unlink()
    return made


def _shell_name(made_of: str, shell: bytes) -> str:
    """The name of a kept shell says what it was made of and what its bytes are."""
    return f"shell-{made_of}-{hashlib.sha256(shell).hexdigest()[:32]}.duckdb"


def _kept_shell(scratch: Path, made_of: str) -> bytes | None:
    """The shell an earlier process kept, if it is whole."""
    for path in scratch.glob(f"shell-{made_of}-*.duckdb"):
        shell = path.read_bytes()
        if path.name == _shell_name(made_of, shell):
            return shell
    return None


def _keep_shell(scratch: Path, made_of: str, shell: bytes) -> None:
    """Keep a shell for later processes, in the place of all others; one cut off by a crash is not taken for whole."""
    for path in scratch.glob("shell-*.duckdb"):
        path.unlink(missing_ok=True)
    (scratch / _shell_name(made_of, shell)).write_bytes(shell)


def _statements(warehouse: Warehouse, published: Mapping[str, str], built: Sequence[models.Model]) -> list[str]:
    """The statements that make a release without a row, but for its comments and dictionary; they are run in it."""
    tables = [f"create table {table} as {query} limit 0" for table, query in published.items()]
    views = [*ddl.views(warehouse), *(statement for view in models.views() for statement in models.view(view))]
    macros = [
        *ddl.history_macros(warehouse.catalogue.forms),
        *(statement for model in built for statement in models.macro(model)),
        *tracing.statements(warehouse.catalogue, built),
    ]
    schemas = [f"create schema {schema}" for schema in ("ops", "core", "summary")]
    return [*schemas, *tables, *views, *macros]


def _stays(column: Column) -> bool:
    """Whether a column stays in the home: it is not open, and no summary needs its text."""
    return column.sensitivity != "open" and not column.published


def _core_columns(form: Form, schema: Mapping[str, PolarsType]) -> dict[str, str]:
    """Columns of a core table as published: internal ones gone, also from `addresses` and `raw`; persons as rows."""
    hidden = {name for column in form.columns if _stays(column) for name in (column.name, *column.stored)}
    columns = {}
    for name, dtype in schema.items():
        if name in hidden or name == "version_hash":
            continue
        if form.keyed is not None and name == form.keyed.into:
            # Who is the same person, and nothing that a name could be tried against.
            columns[name] = f"if({name} is null, null, min(row_id) over (partition by {name}))"
        elif isinstance(dtype, pl.Struct):
            fields = [quoted(field.name) for field in dtype.fields if field.name not in hidden]
            values = ", ".join(f"{field} := {quoted(name)}.{field}" for field in fields)
            columns[name] = f"struct_pack({values})" if fields else "null::varchar"
        else:
            columns[name] = quoted(name)
    return columns


def _ops_columns(table: str, schema: Mapping[str, PolarsType], internal: Collection[str]) -> dict[str, str]:
    columns = {}
    for name in schema:
        if name in _NOT_PUBLISHED.get(table, ()):
            continue
        columns[name] = quoted(name)
        if name in _TOLD.get(table, ()) and internal:
            names = ", ".join(literal(each) for each in sorted(internal))
            columns[name] = f"case when column_name in ({names}) then null else {columns[name]} end"
    return columns


def _copy_comments(warehouse: Warehouse, comments: Mapping[tuple[str, str], str]) -> None:
    """Give the release the comments of the warehouse; the release is in use, so names need no database."""
    columns = warehouse.frame(
        "select schema_name || '.' || table_name as name, column_name from duckdb_columns() where database_name = $1",
        [_STAGED],
    )
    there = set(columns.iter_rows()) | {(name, "") for name in columns["name"]}
    told = {view.table for view in models.views()}  # views of ops bring theirs
    for (table, column), text in comments.items():
        if (table, column) not in there or table in told:
            continue
        kind = "view" if (table, "") in ddl.VIEW_COMMENTS else "table"
        target = f"column {table}.{quoted(column)}" if column else f"{kind} {table}"
        warehouse.execute(f"comment on {target} is {literal(text)}")


def _call_macros(warehouse: Warehouse) -> None:
    """Call every as-of macro once."""
    made = warehouse.frame(
        "select schema_name || '.' || function_name as name from duckdb_functions()"
        " where database_name = $1 and function_type = 'table_macro' and parameters = ['as_of']",
        [_STAGED],
    )
    for name in made["name"]:
        # Into a table, as this reads the macro once: a query whose rows are fetched is bound before it runs, and again.
        called = f"select * from {name}(cast(null as timestamptz)) limit 0"
        warehouse.execute(f"create or replace temp table called as {called}")
    warehouse.execute("drop table if exists temp.called")


def _require_checks(warehouse: Warehouse) -> None:
    failed = warehouse.frame(
        """
        select check_name, object_name, failing_rows, examples from ops.checks
        where severity = 'fail' and outcome = 'failed'
            and run_id = (select arg_max(run_id, rowid) from ops.checks)
        """
    )
    if not failed.is_empty():
        first = failed.row(0, named=True)
        raise WarehouseError(
            f"release of {warehouse.path}",
            f"check {first['check_name']} on {first['object_name']} failed"
            f" ({first['failing_rows']} rows: {first['examples']})",
            "every check of the newest run passed",
            "The last release stands. Report this: these checks guard our own promises.",
        )


def _require_documented(warehouse: Warehouse) -> None:
    bare = warehouse.frame(
        """
        select schema_name || '.' || table_name || '.' || column_name as name from duckdb_columns()
        where database_name = $1 and coalesce(comment, '') = ''
        union all
        select schema_name || '.' || table_name from duckdb_tables()
        where database_name = $1 and coalesce(comment, '') = ''
        """,
        [_STAGED],
    )
    if not bare.is_empty():
        raise WarehouseError(
            "release",
            f"no comment on {', '.join(bare['name'].to_list()[:5])}",
            "a comment on every table and column",
            "",
        )


def _require_readable(staged: Path, release: Release) -> None:
    """Open what was written as an analyst would, and compare it with what was meant."""
    wal = staged.with_name(staged.name + ".wal")
    connection = duckdb.connect()
    try:
        connection.execute(f"set TimeZone = '{ZONE}'")
        connection.execute(f"attach {literal(str(staged))} as {_STAGED} (read_only)")
        reader = Warehouse(connection, staged, None)  # type: ignore[arg-type]  # digests ask for tables only
        found = digest.content_digest(reader, _STAGED)
    finally:
        connection.close()
    if found != release.content_digest or wal.exists():
        raise WarehouseError(
            f"release {release.file_name}",
            "reads back differently from what was written",
            "the same digest",
            "Check the disk.",
        )


def _make_current(folder: Path, release: Release, *, always: bool) -> None:
    """Put a copy of the release under the stable path. A copy, not a link: who opens it for writing harms only it."""
    current = folder / CURRENT
    if not always and _is_whole(current, release):
        return
    staged = folder / ".making-current.duckdb"
    shutil.copyfile(folder / release.file_name, staged)
    staged.chmod(0o444)
    _sync(staged)
    if not _is_whole(staged, release):
        raise WarehouseError(
            f"release {folder / release.file_name}",
            "its bytes are not those that were written",
            "the file as it was made",
            "Check the disk, remove this file and the .json beside it, and run the night again.",
        )
    faults.passing("release.copied")
    os.replace(staged, current)
    # Left behind by someone who opened the stable path for writing; it belongs to the file just replaced.
    current.with_name(current.name + ".wal").unlink(missing_ok=True)
    _sync(folder)
    faults.passing("release.current")


def _is_whole(path: Path, release: Release) -> bool:
    """Whether a file is byte for byte what was released; opening a damaged one would notice little."""
    return path.exists() and file_sha256(path) == (release.file_sha256 or file_sha256(path.parent / release.file_name))


def _highest_number(warehouse: Warehouse, folder: Path) -> int:
    recorded = warehouse.value("select coalesce(max(release_no), 0) from ops.releases")
    on_disk = [int(match[1]) for path in folder.iterdir() if (match := _NUMBERED.match(path.name))]
    return max([int(recorded), *on_disk])


def _record(warehouse: Warehouse, folder: Path) -> None:
    """Write into ops.releases what lies in the folder and is not there yet: also what a killed night left unsaid."""
    known = set(warehouse.frame("select release_no from ops.releases")["release_no"])
    missing = [release for release in releases(folder) if release.release_no not in known]
    if missing:
        with warehouse.transaction():
            for release in missing:
                _insert_release(warehouse, "ops.releases", release)


def _insert_release(warehouse: Warehouse, table: str, release: Release) -> None:
    facts = asdict(release)
    del facts["file_sha256"], facts["last_run_id"]  # a file cannot hold its own; the log is the archive's
    names = ", ".join(facts)
    places = ", ".join(
        f"cast(${i} as timestamptz)" if n in _INSTANTS else f"${i}" for i, n in enumerate(facts, start=1)
    )
    warehouse.execute(f"insert into {table} ({names}) values ({places})", list(facts.values()))


_INSTANTS = ("made_at", "newest_instant")


def _rows_known(warehouse: Warehouse) -> int:
    counts = [
        warehouse.value(f"select count(*) from {table} where known_to is null")
        for table in digest.core_tables(warehouse)
    ]
    return sum(int(count) for count in counts)


def _clear_leftovers(folder: Path) -> None:
    """Remove what a killed night left unfinished: files in the making, and facts without their file."""
    for path in folder.glob(".making-*"):
        path.unlink(missing_ok=True)
    for path in folder.glob("[0-9]*.json"):
        if not path.with_suffix(".duckdb").exists():
            path.unlink(missing_ok=True)


def _prune(folder: Path, keep: int) -> None:
    for release in releases(folder)[: -max(keep, 1)]:
        (folder / release.file_name).unlink(missing_ok=True)
        (folder / release.file_name).with_suffix(".json").unlink(missing_ok=True)


def _write_facts(path: Path, release: Release) -> None:
    partial = path.with_name(f".making-{path.name}")
    partial.write_text(json.dumps(asdict(release), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _sync(partial)
    os.replace(partial, path)


def file_sha256(path: Path) -> str:
    """The sha256 of a release as it lies on the disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
