"""Applicants and admitted of one university and year, a row per field of study: the format changes over the years."""

from schemas.columns import Column
from schemas.forms import Form


def _count(name: str, label_zh: str) -> Column:
    return Column(name, "integer", label_zh, label_zh, sums=True, low=0)


FORM = Form(
    code="T03",
    entity="yearly_admissions",
    title_zh="分院系专业报名及录取人数统计",
    title_en="Admissions of a year",
    filed_by_zh="研究生院",
    filer_kind="any",
    cadence="yearly",
    report_key=("period",),
    columns=(
        Column("report_year", "year", "年度", "Year of admission"),
        Column("department_code", "text", "院系代码", "Code with leading zeros"),
        Column("department", "text", "招生院系", "Department as written"),
        Column("subject_code", "text", "专业代码", "Code with leading zeros"),
        Column("subject", "text", "学科专业", "Subject as written"),
        Column("field_code", "text", "方向代码", "Code with leading zeros"),
        Column("field", "text", "学科方向", "Field of study as written"),
        _count("applicants", "报名人数"),
        _count("admitted", "录取总人数"),
        _count("admitted_exempt", "录取免试生人数"),
    ),
    required=("report_year", "department", "subject", "applicants", "admitted"),
    filled=("report_year", "department", "subject"),
    row_identity=("department", "subject"),
    key=("report_year", "department_code", "subject_code", "field_code", "field"),
)
