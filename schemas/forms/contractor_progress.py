"""F06 施工单位楼栋施工进度月报: the state of a contractor's buildings in one street at month end."""

import polars as pl

from schemas import columns as c
from schemas.forms.bands import area_per_household, building_area
from schemas.forms.base import Due, Exclusive, Form, Reference, Restated, Rule

_FINISHED = pl.col("status_code").is_in(["FINISHED", "ACCEPTED"])
_START_IS_ACTUAL = pl.col("actual_start_kind") == "actual"
_FINISH_IS_ACTUAL = pl.col("actual_finish_kind") == "actual"


def _by_month_end(column: str) -> pl.Expr:
    actual = pl.col(f"{column}_kind") == "actual"
    return ~actual | (pl.col(column) <= pl.col("report_month").dt.month_end())


FORM = Form(
    code="F06",
    entity="contractor_progress",
    title_zh="施工单位楼栋施工进度月报",
    title_en="Contractor's monthly progress by building",
    filed_by_zh="施工单位",
    filer_kind="contractor",
    cadence="monthly",
    due=Due("day", 2),
    report_key=("filer", "street", "period"),
    filer_column="contractor_id",
    columns=(
        c.seq_no,
        c.report_month,
        c.street,
        c.contractor,
        c.lot_no,
        c.compound_name,
        c.building_no,
        c.floor_area_m2,
        c.household_count,
        c.planned_start,
        c.actual_start,
        c.planned_finish,
        c.actual_finish,
        c.progress_text,
        c.progress_ratio,
        c.status_code,
        c.output_value_yuan,
        c.contract_value_yuan,
        c.workers_on_site,
        c.delay_reason,
        c.next_month_plan,
        c.remark,
    ),
    required=(
        "report_month",
        "compound_name",
        "building_no",
        "floor_area_m2",
        "actual_start",
        "actual_finish",
        "status_code",
    ),
    filled=("report_month", "compound_name", "building_no", "status_code"),
    row_identity=("compound_name", "building_no"),
    key=("report_month", "building_id"),
    references=(
        Reference("compound", "compound_name", "compound_id"),
        Reference("building", "building_no", "building_id"),
    ),
    items="work_item_progress",
    exclusive=Exclusive("contractor_id", ("report_month", "building_id"), "building_register", "contractor_id"),
    restated=(
        Restated("floor_area_m2", "building_register", "floor_area_m2", "E07"),
        Restated("household_count", "building_register", "household_count", "E31"),
    ),
    series_key=("building_id",),
    in_motion=pl.col("status_code") == "IN_PROGRESS",
    note_columns=("delay_reason", "remark"),
    claims={
        "started_area_m2": pl.when(_START_IS_ACTUAL | _FINISHED).then("floor_area_m2"),
        "completed_area_m2": pl.when(_FINISHED).then("floor_area_m2"),
    },
    rules=(
        building_area("floor_area_m2"),
        area_per_household("floor_area_m2", "household_count"),
        Rule(
            "E06",
            "finish_not_before_start",
            ~(_START_IS_ACTUAL & _FINISH_IS_ACTUAL) | (pl.col("actual_finish") >= pl.col("actual_start")),
            "actual_finish",
            "实际竣工日期不早于实际开工日期",
        ),
        Rule("E06", "start_by_month_end", _by_month_end("actual_start"), "actual_start", "实际开工日期不晚于报告期末"),
        Rule(
            "E06", "finish_by_month_end", _by_month_end("actual_finish"), "actual_finish", "实际竣工日期不晚于报告期末"
        ),
        Rule(
            "E06",
            "planned_dates_in_order",
            pl.col("planned_finish") >= pl.col("planned_start"),
            "planned_finish",
            "合同竣工日期不早于合同开工日期",
            severity="W",
        ),
        Rule(
            "E40",
            "finished_has_a_date",
            ~_FINISHED | _FINISH_IS_ACTUAL.fill_null(value=False),
            "actual_finish",
            "工程状态为完工或已验收时应填写实际竣工日期",
            severity="W",
        ),
    ),
)
