"""F22 参建单位与部门名录: firms and departments with their short names."""

from schemas import columns as c
from schemas.forms.base import Form

FORM = Form(
    code="F22",
    entity="org_directory",
    title_zh="参建单位与部门名录",
    title_en="Directory of organisations",
    filed_by_zh="区指挥部",
    filer_kind="headquarters",
    cadence="on_change",
    report_key=(),
    columns=(
        c.seq_no,
        c.full_name,
        c.short_names,
        c.org_type_code,
        c.licence_no,
        c.contact_name,
        c.contact_phone,
        c.remark,
    ),
    required=("full_name", "org_type_code"),
    filled=("full_name", "org_type_code"),
    row_identity=("full_name",),
    key=("org_id",),
    defines="organisation",
    note_columns=("remark",),
)
