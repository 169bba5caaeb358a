"""Indicators of a statistical return, one row per line of the return; the months' values are `telecom_value`."""

from schemas.columns import Column
from schemas.forms import Form

SECTION = Column("section", "text", "分类", "Heading the indicator stands under")
CODE = Column("indicator_code", "code", "指标代码", "Two letters and four digits")

FORM = Form(
    code="T04",
    entity="telecom_return",
    title_zh="移动通信能力报表",
    title_en="Capacity of a network",
    filed_by_zh="分公司",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        SECTION,
        CODE,
        Column("indicator_name", "text", "指标名称", "Indicator as written"),
        Column("unit_text", "text", "单位", "Unit as written"),
        Column("change_reason", "text", "变化原因", "Why a value changed", sensitivity="internal"),
    ),
    required=("indicator_code",),
    filled=("indicator_code",),
    row_identity=("indicator_code",),
    key=("indicator_code",),
    items="telecom_value",
)
