"""Rules about the order of two days, and about what must not stand in free text."""

import polars as pl

from schemas.forms.base import Rule
from schemas.reasons import Severity

# A mobile number, an identity card's number, the number of an account: DOMAIN section 11.
_PERSONAL = r"(?:^|\D)(?:1[3-9]\d{9}|\d{17}[\dXx]|\d{12,})(?:\D|$)"


def not_before(later: str, earlier: str, expected_zh: str, code: str = "E06", severity: Severity | None = None) -> Rule:
    """Hold that one day is not before another; unknown where either is missing."""
    return Rule(code, f"{later}_not_before_{earlier}", pl.col(later) >= pl.col(earlier), later, expected_zh, severity)


def no_personal_data(column: str) -> Rule:
    """Warn of phones and numbers of cards or accounts in a free text; its words are never quoted."""
    clean = ~pl.col(column).str.contains(_PERSONAL)
    return Rule("E21", f"{column}_without_personal_data", clean, column, "正文中不写电话、证件号、账号")
