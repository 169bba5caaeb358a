import datetime as dt
from decimal import Decimal

from tests.transforms.layout_books import F06_HEADER, building, f06, faults, found, read, rows_of, values

HEADER = [*F06_HEADER, "完成比例", "现场人数", "合同额（万元）"]


def one(**cells):
    row = dict(zip(HEADER, building(1), strict=False)) | cells
    return [row.get(name) for name in HEADER]


def test_dates_that_are_no_dates_keep_what_they_are():
    reading = read(f06(one(实际开工日期="以开工令为准", 实际竣工日期="延期至2014.1.31"), header=HEADER))
    assert values(reading, "contractor_progress", "actual_start", "actual_start_kind") == [(None, "text")]
    assert values(reading, "contractor_progress", "actual_finish", "actual_finish_kind") == [
        (dt.date(2014, 1, 31), "forecast")
    ]
    assert rows_of(reading, "contractor_progress")[0]["raw"]["actual_finish"] == "延期至2014.1.31"


def test_a_day_that_never_was_is_a_fault_at_its_cell():
    reading = read(f06(one(实际竣工日期="2013.9.31", 工程状态="完工"), header=HEADER))
    assert faults(reading, "contractor_progress") == [[("E06", "Q", "actual_finish", "G4")]]


def test_a_serial_number_is_a_date_and_said_once():
    reading = read(f06(one(实际开工日期=41365), header=HEADER))
    assert values(reading, "contractor_progress", "actual_start") == [(dt.date(2013, 4, 1),)]
    assert found(reading, "E19") == [("F", "F4")]
    [finding] = [f for f in reading.findings.to_dicts() if f["code"] == "E19"]
    assert finding["row_id"] == rows_of(reading, "contractor_progress")[0]["row_id"]
    assert faults(reading, "contractor_progress") == [[]]


def test_a_state_with_its_date_is_split():
    reading = read(f06(one(工程状态="完工2013-9-15"), header=HEADER))
    assert values(reading, "contractor_progress", "status_code", "actual_finish", "actual_finish_kind") == [
        ("FINISHED", dt.date(2013, 9, 15), "actual")
    ]
    assert found(reading, "E24") == [("F", "H4")]


def test_an_unknown_state_waits():
    reading = read(f06(one(工程状态="蓝色"), header=HEADER))
    assert faults(reading, "contractor_progress") == [[("E17", "Q", "status_code", "H4")]]


def test_an_about_figure_where_sums_are_made_waits():
    reading = read(f06(one(建筑面积="约3000"), header=HEADER))
    assert faults(reading, "contractor_progress") == [[("E41", "Q", "floor_area_m2", "D4")]]
    assert rows_of(reading, "contractor_progress")[0]["approximate_columns"] == ["floor_area_m2"]


def test_error_cells_and_formulas_without_a_value_are_faults_never_blanks():
    reading = read(f06(one(建筑面积="=NA()", 现场人数="#REF!"), header=HEADER))
    assert [fault[0] for fault in faults(reading, "contractor_progress")[0]] == ["E42", "E41"] or [
        fault[0] for fault in faults(reading, "contractor_progress")[0]
    ] == ["E42", "E42"]


def test_money_comes_in_yuan():
    reading = read(f06(one(**{"合同额（万元）": 12.5}), header=HEADER))
    assert values(reading, "contractor_progress", "contract_value_yuan") == [(Decimal("125000.00"),)]


def percents(*written):
    rows = [[n, "增光里", f"{n}号楼", 3000, 40, "2013.4.1", None, "在施", value] for n, value in enumerate(written, 1)]
    return read(f06(*rows, header=HEADER))


def test_percents_are_known_by_their_column():
    assert values(percents(80, 45, 100), "contractor_progress", "progress_ratio") == [
        (Decimal("0.8"),),
        (Decimal("0.45"),),
        (Decimal(1),),
    ]
    assert values(percents(0.8, 0.45, 1), "contractor_progress", "progress_ratio") == [
        (Decimal("0.8"),),
        (Decimal("0.45"),),
        (Decimal(1),),
    ]
    assert values(percents("80%", "45％"), "contractor_progress", "progress_ratio") == [
        (Decimal("0.8"),),
        (Decimal("0.45"),),
    ]


def test_a_fraction_among_percents_is_fixed_and_said():
    reading = percents(80, 0.45, 60)
    assert values(reading, "contractor_progress", "progress_ratio")[1] == (Decimal("0.45"),)
    assert found(reading, "E11") == [("F", "I5")]


