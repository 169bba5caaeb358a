"""Summaries: one SQL file each becomes an as-of macro and, in `summary`, a plain table of how things stand now.

A file starts with comment lines: what a row is (the first line), `中文:` its title, `grain:` and `reads:` lists,
`revised: yes` where the life of its numbers is kept, `log: yes` where it tells such lives itself (it is no mart then),
`kept: yes` where a release holds a helper's rows as of the newest instant, as traces cannot wait for them,
`check fail|warn name: sql` (a select of the rows that break it, or a condition every row must meet), and
`column name: 中文; meaning; unit` per column. Its body is one select; `$as_of` is the instant.

Files in `sql/core` are helpers between core and summary: macros only, no table. Files in `sql/ops` are views.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from schemas.frames import RECORDS
from warehouse import headers, ledger, revisions
from warehouse.connection import Warehouse, literal, quoted
from warehouse.ddl import AS_OF_NOTE, apply_comments, make_macros
from warehouse.errors import WarehouseError

Severity = Literal["fail", "warn"]
Layer = Literal["core", "summary", "ops"]

_CHECK = re.compile(r"checks? (?P<severity>fail|warn):? (?P<name>\w+): (?P<sql>.+)", re.DOTALL)
_COLUMN = re.compile(r"column (?P<name>\w+): (?P<text>.+)", re.DOTALL)
_FIELD = re.compile(r"(?P<name>中文|grain|reads|revised|log|kept): (?P<text>.+)", re.DOTALL)
_BESIDE = re.compile(r"\bops\.(?!(?:quarantine|findings)_as_of\b)\w")
_CALL = re.compile(r"\b(?P<layer>core|summary)\.(?P<name>\w+?)_as_of\s*\(\s*\$as_of\s*\)")


@dataclass(frozen=True)
class Check:
    """A declared check; `sql` is a select of failing rows or a condition on the table's rows."""

    name: str
    severity: Severity
    sql: str


@dataclass(frozen=True)
class Model:
    """One SQL file, as its header describes it."""

    layer: Layer
    name: str
    row: str
    title_zh: str
    grain: tuple[str, ...]
    reads: tuple[str, ...]
    checks: tuple[Check, ...]
    columns: Mapping[str, str]
    body: str
    is_revised: bool = False
    is_log: bool = False
    is_kept: bool = False

    @property
    def table(self) -> str:
        """Schema and name, joined by a dot."""
        return f"{self.layer}.{self.name}"

    @property
    def comment(self) -> str:
        """The table's comment: 中文 | what a row is."""
        return f"{self.title_zh} | {self.row}" if self.title_zh else self.row

    @property
    def calls(self) -> set[str]:
        """The macros its text calls, as schema.name without `_as_of`."""
        return {f"{match['layer']}.{match['name']}" for match in _CALL.finditer(self.body)}


def parse(layer: Layer, name: str, text: str) -> Model:
    """Read one file. Raises ValueError naming what its header lacks."""
    header, body = headers.split(text)
    if not header or not body.strip():
        raise ValueError(f"{layer}/{name}.sql: a header of comments and one select are expected")
    fields: dict[str, str] = {}
    checks: list[Check] = []
    columns: dict[str, str] = {}
    for line in header[1:]:
        if match := _CHECK.fullmatch(line):
            severity: Severity = "fail" if match["severity"] == "fail" else "warn"
            checks.append(Check(match["name"], severity, match["sql"].strip().rstrip(";")))
        elif match := _COLUMN.fullmatch(line):
            columns[match["name"]] = _column_comment(match["text"])
        elif match := _FIELD.fullmatch(line):
            fields[match["name"]] = match["text"].strip()
    grain = _listed(fields.get("grain", ""))
    if not grain or not columns:
        raise ValueError(f"{layer}/{name}.sql: the header lacks {'its grain' if not grain else 'its columns'}")
    return Model(
        layer=layer,
        name=name,
        row=header[0],
        title_zh=fields.get("中文", ""),
        grain=grain,
        reads=_listed(fields.get("reads", "")),
        checks=tuple(checks),
        columns=columns,
        body=body.strip().rstrip(";"),
        is_revised=fields.get("revised", "").strip() == "yes",
        is_log=fields.get("log", "").strip() == "yes",
        is_kept=fields.get("kept", "").strip() == "yes",
    )


def _column_comment(text: str) -> str:
    parts = [part.strip() for part in text.split("; ")]
    return f"{parts[0]} | {'; '.join(parts[1:])}" if len(parts) > 1 else parts[0]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def views() -> list[Model]:
    """What `sql/ops` tells out of the tables of ops: views, which have no past of their own."""
    folder = Path(str(files("warehouse"))) / "sql" / "ops"
    return [parse("ops", path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))]


def view(model: Model) -> list[str]:
    """The statements that make a view and its comments."""
    comments = [f"comment on column {model.table}.{name} is {literal(said)}" for name, said in model.columns.items()]
    return [
        f"create or replace view {model.table} as {model.body}",
        f"comment on view {model.table} is {literal(model.comment)}",
        *comments,
    ]


def load_models(packages: Iterable[str]) -> list[Model]:
    """Every model of ours and of further packages (`sql/core`, `sql/summary` in each), each after those it calls.

    Raises ValueError for a header that lacks something, two files of one name, or files that call each other.
    """
    folders = [Path(str(files("warehouse"))), *(Path(str(files(package))) for package in packages)]
    found: dict[str, Model] = {}
    for folder in folders:
        for layer in ("core", "summary"):
            for path in sorted((folder / "sql" / layer).glob("*.sql")):
                model = parse(layer, path.stem, path.read_text(encoding="utf-8"))
                if model.table in found:
                    raise ValueError(f"{model.table} is made by two files")
                found[model.table] = model
    return _ordered(found)


