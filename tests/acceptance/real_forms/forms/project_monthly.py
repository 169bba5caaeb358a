"""Wages on one building site at month end: four header rows, 61 columns, dates that are none."""

from collections.abc import Iterator

from schemas.columns import Column
from schemas.forms import Form

_PERSON_TIMES = ("paid_person_times", "paid_person_times_cash", "paid_person_times_account")
_MONEY = (
    ("settled_wages", "工资结算额"),
    ("deducted", "扣款额"),
    ("due_wages", "合计应发额"),
    ("due_wages_cash", "现金应发额"),
    ("due_wages_account", "专户应发额"),
    ("paid_wages", "合计实发额"),
    ("paid_wages_cash", "现金实发额"),
    ("paid_wages_account", "专户实发额"),
    ("owed_wages", "合计欠发额"),
    ("owed_wages_cash", "现金欠发额"),
    ("owed_wages_account", "专户欠发金额"),
)
_SHARES = (("paid_share", "合计发放比例"), ("paid_share_cash", "现金发放比例"), ("paid_share_account", "专户发放比例"))
_SPANS = (("cum", "累计"), ("month", "本月"))


def _yuan(name: str, label_zh: str) -> Column:
    return Column(name, "decimal", label_zh, label_zh, unit="yuan", precision=18)


def _pairs() -> Iterator[Column]:
    for span, label in _SPANS:
        for name in _PERSON_TIMES:
            yield Column(f"{name}_{span}", "integer", f"发放人次（{label}）", "Wage payments to persons", sums=True)
        yield _yuan(f"subcontract_{span}_yuan", f"分包结算额（{label}）")
        for name, label_zh in _MONEY:
            yield _yuan(f"{name}_{span}_yuan", f"{label_zh}（{label}）")
        for name, label_zh in _SHARES:
            # A share the sender worked out, sometimes #DIV/0! or over 100 %: kept as written, never computed with.
            yield Column(f"{name}_{span}", "text", f"{label_zh}（{label}）", label_zh)


FORM = Form(
    code="T02",
    entity="project_monthly",
    title_zh="未完工项目建筑工人实名制及工资支付管理推进情况表",
    title_en="Site workers and wages, monthly",
    filed_by_zh="施工单位",
    filer_kind="any",
    cadence="monthly",
    report_key=("filer", "period"),
    columns=(
        Column("seq_no", "text", "序号", "Number of the line"),
        Column("report_month", "month", "报告期", "Month of the report"),
        Column("contractor", "text", "施工单位", "Contractor, with a person's name and phone", sensitivity="personal"),
        Column("project_name", "text", "项目名称", "Project as written"),
        Column("stages", "list", "施工阶段", "Stages of construction, one or more"),
        Column("contract_value_yuan", "decimal", "合同额", "Contract value", unit="yuan", precision=18, sums=True),
        Column("planned_start", "date", "合同开工", "Start by contract"),
        Column("planned_finish", "date", "合同竣工", "Finish by contract"),
        Column("actual_start", "date", "实际开工", "Start on site"),
        Column("actual_finish", "date", "实际竣工", "Finish on site"),
        Column("permit_no", "text", "施工许可证号", "Number of the building permit"),
        Column("place", "text", "项目所在地区", "Where the site is"),
        Column("wage_officers", "integer", "劳资专管员数量", "Wage officers"),
        Column("wage_officer_name", "text", "劳资专管员姓名", "Name of a person", sensitivity="personal"),
        Column("wage_officer_phone", "text", "劳资专管员手机号", "Phone of a person", sensitivity="personal"),
        Column("has_devices", "text", "实名制设备", "1, or why not"),
        Column("device_brand", "text", "实名制设备品牌", "Brand"),
        Column("is_connected", "text", "对接情况", "1, or why not"),
        Column("bank", "text", "开户银行", "Bank of the wage account"),
        Column("account_no", "text", "专户账号", "Account", sensitivity="personal"),
        Column("pays_through_platform", "text", "是否已通过省平台发放工资", "1, or why not"),
        Column("deposited_cum_yuan", "decimal", "累计存入金额", "Deposited so far", unit="yuan", precision=18),
        Column("deposited_month_yuan", "decimal", "本月存入金额", "Deposited in the month", unit="yuan", precision=18),
        Column("account_balance_yuan", "decimal", "账户余额", "Balance", unit="yuan", precision=18),
        Column("workers_registered_cum", "integer", "累计在册人数", "Workers registered so far"),
        *_pairs(),
        Column("remark", "text", "备注", "Remark", sensitivity="internal"),
    ),
    required=("report_month", "project_name", "contract_value_yuan"),
    filled=("report_month", "project_name"),
    row_identity=("project_name",),
    key=("report_month", "project_name"),
)
