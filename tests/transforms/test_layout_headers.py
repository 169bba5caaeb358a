import datetime as dt
from decimal import Decimal

from tests.transforms.layout_books import (
    F06_HEADER,
    F08_HEADER,
    building,
    classes,
    f06,
    f08,
    faults,
    found,
    read,
    rows_of,
    values,
)


def columns(reading):
    return {row["column_name"]: row["column_letter"] for row in reading.columns.to_dicts()}


def test_a_table_is_found_by_its_headers_wherever_it_stands():
    rows = [[], [], ["附件2"], [], *f06(building(1))]
    shifted = [[None, None, *row] for row in rows]
    reading = read(shifted)
    assert values(reading, "contractor_progress", "building_no", "row_number") == [("1号楼", 8)]
    assert rows_of(reading, "contractor_progress")[0]["addresses"]["floor_area_m2"] == "F8"


def test_columns_in_another_order_are_the_same_columns():
    order = [7, 2, 1, 3, 6, 5, 4, 0]
    reading = read(f06([building(1)[i] for i in order], header=[F06_HEADER[i] for i in order]))
    assert values(reading, "contractor_progress", "compound_name", "floor_area_m2", "status_code") == [
        ("增光里", Decimal("3000.00"), "IN_PROGRESS")
    ]


def test_header_texts_are_compared_without_blanks_width_and_units():
    header = ["序　号", "小区\n名称", "楼 号", "建筑面积（㎡）", "户　数"]
    header += ["实际\n开工日期", "实际竣工日期：", "工程状态"]
    reading = read(f06(building(1), header=header))
    assert values(reading, "contractor_progress", "floor_area_m2", "actual_start") == [
        (Decimal("3000.00"), dt.date(2013, 4, 1))
    ]
    assert not reading.findings.height


def test_merged_headers_of_three_levels_lead_to_repeated_leaves():
    top = ["小区名称", "改造类型", "开工", None, None, None, "完成", None, None, None]
    middle = [None, None, "本月", None, "累计", None, "本月", None, "累计", None]
    leaf = [None, None, *["栋数", "面积"] * 4]
    merge = ["A3:A5", "B3:B5", "C3:F3", "G3:J3", "C4:D4", "E4:F4", "G4:H4", "I4:J4"]
    head = f08()[:2]
    reading = read([*head, top, middle, leaf, ["增光里", "节能环境", 1, 0.3, 5, 1.5, 2, 0.6, 3, 0.9]], merge=merge)
    assert values(
        reading,
        "subcommand_monthly",
        "started_area_month_m2",
        "started_area_cum_m2",
        "completed_buildings_month",
        "completed_area_cum_m2",
    ) == [(Decimal("3000.00"), Decimal("15000.00"), 2, Decimal("9000.00"))]
    assert classes(reading)["header"] == 16


def test_a_parent_header_that_is_not_merged_reaches_over_its_columns():
    top = ["小区名称", "改造类型", "累计开工", None, "累计完工", None]
    leaf = [None, None, "栋数", "面积", "栋数", "面积"]
    reading = read([*f08()[:2], top, leaf, ["增光里", "节能环境", 5, 1.5, 3, 0.9]])
    assert values(reading, "subcommand_monthly", "started_area_cum_m2", "completed_buildings_cum") == [
        (Decimal("15000.00"), 3)
    ]


def test_numbering_and_unit_rows_below_the_header_are_header():
    numbering = ["甲", "乙", "丙", 1, 2, 3, 4, "丁"]
    units = [None, None, None, "栋", "万平方米", "栋", "万平方米", None]
    row = ["花园路街道", "塔院南里", "节能环境", 3, 1.2, 1, 0.4, "无"]
    reading = read([*f08()[:2], F08_HEADER, numbering, units, row])
    assert values(reading, "subcommand_monthly", "started_area_cum_m2") == [(Decimal("12000.00"),)]
    assert classes(reading)["header"] == 8 + 8 + 4


def test_the_header_printed_again_further_down_is_header():
    reading = read([*f06(building(1)), F06_HEADER, building(2)])
    assert values(reading, "contractor_progress", "building_no") == [("1号楼",), ("2号楼",)]


