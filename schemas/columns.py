"""Each canonical column once: its kind, unit, Chinese label, meaning and sensitivity.

Forms pick columns from here, so that a floor area is the same thing wherever it stands. Kinds decide how a cell is
read and how the value is stored; nothing else in the project decides either.
"""

from dataclasses import dataclass, replace
from typing import Literal

import polars as pl
from polars.datatypes import DataType, DataTypeClass

Kind = Literal[
    "text",
    "code",
    "list",
    "flags",
    "integer",
    "storeys",
    "decimal",
    "ratio",
    "date",
    "month",
    "year",
    "year_range",
    "boolean",
]
Sensitivity = Literal["open", "internal", "personal"]
PolarsType = DataType | DataTypeClass

DATE_KINDS = ("actual", "forecast", "duration", "text")
DATE_PRECISIONS = ("day", "month", "period", "year", "none")


@dataclass(frozen=True)
class Column:
    """One canonical column.

    ``unit`` is the unit the stored value has. ``places`` are the decimals stored, half-up. ``sums`` marks a measure
    that total rows add up and that marts add up: an approximate value in it is not accepted. ``low`` and ``high`` are
    the closed range a plausible value lies in (E43). ``spills_into`` names the column that takes the second part of a
    cell which holds two values ("1982-1986", "6/-1"). ``codes`` names the code list of a code, flags or unit column.
    ``published`` marks an internal text that a summary shows: releases hold it masked, and no other internal one.
    """

    name: str
    kind: Kind
    label_zh: str
    meaning: str
    unit: str | None = None
    sensitivity: Sensitivity = "open"
    codes: str | None = None
    precision: int = 14
    places: int = 2
    sums: bool = False
    low: int | None = None
    high: int | None = None
    spills_into: str | None = None
    published: bool = False

    @property
    def dtype(self) -> PolarsType:
        """The polars type of the stored value."""
        match self.kind:
            case "text" | "code":
                return pl.String
            case "list" | "flags":
                return pl.List(pl.String)
            case "integer" | "storeys" | "year" | "year_range":
                return pl.Int64
            case "decimal":
                return pl.Decimal(self.precision, self.places)
            case "ratio":
                return pl.Decimal(9, 6)
            case "date" | "month":
                return pl.Date
            case "boolean":
                return pl.Boolean

    @property
    def stored(self) -> dict[str, PolarsType]:
        """The columns a table holds for this one: itself and, for a date, how it was meant and how exact it is."""
        own: dict[str, PolarsType] = {self.name: self.dtype}
        if self.kind == "date":
            own |= {f"{self.name}_kind": pl.String, f"{self.name}_precision": pl.String}
        return own

    def labelled(self, label_zh: str, meaning: str | None = None) -> "Column":
        """Give the same column under the label (and meaning) one form prints for it."""
        return replace(self, label_zh=label_zh, meaning=meaning or self.meaning)


def _area(name: str, label_zh: str, meaning: str, *, sums: bool = True, low: int | None = 0) -> Column:
    return Column(name, "decimal", label_zh, meaning, unit="m2", sums=sums, low=low)


def _count(name: str, label_zh: str, meaning: str, unit: str, *, sums: bool = True) -> Column:
    return Column(name, "integer", label_zh, meaning, unit=unit, sums=sums, low=0)


def _money(name: str, label_zh: str, meaning: str) -> Column:
    return Column(name, "decimal", label_zh, meaning, unit="yuan", precision=18, sums=True, low=0)


def _quantity(name: str, label_zh: str, meaning: str) -> Column:
    return Column(name, "decimal", label_zh, meaning, unit="item_unit", precision=18, places=4)


