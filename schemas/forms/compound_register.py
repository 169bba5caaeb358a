"""F02 老旧小区基本情况登记表: the compounds of a street."""

import polars as pl

from schemas import columns as c
from schemas.forms.bands import area_per_household
from schemas.forms.base import Form, Rule

FORM = Form(
    code="F02",
    entity="compound_register",
    title_zh="老旧小区基本情况登记表",
    title_en="Compound register",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="on_change",
    report_key=("street",),
    columns=(
        c.seq_no,
        c.street,
        c.community,
        c.compound_name,
        c.compound_alias,
        c.address,
        c.property_owner,
        c.property_manager,
        c.heat_supplier,
        c.heat_type_code,
        c.built_year_from,
        c.built_year_to,
        c.building_count,
        c.household_count,
        c.resident_count,
        c.floor_area_m2,
        c.plan_year,
        c.batch_no,
        c.is_pilot,
        c.remark,
    ),
    required=("street", "compound_name", "floor_area_m2", "plan_year"),
    filled=("street", "compound_name", "floor_area_m2", "plan_year"),
    row_identity=("compound_name",),
    key=("compound_id",),
    defines="compound",
    note_columns=("remark",),
    rules=(
        Rule(
            "E43",
            "built_years_in_order",
            pl.col("built_year_to") >= pl.col("built_year_from"),
            "built_year_to",
            "建成年代的止年不早于起年",
        ),
        Rule(
            "E43",
            "built_1949_to_1990",
            pl.col("built_year_from").is_between(1949, 1990),
            "built_year_from",
            "老旧小区一般建于1949至1990年",
            severity="W",
        ),
        area_per_household("floor_area_m2", "household_count"),
    ),
)
