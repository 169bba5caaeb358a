"""F18 联合党支部一线派驻表: party members at the front line of a project. Rows hold a keyed hash, never the name."""

from schemas import columns as c
from schemas.forms.base import Form, Keyed, Reference
from schemas.forms.dates import not_before

FORM = Form(
    code="F18",
    entity="party_posting",
    title_zh="联合党支部一线派驻表",
    title_en="Party members at the front line",
    filed_by_zh="区联合党支部",
    filer_kind="headquarters",
    cadence="on_change",
    report_key=(),
    columns=(
        c.seq_no,
        c.person_name,
        c.person_source_code,
        c.org,
        c.street,
        c.project,
        c.post_code,
        c.frontline_code,
        c.start_date,
        c.end_date,
        c.remark,
    ),
    required=("person_name", "org", "project", "post_code", "start_date"),
    filled=("org", "project", "post_code", "start_date"),
    row_identity=("project", "post_code"),
    key=("person_key", "project", "post_code", "start_date"),
    references=(
        Reference("street", "street", "street_id", required=False),
        Reference("compound", "project", "compound_id", required=False),
    ),
    keyed=Keyed("person_key", "人员", ("person_name", "org")),
    note_columns=("remark",),
    rules=(not_before("end_date", "start_date", "离岗时间不早于派驻时间"),),
)
