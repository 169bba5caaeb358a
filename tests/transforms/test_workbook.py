"""The .xlsx reader: one tiny workbook per quirk, a second reader beside it, and files that mean harm."""

from __future__ import annotations

import datetime as dt
import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.styles import numbers
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from python_calamine import CalamineWorkbook

from tests.real_files import REAL
from transforms.workbook import (
    Area,
    Cell,
    Limits,
    UnreadableWorkbook,
    Workbook,
    a1,
    column_letter,
    column_number,
    parse_a1,
    parse_area,
    read_workbook,
)
from transforms.workbook.quick import scan_quickly, scan_texts_quickly

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def written(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def first_cells(data: bytes) -> dict[str, Cell]:
    return {a1(*place): cell for place, cell in read_workbook(data).sheets[0].cells.items()}


def package(
    sheet_data: str = "",
    *,
    after: str = "",
    before: str = "",
    strings: str | None = None,
    styles: str | None = None,
    prolog: str = "",
    namespace: str = MAIN,
    workbook_pr: str = "",
    **parts: str,
) -> bytes:
    """Return a workbook of one sheet written by hand, for what no writer would write."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    files = {
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{office}">{workbook_pr}<sheets>'
        '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="r3" Type="{office}/styles" Target="/xl/styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{prolog}<worksheet xmlns="{namespace}">{before}<sheetData>{sheet_data}'
        f"</sheetData>{after}</worksheet>",
    }
    if strings is not None:
        files["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{strings}</sst>'
    if styles is not None:
        files["xl/styles.xml"] = f'<styleSheet xmlns="{namespace}">{styles}</styleSheet>'
    files |= {name.replace("__", "/"): text for name, text in parts.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def refusal(data: bytes, limits: Limits | None = None) -> UnreadableWorkbook:
    with pytest.raises(UnreadableWorkbook) as caught:
        read_workbook(data, limits or Limits())
    return caught.value


# Addresses


def test_addresses_go_both_ways() -> None:
    assert a1(17, 14) == "N17"
    assert parse_a1("$N$17") == (17, 14)
    assert [column_letter(number) for number in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_number(column_letter(number)) == number for number in range(1, 16385))
    assert parse_area("C2:A1") == Area(1, 1, 2, 3)


@pytest.mark.parametrize("address", ["", "A", "1", "A0", "XFE1", "A1048577", "A1B", "AAAA1", "甲1"])
def test_an_address_outside_of_any_sheet_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|sheet|column"):
        parse_a1(address)


# Values


def test_text_keeps_leading_zeros_and_long_identities() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["007", "110108198001011234", " 花园路 ", "第一行\n第二行"])

    cells = first_cells(written(fill))
    assert cells["A1"] == Cell("text", "007", "007")
    assert cells["B1"].value == "110108198001011234"
    assert cells["C1"].value == " 花园路 "
    assert cells["D1"].value == "第一行\n第二行"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("3470.0000000000005", "3470"),
        ("0.28999999999999998", "0.29"),
        ("37497.84", "37497.84"),
        ("1.1000000000000001E-2", "0.011"),
        ("1.6E+5", "160000"),
        ("12.50", "12.5"),
        ("0", "0"),
        ("-0.0", "0"),
        ("1234567890123456789", "1234567890123460000"),
        ("16708.722293", "16708.722293"),
    ],
)
def test_numbers_lose_their_float_noise_and_nothing_else(raw: str, text: str) -> None:
    cell = first_cells(package(f'<row r="1"><c r="A1"><v>{raw}</v></c></row>'))["A1"]
    assert (cell.kind, cell.text.lstrip("-")) == ("number", text)
    assert cell.value == Decimal(text)


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "1_000", "abc", "1e999"])
def test_a_stored_number_that_is_none_is_an_error_cell(raw: str) -> None:
    assert first_cells(package(f'<row><c r="A1"><v>{raw}</v></c></row>'))["A1"] == Cell("error", None, raw)


def test_dates_by_style_and_times() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet["A1"] = dt.datetime(2013, 10, 8)
        sheet["B1"] = dt.datetime(2013, 10, 8, 9, 32, 9)
        sheet["C1"] = dt.time(9, 32)
        sheet["D1"] = 41555
        sheet["D1"].number_format = 'yyyy"年"m"月"d"日";@'
        sheet["E1"] = 41555
        sheet["E1"].number_format = '#,##0"日"'
        sheet["F1"] = 1.5
        sheet["F1"].number_format = "[h]:mm"
        sheet["G1"] = 41555
        sheet["G1"].number_format = "[$-804]mmm dd"

    cells = first_cells(written(fill))
    assert cells["A1"] == Cell("date", dt.datetime(2013, 10, 8), "2013-10-08")
    assert cells["B1"] == Cell("date", dt.datetime(2013, 10, 8, 9, 32, 9), "2013-10-08 09:32:09")
    assert cells["C1"] == Cell("date", dt.time(9, 32), "09:32:00")
    assert cells["D1"].value == dt.datetime(2013, 10, 8)
    assert cells["E1"] == Cell("number", Decimal(41555), "41555")
    assert cells["F1"].kind == "number"
    assert cells["G1"].kind == "date"


def test_chinese_built_in_date_formats_have_no_code() -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="57"/></cellXfs>'
    row = '<row r="1"><c r="A1" s="1"><v>41555</v></c><c r="B1" s="2"><v>41555</v></c><c r="C1"><v>41555</v></c></row>'
    cells = first_cells(package(row, styles=styles))
    assert [cells[place].kind for place in ("A1", "B1", "C1")] == ["date", "date", "number"]


@pytest.mark.parametrize(("serial", "day"), [("1", "1900-01-01"), ("59", "1900-02-28"), ("61", "1900-03-01")])
def test_serials_around_the_day_that_never_was(serial: str, day: str) -> None:
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    cells = first_cells(package(f'<row r="1"><c r="A1" s="0"><v>{serial}</v></c></row>', styles=styles))
    assert cells["A1"].text == day


@pytest.mark.parametrize("serial", ["-1", "2958466", "1e200"])
def test_a_date_outside_of_the_calendar_stays_a_number(serial: str) -> None:
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    cells = first_cells(package(f'<row r="1"><c r="A1" s="0"><v>{serial}</v></c></row>', styles=styles))
    assert cells["A1"].kind == "number"


def test_dates_of_the_1904_epoch() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active["A1"] = dt.datetime(2013, 10, 8)

    data = written(fill)
    assert first_cells(data)["A1"].value == dt.datetime(2013, 10, 8)
    assert read_workbook(data).epoch_1904


def test_percent_formats_are_marked() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        formats = (numbers.FORMAT_PERCENTAGE, numbers.FORMAT_PERCENTAGE_00, "0.0%;[Red]-0.0%", '0"%"', "0.00")
        for column, number_format in enumerate(formats, 1):
            sheet.cell(1, column, 0.8).number_format = number_format

    cells = first_cells(written(fill))
    assert [cell.is_percent for cell in cells.values()] == [True, True, True, False, False]
    assert {cell.value for cell in cells.values()} == {Decimal("0.8")}


def test_errors_and_formulas_without_results_keep_their_addresses() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet["B2"] = "#REF!"
        sheet["C3"] = "#N/A"
        sheet["D4"] = "=B2+1"

    cells = first_cells(written(fill))
    assert cells == {
        "B2": Cell("error", None, "#REF!"),
        "C3": Cell("error", None, "#N/A"),
        "D4": Cell("no_value", None, "=B2+1", is_formula=True),
    }


def test_formulas_with_results_are_their_results() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_formula("A1", "=6018159+150350", None, 6168509)
        sheet.write_formula("B1", '="完"&"工"', None, "完工")
        sheet.write_formula("C1", "=1/0", None, "#DIV/0!")
        sheet.write_formula("D1", "=1=1", None, True)
        sheet.write_formula("E1", '=""', None, "")
    cells = first_cells(buffer.getvalue())
    assert cells["A1"] == Cell("number", Decimal(6168509), "6168509", is_formula=True)
    assert cells["B1"] == Cell("text", "完工", "完工", is_formula=True)
    assert cells["C1"] == Cell("error", None, "#DIV/0!", is_formula=True)
    assert cells["D1"] == Cell("boolean", True, "TRUE", is_formula=True)
    assert cells["E1"].is_formula


def test_a_formula_whose_result_is_the_empty_text_is_there_and_blank() -> None:
    cells = first_cells(package('<row r="1"><c r="A1" t="str"><f>IF(B1="","",B1)</f><v></v></c></row>'))
    assert cells["A1"] == Cell("text", "", '=IF(B1="","",B1)', is_formula=True)


def test_rich_text_is_joined_without_its_readings() -> None:
    strings = "<si><r><t>花园</t></r><r><rPr><b/></rPr><t>路</t></r><rPh><t>huayuanlu</t></rPh></si>"
    row = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>塔院</t></is></c>'
        '<c r="C1" t="inlineStr"><is><r><t>志新</t></r><r><t>西路</t></r></is></c></row>'
    )
    cells = first_cells(package(row, strings=strings))
    assert [cell.text for cell in cells.values()] == ["花园路", "塔院", "志新西路"]


def test_escaped_characters_come_back() -> None:
    strings = "<si><t>一_x000D_\n二</t></si><si><t>_x005F_x000D_</t></si>"
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    cells = first_cells(package(row, strings=strings))
    assert [cell.text for cell in cells.values()] == ["一\r\n二", "_x000D_"]


def test_blank_texts_and_formatted_cells_are_not_there() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        for column, text in enumerate(("", " ", "\u3000", "\xa0\n", "\u200b", "—"), 1):
            sheet.cell(1, column, text)
        sheet["A2"].number_format = "0.00"

    assert list(first_cells(written(fill))) == ["E1", "F1"]


def test_cells_without_addresses_count_on() -> None:
    rows = '<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>'
    assert list(first_cells(package(rows))) == ["A1", "D1", "E1", "A2"]


def test_strict_open_xml_reads_like_the_usual() -> None:
    data = package('<row r="1"><c r="A1" t="d"><v>2013-10-08T00:00:00</v></c></row>', namespace=STRICT)
    assert first_cells(data)["A1"] == Cell("date", dt.datetime(2013, 10, 8), "2013-10-08")


# What surrounds the values


def test_merges_hidden_rows_columns_and_sheets() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet.title = "进度表 "
        sheet["A1"] = "标题"
        sheet.merge_cells("A1:C2")
        sheet.row_dimensions[4].hidden = True
        sheet.column_dimensions["E"].hidden = True
        sheet.column_dimensions.group("G", "I", hidden=True)
        book.create_sheet("代码").sheet_state = "hidden"
        book.create_sheet("深藏").sheet_state = "veryHidden"

    data = written(fill)
    book = read_workbook(data)
    sheet = book.sheets[0]
    assert sheet.name == "进度表 "
    assert sheet.merges == (Area(1, 1, 2, 3),)
    assert sheet.hidden_rows == {4}
    assert sheet.hidden_columns == {5, 7, 8, 9}
    assert [(sheet.index, sheet.visibility) for sheet in book.sheets] == [
        (1, "visible"),
        (2, "hidden"),
        (3, "very_hidden"),
    ]


def test_a_value_covered_by_a_merge_is_not_lost() -> None:
    data = package(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>',
        after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
    )
    assert list(first_cells(data)) == ["A1", "B1"]


def test_chart_sheets_keep_their_place_and_have_no_cells() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.create_chartsheet("图", 0)
        book["Sheet"]["A1"] = 1

    book = read_workbook(written(fill))
    assert [(sheet.name, sheet.index, len(sheet.cells)) for sheet in book.sheets] == [("图", 1, 0), ("Sheet", 2, 1)]


# Files that mean harm, or met with it


def test_a_cell_at_the_far_corner_costs_one_entry() -> None:
    data = package('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')
    assert list(first_cells(data)) == ["A1", "XFD1048576"]


@pytest.mark.parametrize("style", ["", "<!-- the long way -->"])
def test_a_cell_that_stands_twice_is_refused_at_its_address(style: str) -> None:
    row = '<row r="2"><c r="B2"><v>1</v></c><c r="B2"><v>2</v></c></row>'
    assert refusal(package(style + row)).found == "文件已损坏或不完整：工作表“表”B2 单元格在文件中出现两次"


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    data = package("<!--" + " " * 3_000_000 + "-->")
    assert len(data) < 10_000
    fault = refusal(data, Limits(unzipped_bytes=1_000_000))
    assert fault.code == "E45"
    assert fault.found.startswith("文件过大：解压后的字节数")


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_said() -> None:
    data = bytearray(package('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * 100_000))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    data = bytearray(bytes(data).replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert refusal(bytes(data)).code == "E45"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<?xml version="1.0"?>' + "<!-- " + "x" * 300_000 + ' --><!DOCTYPE x [<!ENTITY a "b">]>',
    ],
)
def test_document_types_and_entities_are_refused(prolog: str) -> None:
    fault = refusal(package('<row r="1"><c r="A1" t="str"><v>&amp;</v></c></row>', prolog=prolog))
    assert fault.found == "文件含有不允许的内容：XML 文档类型声明（DOCTYPE）"


@pytest.mark.parametrize(
    "limits", [Limits(cells=3), Limits(sheets=0), Limits(merges=0), Limits(file_bytes=100), Limits(zip_entries=2)]
)
def test_every_limit_refuses_with_the_true_reason(limits: Limits) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for row in range(2):
            book.active.append([row, row])
        book.active.merge_cells("A5:B5")

    fault = refusal(written(fill), limits)
    assert fault.code == "E45"
    assert fault.found.startswith("文件过大")


def test_a_truncated_zip_is_refused() -> None:
    data = package('<row r="1"><c r="A1"><v>1</v></c></row>')
    for length in (4, 30, len(data) // 2, len(data) - 1):
        assert refusal(data[:length]).code == "E45"


def test_a_damaged_part_is_refused() -> None:
    assert refusal(package('<row r="1"><c r="A1">')).code == "E45"
    assert refusal(package('<row r="1"><c r="A1" t="s"><v>7</v></c></row>')).found.endswith("共享文字表与工作表不一致")
    assert refusal(package('<row r="1"><c r="A9999999"><v>7</v></c></row>')).found.endswith("单元格地址写错")


def test_the_empty_file_is_refused() -> None:
    fault = refusal(b"")
    assert str(fault) == (
        "E45 文件已损坏或不完整：文件是空的（0 字节）；能正常打开的电子表格。"
        "请用 Excel 或 WPS 打开原文件，另存为“Excel 工作簿（*.xlsx）”后重新报送"
    )


def test_an_encrypted_workbook_is_refused_by_name() -> None:
    ole = renamed_stream("EncryptedPackage")
    assert refusal(ole).found == "文件设置了打开密码"
    assert refusal(ole).outcome == "encrypted"


def renamed_stream(name: str) -> bytes:
    """A compound file whose one stream has another name than a workbook's."""
    book = xlwt.Workbook()
    book.add_sheet("s")
    buffer = io.BytesIO()
    book.save(buffer)
    old, new = ((each + "\0").encode("utf-16-le") for each in ("Workbook", name))
    entry = old.ljust(64, b"\0") + struct.pack("<H", len(old))
    assert entry in buffer.getvalue()
    return buffer.getvalue().replace(entry, new.ljust(64, b"\0") + struct.pack("<H", len(new)))


@pytest.mark.parametrize(
    ("stream", "what"),
    [
        ("WordDocument", "Word 文档（*.doc）"),
        ("PowerPoint Document", "演示文稿（*.ppt）"),
        ("Contents", "OLE 复合文档，其中没有工作簿"),
    ],
)
def test_other_compound_files_are_named(stream: str, what: str) -> None:
    assert refusal(renamed_stream(stream)).found == f"文件内容是{what}，不是电子表格"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.4 ...", "PDF 文档"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"Rar!\x1a\x07", "RAR 压缩包"),
        (bytes(range(256)) * 8, "无法识别的二进制格式"),
        ("这不是表格".encode(), "没有分列的普通文本"),
    ],
)
def test_other_files_are_named(data: bytes, what: str) -> None:
    assert refusal(data).found == f"文件内容是{what}，不是电子表格"


