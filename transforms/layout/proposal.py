"""What to say of a sheet that no layout fits: the nearest layouts, what they lack, what stands there instead."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.forms import Catalogue
from transforms.layout.findings import Found
from transforms.layout.grid import Grid
from transforms.layout.headers import HeaderMatch, labels_of
from transforms.workbook import a1

_NEAREST = 2
_NAMED = 6
_LONGEST = 20
_ACTION = "请使用规定的表头，改正后重报；如确有新表式，请联系区指挥部增加版式"


def propose(grid: Grid, matches: Sequence[HeaderMatch], catalogue: Catalogue, sheet: str) -> Found:
    """Refuse a sheet whole: the nearest layouts with what they lack and what stands there instead, where one is near.

    A layout is near where the sheet has half of what its form needs, and half of its columns are of that form: a few
    common words make no likeness.
    """
    near = [match for match in matches if is_near(match)]
    if not near:
        return _strange(grid, matches, catalogue, sheet)
    best = near[0]
    texts = [_describe(match) for match in near[:_NEAREST]]
    address = a1(best.bottom, best.unmatched[0][0]) if best.unmatched else a1(best.top, best.located[0].col)
    column = best.missing[0] if best.missing else None
    labels = labels_of(best.form, best.missing)
    return Found(
        "E22",
        sheet,
        address,
        column,
        "；".join(texts),
        f"表头应有：{labels}" if labels else "应使用规定的表式",
        _ACTION,
        severity="R",
        form_code=best.form.code,
    )


def is_near(match: HeaderMatch) -> bool:
    """Whether a sheet is like a form: it has half of what the form needs, and half of its columns are of it."""
    enough = 2 * len(match.missing) <= len(match.form.required)
    return enough and len(match.unmatched) <= len(match.located)


def _strange(grid: Grid, matches: Sequence[HeaderMatch], catalogue: Catalogue, sheet: str) -> Found:
    """Say that no form has such a header, quoting it only where its words mark it as one: other lines may name people.

    So of a sheet that holds no word of any header the forms are all that is told.
    """
    codes = list(dict.fromkeys(form.code for form in catalogue.forms.values()))
    expected = f"应使用规定的表式（{codes[0]}—{codes[-1]}）" if codes else "应使用规定的表式"
    if not matches:
        return Found("E22", sheet, None, None, "没有找到任何规定表式的表头", expected, _ACTION, severity="R")
    best = matches[0]
    known = "、".join(dict.fromkeys(found.header.rpartition("·")[2] for found in best.located[:_NAMED]))
    headers = _quoted(best)
    texts = ["表头不属于任何规定的表式", f"只有“{known}”见于{best.form.code}{best.layout.title}"]
    texts += [f"其余如{headers}均不认识"] if headers else []
    address = a1(best.bottom, min(found.col for found in best.located))
    return Found("E22", sheet, address, None, "，".join(texts), expected, _ACTION, severity="R")


def _describe(match: HeaderMatch) -> str:
    missing = labels_of(match.form, match.missing)
    parts = [f"最接近{match.form.code}{match.layout.title}（版式{match.layout.id}，认出{len(match.located)}栏）"]
    if missing:
        parts.append(f"缺少“{missing}”")
    if match.unmatched:
        parts.append(f"未识别的表头：{_quoted(match)}")
    return "，".join(parts)


def _quoted(match: HeaderMatch) -> str:
    """Quote the first unknown headers of a match, each once, at its cell and cut short."""
    named = {header.rpartition("·")[2]: col for col, header in reversed(match.unmatched)}
    texts = [
        (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…", a1(match.bottom, named[text])) for text in named
    ]
    return "、".join(f"“{text}”({address})" for text, address in texts[::-1][:_NAMED])


def unknown_column(grid: Grid, match: HeaderMatch, col: int, header: str, sheet: str) -> Found:
    """Warn about a column that is read by no one."""
    return Found(
        "E22",
        sheet,
        a1(match.bottom, col),
        None,
        f"表头“{header}”不在{match.form.code}{match.layout.title}的栏目中，该栏未载入",
        "应使用规定的表头",
        severity="W",
    )
