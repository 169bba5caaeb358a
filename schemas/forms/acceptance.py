"""F21 竣工验收情况表: acceptance of parts, of the whole, and the hand-over of a building."""

from schemas import columns as c
from schemas.forms.base import Form, Reference

FORM = Form(
    code="F21",
    entity="acceptance",
    title_zh="竣工验收情况表",
    title_en="Acceptance of buildings",
    filed_by_zh="施工单位、监理、质监",
    filer_kind="any",
    cadence="per_event",
    report_key=("filer", "street", "edition"),
    subject=("compound_name", "building_no", "acceptance_type_code"),
    street_required=False,
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.street,
        c.compound_name,
        c.building_no,
        c.acceptance_type_code,
        c.acceptance_date,
        c.acceptance_result_code,
        c.handover_to,
        c.remark,
    ),
    required=("compound_name", "building_no", "acceptance_type_code", "acceptance_date", "acceptance_result_code"),
    filled=("compound_name", "building_no", "acceptance_type_code", "acceptance_result_code"),
    row_identity=("compound_name", "building_no"),
    key=("building_id", "acceptance_type_code"),
    references=(
        Reference("compound", "compound_name", "compound_id"),
        Reference("building", "building_no", "building_id"),
    ),
    note_columns=("remark",),
)
