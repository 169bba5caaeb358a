import datetime as dt
from decimal import Decimal

import pytest

from schemas.layouts.keys import UNITS
from tests.transforms.layout_books import (
    CATALOGUE,
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
from transforms.layout.context import find_street, read_file_name, split_labels
from transforms.values import find_unit

COMMON, STREETS = CATALOGUE.common, CATALOGUE.codes["streets"]
ROW = ["花园路街道", "塔院南里", "节能环境", 3, 1.2, 1, 0.4, "无"]


def report(reading):
    [row] = reading.submissions.to_dicts()
    return row


def test_several_labels_in_one_cell():
    line = "填报单位（盖章）：花园路分指挥部　　填报日期：2014年1月3日　单位：万平方米、栋、户"
    assert split_labels(line, COMMON) == (
        ("filer", "花园路分指挥部"),
        ("report_date", "2014年1月3日"),
        ("unit", "万平方米、栋、户"),
    )


def test_label_and_value_in_neighbouring_cells():
    rows = f06(building(1))
    rows[1] = ["填报单位：", "京合二建", None, "街道", "甘家口街道"]
    reading = read(rows)
    assert report(reading)["filer_text"] == "京合二建"
    assert report(reading)["filer_address"] == "B2"
    assert report(reading)["street_id"] == "110108004"
    assert report(reading)["street_address"] == "E2"


def test_filer_and_report_date_below_the_table():
    rows = [*f08(ROW, line="单位：万平方米"), [], ["填报单位：花园路分指挥部", None, "填报日期：2013年10月9日"]]
    reading = read(rows)
    assert report(reading)["filer_text"] == "花园路分指挥部"
    [row] = rows_of(reading, "subcommand_monthly")
    assert (row["report_date"], row["report_date_kind"]) == (dt.date(2013, 10, 9), "actual")
    assert rows_of(reading, "subcommand_monthly")[0]["addresses"]["report_date"] == "C6"


@pytest.mark.parametrize(
    ("text", "street_id"),
    [
        ("花园路分指挥部2013年12月月报", "110108018"),
        ("海淀区老旧小区综合整治进展情况月报", None),
        ("海淀街道9月报", "110108012"),
        ("海淀区海淀街道9月报", "110108012"),
        ("海淀镇老旧小区台账", "110108023"),
        ("清河9月报", "110108017"),
        ("清华园街道月报", "110108014"),
        ("海淀区花园路街道办事处", "110108018"),
        ("朝阳区八里庄街道", None),
        ("清河、西三旗老旧小区登记表", None),
        ("北太平庄12月报", "110108008"),
    ],
)
def test_a_text_names_one_street_or_none(text, street_id):
    assert find_street(text, STREETS, COMMON) == street_id


@pytest.mark.parametrize(
    ("name", "period", "rank", "supplement", "street", "words"),
    [
        ("花园路分指挥部2013年12月月报.xls", (2013, 12), 0, False, "110108018", ("花园路分指挥部2013年12月月报",)),
        ("花园路12月报(最终版).xlsx", (None, 12), 3, False, "110108018", ()),
        ("03标段-京合二建-进度表2013.12.25.xls", (2013, 12), 0, False, None, ("京合二建",)),
        ("附件2：花园路调度表（2013年9月）.xlsx", (2013, 9), 0, False, "110108018", ()),
        ("甘家口抗震标段12月报(1).xlsx", (None, 12), 1, False, "110108004", ()),
        ("甘家口抗震标段12月报(修改).xlsx", (None, 12), 2, False, "110108004", ()),
        ("复件 北下关6月报.xlsx", (None, 6), 0, False, "110108007", ()),
        ("北下关6月报（补报）.xlsx", (None, 6), 0, True, "110108007", ()),
        ("二〇一三年五月花园路月报定稿.xlsx", (2013, 5), 3, False, "110108018", ()),
    ],
)
def test_what_a_file_name_says(name, period, rank, supplement, street, words):
    facts = read_file_name(name, STREETS, COMMON)
    assert facts.period is not None
    assert (facts.period.year, facts.period.month) == period
    assert (facts.version_rank, facts.is_supplement, facts.street_id) == (rank, supplement, street)
    if words == ("京合二建",):
        assert facts.filer_words == words


def test_a_lock_file_is_set_aside_without_a_finding():
    reading = read(f06(building(1)), name="~$进度表2013.12.25.xlsx")
    assert reading.format == "lock_file"
    assert reading.findings.height == reading.sheets.height == 0


def test_two_of_three_agree_on_the_period():
    line = "填报单位：花园路分指挥部　报告期：2013年9月　单位：万平方米"
    rows = f08(ROW, title="进展情况月报（2013年10月）", line=line)
    reading = read(rows, name="花园路2013年9月月报.xlsx")
    assert report(reading)["period"] == "2013-09"
    assert found(reading, "E13") == [("W", "A1")]
    assert values(reading, "subcommand_monthly", "report_month") == [(dt.date(2013, 9, 1),)]


def test_two_that_disagree_refuse_the_report():
    reading = read(f08(ROW), name="花园路2013年10月月报.xlsx")
    assert [severity for severity, _ in found(reading, "E13")] == ["R"]
    assert report(reading)["outcome"] == "refused"
    assert report(reading)["rows_read"] == 0
    assert rows_of(reading, "subcommand_monthly") == []
    assert set(classes(reading)) == {"rejected"}


def test_a_report_without_any_period_is_refused():
    reading = read(f08(ROW, title="进展情况月报"))
    assert [severity for severity, _ in found(reading, "E13")] == ["R"]


def test_the_year_is_lent_by_the_day_of_filling_in():
    line = "填报单位：花园路分指挥部　填报日期：2014年1月3日　单位：万平方米"
    reading = read(f08(ROW, title="12月月报", line=line), name="花园路12月报.xlsx")
    assert report(reading)["period"] == "2013-12"


def test_a_full_date_in_a_file_name_may_be_the_day_of_sending():
    reading = read(f06(building(1)), name="03标段-京合二建-进度表2013.10.2.xlsx")
    assert report(reading)["period"] == "2013-09"
    assert not reading.findings.height


def test_a_period_column_speaks_and_its_odd_row_is_at_fault():
    header = ["报告期", *F06_HEADER[1:]]
    rows = [["2013年9月", *building(n)[1:]] for n in (1, 2, 3)]
    rows[2][0] = "2013年8月"
    reading = read(f06(*rows, header=header, title="施工进度月报"), name="进度2013年9月.xlsx")
    assert report(reading)["period"] == "2013-09"
    assert faults(reading, "contractor_progress") == [[], [], [("E13", "Q", "report_month", "A6")]]


def test_one_sheet_per_month_is_one_report_each():
    august, september = f08(ROW, title="2013年8月月报"), f08(ROW, title="2013年9月月报")
    reading = read(("8月", august, {}), ("9月", september, {}), name="花园路月报.xlsx")
    assert sorted(reading.submissions["period"].to_list()) == ["2013-08", "2013-09"]
    assert not reading.findings.height


def test_one_sheet_per_street_is_one_report_each():
    header = ["小区名称", "建筑面积(㎡)", "计划年度"]
    reading = read(
        ("清河街道", [header, ["毛纺北里", 39484.04, 2013]], {}),
        ("西三旗 ", [header, ["建材城北里", 38043.8, 2013]], {}),
        name="清河、西三旗老旧小区基本情况登记表.xlsx",
    )
    assert reading.submissions.select("street_id", "rows_read").rows() == [("110108017", 1), ("110108019", 1)]
    assert values(reading, "compound_register", "street") == [("清河街道",), ("西三旗街道",)]


def test_one_long_sheet_of_many_streets_is_one_report_per_street():
    header = ["街道", "小区名称", "建筑面积(㎡)", "计划年度"]
    rows = [["登记表"], header, ["花园路街道", "塔院南里", 100, 2013], [None, "牡丹园中里", 200, 2013]]
    rows.append(["清河街道", "毛纺北里", 300, 2013])
    reading = read(rows, merge=["A3:A4"])
    assert reading.submissions.select("street_id", "rows_read").rows() == [("110108018", 2), ("110108017", 1)]


def test_the_nearest_unit_wins():
    header = ["小区名称", "建筑面积", "计划年度"]
    far = [["街道：花园路街道", "单位：万平方米"], header, ["塔院南里", 0.5, 2013]]
    near = [["街道：花园路街道", "单位：万平方米"], ["小区名称", "建筑面积(㎡)", "计划年度"], ["塔院南里", 5000, 2013]]
    cell = [["街道：花园路街道", "单位：万平方米"], header, ["塔院南里", "5000㎡", 2013]]
    none = [["街道：花园路街道"], header, ["塔院南里", 5000, 2013]]
    for rows in (far, near, cell, none):
        assert values(read(rows), "compound_register", "floor_area_m2") == [(Decimal("5000.00"),)]


def test_a_unit_of_another_kind_in_the_cell_makes_the_row_wait():
    rows = [["街道：花园路街道"], ["小区名称", "建筑面积", "计划年度"], ["塔院南里", "5000户", 2013]]
    assert faults(read(rows), "compound_register") == [[("E46", "Q", "floor_area_m2", "B3")]]


def test_two_units_of_one_kind_in_one_line_contradict():
    line = ["街道：花园路街道", "单位：平方米、万平方米"]
    rows = [line, ["小区名称", "建筑面积", "计划年度"], ["塔院南里", 5000, 2013]]
    assert faults(read(rows), "compound_register") == [[("E46", "Q", "floor_area_m2", "B3")]]


def test_every_unit_a_layout_may_name_is_one_that_values_know():
    assert all(find_unit(unit) is not None for unit in UNITS)


def test_located_columns_say_unit_factor_and_resolution():
    reading = read(f08(ROW))
    [area] = [c for c in reading.columns.to_dicts() if c["column_name"] == "started_area_cum_m2"]
    assert (area["unit"], area["factor"], area["decimals"], area["resolution"]) == ("m2", 10000, 1, 1000)


def test_document_number_issue_date_and_title_of_a_target():
    line = ["年度：2013年", "文号：京拟整办〔2013〕1号", "下达日期：2013年1月25日", "单位：万平方米"]
    reading = read([["任务分解表"], line, ["区县", "任务面积"], ["海淀区", 140]])
    assert values(reading, "municipal_target", "plan_year", "issued_doc_no", "issued_date") == [
        (2013, "京拟整办〔2013〕1号", dt.date(2013, 1, 25))
    ]
    assert report(reading)["period"] == "2013"
    assert report(reading)["edition"] == 1


def test_the_day_of_filling_in_names_no_year_for_the_report():
    line = ["填报单位：区指挥部", "填报日期：2014年1月6日"]
    header = ["任务年度", "结转年度", "小区名称", "楼号", "结转面积"]
    reading = read([["跨年结转项目表"], line, header, ["2013年", "2014年", "甘家口北里", "1号楼", 5100]])
    assert report(reading)["period"] == "2013"
    assert values(reading, "carry_over", "from_year", "to_year") == [(2013, 2014)]


def test_a_report_whose_street_nobody_names_is_refused():
    rows = f06(building(1), line="填报单位：京合二建")
    reading = read(rows)
    assert report(reading)["street_id"] is None
    register = read([["登记表"], ["小区名称", "建筑面积", "计划年度"], ["塔院南里", 5000, 2013]])
    assert found(register, "E22") == [("R", "A2")]


def test_the_same_report_on_two_sheets_is_one_submission():
    reading = read(("第1页", f06(building(1)), {}), ("第2页", f06(building(2)), {}))
    assert report(reading)["sheet_names"] == ["第1页", "第2页"]
    assert report(reading)["rows_read"] == 2
    assert len({row["row_id"] for row in rows_of(reading, "contractor_progress")}) == 2
