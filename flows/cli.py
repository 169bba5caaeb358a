"""The command line. Exit codes: 0 fine, 1 faults or a late night, 2 wrong use, 3 the run failed."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from flows import sending, sharing
from flows.errors import RUN_FAILED, WRONG_USE, UserError
from flows.facts import plain_json
from flows.settings import DEFAULT_HOME

FAULTS = 1
_ASKED = ("query", "trace", "export")  # what a reader asks of a release: a wrong name there is wrong use

app = typer.Typer(
    name="xinyan",
    help="Spreadsheets of a renovation programme in, a released DuckDB file out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
backfill_app = typer.Typer(
    help="Read files again with today's code and layouts: plan what would change, apply it, take it back.\n\n"
    "Example: xinyan backfill plan --from 2013-01 --to 2013-06 --reason 新版式已复核",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(backfill_app, name="backfill")
sending.register(app)
sharing.register(app)

Place = Annotated[
    Path, typer.Option("--home", envvar="XINYAN_HOME", help="The home folder.", show_default=str(DEFAULT_HOME))
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: errors are one sentence on stderr, never a traceback."""
    leaving: list[int] = []
    atexit.register(_leave, leaving)  # registered first, so called last: Prefect has stopped its server by then
    leaving.append(run(sys.argv[1:] if arguments is None else list(arguments)))
    sys.exit(leaving[0])


def _leave(codes: Sequence[int]) -> None:
    """End here: DuckDB 2.0.0 would print a page about leaked references where an error still holds one (2026-11)."""
    if codes:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(codes[0])


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code."""
    command = typer.main.get_command(app)
    try:
        outcome = command.main(args=list(arguments), prog_name="xinyan", standalone_mode=False)
    except typer.TyperException as error:
        return _complain(error.format_message(), WRONG_USE, _usage(error))
    except (typer.Abort, KeyboardInterrupt):
        return _complain("stopped; run again to go on.", RUN_FAILED)
    except UserError as error:
        return _complain(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _failed(error)
    return outcome if isinstance(outcome, int) else 0


def _failed(error: Exception) -> int:
    from warehouse.errors import WarehouseError  # here: `--help` should not wait for the engines

    if isinstance(error, WarehouseError):
        return _complain(str(error), WRONG_USE if error.where.split()[0] in _ASKED else RUN_FAILED)
    if os.environ.get("XINYAN_TRACEBACK"):
        raise error
    told = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return _complain(f"the run failed ({told}). Set XINYAN_TRACEBACK=1 for the details.", RUN_FAILED)


@app.command()
def sample(
    inbox: Annotated[Path, typer.Argument(help="Folder to write into, made where missing.")],
    year: Annotated[int, typer.Option(help="Programme year.")] = 2013,
    seed: Annotated[int, typer.Option(help="Another seed, another choice of layouts and invented names.")] = 1,
    scale: Annotated[int, typer.Option(min=1, help="How many times the compounds, for load tests.")] = 1,
    faults: Annotated[str, typer.Option(help="all: with the faults people make; none: without.")] = "all",
    home: Annotated[Path | None, typer.Option("--home", help="Home to make, if it is not there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a year of realistic workbooks, in dated folders, as senders would have dropped them.

    Makes the home around an INBOX named "inbox", so that `xinyan nightly` can follow at once.

    Example: xinyan sample xinyan-home/inbox --year 2013 --faults all
    """
    from flows import home as homes
    from flows import sampling

    if faults not in ("all", "none"):
        raise UserError("--faults", repr(faults), "all or none", "Correct it and run again.")
    place = None
    if home is not None or inbox.name == "inbox":
        place = homes.create(home if home is not None else inbox.parent)
    with _progress("Writing workbooks") as advance:
        written = sampling.write(inbox, year, seed, scale, faults == "all", advance)
    if place is not None:
        sampling.mark(place, year, seed, scale)
    _say(as_json, {"inbox": str(inbox), **written}, f"{written['files']} workbooks in {inbox}.")


