"""F11 居民意见建议台账: what residents said, and whether it was acted on. Who they are never reaches a row."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Derived, Form, Reference, Rule
from schemas.forms.dates import no_personal_data, not_before

FORM = Form(
    code="F11",
    entity="resident_opinion",
    title_zh="居民意见建议台账",
    title_en="Residents' opinions",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="continuous",
    report_key=("street", "period"),
    period_required=False,
    filer_column="filer_id",
    sequence_column="opinion_no",
    columns=(
        c.opinion_no,
        c.ledger_year,
        c.street,
        c.raised_date.labelled("反映时间"),
        c.channel_code,
        c.compound_name.labelled("小区"),
        c.building_no,
        c.room_no,
        c.resident_name,
        c.resident_phone,
        c.stage_code,
        c.opinion_category_code,
        c.content,
        c.handler,
        c.adopted_code,
        c.reply_date,
        c.resolution_code,
        c.resolved_date,
        c.satisfaction_code,
        c.remark,
    ),
    required=("opinion_no", "raised_date", "content"),
    filled=("opinion_no", "raised_date"),
    row_identity=("raised_date", "content"),
    key=("opinion_id",),
    references=(
        Reference("compound", "compound_name", "compound_id"),
        Reference("building", "building_no", "building_id", required=False),
    ),
    derived=Derived(
        "opinion_id",
        "意见编号",
        ("street_id", "ledger_year", "opinion_no"),
        fallback={"ledger_year": pl.col("raised_date").dt.year()},
    ),
    note_columns=("remark",),
    rules=(
        not_before("reply_date", "raised_date", "答复日期不早于反映时间", "E27"),
        not_before("resolved_date", "raised_date", "解决日期不早于反映时间", "E27"),
        Rule(
            "E27",
            "resolved_has_a_date",
            (pl.col("resolution_code") != "RESOLVED") | pl.col("resolved_date").is_not_null(),
            "resolution_code",
            "已解决的意见应填写解决日期",
        ),
        no_personal_data("content"),
        no_personal_data("remark"),
    ),
)
