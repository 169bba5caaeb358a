"""The value forms of DOMAIN section 4, bullet by bullet and in its order: each with what becomes of it.

How each parser behaves beyond these is in test_values.py; whole rows are in test_layout_typing.py.
"""

import datetime as dt
from decimal import Decimal

import pytest

from tests.transforms.layout_books import building, f06, faults, found, read, values
from transforms.values import (
    find_unit,
    is_null,
    is_same_as_above,
    is_same_as_left,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_list,
    parse_ratio,
    parse_ticks,
    quote,
    split_status,
)
from transforms.workbook import Cell


def told(outcome):
    """What an outcome says besides its value: the code of its fault or of what was fixed."""
    said = outcome.fault or outcome.fix
    return said and said.code


# written, year of the report → day, precision, kind, code
DATES = [
    ("2018.11.26", None, "2018-11-26", "day", "actual", None),
    ("2018.08.20", None, "2018-08-20", "day", "actual", None),
    ("2020.8.23", None, "2020-08-23", "day", "actual", None),
    ("2021.1.15   ", None, "2021-01-15", "day", "actual", None),
    ("2020年10月14日", None, "2020-10-14", "day", "actual", None),
    ("2020年4月", None, "2020-04-01", "month", "actual", None),
    ("2018年02月", None, "2018-02-01", "month", "actual", None),
    ("201802", None, "2018-02-01", "month", "actual", None),
    ("2019/4/25 9:32:09", None, "2019-04-25", "day", "actual", None),
    ("完成2016-3-3", None, "2016-03-03", "day", "actual", "E24"),
    ("44166", None, "2020-12-01", "day", "actual", "E19"),
    ("11月中旬", 2013, "2013-11-11", "period", "actual", None),
    ("11月9日开标，11月中旬开工建设", 2013, None, "none", "text", None),
    ("300天", None, None, "none", "duration", None),
    ("616日历天", None, None, "none", "duration", None),
    ("开工令", None, None, "none", "text", None),
    ("以发包人开工令为准", None, None, "none", "text", None),
    ("365天完工。完工后180天交付使用", None, None, "none", "duration", None),
    ("另行协商", None, None, "none", "text", None),
    ("双方协商确定", None, None, "none", "text", None),
    ("未签", None, None, "none", "text", None),
    ("延期至2021.07.31", None, "2021-07-31", "day", "forecast", None),
    ("2020.11.31", None, None, None, None, "E06"),
    ("十二月", 2013, "2013-12-01", "month", "actual", None),
    ("二〇一三年五月", None, "2013-05-01", "month", "actual", None),
    ("13.5.1", None, "2013-05-01", "day", "actual", None),
    ("5月底", 2013, "2013-05-31", "period", "actual", None),
    ("2013-05", None, "2013-05-01", "month", "actual", None),
]


@pytest.mark.parametrize(("written", "year", "day", "precision", "kind", "code"), DATES, ids=[d[0] for d in DATES])
def test_dates(written, year, day, precision, kind, code):
    outcome = parse_date(written, year)
    found = outcome.value and outcome.value.isoformat()
    assert (found, outcome.precision, outcome.kind, told(outcome)) == (day, precision, kind, code)


def test_a_date_is_never_quietly_nothing():
    for written, year, *_ in DATES:
        outcome = parse_date(written, year)
        assert outcome.value or outcome.kind in ("duration", "text") or outcome.fault, written


def test_a_serial_counts_from_the_epoch_of_its_workbook():
    cell = Cell("number", Decimal(42704), "42704")
    assert parse_date(cell, epoch_1904=True).value == dt.date(2020, 12, 1)
    assert parse_date(cell).value == dt.date(2016, 11, 30)


NUMBERS = [
    ("1,234", "1234", False),
    ("1，234", "1234", False),
    ("１２３４", "1234", False),
    ("1234㎡", "1234", False),
    ("约80.43m³", "80.43", True),
    ("4.63万", "46300", False),
    ("(123)", "-123", False),
    ("1 234", "1234", False),
    ("±0.000", "0", False),
    ("16708.722293", "16708.72", False),
    ("    103.62", "103.62", False),
    ("约300", "300", True),
    ("近300", "300", True),
    ("300余", "300", True),
    ("300左右", "300", True),
]


@pytest.mark.parametrize(("written", "value", "approximate"), NUMBERS)
def test_numbers(written, value, approximate):
    column = "m3" if "m³" in written else "m2"
    outcome = parse_decimal(written, column)
    assert (outcome.value, outcome.approximate, told(outcome)) == (Decimal(value), approximate, None)


@pytest.mark.parametrize("written", ["80%", "0.8", Cell("number", Decimal("0.8"), "0.8", is_percent=True)])
def test_a_share_written_as_percent_or_fraction(written):
    assert parse_ratio(written).value == Decimal("0.8")


def test_a_share_written_without_its_sign_is_taken_with_a_note_or_by_its_column():
    assert (parse_ratio("80").value, told(parse_ratio("80"))) == (Decimal("0.8"), "E11")
    assert (parse_ratio("80", True).value, told(parse_ratio("80", True))) == (Decimal("0.8"), None)


def test_a_formula_is_its_result_and_one_without_a_result_is_a_fault():
    assert parse_decimal(Cell("number", Decimal(6168509), "6168509", is_formula=True), "m2").value == 6168509
    assert told(parse_decimal(Cell("no_value", None, "=A1+B1", is_formula=True), "m2")) == "E42"


NULLS = ("", "  ", "　", "—", "－", "-", "/", "／", "\\", "无", "暂无", "未签", "待定", "不详", "N/A", "×", "...")


