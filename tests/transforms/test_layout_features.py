"""What layouts declare besides headers: key-value forms, years as columns, what makes a row, sections, neighbours."""

from datetime import date
from decimal import Decimal

import pytest

from tests.transforms.layout_books import catalogue_of, classes, faults, form_of, found, read, rows_of, values

INSPECTION = form_of(
    "seq_no:text:编号",
    "compound:text:小区名称",
    "checked:date:检查日期",
    "quantity:decimal:混凝土量",
    "heat:code:供热方式",
    identity=("compound", "checked"),
    codes={"heat": "heat_types"},
)
LABELS = """
values = "beside"
period = []
ignore_headers = ["检查人"]
[columns]
seq_no = ["编号"]
compound = ["小区名称", "小区"]
checked = ["检查日期"]
quantity = ["混凝土量"]
heat = ["供热方式"]
"""


@pytest.fixture
def inspection(tmp_path):
    return catalogue_of(INSPECTION, LABELS, tmp_path)


def card(number, compound, day="2013-9-5"):
    """The lines of one form of four columns."""
    return [
        ["检查记录表", None, None, None],
        ["编号：" + number, None, "小区名称", compound],
        ["检查日期", day, "检查人", "某甲"],
        ["混凝土量", "约80.43m³", None, None],
    ]


def test_a_form_is_one_row_with_the_addresses_of_its_values(inspection):
    reading = read(card("7", "增光里"), catalogue=inspection)
    [row] = rows_of(reading, "thing")
    assert (row["seq_no"], row["compound"], row["checked"]) == ("7", "增光里", date(2013, 9, 5))
    assert (row["quantity"], row["approximate_columns"]) == (Decimal("80.43"), ["quantity"])
    assert (row["addresses"]["seq_no"], row["raw"]["seq_no"]) == ("A2", "编号：7")
    assert (row["addresses"]["compound"], row["row_number"]) == ("D2", 2)
    assert classes(reading) == {"title": 1, "data": 4, "header": 3, "ignored": 2}


def test_forms_under_each_other_are_rows(inspection):
    reading = read([*card("1", "增光里"), [None], *card("2", "甘家口北里")], catalogue=inspection)
    assert values(reading, "thing", "seq_no", "compound", "row_number") == [("1", "增光里", 2), ("2", "甘家口北里", 7)]
    assert not reading.findings.height


def test_forms_beside_each_other_are_rows_of_two_blocks(inspection):
    pairs = zip(card("1", "增光里"), card("2", "甘家口北里"), strict=True)
    reading = read([[*left, *right] for left, right in pairs], catalogue=inspection)
    assert values(reading, "thing", "compound", "block") == [("增光里", 1), ("甘家口北里", 2)]
    assert len({row["row_id"] for row in rows_of(reading, "thing")}) == 2


def test_a_form_on_each_sheet_is_one_report(inspection):
    reading = read(card("1", "增光里"), card("2", "甘家口北里"), catalogue=inspection)
    assert reading.submissions.select("rows_read").to_series().to_list() == [2]


def test_a_label_followed_by_a_label_has_no_value(inspection):
    lines = [["编号", "小区名称", "增光里"], ["检查日期", "2013-9-5"], ["混凝土量", "检查人", "某甲"]]
    reading = read(lines, catalogue=inspection)
    assert values(reading, "thing", "seq_no", "compound", "quantity") == [(None, "增光里", None)]


def test_the_option_with_the_tick_behind_it_is_the_value(inspection):
    lines = [*card("1", "增光里"), ["供热方式", "集中供热", "/", "分户", "√"]]
    assert values(read(lines, catalogue=inspection), "thing", "heat") == [("INDIVIDUAL",)]


def test_values_may_stand_below_their_labels(tmp_path):
    below = catalogue_of(INSPECTION, LABELS.replace("beside", "below"), tmp_path)
    reading = read([["小区名称", "检查日期"], ["增光里", "2013-9-5"], ["混凝土量"], [12]], catalogue=below)
    assert values(reading, "thing", "compound", "checked", "quantity") == [("增光里", date(2013, 9, 5), Decimal(12))]


def test_what_is_neither_label_nor_value_is_told(inspection):
    reading = read([*card("1", "增光里"), ["天气晴好"]], catalogue=inspection)
    assert found(reading, "E47") == [("W", "A5")]
    assert classes(reading)["rejected"] == 1


def test_a_form_without_a_label_it_needs_is_refused_by_name(inspection):
    lines = [line for line in card("1", "增光里") if line[0] != "检查日期"]
    reading = read([*lines, ["供热方式", "分户"]], catalogue=inspection)
    [finding] = reading.findings.to_dicts()
    assert (finding["code"], finding["severity"]) == ("E22", "R")
    assert "缺少“检查日期”" in finding["found"]


