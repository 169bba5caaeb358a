"""The ways senders write one thing: numbers in characters, building numbers, dates, full-width digits."""

import datetime as dt
from collections.abc import Callable, Mapping

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def chinese_number(number: int) -> str:
    """Write 1 to 9999 in characters: 三, 十二, 二十一, 一百零五."""
    written, pending_zero = "", False
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), map(int, str(number)), strict=True):
        if digit == 0:
            pending_zero = bool(written)
            continue
        written += (_DIGITS[0] if pending_zero else "") + _DIGITS[digit] + _PLACES[place]
        pending_zero = False
    return written.removeprefix("一") if written.startswith("一十") else written


def full_width(text: str) -> str:
    """Write digits in full width."""
    return text.translate(_FULL_WIDTH)


BUILDING_NUMBERS: Mapping[str, Callable[[int], str]] = {
    "3号楼": lambda number: f"{number}号楼",
    "3#": lambda number: f"{number}#",
    "3#楼": lambda number: f"{number}#楼",
    "3栋": lambda number: f"{number}栋",
    "３号楼": lambda number: full_width(f"{number}号楼"),
    "三号楼": lambda number: f"{chinese_number(number)}号楼",
}

WRITTEN_DATES: Mapping[str, Callable[[dt.date], str]] = {
    "2013.8.26": lambda day: f"{day.year}.{day.month}.{day.day}",
    "2013年8月26日": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "2013-08-26": lambda day: day.isoformat(),
    "2013/8/26": lambda day: f"{day.year}/{day.month}/{day.day}",
}
