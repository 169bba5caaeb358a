"""The layout quirks of DOMAIN section 3, each in a workbook of a few lines, each test named after its quirk."""

import hashlib
import io
import re
import sys
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import xlwt

from tests.transforms.biff5 import biff5
from tests.transforms.layout_books import (
    CATALOGUE,
    F03_HEADER,
    F06_HEADER,
    book,
    building,
    catalogue_of,
    classes,
    f06,
    f08,
    form_of,
    found,
    read,
    rows_of,
    values,
)
from transforms.layout import LOCK_FILE, read_file

F08_ROW = ["花园路", "塔院南里", "节能环境", 13, 8.49, 13, 8.49, "无"]


def read_bytes(data, name="报表.xlsx"):
    return read_file(data, name, hashlib.sha256(data).hexdigest(), CATALOGUE)


def names(reading):
    return [row["building_no"] for row in rows_of(reading, "contractor_progress")]


def test_q01_a_line_with_the_attachment_above_a_merged_title():
    lines = [["附件2"], *f06(building(1))]
    reading = read(lines, merge=["A2:H2"])
    assert (
        reading.submissions["title"].to_list() == ["施工进度月报表(2013年9月)"]
        or "月报表" in reading.submissions["title"][0]
    )
    assert names(reading) == ["1号楼"] and classes(reading)["title"] == 3


@pytest.mark.parametrize(
    "line",
    [
        ["填报单位：花园路分指挥部　填报日期：2013-10-8　单位：万平方米"],
        ["填报单位：花园路分指挥部", "填报日期：2013-10-8", "单位：万平方米"],
        ["填报单位", "花园路分指挥部", "单位：", "万平方米"],
    ],
)
def test_q02_sender_day_and_unit_in_one_cell_or_three(line):
    title, _, header, *rows = f08(F08_ROW)
    reading = read([title, line, header, *rows])
    [report] = reading.submissions.to_dicts()
    assert (report["filer_text"], report["street_id"]) == ("花园路分指挥部", "110108018")
    assert values(reading, "subcommand_monthly", "started_area_cum_m2") == [(Decimal(84900),)]


WIDE = [
    [*F06_HEADER, "外窗改造", None, None, "外墙⏎保温", None],
    [*[None] * 8, "设计量", "本月\n完成", "累　计\n完成", "设计量", "累计完成"],
    [*building(1), 100, 10, 60, 500, 200],
]
WIDE_MERGES = [*(f"{letter}3:{letter}4" for letter in "ABCDEFGH"), "I3:K3", "L3:M3"]


def wide():
    lines = [[cell.replace("⏎", "\n") if isinstance(cell, str) else cell for cell in line] for line in WIDE]
    return read([["施工进度月报表（2013年9月）"], ["填报单位：京合二建　街道：甘家口街道"], *lines], merge=WIDE_MERGES)


def test_q03_headers_merged_across_and_down_with_line_breaks():
    assert values(wide(), "work_item_progress", "work_item_code", "qty_cum") == [
        ("WINDOW", Decimal(60)),
        ("WALL", Decimal(200)),
    ]


def test_q04_the_same_leaf_header_under_different_parents():
    [window, wall] = rows_of(wide(), "work_item_progress")
    assert (window["addresses"]["qty_design"], wall["addresses"]["qty_design"]) == ("I5", "L5")


SIDE = form_of("county:text:县", "name:text:项目名称", "problems:text:存在的问题", "year:year:年度", identity=("name",))
SIDE_LAYOUT = """
header_rows = [2, 2]
period = []
fill_down = ["county"]
[[blocks]]
under = ["2019"]
values = { year = "2019" }
[[blocks]]
under = ["2020"]
values = { year = "2020" }
[columns]
county = ["县"]
name = ["项目名称"]
problems = ["存在的问题"]
"""


def test_q05_two_unrelated_records_in_one_row(tmp_path):
    lines = [
        ["县", "2019", None, "2020", None],
        [None, "项目名称", "存在的问题", "项目名称", "存在的问题"],
        ["东兴区", "甲项目", "无", "乙项目", "缺地"],
        [None, "丙项目", "无", None, None],
    ]
    reading = read(
        lines, merge=["A1:A2", "B1:C1", "D1:E1", "A3:A4"], catalogue=catalogue_of(SIDE, SIDE_LAYOUT, tmp_path)
    )
    assert sorted(values(reading, "thing", "year", "name", "county", "problems")) == [
        (2019, "丙项目", "东兴区", "无"),
        (2019, "甲项目", "东兴区", "无"),
        (2020, "乙项目", "东兴区", "缺地"),
    ]