@pytest.mark.parametrize("written", NULLS)
def test_nulls(written):
    assert is_null(written)
    outcome = parse_decimal(written, "m2")
    assert (outcome.value, told(outcome)) == (None, None)


def test_nought_is_a_number_and_an_error_is_no_blank():
    assert parse_decimal("0", "m2").value == 0
    assert told(parse_decimal("#N/A", "m2")) == "E41"
    assert told(parse_decimal(Cell("error", None, "#N/A"), "m2")) == "E42"


def test_no_problem_is_an_answer_in_a_column_of_words():
    header = ["序号", "小区名称", "楼号", "建筑面积", "户数", "实际开工日期", "实际竣工日期", "工程状态", "存在问题"]
    reading = read(f06([*building(1), "无"], [*building(2), "暂无问题"], [*building(3), "—"], header=header))
    assert values(reading, "contractor_progress", "delay_reason") == [("无",), ("暂无问题",), (None,)]


@pytest.mark.parametrize("written", ["同上", "〃", "″"])
def test_same_as_above(written):
    assert is_same_as_above(written) and not is_same_as_left(written)


def test_same_as_left():
    assert is_same_as_left("同左") and not is_same_as_above("同左")


UNITS = {
    ("m2", 1): "㎡ m2 m² 平米 平方米 平方",
    ("m2", 10_000): "万㎡ 万平方米 万平米 万方",
    ("yuan", 1): "元",
    ("yuan", 1_000): "千元",
    ("yuan", 10_000): "万元",
    ("yuan", 100_000_000): "亿元",
    ("household", 1): "户",
    ("dwelling", 1): "套",
    ("building", 1): "栋 幢 座 楼",
    ("m", 1): "延米 米",
    ("window", 1): "樘",
    ("person", 1): "人",
    ("person_time", 1): "人次",
}


@pytest.mark.parametrize(("unit", "words"), UNITS.items(), ids=lambda each: each if isinstance(each, str) else each[0])
def test_units(unit, words):
    for word in words.split():
        assert (find_unit(word).code, find_unit(word).factor) == unit, word


HEADER = ["序号", "小区名称", "楼号", "建筑面积", "户数", "实际开工日期", "实际竣工日期", "工程状态"]


@pytest.mark.parametrize(
    ("line", "header", "written", "area"),
    [
        ("填报单位：京合二建　街道：甘家口街道　单位：万平方米", "建筑面积", 0.3, "3000"),
        ("填报单位：京合二建　街道：甘家口街道", "建筑面积（万㎡）", 0.3, "3000"),
        ("填报单位：京合二建　街道：甘家口街道　单位：万平方米", "建筑面积（㎡）", 3000, "3000"),
        ("填报单位：京合二建　街道：甘家口街道　单位：万平方米", "建筑面积（万㎡）", "3000㎡", "3000"),
        ("填报单位：京合二建　街道：甘家口街道", "建筑面积", 3000, "3000"),
    ],
    ids=["title line", "header brackets", "header over title", "cell over header", "none"],
)
def test_the_nearest_unit_wins(line, header, written, area):
    reading = read(f06(building(1, area=written), line=line, header=[*HEADER[:3], header, *HEADER[4:]]))
    assert values(reading, "contractor_progress", "floor_area_m2") == [(Decimal(area),)]


def test_a_unit_on_the_second_level_of_a_header():
    title, line, header, row = f06(building(1, area=0.3), header=HEADER)
    levels = [header, [None, None, None, "万㎡", "户", None, None, None]]
    reading = read([title, line, *levels, row])
    assert values(reading, "contractor_progress", "floor_area_m2", "household_count") == [(Decimal(3000), 40)]


def test_units_that_contradict_each_other_make_the_row_wait():
    reading = read(f06(building(1, area="3000户"), header=HEADER))
    assert ("E46", "Q", "floor_area_m2", "D4") in faults(reading, "contractor_progress")[0]


YES = ("√", "✓", "●", "■", "☑", "1", "是", "有", "Y")
NO = ("×", "○", "□", "0", "否", "无", "")


@pytest.mark.parametrize(("written", "value"), [*((mark, True) for mark in YES), *((mark, False) for mark in NO)])
def test_ticks(written, value):
    assert parse_boolean(written).value is value


def test_several_ticks_in_one_cell():
    assert parse_ticks("□市本级☑临川区") == ("临川区",)


@pytest.mark.parametrize("sign", ["、", "，", ",", "；", "/", "\n"])
def test_lists(sign):
    assert parse_list(f"外窗{sign}屋面").value == ("外窗", "屋面")


def test_two_codes_in_one_cell():
    status = split_status("主体/装饰")
    assert (status.labels, status.fix.code) == (("主体", "装饰"), "E24")


@pytest.mark.parametrize("sign", ["\n", " ", "、"])
def test_two_phones_in_one_cell_are_both_masked(sign):
    assert "138" not in quote(f"13800001234{sign}13800005678")


def test_rounding_is_forgiven_by_half_a_unit_of_the_last_decimal_a_row():
    rows = [building(number, area=0.33) for number in range(1, 4)]
    total = ["合计", None, None, 1.0, 120, None, None, None]
    line = "填报单位：京合二建　街道：甘家口街道　单位：万平方米"
    assert found(read(f06(*rows, total, line=line)), "E09") == []
    off = ["合计", None, None, 1.01, 120, None, None, None]
    assert found(read(f06(*rows, off, line=line)), "E09") == [("W", "D7")]
