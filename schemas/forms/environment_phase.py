"""F19 环境整治进展表: environment items of a compound, once its energy phase ends."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Form, Reference, Rule

FORM = Form(
    code="F19",
    entity="environment_phase",
    title_zh="环境整治进展表",
    title_en="Environment phase",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="monthly",
    report_key=("street", "period"),
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.report_month,
        c.street,
        c.compound_name,
        c.env_start,
        c.env_item_code,
        c.unit_code,
        c.qty_done,
        c.env_status_code,
        c.remark,
    ),
    required=("report_month", "compound_name", "env_start", "env_item_code"),
    filled=("report_month", "compound_name", "env_item_code"),
    row_identity=("compound_name", "env_item_code"),
    key=("report_month", "compound_id", "env_item_code"),
    references=(Reference("compound", "compound_name", "compound_id"),),
    note_columns=("remark",),
    rules=(
        Rule("E43", "quantity_not_negative", pl.col("qty_done") >= 0, "qty_done", "完成量不小于0"),
        Rule(
            "E06",
            "started_by_month_end",
            (pl.col("env_start_kind") != "actual") | (pl.col("env_start") <= pl.col("report_month").dt.month_end()),
            "env_start",
            "环境整治启动日期不晚于报告期末",
        ),
    ),
)
