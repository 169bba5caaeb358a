"""Value forms of DOMAIN section 4, as tables: what a sender writes, and what it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from transforms.values import (
    Outcome,
    Unit,
    find_unit,
    find_units,
    is_null,
    is_same_as_above,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_integer,
    parse_list,
    parse_month,
    parse_month_cell,
    parse_ratio,
    parse_storeys,
    parse_ticks,
    parse_year,
    parse_year_range,
    read_numeral,
    split_header_unit,
    split_status,
    strip_pinyin,
)
from transforms.workbook import Cell


def number(text: str, is_percent: bool = False) -> Cell:
    return Cell("number", Decimal(text), text, is_percent)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def code(outcome: Outcome) -> str | None:
    return outcome.fault.code if outcome.fault else None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1234", "1234"),
        ("1,234", "1234"),
        ("1，234，567.5", "1234567.5"),
        ("１２３４", "1234"),
        ("1 234", "1234"),
        ("1234㎡", "1234"),
        ("1234 平方米", "1234"),
        ("1234m²", "1234"),
        ("4.63万", "46300"),
        ("4.63万㎡", "46300"),
        ("3.749784万平方米", "37497.84"),
        ("0.00463亿", "463000"),
        ("(123)", "-123"),
        ("（123）", "-123"),
        ("-5", "-5"),
        ("－5", "-5"),
        ("−5", "-5"),
        ("+5", "5"),
        ("±0.000", "0"),
        ("    103.62", "103.62"),
        ("\u3000103.62\xa0", "103.62"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.2e3", "1200"),
        ("16708.722293", "16708.72"),
        ("0.125", "0.13"),
        ("-0.125", "-0.13"),
    ],
)
def test_decimals_into_square_metres(written: str, value: str) -> None:
    outcome = parse_decimal(written, "m2")
    assert outcome == Outcome(Decimal(value)), outcome


@pytest.mark.parametrize(
    "written", ["约300", "大约300㎡", "近300", "300左右", "300余平方米", "300多", "≈300", "300㎡左右"]
)
def test_approximate_numbers_say_so(written: str) -> None:
    assert parse_decimal(written, "m2") == Outcome(Decimal(300), approximate=True)


@pytest.mark.parametrize(
    "written",
    [
        "12,34",
        "1.234,56",
        "10²",
        "③",
        "3½",
        "100-200",
        "约",
        "±5",
        "(123",
        "NaN",
        "1_000",
        "一些",
        "12 34",
        "1e999",
        "3号楼",
    ],
)
def test_what_is_not_one_plain_number_is_a_fault(written: str) -> None:
    outcome = parse_decimal(written, "m2")
    assert outcome.value is None
    assert code(outcome) == "E41"


def test_a_fault_quotes_what_was_found_and_says_what_was_expected() -> None:
    fault = parse_decimal("三四百", "m2").fault
    assert fault == ("E41", "“三四百” 不是单个数字", "应只填数字，如 1234.56")


def test_a_quoted_number_long_enough_to_be_a_phone_is_masked() -> None:
    fault = parse_decimal("电话13800001234", "m2").fault
    assert fault is not None
    assert "1380000" not in fault.found


def test_a_quoted_text_commands_no_terminal() -> None:
    fault = parse_decimal("\x1b[31m三四百\u202e").fault
    assert fault is not None and fault.found == "“�[31m三四百�” 不是单个数字"


@pytest.mark.parametrize(
    ("written", "column", "source", "value"),
    [
        (number("3.749784"), "m2", "万㎡", "37497.84"),
        (number("37497.84"), "m2", None, "37497.84"),
        ("37497.84㎡", "m2", "万㎡", "37497.84"),  # the nearest unit wins
        ("4.63万", "m2", "万㎡", "46300"),  # the multiplier is spent
        (number("1.5"), "yuan", "万元", "15000"),
        (number("1.5"), "元", Unit("yuan", "money", Decimal(1000)), "1500"),
        (number("2"), "yuan", "亿元", "200000000"),
        (number("12"), "item_unit", "樘", "12"),  # the column leaves the unit open
        (number("0.28"), "m2", "万平方米", "2800"),
    ],
)
def test_units_convert_exactly(written: Cell | str, column: str, source: Unit | str | None, value: str) -> None:
    assert parse_decimal(written, column, source).value == Decimal(value)


def test_a_unit_of_another_dimension_is_a_conflict() -> None:
    assert code(parse_decimal("300户", "m2")) == "E46"
    assert code(parse_decimal(number("3"), "m2", "万元")) == "E46"
    assert code(parse_decimal("80%", "m2")) == "E41"
    assert code(parse_decimal(number("0.8", is_percent=True), "m2")) == "E41"


def test_flats_for_households_stand_with_a_warning() -> None:
    outcome = parse_integer("63套", "household")
    assert outcome.value == 63
    assert outcome.fault is None
    assert outcome.fix is not None
    assert outcome.fix.code == "E31"


def test_a_number_too_long_for_its_column_is_out_of_range() -> None:
    assert code(parse_decimal("1234567890123", "m2", precision=14)) == "E43"
    assert code(parse_decimal("1e25", "m2")) == "E43"
    assert parse_decimal("123456789012.34", "m2", precision=14).value == Decimal("123456789012.34")


@pytest.mark.parametrize(
    "cell", [Cell("error", None, "#REF!"), Cell("no_value", None, "=A1+B1", is_formula=True)], ids=["error", "no_value"]
)
def test_errors_and_formulas_without_results_are_faults_everywhere(cell: Cell) -> None:
    for parse in (
        parse_decimal,
        parse_integer,
        parse_ratio,
        parse_date,
        parse_month_cell,
        parse_year,
        parse_boolean,
        parse_storeys,
    ):
        assert code(parse(cell)) == "E42", parse


def test_a_formula_with_an_empty_result_is_blank() -> None:
    cell = Cell("text", "", '=IF(A1="","",A1)', is_formula=True)
    assert parse_decimal(cell) == Outcome(None)
    assert parse_date(cell) == Outcome(None)
    assert parse_list(cell) == Outcome(None)


def test_dates_and_truths_are_no_numbers() -> None:
    assert code(parse_decimal(Cell("date", dt.datetime(2013, 5, 1), "2013-05-01"))) == "E41"
    assert code(parse_decimal(Cell("boolean", True, "TRUE"))) == "E41"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "\u3000",
        "—",
        "——",
        "－",
        "-",
        "/",
        "／",
        "\\",
        "无",
        "暂无",
        "未签",
        "待定",
        "不详",
        "N/A",
        "n/a",
        "×",
        "...",
        "……",
    ],
)
def test_nulls(text: str) -> None:
    assert is_null(text)
    assert parse_decimal(text, "m2") == Outcome(None)


def test_zero_and_none_of_your_words_are_not_null() -> None:
    assert not is_null("0")
    assert not is_null("暂无问题")
    assert parse_decimal("0").value == 0


@pytest.mark.parametrize("text", ["同上", "〃", "″", " 同上 "])
def test_same_as_above(text: str) -> None:
    assert is_same_as_above(text)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (number("6"), 6),
        ("6.0", 6),
        ("12栋", 12),
        ("十二", 12),
        ("第二次", 2),
        ("第2次", 2),
        ("1,058户", 1058),
        ("二十", 20),
        ("一百零五", 105),
    ],
)
def test_integers(written: Cell | str, value: int) -> None:
    outcome = parse_integer(written)
    assert outcome.value == value
    assert isinstance(outcome.value, int)


def test_half_a_building_is_a_fault() -> None:
    assert code(parse_integer(number("6.5"))) == "E41"


@pytest.mark.parametrize(
    ("written", "column_is_percent", "value"),
    [
        ("80%", None, "0.8"),
        ("80％", True, "0.8"),
        ("80%", False, "0.8"),
        (number("0.8", is_percent=True), True, "0.8"),
        (number("80"), True, "0.8"),
        (number("0.8"), False, "0.8"),
        (number("0.8"), None, "0.8"),
        (number("1"), None, "1"),
        (number("1"), True, "0.01"),
        (number("33.33333"), True, "0.333333"),
        ("100%", None, "1"),
    ],
)
def test_ratios(written: Cell | str, column_is_percent: bool | None, value: str) -> None:
    assert parse_ratio(written, column_is_percent) == Outcome(Decimal(value))


def test_a_percent_nobody_announced_is_taken_with_a_note() -> None:
    outcome = parse_ratio(number("80"))
    assert outcome.value == Decimal("0.8")
    assert outcome.fix is not None
    assert outcome.fix.code == "E11"


@pytest.mark.parametrize("written", ["120%", number("120"), number("1.2", is_percent=True)])
def test_more_than_all_is_a_fault(written: Cell | str) -> None:
    assert code(parse_ratio(written)) == "E11"


@pytest.mark.parametrize(
    ("written", "value", "precision"),
    [
        ("2018.11.26", "2018-11-26", "day"),
        ("2020.8.23", "2020-08-23", "day"),
        ("2021.1.15   ", "2021-01-15", "day"),
        ("2013-10-08", "2013-10-08", "day"),
        ("2013/10/8", "2013-10-08", "day"),
        ("２０１３．１０．８", "2013-10-08", "day"),
        ("2020年10月14日", "2020-10-14", "day"),
        ("2020 年 10 月 14 日", "2020-10-14", "day"),
        ("2020年10月14号", "2020-10-14", "day"),
        ("20131008", "2013-10-08", "day"),
        ("2019/4/25 9:32:09", "2019-04-25", "day"),
        ("2019-04-25T09:32:09", "2019-04-25", "day"),
        ("13.5.1", "2013-05-01", "day"),
        ("13年5月1日", "2013-05-01", "day"),
        ("二〇一三年五月三十一日", "2013-05-31", "day"),
        ("2013年5月1日（星期三）", "2013-05-01", "day"),
        ("2020年4月", "2020-04-01", "month"),
        ("2018年02月", "2018-02-01", "month"),
        ("201802", "2018-02-01", "month"),
        ("2013-05", "2013-05-01", "month"),
        ("2013.5", "2013-05-01", "month"),
        ("13年5月份", "2013-05-01", "month"),
        ("二〇一三年五月", "2013-05-01", "month"),
        ("2013年11月中旬", "2013-11-11", "period"),
        ("2013年11月上旬", "2013-11-01", "period"),
        ("2013年2月底", "2013-02-28", "period"),
        ("2013年", "2013-01-01", "year"),
        ("2013", "2013-01-01", "year"),
        (number("20131008"), "2013-10-08", "day"),
        (number("201310"), "2013-10-01", "month"),
        (number("2013.5"), "2013-05-01", "month"),
        (Cell("date", dt.datetime(2013, 10, 8, 9, 30), "2013-10-08 09:30:00"), "2013-10-08", "day"),
    ],
)
def test_dates(written: Cell | str, value: str, precision: str) -> None:
    assert parse_date(written) == Outcome(day(value), kind="actual", precision=precision)


@pytest.mark.parametrize(
    ("written", "value", "precision"),
    [
        ("11月中旬", "2013-11-11", "period"),
        ("5月底", "2013-05-31", "period"),
        ("十二月", "2013-12-01", "month"),
        ("12月25日", "2013-12-25", "day"),
        ("10.26", "2013-10-26", "day"),
    ],
)
def test_dates_without_a_year_take_the_reports_year(written: str, value: str, precision: str) -> None:
    assert parse_date(written, 2013) == Outcome(day(value), kind="actual", precision=precision)
    assert code(parse_date(written)) == "E41"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("延期至2014.1.31", "2014-01-31"),
        ("延期至2021.07.31", "2021-07-31"),
        ("预计2014年1月31日完工", "2014-01-31"),
        ("拟于2014-1-31", "2014-01-31"),
        ("2014年1月31日前", "2014-01-31"),
    ],
)
def test_hoped_for_dates_are_forecasts(written: str, value: str) -> None:
    assert parse_date(written) == Outcome(day(value), kind="forecast", precision="day")


@pytest.mark.parametrize("written", ["300天", "616日历天", "365天完工。完工后180天交付使用", "18个月"])
def test_durations_are_no_dates(written: str) -> None:
    assert parse_date(written) == Outcome(None, kind="duration", precision="none")


@pytest.mark.parametrize(
    "written",
    ["开工令", "以发包人开工令为准", "另行协商", "双方协商确定", "未签", "11月9日开标，11月中旬开工建设", "第28周"],
)
def test_words_in_a_date_column_are_kept_as_words(written: str) -> None:
    assert parse_date(written, 2013) == Outcome(None, kind="text", precision="none")


@pytest.mark.parametrize(
    "written", ["2020.11.31", "2013.9.31", "2013年2月29日", "2013-13-01", "20130931", number("20130931")]
)
def test_days_that_never_were(written: Cell | str) -> None:
    outcome = parse_date(written)
    assert outcome.value is None
    assert code(outcome) == "E06"


def test_an_impossible_day_is_named() -> None:
    assert parse_date("2013.9.31").fault == ("E06", "“2013.9.31” 没有这一天", "应为实际存在的日期")


@pytest.mark.parametrize("written", ["2013..5", "12345", "13", number("5.1"), number("2013.1"), number("-3"), "9:30"])
def test_digits_that_make_no_date_are_faults(written: Cell | str) -> None:
    assert code(parse_date(written)) == "E41"


@pytest.mark.parametrize("written", [number("44166"), "44166", number("44166.5")])
def test_a_bare_serial_is_a_date_with_a_note(written: Cell | str) -> None:
    outcome = parse_date(written)
    assert outcome.value == day("2020-12-01")
    assert outcome.fix is not None
    assert outcome.fix.code == "E19"


def test_a_bare_serial_of_a_1904_workbook() -> None:
    assert parse_date(number("42704"), epoch_1904=True).value == day("2020-12-01")


def test_a_state_glued_to_a_date_comes_off_with_a_note() -> None:
    outcome = parse_date("完成2016-3-15")
    assert outcome[:1] == (day("2016-03-15"),)
    assert outcome.kind == "actual"
    assert outcome.fix is not None
    assert outcome.fix.code == "E24"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2013年12月", (2013, 12)),
        ("2013-12", (2013, 12)),
        ("201312", (2013, 12)),
        ("13年12月", (2013, 12)),
        ("二〇一三年五月", (2013, 5)),
        ("二○一三年十二月", (2013, 12)),
        ("2013年10月老旧小区综合整治进度表", (2013, 10)),
        ("03标段-京合二建-进度表2013.12.25", (2013, 12)),
        ("花园路分指挥部2013年12月月报", (2013, 12)),
        ("花园路12月报(最终版)", (None, 12)),
        ("花园路甲3号院12月月报", (None, 12)),
        ("12月25日", (None, 12)),
        ("十二月", (None, 12)),
        ("报告期：2013 年 9 月", (2013, 9)),
        ("2013年1-12月完成情况", (2013, 12)),
        ("2013年度海淀区10月进展情况", (2013, 10)),
        ("K02_20131002_进度", (2013, 10)),
        ("２０１３年９月份", (2013, 9)),
        ("施工进度表", None),
        ("2012-2013年采暖季", None),
        ("3个月", None),
        ("110108198512010011", None),
        ("13月", None),
        ("2013年", None),
    ],
)
def test_months_in_titles_and_file_names(text: str, found: tuple[int | None, int] | None) -> None:
    assert parse_month(text) == found


def test_a_month_without_its_year_takes_the_default() -> None:
    assert parse_month("十二月", 2013) == (2013, 12)


@pytest.mark.parametrize(
    "written", ["2013年12月", number("201312"), Cell("date", dt.datetime(2013, 12, 31), "2013-12-31"), "2013.12"]
)
def test_month_columns(written: Cell | str) -> None:
    assert parse_month_cell(written) == Outcome(day("2013-12-01"))


def test_a_month_column_without_a_month_is_a_fault() -> None:
    assert code(parse_month_cell("12月")) == "E41"
    assert code(parse_month_cell(number("2013"))) == "E41"


@pytest.mark.parametrize(
    ("written", "value"),
    [(number("2013"), 2013), ("2013年", 2013), ("二〇一三年", 2013), ("13年", 2013), ("2013年度", 2013)],
)
def test_years(written: Cell | str, value: int) -> None:
    assert parse_year(written) == Outcome(value)


@pytest.mark.parametrize(
    ("written", "value", "approximate"),
    [
        ("1982-1986", (1982, 1986), False),
        ("1982年至1986年", (1982, 1986), False),
        ("82-86年", (1982, 1986), False),
        ("80年代", (1980, 1989), False),
        ("1980年代", (1980, 1989), False),
        ("八十年代初", (1980, 1983), True),
        ("上世纪70年代末", (1977, 1979), True),
        ("70、80年代", (1970, 1989), False),
        (number("1985"), (1985, 1985), False),
        ("约1985年", (1985, 1985), True),
    ],
)
def test_year_ranges(written: Cell | str, value: tuple[int, int], approximate: bool) -> None:
    assert parse_year_range(written) == Outcome(value, None, approximate)


def test_years_out_of_this_world_are_faults() -> None:
    assert code(parse_year("3013")) == "E41"
    assert code(parse_year("1982-1986")) == "E41"
    assert code(parse_year_range("1986-1982")) == "E41"


@pytest.mark.parametrize(
    "mark", ["√", "✓", "●", "■", "☑", "1", "是", "有", "Y", "是☑ 否□", number("1"), Cell("boolean", True, "TRUE")]
)
def test_ticks_that_are_yes(mark: Cell | str) -> None:
    assert parse_boolean(mark) == Outcome(True)


@pytest.mark.parametrize("mark", ["×", "○", "□", "0", "否", "无", "", " ", "-", "□是 ☑否", number("0")])
def test_ticks_that_are_no(mark: Cell | str) -> None:
    assert parse_boolean(mark) == Outcome(False)


def test_a_word_is_no_tick() -> None:
    assert code(parse_boolean("部分")) == "E41"


def test_boxes_ticked_in_one_cell() -> None:
    assert parse_ticks("□市本级☑临川区") == ("临川区",)
    assert parse_ticks("■外窗 □屋面 √楼道") == ("外窗", "楼道")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("海筑、海筑建设；北京海筑", ("海筑", "海筑建设", "北京海筑")),
        ("外窗,外墙保温\n屋面", ("外窗", "外墙保温", "屋面")),
        ("志强南园(一期)", ("志强南园(一期)",)),
        ("外窗/屋面", ("外窗", "屋面")),
    ],
)
def test_lists(text: str, items: tuple[str, ...]) -> None:
    assert parse_list(text) == Outcome(items)


def test_two_states_in_one_cell_are_split_with_a_note() -> None:
    status = split_status("主体/装饰")
    assert status.labels == ("主体", "装饰")
    assert status.fix is not None
    assert status.fix.code == "E24"


def test_a_state_with_its_date_is_split_with_a_note() -> None:
    status = split_status("完成2016-3-15")
    assert status.labels == ("完成",)
    assert status.date is not None
    assert status.date.value == day("2016-03-15")
    assert status.fix is not None
    assert status.fix.code == "E24"


def test_one_state_is_just_that() -> None:
    assert split_status("已完工") == (("已完工",), None, None)
    assert split_status("—") == ((), None, None)


@pytest.mark.parametrize(
    ("written", "value"), [("6", (6, None)), ("6/-1", (6, 1)), ("地上6地下1", (6, 1)), ("6层", (6, None))]
)
def test_storeys(written: str, value: tuple[int, int | None]) -> None:
    assert parse_storeys(written) == Outcome(value)
    assert code(parse_storeys("六加一")) == "E41"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("㎡", ("m2", "area", 1)),
        ("m²", ("m2", "area", 1)),
        ("平米", ("m2", "area", 1)),
        ("万㎡", ("m2", "area", 10_000)),
        ("万方", ("m2", "area", 10_000)),
        ("单位：万平方米", ("m2", "area", 10_000)),
        ("（万 元）", ("yuan", "money", 10_000)),
        ("千元", ("yuan", "money", 1000)),
        ("户", ("household", "household", 1)),
        ("套", ("dwelling", "dwelling", 1)),
        ("幢", ("building", "building", 1)),
        ("延米", ("m", "length", 1)),
        ("樘", ("window", "window", 1)),
        ("人次", ("person_time", "person_time", 1)),
    ],
)
def test_units(text: str, unit: tuple[str, str, int]) -> None:
    assert find_unit(text) == unit


def test_a_word_is_no_unit() -> None:
    assert find_unit("花园路分指挥部") is None
    assert find_unit("单位") is None


def test_a_unit_line_names_several() -> None:
    assert [unit.code for unit in find_units("单位：万平方米、栋、户")] == ["m2", "building", "household"]


@pytest.mark.parametrize(
    ("header", "name", "unit_code"),
    [
        ("建筑面积（万㎡）", "建筑面积", "m2"),
        ("面积(平方米)\n", "面积", "m2"),
        ("户数(户)", "户数", "household"),
        ("填报单位(盖章)", "填报单位(盖章)", None),
        ("进度%", "进度", "percent"),
        ("小区(院)名称", "小区(院)名称", None),
    ],
)
def test_units_in_headers(header: str, name: str, unit_code: str | None) -> None:
    found, unit = split_header_unit(header)
    assert (found, unit.code if unit else None) == (name, unit_code)


def test_pinyin_copied_from_web_pages_goes() -> None:
    assert strip_pinyin("網(wǎng)格和志強(qiáng)南園") == "網格和志強南園"
    assert strip_pinyin("小区(A)") == "小区(A)"


@pytest.mark.parametrize(
    ("text", "value"), [("十", 10), ("廿五", 25), ("二〇一三", 2013), ("一百二十", 120), ("3", None), ("", None)]
)
def test_numerals(text: str, value: int | None) -> None:
    assert read_numeral(text) == value
