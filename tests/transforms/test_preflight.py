"""What no file may do to its reader: packages, compound files and texts that lie, refused for their true reason."""

import io
import struct
import warnings
import zipfile

import pytest
import xlsxwriter
import xlwt

from tests.transforms.books import WRITERS, Page
from tests.transforms.test_workbook import package, refusal
from transforms.workbook import Limits, read_workbook
from transforms.workbook.delimited import count_records
from transforms.workbook.ole import CompoundFile

SHEET = "xl/worksheets/sheet1.xml"
ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'


def damage(data):
    found = refusal(data)
    assert found.outcome == "corrupt"
    return found.found.removeprefix("文件已损坏或不完整：")


# Zip packages


def test_two_parts_of_one_name_are_refused():
    buffer = io.BytesIO(package(ONE))
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(SHEET.upper(), "<worksheet/>")
    assert damage(buffer.getvalue()) == "压缩包内有重名的文件"


def test_parts_that_share_their_bytes_are_refused():
    data = bytearray(package(ONE))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        first, *_ = archive.infolist()
        directory = archive.start_dir
    # The directory's entry of the second part points to the first.
    second = data.index(b"PK\x01\x02", directory + 4)
    data[second + 42 : second + 46] = struct.pack("<I", first.header_offset)
    assert damage(bytes(data)) == "压缩包内的文件互相重叠"


def test_a_part_packed_as_no_spreadsheet_packs_it_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package(ONE))) as plain, zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as odd:
        for name in plain.namelist():
            odd.writestr(name, plain.read(name))
    assert refusal(buffer.getvalue()).found == "文件含有不允许的内容：不常用的压缩方式"


def test_bytes_are_counted_while_they_are_unpacked():
    data = package(ONE, strings="<!--" + " " * 400_000 + "-->", styles="<!--" + " " * 400_000 + "-->")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        promised = sum(entry.file_size for entry in archive.infolist())
    assert read_workbook(data, Limits(unzipped_bytes=promised)).sheets
    found = refusal(data, Limits(unzipped_bytes=promised - 1))
    assert found.outcome == "refused" and found.found.startswith("文件过大：解压后的字节数")


def test_two_sheets_of_one_name_or_one_content_are_refused():
    two = '<sheet name="表" sheetId="2" r:id="r1"/></sheets>'
    assert damage(rewritten(package(ONE), "xl/workbook.xml", "</sheets>", two)) == "两个工作表同名"
    assert damage(rewritten(package(ONE), "xl/workbook.xml", "</sheets>", two.replace("表", "二"))) == (
        "两个工作表指向同一内容"
    )


def test_two_relations_of_one_number_are_refused():
    again = '<Relationship Id="r1" Type="x/worksheet" Target="other.xml"/></Relationships>'
    data = rewritten(package(ONE), "xl/_rels/workbook.xml.rels", "</Relationships>", again)
    assert damage(data) == "工作表目录中有重复的编号"


def rewritten(data, part, old, new):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name).decode()
            after.writestr(name, text.replace(old, new) if name == part else text)
    return buffer.getvalue()


def test_hidden_columns_said_a_million_times_cost_no_more_than_once():
    columns = '<cols><col min="1" max="16384" hidden="1"/></cols>' * 20_000
    assert len(read_workbook(package(ONE, before=columns)).sheets[0].hidden_columns) == 16_384


@pytest.mark.parametrize("number", ["0", "-1", "1048577", "99999999999", "x", "1.5"])
def test_a_row_that_is_none_is_refused(number):
    assert damage(package(f'<row r="{number}"><c><v>1</v></c></row>')) == "工作表“表”的行号写错"


def test_a_sheet_that_is_something_else_is_refused():
    elsewhere = 'Target="workbook.xml"'
    data = rewritten(package(ONE), "xl/_rels/workbook.xml.rels", 'Target="worksheets/sheet1.xml"', elsewhere)
    assert damage(data) == "工作表“表”的内容不是工作表"


def test_a_number_in_other_digits_is_an_error_cell_and_a_format_without_end_is_none():
    styles = '<numFmts><numFmt numFmtId="200" formatCode="' + "y[" * 200_000 + '"/></numFmts>'
    styles += '<cellXfs><xf numFmtId="200"/></cellXfs>'
    row = '<row r="1"><c r="A1"><v>١٢</v></c><c r="B1" s="0"><v>41555</v></c></row>'
    cells = read_workbook(package(row, styles=styles)).sheets[0].cells
    assert [(cell.kind, cell.text) for cell in cells.values()] == [("error", "١٢"), ("number", "41555")]


def test_a_text_longer_than_any_cell_holds_is_refused_wherever_it_stands():
    long = "花" * 140_000
    for name in ("xlsx", "ods", "xlsb", "xml2003", "html"):
        if name == "xlsx":  # its writer refuses to
            data = package(f'<row r="1"><c r="A1" t="str"><v>{long}</v></c></row>')
        else:
            data = WRITERS[name]([Page("表", {(1, 1): long})])
        assert refusal(data).found == "文件过大：一个单元格的字数为 140000"


def test_one_comment_over_many_pieces_is_read_once():
    data = package(f"{'<!--' + ' ' * (8 << 20) + '-->'}{ONE}")
    assert list(read_workbook(data).sheets[0].cells) == [(1, 1)]


# Compound files

XLS = WRITERS["xls"]([Page("s", {(row, 1): f"第{row}行" for row in range(1, 500)})])


