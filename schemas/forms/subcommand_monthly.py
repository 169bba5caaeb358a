"""F08 分指挥部月报表: what a street's sub-command says of its compounds at month end, in 万㎡."""

import polars as pl

from schemas import columns as c
from schemas.forms.bands import area_per_building, area_per_household, households_for_area
from schemas.forms.base import Cumulative, Due, Form, Reference, Rule


def _completed_within_started(measure: str, label_zh: str) -> Rule:
    completed, started = f"completed_{measure}", f"started_{measure}"
    return Rule(
        "E05",
        f"{completed}_within_started",
        pl.col(completed) <= pl.col(started),
        completed,
        f"累计完工{label_zh}不大于累计开工{label_zh}",
    )


FORM = Form(
    code="F08",
    entity="subcommand_monthly",
    title_zh="海淀区老旧小区综合整治进展情况月报",
    title_en="Sub-command's monthly report",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="monthly",
    due=Due("working_day", 3),
    report_key=("street", "period"),
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.report_month,
        c.street,
        c.compound_name,
        c.programme_type_code,
        c.task_area_m2,
        c.started_buildings_month,
        c.started_area_month_m2,
        c.started_buildings_cum,
        c.started_area_cum_m2,
        c.started_households_cum,
        c.completed_buildings_month,
        c.completed_area_month_m2,
        c.completed_buildings_cum,
        c.completed_area_cum_m2,
        c.completed_households_cum,
        c.problems,
        c.prepared_by,
        c.phone,
        c.report_date,
    ),
    required=(
        "report_month",
        "street",
        "compound_name",
        "programme_type_code",
        "started_area_cum_m2",
        "completed_area_cum_m2",
    ),
    filled=("report_month", "street", "compound_name", "programme_type_code"),
    row_identity=("compound_name", "programme_type_code"),
    key=("report_month", "compound_id", "programme_type_code"),
    references=(Reference("compound", "compound_name", "compound_id"),),
    series_key=("compound_id", "programme_type_code"),
    cumulative=(
        Cumulative("started_buildings_cum", "started_buildings_month"),
        Cumulative("started_area_cum_m2", "started_area_month_m2", exact=False),
        Cumulative("started_households_cum"),
        Cumulative("completed_buildings_cum", "completed_buildings_month"),
        Cumulative("completed_area_cum_m2", "completed_area_month_m2", exact=False),
        Cumulative("completed_households_cum"),
    ),
    claims={"started_area_m2": pl.col("started_area_cum_m2"), "completed_area_m2": pl.col("completed_area_cum_m2")},
    note_columns=("problems",),
    rules=(
        area_per_household("started_area_cum_m2", "started_households_cum", "started_buildings_cum"),
        area_per_household("completed_area_cum_m2", "completed_households_cum", "completed_buildings_cum"),
        households_for_area("started_area_cum_m2", "started_households_cum", "started_buildings_cum"),
        households_for_area("completed_area_cum_m2", "completed_households_cum", "completed_buildings_cum"),
        area_per_building("started_area_cum_m2", "started_buildings_cum"),
        area_per_building("completed_area_cum_m2", "completed_buildings_cum"),
        _completed_within_started("buildings_cum", "栋数"),
        _completed_within_started("area_cum_m2", "面积"),
        _completed_within_started("households_cum", "户数"),
        Rule(
            "E43",
            "started_within_task",
            pl.col("started_area_cum_m2") <= pl.col("task_area_m2") * 6 / 5,
            "started_area_cum_m2",
            "累计开工面积一般不超过任务面积的1.2倍",
            severity="W",
        ),
    ),
)
