"""F10 区汇总月报: what the district tells the city of its streets; the columns and rules of F08, street by street."""

from schemas import columns as c
from schemas.forms.base import Due, Form, Reference
from schemas.forms.subcommand_monthly import FORM as SUBCOMMAND

FORM = Form(
    code="F10",
    entity="district_return",
    title_zh="海淀区老旧小区综合整治进展情况汇总月报",
    title_en="District's monthly return",
    filed_by_zh="区指挥部",
    filer_kind="headquarters",
    cadence="monthly",
    due=Due("day", 5),
    report_key=("period",),
    columns=tuple(column for column in SUBCOMMAND.columns if column is not c.compound_name),
    required=tuple(name for name in SUBCOMMAND.required if name != "compound_name"),
    filled=tuple(name for name in SUBCOMMAND.filled if name != "compound_name"),
    row_identity=("street", "programme_type_code"),
    key=("report_month", "street_id", "programme_type_code"),
    references=(Reference("street", "street", "street_id"),),
    series_key=("street_id", "programme_type_code"),
    cumulative=SUBCOMMAND.cumulative,
    claims=SUBCOMMAND.claims,
    note_columns=SUBCOMMAND.note_columns,
    rules=SUBCOMMAND.rules,
)
