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
