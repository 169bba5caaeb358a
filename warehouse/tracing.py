"""The cells behind each figure: one file `sql/trace/X.sql` per summary becomes `trace.X_as_of(as_of)`.

Its header says, figure by figure, which cells of core rows make it up; its body ends in `from RELATION`, the relation
the figures are taken from where they name no other:

    -- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
    --   because contractor_progress.actual_start by report_row_id
    -- figure started_buildings: count building_id of contractor_progress.actual_start by report_row_id where is_started
    -- figure completion_ratio: completed_area_m2 / target_area_m2
    -- figure saving_ratio: (control_price_yuan - win_price_yuan) / control_price_yuan

`sum`, `median`, `min`, `max` and `value` take an amount per row, which is the cell's own where none is written before
`of`; `count` takes the thing counted, once however many cells speak for it. `because` names cells that decided, but
were not added. Where a row's measure says which of its cells it is, several are named, and the relation's `column_name`
chooses: `of district_return.(started_area_cum_m2, completed_area_cum_m2) by row_id`.

A figure made of others is their formula (numbers, + - * /, brackets), and lists the cells of all of them under `part`.
Parts whose names begin with _ are no columns of the summary. In a formula a sum or count of no cell is 0; any other
part without a cell is not known.

Summaries about the pipeline itself are made of reports, findings, waiting rows, settings: `SOURCES` says where these
stand. They have an address where one is meant, and no raw text.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from schemas.forms import Catalogue, Form
from warehouse import headers
from warehouse.connection import literal, quoted
from warehouse.ddl import AS_OF_NOTE
from warehouse.models import Model, macro

KINDS = ("sum", "count", "median", "min", "max", "value")

_FIGURE = re.compile(r"figure (?P<name>\w+): (?P<text>.+)", re.DOTALL)
_COLUMNS = r"\w+\.(?:\w+|\(\w+(?:, \w+)*\))"
_TERM = re.compile(
    rf"(?P<kind>\w+)(?: (?P<amount>.+?))?? of (?P<cell>{_COLUMNS}) by (?P<row>\w+)(?: from (?P<relation>\w+))?"
    r"(?: where (?P<condition>.+?))?(?: because (?P<because>.+))?"
)
_CELL = re.compile(rf"(?P<cell>{_COLUMNS}) by (?P<row>\w+)")
_SIGNS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}

# What a macro of trace gives after the summary's grain; a part of the grain that has one of these names is `of_NAME`.
COLUMNS: Mapping[str, str] = {
    "figure": "数字所在列 | summary column the cell belongs to",
    "part": "组成部分 | figure of its formula the cell belongs to; the figure itself where it has no formula",
    "role": "作用 | term: added up, deducted; counted; numerator, denominator; evidence: decided only",
    "counted": "所计对象 | the thing counted, where things are counted",
    "amount": "计入数 | what the cell adds to the figure, in the figure's unit",
    "entity": "数据表 | core table of the row; findings and quarantine stand in ops",
    "column_name": "数据列 | column of the cell",
    "file": "文件 | path the file came under",
    "sheet": "工作表 | sheet",
    "address": "单元格 | A1 address",
    "raw": "原文 | text of the cell as received",
    "value": "取值 | value used",
    "correction": "更正 | reviewed correction that made the value; empty where it is as read",
    "names": "名称认定 | names in the row that were read as another, by an alias or a known writing: as written → id",
    "submission_id": "报表 | report the cell belongs to",
    "row_id": "行 | core row",
    "known_from": "知悉时间 | since when the row is known",
}


@dataclass(frozen=True)
class Term:
    """Cells that make up a figure: `amount` (or the thing counted) per row of `relation`, and where each stands.

    An empty amount is the cell's own value.
    """

    kind: str
    amount: str
    cell: str
    row: str
    relation: str
    condition: str
    because: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Formula:
    """A figure made of others by arithmetic, and each part of it with the role it has in it."""

    text: str

    @property
    def tree(self) -> ast.expr:
        """The formula as an expression. Raises SyntaxError where it is none."""
        return ast.parse(self.text, mode="eval").body

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Names with their roles, in order. Raises ValueError for anything but names, numbers and + - * /."""
        return list(dict.fromkeys(_roles(self.tree)))

    def sql(self, worked: Mapping[str, str]) -> str:
        """The formula over an expression per part."""
        return _worked_out(self.tree, worked)