def test_two_tables_of_one_form_with_other_columns_are_both_read():
    first = f06(building(1))
    header = ["楼号", "小区名称", "建筑面积", "实际开工日期", "实际竣工日期", "工程状态"]
    second = [header, ["2号楼", "增光里", 4000, "2013.5.1", None, "在施"]]
    reading = read([*first, [], *second])
    assert values(reading, "contractor_progress", "building_no", "floor_area_m2") == [
        ("1号楼", Decimal("3000.00")),
        ("2号楼", Decimal("4000.00")),
    ]


def test_a_renamed_required_header_refuses_the_sheet_and_names_both():
    header = [*F06_HEADER[:6], "收尾辰光", F06_HEADER[7]]
    reading = read(f06(building(1), header=header))
    [finding] = reading.findings.to_dicts()
    assert (finding["code"], finding["severity"], finding["address"]) == ("E22", "R", "G3")
    assert "收尾辰光" in finding["found"]
    assert "实际竣工日期" in finding["found"]
    assert "F06" in finding["found"]
    assert reading.sheets["outcome"].to_list() == ["refused"]
    assert classes(reading) == {"rejected": sum(1 for row in f06(building(1), header=header) for c in row if c)}
    assert reading.rows == {}
    assert reading.submissions.height == 0


def test_an_unknown_extra_column_is_warned_about_and_not_loaded():
    reading = read(f06([*building(1), "蓝"], header=[*F06_HEADER, "外立面颜色"]))
    assert found(reading, "E22") == [("W", "I3")]
    assert classes(reading)["rejected"] == 1
    assert values(reading, "contractor_progress", "building_no") == [("1号楼",)]


def test_a_sheet_without_any_known_header_is_refused_with_what_there_is():
    reading = read([["菜单"], ["周一", "周二"], ["面条", "饺子"]])
    [finding] = reading.findings.to_dicts()
    assert (finding["code"], finding["severity"]) == ("E22", "R")
    assert (finding["found"], finding["expected"]) == (
        "没有找到任何规定表式的表头",
        "应使用规定的表式（F01—F22）",
    )
    assert classes(reading) == {"rejected": 5}


def test_a_few_common_words_are_no_likeness():
    known, strange = ["序号", "项目名称", "开工面积", "存在的问题"], "村名 乡镇 水源 渠长 渠宽 机井 泵站 管护人"
    header = [*known, *strange.split()]
    reading = read([["高标准农田调度表"], header, [1, "甲项目", 3, "无", *[2] * 8]])
    [finding] = reading.findings.to_dicts()
    assert (finding["code"], finding["severity"], finding["address"]) == ("E22", "R", "A2")
    assert finding["found"] == (
        "表头不属于任何规定的表式，只有“序号、项目名称、开工面积、存在的问题”见于F08海淀区老旧小区综合整治进展情况月报，"
        "其余如“村名”(E2)、“乡镇”(F2)、“水源”(G2)、“渠长”(H2)、“渠宽”(I2)、“机井”(J2)均不认识"
    )
    assert finding["form_code"] is None


def test_a_sheet_that_is_no_form_passes_beside_one_that_is():
    reading = read(f06(building(1)), [["通讯录"], ["值班", "电话"]])
    assert reading.sheets["outcome"].to_list() == ["read", "ignored"]
    assert found(reading, "E48") == [("W", None)]
    assert reading.submissions["outcome"].to_list() == ["read"]


def test_ticks_under_one_header_become_one_list():
    top = ["小区名称", "楼号", "户数", "建筑面积", "改造类型", "改造内容", None, None]
    leaf = [None, None, None, None, None, "外窗", "外墙保温", "屋面"]
    rows = [["街道：花园路街道"], top, leaf, ["塔院南里", "1号楼", 60, 4000, "节能环境", "√", None, "●"]]
    reading = read(rows, merge=["F2:H2"])
    assert values(reading, "building_register", "planned_items") == [(["WINDOW", "ROOF"],)]


def test_items_in_one_cell_become_a_list():
    header = ["小区名称", "楼号", "户数", "建筑面积", "改造类型", "改造内容"]
    reading = read([["街道：花园路街道"], header, ["塔院南里", "1号楼", 60, 4000, "节能环境", "外窗、外墙保温"]])
    assert values(reading, "building_register", "planned_items") == [(["WINDOW", "WALL"],)]


WIDE_TOP = [*F06_HEADER, "外窗改造（㎡）", None, None, "上下水", None, None, None]
WIDE_LEAF = [*[None] * 8, "设计量", "本月", "累计", "单位", "设计量", "本月", "累计"]


