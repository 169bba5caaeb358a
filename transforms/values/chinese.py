"""Numbers written in Chinese characters, as far as dates and small counts need them."""

from __future__ import annotations

import re

_DIGITS = {"〇": 0, "零": 0, "○": 0, "两": 2} | {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_NUMERAL = "〇零○一二三四五六七八九十廿卅"
_BEFORE_UNIT = re.compile(rf"[{_NUMERAL}]+(?=年|月|日|号)")
_HUNDREDS = re.compile(r"(?:([一二三四五六七八九两])百)?(零)?(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?")


def read_numeral(text: str) -> int | None:
    """Return 12 for 十二, 120 for 一百二十, 2013 for 二〇一三; None for anything else."""
    if not text or any(character not in _NUMERAL + "百两" for character in text):
        return None
    if "十" not in text and "百" not in text and not {"廿", "卅"} & set(text):
        return int("".join(str(_DIGITS[character]) for character in text))
    match = _HUNDREDS.fullmatch(text.replace("廿", "二十").replace("卅", "三十"))
    if match is None:
        return None
    hundreds, _, tens, ten, ones = match.groups()
    return (
        _DIGITS.get(hundreds or "", 0) * 100
        + (_DIGITS.get(tens or "", 1) * 10 if ten else 0)
        + _DIGITS.get(ones or "", 0)
    )


def arabic_dates(text: str) -> str:
    """Write the numerals before 年, 月, 日, 号 in digits: 二〇一三年五月 → 2013年5月."""
    return _BEFORE_UNIT.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    number = read_numeral(match[0])
    return match[0] if number is None else str(number)
