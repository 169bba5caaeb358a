"""What every value form shares: comparable text, blanks, quoting in a fault, pinyin copied along from web pages."""

from __future__ import annotations

import re
import unicodedata

from transforms.workbook.model import Cell

_NULLS = frozenset(
    (
        *("", "-", "--", "---", "—", "——", "–", "―", "−", "/", "//", "\\", "×", "x", "..", "...", "......", "。。。"),
        *("无", "暂无", "未签", "待定", "不详", "n/a", "na", "null", "none", "(空)", "(无)", "空", "空白"),
    )
)
_ABOVE = frozenset(("同上", "〃", "″", '"', "''", "′′", "同上行", "同前"))
_LEFT = frozenset(("同左",))
LONGEST_REPEAT = 7
"""No word for 同上 or 同左 is longer, blanks around it included."""
_PINYIN = re.compile(r"(?<=[一-鿿])[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]+[)）]")
_PRIVATE = re.compile(r"\d{11,}")
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_QUOTED = 40
# No number, date or tick is longer; longer text is prose, and is kept out of the caches.
LONGEST_VALUE = 200


def cell_text(cell: Cell | str) -> str:
    """Return the text as received of a cell; the stored result, not the formula, of a formula that has one."""
    if isinstance(cell, str):
        return cell
    return cell.value if isinstance(cell.value, str) else cell.text


def plain(text: str) -> str:
    """Return the text in half width and without blanks at its ends (NFKC turns ㎡ into m2, ： into :)."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).strip()


def is_null(text: str) -> bool:
    """Whether the text says that there is no value: blank, a dash, 无, 暂无, 未签, 待定, 不详, N/A, × and so on.

    Not for columns of free text, where 无 is an answer, nor for ticks, where × is.
    """
    return plain(text).lower() in _NULLS if len(text) < 12 else not text.strip()


def is_same_as_above(text: str) -> bool:
    """Whether the text repeats the cell above: 同上, 〃."""
    return len(text) <= LONGEST_REPEAT and (text.strip() in _ABOVE or plain(text) in _ABOVE)


def is_same_as_left(text: str) -> bool:
    """Whether the text repeats the cell to the left: 同左."""
    return len(text) <= LONGEST_REPEAT and text.strip() in _LEFT


def strip_pinyin(text: str) -> str:
    """Drop the readings that come along when text is copied from some web pages: 網(wǎng)."""
    return _PINYIN.sub("", text) if "(" in text or "（" in text else text


def quote(cell: Cell | str) -> str:
    """Quote a cell in a fault: one line, cut short, without any number long enough to be a phone or an identity.

    Signs that command a terminal or turn the writing round are not repeated.
    """
    text = _HARMFUL.sub("�", " ".join(cell_text(cell).split()))
    text = _PRIVATE.sub(lambda match: "*" * len(match[0]), plain(text))
    return f"“{text[:_QUOTED]}…”" if len(text) > _QUOTED else f"“{text}”"