# Who, where, when
plan_year = Column(
    "plan_year", "year", "计划年度", "Programme year the area or compound is a task of", low=2012, high=2100
)
district = Column("district", "text", "区县", "District the target is given to")
street = Column("street", "text", "街道", "Street as written; the id is street_id")
community = Column("community", "text", "社区", "Residents' committee; may hold several compounds and the reverse")
compound_name = Column("compound_name", "text", "小区名称", "Compound as written; the id is compound_id")
compound_alias = Column("compound_alias", "list", "曾用名", "Other names the compound is known by")
address = Column("address", "text", "地址", "Street address of the compound")
building_no = Column("building_no", "text", "楼号", "Building number as written; the id is building_id")
report_month = Column(
    "report_month", "month", "报告期", "Month the report is about, as its first day; state at month end"
)
lot_no = Column("lot_no", "text", "标段", "Contract lot")
contractor = Column("contractor", "text", "施工单位", "Contractor as written; the id is contractor_id")
supervisor = Column("supervisor", "text", "监理单位", "Supervising engineer's firm as written")
designer = Column("designer", "text", "设计单位", "Design firm as written")
programme_type_code = Column(
    "programme_type_code",
    "code",
    "改造类型",
    "Programme type; a building's area counts once, under one type",
    codes="programme_types",
)
remark = Column("remark", "text", "备注", "Free remark", sensitivity="internal")
seq_no = Column("seq_no", "text", "序号", "Number the sender gave the line; restarts anywhere, never a key")

# Target (F01)
target_area_m2 = _area("target_area_m2", "任务面积", "Area the city asks for in the plan year")
target_compounds = _count("target_compounds", "任务小区数", "Compounds the city asks for", "compound")
issued_doc_no = Column("issued_doc_no", "text", "文号", "Number of the document that gives the target")
issued_date = Column("issued_date", "date", "下达日期", "Day the target was issued")
target_version = Column(
    "target_version", "integer", "调整次数", "1 for the first target, then one more per adjustment", low=1
)

# Register (F02, F03)
property_owner = Column("property_owner", "text", "产权单位", "Owners of the buildings, as written")
property_manager = Column("property_manager", "text", "物业单位", "Property manager, as written")
heat_supplier = Column("heat_supplier", "text", "供热单位", "Heat supplier, as written")
heat_type_code = Column("heat_type_code", "code", "供热方式", "Kind of heating", codes="heat_types")
built_year_from = Column(
    "built_year_from",
    "year_range",
    "建成年代(起)",
    "First year of construction",
    low=1900,
    high=2100,
    spills_into="built_year_to",
)
built_year_to = Column("built_year_to", "year", "建成年代(止)", "Last year of construction", low=1900, high=2100)
building_count = _count("building_count", "楼栋数", "Buildings of the compound", "building")
household_count = _count("household_count", "户数", "Households", "household")
resident_count = _count("resident_count", "常住人口", "Residents", "person")
floor_area_m2 = _area("floor_area_m2", "建筑面积", "Floor area")
batch_no = Column("batch_no", "code", "批次", "Batch of the year's plan", codes="batches")
is_pilot = Column("is_pilot", "boolean", "是否试点", "Whether the compound is a pilot")
built_year = Column("built_year", "year", "建成年份", "Year of construction", low=1900, high=2100)
structure_type_code = Column("structure_type_code", "code", "结构形式", "Structure", codes="structure_types")
storeys_above = Column(
    "storeys_above",
    "storeys",
    "层数",
    "Storeys above ground",
    unit="storey",
    low=1,
    high=33,
    spills_into="storeys_below",
)
storeys_below = Column("storeys_below", "integer", "地下层数", "Storeys below ground", unit="storey", low=0, high=3)
unit_count = Column(
    "unit_count", "integer", "单元数", "Stairwells (单元) of the building", unit="stairwell", low=1, high=12
)
seismic_appraisal_code = Column(
    "seismic_appraisal_code", "code", "抗震鉴定结论", "Result of the seismic appraisal", codes="seismic_appraisals"
)
energy_class_code = Column(
    "energy_class_code", "code", "节能情况", "Energy class before the works", codes="energy_classes"
)
planned_items = Column("planned_items", "flags", "改造内容", "Work items planned", codes="work_items")

