"""Tables that follow from the catalogue: landed and core per form, as-of macros, comments, street names.

Everything here can run again at any time: what is absent is made, what differs in its comment is corrected, and a
column whose type changed is refused, because that needs a migration.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from schemas.columns import Column, PolarsType
from schemas.forms import Form
from schemas.frames import CORE_TIMES, RECORDS
from warehouse.connection import CATALOG, Warehouse, duckdb_type, literal, quoted
from warehouse.errors import WarehouseError

STREETS = "streets"
"""Code list that `core.street_names` shows."""

AS_OF_NOTE = "“use” the release before calling: names in a macro resolve in the caller's database"

RECORD_COMMENTS = {
    "reports": "收到的每份报表及其状态 | One row per report that came: filer, version, whether it counts",
    "expected_reports": "应报送的报表 | One row per report somebody must send, also months ahead",
    "settings": "影响统计口径的设置 | One row per setting that figures depend on",
}
"""Core tables that no form fills."""

HISTORY_TABLES = ("findings", "quarantine")
"""Tables of ops that read as of any instant, like core."""

_VERSION_HASH = {"version_hash": pl.String()}
_CONTENT_HASH = {"content_hash": pl.String()}

_COMMON_COMMENTS = {
    "row_id": "行编号 | Row, from the file's content and the place in it",
    "submission_id": "报送编号 | Report the row came in; see ops.submissions",
    "file_id": "文件编号 | sha256 of the file; see ops.files",
    "sheet_index": "工作表序号 | Position of the sheet in the workbook, from 1",
    "sheet_name": "工作表名 | Name of the sheet",
    "block": "区块 | Table on the sheet, from 1",
    "row_number": "行号 | Row on the sheet, as shown in the spreadsheet",
    "addresses": "单元格位置 | Cell of each column's value, such as N17",
    "raw": "原文 | Text of each cell as received",
    "resolutions": "分辨率 | One unit of the last decimal each figure was written with, in the column's unit",
    "approximate_columns": "约数列 | Columns whose value was written as an approximation",
    "corrections": "更正 | Reviewed corrections of the row's values: column and decision; empty where it is as read",
    "faults": "单元格问题 | Faults found while reading the row's cells",
    "known_from": "入账时点 | Known from this instant",
    "known_to": "失效时点 | Known until this instant; empty while it holds",
    "version_hash": "行指纹 | Changes when the row's values or ids were restated",
    "content_hash": "内容指纹 | Changes when the row's values were read differently",
    "report_version": "报表版次 | Version of the report the row is from, 1 for the first received",
    "street_id": "街道编号 | Street; see core.street_names",
    "compound_id": "小区编号 | Compound: street and normalised name",
    "building_id": "楼栋编号 | Building: compound and normalised number",
    "contractor_id": "施工单位编号 | Contractor: normalised full name",
    "org_id": "单位编号 | Organisation: normalised full name",
    "filer_id": "填报单位编号 | Filer of the report",
    "form_code": "表号 | Form, F01 to F22",
    "entity": "表名 | Core table the report's rows go to",
    "period": "报告期 | 2013-12 for months, 2013 for years, empty where the report has none",
    "period_date": "报告期首日 | First day of the period",
    "report_key": "报表标识 | Form, filer, street and period as far as they make the report; its versions share it",
    "received_at": "收件时间 | When the file was received",
    "is_supplement": "是否补报 | Adds rows to the report instead of replacing it",
    "is_effective": "是否有效 | Whether it is a version that counts",
    "rows_read": "读取行数 | Data rows read",
    "cells_data": "数据单元格数 | Cells read as data",
    "due_date": "应报日期 | Last day on which the report is in time",
    "value": "设置值 | What the setting says",
}

_UNITS = {"1": "0 to 1", "m2": "㎡", "yuan": "元"}


@dataclass(frozen=True)
class Table:
    """One table as it must be: columns in order, and a comment for it and for each of them."""

    name: str
    columns: Mapping[str, PolarsType]
    comment: str
    comments: Mapping[str, str]


def fit(warehouse: Warehouse) -> None:
    """Make or complete every table, macro and view that follows from the catalogue, in one transaction."""
    with warehouse.transaction():
        there = _types_there(warehouse)
        for table in (*tables(warehouse.catalogue.forms.values()), *record_tables()):
            if there.get(table.name) != {name: _spelt(duckdb_type(dtype)) for name, dtype in table.columns.items()}:
                ensure(warehouse, table)
        make_macros(warehouse, "history", history_macros(warehouse.catalogue.forms))
        for view in views(warehouse):
            warehouse.execute(view)
        comment_all(warehouse)


def make_macros(warehouse: Warehouse, what: str, statements: Sequence[str]) -> None:
    """Make a set of macros where it was not made by these very statements: making them is a tenth of a small night."""
    digest = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    if warehouse.rows("select digest from landed.made where what = $1", [what]) == [(digest,)]:
        return
    for statement in statements:
        warehouse.execute(statement)
    warehouse.execute("delete from landed.made where what = $1", [what])
    warehouse.execute("insert into landed.made values ($1, $2)", [what, digest])


def _types_there(warehouse: Warehouse) -> dict[str, dict[str, str]]:
    """Column types of every landed and core table, in one question: a night opens the warehouse several times."""
    found = warehouse.frame(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where database_name = $1 and schema_name in ('landed', 'core')",
        [CATALOG],
    )
    there: dict[str, dict[str, str]] = {}
    for table, column, data_type in found.iter_rows():
        there.setdefault(table, {})[column] = _spelt(data_type)
    return there


def _spelt(data_type: str) -> str:
    """One spelling of a type, whoever wrote it; where two differ for no reason, `ensure` looks and does nothing."""
    return data_type.replace('"', "").replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


def tables(forms: Iterable[Form]) -> list[Table]:
    """The landed and the core table of every form."""
    return [table for form in forms for table in (landed_table(form), core_table(form))]


def record_tables() -> list[Table]:
    """The core tables that no form fills, in two times like the others."""
    return [
        Table(f"core.{name}", {**schema, **CORE_TIMES, **_VERSION_HASH}, RECORD_COMMENTS[name], _COMMON_COMMENTS)
        for name, schema in RECORDS.items()
    ]


def landed_table(form: Form) -> Table:
    """Rows as read, of every report; private."""
    return Table(
        f"landed.{form.entity}",
        {**form.row_schema(), **_CONTENT_HASH},
        f"{form.title_zh}：读取原样，仅内部 | {form.title_en}: one row per row read, of every report; private",
        column_comments(form),
    )


def core_table(form: Form) -> Table:
    """Accepted rows, each with the interval it was known in."""
    key = ", ".join(form.key)
    return Table(
        f"core.{form.entity}",
        {**form.core_schema(), **_VERSION_HASH},
        f"{form.title_zh}：已接收的每一行及其有效时段 | {form.title_en}: one row per accepted row and interval; "
        f"key among rows known at one instant: {key}",
        column_comments(form),
    )


def column_comments(form: Form) -> dict[str, str]:
    """A comment for every column of the form's tables: 中文 | meaning; unit."""
    comments = {name: _COMMON_COMMENTS[name] for name in _COMMON_COMMENTS}
    for reference in form.references:
        comments.setdefault(
            reference.into,
            f"{form.column[reference.source].label_zh}编号 | Id of the {reference.target} named in {reference.source}",
        )
    for column in form.open_columns:
        comments |= dict(_own_comments(column))
    if form.derived is not None:
        parts = ", ".join(form.derived.parts)
        comments[form.derived.into] = f"{form.derived.label_zh} | Made of {parts}"
    if form.keyed is not None:
        parts = ", ".join(form.keyed.parts)
        said = f"Keyed hash of {parts}; in a release the first row of the person"
        comments[form.keyed.into] = f"{form.keyed.label_zh} | {said}"
    for name in form.ids:
        comments.setdefault(name, f"{name} | Resolved id")
    return comments


