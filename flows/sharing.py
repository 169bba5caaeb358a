"""Commands for those who take figures elsewhere: a table as a file."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from flows.errors import UserError
from flows.settings import DEFAULT_HOME, ZONE

_KINDS = (".xlsx", ".csv", ".parquet")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(export)


def export(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="A table of the release; without a schema, one of summary.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="A name ending in .xlsx, .csv or .parquet.")
    ],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="INSTANT", help="As it was known then.")] = None,
    release: Annotated[int | None, typer.Option(help="Number of a kept release; the newest if not given.")] = None,
    home: Annotated[
        Path, typer.Option("--home", envvar="XINYAN_HOME", help="The home folder.", show_default=str(DEFAULT_HOME))
    ] = DEFAULT_HOME,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Write a table as an Excel workbook (Chinese headers, 万㎡, %), a CSV for Excel, or Parquet for R and Python.

    Example: xinyan export street_ranking -o 街道排名.xlsx
    """
    from flows.home import look_into
    from transforms import export as exporting
    from warehouse import reading

    kind = output.suffix.lower()
    if kind not in _KINDS:
        raise UserError(
            f"-o {output}", f"ends in {kind!r}", f"a name ending in {', '.join(_KINDS)}", "Correct it and run again."
        )
    moment = None if as_of is None else _instant(as_of)
    found = reading.table(reading.released_path(look_into(home).releases, release), table, moment)
    if kind == ".xlsx" and found.frame.height > exporting.MOST_ROWS:
        raise UserError(
            f"export {table}", f"{found.frame.height} rows", f"at most {exporting.MOST_ROWS}", "Write .csv or .parquet."
        )
    columns = [exporting.Shown(*described) for described in found.columns]
    about = [("表", found.name), ("内容", found.comment), ("发布", str(found.release_no)), ("时点", as_of or "最新")]
    match kind:
        case ".xlsx":
            data = exporting.as_workbook(found.frame, columns, found.name.rpartition(".")[2], about)
        case ".csv":
            data = exporting.as_csv(found.frame, columns)
        case _:
            data = exporting.as_parquet(found.frame)
    _put(output, data)
    facts = {"file": str(output), "table": found.name, "rows": found.frame.height, "release": found.release_no}
    said = f"{output}: {found.frame.height} rows of {found.name}, release {found.release_no}."
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else said)


def _instant(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            "--as-of", f"{text!r} is no instant", "such as 2014-01-03 or 2014-01-03T12:00", "Correct it and run again."
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZONE)


def _put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(
            f"-o {path}", f"cannot be written ({error.strerror})", "a place this account may write", "Name another."
        ) from None