# Progress (F06, F07)
planned_start = Column("planned_start", "date", "合同开工日期", "Start by contract")
actual_start = Column("actual_start", "date", "实际开工日期", "Start on site; counts only where its kind is actual")
planned_finish = Column("planned_finish", "date", "合同竣工日期", "Finish by contract")
actual_finish = Column("actual_finish", "date", "实际竣工日期", "Finish on site; counts only where its kind is actual")
progress_text = Column("progress_text", "text", "形象进度", "Progress in words", sensitivity="internal")
progress_ratio = Column(
    "progress_ratio", "ratio", "完成比例", "Progress of the building, 0 to 1", unit="1", low=0, high=1
)
status_code = Column("status_code", "code", "工程状态", "State of the works", codes="statuses")
output_value_yuan = _money("output_value_yuan", "累计完成产值", "Value of work done since the start")
contract_value_yuan = _money("contract_value_yuan", "合同额", "Contract value")
workers_on_site = _count("workers_on_site", "现场人数", "Workers on site", "person")
delay_reason = Column("delay_reason", "text", "滞后原因", "Why the works are late", sensitivity="internal")
next_month_plan = Column("next_month_plan", "text", "下月计划", "What is planned next month", sensitivity="internal")
work_item_code = Column("work_item_code", "code", "分项工程", "Work item of the wide block", codes="work_items")
unit_code = Column("unit_code", "code", "计量单位", "Unit the quantities are in; it decides the measure", codes="units")
qty_design = _quantity("qty_design", "设计量", "Quantity by design")
qty_month = _quantity("qty_month", "本月完成", "Quantity done in the month")
qty_cum = _quantity("qty_cum", "累计完成", "Quantity done since the start")

# Sub-command's monthly report (F08)
task_area_m2 = _area("task_area_m2", "任务面积", "Area of the task in the compound and type")
started_buildings_month = _count(
    "started_buildings_month", "本月开工栋数", "Buildings started in the month", "building"
)
started_area_month_m2 = _area("started_area_month_m2", "本月开工面积", "Area started in the month")
started_buildings_cum = _count("started_buildings_cum", "累计开工栋数", "Buildings started so far", "building")
started_area_cum_m2 = _area("started_area_cum_m2", "累计开工面积", "Area started so far")
started_households_cum = _count("started_households_cum", "涉及户数", "Households in started buildings", "household")
completed_buildings_month = _count(
    "completed_buildings_month", "本月完工栋数", "Buildings completed in the month", "building"
)
completed_area_month_m2 = _area("completed_area_month_m2", "本月完工面积", "Area completed in the month")
completed_buildings_cum = _count("completed_buildings_cum", "累计完工栋数", "Buildings completed so far", "building")
completed_area_cum_m2 = _area("completed_area_cum_m2", "累计完工面积", "Area completed so far")
completed_households_cum = _count(
    "completed_households_cum", "受益户数", "Households in completed buildings", "household"
)
problems = Column("problems", "text", "存在问题", "Problems, in words", sensitivity="internal")
prepared_by = Column("prepared_by", "text", "填表人", "Person who filled the form", sensitivity="personal")
phone = Column("phone", "text", "联系电话", "Phone of that person", sensitivity="personal")
report_date = Column("report_date", "date", "填报日期", "Day the form was filled in")

# Directory (F22)
full_name = Column("full_name", "text", "单位全称", "Registered name of the organisation")
short_names = Column("short_names", "list", "简称", "Short and former names")
org_type_code = Column("org_type_code", "code", "单位类型", "Kind of organisation", codes="org_types")
licence_no = Column("licence_no", "text", "资质证书编号", "Number of the qualification certificate")
contact_name = Column("contact_name", "text", "联系人", "Contact person", sensitivity="personal")
contact_phone = Column("contact_phone", "text", "联系电话", "Contact person's phone", sensitivity="personal")

# Batches and pilots (F04, F05)
planned_area_m2 = _area("planned_area_m2", "计划面积", "Area planned for the batch")
pilot_topic = Column("pilot_topic", "text", "试点内容", "What is tried out")
pilot_stage_code = Column("pilot_stage_code", "code", "试点阶段", "How far the pilot is", codes="pilot_stages")
effect_note = Column("effect_note", "text", "试点效果", "What the pilot showed", sensitivity="internal", published=True)
rolled_out_to = Column("rolled_out_to", "list", "推广小区", "Compounds the pilot was rolled out to, as written")

# Weekly flash (F09)
week_end = Column("week_end", "date", "截止日期", "Last day of the week the flash is about")
in_progress_buildings = _count("in_progress_buildings", "在施栋数", "Buildings with works going on", "building")