def test_a_table_with_the_same_words_stays_a_table(inspection, tmp_path):
    table = LABELS.replace('values = "beside"', "header_rows = [1, 1]")
    (tmp_path / "T_table.toml").write_text(f'form = "thing"\n{table}', encoding="utf-8")
    both = catalogue_of(INSPECTION, LABELS, tmp_path)
    lines = [
        ["编号", "小区名称", "检查日期", "混凝土量"],
        ["1", "增光里", "2013-9-5", 3],
        ["2", "稻香里", "2013-9-6", 4],
    ]
    reading = read(lines, catalogue=both)
    assert reading.sheets["layout_id"].to_list() == ["T_table"]
    assert [row["compound"] for row in rows_of(reading, "thing")] == ["增光里", "稻香里"]


SERIES = form_of(
    "name:text:指标", "year:year:年份", "area:decimal:面积", "count:integer:个数", identity=("name",), sums=("area",)
)


def series(folder, columns):
    toml = 'header_rows = [1, 2]\nperiod = []\n[columns]\nname = ["指标"]\n[items]\ncolumn = "year"\nheaders = "year"\n'
    return catalogue_of(SERIES, f"{toml}[items.columns]\n{columns}", folder)


def test_years_in_the_header_become_a_column(tmp_path):
    reading = read(
        [["指标", "2012年", "2013", "2014 *"], ["建筑面积", 1, 2, 3], ["改造面积", None, "—", 4]],
        catalogue=series(tmp_path, "area = []"),
    )
    assert values(reading, "thing", "name", "year", "area") == [
        ("建筑面积", 2012, Decimal(1)),
        ("建筑面积", 2013, Decimal(2)),
        ("建筑面积", 2014, Decimal(3)),
        ("改造面积", 2014, Decimal(4)),
    ]
    assert rows_of(reading, "thing")[1]["addresses"]["area"] == "C2"


def test_measures_may_stand_under_each_year(tmp_path):
    reading = read(
        [["指标", "2012年", None, "2013年", None], [None, "面积", "个数", "面积", "个数"], ["新建", 1.5, 2, 3.5, 4]],
        merge=["A1:A2", "B1:C1", "D1:E1"],
        catalogue=series(tmp_path, 'area = ["面积"]\ncount = ["个数"]'),
    )
    assert values(reading, "thing", "year", "area", "count") == [
        (2012, Decimal("1.5"), 2),
        (2013, Decimal("3.5"), 4),
    ]


def test_a_total_below_years_is_checked_year_by_year(tmp_path):
    lines = [["指标", "2012年", "2013年"], ["新建", 1, 2], ["改建", 3, 4], ["合计", 4, 9]]
    reading = read(lines, catalogue=series(tmp_path, "area = []"))
    assert reading.controls.select("address", "agrees").rows() == [("B4", True), ("C4", False)]


MONTHS = form_of(
    "code:code:指标代码", "month:month:月份", "value:decimal:数值", "section:text:分类", identity=("code",)
)


def months(folder, more=""):
    toml = f'header_rows = [1, 1]\nperiod = []\n{more}\n[columns]\ncode = ["指标代码"]\n'
    return catalogue_of(
        MONTHS, f'{toml}[items]\ncolumn = "month"\nheaders = "month"\n[items.columns]\nvalue = []', folder
    )


@pytest.mark.parametrize("header", ["2018年02月", "201802", 201802, "2018-2", "2018.02", "2018年2月份"])
def test_months_in_the_header_become_a_column(header, tmp_path):
    reading = read([["指标代码", header], ["NM1210", 45]], catalogue=months(tmp_path))
    assert values(reading, "thing", "code", "month", "value") == [("NM1210", date(2018, 2, 1), Decimal(45))]


def test_only_lines_that_match_are_rows_the_others_head_them(tmp_path):
    layout = months(tmp_path, 'rows = { code = "[A-Z]{2}[0-9]{4}" }\nsections = "section"')
    lines = [["指标代码", "2018年02月"], ["八、铁塔"], ["1、铁塔"], ["MV6020", 1], ["传送网合计"], ["NM9552", 2]]
    reading = read(lines, catalogue=layout)
    assert values(reading, "thing", "code", "section") == [("MV6020", "1、铁塔"), ("NM9552", "传送网合计")]
    assert classes(reading) == {"header": 2, "ignored": 1, "data": 6}