def test_a_percent_sign_above_the_column_makes_its_numbers_percents():
    header = [*F06_HEADER, "进度%"]
    reading = read(f06(*([*building(number), share] for number, share in ((1, 0), (2, 1), (3, 1))), header=header))
    assert values(reading, "contractor_progress", "progress_ratio") == [
        (Decimal(0),),
        (Decimal("0.01"),),
        (Decimal("0.01"),),
    ]


def test_a_unit_line_that_says_percent_makes_numbers_percents():
    reading = read(
        f06(
            [*building(1), 1],
            header=[*F06_HEADER, "完成比例"],
            line="填报单位：京合二建　街道：甘家口街道　单位：㎡、户、%",
        )
    )
    assert values(reading, "contractor_progress", "progress_ratio") == [(Decimal("0.01"),)]


def test_a_share_that_looks_like_a_fraction_under_a_percent_sign_is_said():
    header = [*F06_HEADER, "完成比例（%）"]
    reading = read(f06([*building(1), 0.5], [*building(2), 1], header=header))
    assert values(reading, "contractor_progress", "progress_ratio") == [(Decimal("0.005"),), (Decimal("0.01"),)]
    assert found(reading, "E11") == [("F", "I4")]


def test_percent_formats_and_signs_win_over_the_header():
    reading = read(f06([*building(1), "80%"], [*building(2), 1], header=[*F06_HEADER, "进度%"]))
    assert values(reading, "contractor_progress", "progress_ratio") == [(Decimal("0.8"),), (Decimal("0.01"),)]


def test_more_than_all_is_a_fault():
    assert faults(percents(80, 120), "contractor_progress")[1] == [("E11", "Q", "progress_ratio", "I5")]


def test_a_fault_in_a_column_nobody_needs_only_warns():
    header = ["小区名称", "楼号", "户数", "建筑面积", "改造类型", "单元数", "结构形式"]
    rows = [["街道：花园路街道"], header, ["塔院南里", "1号楼", 60, 4000, "节能环境", "三四个", "竹子"]]
    reading = read(rows)
    assert faults(reading, "building_register") == [
        [("E17", "W", "structure_type_code", "G3"), ("E41", "W", "unit_count", "F3")]
    ]


def test_two_values_in_one_cell_go_to_two_columns():
    header = ["小区名称", "建筑面积", "计划年度", "建成年代"]
    reading = read([["街道：花园路街道"], header, ["塔院南里", 4000, 2013, "1982-1986"]])
    assert values(reading, "compound_register", "built_year_from", "built_year_to") == [(1982, 1986)]
    header = ["小区名称", "楼号", "户数", "建筑面积", "改造类型", "层数"]
    reading = read([["街道：花园路街道"], header, ["塔院南里", "1号楼", 60, 4000, "节能环境", "6/-1"]])
    assert values(reading, "building_register", "storeys_above", "storeys_below") == [(6, 1)]


def test_dwellings_are_not_households():
    header = ["小区名称", "楼号", "户数（套）", "建筑面积", "改造类型"]
    reading = read([["街道：花园路街道"], header, ["塔院南里", "1号楼", 60, 4000, "节能环境"]])
    assert values(reading, "building_register", "household_count") == [(60,)]
    assert found(reading, "E31") == [("W", "C3")]


def test_no_problem_is_an_answer_and_a_dash_is_none():
    header = [*F06_HEADER, "存在问题", "下月计划"]
    reading = read(f06([*building(1), "无", "—"], header=header))
    assert values(reading, "contractor_progress", "delay_reason", "next_month_plan") == [("无", None)]


def test_row_ids_come_from_content_and_place():
    first, again = read(f06(building(1), building(2))), read(f06(building(1), building(2)))
    assert [r["row_id"] for r in rows_of(first, "contractor_progress")] != []
    assert len({r["row_id"] for r in rows_of(first, "contractor_progress")}) == 2
    assert rows_of(first, "contractor_progress")[0].keys() == rows_of(again, "contractor_progress")[0].keys()


def test_an_identity_stored_as_a_number_has_lost_its_end_and_is_never_taken():
    header = [*F06_HEADER, "备注"]
    reading = read(f06([*building(1), 110108198001011234], [*building(2), 110108198001011], header=header))
    assert values(reading, "contractor_progress", "remark") == [(None,), ("110108198001011",)]
    [[(code, severity, column, address)], []] = faults(reading, "contractor_progress")
    assert (code, severity, column, address) == ("E49", "W", "remark", "I4")
    [row, _] = rows_of(reading, "contractor_progress")
    assert row["faults"][0]["found"] == "“******************” 超过15位，按数值存储时尾数已成0"


def test_a_building_named_by_such_a_number_waits():
    reading = read(f06([1, "增光里", 110108198001011234, *building(1)[3:]]))
    assert ("E49", "Q", "building_no", "C4") in faults(reading, "contractor_progress")[0]
