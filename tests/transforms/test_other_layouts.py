"""A tiny workbook per form, with the header words of FORMS.md, reads without a finding; forms alike are told apart."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.transforms.layout_books import F03_HEADER, faults, found, read, rows_of, values

STREET = "填报单位：花园路分指挥部　填报日期：2013-10-08"
DISTRICT = "填报单位：海淀区指挥部　填报日期：2013-10-08"
DAY = dt.date

# entity: (title, filer line, headers in FORMS.md's words, one row, what the row must hold)
BOOKS = {
    "batch_plan": (
        "2013年分批实施计划表",
        DISTRICT,
        ["序号", "批次", "街道", "小区名称", "计划开工", "计划完工", "计划面积（万㎡）"],
        [1, "第一批", "花园路", "塔院南里", "2013年3月", "2013.10.31", 8.49],
        {
            "plan_year": 2013,
            "batch_no": "1",
            "planned_start": DAY(2013, 3, 1),
            "planned_start_precision": "month",
            "planned_area_m2": Decimal("84900.00"),
        },
    ),
    "pilot_project": (
        "2013年试点项目登记表",
        DISTRICT,
        ["序号", "小区名称", "试点内容", "试点阶段", "试点效果", "推广小区"],
        [1, "塔院南里", "雨洪利用", "推广", "居民欢迎", "牡丹园中里、增光里"],
        {"plan_year": 2013, "pilot_stage_code": "ROLL_OUT", "rolled_out_to": ["牡丹园中里", "增光里"]},
    ),
    "weekly_flash": (
        "工程进度周报",
        DISTRICT,
        ["街道", "截止日期", "在施栋数", "累计完工栋数", "在场工人"],
        ["花园路街道", "2013年6月16日", 12, 3, 260],
        {"week_end": DAY(2013, 6, 16), "in_progress_buildings": 12, "workers_on_site": 260},
    ),
    "resident_opinion": (
        "2013年9月居民意见建议台账",
        STREET,
        [
            *("序号", "反映时间", "反映渠道", "小区", "楼号", "房号", "居民姓名", "联系电话", "环节", "问题类别"),
            *("意见内容", "承办单位", "是否采纳", "答复日期", "是否解决", "解决日期", "满意度"),
        ],
        [
            *(17, "2013-9-2", "12345", "塔院南里", "1号楼", "1-301", "王女士", "63030001", "施工", "噪声扰民"),
            *("早晨\n六点开工，影响休息。", "京合二建", "采纳", "2013-9-4", "已解决", "2013-9-6", "基本满意"),
        ],
        {
            "ledger_year": 2013,
            "opinion_no": "17",
            "channel_code": "HOTLINE_12345",
            "stage_code": "CONSTRUCTION",
            "opinion_category_code": "NOISE",
            "content": "早晨\n六点开工，影响休息。",
            "adopted_code": "ADOPTED",
            "resolution_code": "RESOLVED",
            "satisfaction_code": "MOSTLY_SATISFIED",
        },
    ),
    "consent_survey": (
        "入户征询意见汇总表",
        STREET,
        ["小区名称", "楼号", "总户数", "征询户数", "同意", "不同意", "未联系上", "同意率"],
        ["塔院南里", "1号楼", 80, 78, 74, 3, 3, "92.5%"],
        {"round_no": 1, "households_total": 80, "not_contacted_households": 3, "agree_ratio": Decimal("0.925")},
    ),
    "material_event": (
        "2013年选材活动登记表",
        STREET,
        [
            *(
                "序号",
                "活动日期",
                "小区",
                "材料类别",
                "活动形式",
                "参展厂家数",
                "参加居民（人次）",
                "投票数",
                "选定产品",
            ),
            "对应招标编号",
        ],
        [1, "2013-4-12", "塔院南里、牡丹园中里", "外窗", "样品展示、现场答疑", 5, 210, 180, "断桥铝窗", "HD-2013-07"],
        {
            "event_date": DAY(2013, 4, 12),
            "compound_names": ["塔院南里", "牡丹园中里"],
            "material_category_code": "WINDOW",
            "activity_forms": ["SAMPLES", "QUESTIONS"],
            "residents_attended": 210,
        },
    ),
    "tender": (
        "2013年公开招投标台账",
        DISTRICT,
        [
            *("序号", "招标编号", "标段", "招标内容", "招标方式", "公告日期", "开标日期", "投标单位数"),
            *("招标控制价（万元）", "中标单位", "中标价（万元）", "中标日期", "合同编号", "合同签订日期"),
        ],
        [
            *(1, "HD-2013-07", "03标段", "施工", "公开招标", "2013-1-5", "2013-1-28", 5),
            *(5200, "京合二建", 4980.5, "2013-2-1", "HT-07", "2013-2-20"),
        ],
        {"tender_type_code": "CONSTRUCTION", "tender_method_code": "OPEN", "win_price_yuan": Decimal("49805000.00")},
    ),
    "coordination_meeting": (
        "2013年协调会议台账",
        STREET,
        ["序号", "会议日期", "会议层级", "召集单位", "参会单位", "会议议题", "议定事项数"],
        [1, "2013-5-8", "分指挥部", "花园路分指挥部", "消防、自来水、物业", "管线移位", 4],
        {"meeting_level_code": "SUBCOMMAND", "attendees": ["消防", "自来水", "物业"], "decision_count": 4},
    ),
    "issue_log": (
        "2013年协调问题台账",
        STREET,
        [
            *("序号", "来源会议", "小区名称", "问题类别", "问题描述", "责任单位", "提出日期", "完成时限"),
            *("办理状态", "解决日期"),
        ],
        [
            *(3, "5月8日协调会", "塔院南里", "燃气移位", "燃气管影响保温施工", "燃气公司", "2013-5-8", "6月底"),
            *("已解决", "2013-6-20"),
        ],
        {
            "issue_no": "3",
            "issue_category_code": "GAS",
            "due_date": DAY(2013, 6, 30),
            "issue_status_code": "RESOLVED",
        },
    ),
    "safety_inspection": (
        "2013年9月安全质量检查记录表",
        "填报单位：海淀区指挥部",
        [
            *("检查日期", "检查类型", "检查单位", "小区", "受检单位", "发现隐患", "其中重大隐患", "已整改"),
            *("整改通知书编号", "整改期限", "复查日期", "处罚金额（万元）", "事故情况"),
        ],
        [
            "2013-9-12",
            "夜查",
            "区指挥部",
            "塔院南里",
            "京合二建",
            6,
            1,
            5,
            "ZG-12",
            "2013-9-20",
            "2013-9-21",
            0.5,
            "无",
        ],
        {
            "report_month": DAY(2013, 9, 1),
            "inspection_type_code": "NIGHT",
            "hazards_major": 1,
            "penalty_yuan": Decimal("5000.00"),
            "accident_code": "NONE",
        },
    ),
    "party_posting": (
        "联合党支部一线派驻表",
        "填报单位：区联合党支部",
        ["序号", "姓名", "来源", "所在单位", "派驻项目", "岗位", "一线职责", "派驻时间", "离岗时间"],
        [1, "赵某", "区选派", "区住建委", "塔院南里", "安全员", "安全保障", "2013-3-20", None],
        {"person_source_code": "DISTRICT_SENT", "post_code": "SAFETY_OFFICER", "frontline_code": "SAFETY"},
    ),
    "carry_over": (
        "跨年结转项目表",
        DISTRICT,
        ["任务年度", "结转年度", "街道", "小区名称", "楼号", "结转面积（㎡）", "结转原因"],
        [2013, 2014, "甘家口", "甘家口北里", "1号楼", 5100, "冬季停工"],
        {"from_year": 2013, "to_year": 2014, "carried_area_m2": Decimal("5100.00")},
    ),
    "acceptance": (
        "竣工验收情况表",
        "填报单位：京合二建　街道：花园路街道",
        ["小区名称", "楼号", "验收类别", "验收日期", "验收结论", "移交单位"],
        ["塔院南里", "1号楼", "竣工", "2013-11-20", "整改后合格", "塔院物业"],
        {"acceptance_type_code": "FINAL", "acceptance_result_code": "PASSED_AFTER_REPAIR"},
    ),
}


def table(entity, **changes):
    title, line, header, row, _ = BOOKS[entity]
    return [[changes.get("title", title)], [line], changes.get("header", header), *changes.get("rows", [row])]


@pytest.mark.parametrize("entity", BOOKS)
def test_a_form_in_the_words_of_its_dictionary_reads_without_a_finding(entity):
    reading = read(table(entity))
    assert reading.findings.to_dicts() == []
    assert reading.sheets["layout_id"].to_list()[0].startswith(reading.sheets["form_code"][0])
    (row,) = rows_of(reading, entity)
    assert row["faults"] == []
    expected = BOOKS[entity][4]
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("entity", BOOKS)
def test_no_personal_value_reaches_a_row(entity):
    text = str([frame.to_dicts() for frame in read(table(entity)).rows.values()])
    assert not any(value in text for value in ("王女士", "63030001", "1-301", "赵某"))


RETURN = ["街道", "改造类型", "累计开工栋数", "累计开工面积", "累计完工栋数", "累计完成面积", "受益户数"]


def test_streets_as_rows_are_the_district_return_and_compounds_are_the_sub_commands_report():
    title, line = "综合整治进展情况汇总月报（2013年9月）", "填报单位：区指挥部　单位：万平方米、栋、户"
    rows = [["花园路街道", "节能环境", 38, 19.94, 20, 10.1, 1500], ["学院路街道", "节能环境", 34, 21.52, 8, 5.4, 700]]
    total = ["合计", None, 72, 41.46, 28, 15.5, 2200]
    streets = read([[title], [line], RETURN, *rows, total])
    assert streets.findings.to_dicts() == []
    assert values(streets, "district_return", "street", "started_area_cum_m2") == [
        ("花园路街道", Decimal("199400.00")),
        ("学院路街道", Decimal("215200.00")),
    ]
    assert streets.submissions.height == 1
    compounds = read([[title], [line], ["小区名称", *RETURN], ["塔院南里", *rows[0]]])
    assert compounds.sheets["form_code"].to_list() == ["F08"]


ENVIRONMENT = ["街道", "小区名称", "环境整治启动日期"]


def test_environment_items_beside_each_other_become_rows():
    sheet = [
        ["环境整治进展表（2014年1月）"],
        ["填报单位：花园路分指挥部"],
        [*ENVIRONMENT, "道路", None, "绿化", None, "照明(盏)", "安防"],
        [None, None, None, "状态", "完成量(㎡)", "状态", "完成量(㎡)", None, None],
        ["花园路街道", "塔院南里", "2013-12-2", "在施", 320.5, "启动", None, "√", None],
        ["花园路街道", "牡丹园中里", "2013-12-20", "完成", 100, None, None, None, "√"],
    ]
    reading = read(sheet, merge=["A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3", "H3:H4", "I3:I4"])
    assert reading.findings.to_dicts() == []
    assert values(
        reading, "environment_phase", "compound_name", "env_item_code", "env_status_code", "qty_done", "unit_code"
    ) == [
        ("塔院南里", "ROAD", "IN_PROGRESS", Decimal("320.5000"), "m2"),
        ("塔院南里", "GREENERY", "STARTED", None, "m2"),
        ("塔院南里", "LIGHTING", "STARTED", None, None),
        ("牡丹园中里", "ROAD", "FINISHED", Decimal("100.0000"), "m2"),
        ("牡丹园中里", "SECURITY", "STARTED", None, None),
    ]


def test_environment_items_below_each_other_are_rows_too():
    sheet = [
        ["环境整治进展表（2014年1月）"],
        ["填报单位：花园路分指挥部"],
        [*ENVIRONMENT, "整治内容", "单位", "完成量", "状态"],
        ["花园路街道", "塔院南里", "2013-12-2", "道路", "㎡", 320.5, "在施"],
        [None, None, None, "停车", "个", 40, "完成"],
    ]
    reading = read(sheet)
    assert reading.findings.to_dicts() == []
    assert values(reading, "environment_phase", "compound_name", "env_item_code", "unit_code", "qty_done") == [
        ("塔院南里", "ROAD", "m2", Decimal("320.5000")),
        ("塔院南里", "PARKING", "piece", Decimal("40.0000")),
    ]


def test_same_as_above_and_a_merged_unit_name_the_responsible_one():
    title, line, header, row, _ = BOOKS["issue_log"]
    second = [4, "同上", "同上", "排水", "雨水管占位", None, "2013-5-8", "长期", "挂账", None]
    reading = read([[title], [line], header, row, second], merge=["F4:F5"])
    assert values(reading, "issue_log", "source_meeting", "responsible_org", "due_date", "due_date_kind") == [
        ("5月8日协调会", "燃气公司", DAY(2013, 6, 30), "actual"),
        ("5月8日协调会", "燃气公司", None, "text"),
    ]
    assert faults(reading, "issue_log") == [[], []]


def test_a_ledger_numbered_ahead_has_no_rows_where_only_the_number_stands():
    title, line, header, row, _ = BOOKS["resident_opinion"]
    reading = read([[title], [line], header, row, [18], [19]])
    assert len(rows_of(reading, "resident_opinion")) == 1
    assert reading.findings.to_dicts() == []


def test_a_sheet_named_after_the_stage_gives_it_to_its_opinions():
    title, line, header, row, _ = BOOKS["resident_opinion"]
    place = header.index("环节")
    short = [header[:place] + header[place + 1 :], row[:place] + row[place + 1 :]]
    reading = read(("设计阶段", [[title], [line], *short], {}), ("选材", [[title], [line], *short], {}))
    assert values(reading, "resident_opinion", "stage_code") == [("DESIGN",), ("MATERIAL",)]
    assert reading.submissions.height == 1


def test_forms_of_an_event_may_be_ticked():
    sheet = [
        ["2013年选材活动登记表"],
        [STREET],
        ["活动日期", "小区", "材料类别", "活动形式", None, None],
        [None, None, None, "样品展示", "厂家宣传", "投票"],
        ["2013-4-12", "塔院南里", "保温板", "√", None, "√"],
    ]
    reading = read(sheet, merge=["A3:A4", "B3:B4", "C3:C4", "D3:F3"])
    assert reading.findings.to_dicts() == []
    assert values(reading, "material_event", "activity_forms") == [(["SAMPLES", "VOTE"],)]


def test_a_weekly_report_is_numbered_by_its_week():
    reading = read(
        [["工程进度快报"], ["填报单位：花园路分指挥部　截至：2013年6月16日"], BOOKS["weekly_flash"][2][2:], [12, 3, 9]]
    )
    assert reading.submissions["edition"].to_list() == [20130616]
    assert reading.submissions["street_id"].to_list() == ["110108018"]
    assert values(reading, "weekly_flash", "week_end", "street") == [(DAY(2013, 6, 16), "花园路街道")]


def test_a_batch_that_stands_once_above_its_compounds_numbers_the_report():
    title, _, header, row, _ = BOOKS["batch_plan"]
    without = [header[:1] + header[2:], row[:1] + row[2:]]
    reading = read([[title], ["批次：第二批"], *without])
    assert reading.submissions.select("period", "edition").rows() == [("2013", 2)]
    assert values(reading, "batch_plan", "batch_no") == [("2",)]


def test_an_undated_ledger_of_inspections_is_read_and_its_rows_date_themselves():
    reading = read(table("safety_inspection", title="安全质量检查记录表"))
    assert found(reading, "E13") == []
    assert reading.submissions["period"].to_list() == [""]
    assert len(rows_of(reading, "safety_inspection")) == 1


def test_a_second_round_of_asking_is_another_report():
    reading = read(table("consent_survey"), name="花园路第二次入户征询.xlsx")
    assert reading.submissions["edition"].to_list() == [2]
    assert values(reading, "consent_survey", "round_no") == [(2,)]


def test_an_issue_ledger_and_an_opinion_ledger_are_told_apart_and_a_register_is_none_of_both():
    sheets = [("意见", table("resident_opinion"), {}), ("问题", table("issue_log"), {})]
    assert read(*sheets).sheets["form_code"].to_list() == ["F11", "F16"]
    register = [["楼栋台账"], ["街道：花园路街道"], F03_HEADER, ["塔院南里", "1号楼", 80, 6000, "节能环境"]]
    assert read(register).sheets["form_code"].to_list() == ["F03"]


def certificate(number):
    return [
        ["竣工验收证书"],
        ["街道", "花园路街道"],
        ["小区名称", "塔院南里", "楼号", number],
        ["验收类别", "竣工", "验收日期", "2013-11-20"],
        ["验收结论", "合格", "移交单位", "塔院物业"],
    ]


def test_a_certificate_is_a_row_and_the_next_one_does_not_replace_it():
    first, second = read(certificate("1号楼")), read(certificate("2号楼"))
    assert first.findings.to_dicts() == []
    assert values(first, "acceptance", "building_no", "acceptance_type_code", "handover_to") == [
        ("1号楼", "FINAL", "塔院物业")
    ]
    assert first.submissions["edition"].to_list() != second.submissions["edition"].to_list()
    assert first.submissions["edition"].to_list() == read(certificate(" １号楼")).submissions["edition"].to_list()


def test_an_inspection_on_a_form_is_a_row():
    sheet = [
        ["安全质量检查记录表"],
        ["检查日期", "2013-9-12", "检查类型", "夜查"],
        ["检查单位", "区指挥部", "小区", "塔院南里"],
        ["受检单位", "京合二建", "发现隐患", 6],
        ["其中重大隐患", 1, "已整改", 5],
        ["整改期限", "2013-9-20", "事故情况", "无"],
    ]
    reading = read(sheet)
    assert reading.findings.to_dicts() == []
    assert values(reading, "safety_inspection", "hazards_found", "hazards_fixed", "accident_code") == [(6, 5, "NONE")]


SAMPLE_FORMS = {
    "F01": [["2013年任务分解表"], ["单位：万平方米"], ["区县", "任务面积"], ["海淀区", 140]],
    "F02": [
        ["老旧小区基本情况登记表"],
        ["街道：花园路街道"],
        ["序号", "街道", "社区", "小区名称", "建筑面积", "计划年度", "批次"],
        [1, "花园路", "塔院", "塔院南里", 84863.76, 2013, "第一批"],
    ],
    "F06": [
        ["施工进度月报表（2013年9月）"],
        ["填报单位：京合二建　街道：甘家口街道"],
        ["小区名称", "楼号", "建筑面积", "实际开工日期", "实际竣工日期", "工程状态"],
        ["增光里", "1号楼", 3000, "2013.4.1", None, "在施"],
    ],
    "F22": [
        ["参建单位与部门名录"],
        ["单位全称", "简称", "单位类型", "联系人"],
        ["京合第二建筑公司", "京合二建", "施工", "钱某"],
    ],
}


@pytest.mark.parametrize("code", SAMPLE_FORMS)
def test_the_first_forms_still_pick_their_own_layout(code):
    assert read(SAMPLE_FORMS[code]).sheets["form_code"].to_list() == [code]


def test_the_unit_of_one_label_of_a_form_is_not_that_of_the_value_above_it():
    sheet = [
        ["安全质量检查记录表"],
        ["填报单位：花园路分指挥部"],
        ["检查日期", "2013年11月2日", "检查类别", "专项"],
        ["工程名称", "塔院南里", "施工单位", "京合二建"],
        ["检查人", "花园路分指挥部", "重大隐患数", 0],
        ["发现问题数", 6, "整改完成数", 5],
        ["罚款（万元）", 1.2, "事故情况", "无"],
    ]
    reading = read(sheet)
    names = ("hazards_found", "hazards_fixed", "penalty_yuan")
    assert values(reading, "safety_inspection", *names) == [(6, 5, Decimal("12000.00"))]
    units = reading.columns.filter(reading.columns["column_name"].is_in(names)).select("column_name", "unit").rows()
    assert dict(units) == {"hazards_found": None, "hazards_fixed": None, "penalty_yuan": "yuan"}
