"""The city's target in shapes its office could send: a figure is never taken from the wrong level, year or row."""

import io
from decimal import Decimal

import openpyxl
import pytest

from schemas.forms import load
from transforms.layout import read_file


def read(lines, merges=(), name="任务调整.xlsx"):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    for area in merges:
        book.active.merge_cells(area)
    data = io.BytesIO()
    book.save(data)
    return read_file(data.getvalue(), name, "0" * 64, load())


def targets(reading):
    rows = reading.rows.get("municipal_target")
    return [] if rows is None else rows.select("plan_year", "district", "programme_type_code", "target_area_m2").rows()


def refused(reading):
    return reading.findings.filter(severity="R")["code"].to_list()


TITLE = ["2013年老旧小区综合整治任务分解表（第2次调整）"]


def test_the_unit_of_the_upper_header_counts_for_what_stands_below_it():
    reading = read(
        [
            TITLE,
            ["区县", "任务面积（㎡）", None],
            [None, "合计", "抗震节能"],
            ["朝阳区", 2100000, None],
            ["海淀区", 1500000, None],
        ],
        ["A2:A3", "B2:C2"],
    )
    assert targets(reading) == [(2013, "海淀区", "ALL", Decimal("1500000.00"))]


@pytest.mark.parametrize("parents", [("2012年", "2013年"), ("调整前任务", "调整后任务")])
def test_two_figures_beside_each_other_are_refused_rather_than_one_chosen(parents):
    reading = read(
        [
            TITLE,
            ["区县", parents[0], None, parents[1], None],
            [None, "任务面积", "小区数", "任务面积", "小区数"],
            ["海淀区", 120, 30, 150, 33],
        ],
        ["A2:A3", "B2:C2", "D2:E2"],
    )
    assert targets(reading) == []
    assert refused(reading) == ["E22"]


@pytest.mark.parametrize("word", ["合计", "全部"])
def test_a_row_with_a_number_is_no_second_header(word):
    reading = read(
        [TITLE, ["区县", "改造类型", "任务面积（万㎡）"], ["朝阳区", word, 300], ["海淀区", word, 150]],
    )
    assert targets(reading) == [(2013, "海淀区", "ALL", Decimal("1500000.00"))]


def test_a_report_without_a_row_is_refused_so_that_it_withdraws_nothing():
    reading = read([TITLE, ["区县", "任务面积（万㎡）"], ["朝阳区", 300]])
    assert targets(reading) == []
    assert reading.submissions["outcome"].to_list() == ["refused"]
    assert refused(reading) == ["E40"]


def test_the_day_of_an_adjustment_is_not_the_year_it_is_about():
    reading = read(
        [["2013年老旧小区综合整治任务分解表（2014年3月4日调整）"], ["区县", "任务面积（万㎡）"], ["海淀区", 150]]
    )
    assert [row[0] for row in targets(reading)] == [2013]


@pytest.mark.parametrize("district", ["海 淀 区", "海淀", "北京市海淀区"])
def test_our_district_is_one_however_it_is_written(district):
    reading = read([TITLE, ["区县", "任务面积（万㎡）"], [district, 150], ["朝阳区", 300]])
    assert [row[1] for row in targets(reading)] == ["海淀区"]


def test_a_misspelt_header_refuses_a_sheet_whatever_else_it_says():
    header = ["小区名称", "楼号", "建筑面积", "实际开工日期", "实际峻工日期", "完成比例", "工程状态"]
    reading = read(
        [
            ["2013年9月施工进度月报"],
            ["填报单位：城固加固　花园路街道"],
            header,
            ["花园路甲3号院", "1号楼", 4560.11, "2013.5.1", None, "80%", "在施"],
        ],
        name="花园路-城固-2013年9月.xlsx",
    )
    assert refused(reading) == ["E22"]
    assert set(reading.cells["cell_class"]) == {"rejected"}