@pytest.mark.parametrize(
    "signs", [["A", "B", "C", "D", "E", "F", "G=D/E", "H"], ["甲", "乙", "丙", 1, 2, 3, 4, 5], list(range(1, 9))]
)
def test_q06_a_row_of_letters_or_numbers_below_the_header(signs):
    title, line, header, row = f06(building(1))
    reading = read([title, line, header, signs, row])
    assert names(reading) == ["1号楼"]
    assert classes(reading)["header"] == 16


def test_q07_a_merged_compound_cell_speaks_for_every_row():
    lines = f06(building(1), building(2, compound=None), building(3, compound=None))
    assert {row["compound_name"] for row in rows_of(read(lines, merge=["B4:B6"]), "contractor_progress")} == {"增光里"}


TOTAL = [None, "合计", None, 6000, 80, None, None, None]


@pytest.mark.parametrize("place", ["first", "between", "last", "street column", "no label"])
def test_q08_a_total_first_last_between_or_without_a_label(place):
    rows = [building(1), building(2)]
    label = {"no label": None}.get(place, "合计")
    column = 0 if place == "street column" else 1
    total = [label if col == column else value if col != 1 else None for col, value in enumerate(TOTAL)]
    rows.insert({"first": 0, "between": 1}.get(place, 2), total)
    reading = read(f06(*rows))
    assert names(reading) == ["1号楼", "2号楼"]
    assert reading.controls["agrees"].to_list() == [True, True]
    assert [code for code, _ in found(reading, "E08")] == (["F"] if place == "no label" else [])


BILL = form_of(
    "section:text:分部", "name:text:项目", "code:text:编码", "amount:decimal:合价", identity=("code",), sums=("amount",)
)
BILL_LAYOUT = """
period = []
sections = "section"
rows = { code = ".+" }
totals = ["造价"]
[columns]
name = ["项目"]
code = ["编码"]
amount = ["合价"]
"""


def test_q09_section_rows_with_subtotals_and_totals_numbered_in_chinese(tmp_path):
    lines = [
        ["序号", "项目", "编码", "合价"],
        [None, "土石方工程", None, 3],
        [1, "平整场地", "0101", 1],
        [2, "挖土方", "0102", 2],
        ["三", "不含税造价", None, 3],
    ]
    reading = read(lines, catalogue=catalogue_of(BILL, BILL_LAYOUT, tmp_path))
    assert values(reading, "thing", "section", "name") == [("土石方工程", "平整场地"), ("土石方工程", "挖土方")]
    assert reading.controls.select("label", "agrees").rows() == [("土石方工程", True), ("不含税造价", True)]


def test_q10_a_total_that_claims_more_than_is_listed():
    reading = read(f06(building(1), building(2), [None, "合计（32栋）", None, 96000, 1280]))
    assert names(reading) == [] and set(found(reading, "E09")) == {("R", "D6"), ("R", "E6")}


def test_q11_formatted_blank_rows_and_then_a_footer():
    data = book(f06(building(1)))
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    page = workbook.active
    for row in range(5, 60):
        page.cell(row, 2).number_format = "0.00"
    page["A60"] = "填报时间：2013年10月8日"
    stream = io.BytesIO()
    workbook.save(stream)
    reading = read_bytes(stream.getvalue())
    assert names(reading) == ["1号楼"] and classes(reading)["sign_off"] == 1


def test_q12_notes_sign_off_lines_and_rules_inside_the_data():
    rule = ["填表说明：应发额=现金应发额+专户应发额"]
    reading = read(f06(building(1), rule, building(2), ["负责人：", None, "填表人："], ["注：数据来源为现场统计"]))
    assert names(reading) == ["1号楼", "2号楼"]
    assert (classes(reading)["ignored"], classes(reading)["sign_off"]) == (2, 2)


def test_q13_a_filled_in_example_an_empty_sheet_and_hidden_code_sheets():
    example = ("填写示例", f06([1, "XXX小区", "X号楼", 1, 1, None, None, "在施"]), {})
    codes = ("代码", [["在施"], ["完工"]], {"state": "veryHidden"})
    reading = read(("进度表", f06(building(1)), {}), example, ("Sheet3", [], {}), codes)
    assert reading.sheets["outcome"].to_list() == ["read", "ignored", "empty", "ignored"]
    assert names(reading) == ["1号楼"] and found(reading, "E20") == [("F", "A1")]


