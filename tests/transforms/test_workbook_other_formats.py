"""The other formats senders use, each told by content, with a second reader where one exists."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import random
import struct
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import xlrd
import xlsxwriter
import xlwt
from python_calamine import CalamineWorkbook

from tests.real_files import REAL
from tests.transforms.books.xlsb import record, wide
from transforms.workbook import Area, Cell, Limits, Sheet, UnreadableWorkbook, a1, read_workbook

TABLE = [["小区名称", "楼号", "面积"], ["花园路甲3号院", "3号楼", "4560.11"], ["塔院南里", "", "007"]]


def only_sheet(data: bytes) -> Sheet:
    (sheet,) = read_workbook(data).sheets
    return sheet


def texts(data: bytes) -> dict[str, str]:
    return {a1(*place): cell.text for place, cell in only_sheet(data).cells.items()}


def refusal(data: bytes, limits: Limits | None = None) -> UnreadableWorkbook:
    with pytest.raises(UnreadableWorkbook) as caught:
        read_workbook(data, limits or Limits())
    return caught.value


# .xls


def saved(book: xlwt.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_xls_values_formats_merges_and_what_is_hidden() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("进度表")
    sheet.write_merge(0, 1, 0, 2, "标题")
    sheet.write(2, 0, 3470.0000000000005)
    sheet.write(2, 1, dt.datetime(2013, 10, 8), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sheet.write(2, 2, 0.8, xlwt.easyxf(num_format_str="0%"))
    sheet.write(2, 3, True)
    sheet.row(2).set_cell_error(4, 0x17)
    sheet.write(2, 5, "007")
    sheet.write(2, 6, " \u3000")
    sheet.row(4).hidden = True
    sheet.col(7).hidden = True
    sheet.write(4, 7, "x")
    book.add_sheet("代码").visibility = 1
    book.add_sheet("深藏").visibility = 2
    read = read_workbook(saved(book))
    assert read.format == "xls"
    assert [sheet.visibility for sheet in read.sheets] == ["visible", "hidden", "very_hidden"]
    first = read.sheets[0]
    assert first.merges == (Area(1, 1, 2, 3),)
    assert first.hidden_rows == {5}
    assert first.hidden_columns == {8}
    assert list(first.cells.values()) == [
        Cell("text", "标题", "标题"),
        Cell("number", Decimal(3470), "3470"),
        Cell("date", dt.datetime(2013, 10, 8), "2013-10-08"),
        Cell("number", Decimal("0.8"), "0.8", is_percent=True),
        Cell("boolean", True, "TRUE"),
        Cell("error", None, "#REF!"),
        Cell("text", "007", "007"),
        Cell("text", "x", "x"),
    ]


@pytest.mark.parametrize(
    "path",
    sorted(path for path in REAL.rglob("*.xls") if "not_a_workbook" not in path.parts) if REAL.is_dir() else [],
    ids=lambda path: path.stem,
)
def test_real_xls_hold_what_xlrd_finds(path: Path) -> None:
    book = read_workbook(path.read_bytes())
    other = xlrd.open_workbook(path, logfile=io.StringIO())
    for sheet in book.sheets:
        theirs = other.sheet_by_name(sheet.name)
        found = {
            (row + 1, column + 1)
            for row in range(theirs.nrows)
            for column in range(theirs.ncols)
            if str(theirs.cell_value(row, column)).strip()
        }
        assert set(sheet.cells) == found


def real_biff5() -> bytes:
    found = sorted(REAL.glob("yearly_series/*.xls"))
    if not found:
        pytest.skip("the real files are not here")
    return found[0].read_bytes()


def test_chinese_of_biff5_is_right() -> None:
    sheet = only_sheet(real_biff5())
    assert sheet.name == "中山大学2017年硕士生分专业考录统计（公布）"
    numbers = [cell for cell in sheet.cells.values() if cell.kind == "number"]
    assert len(sheet.cells) == 5173
    assert len(numbers) > 1000


def test_chinese_under_a_wrong_code_page_is_read_again() -> None:
    right = real_biff5()
    wrong = right.replace(b"\x42\x00\x02\x00\xa8\x03", b"\x42\x00\x02\x00\xe4\x04")
    assert wrong != right
    assert only_sheet(wrong) == only_sheet(right)


class Again:
    """The record of a cell that is there already."""

    def __init__(self, sheet: xlwt.Worksheet, row: int, column: int) -> None:
        self.data = struct.pack("<HHHHHd", 0x0203, 14, row, column, 15, 2.0)

    def get_biff_data(self) -> bytes:
        return self.data


def test_a_cell_that_stands_twice_is_refused_at_its_address() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("进度表")
    sheet.write(1, 2, 1)
    sheet.row(1).insert_cell(3, Again(sheet, 1, 2))
    assert refusal(saved(book)).found == "文件已损坏或不完整：工作表“进度表”C2 单元格在文件中出现两次"
    twice = XML_2003.format(encoding="utf-8").replace('ss:Index="5"', 'ss:Index="2"').encode()
    assert refusal(twice).found == "文件已损坏或不完整：第4行第2列的单元格在文件中出现两次"


def test_the_two_readings_of_an_xls_must_find_the_same_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("进度表")
    sheet.write(1, 2, 1)
    data = saved(book)
    monkeypatch.setattr("transforms.workbook.biff._SINGLE", frozenset())
    assert refusal(data).found == "文件已损坏或不完整：工作表“进度表”C2 单元格前后记录不一致"


def test_a_truncated_xls_is_refused() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    for row in range(200):
        sheet.write(row, 0, f"第{row}行")
    data = saved(book)
    for length in (8, 512, 2000, len(data) // 2):
        assert refusal(data[:length]).code == "E45"


# Delimited text

LINES = [",".join(row) for row in TABLE]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
def test_csv_in_every_dress(encoding: str, line_end: str, delimiter: str) -> None:
    data = line_end.join(delimiter.join(row) for row in TABLE).encode(encoding)
    second = list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter))
    expected = {a1(r, c): text for r, row in enumerate(second, 1) for c, text in enumerate(row, 1) if text}
    assert texts(data) == expected
    assert texts(data)["C3"] == "007"
    assert read_workbook(data).format == "csv"


def test_csv_quotes_hold_delimiters_and_line_breaks() -> None:
    assert texts('名称,备注\n"甲,乙","第一行\n第二行 ""引"""\n"=""1"""\n="00123",5\n'.encode()) == {
        "A1": "名称",
        "B1": "备注",
        "A2": "甲,乙",
        "B2": '第一行\n第二行 "引"',
        "A3": "1",
        "A4": "00123",
        "B4": "5",
    }


