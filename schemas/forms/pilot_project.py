"""F05 试点项目登记表: what is tried out in which compound, and where it was rolled out to."""

from schemas import columns as c
from schemas.forms.base import Form, Reference
from schemas.forms.dates import no_personal_data

FORM = Form(
    code="F05",
    entity="pilot_project",
    title_zh="试点项目登记表",
    title_en="Pilot projects",
    filed_by_zh="区指挥部",
    filer_kind="headquarters",
    cadence="on_change",
    report_key=("period",),
    columns=(
        c.seq_no,
        c.plan_year,
        c.street,
        c.compound_name,
        c.pilot_topic,
        c.pilot_stage_code,
        c.effect_note,
        c.rolled_out_to,
        c.remark,
    ),
    required=("plan_year", "compound_name", "pilot_topic", "pilot_stage_code"),
    filled=("plan_year", "compound_name", "pilot_topic"),
    row_identity=("compound_name", "pilot_topic"),
    key=("plan_year", "compound_id", "pilot_topic"),
    references=(
        Reference("street", "street", "street_id", required=False),
        Reference("compound", "compound_name", "compound_id"),
        Reference("compound", "rolled_out_to", "rolled_out_compound_ids", required=False, anywhere=True),
    ),
    note_columns=("remark",),
    rules=(no_personal_data("effect_note"),),
)
