"""Attacks on zip packages and what is in them: .xlsx and its kin, .xlsb, .ods."""

import io
import struct
import warnings
import zipfile
import zlib

from tests.transforms.books import WRITERS, Page
from tests.transforms.books.xlsb import record, wide
from tests.transforms.test_workbook import package

MB = 1 << 20
ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'
SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = "".join('<!ENTITY {} "{}">'.format(chr(98 + n), f"&{chr(97 + n)};" * 10) for n in range(8))
DOCTYPE = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{LAUGHS}]>'
MERGE, HIDDEN = '<mergeCell ref="A1:B2"/>', '<col min="1" max="16384" hidden="1"/>'
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in parts if isinstance(parts, list) else parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_part(name, change, data=None):
    """The plain workbook with one part changed."""
    parts = parts_of(package(ONE) if data is None else data)
    parts[name] = change(parts[name])
    return zipped(parts)


def without_part(name):
    return zipped({each: data for each, data in parts_of(package(ONE)).items() if each != name})


def with_directory(change):
    """The plain workbook with the directory's entry of its last part changed in place."""
    data = bytearray(package(ONE))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        at = data.index(b"PK\x01\x02", archive.start_dir)
    for _ in range(3):
        at = data.index(b"PK\x01\x02", at + 4)
    change(data, at)
    return bytes(data)


def put(form, offset, *values):
    return lambda data, at: struct.pack_into(form, data, at + offset, *values)


def bomb(megabytes, part=SHEET, head=b"<!--", tail=b"-->"):
    """A part of as many megabytes of blanks, packed a thousand to one."""
    return with_part(part, lambda data: data.replace(b"<", head + b" " * (megabytes * MB) + tail + b"<", 1))


def sheet(xml, **more):
    return lambda: package(xml, **more)


def cells(*cells, row=1):
    return f'<row r="{row}">{"".join(cells)}</row>'


def nested(tag, depth, inside=""):
    return f"<{tag}>" * depth + inside + f"</{tag}>" * depth


def doctype_in(part, prolog):
    return lambda: with_part(part, lambda data: prolog.encode() + data, package(ONE, strings="", styles=""))


def workbook_xml(old, new):
    return lambda: with_part("xl/workbook.xml", lambda data: data.replace(old.encode(), new.encode()))


def relations(old, new):
    return lambda: with_part("xl/_rels/workbook.xml.rels", lambda data: data.replace(old.encode(), new.encode()))


TWO_SHEETS = '<sheet name="表" sheetId="1" r:id="r1"/>'

