import datetime as dt
from decimal import Decimal

from tests.transforms.layout_books import (
    F06_HEADER,
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


def buildings(reading):
    return [row["building_no"] for row in rows_of(reading, "contractor_progress")]


def test_a_merged_cell_says_its_value_for_every_row_it_covers():
    rows = [building(1), [2, None, *building(2)[2:]], [3, None, *building(3)[2:]]]
    reading = read(f06(*rows), merge=["B4:B6"])
    assert values(reading, "contractor_progress", "compound_name") == [("增光里",)] * 3
    assert [row["addresses"]["compound_name"] for row in rows_of(reading, "contractor_progress")] == ["B4"] * 3


def test_a_blank_repeats_the_compound_above():
    reading = read(f06(building(1), [2, None, *building(2)[2:]]))
    assert values(reading, "contractor_progress", "compound_name") == [("增光里",)] * 2


def test_a_merged_figure_counts_once():
    rows = [building(1), [2, "增光里", "2号楼", None, 40, "2013.4.1", None, "在施"]]
    reading = read(f06(*rows), merge=["D4:D5"])
    assert values(reading, "contractor_progress", "floor_area_m2") == [(Decimal("3000.00"),), (None,)]


def test_same_as_above_is_the_cell_above():
    reading = read(f06(building(1), [2, "同上", "2号楼", 3100, 40, "〃", None, "同上"]))
    assert (
        values(reading, "contractor_progress", "compound_name", "actual_start", "status_code")
        == [("增光里", dt.date(2013, 4, 1), "IN_PROGRESS")] * 2
    )


def test_same_as_above_with_nothing_above_is_a_fault():
    reading = read(f06(building(1, compound="同上")))
    assert ("E41", "Q", "compound_name", "B4") in faults(reading, "contractor_progress")[0]


def test_same_as_left_is_the_cell_beside_it():
    header = [*F06_HEADER[:5], "合同开工日期", "实际开工日期", "实际竣工日期", "工程状态"]
    row = [1, "增光里", "1号楼", 3000, 40, "2013.4.1", "同左", None, "在施"]
    reading = read(f06(row, header=header))
    assert values(reading, "contractor_progress", "planned_start", "actual_start") == [(dt.date(2013, 4, 1),) * 2]
    assert rows_of(reading, "contractor_progress")[0]["addresses"]["actual_start"] == "F4"


def test_same_as_left_with_nothing_beside_it_is_a_fault():
    header = [*F06_HEADER[:5], "合同开工日期", "实际开工日期", "实际竣工日期", "工程状态"]
    row = [1, "增光里", "1号楼", 3000, 40, None, "同左", None, "在施"]
    assert ("E41", "Q", "actual_start", "G4") in faults(read(f06(row, header=header)), "contractor_progress")[0]


def test_formatted_blank_rows_and_a_footer_end_the_table():
    signed = ["项目经理：赵一", "监理：钱二", "填表人：孙三", "填表日期：2013年10月2日"]
    footer = [[], ["", "  "], [], ["注：本表反映月末状态。"], signed]
    reading = read([*f06(building(1)), *footer])
    assert buildings(reading) == ["1号楼"]
    assert classes(reading)["sign_off"] == 4
    assert classes(reading)["ignored"] == 1
    assert not reading.findings.height


def test_a_rule_written_inside_the_data_area_is_a_note():
    rule = [None, None, None, "表格计算：应发额=现金应发额+专户应发额"]
    reading = read(f06(building(1), rule, building(2)))
    assert buildings(reading) == ["1号楼", "2号楼"]
    assert classes(reading)["ignored"] == 1


def test_template_example_rows_are_dropped_and_said():
    example = building(1, compound="XXX小区")
    reading = read(f06(example, building(2)))
    assert buildings(reading) == ["2号楼"]
    assert found(reading, "E20") == [("F", "B4")]
    assert classes(reading)["ignored"] == 7


def test_a_template_example_sheet_is_set_aside():
    example = ("填报示例", f06(building(1)), {})
    reading = read(("9月", f06(building(2)), {}), example)
    assert buildings(reading) == ["2号楼"]
    assert found(reading, "E20") == [("F", "A1")]
    assert reading.sheets["outcome"].to_list() == ["read", "ignored"]


def test_hidden_very_hidden_and_empty_sheets_are_accounted_for():
    codes = ("代码", [["工程状态"], ["在施"], ["完工"]], {"state": "hidden"})
    old = ("8月", f06(building(7)), {"state": "veryHidden"})
    reading = read(("9月", f06(building(1)), {}), codes, old, ("Sheet3", [], {}))
    assert reading.sheets["outcome"].to_list() == ["read", "ignored", "ignored", "empty"]
    assert buildings(reading) == ["1号楼"]
    assert found(reading, "E48") == [("W", None)]
    assert classes(reading, 2) == {"ignored": 3}


def test_hidden_rows_load_like_others():
    import io

    import openpyxl

    from tests.transforms.layout_books import CATALOGUE, book
    from transforms.layout import read_file

    workbook = openpyxl.load_workbook(io.BytesIO(book(f06(building(1), building(2)))))
    workbook.active.row_dimensions[5].hidden = True
    stream = io.BytesIO()
    workbook.save(stream)
    assert buildings(read_file(stream.getvalue(), "a.xlsx", "f", CATALOGUE)) == ["1号楼", "2号楼"]


def test_numbered_lines_without_content_are_no_rows():
    reading = read(f06(building(1), [2], [3], [4]))
    assert buildings(reading) == ["1号楼"]
    assert classes(reading)["ignored"] == 3
    assert not reading.findings.height


def test_scratch_numbers_below_the_table_are_rejected_and_said():
    reading = read(f06(building(1), [], [None, None, None, 12345.6]))
    assert classes(reading)["rejected"] == 1
    assert found(reading, "E47") == [("W", "D6")]


def test_figures_beside_the_table_are_rejected_and_said():
    reading = read(f06([*building(1), None, 99], [*building(2), None, 98]))
    assert classes(reading)["rejected"] == 2
    assert found(reading, "E47") == [("W", "J4")]


def test_ignored_columns_are_ignored_cells():
    rows = f08(["花园路街道", "塔院南里", "节能环境", 3, 1.2, 1, 0.4, "无", "x"])
    rows[2] = [*rows[2], "打印时隐藏"]
    assert classes(read(rows))["ignored"] == 1


def test_a_section_line_gives_its_value_to_the_rows_below():
    rows = f08(
        ["一、抗震节能综合改造"],
        ["花园路街道", "花园路甲3号院", None, 3, 1.2, 1, 0.4, "无"],
        ["二、节能和环境综合整治"],
        ["花园路街道", "塔院南里", None, 3, 1.2, 1, 0.4, "无"],
        ["花园路街道", "牡丹园中里", None, 3, 1.2, 1, 0.4, "无"],
    )
    reading = read(rows)
    assert values(reading, "subcommand_monthly", "compound_name", "programme_type_code") == [
        ("花园路甲3号院", "SEISMIC_ENERGY"),
        ("塔院南里", "ENERGY_ENV"),
        ("牡丹园中里", "ENERGY_ENV"),
    ]
    assert [row["addresses"]["programme_type_code"] for row in rows_of(reading, "subcommand_monthly")] == [
        "A4",
        "A6",
        "A6",
    ]
    assert classes(reading)["data"] == 7 * 3 + 2


def test_rows_of_other_districts_are_ignored():
    reading = read([["2013年任务分解表"], ["区县", "任务面积"], ["东城区", 30], ["海淀区", 140], ["朝阳区", 200]])
    assert values(reading, "municipal_target", "district") == [("海淀区",)]
    assert classes(reading)["ignored"] == 4


def test_a_row_that_lacks_what_it_must_say_is_read_and_waits():
    row = building(1)
    row[7] = None
    reading = read(f06(row))
    assert faults(reading, "contractor_progress") == [[("E40", "Q", "status_code", "H4")]]
    assert reading.submissions["rows_read"].to_list() == [1]


def test_every_cell_has_one_class_and_ranges_do_not_overlap():
    rows = [*f06(building(1), [2], building(2)), ["合计", None, None, 6000, 80], [], ["填表人：孙三"], [None, 1, 2]]
    reading = read(rows)
    [sheet] = reading.sheets.to_dicts()
    assert reading.cells["cells"].sum() == sheet["non_empty_cells"]
    from transforms.workbook import parse_area

    seen = set()
    for area in map(parse_area, reading.cells["cell_range"]):
        places = {(r, c) for r in range(area.r1, area.r2 + 1) for c in range(area.c1, area.c2 + 1)}
        assert not places & seen
        seen |= places


def test_people_are_nowhere_in_what_is_read():
    line = "填报单位：花园路分指挥部　填表人：赵甲一　手机：13900000001　单位：万平方米"
    rows = f08(["花园路街道", "塔院南里", "节能环境", 3, 1.2, 1, 0.4, "无", "赵甲一", "13900000001"], line=line)
    rows[2] = [*rows[2], "填表人", "联系电话"]
    reading = read([*rows, ["负责人：赵甲一", "联系电话：13900000001"]])
    frames = [reading.sheets, reading.cells, reading.submissions, reading.columns, reading.controls, reading.findings]
    said = " ".join(str(frame.to_dicts()) for frame in [*frames, *reading.rows.values()])
    assert values(reading, "subcommand_monthly", "compound_name") == [("塔院南里",)]
    assert "赵甲一" not in said
    assert "1390000" not in said
    assert F06_HEADER
