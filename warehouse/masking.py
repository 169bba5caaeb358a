"""What a release may not show: internal columns go, and texts lose phones, ID numbers, accounts, rooms and names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from warehouse.connection import literal

MASK = "***"

_PATTERNS = (
    r"1[3-9][0-9]([- ]?[0-9]{4}){2}",  # mobile phones, also in groups of four
    r"\(?0[0-9]{2,3}\)?[- ]?[0-9]{7,8}",  # landlines with an area code
    r"[0-9]{11,}[0-9Xx]?",  # ID numbers and accounts
    r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-Z][A-Z0-9]{5,6}",  # plates
    r"[0-9]+单元[0-9]+(室|号|房)?",  # rooms
)
# Digits that go on from others, or from a decimal point, are part of a number, not of a phone.
_GUARD = r"(^|[^0-9.])"


def expression(text: str, words: Iterable[str] = ()) -> str:
    """An SQL expression that masks personal data in the expression `text`; `words` are names masked everywhere."""
    for pattern in _PATTERNS:
        text = f"regexp_replace({text}, {literal(f'{_GUARD}({pattern})')}, {literal(chr(92) + '1' + MASK)}, 'g')"
    names = sorted({word.strip() for word in words if len(word.strip()) > 1}, key=lambda word: (-len(word), word))
    if names:
        text = f"regexp_replace({text}, {literal('|'.join(map(re.escape, names)))}, {literal(MASK)}, 'g')"
    return text
