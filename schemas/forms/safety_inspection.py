"""F17 安全质量检查记录表: hazards found on site, and put right."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Derived, Form, Reference, Rule
from schemas.forms.dates import not_before


def _within_found(column: str, label_zh: str) -> Rule:
    return Rule(
        "E28",
        f"{column}_within_found",
        pl.col(column) <= pl.col("hazards_found"),
        column,
        f"{label_zh}不大于发现隐患数",
    )


FORM = Form(
    code="F17",
    entity="safety_inspection",
    title_zh="安全质量检查记录表",
    title_en="Safety inspections",
    filed_by_zh="区指挥部、监理、分指挥部",
    filer_kind="any",
    cadence="per_event",
    report_key=("filer", "period", "edition"),
    subject=("inspection_date", "compound_name", "inspection_type_code"),
    period_required=False,
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.report_month,
        c.street,
        c.inspection_date,
        c.inspection_type_code,
        c.inspector,
        c.compound_name.labelled("小区"),
        c.contractor.labelled("受检单位"),
        c.hazards_found,
        c.hazards_major,
        c.hazards_fixed,
        c.notice_no,
        c.due_date.labelled("整改期限"),
        c.closed_date.labelled("复查日期"),
        c.penalty_yuan,
        c.accident_code,
        c.remark,
    ),
    required=("inspection_date", "inspection_type_code", "inspector", "compound_name", "hazards_found"),
    filled=("inspection_date", "inspection_type_code", "inspector", "compound_name"),
    row_identity=("inspection_date", "compound_name"),
    key=("inspection_id",),
    references=(
        Reference("street", "street", "street_id", required=False),
        Reference("compound", "compound_name", "compound_id"),
        Reference("organisation", "contractor", "contractor_id"),
    ),
    derived=Derived(
        "inspection_id",
        "检查编号",
        ("inspection_date", "compound_id", "inspection_type_code", "inspector"),
        hashed=True,
    ),
    note_columns=("remark",),
    rules=(
        _within_found("hazards_fixed", "已整改数"),
        _within_found("hazards_major", "重大隐患数"),
        not_before("due_date", "inspection_date", "整改期限不早于检查日期", severity="W"),
        not_before("closed_date", "inspection_date", "复查日期不早于检查日期", severity="W"),
    ),
)
