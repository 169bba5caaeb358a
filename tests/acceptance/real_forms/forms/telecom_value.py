"""The values of an indicator, one row per indicator and month: the months are columns of the sheet."""

from schemas.columns import Column
from schemas.forms import Form
from tests.acceptance.real_forms.forms.telecom_return import CODE, SECTION

FORM = Form(
    code="T05",
    entity="telecom_value",
    title_zh="移动通信能力指标值",
    title_en="Values of the indicators",
    filed_by_zh="分公司",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        SECTION,
        CODE,
        Column("month", "month", "月份", "Month in the header"),
        Column("value", "decimal", "数值", "Value as reported", precision=18, places=4),
    ),
    required=("indicator_code", "month", "value"),
    filled=("indicator_code", "month", "value"),
    row_identity=("indicator_code",),
    key=("indicator_code", "month"),
    part_of="telecom_return",
)
