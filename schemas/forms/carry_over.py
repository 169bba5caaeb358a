"""F20 跨年结转项目表: buildings of one programme year that are finished in the next."""

import polars as pl

from schemas import columns as c
from schemas.forms.bands import building_area
from schemas.forms.base import Form, Reference, Rule
from schemas.forms.dates import no_personal_data

FORM = Form(
    code="F20",
    entity="carry_over",
    title_zh="跨年结转项目表",
    title_en="Carried over to the next year",
    filed_by_zh="区指挥部",
    filer_kind="headquarters",
    cadence="yearly",
    report_key=("period",),
    columns=(
        c.seq_no,
        c.from_year,
        c.to_year,
        c.street,
        c.compound_name,
        c.building_no,
        c.carried_area_m2,
        c.carry_reason,
        c.remark,
    ),
    required=("from_year", "to_year", "compound_name", "building_no", "carried_area_m2"),
    filled=("from_year", "to_year", "compound_name", "building_no", "carried_area_m2"),
    row_identity=("compound_name", "building_no"),
    key=("building_id", "from_year"),
    references=(
        Reference("street", "street", "street_id", required=False),
        Reference("compound", "compound_name", "compound_id"),
        Reference("building", "building_no", "building_id"),
    ),
    note_columns=("remark",),
    rules=(
        building_area("carried_area_m2"),
        Rule(
            "E43",
            "to_year_after_from_year",
            pl.col("to_year") > pl.col("from_year"),
            "to_year",
            "结转年度应晚于任务年度",
        ),
        no_personal_data("carry_reason"),
    ),
)
