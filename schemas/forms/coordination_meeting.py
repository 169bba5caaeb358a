"""F15 协调会议台账: who met whom about what."""

from schemas import columns as c
from schemas.forms.base import Derived, Form, Reference
from schemas.forms.dates import no_personal_data

FORM = Form(
    code="F15",
    entity="coordination_meeting",
    title_zh="协调会议台账",
    title_en="Coordination meetings",
    filed_by_zh="分指挥部、区指挥部",
    filer_kind="any",
    cadence="per_event",
    report_key=("filer", "period"),
    period_required=False,
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.ledger_year,
        c.street,
        c.meeting_date,
        c.meeting_level_code,
        c.convener,
        c.attendees,
        c.topics,
        c.decision_count,
        c.remark,
    ),
    required=("meeting_date", "meeting_level_code", "convener", "attendees"),
    filled=("meeting_date", "meeting_level_code", "convener"),
    row_identity=("meeting_date", "convener"),
    key=("meeting_id",),
    references=(
        Reference("street", "street", "street_id", required=False),
        Reference("organisation", "attendees", "attendee_ids", required=False, departments=True),
    ),
    derived=Derived("meeting_id", "会议编号", ("meeting_level_code", "convener", "meeting_date"), numbered=True),
    note_columns=("remark",),
    rules=(no_personal_data("topics"),),
)
