"""A yearly series downloaded from the statistics office: an indicator a line, the years as columns."""

from schemas.columns import Column
from schemas.forms import Form

FORM = Form(
    code="T11",
    entity="energy_series",
    title_zh="年度数据",
    title_en="A download of yearly data",
    filed_by_zh="统计局",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        Column("indicator", "text", "指标", "Indicator with its unit, as written"),
        Column("year", "year", "年份", "Year in the header"),
        Column("value", "decimal", "数值", "Value in the indicator's unit", precision=18, places=2),
    ),
    required=("indicator", "year", "value"),
    filled=("indicator", "year", "value"),
    row_identity=("indicator",),
    key=("indicator", "year"),
)
