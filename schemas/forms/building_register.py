"""F03 楼栋台账: the buildings of a street; area and type of every figure come from here."""

import polars as pl

from schemas import columns as c
from schemas.forms.bands import area_per_household, building_area
from schemas.forms.base import Form, Reference, Rule

FORM = Form(
    code="F03",
    entity="building_register",
    title_zh="楼栋台账",
    title_en="Building register",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="on_change",
    report_key=("street",),
    columns=(
        c.seq_no,
        c.street,
        c.compound_name,
        c.building_no,
        c.built_year,
        c.structure_type_code,
        c.storeys_above,
        c.storeys_below,
        c.unit_count,
        c.household_count,
        c.floor_area_m2,
        c.seismic_appraisal_code,
        c.energy_class_code,
        c.programme_type_code,
        c.planned_items,
        c.contractor,
        c.lot_no,
        c.supervisor,
        c.designer,
        c.remark,
    ),
    required=("compound_name", "building_no", "household_count", "floor_area_m2", "programme_type_code"),
    filled=("compound_name", "building_no", "household_count", "floor_area_m2", "programme_type_code"),
    row_identity=("compound_name", "building_no"),
    key=("building_id",),
    defines="building",
    references=(
        Reference("compound", "compound_name", "compound_id"),
        Reference("organisation", "contractor", "contractor_id"),
    ),
    single=("programme_type_code",),
    note_columns=("remark",),
    rules=(
        building_area("floor_area_m2"),
        area_per_household("floor_area_m2", "household_count"),
        Rule("E43", "has_households", pl.col("household_count") > 0, "household_count", "户数应大于0"),
        Rule(
            "E43",
            "seismic_before_1980",
            (pl.col("built_year") >= 1980) | (pl.col("programme_type_code") == "SEISMIC_ENERGY"),
            "programme_type_code",
            "1980年以前建成的楼栋一般列入抗震节能综合改造",
            severity="W",
        ),
    ),
)