def test_a_quote_never_closed_swallows_nothing() -> None:
    assert texts(b'a,b\n"c,d\ne,f\n') == {"A1": "a", "B1": "b", "A2": '"c', "B2": "d", "A3": "e", "B3": "f"}


def test_blank_lines_keep_row_numbers_true() -> None:
    assert list(texts(b"a,b\n\n\nc,d\n")) == ["A1", "B1", "A4", "B4"]


def test_csv_with_lost_characters_is_mojibake() -> None:
    assert refusal("名称,面积\n花园\ufffd,1\n".encode()).code == "E23"
    assert refusal(b"\xff\xff\xfe,1\n\x81").code == "E23"


def test_csv_keeps_to_the_limits() -> None:
    assert refusal(b"1,2\n" * 10, Limits(cells=5)).found.startswith("文件过大")


# Web pages

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type
content="text/html; charset={charset}"><title>x</title><style>td {{}}</style></head><body><h2>海淀区&nbsp;月报</h2>
<table border=1><tr><th rowspan=2>小区</th><th colspan=2>开工</th></tr><tr><td>本月</td><td>累计</td></tr>
<tr><td>花园路<br>甲3号院</td><td x:num="37497.84">37,497.84</td><td>80%</td></tr>
<tr style='display:none'><td><table><tr><td>内</td><td>层</td></tr></table></td><td> </td><td>&lt;3</td></tr></table>
<p>注：单位为㎡</p><script>var a = "<td>no</td>";</script></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "utf-16"])
def test_web_page_tables(charset: str) -> None:
    data = PAGE.format(charset=charset).encode("gb18030" if charset == "gb2312" else charset)
    sheet = only_sheet(data)
    assert texts(data) == {
        "A1": "海淀区\xa0月报",
        "A2": "小区",
        "B2": "开工",
        "B3": "本月",
        "C3": "累计",
        "A4": "花园路\n甲3号院",
        "B4": "37497.84",
        "C4": "80%",
        "A5": "内层",
        "C5": "<3",
        "A6": "注:单位为㎡".replace(":", "："),
    }
    assert sheet.cells[4, 2].kind == "number"
    assert set(sheet.merges) == {Area(2, 1, 3, 1), Area(2, 2, 2, 3)}
    assert sheet.hidden_rows == {5}


