"""Commands about those who send: a blank form to fill in, a check of a file before it goes, and who is late."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.errors import UserError
from flows.settings import DEFAULT_HOME

FAULTS = 1


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(check)
    app.command()(template)
    app.command()(chase)


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Workbooks to check.", show_default=False)],
    marked: Annotated[
        Path | None, typer.Option("--marked", metavar="DIR", help="Write a marked copy of each faulty file here.")
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option("--home", envvar="XINYAN_HOME", help="Judge against what this home knows; it is only read."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> int:
    """Judge files as a night would, before they are sent; nothing is loaded. Exit 1 where something is to be corrected.

    Without a home they are judged by the forms alone, and what needs the register is said to be unchecked.

    Example: xinyan check 9月月报.xlsx --marked 标注
    """
    from flows import checking

    checked = checking.check(files, home, marked)
    told = checking.facts(checked)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for line in checking.lines(checked):
            typer.echo(line)
    return FAULTS if told["faults"] else 0


def template(
    form: Annotated[str, typer.Argument(metavar="FORM", help="A form, by entity name, such as subcommand_monthly.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE.xlsx", help="Where to write; named after the form if not given."),
    ] = None,
    home: Annotated[
        Path | None, typer.Option("--home", envvar="XINYAN_HOME", help="Know the layouts of this home, too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Write a blank form: headers as the office prints them, drop-downs, limits, notes, an example that is not read.

    Example: xinyan template subcommand_monthly -o 月报.xlsx
    """
    from flows.home import look_into
    from flows.layouts import packages_of
    from flows.workers import PACKAGES
    from schemas.forms import load
    from transforms.template import blank_form

    catalogue = load() if home is None else load(packages_of(look_into(home), PACKAGES))
    wanted = catalogue.forms.get(form) or next((each for each in catalogue.forms.values() if each.code == form), None)
    if wanted is None:
        known = ", ".join(catalogue.forms)
        raise UserError("template", f"no form {form!r}", f"one of {known}", "Name one of them.")
    whole = catalogue.forms.get(wanted.part_of or "", wanted)  # a sub-form stands in the form it is part of
    blank = blank_form(whole, catalogue)
    target = Path(f"{whole.code}{whole.title_zh}.xlsx") if output is None else output
    if target.suffix.lower() != ".xlsx":
        raise UserError(
            f"-o {target}", f"ends in {target.suffix!r}", "a name ending in .xlsx", "Correct it and run again."
        )
    try:
        target.write_bytes(blank.data)
    except OSError as error:
        raise UserError(
            f"-o {target}", f"cannot be written ({error.strerror})", "a place this account may write", "Name another."
        ) from None
    facts = {
        "file": str(target),
        "form": whole.entity,
        "form_code": whole.code,
        "layout": blank.plan.layout.id,
        "columns": len(blank.columns),
        "example_row": blank.example_row,
        "first_row": blank.first_row,
    }
    said = f"{target}: {whole.code} {whole.title_zh}, {len(blank.columns)} columns; fill in from row {blank.first_row}."
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else said)


def chase(
    home: Annotated[
        Path, typer.Option("--home", envvar="XINYAN_HOME", help="The home folder.", show_default=str(DEFAULT_HOME))
    ] = DEFAULT_HOME,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """List who to chase (催报) as of the newest release, each with a drafted message.

    Example: xinyan chase --home /srv/xinyan
    """
    from flows import chasing
    from flows.home import look_into
    from transforms.chase import document

    chases, as_of = chasing.of_release(look_into(home))
    if as_json:
        typer.echo(json.dumps(chasing.facts(chases, as_of), ensure_ascii=False, default=str))
    elif as_of is None:
        typer.echo("Nothing was received yet: nobody is late.")
    else:
        typer.echo(document(chases, as_of), nl=False)