def _ordered(found: Mapping[str, Model]) -> list[Model]:
    done: dict[str, Model] = {}
    waiting = dict(found)
    while waiting:
        ready = [name for name, model in waiting.items() if not (model.calls & waiting.keys()) - done.keys()]
        if not ready:
            raise ValueError(f"these models call each other: {', '.join(sorted(waiting))}")
        done |= {name: waiting.pop(name) for name in ready}
    return list(done.values())


def usable(warehouse: Warehouse) -> list[Model]:
    """The models whose every table is there; a catalogue of test forms lacks those of ours."""
    there = {f"core.{name}" for name in (*warehouse.catalogue.forms, *RECORDS)}
    chosen = []
    for model in load_models(warehouse.catalogue.packages):
        if model.calls <= there:
            there.add(model.table)
            chosen.append(model)
    return chosen


def macro(model: Model) -> tuple[str, str]:
    """The statements that make a model's as-of macro and its comment."""
    body = model.body.replace("$as_of", "as_of")
    note = f"{model.comment} As it stood at the instant as_of; {AS_OF_NOTE}."
    return (
        f"create or replace macro {model.table}_as_of(as_of) as table {body}",
        f"comment on macro table {model.table}_as_of is {literal(note)}",
    )


def build(warehouse: Warehouse, *, moved: bool = True) -> list[Model]:
    """Make every as-of macro, and every summary table as of the newest instant known. Returns the models in use.

    The plain tables are what the macros give at that instant, made faster: what several of them call is worked out
    once. Where nothing became known or stopped being known since they were made (not `moved`), only those that read
    something without two times are made again. Raises `WarehouseError` where a model's columns are not those its header
    describes.
    """
    models = usable(warehouse)
    make_macros(warehouse, "models", [statement for model in models for statement in macro(model)])
    for statement in (each for v in views() for each in view(v)):
        warehouse.execute(statement)
    at = ledger.newest_instant(warehouse)
    moment = "cast(null as timestamptz)" if at is None else f"timestamptz {literal(at.isoformat())}"
    telling = _telling_of_figures(models)
    stale = models if moved or not revisions.are_of(warehouse, models) else _reading_beside(models)
    with filling(warehouse, moment) as fill:  # how figures went is told of the plain tables where these have them
        fill(model for model in stale if model.table not in telling)
        revisions.keep_up(warehouse, models, at)
        fill(model for model in stale if model.table in telling)
    _drop_abandoned(warehouse, {model.table for model in models})
    return models


def _telling_of_figures(models: Iterable[Model]) -> set[str]:
    """The models that read how figures went, themselves or through others; `models` come after those they call."""
    found: set[str] = set()
    for model in models:
        if "ops.figure_history" in model.reads or model.calls & found:
            found.add(model.table)
    return found


def _reading_beside(models: Iterable[Model]) -> list[Model]:
    """The models that read tables of ops without two times, themselves or through others."""
    found: dict[str, Model] = {}
    for model in models:
        if _BESIDE.search(model.body) or model.calls & found.keys():
            found[model.table] = model
    return list(found.values())


@contextmanager
def filling(warehouse: Warehouse, moment: str) -> Iterator[Callable[[Iterable[Model]], None]]:
    """Make plain tables of summaries as of a moment (an SQL expression), some after others; helpers go afterwards."""
    made: dict[str, str] = {}

    def fill(models: Iterable[Model]) -> None:
        """Make the tables of some models; each comes after what it calls."""
        comments: dict[tuple[str, str], str] = {}
        for model in models:
            made[model.table] = model.table if model.layer == "summary" else f"temp.now_{model.name}"
            kind = "table" if model.layer == "summary" else "temp table"
            warehouse.execute(f"create or replace {kind} {made[model.table]} as {_at_once(model, made, moment)}")
            if model.layer == "summary":
                _check_columns(warehouse, model)
                comments |= {(model.table, name): text for name, text in {"": model.comment, **model.columns}.items()}
        apply_comments(warehouse, comments)

    yield fill
    for name in made.values():
        if name.startswith("temp."):
            warehouse.execute(f"drop table {name}")


def _at_once(model: Model, made: Mapping[str, str], moment: str) -> str:
    """A model's select at one instant, reading what is made already instead of calling its macro."""
    body = _CALL.sub(lambda call: made.get(f"{call['layer']}.{call['name']}", call[0]), model.body)
    return body.replace("$as_of", moment)


def _check_columns(warehouse: Warehouse, model: Model) -> None:
    made = list(warehouse.schema(model.table))
    if made != list(model.columns):
        raise WarehouseError(
            f"sql/{model.layer}/{model.name}.sql",
            f"columns {', '.join(made)}",
            f"the header's {', '.join(model.columns)}",
            "Give each column one `column` line in the header, in the order of the select.",
        )


def _drop_abandoned(warehouse: Warehouse, kept: set[str]) -> None:
    """Drop tables and macros of summaries that no file makes any more."""
    tables = warehouse.frame(
        "select table_name as name from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'summary'"
    )
    for name in tables["name"]:
        if f"summary.{name}" not in kept:
            warehouse.execute(f"drop table summary.{quoted(name)}")
            warehouse.execute(f"drop macro table if exists summary.{quoted(name + '_as_of')}")
