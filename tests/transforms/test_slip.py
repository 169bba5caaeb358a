"""The slip: the sender's own workbook, marked at the faulty cells and nowhere else, with a list in front."""

import hashlib
import io
import re
import warnings
import zipfile

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.styles import PatternFill

from schemas.slips import file_name_of, without_mark
from tests.transforms.layout_books import CATALOGUE, building, f06
from transforms.layout import read_file
from transforms.slip import Heading, Mark, make_slip
from transforms.slip.styles import FILLS

HEADING = Heading("0123456789abcdef", "进度表2013.9.30.xlsx", "2013-10-02")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)


def mark(address, severity="Q", sheet="进度表", **more):
    said = {"code": "E06", "title": "日期不合理", "found": "“2013.9.31” 没有这一天", "expected": "应为实际存在的日期"}
    return Mark(
        severity, **{**said, "action": "请改成真实存在的日期后重报", "sheet": sheet, "address": address, **more}
    )


def rich_workbook():
    """All that a careful office puts into a form, and what no library of ours would bring back."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    first = book.add_worksheet("封面")
    first.hide()
    sheet = book.add_worksheet("进度表")
    money = book.add_format({"num_format": "#,##0.00", "bg_color": "#CCFFCC", "border": 1})
    sheet.merge_range("A1:F1", "施工进度月报表（2013年9月）", book.add_format({"bold": True, "align": "center"}))
    for column, text in enumerate(["小区名称", "楼号", "建筑面积", "合计", "备注"]):
        sheet.write_string(1, column, text)
    sheet.write_string("A3", "增光里")
    sheet.merge_range("A4:A5", "甘家口北里")
    sheet.write_number("C3", 1234.5, money)
    sheet.write_formula("D3", "=C3*2", money, 2469)
    sheet.write_comment("B3", "原有批注", {"author": "资料员"})
    sheet.set_column("A:A", 23)
    sheet.set_row(2, 31)
    sheet.set_row(6, None, None, {"hidden": True})
    sheet.data_validation("E3:E9", {"validate": "list", "source": ["无", "有"]})
    sheet.conditional_format("C3:C9", {"type": "data_bar", "bar_solid": True})
    sheet.insert_image("H2", "p.png", {"image_data": io.BytesIO(PIXEL)})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=进度表!$C$3:$C$5"})
    sheet.insert_chart("H9", chart)
    sheet.print_area("A1:F9")
    sheet.freeze_panes(2, 0)
    sheet.set_tab_color("red")
    book.add_worksheet("错误清单").write_string("A1", "自己的清单")
    sheet.activate()
    book.close()
    return stream.getvalue()


def opened(data, **how):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it would drop; the slip keeps it, which is the point
        return openpyxl.load_workbook(io.BytesIO(data), **how)


def slip_of(data, *marks):
    return make_slip(data, HEADING, marks).data


def looks(cell):
    font, side = cell.font, cell.border.left.style
    return (
        cell.value,
        cell.number_format,
        font.b,
        font.name,
        font.sz,
        side,
        cell.alignment.horizontal,
        cell.protection.locked,
    )


def test_all_but_the_marks_is_what_was_sent():
    sent = rich_workbook()
    back = slip_of(sent, mark("C3"))
    for how in ({}, {"data_only": True}):
        before, after = opened(sent, **how), opened(back, **how)
        assert after.sheetnames == ["错误清单2", "封面", "进度表", "错误清单"]
        for sheet in before:
            same = after[sheet.title]
            assert same.sheet_state == sheet.sheet_state
            assert same.merged_cells.ranges == sheet.merged_cells.ranges
            assert {k: v.width for k, v in same.column_dimensions.items()} == {
                k: v.width for k, v in sheet.column_dimensions.items()
            }
            assert {k: (v.height, v.hidden) for k, v in same.row_dimensions.items()} == {
                k: (v.height, v.hidden) for k, v in sheet.row_dimensions.items()
            }
            assert same.freeze_panes == sheet.freeze_panes
            for row in sheet.iter_rows():
                for cell in row:
                    twin = same[cell.coordinate]
                    assert looks(twin) == looks(cell), cell.coordinate
                    if cell.coordinate != "C3":
                        assert repr(twin.fill) == repr(cell.fill)
                        assert (twin.comment and twin.comment.text) == (cell.comment and cell.comment.text)
    assert opened(back)["进度表"].print_area == "'进度表'!$A$1:$F$9"


def test_parts_nobody_marked_are_the_same_bytes():
    sent = rich_workbook()
    with zipfile.ZipFile(io.BytesIO(sent)) as before, zipfile.ZipFile(io.BytesIO(slip_of(sent, mark("C3")))) as after:
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
        added = set(after.namelist()) - set(before.namelist())
    assert changed == {
        *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
        *("xl/worksheets/sheet2.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"),
    }
    assert added == {"xl/worksheets/slip1.xml"}


def test_a_faulty_cell_has_the_colour_of_its_gravest_fault_and_a_note_that_says_all():
    back = opened(
        slip_of(rich_workbook(), mark("C3", "W", found="偏大"), mark("C3", example="2013-9-26", accepted="—"))
    )
    cell = back["进度表"]["C3"]
    assert cell.fill.fgColor.rgb == FILLS["Q"]
    assert cell.number_format == "#,##0.00"
    assert cell.comment.text == (
        "【待改正】日期不合理（E06）\n发现：“2013.9.31” 没有这一天\n应为：实际存在的日期\n"
        "例如：2013-9-26\n上次接收：—\n处理：请改成真实存在的日期后重报\n\n"
        "【提醒】日期不合理（E06）\n发现：偏大\n应为：实际存在的日期\n处理：请改成真实存在的日期后重报"
    )


def test_a_senders_own_comment_stays_above_ours():
    cell = opened(slip_of(rich_workbook(), mark("B3")))["进度表"]["B3"]
    assert cell.comment.text.startswith("原有批注\n【待改正】")


@pytest.mark.parametrize("address", ["F4", "B4", "A6", "C40", "A7"])
def test_a_cell_that_is_empty_or_not_even_there_can_be_marked(address):
    back = slip_of(rich_workbook(), mark(address, "R"), mark("D40", "F"), mark("E40", "W"))
    sheet = opened(back)["进度表"]
    assert sheet[address].fill.fgColor.rgb == FILLS["R"]
    assert [sheet[each].fill.fgColor.rgb for each in ("D40", "E40")] == [FILLS["F"], FILLS["W"]]
    with zipfile.ZipFile(io.BytesIO(back)) as parts:
        order = [int(row[1]) for row in re.finditer(rb'<row r="(\d+)"', parts.read("xl/worksheets/sheet2.xml"))]
    assert order == sorted(set(order))


def test_the_list_names_every_finding_gravest_first_and_links_to_the_cell():
    back = opened(slip_of(rich_workbook(), mark("C3", "W"), mark("A3", "R"), mark(None, "F", sheet=None)))
    sheet = back.worksheets[0]
    assert back.active.title == sheet.title
    assert [sheet.cell(row, 2).value for row in range(7, 10)] == ["退回", "提醒", "已处理"]
    links = [sheet.cell(row, 4).hyperlink for row in range(7, 10)]
    assert [link and link.location for link in links] == ["'进度表'!A3", "'进度表'!C3", None]
    assert "共3处：退回1处、提醒1处、已处理1处" in sheet["A2"].value
    assert "退回编号：0123456789abcdef" in sheet["A4"].value


def test_no_other_sheet_stays_selected_with_the_list():
    back = opened(slip_of(rich_workbook(), mark("C3")))
    assert [bool(sheet.sheet_view.tabSelected) for sheet in back] == [True, False, False, False]


def test_what_a_sender_typed_is_never_made_a_formula():
    text = '=HYPERLINK("http://x","y"),+1,-1,@x\r\n'
    slip = make_slip(f"小区名称,楼号\r\n{text}".encode("gb18030"), HEADING, [mark("A2", sheet="Sheet1", found="=1+1")])
    back = opened(slip.data)
    assert back.worksheets[0]["G7"].value == "=1+1"
    assert back.worksheets[1]["D2"].value == "-1"
    assert all(cell.data_type != "f" for sheet in back for row in sheet.iter_rows() for cell in row)
    assert slip.remark == "原文件不是 xlsx，本退回单按读到的内容转成 xlsx，版面未保留。"
    with zipfile.ZipFile(io.BytesIO(slip.data)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets" in name)


def test_an_old_xls_comes_back_as_xlsx_with_its_merges():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("进度表")
    sheet.write_merge(0, 0, 0, 3, "施工进度月报表")
    sheet.write(1, 0, "增光里")
    sheet.write(1, 1, 1234.5)
    stream = io.BytesIO()
    book.save(stream)
    slip = make_slip(stream.getvalue(), HEADING, [mark("B2")])
    back = opened(slip.data)["进度表"]
    assert slip.extension == ".xlsx"
    assert [str(area) for area in back.merged_cells.ranges] == ["A1:D1"]
    assert (back["B2"].value, back["B2"].fill.fgColor.rgb) == (1234.5, FILLS["Q"])


def test_macros_stay():
    plain, stream = io.BytesIO(rich_workbook()), io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            target.writestr(name, data)
        target.writestr("xl/vbaProject.bin", b"macro")
    slip = make_slip(stream.getvalue(), HEADING, [mark("C3")])
    assert slip.extension == ".xlsm"
    with zipfile.ZipFile(io.BytesIO(slip.data)) as parts:
        assert parts.read("xl/vbaProject.bin") == b"macro"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_what_cannot_be_opened_gives_a_list_alone(data):
    slip = make_slip(data, HEADING, [mark(None, "R", sheet=None, code="E45", title="文件无法读取")])
    assert slip.remark == "原文件无法打开，只列出问题。"
    back = opened(slip.data)
    assert back.sheetnames == ["错误清单"]
    assert back.worksheets[0]["F7"].value == "文件无法读取（E45）"


def test_the_same_in_gives_the_same_out():
    sent, marks = rich_workbook(), [mark("C3"), mark("B3", "W")]
    assert slip_of(sent, *marks) == slip_of(sent, *reversed(marks))


def test_a_slip_that_comes_back_is_cleaned_before_it_is_marked_again():
    first = slip_of(rich_workbook(), mark("C3"), mark("B3", "W"), mark("C40"))
    again = opened(slip_of(first, mark("A3")))
    sheet = again["进度表"]
    assert again.sheetnames == ["错误清单2", "封面", "进度表", "错误清单"]
    assert {
        cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb in FILLS.values()
    } == {"A3"}
    assert {cell.coordinate: cell.comment.text[:4] for row in sheet.iter_rows() for cell in row if cell.comment} == {
        "A3": "【待改正",
        "B3": "原有批注",
    }
    assert again.worksheets[0].max_row == 7


def reading_of(data, name="进度表.xlsx"):
    return read_file(data, name, hashlib.sha256(data).hexdigest(), CATALOGUE)


def plain_book(*rows):
    book = openpyxl.Workbook()
    book.active.title = "进度表"
    for row in f06(*rows):
        book.active.append(row)
    book.active["H4"].fill = PatternFill("solid", fgColor="00FF00")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_slip_is_read_like_its_original_and_says_what_it_answers():
    sent = plain_book(building(1, finish="2013.9.31"))
    original = reading_of(sent)
    returned = reading_of(slip_of(sent, mark("G4")))
    assert (original.answers, returned.answers) == (None, "0123456789abcdef")
    assert returned.sheets["outcome"].to_list() == ["ignored", "read"]
    assert set(returned.cells.filter(returned.cells["sheet_index"] == 1)["reason"]) == {"退回单的错误清单"}
    assert returned.findings.to_dicts() == []
    same = ["report_month", "building_no", "floor_area_m2", "status_code", "faults"]
    rows = returned.rows["contractor_progress"].select(same).to_dicts()
    assert rows == original.rows["contractor_progress"].select(same).to_dicts()
    assert [fault["code"] for fault in rows[0]["faults"]] == ["E06"]


def test_a_slips_name_is_the_files_own_again():
    name = file_name_of("花园路12月报(最终版)", "退回单", "3f2a91", ".xlsx")
    assert name == "花园路12月报(最终版)（退回单 3f2a91）.xlsx"
    assert without_mark(name) == "花园路12月报(最终版).xlsx"
    assert (
        file_name_of(without_mark(name).removesuffix(".xlsx"), "回执", "", ".xlsx")
        == "花园路12月报(最终版)（回执）.xlsx"
    )
