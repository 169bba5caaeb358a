"""Audit rules of the return: formulas over indicator codes, sent along with it."""

from schemas.columns import Column
from schemas.forms import Form

FORM = Form(
    code="T06",
    entity="audit_rule",
    title_zh="逻辑审核关系表",
    title_en="Audit rules",
    filed_by_zh="分公司",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        Column("seq_no", "text", "序号", "Number in its return"),
        Column("return_code", "code", "报表代码", "Return the rule belongs to"),
        Column("formula", "text", "公式", "Rule as printed"),
        Column("python_formula", "text", "python公式", "Rule as the senders' own script reads it"),
    ),
    required=("return_code", "formula"),
    filled=("return_code", "formula"),
    row_identity=("return_code", "formula"),
    key=("return_code", "seq_no", "formula"),
)
