"""Works of one county, two programme years side by side."""

from schemas.columns import Column
from schemas.forms import Form

_AREA = "decimal"


def _count(name: str, label_zh: str) -> Column:
    return Column(name, "integer", label_zh, label_zh, sums=True, low=0)


def _area(name: str, label_zh: str) -> Column:
    return Column(name, "decimal", label_zh, f"{label_zh}, in 10,000 mu", places=4, sums=True, low=0)


def _money(name: str, label_zh: str) -> Column:
    return Column(name, "decimal", label_zh, label_zh, unit="yuan", precision=18, sums=True, low=0)


FORM = Form(
    code="T01",
    entity="county_works",
    title_zh="高标准农田建设项目调度表",
    title_en="Works schedule of a county",
    filed_by_zh="县市区",
    filer_kind="any",
    cadence="on_change",
    report_key=("filer",),
    columns=(
        Column("county", "text", "县市区", "County as written"),
        Column("programme_year", "year", "年度", "Year of the block the project stands in"),
        Column("project_name", "text", "项目名称", "Project as written"),
        Column("approved_year", "year", "立项年度", "Year of approval"),
        _count("project_count", "项目个数"),
        _area("planned_area_10k_mu", "计划面积"),
        _area("started_area_10k_mu", "开工面积"),
        _area("completed_area_10k_mu", "完成面积"),
        _money("planned_investment_yuan", "计划投资"),
        _money("completed_investment_yuan", "完成投资"),
        _count("accepted_count", "完成县级验收个数"),
        _count("scheme_written_count", "实施方案编制完成个数"),
        _count("scheme_approved_count", "实施方案批复完成个数"),
        _count("financial_review_count", "财政评审完成个数"),
        _count("tendered_count", "招投标完成个数"),
        _count("started_count", "开工个数"),
        Column("promised_finish", "date", "承诺完成时间", "Promised finish"),
        Column("promised_start", "date", "承诺开工时间", "Promised start"),
        Column("problems", "text", "存在的问题", "Problems, in words", sensitivity="internal"),
    ),
    required=("county", "programme_year", "project_name"),
    filled=("county", "programme_year", "project_name"),
    row_identity=("project_name",),
    key=("county", "programme_year", "project_name"),
)