# Opinions and issues (F11, F16)
ledger_year = Column(
    "ledger_year", "year", "台账年度", "Year of the ledger; numbers restart in it", low=2010, high=2100
)
opinion_no = Column("opinion_no", "text", "序号", "Number of the opinion in the ledger of its street and year")
raised_date = Column("raised_date", "date", "提出日期", "Day the opinion or issue was raised")
channel_code = Column("channel_code", "code", "反映渠道", "How the opinion came in", codes="channels")
room_no = Column("room_no", "text", "房号", "Flat of the resident", sensitivity="personal")
resident_name = Column("resident_name", "text", "居民姓名", "Resident who spoke", sensitivity="personal")
resident_phone = Column("resident_phone", "text", "联系电话", "Phone of that resident", sensitivity="personal")
stage_code = Column("stage_code", "code", "环节", "Part of the programme the opinion is about", codes="stages")
opinion_category_code = Column(
    "opinion_category_code", "code", "问题类别", "Subject of the opinion", codes="opinion_categories"
)
content = Column("content", "text", "意见内容", "What was said", sensitivity="internal")
handler = Column("handler", "text", "承办单位", "Who deals with the opinion, as written")
adopted_code = Column("adopted_code", "code", "是否采纳", "Whether the opinion was acted on", codes="adoptions")
reply_date = Column("reply_date", "date", "答复日期", "Day the resident had an answer")
resolution_code = Column("resolution_code", "code", "是否解决", "Whether the matter is settled", codes="resolutions")
resolved_date = Column("resolved_date", "date", "解决日期", "Day the matter was settled")
satisfaction_code = Column(
    "satisfaction_code", "code", "满意度", "What the resident said when asked again", codes="satisfactions"
)
issue_no = Column("issue_no", "text", "序号", "Number of the issue in the ledger of its street and year")
source_meeting = Column("source_meeting", "text", "来源会议", "Meeting the issue comes from, as written")
issue_category_code = Column(
    "issue_category_code", "code", "问题类别", "Subject of the issue", codes="issue_categories"
)
description = Column("description", "text", "问题描述", "What the issue is", sensitivity="internal")
responsible_org = Column("responsible_org", "text", "责任单位", "Who must settle the issue, as written")
due_date = Column("due_date", "date", "完成时限", "Day by which it must be done")
issue_status_code = Column("issue_status_code", "code", "办理状态", "State of the issue", codes="issue_statuses")
closed_date = Column("closed_date", "date", "解决日期", "Day it was closed")

# Consent (F12)
round_no = Column(
    "round_no", "integer", "征询轮次", "1 for the first round of asking, then one more each", low=1, high=20
)
households_total = _count("households_total", "总户数", "Households of the building", "household")
households_surveyed = _count("households_surveyed", "征询户数", "Households asked", "household")
agree_households = _count("agree_households", "同意", "Households that agree", "household")
disagree_households = _count("disagree_households", "不同意", "Households that do not agree", "household")
not_contacted_households = _count(
    "not_contacted_households", "未联系上", "Households that could not be reached", "household"
)
agree_ratio = Column(
    "agree_ratio", "ratio", "同意率", "Share that agrees, as written; marts work it out anew", unit="1", low=0, high=1
)

# Materials and tenders (F13, F14)
event_date = Column("event_date", "date", "活动日期", "Day of the event")
compound_names = Column("compound_names", "list", "小区", "Compounds the event was for, as written")
material_category_code = Column(
    "material_category_code", "code", "材料类别", "Kind of material", codes="material_categories"
)
activity_forms = Column("activity_forms", "flags", "活动形式", "What was done at the event", codes="activity_forms")
brands_shown = _count("brands_shown", "参展厂家数", "Makers that showed their products", "brand")
residents_attended = _count("residents_attended", "参加居民", "Attendances of residents (人次)", "person_time")
votes_cast = _count("votes_cast", "投票数", "Votes cast", "vote")
selected_product = Column("selected_product", "text", "选定产品", "Product the residents chose")
linked_tender_no = Column("linked_tender_no", "text", "对应招标编号", "Tender the choice went into")
tender_no = Column("tender_no", "text", "招标编号", "Number of the tender")
tender_type_code = Column("tender_type_code", "code", "招标内容", "What is put out to tender", codes="tender_types")
tender_method_code = Column(
    "tender_method_code", "code", "招标方式", "How it is put out to tender", codes="tender_methods"
)
notice_date = Column("notice_date", "date", "公告日期", "Day of the notice")
open_date = Column("open_date", "date", "开标日期", "Day the bids were opened")
bidders = _count("bidders", "投标单位数", "Bidders", "bidder")
control_price_yuan = _money("control_price_yuan", "招标控制价", "Highest price allowed")
winner = Column("winner", "text", "中标单位", "Winner as written; the id is winner_id")
win_price_yuan = _money("win_price_yuan", "中标价", "Price of the winner")
award_date = Column("award_date", "date", "中标日期", "Day of the award")
contract_no = Column("contract_no", "text", "合同编号", "Number of the contract")
contract_date = Column("contract_date", "date", "合同签订日期", "Day the contract was signed")