def test_a_page_that_lies_about_its_charset_is_read_by_its_bytes() -> None:
    assert texts(PAGE.format(charset="utf-8").encode("gb18030"))["A2"] == "小区"


def test_a_page_without_tables_is_refused() -> None:
    assert refusal("<html><body><p>你好</p></body></html>".encode()).found == "文件内容是没有表格的网页，不是电子表格"


def test_a_frame_set_is_refused_with_the_true_reason() -> None:
    page = b'<html><head><meta name="Excel Workbook Frameset"></head><frameset><frame src="a.htm"></frameset></html>'
    assert refusal(page).found == ("文件内容是网页框架（只有目录，数据在未一并报送的 .files 文件夹里），不是电子表格")


@pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not here")
def test_the_real_frame_set_is_refused() -> None:
    (path,) = REAL.glob("not_a_workbook/*.xls")
    assert "网页框架" in refusal(path.read_bytes()).found


# SpreadsheetML 2003

XML_2003 = """<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:html="http://www.w3.org/TR/REC-html40">
<Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles>
<Worksheet ss:Name="月报"><Table><Column ss:Index="2" ss:Hidden="1"/>
<Row><Cell ss:MergeAcross="2" ss:MergeDown="1"><Data ss:Type="String">标题</Data></Cell></Row>
<Row ss:Index="4" ss:Hidden="1"><Cell><Data ss:Type="Number">3470.0000000000005</Data></Cell>
<Cell ss:StyleID="p"><Data ss:Type="Number">0.8</Data></Cell>
<Cell ss:Index="5"><Data ss:Type="DateTime">2013-10-08T00:00:00.000</Data></Cell>
<Cell ss:Formula="=RC[-1]"><Data ss:Type="Error">#REF!</Data></Cell><Cell ss:Formula="=R1C1"/>
<Cell><Data ss:Type="Boolean">1</Data></Cell><Cell><Data ss:Type="String"><html:B>花园</html:B>路</Data></Cell></Row>
</Table></Worksheet><Worksheet ss:Name="藏"><Table/><WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">
<Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"""


@pytest.mark.parametrize("encoding", ["utf-8", "GB2312", "UTF-16"])
def test_spreadsheet_xml_of_2003(encoding: str) -> None:
    data = XML_2003.format(encoding=encoding).encode("gb18030" if encoding == "GB2312" else encoding)
    book = read_workbook(data)
    first, second = book.sheets
    assert book.format == "xml2003"
    assert (first.name, second.name, second.visibility) == ("月报", "藏", "hidden")
    assert first.merges == (Area(1, 1, 2, 3),)
    assert (first.hidden_rows, first.hidden_columns) == ({4}, {2})
    assert {a1(*place): cell for place, cell in first.cells.items()} == {
        "A1": Cell("text", "标题", "标题"),
        "A4": Cell("number", Decimal(3470), "3470"),
        "B4": Cell("number", Decimal("0.8"), "0.8", is_percent=True),
        "E4": Cell("date", dt.datetime(2013, 10, 8), "2013-10-08"),
        "F4": Cell("error", None, "#REF!", is_formula=True),
        "G4": Cell("no_value", None, "=R1C1", is_formula=True),
        "H4": Cell("boolean", True, "TRUE"),
        "I4": Cell("text", "花园路", "花园路"),
    }


def test_other_xml_is_refused() -> None:
    assert refusal(b'<?xml version="1.0"?><invoice/>').found == "文件内容是其他用途的 XML 文件，不是电子表格"


