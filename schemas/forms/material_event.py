"""F13 选材活动登记表: samples shown to residents, and what they chose."""

from schemas import columns as c
from schemas.forms.base import Derived, Form, Reference

FORM = Form(
    code="F13",
    entity="material_event",
    title_zh="选材活动登记表",
    title_en="Choice of materials",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="per_event",
    report_key=("street", "period"),
    period_required=False,
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.plan_year,
        c.street,
        c.event_date,
        c.compound_names,
        c.material_category_code,
        c.activity_forms,
        c.brands_shown,
        c.residents_attended,
        c.votes_cast,
        c.selected_product,
        c.linked_tender_no,
        c.remark,
    ),
    required=("event_date", "compound_names", "material_category_code"),
    filled=("event_date", "compound_names", "material_category_code"),
    row_identity=("event_date", "compound_names"),
    key=("event_id",),
    references=(Reference("compound", "compound_names", "compound_ids"),),
    derived=Derived("event_id", "活动编号", ("street_id", "event_date", "material_category_code", "compound_ids")),
    note_columns=("remark",),
)