def test_q14_one_sheet_per_page_with_blanks_in_their_names():
    reading = read(("1", f06(building(1)), {}), ("1 (2) ", f06(building(2)), {}))
    assert names(reading) == ["1号楼", "2号楼"]
    [report] = reading.submissions.to_dicts()
    assert (report["sheet_names"], report["rows_read"]) == (["1", "1 (2) "], 2)


def test_q15_a_form_is_no_table(tmp_path):
    form = form_of("name:text:工程名称", "quantity:decimal:混凝土量", identity=("name",))
    toml = 'values = "beside"\nperiod = []\n[columns]\nname = ["工程名称"]\nquantity = ["混凝土量"]'
    reading = read(
        [["申请书"], ["工程名称", "塔院南里"], ["混凝土量", "约80.43"]], catalogue=catalogue_of(form, toml, tmp_path)
    )
    assert values(reading, "thing", "name", "quantity") == [("塔院南里", Decimal("80.43"))]


def test_q16_two_tables_under_each_other_or_beside_each_other():
    title, line, header, row = f06(building(1))
    turned = list(reversed(header))
    reading = read([title, line, header, row, [None], turned, list(reversed(building(2)))])
    assert names(reading) == ["1号楼", "2号楼"]
    stub = read(
        [title, line, header, row, [None], ["小区名称", "楼号", "实际开工日期"], ["增光里", "2号楼", "2013.5.1"]]
    )
    assert names(stub) == ["1号楼"] and found(stub, "E22") == [("R", "A6")]
    beside = read([title, line, [*header, None, *header], [*row, None, *building(2)]])
    assert names(beside) == ["1号楼"] and len(found(beside, "E22")) == 8


def test_q17_hidden_rows_and_columns_load_and_unread_columns_do_not():
    title, line, header, row = f06(building(1))
    data = book([title, line, [*header, "打印时隐藏"], [*row, 7], [None, None, None, 1.5]])
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    workbook.active.row_dimensions[4].hidden = True
    workbook.active.column_dimensions["D"].hidden = True
    stream = io.BytesIO()
    workbook.save(stream)
    reading = read_bytes(stream.getvalue())
    assert values(reading, "contractor_progress", "building_no", "floor_area_m2") == [("1号楼", Decimal(3000))]
    assert found(reading, "E47") == [("W", "D5")]
    assert {row["reason"] for row in reading.cells.to_dicts() if row["cell_class"] == "ignored"} == {"不读取的栏"}


def test_q18_widths_and_heights_in_the_last_row_and_column():
    title, line, header, row = f06(building(1))
    tool = [[*title, *[None] * 8, 13.5], line, header, [*row, None, 14.25], [None, 8.43, 8.43, 8.43, 10.5]]
    reading = read(tool)
    assert names(reading) == ["1号楼"]
    assert classes(reading)["rejected"] >= 2 and {code for code, _ in found(reading, "E47")} == {"W"}