def test_a_word_document_is_named() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert refusal(buffer.getvalue()).found == "文件内容是Word 文档（*.docx），不是电子表格"


def test_lost_characters_are_mojibake() -> None:
    fault = refusal(package('<row r="3"><c r="B3" t="str"><v>花园\ufffd</v></c></row>'))
    assert (fault.code, fault.found) == ("E23", "工作表“表”B3 单元格含有乱码字符，原文已丢失")
    assert refusal(package('<row r="1"><c r="A1" t="str"><v>a_x0000_b</v></c></row>')).code == "E23"
    assert refusal(package('<row r="1"><c r="A1" t="str"><v>a_xD83D_b</v></c></row>')).code == "E23"


def test_private_use_characters_are_no_mojibake() -> None:
    data = package('<row r="1"><c r="A1" t="str"><v>A\ue02aB</v></c></row>')
    assert first_cells(data)["A1"].text == "A\ue02aB"


def test_a_refusal_survives_the_way_back_from_a_worker() -> None:
    fault = refusal(b"")
    again = pickle.loads(pickle.dumps(fault))
    assert vars(again) == vars(fault)


# The quick way and the long way


def awkward() -> bytes:
    """A workbook by another writer, with what makes the quick way stumble: entities, styles, blanks, merges, breaks."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("A&B <表>")
        percent = book.add_format({"num_format": "0.0%"})
        sheet.write_row(0, 0, ['<合计> & "小计"', "a>b", "x\r\ny", 0.1, 1e-7, 12345678901.25, True, "_x000D_"])
        sheet.write_formula(1, 0, '=IF(A1<>"&",1>0,"<c r=")', percent, 0.5)
        sheet.write_array_formula("C2:C3", "{=A1:A2}", None, 4)
        sheet.write_datetime(2, 0, dt.datetime(2013, 10, 8))
        sheet.write_blank(2, 1, None, percent)
        sheet.write_rich_string(4, 0, "花园", book.add_format({"bold": True}), "路")
        sheet.merge_range("D5:F6", "合并 &")
        sheet.set_column("H:J", 10, None, {"hidden": True})
        sheet.set_row(7, None, None, {"hidden": True})
        sheet.set_h_pagebreaks([3])
        sheet.conditional_format("A1:B2", {"type": "cell", "criteria": ">", "value": 1})
    return buffer.getvalue()


REAL_BOOKS = sorted(REAL.rglob("*.xlsx")) if REAL.is_dir() else []
PLAIN_XML = '<row r="1"><c r="A1" t="inlineStr"><is><t xml:space="preserve"> a&#10;b &lt;</t></is></c></row>'


@pytest.mark.parametrize(
    "data",
    [awkward(), package(PLAIN_XML), *(path.read_bytes() for path in REAL_BOOKS)],
    ids=["awkward", "plain", *(path.name for path in REAL_BOOKS)],  # by name: sizes differ from process to process
)
def test_both_ways_through_a_sheet_give_the_same(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = read_workbook(data)
    monkeypatch.setattr("transforms.workbook.xlsx.scan_quickly", lambda _: None)
    monkeypatch.setattr("transforms.workbook.xlsx.scan_texts_quickly", lambda _: None)
    assert read_workbook(data) == quick


def test_a_large_sheet_is_taken_in_pieces_and_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_workbook(awkward())
    monkeypatch.setattr("transforms.workbook.quick._PIECE", 1)
    monkeypatch.setattr("transforms.workbook.quick._KEPT_LETTERS", 0)
    assert read_workbook(awkward()) == whole
    twice = package('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"/><c r="A1"><v>2</v></c></row>')
    assert refusal(twice).found == "文件已损坏或不完整：工作表“表”A1 单元格在文件中出现两次"


@pytest.mark.parametrize(
    "sheet_data",
    [
        '<!-- <c r="A1"><v>9</v></c> --><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="str"><v><![CDATA[<c r="B1"><v>9</v></c>]]></v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row>",
        '<row r="1"><c t="str" r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v xml:space="preserve">1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><extLst><ext/></extLst></c></row>',
    ],
)
def test_what_is_written_otherwise_goes_the_long_way(sheet_data: str) -> None:
    assert scan_quickly(package_sheet(sheet_data)) is None
    assert list(first_cells(package(sheet_data))) == ["A1"]


def package_sheet(sheet_data: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>'.encode()


def test_most_sheets_go_the_quick_way() -> None:
    with zipfile.ZipFile(io.BytesIO(awkward())) as archive:
        assert scan_quickly(archive.read("xl/worksheets/sheet1.xml")) is not None


def shared_texts(items: str) -> bytes:
    return f'<sst xmlns="{MAIN}" count="9">{items}</sst>'.encode()


def test_shared_texts_without_parts_go_the_quick_way() -> None:
    items = '<si><t>a&amp;b</t></si><si><t xml:space="preserve"> x\r\ny</t></si><si><t></t></si><si></si>'
    assert scan_texts_quickly(shared_texts(items)) == ["a&b", " x\ny", "", ""]


@pytest.mark.parametrize(
    "items",
    [
        "<si><r><t>花园</t></r><r><t>路</t></r></si>",
        "<si><t>甲</t><rPh><t>jia</t></rPh></si>",
        "<si><t><![CDATA[<si>]]></t></si>",
        "<si><t>甲</t></si><si/>",
        f'<x:si xmlns:x="{MAIN}"><x:t>甲</x:t></x:si>',
    ],
    ids=["runs", "a reading", "CDATA", "an empty element", "a prefix"],
)
def test_shared_texts_written_otherwise_go_the_long_way(items: str) -> None:
    assert scan_texts_quickly(shared_texts(items)) is None


# Second readers


def non_empty(sheet: openpyxl.worksheet.worksheet.Worksheet) -> set[tuple[int, int]]:
    return {
        (cell.row, cell.column)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None and str(cell.value).strip()
    }


def real_files(suffix: str) -> list[Path]:
    return sorted(REAL.rglob(f"*{suffix}")) if REAL.is_dir() else []


@pytest.mark.parametrize("path", real_files(".xlsx"), ids=lambda path: path.stem)
def test_real_workbooks_hold_what_openpyxl_finds(path: Path) -> None:
    data = path.read_bytes()
    book = read_workbook(data)
    other = openpyxl.load_workbook(io.BytesIO(data))
    assert [sheet.name for sheet in book.sheets] == other.sheetnames
    for sheet in book.sheets:
        assert set(sheet.cells) == non_empty(other[sheet.name])
        assert {(a1(*area[:2]), a1(*area[2:])) for area in sheet.merges} == {
            (a1(area.min_row, area.min_col), a1(area.max_row, area.max_col))
            for area in other[sheet.name].merged_cells.ranges
        }


@pytest.mark.parametrize("path", real_files(".xlsx"), ids=lambda path: path.stem)
def test_real_workbooks_have_the_values_calamine_finds(path: Path) -> None:
    data = path.read_bytes()
    book: Workbook = read_workbook(data)
    other = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for sheet in book.sheets:
        grid = other.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        for (row, column), cell in sheet.cells.items():
            theirs = grid[row - 1][column - 1]
            if cell.kind == "number":
                assert float(cell.text) == pytest.approx(float(theirs), rel=1e-14)
            elif cell.kind == "text" and not cell.is_formula:
                assert str(cell.value).replace("\r\n", "\n") == str(theirs).replace("\r\n", "\n")
