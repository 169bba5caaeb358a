"""F09 工程进度周报 / 快报: a street's week in three numbers."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Form, Rule

FORM = Form(
    code="F09",
    entity="weekly_flash",
    title_zh="工程进度周报",
    title_en="Weekly flash",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="weekly",
    report_key=("street", "edition"),
    edition_column="week_end",
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.week_end,
        c.street,
        c.in_progress_buildings,
        c.completed_buildings_cum,
        c.workers_on_site.labelled("在场工人"),
        c.remark,
    ),
    required=("week_end", "street", "in_progress_buildings", "completed_buildings_cum"),
    filled=("week_end", "street"),
    row_identity=("street", "in_progress_buildings"),
    key=("week_end", "street_id"),
    note_columns=("remark",),
    rules=(
        Rule(
            "E41",
            "week_end_is_a_day",
            pl.col("week_end").is_not_null() | (pl.col("week_end_kind").is_null()),
            "week_end",
            "截止日期应写明年月日",
        ),
    ),
)
