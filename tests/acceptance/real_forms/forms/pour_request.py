"""Requests to pour concrete: a form, not a table; a quantity with 约 and its unit, ticks behind options."""

from schemas.columns import Column
from schemas.forms import Form


def _text(name: str, label_zh: str) -> Column:
    return Column(name, "text", label_zh, label_zh)


FORM = Form(
    code="T08",
    entity="pour_request",
    title_zh="混凝土浇灌申请书",
    title_en="Request to pour concrete",
    filed_by_zh="施工单位",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        _text("builder", "施工单位"),
        _text("request_no", "编号"),
        _text("project_name", "工程名称"),
        _text("basis", "施工依据"),
        Column("quantity_m3", "decimal", "浇筑混凝土量", "Concrete asked for", unit="m3"),
        _text("part", "申请浇筑部位"),
        _text("strength", "混凝土强度等级"),
        _text("slump", "技术要求"),
        Column("requested_from", "date", "申请浇筑时间", "First day asked for"),
        Column("requested_to", "date", "申请浇筑时间（至）", "Last day asked for"),
        Column("approved_from", "date", "批准浇筑时间", "First day approved"),
        Column("approved_to", "date", "批准浇筑时间（至）", "Last day approved"),
        Column("mixing_code", "code", "混凝土搅拌方式", "How it is mixed", codes="mixing"),
        Column("transport_code", "code", "混凝土运输方式", "How it is moved", codes="transport"),
        _text("curing", "养护措施"),
        _text("mix_no", "混凝土配比单号"),
        _text("material_quality", "材料质量认证"),
        _text("tools", "机械工具准备"),
        _text("site_organisation", "施工组织"),
    ),
    required=("project_name", "quantity_m3", "part", "requested_from"),
    filled=("project_name", "part", "requested_from"),
    row_identity=("project_name", "part"),
    key=("project_name", "part", "requested_from"),
)
