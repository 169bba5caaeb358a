"""F16 协调问题台账: issues raised with departments and companies, until they are closed."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Derived, Form, Reference, Rule
from schemas.forms.dates import no_personal_data, not_before

FORM = Form(
    code="F16",
    entity="issue_log",
    title_zh="协调问题台账",
    title_en="Issues",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="weekly",
    report_key=("street", "period"),
    period_required=False,
    filer_column="filer_id",
    sequence_column="issue_no",
    columns=(
        c.issue_no,
        c.ledger_year,
        c.street,
        c.source_meeting,
        c.compound_name,
        c.issue_category_code,
        c.description,
        c.responsible_org,
        c.raised_date,
        c.due_date,
        c.issue_status_code,
        c.closed_date,
        c.remark,
    ),
    required=("issue_no", "description", "responsible_org", "raised_date"),
    filled=("issue_no", "raised_date"),
    row_identity=("raised_date", "description"),
    key=("issue_id",),
    references=(
        Reference("compound", "compound_name", "compound_id"),
        Reference("organisation", "responsible_org", "responsible_org_id", required=False, departments=True),
    ),
    derived=Derived(
        "issue_id",
        "问题编号",
        ("street_id", "ledger_year", "issue_no"),
        fallback={"ledger_year": pl.col("raised_date").dt.year()},
    ),
    note_columns=("remark",),
    rules=(
        not_before("due_date", "raised_date", "完成时限不早于提出日期", "E27"),
        not_before("closed_date", "raised_date", "解决日期不早于提出日期", "E27"),
        Rule(
            "E27",
            "resolved_has_a_date",
            (pl.col("issue_status_code") != "RESOLVED") | pl.col("closed_date").is_not_null(),
            "issue_status_code",
            "已解决的问题应填写解决日期",
        ),
        no_personal_data("description"),
        no_personal_data("remark"),
    ),
)
