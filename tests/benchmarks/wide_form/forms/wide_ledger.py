"""T25 宽台账: 25 typed columns, the form of the comparison with other tools."""

import polars as pl

from schemas import columns as c
from schemas.columns import Column
from schemas.forms import Form, Reference, Rule


def _text(name: str, label: str) -> Column:
    return Column(name, "text", label, f"Text {name}")


def _date(name: str, label: str) -> Column:
    return Column(name, "date", label, f"Date {name}")


def _money(name: str, label: str) -> Column:
    return Column(name, "decimal", label, f"Figure {name}", unit="yuan", precision=18, sums=True, low=0)


def _count(name: str, label: str) -> Column:
    return Column(name, "integer", label, f"Count {name}", unit="person", sums=True, low=0)


FORM = Form(
    code="T25",
    entity="wide_ledger",
    title_zh="工程宽台账",
    title_en="Wide ledger of works",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="per_event",
    report_key=("street", "period"),
    filer_column="filer_id",
    columns=(
        c.report_month,
        c.street,
        _text("line_no", "项目编号"),
        _text("project_name", "项目名称"),
        _text("yard", "院落"),
        _text("site_firm", "承建公司"),
        _text("site_watch", "监理公司"),
        _text("place", "位置"),
        _text("note_text", "情况说明"),
        c.status_code,
        c.programme_type_code,
        c.structure_type_code,
        c.heat_type_code,
        _date("planned_from", "计划起"),
        _date("planned_to", "计划止"),
        _date("done_from", "实际起"),
        _date("done_to", "实际止"),
        _money("contract_yuan", "合同金额(元)"),
        _money("paid_yuan", "已付金额(元)"),
        _money("material_yuan", "材料费(元)"),
        _money("labour_yuan", "人工费(元)"),
        _money("machine_yuan", "机械费(元)"),
        _money("tax_yuan", "税金(元)"),
        _count("workers", "工人数"),
        _count("households_told", "告知户数"),
        _count("visits", "走访次数"),
        _count("checks_done", "检查次数"),
    ),
    required=("report_month", "line_no", "project_name", "contract_yuan", "paid_yuan"),
    filled=("report_month", "line_no", "project_name", "status_code", "contract_yuan"),
    row_identity=("line_no",),
    key=("report_month", "street_id", "line_no"),
    references=(Reference("street", "street", "street_id", required=False),),
    rules=(
        Rule(
            "E05",
            "paid_within_contract",
            pl.col("paid_yuan") <= pl.col("contract_yuan"),
            "paid_yuan",
            "已付金额不大于合同金额",
        ),
        Rule(
            "E06",
            "planned_in_order",
            pl.col("planned_to") >= pl.col("planned_from"),
            "planned_to",
            "计划止不早于计划起",
        ),
        Rule("E06", "done_in_order", pl.col("done_to") >= pl.col("done_from"), "done_to", "实际止不早于实际起"),
    ),
)