BILL = form_of(
    "section:text:分部",
    "code:text:项目编码",
    "name:text:项目名称",
    "group:text:组",
    "amount:decimal:合价",
    identity=("code",),
    sums=("amount",),
)
BILL_LAYOUT = """
header_rows = [1, 1]
period = []
sections = {{ column = "section", end_at_total = {ends} }}
rows = {{ code = ".+" }}
totals = ["不含税造价"]
stated_totals = ["税金", "含税造价"]
[columns]
code = ["项目编码"]
name = ["项目名称"]
amount = ["合价"]
"""
BILL_LINES = [
    ["序号", "项目编码", "项目名称", "合价"],
    [None, "A", "B", "C=A*B"],
    [None, None, "土石方工程", 3],
    [1, "0101", "平整场地", 1],
    [2, "0102", "挖土方", 2],
    ["三", None, "不含税造价", 3],
    ["四", None, "税金（9%）", 0.27],
    ["五", None, "含税造价", 3.27],
    [3, "0103", "补充", 0],
]


@pytest.mark.parametrize(("ends", "last"), [("true", None), ("false", "土石方工程")])
def test_sections_carry_subtotals_and_stated_totals_are_kept(ends, last, tmp_path):
    reading = read(BILL_LINES, catalogue=catalogue_of(BILL, BILL_LAYOUT.format(ends=ends), tmp_path))
    assert [row["section"] for row in rows_of(reading, "thing")] == ["土石方工程", "土石方工程", last]
    assert reading.controls.select("label", "agrees").rows() == [
        ("土石方工程", True),
        ("不含税造价", True),
        ("税金(9%)", None),
        ("含税造价", None),
    ]


def test_a_row_group_at_the_side_has_no_header(tmp_path):
    toml = 'header_rows = [1, 1]\nperiod = []\nfill_down = ["group"]\n[columns]\n'
    toml += 'name = { headers = ["项目名称"], left = "group" }\n'
    form = form_of("group:text:组", "name:text:项目名称", "amount:decimal:合价", identity=("name",))
    catalogue = catalogue_of(form, f'{toml}amount = ["合价"]', tmp_path)
    reading = read(
        [[None, "项目名称", "合价"], ["甲组", "一", 1], [None, "二", 2], ["乙组", "三", 3]], catalogue=catalogue
    )
    assert [row["group"] for row in rows_of(reading, "thing")] == ["甲组", "甲组", "乙组"]


@pytest.mark.parametrize("merge", [[], ["A1:B1"]])
def test_one_header_over_code_and_name(merge, tmp_path):
    form = form_of("code:text:代码", "name:text:院系", "count:integer:人数", identity=("name",))
    toml = 'period = []\n[columns]\ncode = { headers = ["招生院系"], right = "name" }\ncount = ["人数"]'
    reading = read(
        [["招生院系", None, "人数"], ["090", "研究院", 7]], merge=merge, catalogue=catalogue_of(form, toml, tmp_path)
    )
    assert values(reading, "thing", "code", "name", "count") == [("090", "研究院", 7)]


def test_footnote_numbers_behind_names_are_dropped(tmp_path):
    form = form_of("area:text:地区", "count:integer:数量", identity=("area",))
    toml = 'header_rows = [1, 1]\nperiod = []\nfootnotes = ["area"]\n[columns]\narea = ["地区"]\ncount = ["数量"]'
    lines = [["地区", "数量"], ["Northeast6", 1], ["Total6, 7, 8, 9", 2], ["Route 66", 3]]
    reading = read(lines, catalogue=catalogue_of(form, toml, tmp_path))
    assert [row["area"] for row in rows_of(reading, "thing")] == ["Northeast", "Total", "Route"]
    assert rows_of(reading, "thing")[0]["raw"]["area"] == "Northeast6"


def test_e18_names_that_run_on_while_the_year_stands_still(tmp_path):
    form = form_of("name:text:项目名称", "approved:year:立项年度", identity=("name",))
    toml = 'period = []\ndrag_fill = { name = "approved" }\n[columns]\nname = ["项目名称"]\napproved = ["立项年度"]'
    lines = [
        ["项目名称", "立项年度"],
        ["2019年农田", 2019],
        ["2020年农田", 2019],
        ["2021年农田", 2019],
        ["2021年水库", 2021],
    ]
    reading = read(lines, catalogue=catalogue_of(form, toml, tmp_path))
    assert faults(reading, "thing") == [
        [],
        [("E18", "W", "name", "A3")],
        [("E18", "W", "name", "A4")],
        [],
    ]


def test_the_letters_under_a_header_may_hold_a_remark(tmp_path):
    form = form_of("name:text:名称", "count:integer:数量", identity=("name",))
    toml = 'header_rows = [1, 1]\nperiod = []\n[columns]\nname = ["名称"]\ncount = ["数量"]'
    lines = [["名称", "数量", "备用"], ["A", "B", "打印时隐藏"], ["外窗", 1]]
    reading = read(lines, catalogue=catalogue_of(form, toml, tmp_path))
    assert values(reading, "thing", "name", "count") == [("外窗", 1)]