def html(rows):
    lines = "".join("<tr>" + "".join(f"<td>{cell or ''}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><meta charset=gb2312><table>{lines}</table></html>".encode("gb18030")


XML = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" {ns}>{sheet}</Workbook>'


def xml2003(rows):
    kinds = {True: "Number", False: "String"}
    lines = "".join(
        "<Row>"
        + "".join(
            f'<Cell><Data ss:Type="{kinds[isinstance(cell, int | float)]}">{"" if cell is None else cell}</Data></Cell>'
            for cell in row
        )
        + "</Row>"
        for row in rows
    )
    sheet = f'<Worksheet ss:Name="进度表"><Table>{lines}</Table></Worksheet>'
    return XML.format(ns='xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"', sheet=sheet).encode()


@pytest.mark.parametrize(("write", "kind"), [(html, "html"), (xml2003, "xml2003")])
def test_q19_web_pages_and_xml_called_xls(write, kind):
    reading = read_bytes(write(f06(building(1))), "月报.xls")
    assert (reading.format, names(reading)) == (kind, ["1号楼"])


@pytest.mark.parametrize("declared", [936, 1252])
def test_q20_biff5_in_cp936_and_under_a_wrong_code_page(declared):
    reading = read_bytes(biff5("进度表", f06(building(1)), declared=declared), "月报.xls")
    assert (reading.format, names(reading)) == ("xls", ["1号楼"])
    assert rows_of(reading, "contractor_progress")[0]["compound_name"] == "增光里"


def xls(rows):
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("进度表")
    for row, line in enumerate(rows):
        for col, value in enumerate(line):
            if value is not None:
                sheet.write(row, col, value)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def with_macros(rows):
    stream = io.BytesIO()
    main = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    with zipfile.ZipFile(io.BytesIO(book(rows))) as plain, zipfile.ZipFile(stream, "w") as macros:
        for name in plain.namelist():
            data = plain.read(name)
            macros.writestr(name, data.replace(main, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"))
    return stream.getvalue()


def text_of(rows, encoding):
    return "\r\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows).encode(encoding)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("月报.et", xls),
        ("月报.xlsm", with_macros),
        ("月报.csv", lambda rows: text_of(rows, "gb18030")),
        ("月报.csv", lambda rows: text_of(rows, "utf-8-sig")),
        ("月报.csv", lambda rows: text_of(rows, "utf-16")),
    ],
    ids=["et", "xlsm", "gb18030", "utf-8-sig", "utf-16"],
)
def test_q21_the_same_content_in_every_format_gives_the_same_rows(name, write):
    lines = f06(building(1), building(2, status="完工", finish="2013.8.1"))
    facts = (
        "building_no",
        "compound_name",
        "floor_area_m2",
        "household_count",
        "actual_start",
        "actual_finish",
        "status_code",
    )
    expected = values(read(lines), "contractor_progress", *facts)
    assert values(read_bytes(write(lines), name), "contractor_progress", *facts) == expected
    assert expected[1][5] == date(2013, 8, 1)


def test_q22_formulas_with_cached_values_and_float_noise():
    data = xml2003(f06([*building(1)[:3], 3470.0000000000005, *building(1)[4:]]))
    assert values(read_bytes(data, "月报.xls"), "contractor_progress", "floor_area_m2") == [(Decimal(3470),)]
    sheet = openpyxl.load_workbook(io.BytesIO(book(f06(building(1)))))
    sheet.active["D4"] = "=6018159+150350"
    stream = io.BytesIO()
    sheet.save(stream)
    cached = with_cached(stream.getvalue(), "6168509")
    assert values(read_bytes(cached), "contractor_progress", "floor_area_m2") == [(Decimal(6168509),)]


def with_cached(data, value):
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as plain, zipfile.ZipFile(stream, "w") as cached:
        for name in plain.namelist():
            part = plain.read(name)
            cached.writestr(name, re.sub(rb"(<f>[^<]*</f>)<v\s*/?>(?:</v>)?", rb"\1<v>%s</v>" % value.encode(), part))
    return stream.getvalue()


def test_q23_private_use_characters_line_breaks_and_wide_blanks():
    title, line, header, row = f06(building(1, compound="增\xa0光　里\ue02a"))
    header = [header[0], "小区\r\n名　称", *header[2:]]
    reading = read([title, line, header, row])
    assert len(names(reading)) == 1
    assert rows_of(reading, "contractor_progress")[0]["raw"]["compound_name"] == "增\xa0光　里\ue02a"


def test_q24_the_series_changes_format_merges_and_words():
    before = read([["附件1"], *f06(building(1), building(2, compound=None), ["注：截至月底"])], merge=["B5:B6"])
    header = [cell.replace("小区名称", "工程名称") for cell in F06_HEADER]
    after = read_bytes(xls(f06(building(1), building(2), ["说明：截至月底"], header=header)), "月报.xls")
    same = ("building_no", "compound_name", "floor_area_m2")
    assert values(before, "contractor_progress", *same) == values(after, "contractor_progress", *same)


def test_q25_lock_files_are_set_aside_and_copies_are_told_by_name():
    locked = read_bytes(b"\x03" + b" " * 164, "~$月报.xlsx")
    assert (locked.format, locked.findings.height) == (LOCK_FILE, 0)
    assert read(f06(building(1)), name="月报(1).xlsx").submissions["version_rank"].to_list() == [1]


def test_q26_readings_in_brackets_and_traditional_characters():
    lines = [["楼栋台账"], ["街道：甘家口街道"], F03_HEADER, ["志強(qiáng)南園(yuán)", "1号楼", 60, 3000, "节能环境"]]
    [row] = rows_of(read(lines), "building_register")
    assert row["compound_name"] == "志強南園"
    from transforms.names import normalise_compound

    assert normalise_compound(row["compound_name"]) == normalise_compound("志强南园")


def test_every_quirk_has_a_test_named_after_it():
    here = {name[5:8] for name in vars(sys.modules[__name__]) if re.match(r"test_q\d\d_", name)}
    assert here == {f"q{number:02d}" for number in range(1, 27)}
