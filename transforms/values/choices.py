"""Ticks, lists and cells that say two things at once."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from transforms.values.dates import parse_date
from transforms.values.outcome import BLANK, Outcome, ValueFault, refuse
from transforms.values.texts import LONGEST_VALUE, cell_text, is_null, plain, quote
from transforms.workbook.model import Cell

_YES = frozenset(("√", "✓", "✔", "●", "■", "☑", "☒", "✅", "◆", "v", "1", "1.0", "是", "有", "y", "yes", "true", "对"))
_NO = frozenset(("", "×", "✗", "✘", "✕", "○", "□", "☐", "◇", "x", "0", "0.0", "否", "无", "没有", "n", "no", "false"))
_TICKED = "☑☒■●√✓✔✅"
_BOX = re.compile(rf"([{_TICKED}□☐○×])\s*([^{_TICKED}□☐○×]*)")
_BOX_BEHIND = re.compile(rf"([^{_TICKED}□☐○×]+)([{_TICKED}□☐○×])")
_SEPARATORS = re.compile(r"[、，,；;/／\r\n]+")
_STATES = re.compile(r"[、，,；;/／+\r\n]+")
_DATE_IN_TEXT = re.compile(
    r"(?:\d{4}|\d{2})\s*[年./-]\s*\d{1,2}(?:\s*[月./-]\s*\d{1,2}\s*[日号]?|月)?|\d{1,2}月\d{1,2}日?"
)


def parse_boolean(cell: Cell | str) -> Outcome:
    """Read a tick: √ ● ■ ☑ 1 是 有 is yes; × ○ □ 0 否 无, a dash or a blank is no."""
    if isinstance(cell, Cell):
        if cell.kind == "boolean":
            return Outcome(cell.value)
        if cell.kind in ("error", "no_value"):
            return refuse("E42", f"{quote(cell)} 没有可用的值", "应为 是 或 否")
    text = cell_text(cell)
    return (
        _tick_from_text(text)
        if len(text) <= LONGEST_VALUE
        else refuse("E41", f"{quote(text)} 不是 是/否", "应为 是 或 否")
    )


parse_tick = parse_boolean


@lru_cache(maxsize=4096)
def _tick_from_text(text: str) -> Outcome:
    word = plain(text).lower()
    if word in _YES:
        return Outcome(True)
    if word in _NO or is_null(text):
        return Outcome(False)
    chosen = parse_ticks(text)
    if len(chosen) == 1 and plain(chosen[0]).lower() in _YES | _NO:
        return Outcome(plain(chosen[0]).lower() in _YES)
    return refuse("E41", f"{quote(text)} 不是 是/否", "应为 是（√）或 否（空）")


def parse_ticks(text: str) -> tuple[str, ...]:
    """Return the options ticked in a cell of boxes: □市本级☑临川区 → (临川区,). The boxes may stand behind as well."""
    pairs = _BOX.findall(text) if _BOX.match(text.lstrip()) else [pair[::-1] for pair in _BOX_BEHIND.findall(text)]
    labels = (label.strip(" 　、，,；;/\r\n\t") for mark, label in pairs if mark in _TICKED)
    return tuple(label for label in labels if label)


def parse_list(cell: Cell | str) -> Outcome:
    """Read a list separated by 、 ， ; / or line breaks into a tuple of texts as written; a blank is no list."""
    text = cell_text(cell)
    if is_null(text):
        return BLANK
    return Outcome(tuple(item for part in _SEPARATORS.split(text) if (item := part.strip()) and not is_null(item)))


class Status(NamedTuple):
    """The state words of a cell as written, the date among them, and a note where there was more than one thing."""

    labels: tuple[str, ...]
    date: Outcome | None = None
    fix: ValueFault | None = None


def split_status(text: str, default_year: int | None = None) -> Status:
    """Split 完成2016-3-15 into state and date, 主体/装饰 into two states (E24); one state, or prose, stays one."""
    if is_null(text):
        return Status(())
    return _split_status(text, default_year) if len(text) <= LONGEST_VALUE else Status((text.strip(),))


@lru_cache(maxsize=16384)
def _split_status(text: str, default_year: int | None) -> Status:
    found = _DATE_IN_TEXT.search(plain(text))
    date = None
    words = text
    if found is not None:
        candidate = parse_date(found[0], default_year)
        if candidate.value is not None or candidate.fault is not None:
            date = candidate
            whole = plain(text)
            words = f"{whole[: found.start()]}/{whole[found.end() :]}"
    labels = tuple(part for piece in _STATES.split(words) if (part := piece.strip(" 　()（）:：")))
    fix = None
    if date is not None and labels:
        fix = ValueFault("E24", f"{quote(text)} 同时含有状态和日期", "已拆开")
    elif len(labels) > 1:
        fix = ValueFault("E24", f"{quote(text)} 含有两个状态", "已拆开")
    return Status(labels, date, fix)


_STOREYS_BELOW = re.compile(r"(?:地上)?(\d{1,3})层?[/、,]?(?:-|地下|负)(\d{1,2})层?")
_STOREYS_ABOVE = re.compile(r"(?:地上)?(\d{1,3})层?")


def parse_storeys(cell: Cell | str) -> Outcome:
    """Read storeys above and below ground: 6/-1, 地上6地下1, 6层 → (6, 1) or (6, None)."""
    if isinstance(cell, Cell) and cell.kind in ("error", "no_value", "date", "boolean"):
        code = "E42" if cell.kind in ("error", "no_value") else "E41"
        return refuse(code, f"{quote(cell)} 不是层数", "应为层数，如 6 或 6/-1")
    text = cell_text(cell)
    if is_null(text):
        return BLANK
    body = "".join(plain(text).replace("−", "-").split())
    both = _STOREYS_BELOW.fullmatch(body)
    if both is not None:
        return Outcome((int(both[1]), int(both[2])))
    above = _STOREYS_ABOVE.fullmatch(body)
    if above is not None:
        return Outcome((int(above[1]), None))
    return refuse("E41", f"{quote(cell)} 不是层数", "应为层数，如 6 或 6/-1")
