"""`summary.dictionary`: what every table and column of a release means, so that the file explains itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from schemas.forms import Form
from warehouse import models
from warehouse.connection import Warehouse, literal

_COLUMNS = {
    "table_name": "表 | Schema and table",
    "column_name": "列 | Column; empty for the table itself",
    "data_type": "类型 | Type of the column",
    "label_zh": "中文 | What it is called",
    "meaning": "含义 | What it means, in English",
    "unit": "单位 | Unit of the column, empty where it has none",
    "grain": "粒度 | Columns that make a row of the table unique",
    "source_forms": "来源表号 | Forms the table is made of",
    "checks": "检查 | Promises about the table that are checked each night",
}
_COMMENT = "数据字典，每个表和每一列一行 | One row per table and column of the release"


def describe(warehouse: Warehouse, database: str, told: pl.DataFrame) -> None:
    """Make the table in a release whose comments are complete, and of which `told` are the facts; it is in use."""
    with warehouse.registered("_facts", told):
        warehouse.execute(
            f"""
            create table summary.dictionary as
            with said as (
                select schema_name || '.' || table_name as table_name, '' as column_name, '' as data_type, comment,
                    0 as position
                from duckdb_tables() where database_name = {literal(database)}
                union all
                select schema_name || '.' || view_name, '', '', comment, 0
                from duckdb_views() where database_name = {literal(database)} and not internal
                union all
                select schema_name || '.' || table_name, column_name,
                    case when data_type like 'STRUCT(%' then 'STRUCT' else data_type end, comment, column_index
                from duckdb_columns() where database_name = {literal(database)} and not internal
            )
            select
                table_name, column_name, data_type,
                split_part(comment, ' | ', 1) as label_zh,
                regexp_replace(split_part(comment, ' | ', 2), '; [^;]{{1,12}}$', '') as meaning,
                case when column_name <> '' then nullif(regexp_extract(comment, '; ([^;]{{1,12}})$', 1), '') end
                    as unit,
                grain, source_forms, checks
            from said left join _facts using (table_name)
            order by table_name, position
            """
        )
    warehouse.execute(f"comment on table summary.dictionary is {literal(_COMMENT)}")
    for column, comment in _COLUMNS.items():
        warehouse.execute(f"comment on column summary.dictionary.{column} is {literal(comment)}")


def facts(warehouse: Warehouse, built: Iterable[models.Model]) -> pl.DataFrame:
    """What the dictionary says besides comments: grain, source forms and checks of tables, by table."""
    usable = {model.table: model for model in built}
    forms = {f"core.{form.entity}": form for form in warehouse.catalogue.forms.values()}
    rows = [
        (
            name,
            ", ".join(model.grain),
            ", ".join(sorted(_forms(name, usable, forms))),
            ", ".join(c.name for c in model.checks),
        )
        for name, model in usable.items()
    ]
    rows += [(name, ", ".join(form.key), form.code, "") for name, form in forms.items()]
    return pl.DataFrame(rows, schema=["table_name", "grain", "source_forms", "checks"], orient="row")


def _forms(name: str, usable: Mapping[str, models.Model], forms: Mapping[str, Form]) -> set[str]:
    """The codes of the forms a model reads, through the models it reads."""
    if name in forms:
        return {forms[name].code}
    model = usable.get(name)
    return {code for read in (model.reads if model is not None else ()) for code in _forms(read, usable, forms)}