def test_the_wide_block_becomes_one_row_per_item_with_something_in_it():
    first = [*building(1), 100, 20, 80, "户", 40, 0, 10]
    second = [*building(2), None, "—", "/", "户", 50, 5, 5]
    reading = read([*f06()[:2], WIDE_TOP, WIDE_LEAF, first, second], merge=["I3:K3", "L3:O3"])
    names = ("row_number", "building_no", "work_item_code", "unit_code", "qty_design", "qty_cum")
    assert values(reading, "work_item_progress", *names) == [
        (5, "1号楼", "WINDOW", "m2", Decimal(100), Decimal(80)),
        (5, "1号楼", "PIPE", "household", Decimal(40), Decimal(10)),
        (6, "2号楼", "PIPE", "household", Decimal(50), Decimal(5)),
    ]
    assert rows_of(reading, "work_item_progress")[0]["addresses"]["qty_cum"] == "K5"
    assert len({row["row_id"] for row in rows_of(reading, "work_item_progress")}) == 3


def test_an_item_without_its_design_quantity_waits():
    reading = read([*f06()[:2], WIDE_TOP, WIDE_LEAF, [*building(1), None, 20, 80]], merge=["I3:K3", "L3:O3"])
    assert faults(reading, "work_item_progress") == [[("E40", "Q", "qty_design", "I5")]]
    assert faults(reading, "contractor_progress") == [[]]


F01_TITLE = "2013年老旧小区综合整治任务分解表（第2次调整）"


def test_f01_areas_under_one_header_become_a_row_per_programme_type():
    top = ["区县", "任务面积（万平方米）", None, None]
    leaf = [None, "合计", "抗震节能", "节能环境"]
    rows = [[F01_TITLE], top, leaf, ["朝阳区", 200, 20, 180], ["海淀区", 150, None, None], ["合计", 350, 20, 180]]
    reading = read(rows, merge=["A2:A3", "B2:D2"])
    assert values(
        reading, "municipal_target", "plan_year", "district", "programme_type_code", "target_area_m2", "target_version"
    ) == [(2013, "海淀区", "ALL", Decimal("1500000.00"), 2)]
    assert reading.submissions["edition"].to_list() == [2]
    assert not reading.findings.height
    assert classes(reading)["ignored"] == 4


def test_f01_with_one_plain_area_is_the_target_of_all_types():
    rows = [["2013年任务分解表"], ["区县", "任务面积(万㎡)", "任务小区数"], ["海淀区", 140, 33]]
    reading = read(rows)
    assert values(reading, "municipal_target", "programme_type_code", "target_area_m2", "target_compounds") == [
        ("ALL", Decimal("1400000.00"), 33)
    ]


def test_f01_with_a_type_column_keeps_the_type_called_total():
    rows = [["2013年任务分解表"], ["区县", "改造类型", "任务面积(万㎡)"]]
    rows += [["海淀区", "合计", 140], ["海淀区", "抗震节能", 7]]
    reading = read(rows)
    assert values(reading, "municipal_target", "programme_type_code", "target_area_m2") == [
        ("ALL", Decimal("1400000.00")),
        ("SEISMIC_ENERGY", Decimal("70000.00")),
    ]


def test_the_order_of_reading_is_the_same_whatever_f08_calls_its_columns():
    flat = read(f08(["花园路街道", "塔院南里", "节能环境", 3, 1.2, 1, 0.4, "无"]))
    assert columns(flat)["started_area_cum_m2"] == "E"
    assert values(flat, "subcommand_monthly", "completed_area_cum_m2", "problems") == [(Decimal("4000.00"), "无")]


def test_f01_with_districts_beside_each_other_reads_our_column():
    top = ["改造类型", "任务面积（万平方米）", None, None]
    leaf = [None, "海淀区", "朝阳区", "合计"]
    rows = [
        ["2013年任务分解表（第二次调整）"],
        top,
        leaf,
        ["抗震节能", 7, 9, 16],
        ["节能环境", 143, 60, 203],
        ["合计", 150, 69, 219],
    ]
    reading = read(rows, merge=["A2:A3", "B2:D2"])
    assert values(
        reading, "municipal_target", "district", "programme_type_code", "target_area_m2", "target_version"
    ) == [
        ("海淀区", "SEISMIC_ENERGY", Decimal("70000.00"), 2),
        ("海淀区", "ENERGY_ENV", Decimal("1430000.00"), 2),
        ("海淀区", "ALL", Decimal("1500000.00"), 2),
    ]
    assert not reading.findings.height
