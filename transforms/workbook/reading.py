"""Which reader a file needs, told by its first bytes; whatever goes wrong in it comes out as one kind of error."""

from __future__ import annotations

import re

from transforms.workbook import faults
from transforms.workbook.delimited import read_delimited
from transforms.workbook.encodings import decode_text, is_binary
from transforms.workbook.html import read_html
from transforms.workbook.model import Limits, UnreadableWorkbook, Workbook
from transforms.workbook.ods import read_ods
from transforms.workbook.ole import SIGNATURE, CompoundFile
from transforms.workbook.package import Package
from transforms.workbook.xls import read_xls
from transforms.workbook.xlsb import read_xlsb
from transforms.workbook.xlsx import read_xlsx, workbook_part
from transforms.workbook.xml2003 import read_xml2003

_ZIP = b"PK\x03\x04"
# A BIFF stream without its OLE container: how some programs, and Excel 2 to 4, write .xls
_BARE_BIFF = (b"\x09\x08", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00", b"\x09\x00\x04\x00", b"\x09\x00\x06\x00")
_OTHERS = (
    (b"%PDF", "PDF 文档"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"{\\rtf", "RTF 文档"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"PK\x05\x06", "空的压缩包"),
    (b"MIME-Version:", "单个文件网页（MHTML）"),
    (b"Message-ID:", "电子邮件"),
    (b"SQLite format 3", "数据库文件"),
)
_LONGEST_NAME = 255  # Excel allows 31
_HTML = re.compile(r"<\s*(?:!doctype\s+html|html|head|body|table|meta|frameset|style|div|center)\b", re.IGNORECASE)

_XML_2003 = re.compile(r"<(?:\w+:)?Workbook[\s>]")
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"


def read_workbook(data: bytes, limits: Limits = Limits()) -> Workbook:  # noqa: B008 - frozen
    """Read every sheet of a file; UnreadableWorkbook, and nothing else, for bytes that are not a sound workbook.

    (MemoryError passes: how much there is to be had says nothing about the file.)
    """
    try:
        workbook = _read(data, limits)
        if any(len(sheet.name) > _LONGEST_NAME for sheet in workbook.sheets):
            raise faults.damaged("工作表名称过长")
        return workbook
    except (UnreadableWorkbook, MemoryError):
        raise
    except Exception as error:
        raise faults.damaged("内容读不出来") from error


def _read(data: bytes, limits: Limits) -> Workbook:
    if not data:
        raise faults.damaged("文件是空的（0 字节）")
    if len(data) > limits.file_bytes:
        raise faults.too_large("文件字节数", len(data), limits.file_bytes)
    for magic, what in _OTHERS:
        if data.startswith(magic) and (len(magic) > 2 or is_binary(data)):
            raise faults.not_a_workbook(what)
    if data.startswith(_ZIP):
        return _read_zip(data, limits)
    if data.startswith(SIGNATURE):
        return _read_ole(data, limits)
    if data.startswith(_BARE_BIFF):
        return read_xls(data, limits)
    if is_binary(data):
        raise faults.not_a_workbook("无法识别的二进制格式")
    return _read_text(data, limits)


def _read_zip(data: bytes, limits: Limits) -> Workbook:
    package = Package(data, limits)
    if "word/document.xml" in package:
        raise faults.not_a_workbook("Word 文档（*.docx）")
    if "ppt/presentation.xml" in package:
        raise faults.not_a_workbook("演示文稿（*.pptx）")
    if "mimetype" in package and "content.xml" in package:
        return read_ods(package, limits)
    main = workbook_part(package)
    if main not in package:
        raise faults.not_a_workbook("普通压缩包")
    if main.lower().endswith(".bin"):
        return read_xlsb(package, main, limits)
    return read_xlsx(package, limits)


def _read_ole(data: bytes, limits: Limits) -> Workbook:
    folder = CompoundFile(data)
    names = folder.names
    if "EncryptedPackage" in names:
        raise faults.encrypted()
    for name in ("Workbook", "Book"):
        if name in names:
            return read_xls(folder.read(name), limits)
    if "WordDocument" in names:
        raise faults.not_a_workbook("Word 文档（*.doc）")
    if "PowerPoint Document" in names:
        raise faults.not_a_workbook("演示文稿（*.ppt）")
    raise faults.not_a_workbook("OLE 复合文档，其中没有工作簿")


def _read_text(data: bytes, limits: Limits) -> Workbook:
    text = decode_text(data)
    start = text[:8192].lstrip("\ufeff \t\r\n")
    if _XML_2003.search(start) and _SPREADSHEET in start:
        return read_xml2003(data, limits)
    if start.startswith("<"):
        if _HTML.search(start):
            return read_html(data, limits)
        raise faults.not_a_workbook("其他用途的 XML 文件")
    return read_delimited(text, limits)
