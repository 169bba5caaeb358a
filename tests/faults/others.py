"""Attacks that are no packages: .xls, texts, web pages, and files that are something else."""

import gzip
import io
import os
import pickle
import random
import struct

import xlwt

from tests.faults.packages import DOCTYPE, MB, XXE, nested
from tests.transforms.books import WRITERS, Page
from tests.transforms.test_workbook import package, renamed_stream
from transforms.workbook.ole import CompoundFile

ROWS = Page("表", {(row, col): f"第{row}行" if col == 1 else row for row in range(1, 400) for col in (1, 2)})


def xls():
    return WRITERS["xls"]([ROWS])


def xls_with(at, form, *values):
    """The .xls with numbers put at a place of its compound file."""
    data = bytearray(xls())
    struct.pack_into(form, data, at, *values)
    return bytes(data)


def fat_of(data):
    return 512 + struct.unpack_from("<I", data, 76)[0] * 512


def entry_of(data, name="Workbook"):
    return data.index(f"{name}\0".encode("utf-16-le").ljust(64, b"\0"))


def biff(*records):
    """A bare BIFF8 stream of one sheet whose records are given."""
    bof = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    inner = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + b"".join(records) + record(0x0A)
    name = "表".encode("utf-16-le")
    size = 4 + 8 + len(name)
    bound = record(0x85, struct.pack("<IBBBB", len(bof) + size + 4, 0, 0, 1, 1) + name)
    return bof + bound + record(0x0A) + inner


def record(kind, body=b""):
    return struct.pack("<HH", kind, len(body)) + body


def number(row, col, value=1.0):
    return record(0x203, struct.pack("<HHHd", row, col, 0, value))


def patched_stream(old, new):
    """The .xls with bytes of its stream changed where they stand."""
    data = xls()
    assert old in data
    return data.replace(old, new, 1)


def sst(count):
    data = bytearray(xls())
    at = data.index(struct.pack("<H", 0xFC), data.index(struct.pack("<H", 0x85)))
    struct.pack_into("<II", data, at + 4, count, count)
    return bytes(data)


def password():
    """An .xls whose first record says that the others are encrypted."""
    data = bytearray(xls())
    at = data.index(struct.pack("<HH", 0x42, 2))
    struct.pack_into("<HHH", data, at, 0x2F, 2, 0x1234)
    return bytes(data)


def many_sheets(count):
    book = xlwt.Workbook()
    for place in range(count):
        book.add_sheet(str(place))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