def _own_comments(column: Column) -> Iterable[tuple[str, str]]:
    unit = f"; {_UNITS.get(column.unit, column.unit)}" if column.unit else ""
    codes = f"; code list {column.codes}" if column.codes else ""
    private = "; internal" if column.sensitivity == "internal" else ""
    yield column.name, f"{column.label_zh} | {column.meaning}{unit}{codes}{private}"
    for name in column.stored:
        if name.endswith("_kind") and name != column.name:
            yield name, f"{column.label_zh}性质 | How {column.name} was meant: actual, forecast, duration or text"
        elif name.endswith("_precision") and name != column.name:
            yield name, f"{column.label_zh}精度 | How exact {column.name} is: day, month, period, year or none"


def ensure(warehouse: Warehouse, table: Table) -> None:
    """Create the table, or add the columns and struct fields it lacks. A changed type raises `WarehouseError`."""
    if not exists(warehouse, table.name):
        columns = ", ".join(f"{quoted(name)} {duckdb_type(dtype)}" for name, dtype in table.columns.items())
        warehouse.execute(f"create table {table.name} ({columns})")
        return
    there = warehouse.schema(table.name)
    for name, dtype in table.columns.items():
        if name not in there:
            warehouse.execute(f"alter table {table.name} add column {quoted(name)} {duckdb_type(dtype)}")
        else:
            _complete(warehouse, table.name, name, there[name], dtype)


def _complete(warehouse: Warehouse, table: str, name: str, there: PolarsType, wanted: PolarsType) -> None:
    if isinstance(there, pl.Struct) and isinstance(wanted, pl.Struct):
        known = {field.name for field in there.fields}
        for field in wanted.fields:
            if field.name not in known:
                path = f"{quoted(name)}.{quoted(field.name)}"
                warehouse.execute(f"alter table {table} add column {path} {duckdb_type(field.dtype)}")
    elif duckdb_type(there) != duckdb_type(wanted):
        raise WarehouseError(
            f"warehouse {warehouse.path}, {table}.{name}",
            f"type {duckdb_type(there)}",
            duckdb_type(wanted),
            "A column's type was changed in schemas/: add a migration that changes it here too.",
        )


