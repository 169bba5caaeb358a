"""Bytes of a text file → text: byte order marks first, then what decodes without a single error."""

from __future__ import annotations

import codecs
import re

from transforms.workbook.model import UnreadableWorkbook

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes no text has: below the blank, other than tab, line ends, form feed and escape.
_BINARY = bytes(set(range(1, 32)) - {9, 10, 11, 12, 13, 27})
_USUAL = re.compile(r"[\t\r\n -~\u00a0-\u00ff\u2010-\u2605\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_HANZI = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_SAMPLE = 4096


def decode_text(data: bytes) -> str:
    """Decode UTF-8, UTF-16 (with or without its mark) or GB18030; UnreadableWorkbook (E23) where nothing fits."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data, encoding)
    unmarked = _unmarked_utf16(data)
    if unmarked is not None:
        return _decode(data, unmarked)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        if _is_damaged_utf8(data):
            raise garbled_text() from None
        return _decode(data, "gb18030")


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 with a fault in it, which read as GB18030 would be other characters without an error.

    Chinese in GB18030 hardly ever makes characters of UTF-8; in damaged UTF-8 nearly all of them are whole.
    """
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    return len(_HANZI.findall(text)) > 4 * lost


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise garbled_text() from error


def garbled_text() -> UnreadableWorkbook:
    """The bytes are text in no encoding we know, or with characters lost."""
    return UnreadableWorkbook(
        "E23",
        "文件文字编码无法识别，或含有乱码字符",
        "UTF-8 或 GB18030 编码的文本，或 Excel 工作簿",
        "请用 Excel 或 WPS 打开原文件，另存为“Excel 工作簿（*.xlsx）”后重新报送",
    )


def _unmarked_utf16(data: bytes) -> str | None:
    """Tell UTF-16 without its mark: it has zero bytes, and read the right way round only usual characters."""
    sample = data[:_SAMPLE]
    if b"\x00" not in sample or len(data) % 2:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "replace")
        if len(_USUAL.findall(text)) >= 0.97 * len(text):
            return encoding
    return None


def is_binary(data: bytes) -> bool:
    """Whether the bytes are no text at all."""
    if data.startswith(tuple(mark for mark, _ in _MARKS)):
        return False
    sample = data[:_SAMPLE]
    if b"\x00" in sample:
        return _unmarked_utf16(data) is None
    return sum(sample.count(byte) for byte in _BINARY) > len(sample) // 200


def check_lost(text: str) -> str:
    """Return the text; UnreadableWorkbook (E23) where characters were lost before it reached us."""
    if "\ufffd" in text or "\x00" in text:
        raise garbled_text()
    return text