def test_entities_in_spreadsheet_xml_are_refused() -> None:
    data = XML_2003.format(encoding="utf-8").replace("<Workbook", '<!DOCTYPE Workbook [<!ENTITY a "b">]><Workbook')
    assert "DOCTYPE" in refusal(data.encode()).found


# OpenDocument

CONTENT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:automatic-styles>
<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>
<table:table table:name="月报"><table:table-column table:number-columns-repeated="2"/>
<table:table-column table:visibility="collapse"/>
<table:table-row><table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="1"
 office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation><text:p>标<text:s/>题</text:p>
<text:p>二</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
<table:table-row table:number-rows-repeated="2" table:visibility="filter"><table:table-cell
 table:number-columns-repeated="2" office:value-type="float" office:value="3470.0000000000005"><text:p>3470</text:p>
</table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="percentage" office:value="0.8"/><table:table-cell
 office:value-type="date" office:date-value="2013-10-08"/><table:table-cell table:formula="of:=[.A1]/0"
 office:value-type="string" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>
<table:table-cell table:formula="of:=[.A1]"/><table:table-cell office:value-type="boolean" office:boolean-value="true"/>
<table:table-cell table:number-columns-repeated="16000"/></table:table-row>
<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row></table:table>
<table:table table:name="藏" table:style-name="ta2"/></office:spreadsheet></office:body></office:document-content>"""


def ods(content: str, kind: str = "spreadsheet") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
    return buffer.getvalue()


def test_open_document_spreadsheets() -> None:
    book = read_workbook(ods(CONTENT))
    first, second = book.sheets
    assert book.format == "ods"
    assert (second.name, second.visibility) == ("藏", "hidden")
    assert first.merges == (Area(1, 1, 1, 2),)
    assert (first.hidden_rows, first.hidden_columns) == ({2, 3}, {3})
    number = Cell("number", Decimal(3470), "3470")
    assert {a1(*place): cell for place, cell in first.cells.items()} == {
        "A1": Cell("text", "标 题\n二", "标 题\n二"),
        "A2": number,
        "B2": number,
        "A3": number,
        "B3": number,
        "A4": Cell("number", Decimal("0.8"), "0.8", is_percent=True),
        "B4": Cell("date", dt.datetime(2013, 10, 8), "2013-10-08"),
        "C4": Cell("error", None, "#DIV/0!", is_formula=True),
        "D4": Cell("no_value", None, "=[.A1]", is_formula=True),
        "E4": Cell("boolean", True, "TRUE"),
    }


def test_repetition_is_not_a_way_around_the_limits() -> None:
    bomb = CONTENT.replace('repeated="2" table:visibility', 'repeated="1048000" table:visibility')
    assert refusal(ods(bomb), Limits(cells=1000)).found.startswith("文件过大")


def test_other_open_documents_are_refused() -> None:
    assert "OpenDocument" in refusal(ods(CONTENT, "text")).found


# .xlsb

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def cell(kind: int, column: int, body: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + body)


def row(number: int, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBB", number, 0, 300, 0, 0x10 if hidden else 0, 0) + struct.pack("<I", 0))


def xlsb() -> bytes:
    sheet = (
        record(129)
        + record(148, struct.pack("<4I", 0, 4, 0, 8))
        + record(390)
        + record(60, struct.pack("<4IH", 3, 4, 2048, 0, 1))
        + record(391)
        + record(145)
        + row(0)
        + cell(7, 0, struct.pack("<I", 0))
        + cell(1, 1, b"", 1)
        + cell(5, 2, struct.pack("<d", 3470.0000000000005))
        + row(4, hidden=True)
        + cell(5, 0, struct.pack("<d", 41555), 1)
        + cell(2, 1, struct.pack("<I", 80 << 2 | 3), 2)
        + cell(3, 2, b"\x17")
        + cell(4, 3, b"\x01")
        + cell(6, 4, wide("直接"))
        + cell(8, 5, wide("算出") + b"\x00\x00" + struct.pack("<II", 0, 0))
        + cell(9, 6, struct.pack("<d", -0.5) + b"\x00\x00" + struct.pack("<II", 0, 0))
        + cell(6, 7, wide(" "))
        + cell(2, 8, struct.pack("<I", 7 << 2 | 2))
        + record(146)
        + record(177, struct.pack("<I", 1))
        + record(176, struct.pack("<4I", 0, 1, 0, 2))
        + record(178)
        + record(130)
    )
    styles = (
        record(615, struct.pack("<I", 1))
        + record(44, struct.pack("<H", 176) + wide('yyyy"年"m"月"'))
        + record(616)
        + record(626, struct.pack("<I", 1))
        + record(47, struct.pack("<HH", 0xFFFF, 9) + bytes(12))
        + record(627)
        + record(617, struct.pack("<I", 3))
        + b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 176, 9))
        + record(618)
    )
    book = (
        record(131)
        + record(153, struct.pack("<II", 0, 0) + wide(""))
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("月报"))
        + record(156, struct.pack("<II", 2, 2) + wide("r2") + wide("藏"))
        + record(144)
        + record(132)
    )
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    link = f'<Relationship Id="{{}}" Type="{OFFICE}/{{}}" Target="{{}}"/>'
    shared = record(19, b"\x00" + wide("花园路"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("_rels/.rels", rels.format(link.format("r1", "officeDocument", "xl/workbook.bin")))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            rels.format(
                link.format("r1", "worksheet", "worksheets/sheet1.bin")
                + link.format("r2", "worksheet", "worksheets/sheet2.bin")
                + link.format("r3", "sharedStrings", "sharedStrings.bin")
                + link.format("r4", "styles", "styles.bin")
            ),
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr("xl/worksheets/sheet2.bin", record(129) + record(145) + record(146) + record(130))
        archive.writestr("xl/sharedStrings.bin", record(159, struct.pack("<II", 1, 1)) + shared + record(160))
        archive.writestr("xl/styles.bin", styles)
    return buffer.getvalue()


def test_binary_workbooks() -> None:
    book = read_workbook(xlsb())
    first, second = book.sheets
    assert book.format == "xlsb"
    assert (first.name, second.name, second.visibility) == ("月报", "藏", "very_hidden")
    assert first.merges == (Area(1, 1, 2, 3),)
    assert (first.hidden_rows, first.hidden_columns) == ({5}, {4, 5})
    assert {a1(*place): cell for place, cell in first.cells.items()} == {
        "A1": Cell("text", "花园路", "花园路"),
        "C1": Cell("number", Decimal(3470), "3470"),
        "A5": Cell("date", dt.datetime(2013, 10, 8), "2013-10-08"),
        "B5": Cell("number", Decimal("0.8"), "0.8", is_percent=True),
        "C5": Cell("error", None, "#REF!"),
        "D5": Cell("boolean", True, "TRUE"),
        "E5": Cell("text", "直接", "直接"),
        "F5": Cell("text", "算出", "算出", is_formula=True),
        "G5": Cell("number", Decimal("-0.5"), "-0.5", is_formula=True),
        "I5": Cell("number", Decimal(7), "7"),
    }


def test_calamine_reads_the_same_binary_workbook() -> None:
    grid = CalamineWorkbook.from_filelike(io.BytesIO(xlsb())).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert (grid[0][0], grid[0][2]) == ("花园路", pytest.approx(3470))
    assert [grid[4][0], *grid[4][3:7], grid[4][8]] == [dt.date(2013, 10, 8), True, "直接", "算出", -0.5, 7]


# Whatever the bytes


@pytest.mark.parametrize("source", ["xlsx", "xls", "xlsb", "ods", "html", "xml2003", "csv"])
def test_damaged_bytes_never_raise_anything_else(source: str) -> None:
    book = xlwt.Workbook()
    book.add_sheet("s").write(0, 0, "花园路")
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as fresh:
        fresh.add_worksheet().write_row(0, 0, ["花园路", 1.5, True])
    whole = {
        "xlsx": buffer.getvalue(),
        "xls": saved(book),
        "xlsb": xlsb(),
        "ods": ods(CONTENT),
        "html": PAGE.format(charset="utf-8").encode(),
        "xml2003": XML_2003.format(encoding="utf-8").encode(),
        "csv": "\n".join(LINES).encode(),
    }[source]
    chance = random.Random(2013)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with contextlib.suppress(UnreadableWorkbook):
            read_workbook(bytes(data[: chance.randint(len(data) // 2, len(data))]))
