"""The cells behind each figure: one file `sql/trace/X.sql` per summary becomes `trace.X_as_of(as_of)`.

Its header says, figure by figure, which cells of core rows make it up; its body ends in `from RELATION`, the relation
the figures are taken from where they name no other:

    -- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
    --   because contractor_progress.actual_start by report_row_id
    -- figure started_buildings: count building_id of contractor_progress.actual_start by report_row_id where is_started
    -- figure completion_ratio: completed_area_m2 / target_area_m2

`sum`, `median`, `min`, `max` and `value` take an amount per row, which is the cell's own where none is written before
`of`; `count` takes the thing counted, once however many cells speak for it. `because` names cells that decided, but
were not added. A figure made of others lists the cells of both.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.forms import Catalogue, Form
from warehouse import headers
from warehouse.connection import literal, quoted
from warehouse.ddl import AS_OF_NOTE

if TYPE_CHECKING:
    from warehouse.models import Model

KINDS = ("sum", "count", "median", "min", "max", "value")

_FIGURE = re.compile(r"figure (?P<name>\w+): (?P<text>.+)", re.DOTALL)
_TERM = re.compile(
    r"(?P<kind>\w+)(?: (?P<amount>.+?))?? of (?P<cell>\w+\.\w+) by (?P<row>\w+)(?: from (?P<relation>\w+))?"
    r"(?: where (?P<condition>.+?))?(?: because (?P<because>.+))?"
)
_FORMULA = re.compile(r"(?:(?P<factor>[\d.]+) \* |(?P<rest>1 - ))?(?P<left>\w+) (?P<sign>[/-]) (?P<right>\w+)")
_CELL = re.compile(r"(?P<cell>\w+\.\w+) by (?P<row>\w+)")

# What a macro of trace gives after the summary's grain.
COLUMNS: Mapping[str, str] = {
    "figure": "数字所在列 | summary column the cell belongs to",
    "role": "作用 | term: added up, deducted; counted; numerator, denominator; evidence: decided only",
    "counted": "所计对象 | the thing counted, where things are counted",
    "amount": "计入数 | what the cell adds to the figure, in the figure's unit",
    "entity": "数据表 | core table of the row",
    "column_name": "数据列 | column of the cell",
    "file": "文件 | path the file came under",
    "sheet": "工作表 | sheet",
    "address": "单元格 | A1 address",
    "raw": "原文 | text of the cell as received",
    "value": "取值 | value used",
    "correction": "更正 | reviewed correction that made the value; empty where it is as read",
    "submission_id": "报表 | report the cell belongs to",
    "row_id": "行 | core row",
    "known_from": "知悉时间 | since when the row is known",
}
_OWN = ("figure", "role", "counted", "amount", "entity", "column_name", "row_id")


@dataclass(frozen=True)
class Term:
    """Cells that make up a figure: `amount` (or the thing counted) per row of `relation`, and where each stands."""

    kind: str
    amount: str
    cell: str
    row: str
    relation: str
    condition: str
    because: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Formula:
    """A figure made of two others: factor × left / right, 1 − left / right, or left − right."""

    left: str
    sign: str
    right: str
    factor: str = "1"
    complement: bool = False


@dataclass(frozen=True)
class Tracing:
    """One file: the summary it explains, its relations, and per figure its terms or its formula."""

    name: str
    body: str
    figures: Mapping[str, tuple[Term, ...] | Formula]

    @property
    def shown(self) -> list[str]:
        """The figures that are columns of the summary."""
        return [name for name in self.figures if not name.startswith("_")]

    @property
    def entities(self) -> dict[str, list[str]]:
        """Core tables the cells stand in, each with its columns."""
        found: dict[str, set[str]] = {}
        for terms in self.figures.values():
            for term in () if isinstance(terms, Formula) else terms:
                for cell in (term.cell, *(cell for cell, _ in term.because)):
                    entity, column = cell.split(".")
                    found.setdefault(entity, set()).add(column)
        return {entity: sorted(found[entity]) for entity in sorted(found)}


def parse(name: str, text: str) -> Tracing:
    """Read one file. Raises ValueError naming the line that cannot be read."""
    header, body = headers.split(text)
    relations, _, relation = body.strip().rstrip(";").rpartition("\nfrom ")
    if not relations or not re.fullmatch(r"\w+", relation):
        raise ValueError(f"trace/{name}.sql: the body ends in a line `from RELATION`")
    figures: dict[str, tuple[Term, ...] | Formula] = {}
    for line in header[1:]:
        if match := _FIGURE.fullmatch(line):
            read = _read(name, " ".join(match["text"].split()), relation)
            before = figures.get(match["name"], ())
            if isinstance(read, Formula) or isinstance(before, Formula):
                figures[match["name"]] = read if isinstance(read, Formula) else (read,)
            else:
                figures[match["name"]] = (*before, read)
    for figure, made in figures.items():
        for part in (made.left, made.right) if isinstance(made, Formula) else ():
            if not isinstance(figures.get(part), tuple):
                raise ValueError(f"trace/{name}.sql: {figure} is made of {part}, which is no figure with cells")
    return Tracing(name, relations, figures)


def _read(name: str, text: str, relation: str) -> Term | Formula:
    if match := _FORMULA.fullmatch(text):
        return Formula(match["left"], match["sign"], match["right"], match["factor"] or "1", bool(match["rest"]))
    match = _TERM.fullmatch(text)
    if match is None or match["kind"] not in KINDS or (match["kind"] == "count" and not match["amount"]):
        raise ValueError(f"trace/{name}.sql: not a figure: {text}")
    because = []
    for part in (match["because"] or "").split(", "):
        cell = _CELL.fullmatch(part)
        if part and cell is None:
            raise ValueError(f"trace/{name}.sql: not a cell: {part}")
        because += [(cell["cell"], cell["row"])] if cell else []
    return Term(
        kind=match["kind"],
        amount=match["amount"] or ("" if match["kind"] == "value" else match["cell"].split(".")[1]),
        cell=match["cell"],
        row=match["row"],
        relation=match["relation"] or relation,
        condition=match["condition"] or "true",
        because=tuple(because),
    )


def load_tracings(packages: Iterable[str]) -> dict[str, Tracing]:
    """Every file of `sql/trace`, ours and of further packages, by the summary it explains."""
    folders = [Path(str(files("warehouse"))), *(Path(str(files(package))) for package in packages)]
    return {
        path.stem: parse(path.stem, path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((folder / "sql" / "trace").glob("*.sql"))
    }


def statements(catalogue: Catalogue, models: Iterable[Model], at: dt.datetime | None) -> list[str]:
    """The statements that make `trace.X_as_of` of each of these, `trace(…)` as of `at`, and `trace_as_of(…)`."""
    forms = catalogue.forms
    summaries = {model.name: model for model in models if model.layer == "summary"}
    made = ["create schema if not exists trace"]
    for name, tracing in load_tracings(catalogue.packages).items():
        if name in summaries and tracing.entities.keys() <= forms.keys():
            made += _macro(tracing, summaries[name], forms)
    return made + _functions(at)


def _macro(tracing: Tracing, model: Model, forms: Mapping[str, Form]) -> list[str]:
    terms = " union all ".join(
        select for figure in tracing.shown for select in _selects(tracing, figure, list(model.grain))
    )
    placed = " union all ".join(
        _placed(entity, columns, forms[entity], list(model.grain)) for entity, columns in tracing.entities.items()
    )
    body = f"{tracing.body},\n_terms as ({terms})\n{placed}".replace("$as_of", "as_of")
    note = f"{model.title_zh}溯源 | The cells behind every figure of {model.table}, as it stood at as_of; {AS_OF_NOTE}."
    return [
        f"create or replace macro trace.{tracing.name}_as_of(as_of) as table {body}",
        f"comment on macro table trace.{tracing.name}_as_of is {literal(note)}",
    ]


def _selects(tracing: Tracing, figure: str, grain: Sequence[str]) -> list[str]:
    made = tracing.figures[figure]
    if isinstance(made, tuple):
        return [select for term in made for select in _term(term, figure, grain)]
    left, right = tracing.figures[made.left], tracing.figures[made.right]
    assert isinstance(left, tuple) and isinstance(right, tuple)
    roles = ("term", "deducted") if made.sign == "-" else ("numerator", "denominator")
    return [
        *(select for term in left for select in _term(term, figure, grain, roles[0])),
        *(select for term in right for select in _term(term, figure, grain, roles[1])),
    ]


def _term(term: Term, figure: str, grain: Sequence[str], role: str | None = None) -> list[str]:
    """One select for the cells added or counted, one per kind of cell that decided."""
    counted = term.kind == "count"
    amount = f"cast({'null' if counted else term.amount or 'null'} as decimal(28, 10))"
    thing = f"cast({term.amount} as varchar)" if counted else "cast(null as varchar)"
    cells = [(term.cell, term.row, role or ("counted" if counted else "term"))]
    cells += [(cell, row, "evidence") for cell, row in term.because]
    found = []
    for cell, row, part in cells:
        entity, column = cell.split(".")
        added = amount if part != "evidence" else "cast(null as decimal(28, 10))"
        found.append(
            f"select distinct {', '.join(grain)}, {literal(figure)} as figure, {literal(part)} as role,"
            f" {thing if part != 'evidence' or counted else 'cast(null as varchar)'} as counted, {added} as amount,"
            f" {literal(entity)} as entity, {row} as row_id, {literal(column)} as column_name"
            f" from {term.relation} where ({term.condition}) and {row} is not null"
        )
    return found


def _placed(entity: str, columns: Sequence[str], form: Form, grain: Sequence[str]) -> str:
    """Put the terms that stand in one core table beside their rows: file, sheet, address, raw text, value used."""
    owner = {stored: column.name for column in form.columns for stored in column.stored}
    shown = {column.name for column in form.columns if column.sensitivity == "open"}

    def chosen(expression: str) -> str:
        cases = [
            f"when {literal(name)} then {expression.format(cell=quoted(own), column=quoted(name), name=literal(own))}"
            for name in columns
            if (own := owner.get(name, name)) in shown
        ]
        return f"case term.column_name {' '.join(cases)} end" if cases else "cast(null as varchar)"

    value = chosen("cast(line.{column} as varchar)")
    correction = chosen("list_filter(line.corrections, lambda c: c.column_name = {name})[1].correction")
    # A row about several buildings stands once for each of them, with the same cells.
    return (
        f"select distinct {', '.join(f'term.{name}' for name in grain)},"
        " term.figure, term.role, term.counted,"
        " case when term.counted is null and term.role <> 'evidence'"
        f" then coalesce(term.amount, try_cast({value} as decimal(28, 10))) end as amount,"
        " term.entity, term.column_name,"
        " file.path as file, line.sheet_name as sheet,"
        f" {chosen('line.addresses.{cell}')} as address, {chosen('line.raw.{cell}')} as raw,"
        f" {value} as value, {correction} as correction,"
        " line.submission_id, term.row_id, line.known_from"
        f" from _terms as term inner join core.{entity}_as_of(as_of) as line on line.row_id = term.row_id"
        " left join ops.files as file on file.file_id = line.file_id"
        f" where term.entity = {literal(entity)}"
    )


def _functions(at: dt.datetime | None) -> list[str]:
    """`trace(table, key, column)`: a name chooses the macro, so its text is put together when it is called."""
    moment = "null::timestamptz" if at is None else f"timestamptz '{at.isoformat()}'"
    shown = ", ".join(COLUMNS)
    keys = (
        "array_to_string(list_transform(json_keys(to_json(key)), lambda k: ' and cast(\"' || k || '\" as varchar)"
        " is not distinct from ' || coalesce('''' || replace(json_extract_string(to_json(key), '$.\"' || k || '\"'),"
        " '''', '''''') || '''', 'null')), '')"
    )

    def call(at: str) -> str:
        chosen = f"'select {shown} from trace.' || table_name || '_as_of(' || {at} || ') where figure = '''"
        order = "' order by role = ''evidence'', file, sheet, row_id, column_name'"
        return f"table select * from query({chosen} || column_name || '''' || {keys} || {order})"

    asked = "'timestamptz ''' || cast(as_of as varchar) || ''''"
    note = (
        "数字溯源 | The cells behind one figure: trace('target_attainment', {'plan_year': 2013}, 'completed_area_m2')"
    )
    later = f"{note[:-1]}, timestamptz '…'), as known at that instant"
    return [
        f"create or replace macro main.trace(table_name, key, column_name) as {call(literal(moment))}",
        f"create or replace macro main.trace_as_of(table_name, key, column_name, as_of) as {call(asked)}",
        f"comment on macro table main.trace is {literal(note)}",
        f"comment on macro table main.trace_as_of is {literal(later)}",
    ]


def recomputed(tracing: Tracing, model: Model) -> str:
    """A select that works every figure out again from its cells: the grain, figure and `recomputed`, as of `$as_of`."""
    grain = ", ".join(model.grain)
    parts = []
    for figure in tracing.shown:
        made = tracing.figures[figure]
        parts.append(
            f"select {grain}, figure, cast({_again(tracing, made)} as decimal(28, 10)) as recomputed"
            f" from cells where figure = {literal(figure)} group by {grain}, figure"
        )
    return (
        f"with cells as (select distinct on ({grain}, figure, role, counted, entity, row_id, column_name) *"
        f" from trace.{tracing.name}_as_of($as_of)) {' union all '.join(parts)}"
    )


def _again(tracing: Tracing, made: tuple[Term, ...] | Formula) -> str:
    if isinstance(made, tuple):
        return _worked(made[0].kind, "role <> 'evidence'")
    left, right = tracing.figures[made.left], tracing.figures[made.right]
    assert isinstance(left, tuple) and isinstance(right, tuple)
    if made.sign == "-":
        kept, deducted = _worked(left[0].kind, "role = 'term'"), _worked(right[0].kind, "role = 'deducted'")
        return f"coalesce({kept}, 0) - coalesce({deducted}, 0)"
    over = _worked(left[0].kind, "role = 'numerator'")
    under = _worked(right[0].kind, "role = 'denominator'")
    ratio = f"{made.factor} * coalesce({over}, 0) / nullif({under}, 0)"
    return f"1 - {ratio}" if made.complement else ratio


def _worked(kind: str, cells: str) -> str:
    match kind:
        case "count":
            return f"cast(count(distinct counted) filter (where {cells}) as decimal(28, 10))"
        case "value":
            return f"any_value(amount) filter (where {cells})"
    return f"{kind}(amount) filter (where {cells})"