# Meetings (F15)
meeting_date = Column("meeting_date", "date", "会议日期", "Day of the meeting")
meeting_level_code = Column("meeting_level_code", "code", "会议层级", "Level of the meeting", codes="meeting_levels")
convener = Column("convener", "text", "召集单位", "Who called the meeting, as written")
attendees = Column("attendees", "list", "参会单位", "Departments and companies that came, as written")
topics = Column("topics", "text", "会议议题", "What was discussed", sensitivity="internal")
decision_count = _count("decision_count", "议定事项数", "Matters decided", "matter")

# Safety (F17)
inspection_date = Column("inspection_date", "date", "检查日期", "Day of the inspection")
inspection_type_code = Column(
    "inspection_type_code", "code", "检查类型", "Kind of inspection", codes="inspection_types"
)
inspector = Column("inspector", "text", "检查单位", "Who inspected; may be a person", sensitivity="internal")
hazards_found = _count("hazards_found", "发现隐患", "Hazards found", "hazard")
hazards_major = _count("hazards_major", "其中重大隐患", "Major hazards among them", "hazard")
hazards_fixed = _count("hazards_fixed", "已整改", "Hazards put right", "hazard")
notice_no = Column("notice_no", "text", "整改通知书编号", "Number of the notice to put them right")
penalty_yuan = _money("penalty_yuan", "处罚金额", "Fine")
accident_code = Column("accident_code", "code", "事故情况", "Gravest harm done to a person", codes="accidents")

# Party members at the front line (F18)
person_name = Column("person_name", "text", "姓名", "Party member", sensitivity="personal")
person_source_code = Column("person_source_code", "code", "来源", "Who sent the member", codes="person_sources")
org = Column("org", "text", "所在单位", "Organisation the member comes from, as written")
project = Column("project", "text", "派驻项目", "Project the member is posted to, as written")
post_code = Column("post_code", "code", "岗位", "Post held there", codes="posts")
frontline_code = Column("frontline_code", "code", "一线职责", "Duty at the front line", codes="frontlines")
start_date = Column("start_date", "date", "派驻时间", "First day of the posting")
end_date = Column("end_date", "date", "离岗时间", "Last day of the posting; empty while it lasts")

# Environment phase (F19)
env_start = Column("env_start", "date", "环境整治启动日期", "Start of the compound's environment phase")
env_item_code = Column("env_item_code", "code", "整治内容", "Environment item", codes="env_items")
qty_done = _quantity("qty_done", "完成量", "Quantity done since the start, in the item's unit")
env_status_code = Column("env_status_code", "code", "状态", "State of the item", codes="env_statuses")

# Carry-over and acceptance (F20, F21)
from_year = Column("from_year", "year", "任务年度", "Programme year the building is a task of", low=2012, high=2100)
to_year = Column("to_year", "year", "结转年度", "Calendar year the rest is done in", low=2012, high=2100)
carried_area_m2 = _area("carried_area_m2", "结转面积", "Area not complete at the end of from_year")
carry_reason = Column("carry_reason", "text", "结转原因", "Why it is carried over", sensitivity="internal")
acceptance_type_code = Column(
    "acceptance_type_code", "code", "验收类别", "Kind of acceptance", codes="acceptance_types"
)
acceptance_date = Column("acceptance_date", "date", "验收日期", "Day of the acceptance")
acceptance_result_code = Column(
    "acceptance_result_code", "code", "验收结论", "Result of the acceptance", codes="acceptance_results"
)
handover_to = Column("handover_to", "text", "移交单位", "Who takes the building over, as written")