ZIPS = {
    "zip: empty": lambda: b"PK\x05\x06" + bytes(18),
    "zip: signature only": lambda: b"PK\x03\x04",
    **{f"zip: cut at {n} of 8": (lambda n=n: (d := package(ONE))[: len(d) * n // 8]) for n in range(1, 8)},
    "zip: garbage behind": lambda: package(ONE) + b"\xff" * 1000,
    "zip: garbage before": lambda: b"PK\x03\x04" + b"\xff" * 1000 + package(ONE),
    "zip: zeros in the middle": lambda: (d := package(ONE))[:200] + bytes(100) + d[300:],
    "zip: 20,000 parts": lambda: zipped({f"x{n}": b"" for n in range(20_000)}, zipfile.ZIP_STORED),
    "zip: a name twice": lambda: zipped([*parts_of(package(ONE)).items(), (SHEET, b"<worksheet/>")]),
    "zip: a name in two cases": lambda: zipped([*parts_of(package(ONE)).items(), (SHEET.upper(), b"<worksheet/>")]),
    "zip: parts that overlap": lambda: with_directory(put("<I", 42, 0)),
    "zip: a part behind the end": lambda: with_directory(put("<I", 42, 0x7FFFFFFF)),
    "zip: promises less than it holds": lambda: with_directory(put("<I", 24, 3)),
    "zip: promises ten gigabytes": lambda: with_directory(put("<I", 24, 0xFFFFFFF0)),
    "zip: sizes of zip64 without them": lambda: with_directory(put("<II", 20, 0xFFFFFFFF, 0xFFFFFFFF)),
    "zip: a false checksum": lambda: with_directory(put("<I", 16, 0)),
    "zip: marked as encrypted": lambda: with_directory(put("<H", 8, 1)),
    "zip: packed in an unknown way": lambda: with_directory(put("<H", 10, 99)),
    "zip: packed with lzma": lambda: zipped(parts_of(package(ONE)), zipfile.ZIP_LZMA),
    "zip: packed with bzip2": lambda: zipped(parts_of(package(ONE)), zipfile.ZIP_BZIP2),
    "zip: a broken stream": lambda: (d := bytearray(package(ONE)), d.__setitem__(slice(120, 140), b"\xff" * 20))[0],
    "zip: a part named ../../etc/passwd": lambda: zipped({**parts_of(package(ONE)), "../../etc/passwd": b"x"}),
    "zip: a part named /etc/passwd": lambda: zipped({**parts_of(package(ONE)), "/etc/passwd": b"x"}),
    "zip: a part with a control sign": lambda: zipped({**parts_of(package(ONE)), "a\x1b[31m": b"x"}),
    "zip: in a zip": lambda: zipped({"a.xlsx": package(ONE)}),
    "zip: a text document": lambda: zipped({"word/document.xml": b"<document/>"}),
    "zip: a presentation": lambda: zipped({"ppt/presentation.xml": b"<presentation/>"}),
    "zip: a Java archive": lambda: zipped({"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0"}),
    **{
        f"zip: without {name}": (lambda name=name: without_part(name))
        for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET, "_rels/.rels")
    },
}

BOMBS = {
    "bomb: 100 MB of blanks in the sheet": lambda: bomb(100),
    "bomb: 300 MB of blanks in the sheet": lambda: bomb(300),
    "bomb: 300 MB in the list of sheets": lambda: bomb(300, "xl/workbook.xml"),
    "bomb: 300 MB in the relations": lambda: bomb(300, "xl/_rels/workbook.xml.rels"),
    "bomb: one attribute of 60 MB": lambda: with_part(
        SHEET, lambda data: data.replace(b"<sheetData>", b'<sheetData a="' + b"x" * (60 * MB) + b'">')
    ),
    "bomb: one text of 60 MB": lambda: package(cells('<c r="A1" t="str"><v>' + "x" * (60 * MB) + "</v></c>")),
    "bomb: a number of five million digits": lambda: package(cells('<c r="A1"><v>' + "9" * 5_000_000 + "</v></c>")),
    "bomb: three million elements": lambda: package(cells("<c/>" * 3_000_000)),
    "bomb: a million cells and more": lambda: package(
        "".join(cells("<c><v>1</v></c>" * 2000, row=n) for n in range(1, 502))
    ),
    "bomb: a million shared texts and one": lambda: package(ONE, strings="<si><t>x</t></si>" * 1_000_001),
    "bomb: a million styles": lambda: package(ONE, styles="<cellXfs>" + "<xf/>" * 1_000_000 + "</cellXfs>"),
    "bomb: two hundred thousand merges and one": lambda: package(
        ONE, after=f"<mergeCells>{MERGE * 200_001}</mergeCells>"
    ),
    "bomb: every cell of a sheet through one repeat": lambda: ods_with(
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="1024" '
        'office:value-type="float" office:value="1"/></table:table-row>'
    ),
}

SHEETS = {
    "xlsx: cells at both corners": sheet(ONE + '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'),
    **{
        f"xlsx: a cell at {place!r}": sheet(cells(f'<c r="{place}"><v>1</v></c>'))
        for place in ("A0", "XFE1", "A1048577", "AAAA1", "1A", "a1", "$A$1", "", "A1:B2", "A-1", "甲1", "A1\u0301")
    },
    **{
        f"xlsx: row {number!r}": sheet(f'<row r="{number}"><c><v>1</v></c></row>')
        for number in ("0", "-1", "1048577", "99999999999999999999", "x", "1.5")
    },
    "xlsx: a cell twice": sheet(cells('<c r="A1"><v>1</v></c>', '<c r="A1"><v>2</v></c>')),
    "xlsx: a row twice": sheet(ONE + ONE),
    "xlsx: cells backwards": sheet(cells('<c r="C1"><v>1</v></c>', '<c r="A1"><v>2</v></c>')),
    **{
        f"xlsx: shared text {index}": sheet(cells(f'<c r="A1" t="s"><v>{index}</v></c>'), strings="<si><t>x</t></si>")
        for index in ("-1", "1", "4294967296", "x", "1e3", "٣")
    },
    "xlsx: four billion shared texts promised": lambda: with_part(
        "xl/sharedStrings.xml",
        lambda data: data.replace(b"<sst ", b'<sst count="4294967296" uniqueCount="4294967296" '),
        package(cells('<c r="A1" t="s"><v>0</v></c>'), strings="<si><t>x</t></si>"),
    ),
    "xlsx: a style that is not there": sheet(cells('<c r="A1" s="999999"><v>41555</v></c>')),
    "xlsx: a number format of a megabyte": sheet(
        cells('<c r="A1" s="0"><v>1</v></c>'),
        styles='<numFmts><numFmt numFmtId="200" formatCode="' + "y[" * 500_000 + '"/></numFmts>'
        '<cellXfs><xf numFmtId="200"/></cellXfs>',
    ),
    **{
        f"xlsx: a date of {raw}": sheet(
            cells(f'<c r="A1" s="0"><v>{raw}</v></c>'), styles='<cellXfs><xf numFmtId="14"/></cellXfs>'
        )
        for raw in ("NaN", "INF", "-1", "1e308", "2958466", "1e-400", "0x10", "1_0", "١٢")
    },
    "xlsx: an identity stored as a number": sheet(cells('<c r="A1"><v>110108198001011234</v></c>')),
    "xlsx: errors and formulas without results": sheet(
        cells('<c r="A1" t="e"><v>#REF!</v></c>', '<c r="B1"><f>A1</f></c>', '<c r="C1" t="e"/>')
    ),
    "xlsx: a formula of a megabyte": sheet(cells('<c r="A1"><f>' + "1+" * 500_000 + "1</f><v>1</v></c>")),
    "xlsx: a command as text": sheet(cells('<c r="A1" t="str"><v>=cmd|\' /C calc\'!A0</v></c>')),
    "xlsx: tags and colours as text": sheet(
        cells('<c r="A1" t="str"><v>&lt;script&gt;alert(1)&lt;/script&gt;_x001B_[31m</v></c>')
    ),
    "xlsx: lost characters": sheet(cells('<c r="A1" t="str"><v>花园\ufffd</v></c>')),
    "xlsx: a zero character": sheet(cells('<c r="A1" t="str"><v>a_x0000_b</v></c>')),
    "xlsx: half a character": sheet(cells('<c r="A1" t="str"><v>a_xD83D_b</v></c>')),
    "xlsx: a reference to half a character": sheet(cells('<c r="A1" t="str"><v>&#xD800;</v></c>')),
    "xlsx: a merge of the whole sheet": sheet(ONE, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "xlsx: a merge upside down": sheet(ONE, after='<mergeCells><mergeCell ref="C3:A1"/></mergeCells>'),
    "xlsx: a merge of nothing": sheet(ONE, after='<mergeCells><mergeCell ref="A1:"/><mergeCell/></mergeCells>'),
    "xlsx: hidden columns without end": sheet(ONE, before='<cols><col min="0" max="99999999" hidden="1"/></cols>'),
    "xlsx: hidden columns a hundred thousand times": sheet(ONE, before=f"<cols>{HIDDEN * 100_000}</cols>"),
    "xlsx: elements a hundred thousand deep": sheet(nested("x", 100_000)),
    "xlsx: rich text a hundred thousand deep": sheet(
        cells('<c r="A1" t="s"><v>0</v></c>'), strings="<si>" + nested("r", 100_000, "<t>x</t>") + "</si>"
    ),
    "xlsx: a hundred thousand attributes": sheet("<row " + " ".join(f'a{n}="1"' for n in range(100_000)) + "></row>"),
    "xlsx: not well-formed": sheet('<row r="1"><c r="A1">'),
    "xlsx: no UTF-8": lambda: with_part(SHEET, lambda data: data.replace(b"<v>1", b"<v>\xff\xfe")),
    "xlsx: UTF-16": lambda: with_part(SHEET, lambda data: data.decode().encode("utf-16")),
    "xlsx: UTF-7 by name": lambda: with_part(SHEET, lambda data: b'<?xml version="1.0" encoding="UTF-7"?>' + data),
    "xlsx: an encoding nobody knows": lambda: with_part(
        SHEET, lambda data: b'<?xml version="1.0" encoding="no-such"?>' + data
    ),
    "xlsx: a comment around cells": sheet(f"<!-- {ONE} -->"),
    "xlsx: cells in CDATA": sheet(cells(f'<c r="A1" t="str"><v><![CDATA[{ONE}]]></v></c>')),
    **{
        f"xlsx: a document type in {part}": doctype_in(part, DOCTYPE)
        for part in (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels")
    },
    "xlsx: an entity of a file": doctype_in(SHEET, XXE),
    "xlsx: a sheet elsewhere": relations('Target="worksheets/sheet1.xml"', 'Target="http://127.0.0.1/sheet1.xml"'),
    "xlsx: a sheet outside": relations('Target="worksheets/sheet1.xml"', 'Target="../../../../etc/passwd"'),
    "xlsx: a sheet that is the workbook": relations('Target="worksheets/sheet1.xml"', 'Target="workbook.xml"'),
    "xlsx: an external sheet": relations('Target="worksheets', 'TargetMode="External" Target="worksheets'),
    "xlsx: two relations of one number": relations('Id="r2"', 'Id="r1"'),
    "xlsx: two sheets of one name": workbook_xml(TWO_SHEETS, TWO_SHEETS * 2),
    "xlsx: two sheets of one content": workbook_xml(TWO_SHEETS, TWO_SHEETS + TWO_SHEETS.replace("表", "二")),
    "xlsx: six hundred sheets": workbook_xml(
        TWO_SHEETS, "".join(f'<sheet name="{n}" sheetId="{n}" r:id="x{n}"/>' for n in range(600))
    ),
    "xlsx: a sheet's name of a megabyte": workbook_xml('name="表"', 'name="' + "表" * 300_000 + '"'),
    "xlsx: a sheet's name of tags": workbook_xml('name="表"', 'name="&lt;b&gt;\'; drop table x;--"'),
    "xlsx: no sheets": workbook_xml(TWO_SHEETS, ""),
}


def xlsb(sheet_records=b"", change=None):
    """A binary workbook with other records in its sheet, or another part."""
    parts = parts_of(WRITERS["xlsb"]([Page("表", {(1, 1): "x", (2, 1): 2})]))
    if sheet_records:
        parts["xl/worksheets/sheet1.bin"] = record(129) + record(145) + sheet_records + record(146) + record(130)
    if change is not None:
        part, data = change
        parts[part] = data
    return zipped(parts)


def xlsb_row(number):
    return record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))


def xlsb_cell(kind, col, body):
    return record(kind, struct.pack("<II", col, 0) + body)


BINARIES = {
    "xlsb: a row outside": lambda: xlsb(xlsb_row(2_000_000) + xlsb_cell(5, 0, bytes(8))),
    "xlsb: a column outside": lambda: xlsb(xlsb_row(0) + xlsb_cell(5, 99_999, bytes(8))),
    "xlsb: a cell twice": lambda: xlsb(xlsb_row(0) + xlsb_cell(5, 0, bytes(8)) * 2),
    "xlsb: a shared text that is not there": lambda: xlsb(xlsb_row(0) + xlsb_cell(7, 0, struct.pack("<I", 2**32 - 1))),
    "xlsb: a text of four billion": lambda: xlsb(xlsb_row(0) + xlsb_cell(6, 0, struct.pack("<I", 2**32 - 2))),
    "xlsb: a short record": lambda: xlsb(xlsb_row(0) + record(5, b"\0")),
    "xlsb: a record longer than its part": lambda: xlsb(xlsb_row(0) + b"\x05\xff\xff\xff\x7f"),
    "xlsb: no number": lambda: xlsb(xlsb_row(0) + xlsb_cell(5, 0, struct.pack("<d", float("nan")))),
    "xlsb: infinity": lambda: xlsb(xlsb_row(0) + xlsb_cell(9, 0, struct.pack("<d", float("inf")) + bytes(10))),
    "xlsb: four billion shared texts promised": lambda: xlsb(
        change=("xl/sharedStrings.bin", record(159, b"\xff" * 8) + record(19, b"\0" + wide("x")) + record(160))
    ),
    "xlsb: an empty list of sheets": lambda: xlsb(change=("xl/workbook.bin", b"")),
    "xlsb: noise for a sheet": lambda: xlsb(change=("xl/worksheets/sheet1.bin", bytes(range(256)) * 40)),
    "xlsb: merges without end": lambda: xlsb(record(176, struct.pack("<4I", 0, 2**31, 0, 2**31)) * 3),
}


def ods_with(rows, head="", mimetype=b"application/vnd.oasis.opendocument.spreadsheet", manifest=None):
    parts = parts_of(WRITERS["ods"]([Page("表", {(1, 1): "x"})]))
    content = parts["content.xml"].decode()
    start, end = content.index("<table:table-row>"), content.index("</table:table>")
    parts["content.xml"] = (head + content[:start] + rows + content[end:]).encode()
    parts["mimetype"] = mimetype
    if manifest is not None:
        parts["META-INF/manifest.xml"] = manifest
    return zipped(parts)


def ods_cell(more, inside=""):
    return f"<table:table-row><table:table-cell {more}>{inside}</table:table-cell></table:table-row>"


OPEN_DOCUMENTS = {
    "ods: a text document": lambda: ods_with("", mimetype=b"application/vnd.oasis.opendocument.text"),
    "ods: a document type": lambda: ods_with("", head=DOCTYPE),
    "ods: encrypted": lambda: ods_with("", manifest=b"<manifest><encryption-data/></manifest>"),
    "ods: no number": lambda: ods_with(ods_cell('office:value-type="float" office:value="NaN"', "<text:p>5</text:p>")),
    "ods: a date that never was": lambda: ods_with(
        ods_cell('office:value-type="date" office:date-value="2013-02-30"', "<text:p>2013-02-30</text:p>")
    ),
    "ods: a cell outside": lambda: ods_with(
        '<table:table-row><table:table-cell table:number-columns-repeated="20000"/>'
        '<table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
    ),
    "ods: a span over everything": lambda: ods_with(
        ods_cell(
            'table:number-columns-spanned="9999999" table:number-rows-spanned="9999999" office:value-type="string"',
            "<text:p>x</text:p>",
        )
    ),
    "ods: a billion blanks": lambda: ods_with(
        ods_cell('office:value-type="string"', '<text:p>a<text:s text:c="999999999"/>b</text:p>')
    ),
    "ods: spans fifty thousand deep": lambda: ods_with(
        ods_cell('office:value-type="string"', "<text:p>" + nested("text:span", 50_000, "x") + "</text:p>")
    ),
    "ods: hidden rows without end": lambda: ods_with(
        '<table:table-row table:visibility="collapse" table:number-rows-repeated="9999999"/>' * 50
    ),
    "ods: tables in tables": lambda: ods_with(nested("table:table", 5_000)),
}


def raw_deflate(size):
    """Zeros, packed: what a bomb is made of."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(size)) + packer.flush()
