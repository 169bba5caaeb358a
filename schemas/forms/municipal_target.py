"""F01 老旧小区综合整治任务分解表: what the city asks of the district in a plan year."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Form, Rule

FORM = Form(
    code="F01",
    entity="municipal_target",
    title_zh="老旧小区综合整治任务分解表",
    title_en="Municipal target",
    filed_by_zh="市老旧小区综合整治办公室",
    filer_kind="city",
    cadence="yearly",
    report_key=("period", "edition"),
    edition_column="target_version",
    columns=(
        c.plan_year.labelled("年度"),
        c.district,
        c.programme_type_code,
        c.target_area_m2,
        c.target_compounds,
        c.issued_doc_no,
        c.issued_date,
        c.target_version,
    ),
    required=("plan_year", "district", "programme_type_code", "target_area_m2"),
    filled=("plan_year", "district", "programme_type_code", "target_area_m2"),
    row_identity=("district",),
    key=("plan_year", "district", "programme_type_code", "target_version"),
    rules=(Rule("E43", "target_positive", pl.col("target_area_m2") > 0, "target_area_m2", "任务面积应大于0"),),
)