def _roles(node: ast.expr, role: str = "term") -> list[tuple[str, str]]:
    match node:
        case ast.Name(id=name):
            return [(name, role)]
        case ast.Constant(value=int() | float()):
            return []
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            over, under = (role, role) if role in ("numerator", "denominator") else ("numerator", "denominator")
            return _roles(left, over) + _roles(right, under)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _roles(left, role) + _roles(right, "deducted" if role == "term" else role)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            return _roles(left, role) + _roles(right, role)
    raise ValueError(ast.unparse(node))


def _worked_out(node: ast.expr, worked: Mapping[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return worked[name]
        case ast.Constant(value=number):
            return str(number)
        case ast.BinOp(left=left, op=op, right=right):
            after = _worked_out(right, worked)
            after = f"nullif({after}, 0)" if isinstance(op, ast.Div) else after
            return f"({_worked_out(left, worked)} {_SIGNS[type(op)]} {after})"
    raise ValueError(ast.unparse(node))


@dataclass(frozen=True)
class Source:
    """Rows that no form fills: the table as of an instant, and expressions over its `line` for what is told of one."""

    table: str
    key: str = "line.row_id"
    file: str = "cast(null as varchar)"
    sheet: str = "cast(null as varchar)"
    address: str = "cast(null as varchar)"
    submission: str = "cast(null as varchar)"
    known_from: str = "line.known_from"


SOURCES: Mapping[str, Source] = {
    "findings": Source(
        "ops.findings_as_of(as_of)",
        key="line.finding_id",
        file="line.file",
        sheet="line.sheet",
        address="line.address",
        submission="line.submission_id",
    ),
    "quarantine": Source(
        "(select held.*, file.path from ops.quarantine_as_of(as_of) as held"
        " left join ops.files as file on file.file_id = held.file_id)",
        key="concat(line.row_id, ' ', line.code)",
        file="line.path",
        sheet="line.sheet_name",
        address="line.address",
        submission="line.submission_id",
    ),
    "reports": Source(
        "(select report.*, file.path, array_to_string(submission.sheet_names, '、') as sheet"
        " from core.reports_as_of(as_of) as report"
        " left join ops.submissions as submission on submission.submission_id = report.row_id"
        " left join ops.files as file on file.file_id = submission.file_id)",
        file="line.path",
        sheet="line.sheet",
        submission="line.row_id",
    ),
    "expected_reports": Source("core.expected_reports_as_of(as_of)"),
    "settings": Source("core.settings_as_of(as_of)"),
    "figure_history": Source(
        "ops.figure_history",
        key="concat_ws(' ', line.table_name, line.key, line.column_name, epoch_us(line.known_from))",
    ),
    "code_names": Source(
        "core.code_names", key="concat(line.code_list, ' ', line.code)", known_from="cast(null as timestamptz)"
    ),
}
"""What summaries count beside the cells of forms, by the name trace files call it."""


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
        """Tables the cells stand in, each with its columns."""
        found: dict[str, set[str]] = {}
        for terms in self.figures.values():
            for term in () if isinstance(terms, Formula) else terms:
                for cell in (term.cell, *(cell for cell, _ in term.because)):
                    entity, columns = _named(cell)
                    found.setdefault(entity, set()).update(columns)
        return {entity: sorted(found[entity]) for entity in sorted(found)}

    def parts(self, figure: str) -> list[tuple[str, str | None, tuple[Term, ...]]]:
        """Each part of a figure: its name, its role where a formula gives it one, its cells."""
        made = self.figures[figure]
        if not isinstance(made, Formula):
            return [(figure, None, made)]
        return [(part, role, self._terms(part)) for part, role in made.parts]

    def _terms(self, part: str) -> tuple[Term, ...]:
        terms = self.figures[part]
        assert not isinstance(terms, Formula)
        return terms


def _named(cell: str) -> tuple[str, list[str]]:
    """The entity of a cell, and its column, or the columns `column_name` chooses from."""
    entity, columns = cell.split(".")
    return entity, columns.strip("()").split(", ")


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
        for part, _ in made.parts if isinstance(made, Formula) else ():
            if not isinstance(figures.get(part), tuple):
                raise ValueError(f"trace/{name}.sql: {figure} is made of {part}, which is no figure with cells")
    return Tracing(name, relations, figures)


def _read(name: str, text: str, relation: str) -> Term | Formula:
    match = _TERM.fullmatch(text)
    if match is None:
        return _formula(name, text)
    if match["kind"] not in KINDS or (match["kind"] == "count" and not match["amount"]):
        raise ValueError(f"trace/{name}.sql: not a figure: {text}")
    because = []
    for part in re.split(r", (?![^(]*\))", match["because"] or ""):
        cell = _CELL.fullmatch(part)
        if part and cell is None:
            raise ValueError(f"trace/{name}.sql: not a cell: {part}")
        because += [(cell["cell"], cell["row"])] if cell else []
    return Term(
        kind=match["kind"],
        amount=match["amount"] or "",
        cell=match["cell"],
        row=match["row"],
        relation=match["relation"] or relation,
        condition=match["condition"] or "true",
        because=tuple(because),
    )


def _formula(name: str, text: str) -> Formula:
    made = Formula(text)
    try:
        named = bool(made.parts)
    except (SyntaxError, ValueError):
        named = False
    if not named:
        raise ValueError(f"trace/{name}.sql: not a figure: {text}")
    return made


def load_tracings(packages: Iterable[str]) -> dict[str, Tracing]:
    """Every file of `sql/trace`, ours and of further packages, by the summary it explains."""
    folders = [Path(str(files("warehouse"))), *(Path(str(files(package))) for package in packages)]
    return {
        path.stem: parse(path.stem, path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((folder / "sql" / "trace").glob("*.sql"))
    }


def statements(catalogue: Catalogue, models: Iterable[Model]) -> list[str]:
    """The statements that make `trace.X_as_of` of each of these, `trace(…)` as of no instant yet, and `trace_as_of(…)`.

    Helpers that are kept get a table without a row; their as-of macros must be there.
    """
    models = list(models)
    forms = catalogue.forms
    summaries = {model.name: model for model in models if model.layer == "summary"}
    made = ["create schema if not exists trace"]
    made += [statement for model in models if model.is_kept for statement in _kept(model)]
    for name, tracing in load_tracings(catalogue.packages).items():
        if name in summaries and tracing.entities.keys() <= forms.keys() | SOURCES.keys():
            made += _macro(tracing, summaries[name], forms)
    return made + functions(None)


def of_instant(models: Iterable[Model], at: dt.datetime | None) -> list[str]:
    """The statements, after those, by which traces are as of `at`: what is kept is filled, and read at that instant."""
    if at is None:
        return []
    kept = (statement for model in models if model.is_kept for statement in _filled(model, at))
    return [*kept, *functions(at)]


def _kept(model: Model) -> list[str]:
    table = f"trace.{model.name}"
    comments = {"": f"{model.comment} As it stood at the newest instant of the release.", **model.columns}
    return [
        f"create table {table} as from {model.table}_as_of(null::timestamptz) limit 0",
        *(
            f"comment on {f'column {table}.{quoted(name)}' if name else f'table {table}'} is {literal(said)}"
            for name, said in comments.items()
        ),
    ]


def _filled(model: Model, at: dt.datetime) -> list[str]:
    """Keep a helper's rows of one instant; with a literal instant, DuckDB leaves out the branch that is not its."""
    moment = f"timestamptz '{at.isoformat()}'"
    table = f"trace.{model.name}"
    body = (
        f"select * from {table} where $as_of = {moment}"
        f" union all select * from ({model.body}) where $as_of is distinct from {moment}"
    )
    return [
        f"insert into {table} from {model.table}_as_of({moment}) order by {', '.join(model.grain)}",
        *macro(replace(model, body=body)),
    ]


def _macro(tracing: Tracing, model: Model, forms: Mapping[str, Form]) -> list[str]:
    grain = list(model.grain)
    terms: dict[str, list[str]] = {}
    for figure in tracing.shown:
        for part, role, made in tracing.parts(figure):
            for term in made:
                for entity, select in _term(term, figure, part, role, grain):
                    terms.setdefault(entity, []).append(select)
    # Each table's terms stand in its own branch: what asks for one figure leaves the branches of the others out.
    placed = " union all ".join(
        _placed(terms[entity], grain, **_of_form(entity, columns, forms[entity]))
        if entity in forms
        else _placed(terms[entity], grain, **_of_source(columns, SOURCES[entity]))
        for entity, columns in tracing.entities.items()
        if entity in terms
    )
    body = f"{tracing.body}\n{placed}".replace("$as_of", "as_of")
    note = f"{model.title_zh}溯源 | The cells behind every figure of {model.table}, as it stood at as_of; {AS_OF_NOTE}."
    return [
        f"create or replace macro trace.{tracing.name}_as_of(as_of) as table {body}",
        f"comment on macro table trace.{tracing.name}_as_of is {literal(note)}",
    ]


def _term(term: Term, figure: str, part: str, role: str | None, grain: Sequence[str]) -> list[tuple[str, str]]:
    """One select for the cells added or counted, one per kind of cell that decided; each with its entity."""
    counted = term.kind == "count"
    amount = f"cast({'null' if counted else term.amount or 'null'} as decimal(28, 10))"
    thing = f"cast({term.amount} as varchar)" if counted else "cast(null as varchar)"
    cells = [(term.cell, term.row, role or ("counted" if counted else "term"))]
    cells += [(cell, row, "evidence") for cell, row in term.because]
    found = []
    for cell, row, does in cells:
        entity, columns = _named(cell)
        added = amount if does != "evidence" else "cast(null as decimal(28, 10))"
        select = (
            f"select distinct {', '.join(f'{name} as {_told_apart(name)}' for name in grain)},"
            f" {literal(figure)} as figure, {literal(part)} as part,"
            f" {literal(does)} as role,"
            f" {thing if does != 'evidence' or counted else 'cast(null as varchar)'} as counted, {added} as amount,"
            f" {'false' if counted or term.amount or does == 'evidence' else 'true'} as is_own,"
            f" {literal(entity)} as entity, {row} as row_id,"
            f" {literal(columns[0]) if len(columns) == 1 else 'column_name'} as column_name"
            f" from {term.relation} where ({term.condition}) and {row} is not null"
        )
        found.append((entity, select))
    return found


def _told_apart(name: str) -> str:
    return f"of_{name}" if name in COLUMNS else name


def _of_form(entity: str, columns: Sequence[str], form: Form) -> dict[str, str]:
    """Where the cells of a form's rows stand: file, sheet, address, raw text, value used."""
    owner = {stored: column.name for column in form.columns for stored in column.stored}
    shown = {column.name for column in form.columns if column.sensitivity == "open"}

    def chosen(expression: str) -> str:
        cases = [
            f"when {literal(name)} then {expression.format(cell=quoted(own), column=quoted(name), name=literal(own))}"
            for name in columns
            if (own := owner.get(name, name)) in shown
        ]
        return f"case term.column_name {' '.join(cases)} end" if cases else "cast(null as varchar)"

    read_as = [
        f"case when ends_with(cast(line.{reference.into} as varchar), line.raw.{reference.source}) then null"
        f" else line.raw.{reference.source} || ' → ' || cast(line.{reference.into} as varchar) end"
        for reference in form.references
        if reference.source in shown
    ]
    names = f"nullif(concat_ws('；', {', '.join(read_as)}), '')" if read_as else "cast(null as varchar)"
    return {
        "lines": f"(select row.*, file.path from core.{entity}_as_of(as_of) as row"
        " left join ops.files as file on file.file_id = row.file_id)",
        "key": "line.row_id",
        "file": "line.path",
        "sheet": "line.sheet_name",
        "address": chosen("line.addresses.{cell}"),
        "raw": chosen("line.raw.{cell}"),
        "value": chosen("cast(line.{column} as varchar)"),
        "correction": chosen("list_filter(line.corrections, lambda c: c.column_name = {name})[1].correction"),
        "names": names,
        "submission": "line.submission_id",
        "known_from": "line.known_from",
    }


def _of_source(columns: Sequence[str], source: Source) -> dict[str, str]:
    nothing = "cast(null as varchar)"
    cases = " ".join(f"when {literal(name)} then cast(line.{quoted(name)} as varchar)" for name in columns)
    return {
        "lines": source.table,
        "key": source.key,
        "file": source.file,
        "sheet": source.sheet,
        "address": source.address,
        "raw": nothing,
        "value": f"case term.column_name {cases} end",
        "correction": nothing,
        "names": nothing,
        "submission": source.submission,
        "known_from": source.known_from,
    }


def _placed(terms: Sequence[str], grain: Sequence[str], lines: str, key: str, **told: str) -> str:
    """Put the terms that stand in one table beside their rows, with what is told of each."""
    # A row about several buildings stands once for each of them, with the same cells.
    return (
        f"select distinct {', '.join(f'term.{_told_apart(name)}' for name in grain)},"
        " term.figure, term.part, term.role, term.counted,"
        f" case when term.is_own then try_cast({told['value']} as decimal(28, 10)) else term.amount end as amount,"
        " term.entity, term.column_name,"
        f" {told['file']} as file, {told['sheet']} as sheet, {told['address']} as address, {told['raw']} as raw,"
        f" {told['value']} as value, {told['correction']} as correction, {told['names']} as names,"
        f" {told['submission']} as submission_id, term.row_id, {told['known_from']} as known_from"
        f" from ({' union all '.join(terms)}) as term inner join {lines} as line on {key} = term.row_id"
    )


def functions(at: dt.datetime | None) -> list[str]:
    """`trace(table, key, column)`: a name chooses the macro, so its text is put together when it is called."""
    moment = "null::timestamptz" if at is None else f"timestamptz '{at.isoformat()}'"
    shown = ", ".join(COLUMNS)
    name = f"case when k in ({', '.join(map(literal, COLUMNS))}) then 'of_' else '' end || k"
    # Compared as they are, not as texts: so a condition on a column reaches the tables it is read from.
    keys = (
        f"array_to_string(list_transform(json_keys(to_json(key)), lambda k: ' and \"' || {name} || '\" '"
        " || coalesce('= ''' || replace(json_extract_string(to_json(key), '$.\"' || k || '\"'), '''', '''''') || '''',"
        " 'is null')), '')"
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
    grain = ", ".join(map(_told_apart, model.grain))
    named = ", ".join(f"{_told_apart(name)} as {name}" for name in model.grain)
    again = []
    for figure in tracing.shown:
        made = tracing.figures[figure]
        worked = {part: _worked(part, terms[0].kind) for part, _, terms in tracing.parts(figure)}
        result = made.sql(worked) if isinstance(made, Formula) else worked[figure]
        again.append(
            f"select {named}, figure, cast({result} as decimal(28, 10)) as recomputed"
            f" from cells where figure = {literal(figure)} group by {grain}, figure"
        )
    return (
        f"with cells as (select distinct {grain}, figure, part, counted, amount, entity, row_id, column_name"
        f" from trace.{tracing.name}_as_of($as_of) where role <> 'evidence') {' union all '.join(again)}"
    )


def _worked(part: str, kind: str) -> str:
    cells = f"filter (where part = {literal(part)})"
    match kind:
        case "count":
            return f"cast(count(distinct counted) {cells} as decimal(18, 0))"
        case "sum":
            return f"coalesce(sum(amount) {cells}, 0)"
        case "value":
            return f"any_value(amount) {cells}"
    return f"{kind}(amount) {cells}"
