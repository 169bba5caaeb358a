"""F04 分批实施计划表: which compounds are done in which batch, and when."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Form, Reference, Rule

_EXACT = (pl.col("planned_start_precision") == "day") & (pl.col("planned_finish_precision") == "day")

FORM = Form(
    code="F04",
    entity="batch_plan",
    title_zh="分批实施计划表",
    title_en="Plan by batches",
    filed_by_zh="区指挥部",
    filer_kind="headquarters",
    cadence="on_change",
    report_key=("period", "edition"),
    edition_column="batch_no",
    columns=(
        c.seq_no,
        c.plan_year,
        c.batch_no,
        c.street,
        c.compound_name,
        c.planned_start.labelled("计划开工", "Planned start"),
        c.planned_finish.labelled("计划完工", "Planned finish"),
        c.planned_area_m2,
        c.remark,
    ),
    required=("plan_year", "batch_no", "compound_name", "planned_start", "planned_finish"),
    filled=("plan_year", "batch_no", "compound_name"),
    row_identity=("compound_name",),
    key=("plan_year", "batch_no", "compound_id"),
    references=(
        Reference("street", "street", "street_id", required=False),
        Reference("compound", "compound_name", "compound_id"),
    ),
    note_columns=("remark",),
    rules=(
        Rule(
            "E06",
            "planned_finish_after_planned_start",
            # Two dates of one month, written as the month, say nothing of their order.
            (pl.col("planned_finish") > pl.col("planned_start"))
            | (~_EXACT & (pl.col("planned_finish") == pl.col("planned_start"))),
            "planned_finish",
            "计划完工日期应晚于计划开工日期",
        ),
    ),
)