@app.command()
def nightly(
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="INSTANT", help="Play only dated folders up to this day.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="The same steps without Prefect.")] = False,
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Run one night now: read what arrived, judge it, load it, release it.

    Runs as a Prefect flow, on the configured server or a temporary one, unless --plain.

    Example: xinyan nightly --as-of 2014-01-03
    """
    if plain:
        from flows.night import begin, one_night

        with begin(home, as_of) as night, _progress("Reading") as advance:
            summary = one_night(night, progress=advance)
    else:
        from flows import engine
        from flows.home import enter

        engine.prepare(enter(home))
        from flows.nightly import nightly as flow

        engine.spare_the_terminal()
        summary = flow(home=str(home), as_of=as_of)
    _say(as_json, summary.facts, summary.headline)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port of the Prefect server, where none is configured.")] = 4200,
    home: Place = DEFAULT_HOME,
) -> None:
    """Run the night on its schedule, and offer it and the backfill in the Prefect UI. Stop with Ctrl-C.

    Example: xinyan serve --home /srv/xinyan
    """
    from flows import serve as serving
    from flows.home import enter

    serving.run(enter(home), port, lambda line: typer.echo(line))


@app.command()
def share(
    host: Annotated[
        str, typer.Option(help="Name to listen on; beyond this machine, behind a TLS proxy.")
    ] = "localhost",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 9494,
    home: Place = DEFAULT_HOME,
) -> None:
    """Serve the newest release to DuckDB clients, read-only, behind the token in XINYAN_TOKEN (else one is made).

    Needs DuckDB's extensions httpfs and quack, installed for the version in use; nothing is downloaded.
    Clients: attach 'quack:localhost' as release (token '…'); from release.query('from summary.target_attainment');

    Example: xinyan share --home /srv/xinyan --port 9494
    """
    from flows import share as shares
    from flows.home import enter

    shares.run(enter(home), host, port, os.environ.get("XINYAN_TOKEN", ""), lambda line: typer.echo(line))


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="FILE|SUBMISSION", help="A path, a sha256, or a report's id.")],
    propose: Annotated[
        bool, typer.Option("--propose", help="Print a layout for each sheet whose headers changed; nothing reads it.")
    ] = False,
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Say what was read from a file, what each cell became, what was refused and why.

    Example: xinyan explain xinyan-home/inbox/2014-01-02/03标段进度表.xlsx
    """
    from flows import explaining
    from flows.home import look_into

    if propose:
        proposed = explaining.propose(look_into(home), what)
        _say(as_json, proposed, "\n".join(explaining.proposal_lines(proposed)))
        return
    told = explaining.explain(look_into(home), what)
    _say(as_json, told, "\n".join(explaining.lines(told)))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One query on ops, core or summary.")],
    release: Annotated[int | None, typer.Option(help="Number of a kept release; the newest if not given.")] = None,
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Ask the newest release, read-only.

    Example: xinyan query "from summary.target_attainment"
    """
    from flows.home import look_into
    from warehouse import reading

    found = reading.query(reading.released_path(look_into(home).releases, release), sql)
    if as_json:
        typer.echo(plain_json(found.to_dicts()))
        return
    _show(found.columns, [[_cell(value) for value in row] for row in found.iter_rows()])


@app.command()
def trace(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A summary, without its schema.")],
    names: Annotated[list[str], typer.Argument(metavar="KEY=VALUE… COLUMN", help="The row's key, then the column.")],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="INSTANT", help="As it was known then.")] = None,
    release: Annotated[int | None, typer.Option(help="Number of a kept release; the newest if not given.")] = None,
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """List the cells behind one figure: file, sheet, address, raw text, value used. They recompute to the figure.

    Corrections, and names read as another, stand beside their cells. KEY= with nothing after it is a part of the key
    that is empty, such as street_id= of a meeting of the district.

    Example: xinyan trace target_attainment plan_year=2013 completed_area_m2
    """
    from flows import tracing
    from flows.home import look_into

    told = tracing.trace(look_into(home), table, names, as_of, release)
    if as_json:
        typer.echo(plain_json(told))
        return
    typer.echo(tracing.headline(told))
    shown = ("role", "amount", "file", "sheet", "address", "raw", "value")
    shown += tuple(name for name in ("correction", "names") if any(cell.get(name) for cell in told["cells"]))
    _show(shown, [[_cell(cell[name]) for name in shown] for cell in told["cells"]])


@app.command()
def report(
    folder: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder to write into; else the home's own."),
    ] = None,
    release: Annotated[int | None, typer.Option(help="Number of a kept release; the newest if not given.")] = None,
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Write the HTML report of a release: open its index.html in any browser, no network needed.

    Example: xinyan report -o /tmp/report
    """
    from flows import reporting
    from flows.home import look_into

    written = reporting.write(look_into(home), folder, release)
    _say(as_json, written, f"{written['pages']} pages; open {written['index']}")


@app.command()
def dictionary(
    form: Annotated[
        str, typer.Option("--format", help="markdown, or html: one page that needs nothing else.")
    ] = "markdown",
    home: Place = DEFAULT_HOME,
) -> None:
    """Print the data dictionary of the newest release: every table and column, with unit and meaning.

    Example: xinyan dictionary > dictionary.md
    """
    from flows.home import look_into
    from warehouse import dictionary as generated
    from warehouse import reading

    if form not in ("markdown", "html"):
        raise UserError("--format", repr(form), "markdown or html", "Correct it and run again.")
    with reading.Reader(reading.released_path(look_into(home).releases)) as release:
        told = generated.dictionary(release)
    typer.echo(generated.as_html(told) if form == "html" else told, nl=False)


@app.command()
def names(home: Place = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """List the names nobody knows, with the alias to paste for each; rows that use them wait in quarantine.

    Example: xinyan names > names.toml
    """
    from flows import naming
    from flows.home import look_into
    from warehouse import reading

    found = naming.unknown_names(reading.released_path(look_into(home).releases))
    if as_json:
        typer.echo(plain_json(found))
        return
    typer.echo("\n".join(naming.lines(found)))


@app.command()
def status(home: Place = DEFAULT_HOME, as_json: AsJson = False) -> int:
    """Show the newest release, the last night, the settings in force; exit 1 where a night failed or is overdue.

    Example: xinyan status --json
    """
    from flows import standing
    from flows.home import look_into

    told = standing.status(look_into(home))
    _say(as_json, told, "\n".join(standing.lines(told)))
    return FAULTS if told["problems"] else 0


@app.command()
def diff(
    before: Annotated[int, typer.Argument(metavar="RELEASE", help="Number of a kept release.")],
    after: Annotated[int, typer.Argument(metavar="RELEASE", help="Number of another, usually the later one.")],
    table: Annotated[str | None, typer.Option(help="Only this summary, without its schema.")] = None,
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """List every published number that moved between two releases, and which reports moved it.

    Example: xinyan diff 41 42
    """
    from flows import diffing
    from flows.home import look_into

    told = diffing.diff(look_into(home), before, after, table)
    _say(as_json, told, "\n".join(diffing.lines(told)))


@app.command()
def rebuild(home: Place = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """Make a lost or damaged warehouse again from archive and reference, at the instants everything was known.

    Releases are not touched, and nothing is published. What was there is kept beside it.

    Example: xinyan rebuild --home /srv/xinyan
    """
    from flows import rebuilding
    from flows.home import enter

    with _progress("Reading") as advance:
        told = rebuilding.rebuild(enter(home), advance)
    _say(as_json, told, "\n".join(rebuilding.rebuild_lines(told)))


@app.command()
def verify(home: Place = DEFAULT_HOME, as_json: AsJson = False) -> int:
    """Make the warehouse again in a temporary place, and compare with every release made by this code; exit 1 if not.

    Of releases made by another version of the program only the file is checked. The home is not changed.

    Example: xinyan verify --json
    """
    from flows import rebuilding
    from flows.home import look_into

    with _progress("Reading") as advance:
        told = rebuilding.verify(look_into(home), advance)
    _say(as_json, told, "\n".join(rebuilding.verify_lines(told)))
    return FAULTS if told["wrong"] else 0


@backfill_app.command("plan")
def backfill_plan(
    reason: Annotated[str, typer.Option(help="Why; kept with the plan.")],
    first: Annotated[str | None, typer.Option("--from", metavar="MONTH", help="First period, such as 2013-01.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="MONTH", help="Last period, such as 2013-06.")] = None,
    form: Annotated[str | None, typer.Option(help="Only this form, by entity name.")] = None,
    filer: Annotated[str | None, typer.Option(help="Only this filer, by id.")] = None,
    file: Annotated[
        list[str] | None, typer.Option(help="Only this file, by path as received or sha256; may be given again.")
    ] = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only files that today's layouts, rules or code read otherwise.")
    ] = False,
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Read files of the archive again in a shadow copy, and print every published number that would change.

    Example: xinyan backfill plan --from 2013-01 --to 2013-06 --reason "新版式已复核"
    """
    from flows import backfilling
    from flows.home import enter

    scope = backfilling.Scope.parse(first, last, form, filer, file or (), changed)
    with _progress("Reading again") as advance:
        told = backfilling.plan(enter(home), scope, reason, advance, stage=advance.begin)
    _say(as_json, told, "\n".join(backfilling.lines(told)))


@backfill_app.command("apply")
def backfill_apply(
    plan_id: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id, as `plan` printed it.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Carry out a plan, as long as the warehouse is what it was when the plan was made.

    Example: xinyan backfill apply 3f2a91c0 --reason "新版式已复核"
    """
    from flows import backfilling
    from flows.home import enter

    with _progress("Reading again") as advance:
        told = backfilling.apply(enter(home), plan_id, reason, advance, stage=advance.begin)
    _say(as_json, told, "\n".join(backfilling.lines(told)))


@backfill_app.command("undo")
def backfill_undo(
    plan_id: Annotated[str, typer.Argument(metavar="PLAN", help="The plan that was applied.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
    home: Place = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Take back what a plan changed, as long as nothing else was loaded or restated since; the history keeps both.

    Example: xinyan backfill undo 3f2a91c0 --reason "版式有误"
    """
    from flows import backfilling
    from flows.home import enter

    told = backfilling.undo(enter(home), plan_id, reason)
    _say(as_json, told, "\n".join(backfilling.lines(told)))


def _say(as_json: bool, facts: dict[str, Any], text: str) -> None:
    typer.echo(plain_json(facts) if as_json else text)


def _show(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    console = Console()
    if not console.is_terminal:
        typer.echo("\t".join(columns))
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)


class _Bar:
    """Progress on a terminal; `begin` says what comes next, where nothing can be counted."""

    def __init__(self, progress: Progress, doing: str) -> None:
        self._progress, self._task = progress, progress.add_task(doing, total=None)

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)

    def begin(self, doing: str) -> None:
        self._progress.reset(self._task, total=None, description=doing)


class _Lines:
    """Progress where nobody watches: a plain line per tenth, and per thing begun."""

    def __init__(self, doing: str) -> None:
        self._doing, self._told = doing, -1

    def __call__(self, done: int, total: int) -> None:
        tenth = 10 * done // total if total else 10
        if tenth > self._told:
            self._told = tenth
            typer.echo(f"{self._doing}: {done} of {total}", err=True)

    def begin(self, doing: str) -> None:
        self._doing, self._told = doing, -1
        typer.echo(f"{doing} ...", err=True)


@contextmanager
def _progress(doing: str) -> Iterator[_Bar | _Lines]:
    """A bar on a terminal; elsewhere a plain line now and then. Both on stderr, so that output stays clean."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(doing)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, doing)


def _complain(message: str, code: int, hint: str = "") -> int:
    typer.echo(message if message.startswith("Usage:") else f"xinyan: {message}{hint}", err=True)
    return code


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return "" if context is None else f"\nTry `{context.command_path} --help`."


if __name__ == "__main__":
    main()
