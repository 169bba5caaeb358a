"""How a figure may have been mistyped: what lies between what is written and what it should be."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

_TEN_THOUSAND = Decimal(10_000)


class Slip(NamedTuple):
    """One kind of slip; a lower rank is a likelier one."""

    code: str
    words: str
    rank: int


TRANSPOSED = Slip("TRANSPOSED", "相邻两位数字颠倒", 0)
UNIT = Slip("UNIT", "单位差一万倍", 0)
SIGN = Slip("SIGN", "正负号录错", 1)
POINT = Slip("POINT", "小数点错位", 1)
DIGIT = Slip("DIGIT", "一位数字录错", 2)
LENGTH = Slip("LENGTH", "漏录或多录一位数字", 2)
OTHER = Slip("OTHER", "数字录错", 4)


def slip_between(written: Decimal, likely: Decimal, last: Decimal) -> Slip:
    """Name the slip that makes one figure of the other; ``last`` is one unit of the last decimal written."""
    if written == -likely:
        return SIGN
    if written and likely:
        if written in (likely * _TEN_THOUSAND, likely / _TEN_THOUSAND):
            return UNIT
        if any(written in (likely.scaleb(k), likely.scaleb(-k)) for k in range(1, 7)):
            return POINT
    one, other = _digits(written, last), _digits(likely, last)
    if len(one) == len(other):
        apart = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        if len(apart) == 1:
            return DIGIT
        if len(apart) == 2 and apart[1] == apart[0] + 1 and one[apart[0]] == other[apart[1]]:
            return TRANSPOSED if one[apart[1]] == other[apart[0]] else OTHER
    short, long = sorted((one, other), key=len)
    if len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long))):
        return LENGTH
    return OTHER


def likeliest(written: Decimal, near: Decimal, leeway: Decimal, last: Decimal) -> tuple[Decimal, Slip]:
    """Of the figures within the rounding of what a total asks for, give the one that is the likeliest slip away."""
    found = [(slip_between(written, value, last), value) for value in _within(near, leeway, last)]
    slip, value = min(found, key=lambda each: (each[0].rank, abs(each[1] - near), each[1]))
    return value, slip


def _within(near: Decimal, leeway: Decimal, last: Decimal) -> Iterable[Decimal]:
    steps = int(leeway / last) if last else 0
    return (near + step * last for step in range(-steps, steps + 1))


def _digits(value: Decimal, last: Decimal) -> str:
    places = max(-int(last.normalize().as_tuple().exponent), 0)
    return f"{abs(value):.{places}f}".replace(".", "")
