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


def propose(grid: Grid, matches: Sequence[HeaderMatch], catalogue: Catalogue, sheet: str) -> Found:
    """Refuse a sheet whole, naming the nearest layouts with what they lack and what stands there instead."""
    if not matches:
        forms = "、".join(dict.fromkeys(f"{form.code}{form.title_zh}" for form in catalogue.forms.values()))
        return Found("E22", sheet, None, None, "没有找到可识别的表头", f"应使用规定的表式：{forms}", severity="R")
    best = matches[0]
    texts = [_describe(match) for match in matches[:_NEAREST]]
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
        "请使用规定的表头，改正后重报；如确有新表式，请联系区指挥部增加版式",
        severity="R",
        form_code=best.form.code,
    )


def _describe(match: HeaderMatch) -> str:
    unknown = [f"“{header.rpartition('·')[2]}”({a1(match.bottom, col)})" for col, header in match.unmatched[:_NAMED]]
    missing = labels_of(match.form, match.missing)
    parts = [f"最接近{match.form.code}{match.layout.title}（版式{match.layout.id}，认出{len(match.located)}栏）"]
    if missing:
        parts.append(f"缺少“{missing}”")
    if unknown:
        parts.append(f"未识别的表头：{'、'.join(unknown)}")
    return "，".join(parts)


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