def with_numbers(at, *numbers):
    """The .xls with other 32-bit numbers at a place."""
    data = bytearray(XLS)
    struct.pack_into(f"<{len(numbers)}I", data, at, *numbers)
    return bytes(data)


def test_streams_are_found_by_name_and_read_whole():
    folder = CompoundFile(XLS)
    assert "Workbook" in folder.names
    assert read_workbook(folder.read("Workbook")) == read_workbook(XLS)


def fat_at():
    (first,) = struct.unpack_from("<I", XLS, 76)
    return 512 + first * 512


@pytest.mark.parametrize(
    ("at", "numbers", "what"),
    [
        (30, (0x00060009 | 0x11,), "OLE 扇区大小不合规定"),
        (48, (0x7FFFFFFF,), "OLE 扇区链成环或超出文件"),
        (68, (3,), "OLE 扇区超出文件"),
        (76, (0x00FFFFFF,), "OLE 扇区超出文件"),
        (76, (0, 0), "OLE 扇区表重复或超出文件"),
    ],
    ids=["sector size", "directory outside", "directory of sectors", "table outside", "table twice"],
)
def test_a_compound_file_that_lies_is_refused(at, numbers, what):
    assert damage(with_numbers(at, *numbers)) == what


def test_a_chain_that_runs_in_a_circle_is_refused():
    circle = with_numbers(fat_at(), *([1, 0] * 20))
    assert damage(circle) == "OLE 扇区链成环或超出文件"


def test_a_stream_longer_than_its_file_is_refused():
    entry = "Workbook\0".encode("utf-16-le").ljust(64, b"\0")
    at = XLS.index(entry) + 120
    assert damage(with_numbers(at, 0x7FFFFFFF)) == "OLE 数据流比文件还长"


def test_a_compound_file_of_large_sectors_reads_the_same():
    assert read_workbook(large_sectors(CompoundFile(XLS).read("Workbook"))) == read_workbook(XLS)


def large_sectors(stream):
    """A compound file of version 4, whose sectors have 4,096 bytes."""
    count = -(-len(stream) // 4096)
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    head = bytearray(4096)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 4, 0xFFFE, 12, 6)
    struct.pack_into("<IIIIIIIII", head, 40, 1, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    root = entry_of("Root Entry", 5, 0xFFFFFFFE, 0) + entry_of("Workbook", 2, 2, len(stream))
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(4096, b"\xff")
    return bytes(head) + table + root.ljust(4096, b"\0") + stream.ljust(count * 4096, b"\0")


def entry_of(name, kind, start, size):
    text = f"{name}\0".encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return (
        head
        + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF).ljust(48, b"\0")
        + struct.pack("<IQ", start, size)
    )


def test_two_sheets_that_point_to_one_content_are_refused():
    book = xlwt.Workbook()
    for name in ("a", "b"):
        book.add_sheet(name).write(0, 0, name)
    buffer = io.BytesIO()
    book.save(buffer)
    data = bytearray(buffer.getvalue())
    first = data.index(struct.pack("<H", 0x85))
    second = data.index(struct.pack("<H", 0x85), first + 4)
    data[second + 4 : second + 8] = data[first + 4 : first + 8]
    assert damage(bytes(data)) == "两个工作表指向同一内容"


def test_a_sheet_that_lies_elsewhere_is_refused():
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "a")
    buffer = io.BytesIO()
    book.save(buffer)
    data = bytearray(buffer.getvalue())
    at = data.index(struct.pack("<H", 0x85))
    data[at + 4 : at + 8] = struct.pack("<I", 20)
    assert refusal(bytes(data)).outcome == "corrupt"


# Delimited text


def test_utf_8_with_a_fault_in_it_is_not_read_as_other_characters():
    fault = refusal("花园路,1\n".encode() * 100 + b"\xe8\x8a,1\n")
    assert (fault.code, fault.found) == ("E23", "文件文字编码无法识别，或含有乱码字符")
    assert read_workbook("花园路,1\n".encode("gb18030") * 100).sheets[0].cells[1, 1].text == "花园路"


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("a,b\nc,d\n", 2),
        ("a,b\nc,d", 2),
        ("a,b\r\nc,d\r\n", 2),
        ("a,b\rc,d\r", 2),
        ("a,b\n\n\nc,d\n", 4),
        ('a,"b\nb"\r\nc,d\n', 2),
        ('a,"b ""b\n"" b"\nc,d', 2),
        ('5" pipe,3\n6" pipe,4\n', 2),
        ("", 0),
    ],
)
def test_records_are_counted_without_reading_them(text, records):
    assert count_records(text, ",", quoted=True) == records


def test_text_of_which_fewer_records_are_read_than_it_has_is_refused(monkeypatch):
    monkeypatch.setattr("transforms.workbook.delimited.csv.reader", lambda *_, **__: iter([["a", "b"]]))
    assert damage(b"a,b\nc,d\n") == "文本有 2 行记录，只读出 1 行"


def test_a_field_longer_than_any_is_refused_with_its_limit():
    found = refusal(b"a,b\n" + b"x" * 200_000 + b",1\n")
    assert (found.outcome, found.found) == ("refused", "文件过大：一个单元格的字数为 131072 以上")


def test_zip_and_xlsx_writers_are_not_refused():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        book.add_worksheet("一").write_row(0, 0, ["a", 1])
        book.add_worksheet("二").write_row(0, 0, ["b", 2])
    assert [sheet.name for sheet in read_workbook(buffer.getvalue()).sheets] == ["一", "二"]
