"""F07 分项工程完成情况: the wide block of F06, one row per building and work item."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Cumulative, Form, Reference, Rule

_CUM, _DESIGN = pl.col("qty_cum"), pl.col("qty_design")

FORM = Form(
    code="F07",
    entity="work_item_progress",
    title_zh="分项工程完成情况",
    title_en="Work items by building",
    filed_by_zh="施工单位",
    filer_kind="contractor",
    cadence="monthly",
    report_key=("filer", "street", "period"),
    filer_column="contractor_id",
    part_of="contractor_progress",
    columns=(
        c.report_month,
        c.compound_name,
        c.building_no,
        c.work_item_code,
        c.unit_code,
        c.qty_design,
        c.qty_month,
        c.qty_cum,
    ),
    required=("work_item_code", "qty_design", "qty_cum"),
    filled=("work_item_code", "qty_design"),
    row_identity=("compound_name", "building_no"),
    key=("report_month", "building_id", "work_item_code"),
    references=(
        Reference("compound", "compound_name", "compound_id"),
        Reference("building", "building_no", "building_id"),
    ),
    series_key=("building_id", "work_item_code", "unit_code"),
    cumulative=(Cumulative("qty_cum", "qty_month", exact=False),),
    rules=(
        Rule("E43", "design_not_negative", _DESIGN >= 0, "qty_design", "设计量不小于0"),
        Rule("E43", "cumulative_not_negative", _CUM >= 0, "qty_cum", "累计完成不小于0"),
        Rule(
            "E25",
            "cumulative_within_150_percent",
            (_DESIGN == 0) | (_CUM <= _DESIGN * 3 / 2),
            "qty_cum",
            "累计完成不超过设计量的150%",
            severity="Q",
        ),
        Rule(
            "E25",
            "cumulative_within_design",
            (_DESIGN == 0) | (_CUM <= _DESIGN) | (_CUM > _DESIGN * 3 / 2),
            "qty_cum",
            "累计完成不超过设计量",
        ),
    ),
)
