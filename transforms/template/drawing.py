"""A planned blank form becomes an .xlsx: the same bytes for the same schema."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from schemas.columns import Column
from schemas.examples import Example, as_text
from schemas.forms import Catalogue, Form
from transforms.template.plan import Field, Plan, Slot, plan_form
from transforms.workbook import a1, column_letter

ROWS = 40
"""Rows to fill in; more can be inserted."""

_LISTS = "选项"
_MADE = dt.datetime(2013, 1, 1)
_TITLE_ROW = 1
_FIRST_SLOT_ROW = 2
_WIDE_TEXTS = ("content", "description", "address", "problems", "progress_text", "delay_reason", "next_month_plan")
_KINDS = {
    "text": "文字",
    "code": "从下拉列表中选",
    "list": "多项之间用“、”分开",
    "flags": "可多选，各项之间用“、”分开",
    "integer": "整数",
    "storeys": "层数，整数",
    "decimal": "数字",
    "ratio": "百分数",
    "date": "日期，如2013-9-26；尚未发生的留空",
    "month": "月份，如2013年9月",
    "year": "年份，如2013",
    "year_range": "年份，如1982",
    "boolean": "是的打“√”",
}
_NUMBER_FORMATS = {"integer": "0", "storeys": "0", "decimal": "0.00##", "ratio": "0.00%", "date": "yyyy-m-d"}
_EARLIEST, _LATEST = dt.date(1949, 1, 1), dt.date(2099, 12, 31)
_NOTE = (
    "说明：1. 灰色“示例”一行供参考，不读取，可以保留。2. 红色表头的栏必填。3. 不要改动表头；行不够时在表内插入行。"
    "4. 合计由系统计算，不必填写。"
)
_SIGN_OFF = "负责人：　　　　　　审核人：　　　　　　填表人：　　　　　　联系电话："
_PAPER_A4, _PAPER_A3 = 9, 8
_PAGE_WIDTH = 200
_MOST_FROZEN = 4


@dataclass(frozen=True)
class BlankForm:
    """A blank form, and where its parts stand: cells of the values above, columns of the fields, rows to fill."""

    data: bytes
    plan: Plan
    sheet: str
    above: Mapping[str, str]
    columns: Mapping[tuple[str, str | None], str]
    example_row: int
    first_row: int


def blank_form(form: Form, catalogue: Catalogue) -> BlankForm:
    """Make the blank form of a form. Raises `NoBlankFormError` where it has no table of its own."""
    plan = plan_form(form, catalogue)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"title": plan.title, "created": _MADE})
    name = plan.form.title_zh[:31]
    drawn = _Drawing(plan, book, book.add_worksheet(name))
    drawn.draw()
    book.close()
    return BlankForm(
        buffer.getvalue(), plan, name, drawn.above, drawn.columns, drawn.example_row, drawn.example_row + 1
    )


class _Drawing:
    """One blank form being drawn; rows count from 1, as on the sheet."""

    def __init__(self, plan: Plan, book: Any, sheet: Any) -> None:
        self._plan, self._book, self._sheet = plan, book, sheet
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._lists: dict[tuple[str, ...], str] = {}
        self.above: dict[str, str] = {}
        self.columns = {
            (field.column.name, field.item): column_letter(col) for col, field in enumerate(plan.fields, start=1)
        }
        self._slot_rows = self._slot_lines()
        self._header_row = _FIRST_SLOT_ROW + len(self._slot_rows)
        self.example_row = self._header_row + plan.depth
        self._last_row = self.example_row + ROWS

    def draw(self) -> None:
        """Draw all of it."""
        self._draw_title()
        self._draw_slots()
        self._draw_header()
        for col, field in enumerate(self._plan.fields, start=1):
            self._draw_field(col, field)
        self._draw_footer()
        self._set_up()
        self._draw_lists()

    def _look(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
            self._formats[key] = self._book.add_format(base | properties)
        return self._formats[key]

    @property
    def _width(self) -> int:
        return len(self._plan.fields)

    def _draw_title(self) -> None:
        look = self._look(bold=True, font_size=16, align="center")
        self._merge(_TITLE_ROW, 1, _TITLE_ROW, self._width, self._plan.title, look)
        self._sheet.set_row(_TITLE_ROW - 1, 30)

    def _slot_lines(self) -> list[list[Slot]]:
        """Put as many pairs of label and value on a line as the table is wide."""
        per_line = max(1, self._width // 2)
        slots = list(self._plan.slots)
        return [slots[start : start + per_line] for start in range(0, len(slots), per_line)]

    def _draw_slots(self) -> None:
        label = self._look(align="right", bold=True)
        value = self._look(bottom=1, num_format="@", locked=False)
        for row, slots in enumerate(self._slot_rows, start=_FIRST_SLOT_ROW):
            for place, slot in enumerate(slots):
                col = 1 + 2 * place
                self._write(row, col, f"{slot.label}：", label)
                self._sheet.write_blank(row - 1, col, None, value)
                self.above[slot.key] = a1(row, col + 1)
                self._sheet.data_validation(
                    row - 1,
                    col,
                    row - 1,
                    col,
                    {"validate": "any", "input_title": slot.label, "input_message": f"如：{slot.example}"},
                )
        if self._plan.unit_line:
            row = self._header_row - 1
            taken = 2 * len(self._slot_rows[-1]) if self._slot_rows else 0
            text = f"单位：{self._plan.unit_line}"
            if taken < self._width:
                self._merge(row, taken + 1, row, self._width, text, self._look(align="right"))
            else:
                self._header_row += 1
                self.example_row += 1
                self._last_row += 1
                self._merge(row + 1, 1, row + 1, self._width, text, self._look(align="right"))

    def _draw_header(self) -> None:
        """Merge equal headers across and single ones down, as the office prints them."""
        printed = {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#E7EDF5"}
        look, must = self._look(**printed), self._look(**printed, font_color="#C00000")
        depth, fields = self._plan.depth, self._plan.fields
        for level in range(depth):
            col = 0
            while col < len(fields):
                path = fields[col].header
                end = col
                if level < len(path) - 1:
                    while end + 1 < len(fields) and self._same_group(fields[end + 1], path, level):
                        end += 1
                if level < len(path):
                    bottom = depth if level == len(path) - 1 else level + 1
                    needed = level == len(path) - 1 and fields[col].needed
                    first, last = self._header_row + level, self._header_row + bottom - 1
                    self._merge(first, col + 1, last, end + 1, path[level], must if needed else look)
                col = end + 1
        for col, field in enumerate(fields, start=1):
            row = self._header_row + len(field.header) - 1
            if field.example != "示例":
                self._sheet.write_comment(row - 1, col - 1, note_of(field), {"author": "区指挥部", "x_scale": 1.5})

    @staticmethod
    def _same_group(field: Field, path: tuple[str, ...], level: int) -> bool:
        return len(field.header) > level + 1 and field.header[: level + 1] == path[: level + 1]

    def _draw_field(self, col: int, field: Field) -> None:
        number_format = _NUMBER_FORMATS.get(field.column.kind, "@")
        if field.column.kind in ("year", "year_range"):
            number_format = "0"
        example = self._look(
            border=1, italic=True, font_color="#7F7F7F", bg_color="#F2F2F2", num_format=number_format, text_wrap=True
        )
        empty = self._look(border=1, num_format=number_format, locked=False, text_wrap=True)
        self._write_value(self.example_row, col, field.example, example)
        first, last = self.example_row + 1, self._last_row
        for row in range(first, last + 1):
            self._sheet.write_blank(row - 1, col - 1, None, empty)
        rule = self._rule(field)
        if rule is not None:
            self._sheet.data_validation(first - 1, col - 1, last - 1, col - 1, rule)
        self._sheet.set_column(col - 1, col - 1, _width_of(field))

    def _rule(self, field: Field) -> dict[str, Any] | None:
        """Give what a cell of the column accepts: a stop for codes and numbers, a question for dates."""
        column = field.column
        said = {"input_title": field.header[-1][:32], "input_message": _hint(field)[:255], "error_title": "请改正"}
        if field.options:
            return {
                "validate": "list",
                "source": self._list_of(field.options),
                **said,
                "error_message": "请从列表中选。",
            }
        low, high = _limits(field)
        match column.kind:
            case "integer" | "storeys" | "year" | "year_range" | "decimal":
                kind = "decimal" if column.kind == "decimal" else "integer"
                return {"validate": kind, **_between(low, high), **said, "error_message": _hint(field)[:255]}
            case "ratio":
                limits = {"criteria": "between", "minimum": 0, "maximum": 1}
                return {"validate": "decimal", **limits, **said, "error_message": "请填0%至100%之间的百分数。"}
            case "date":
                limits = {"criteria": "between", "minimum": _EARLIEST, "maximum": _LATEST}
                text = "不是日期。如确需填文字（如“开工令”），点“是”。"
                return {"validate": "date", **limits, **said, "error_type": "warning", "error_message": text}
            case "boolean":
                return {"validate": "list", "source": ["√"], **said, "error_message": "是的打“√”，不是的留空。"}
        return {"validate": "any", **said}

    def _list_of(self, options: tuple[str, ...]) -> str:
        if options not in self._lists:
            letter = column_letter(len(self._lists) + 1)
            self._lists[options] = f"={_LISTS}!${letter}$1:${letter}${len(options)}"
        return self._lists[options]

    def _draw_lists(self) -> None:
        """Write the code lists on a hidden sheet: a list in the rule itself is cut off at 255 characters."""
        if not self._lists:
            return
        sheet = self._book.add_worksheet(_LISTS)
        for col, options in enumerate(self._lists):
            for row, option in enumerate(options):
                sheet.write_string(row, col, option)
        sheet.hide()

    def _draw_footer(self) -> None:
        row = self._last_row + 1
        self._merge(row, 1, row, self._width, _NOTE, self._look(text_wrap=True, font_size=9))
        self._sheet.set_row(row - 1, 30)
        self._merge(row + 1, 1, row + 1, self._width, _SIGN_OFF, self._look(locked=False))

    def _set_up(self) -> None:
        sheet = self._sheet
        frozen = next((col for col, f in enumerate(self._plan.fields, 1) if f.column.name == "building_no"), 0)
        sheet.freeze_panes(self.example_row - 1, min(frozen, _MOST_FROZEN))
        sheet.set_landscape()
        sheet.set_paper(_PAPER_A3 if self._width > 16 else _PAPER_A4)
        sheet.fit_to_pages(max(1, round(sum(map(_width_of, self._plan.fields)) / _PAGE_WIDTH)), 0)
        if frozen:
            sheet.repeat_columns(0, min(frozen, _MOST_FROZEN) - 1)
        sheet.repeat_rows(self._header_row - 1, self.example_row - 2)
        sheet.print_area(0, 0, self._last_row + 1, self._width - 1)
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.set_footer("&C第 &P 页，共 &N 页")
        allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter")
        sheet.protect("", dict.fromkeys(allowed, True))

    def _merge(self, r1: int, c1: int, r2: int, c2: int, text: str, look: Any) -> None:
        if (r1, c1) == (r2, c2):
            self._write(r1, c1, text, look)
        else:
            self._sheet.merge_range(r1 - 1, c1 - 1, r2 - 1, c2 - 1, text, look)

    def _write(self, row: int, col: int, text: str, look: Any) -> None:
        self._sheet.write_string(row - 1, col - 1, text, look)

    def _write_value(self, row: int, col: int, value: Example | None, look: Any) -> None:
        match value:
            case None:
                self._sheet.write_blank(row - 1, col - 1, None, look)
            case dt.date():
                self._sheet.write_datetime(row - 1, col - 1, dt.datetime(value.year, value.month, value.day), look)
            case int() | Decimal():
                self._sheet.write_number(row - 1, col - 1, float(value), look)
            case str() if value.endswith("%"):
                self._sheet.write_number(row - 1, col - 1, float(Decimal(value[:-1]) / 100), look)
            case _:
                self._write(row, col, value, look)


def note_of(field: Field) -> str:
    """Say what belongs into a column: whether it must be filled, of which kind, in which unit, an example."""
    return "\n".join(part for part in (field.header[-1], _hint(field)) if part)


def _hint(field: Field) -> str:
    parts = ["必填。" if field.needed else "", f"{_KINDS[field.column.kind]}。"]
    if field.unit is not None:
        parts.append(f"单位：{field.unit}。")
    low, high = _limits(field)
    if low is not None and high is not None:
        parts.append(f"{low}至{high}。")
    elif low is not None:
        parts.append(f"不小于{low}。")
    if field.example is not None:
        parts.append(f"例如：{as_text(field.example)}")
    return "".join(parts)


def _limits(field: Field) -> tuple[Decimal | int | None, Decimal | int | None]:
    column: Column = field.column
    if column.kind == "ratio":
        return None, None
    low = None if column.low is None else column.low / field.factor if field.factor != 1 else column.low
    high = None if column.high is None else column.high / field.factor if field.factor != 1 else column.high
    return low, high


def _between(low: Any, high: Any) -> dict[str, Any]:
    if low is not None and high is not None:
        return {"criteria": "between", "minimum": float(low), "maximum": float(high)}
    if low is not None:
        return {"criteria": ">=", "value": float(low)}
    return {"criteria": "between", "minimum": -999_999_999, "maximum": 999_999_999}


def _width_of(field: Field) -> float:
    if field.column.name in _WIDE_TEXTS:
        return 28
    texts: Sequence[str] = (field.header[-1], "" if field.example is None else as_text(field.example))
    wide = max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) for text in texts)
    return min(max(wide + 2, 8 if field.item is None else 7), 26)