def exists(warehouse: Warehouse, table: str) -> bool:
    """Whether a table of this warehouse exists; `table` is schema.name."""
    schema, _, name = table.partition(".")
    sql = "select count(*) from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?"
    return bool(warehouse.value(sql, [CATALOG, schema, name]))


def history_macros(entities: Iterable[str]) -> list[str]:
    """Statements that make `core.X_as_of` (records too), `ops.findings_as_of` and `ops.quarantine_as_of`."""
    names = [f"core.{name}" for name in (*entities, *RECORDS)] + [f"ops.{name}" for name in HISTORY_TABLES]
    return [statement for name in names for statement in as_of_macro(name)]


def as_of_macro(table: str) -> tuple[str, str]:
    """The macro that shows a table with two times as it stood at an instant, and its comment."""
    macro = (
        f"create or replace macro {table}_as_of(as_of) as table "
        f"select * from {table} where known_from <= as_of and (known_to is null or as_of < known_to)"
    )
    comment = f"{table}在某一时点的状态 | {table} as it stood at the instant as_of; {AS_OF_NOTE}"
    return macro, f"comment on macro table {table}_as_of is {literal(comment)}"


def views(warehouse: Warehouse) -> tuple[str, ...]:
    """The statements that make the views of code lists: those of `VIEW_COMMENTS`."""
    return street_names(warehouse), code_names(warehouse)


def code_names(warehouse: Warehouse) -> str:
    """The statement that makes the view `core.code_names` from every code list."""
    rows = [
        f"({literal(name)}, {literal(code.code)}, {literal(code.label_zh)})"
        for name, listed in sorted(warehouse.catalogue.codes.items())
        for code in listed.codes
    ]
    return (
        "create or replace view core.code_names as select code_list, code, label_zh "
        f"from (values {', '.join(rows)}) as codes (code_list, code, label_zh)"
    )


def street_names(warehouse: Warehouse) -> str:
    """The statement that makes the view `core.street_names` from the code list."""
    streets = warehouse.catalogue.codes.get(STREETS)
    rows = [] if streets is None else [f"({literal(c.code)}, {literal(c.label_zh)})" for c in streets.codes]
    values = ", ".join(rows) if rows else "(cast(null as varchar), cast(null as varchar))"
    return (
        "create or replace view core.street_names as select street_id, street_name "
        f"from (values {values}) as streets (street_id, street_name) where street_id is not null"
    )


VIEW_COMMENTS = {
    ("core.street_names", ""): "街道名称，一个街道一行 | One row per street of the code list",
    ("core.street_names", "street_id"): "街道编号 | Administrative division code",
    ("core.street_names", "street_name"): "街道名称 | Name of the street",
    ("core.code_names", ""): "代码名称，每个代码表的每个代码一行 | One row per code of every code list",
    ("core.code_names", "code_list"): "代码表 | Code list, as columns name it",
    ("core.code_names", "code"): "代码 | Code",
    ("core.code_names", "label_zh"): "名称 | What the code stands for",
}


def comment_all(warehouse: Warehouse) -> None:
    """Give every landed and core table, every column and the views of code lists the comment they must have."""
    wanted: dict[tuple[str, str], str] = {}
    for table in (*tables(warehouse.catalogue.forms.values()), *record_tables()):
        wanted[(table.name, "")] = table.comment
        wanted |= {(table.name, name): table.comments[name] for name in table.columns}
    apply_comments(warehouse, wanted)
    apply_comments(warehouse, VIEW_COMMENTS, kind="view")


def apply_comments(warehouse: Warehouse, wanted: Mapping[tuple[str, str], str], kind: str = "table") -> None:
    """Set the comments that differ; keys are (schema.table, column), the column empty for the table itself."""
    known = current_comments(warehouse)
    for (table, column), text in wanted.items():
        if known.get((table, column)) == text:
            continue
        target = f"column {table}.{quoted(column)}" if column else f"{kind} {table}"
        warehouse.execute(f"comment on {target} is {literal(text)}")


def current_comments(warehouse: Warehouse, database: str = CATALOG) -> dict[tuple[str, str], str]:
    """Every comment of a database's tables, views and columns, by (schema.table, column)."""
    rows = warehouse.frame(
        """
        select schema_name || '.' || table_name as name, '' as column_name, comment from duckdb_tables()
        where database_name = $1 and comment is not null
        union all
        select schema_name || '.' || view_name, '', comment from duckdb_views()
        where database_name = $1 and comment is not null and not internal
        union all
        select schema_name || '.' || table_name, column_name, comment from duckdb_columns()
        where database_name = $1 and comment is not null and not internal
        """,
        [database],
    )
    return {(name, column): comment for name, column, comment in rows.iter_rows()}
