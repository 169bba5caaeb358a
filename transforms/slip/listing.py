"""The first sheet of a slip: every finding on a line, with a link to its cell. Texts are never formulas."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemas.slips import LEVELS, LIST_SHEET, LIST_TITLE, NUMBER_LABEL
from transforms.slip.marks import Heading, Mark, counted, legend
from transforms.slip.splice import attribute, content
from transforms.workbook import a1, column_letter

COLUMNS = (
    ("序号", 6),
    ("级别", 9),
    ("工作表", 14),
    ("单元格", 9),
    ("栏目", 16),
    ("问题", 22),
    ("发现", 38),
    ("应为", 38),
    ("例如", 18),
    ("上次接收", 22),
    ("处理", 38),
)
_HEADER_ROW = 6
_LINK_COLUMN = 4
_HOW = "请在原工作表中改正标色的单元格（点“单元格”一栏可跳转），存盘后直接报回。本页不会被读取，不必删除。"


@dataclass(frozen=True)
class Looks:
    """Cell styles of the list, by their numbers in the workbook; ``levels`` by severity."""

    title: int
    plain: int
    header: int
    link: int
    levels: dict[str, int]


def free_name(taken: Collection[str]) -> str:
    """Find a name for the list that no sheet has."""
    folded = {name.casefold() for name in taken}
    number = 1
    name = LIST_SHEET
    while name.casefold() in folded:
        number += 1
        name = f"{LIST_SHEET}{number}"
    return name


def heading_lines(heading: Heading, marks: Sequence[Mark], remark: str | None) -> list[str]:
    """Say what the list is of and what to do with it."""
    return [
        LIST_TITLE,
        f"文件：{heading.file_name}　收到：{heading.received}　{counted(marks)}",
        " ".join(part for part in (_HOW, remark) if part),
        f"{NUMBER_LABEL}{heading.number}　{legend()}",
    ]


def line_of(number: int, mark: Mark) -> list[str]:
    """Give the texts of one line of the list."""
    return [
        str(number),
        LEVELS[mark.severity],
        mark.sheet or "",
        mark.address or "",
        mark.column or "",
        f"{mark.title}（{mark.code}）",
        mark.found,
        mark.should_be,
        mark.example or "",
        mark.accepted or "",
        mark.action,
    ]


def list_sheet(
    namespace: str, heading: Heading, marks: Sequence[Mark], remark: str | None, looks: Looks, sheets: Collection[str]
) -> bytes:
    """Write the sheet's XML. Cells of ``sheets`` are linked."""
    rows = [
        _row(number, [(1, text, looks.title if number == 1 else looks.plain)])
        for number, text in enumerate(heading_lines(heading, marks, remark), start=1)
    ]
    rows.append(_row(_HEADER_ROW, [(col, name, looks.header) for col, (name, _) in enumerate(COLUMNS, start=1)]))
    links = []
    for number, mark in enumerate(marks, start=1):
        row = _HEADER_ROW + number
        cells = []
        for col, text in enumerate(line_of(number, mark), start=1):
            style = looks.levels[mark.severity] if col == 2 else looks.plain
            if col == _LINK_COLUMN and mark.place is not None and mark.sheet in sheets:
                style = looks.link
                quoted = mark.place[0].replace("'", "''")
                target = attribute(f"'{quoted}'!{a1(*mark.place[1:])}")
                links.append(f'<hyperlink ref="{a1(row, col)}" location="{target}" display="{attribute(text)}"/>')
            cells.append((col, text, style))
        rows.append(_row(row, cells))
    widths = "".join(
        f'<col min="{col}" max="{col}" width="{width}" customWidth="1"/>'
        for col, (_, width) in enumerate(COLUMNS, start=1)
    )
    last = column_letter(len(COLUMNS))
    bottom = _HEADER_ROW + len(marks)
    merges = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in range(1, _HEADER_ROW - 1))
    linked = f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{namespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{bottom}"/>'
        f'<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="{_HEADER_ROW}" topLeftCell='
        f'"A{_HEADER_ROW + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols><sheetData>{"".join(rows)}</sheetData>'
        f'<mergeCells count="{_HEADER_ROW - 2}">{merges}</mergeCells>{linked}'
        '<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _row(number: int, cells: Sequence[tuple[int, str, int]]) -> str:
    written = "".join(
        f'<c r="{a1(number, col)}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{content(text)}</t></is></c>'
        for col, text, style in cells
    )
    high = f' ht="{_height(cells)}" customHeight="1"'
    return f'<row r="{number}"{high}>{written}</row>'


def _height(cells: Sequence[tuple[int, str, int]]) -> int:
    """Give the points a row needs: Chinese characters take two of a column's width."""
    if len(cells) == 1:
        width = sum(width for _, width in COLUMNS)
        lines = -(-_wide(cells[0][1]) // width)
    else:
        lines = max(-(-_wide(text) // (COLUMNS[col - 1][1] - 1)) for col, text, _ in cells)
    return 15 * max(1, min(lines, 12)) + 2


def _wide(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