BIFF = {
    **{f"xls: cut at {n} of 8": (lambda n=n: (d := xls())[: len(d) * n // 8]) for n in range(1, 8)},
    "xls: a sector of a megabyte": lambda: xls_with(30, "<H", 20),
    "xls: small sectors of another size": lambda: xls_with(32, "<H", 3),
    "xls: a directory outside": lambda: xls_with(48, "<I", 0x7FFFFFFF),
    "xls: a directory that runs in a circle": lambda: xls_with(fat_of(xls()), "<40I", *([1, 0] * 20)),
    "xls: a table of sectors outside": lambda: xls_with(76, "<I", 0x00FFFFFF),
    "xls: a table of sectors twice": lambda: xls_with(76, "<II", 0, 0),
    "xls: a list of tables in a circle": lambda: xls_with(68, "<I", 0),
    "xls: a stream of two gigabytes": lambda: xls_with(entry_of(xls()) + 120, "<I", 0x7FFFFFFF),
    "xls: a stream that begins outside": lambda: xls_with(entry_of(xls()) + 116, "<I", 0x00FFFFFF),
    "xls: a stream of no bytes": lambda: xls_with(entry_of(xls()) + 120, "<I", 0),
    "xls: no workbook in it": lambda: renamed_stream("Contents"),
    "xls: a text document": lambda: renamed_stream("WordDocument"),
    "xls: an encrypted package": lambda: renamed_stream("EncryptedPackage"),
    "xls: encrypted": password,
    "xls: four billion shared texts": lambda: sst(0xFFFFFFFF),
    "xls: no shared texts": lambda: sst(0),
    "xls: six hundred sheets": lambda: many_sheets(600),
    "xls: header only": lambda: CompoundFile(xls())._data[:512],
    "xls: zeros behind the header": lambda: xls()[:512] + bytes(20_000),
    "biff: a sheet elsewhere": lambda: biff(number(0, 0)).replace(
        struct.pack("<I", 38), struct.pack("<I", 0x7FFFFFFF), 1
    ),
    "biff: a sheet in itself": lambda: biff(biff(number(0, 0))),
    "biff: a record longer than the file": lambda: biff(struct.pack("<HH", 0x203, 0xFFFF)),
    "biff: no end": lambda: biff(number(0, 0))[:-4],
    "biff: a short record": lambda: biff(record(0x203, b"\0")),
    "biff: a cell twice": lambda: biff(number(0, 0), number(0, 0)),
    "biff: no number": lambda: biff(number(0, 0, float("nan"))),
    "biff: infinity": lambda: biff(number(0, 0, float("inf"))),
    "biff: the last row and column": lambda: biff(number(65535, 255)),
    "biff: a column that is none": lambda: biff(number(0, 65535)),
    "biff: numbers in a row backwards": lambda: biff(record(0xBD, struct.pack("<HHHIH", 0, 9, 0, 0, 3))),
    "biff: a shared text that is not there": lambda: biff(record(0xFD, struct.pack("<HHHI", 0, 0, 0, 2**32 - 1))),
    "biff: a formula without its text": lambda: biff(
        record(6, struct.pack("<HHH8sHIH", 0, 0, 0, b"\0\0\0\0\0\0\xff\xff", 0, 0, 0))
    ),
    "biff: merges that are not there": lambda: biff(number(0, 0), record(0xE5, struct.pack("<H", 65535))),
    "biff: ten thousand sheets in each other": lambda: biff(record(0x809, struct.pack("<HH", 0x600, 0x20)) * 10_000),
    "biff: twenty thousand rows": lambda: biff(
        *(record(0x208, struct.pack("<HHHHHHI", row, 0, 256, 0, 0, 0, 0x20)) for row in range(20_000)), number(0, 0)
    ),
    "biff: version 2": lambda: record(0x09, struct.pack("<HH", 2, 0x10)) + record(0x0A),
    "biff: version 4": lambda: record(0x409, struct.pack("<HHH", 0, 0x10, 0)) + number(0, 0) + record(0x0A),
    "biff: noise": lambda: biff(random.Random(1).randbytes(20_000)),
}


def spreadsheet(inside, head='<?xml version="1.0"?>', encoding="utf-8"):
    names = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    body = f'<Workbook {names}><Worksheet ss:Name="表"><Table>{inside}</Table></Worksheet></Workbook>'
    return (head + body).encode(encoding)


def xml_cell(more="", text="x"):
    return f'<Row><Cell {more}><Data ss:Type="String">{text}</Data></Cell></Row>'


XML_2003 = {
    "xml: a document type": lambda: spreadsheet(xml_cell(), head=DOCTYPE),
    "xml: an entity of a file": lambda: spreadsheet(xml_cell(text="&a;"), head=XXE),
    **{
        f"xml: {name}={value}": (lambda name=name, value=value: spreadsheet(xml_cell(f'ss:{name}="{value}"')))
        for name in ("Index", "MergeAcross", "MergeDown")
        for value in ("99999999", "-1", "x")
    },
    "xml: a row outside": lambda: spreadsheet('<Row ss:Index="9999999"/>'),
    "xml: a row twice": lambda: spreadsheet((xml_cell().replace("<Row>", '<Row ss:Index="1">')) * 2),
    "xml: rows hidden again and again": lambda: spreadsheet(
        '<Row ss:Index="1" ss:Span="1000000" ss:Hidden="1"/>' * 200
    ),
    "xml: not well-formed": lambda: spreadsheet("<Row><Cell>"),
    "xml: an encoding that lies": lambda: (
        spreadsheet(xml_cell(text="花园"), head='<?xml version="1.0" encoding="gb2312"?>') + b"\xff"
    ),
    "xml: a hundred thousand deep": lambda: spreadsheet(nested("x", 100_000)),
    "xml: another document": lambda: b'<?xml version="1.0"?><invoice><Workbook/></invoice>',
    "xml: a picture with a script": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
}


def page(inside, encoding="utf-8"):
    return f"<html><body>{inside}</body></html>".encode(encoding)


PAGES = {
    "html: no table": lambda: page("<p>你好</p>"),
    "html: a frame set": lambda: b"<html><frameset><frame src=a></frameset></html>",
    "html: tables fifty thousand deep": lambda: page("<table><tr><td>" * 50_000),
    "html: half a million open cells": lambda: page("<table><tr>" + "<td>x" * 20_000 + "<tr><td>y"),
    "html: cells wider than any": lambda: page('<table><tr><td colspan="99999999">x</td></tr></table>'),
    "html: cells wide a thousand times": lambda: page("<table><tr>" + "<td colspan=1000>x" * 20 + "</table>"),
    "html: cells taller than any": lambda: page("<table>" + "<tr><td rowspan=65534 colspan=1000>x" * 300 + "</table>"),
    "html: comments that never end": lambda: page("<table><tr><td>x</td></tr></table>" + "<!--" * 50_000),
    "html: declarations that never end": lambda: page("<table><tr><td>x</td></tr></table>" + "<![" * 50_000),
    "html: tags that never end": lambda: page("<table><tr><td>x</td></tr></table>" + "<a " * 50_000),
    "html: a charset that is no text": lambda: b"<html><meta charset=zlib><table><tr><td>x</table>",
    "html: a charset that takes for ever": lambda: b"<html><meta charset=punycode><table><tr><td>" + b"x" * 300_000,
    "html: lost characters": lambda: page("<table><tr><td>花\ufffd</td></tr></table>"),
    "html: a zero character": lambda: page("<table><tr><td>a&#0;b\x00</td></tr></table>"),
    "html: no number": lambda: page('<table><tr><td x:num="NaN">5</td><td x:num="1e999">6</td></tr></table>'),
    "html: scripts and tags": lambda: page("<table><tr><td><script>x</script>&lt;b&gt;</td></tr></table>"),
}

TEXTS = {
    "csv: zeros in it": lambda: b"a,b\n\x00\x00,1\n" * 50,
    "csv: a quote never closed": lambda: b'a,b\n"' + b"x,1\n" * 40_000,
    "csv: half a million quotes": lambda: b"a,b\n" + b'"' * 500_001 + b",1\n",
    "csv: quotes and commas in turn": lambda: b"a,b\n" + b'",' * 300_000 + b"\n",
    "csv: a field of 200 KB": lambda: b"a,b\n" + b"x" * 200_000 + b",1\n",
    "csv: twenty thousand columns": lambda: b"," * 20_000 + b"\n",
    "csv: one line of 30 MB": lambda: b"a,b\n" + b"x" * (30 * MB),
    "csv: line ends of all kinds": lambda: b"a,b\r\nc,d\re,f\ng,h",
    "csv: a mark and nothing": lambda: b"\xef\xbb\xbf",
    "csv: half a character of UTF-16": lambda: "a,b\n".encode("utf-16") + b"\x00",
    "csv: a broken pair of UTF-16": lambda: b"\xff\xfe" + b"a\0,\0\x00\xd8\n\0",
    "csv: broken GB18030": lambda: "花园,1\n".encode("gb18030") * 100 + b"\x81",
    "csv: UTF-8 that is none": lambda: "花园,1\n".encode() * 100 + b"\xe8\x8a,1\n",
    "csv: UTF-7": lambda: b"+ADw-script+AD4-,1\n" * 10,
    "csv: UTF-32": lambda: "a,b\nc,d\n".encode("utf-32"),
    "csv: commands": lambda: b"=cmd|' /C calc'!A0,@SUM(1)\n+1,-1\n",
    "csv: errors as text": lambda: b"a,b\n#REF!,#N/A\n",
    "csv: no columns": lambda: "只有一段话。\n".encode() * 10,
    "csv: blanks only": lambda: b" , \n" * 1000,
}

LARGE = {
    "csv: a million rows and more": lambda: b"1\t\n" * 1_100_000,
    "csv: three million fields in rows": lambda: (b"1," * 1000 + b"\n") * 3000,
    "csv: a quote never closed over 200,000 lines": lambda: b'a,b\n"' + b"x,1\n" * 200_000,
    "xml: a million rows hidden two hundred times": lambda: spreadsheet(
        '<Row ss:Index="1" ss:Span="1000000" ss:Hidden="1"/>' * 200
    ),
    "other: gzip of 300 MB": lambda: gzip.compress(bytes(300 * MB), mtime=0),
}

PICKLE = pickle.dumps({"a": 1})
OTHERS = {
    "other: nothing": lambda: b"",
    "other: one byte": lambda: b"P",
    "other: a megabyte of zeros": lambda: bytes(MB),
    "other: noise": lambda: random.Random(2013).randbytes(65_536),
    "other: PDF": lambda: b"%PDF-1.4\n" + bytes(range(256)) * 20,
    "other: a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "other: a photograph": lambda: b"\xff\xd8\xff\xe0" + bytes(1000),
    "other: RTF": lambda: b"{\\rtf1\\ansi}",
    "other: RAR": lambda: b"Rar!\x1a\x07\x00" + bytes(100),
    "other: 7z": lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "other: gzip of a workbook": lambda: gzip.compress(package('<row r="1"><c r="A1"><v>1</v></c></row>'), mtime=0),
    "other: gzip of a text": lambda: gzip.compress(b"a,b\n1,2\n", mtime=0),
    "other: gzip of 20 MB": lambda: gzip.compress(bytes(20 * MB), mtime=0),
    "other: a program": lambda: b"\x7fELF\x02\x01\x01" + bytes(1000),
    "other: a program of Windows": lambda: b"MZ\x90\x00" + bytes(1000),
    "other: a script": lambda: b"#!/bin/sh\nrm -rf /\n",
    "other: a pickle": lambda: PICKLE + b"cos\nsystem\n(S'true'\ntR.",
    "other: a database": lambda: b"SQLite format 3\0" + bytes(1000),
    "other: a DuckDB database": lambda: bytes(8) + b"DUCK" + bytes(1000),
    "other: Parquet": lambda: b"PAR1" + bytes(range(1, 200)) + b"PAR1",
    "other: Arrow": lambda: b"ARROW1\0\0" + bytes(1000),
    "other: a letter": lambda: b"Message-ID: <a@b>\r\nSubject: x\r\n\r\nhello",
    "other: a page in one file": lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n",
    "other: JSON": lambda: b'{"a": [1, 2, {"b": "c,d"}]}\n' * 100,
    "other: its own program": lambda: open(os.path.abspath(__file__), "rb").read(),  # noqa: SIM115
}
