"""Fills for the faulty cells: a copy of the cell's own style with our colour, so that all else stays as it was."""

from __future__ import annotations

import re

from transforms.slip.listing import Looks
from transforms.slip.splice import (
    CannotSpliceError,
    Edit,
    Element,
    append_to,
    apply,
    find,
    named,
    set_attribute,
    with_attribute,
)

# Colours nobody picks by chance: a slip that comes back is cleaned by them before it is marked anew.
FILLS = {"R": "FFF8696C", "Q": "FFFFA7A9", "W": "FFFFD977", "F": "FFB9C9DA"}
_FILL_ID = "fillId"


class Styles:
    """The styles part of a workbook, while styles are added to it."""

    def __init__(self, xml: bytes) -> None:
        self._xml = _unpainted(xml)
        found = find(self._xml, named("fonts", "font", "fills", "fill", "cellXfs", "xf"))
        self._groups = {name: _group(found, name) for name in ("fonts", "fills", "cellXfs")}
        xfs = self._groups["cellXfs"]
        self._xfs = [self._xml[e.start : e.end] for e in found if e.name == "xf" and xfs.start < e.start < xfs.end]
        self._sizes = {
            "fonts": _members(found, "font", self._groups["fonts"]),
            "fills": _members(found, "fill", self._groups["fills"]),
            "cellXfs": len(self._xfs),
        }
        if not self._xfs:
            raise CannotSpliceError("no cell styles")
        self._added: dict[str, list[bytes]] = {name: [] for name in self._groups}
        self._painted: dict[tuple[int, str], int] = {}
        self._fills: dict[str, int] = {}

    def painted(self, style: int, severity: str) -> int:
        """Give the style that is another one with the colour of a severity."""
        key = (style if 0 <= style < len(self._xfs) else 0, severity)
        if key not in self._painted:
            own = self._xfs[key[0]]
            [xf] = find(b"<a>" + own + b"</a>", named("xf"))
            start, length = xf.start - 3, xf.opened - xf.start
            tag = own[start : start + length]
            for name, value in ((_FILL_ID, str(self._fill(severity))), ("applyFill", "1")):
                tag = with_attribute(tag, Element("xf", xf.tag, {}, 0, len(tag)), name, value)
            self._painted[key] = self._add("cellXfs", tag + own[start + length :])
        return self._painted[key]

    def looks(self) -> Looks:
        """Add the styles of the list."""
        p = self._groups["cellXfs"].prefix
        title = self._font(f'<{p}b/><{p}sz val="14"/><{p}name val="宋体"/>')
        bold = self._font(f'<{p}b/><{p}sz val="10"/><{p}name val="宋体"/>')
        plain = self._font(f'<{p}sz val="10"/><{p}name val="宋体"/>')
        link = self._font(f'<{p}u/><{p}sz val="10"/><{p}color rgb="FF0563C1"/><{p}name val="宋体"/>')
        return Looks(
            title=self._list_style(title, 0),
            plain=self._list_style(plain, 0),
            header=self._list_style(bold, self._solid("FFE7E6E6")),
            link=self._list_style(link, 0),
            levels={severity: self._list_style(bold, self._fill(severity)) for severity in FILLS},
        )

    def result(self) -> bytes:
        """Give the part with everything added."""
        edits: list[Edit] = []
        for name, added in self._added.items():
            group = self._groups[name]
            if added:
                edits.append(set_attribute(self._xml, group, "count", str(self._sizes[name])))
                edits.append(append_to(self._xml, group, b"".join(added)))
        return apply(self._xml, edits)

    def _add(self, group: str, member: bytes) -> int:
        self._added[group].append(member)
        self._sizes[group] += 1
        return self._sizes[group] - 1

    def _font(self, inner: str) -> int:
        p = self._groups["fonts"].prefix
        return self._add("fonts", f"<{p}font>{inner}</{p}font>".encode())

    def _fill(self, severity: str) -> int:
        if severity not in self._fills:
            self._fills[severity] = self._solid(FILLS[severity])
        return self._fills[severity]

    def _solid(self, colour: str) -> int:
        p = self._groups["fills"].prefix
        pattern = f'<{p}patternFill patternType="solid"><{p}fgColor rgb="{colour}"/><{p}bgColor indexed="64"/>'
        return self._add("fills", f"<{p}fill>{pattern}</{p}patternFill></{p}fill>".encode())

    def _list_style(self, font: int, fill: int) -> int:
        p = self._groups["cellXfs"].prefix
        return self._add(
            "cellXfs",
            f'<{p}xf numFmtId="49" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" quotePrefix="1" applyFont="1" '
            f'applyFill="1" applyAlignment="1"><{p}alignment vertical="top" wrapText="1"/></{p}xf>'.encode(),
        )


def _unpainted(xml: bytes) -> bytes:
    """Take our own colours away: what was marked on an earlier slip may be right by now."""
    ours = re.compile("|".join(FILLS.values()).encode())
    edits: list[Edit] = []
    for fill in find(xml, named("fill")):
        if ours.search(xml[fill.start : fill.end]):
            none = f'<{fill.tag}><{fill.prefix}patternFill patternType="none"/></{fill.tag}>'
            edits.append((fill.start, fill.end, none.encode()))
    return apply(xml, edits)


def _group(found: list[Element], name: str) -> Element:
    group = next((element for element in found if element.name == name), None)
    if group is None or group.is_empty:
        raise CannotSpliceError(f"no {name} among the styles")
    return group


def _members(found: list[Element], name: str, group: Element) -> int:
    return sum(1 for each in found if each.name == name and group.start < each.start < group.end)
