"""Quantities and prices of one building's works: section rows with subtotals, totals numbered 三 四 五."""

from schemas.columns import Column
from schemas.forms import Form


def _figure(name: str, label_zh: str, *, sums: bool = False, unit: str | None = None) -> Column:
    return Column(name, "decimal", label_zh, label_zh, unit=unit, precision=18, places=4, sums=sums)


FORM = Form(
    code="T07",
    entity="bill_of_quantities",
    title_zh="工程量偏差或漏项对比表",
    title_en="Bill of quantities",
    filed_by_zh="造价咨询单位",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        Column("section", "text", "分部", "Division of the works"),
        Column("seq_no", "text", "序号", "Number of the line"),
        Column("item_code", "text", "项目编码", "Twelve digits, sometimes with a province before"),
        Column("item_name", "text", "项目名称", "Item as written"),
        Column("features", "text", "项目特征描述", "Description", sensitivity="internal"),
        Column("unit_text", "text", "计量单位", "Unit of the quantities, as written"),
        _figure("contract_quantity", "合同工程量"),
        _figure("claimed_quantity", "送审工程量"),
        _figure("audited_quantity", "审核工程量"),
        _figure("bid_price_yuan", "投标单价", unit="yuan"),
        _figure("budget_price_yuan", "预算备案单价", unit="yuan"),
        _figure("contract_amount_yuan", "合同合价", sums=True, unit="yuan"),
        _figure("claimed_amount_yuan", "结算合价", sums=True, unit="yuan"),
        _figure("audited_amount_yuan", "审核合价", sums=True, unit="yuan"),
        Column("remark", "text", "备注", "Remark", sensitivity="internal"),
    ),
    required=("item_code", "item_name", "contract_amount_yuan"),
    filled=("item_code", "item_name"),
    row_identity=("item_code", "item_name"),
    key=("section", "item_code", "seq_no"),
)
