"""Delimited text (.csv, .txt) as one sheet whose cells are all text: what a number or a date is, values decide."""

from __future__ import annotations

import csv
import io
import re

from transforms.workbook import faults
from transforms.workbook.cells import written_cell
from transforms.workbook.encodings import check_lost
from transforms.workbook.model import MAX_COLUMN, MAX_ROW, Cell, Limits, Sheet, Workbook

_DELIMITERS = ("\t", ",", ";", "|")
_SAMPLE_LINES = 200
# ="00123": how a program tells Excel to keep the zeros.
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')


def read_delimited(text: str, limits: Limits) -> Workbook:
    """Read delimited text of any line end; text without columns is no table."""
    check_lost(text)
    delimiter = _find_delimiter(text)
    if delimiter is None:
        raise faults.not_a_workbook("没有分列的普通文本")
    try:
        cells, records = _read_records(text, delimiter, limits, csv.QUOTE_MINIMAL)
        quoted = True
    except csv.Error:
        # A quote that is opened and never closed would swallow the rest of the file: here quotes are just characters.
        cells, records = _read_unquoted(text, delimiter, limits)
        quoted = False
    counted = count_records(text, delimiter, quoted=quoted)
    if counted != records:
        raise faults.damaged(f"文本有 {counted} 行记录，只读出 {records} 行")
    return Workbook("csv", (Sheet("Sheet1", 1, "visible", cells),))


def count_records(text: str, delimiter: str, *, quoted: bool) -> int:
    """Count the records of a text without reading them: the second opinion on how many there are."""
    rest = f"[^{re.escape(delimiter)}\r\n]*+"
    field = f'(?:"[^"]*+(?:""[^"]*+)*+"{rest}|{rest})' if quoted else rest
    record = re.compile(f"{field}(?:{re.escape(delimiter)}{field})*+(?:\r\n|\r|\n|\\Z)")
    return sum(1 for match in record.finditer(text) if match[0])


def _read_unquoted(text: str, delimiter: str, limits: Limits) -> tuple[dict[tuple[int, int], Cell], int]:
    try:
        return _read_records(text, delimiter, limits, csv.QUOTE_NONE)
    except csv.Error:
        most = csv.field_size_limit()
        raise faults.too_large("一个单元格的字数", f"{most} 以上", most) from None


def _find_delimiter(text: str) -> str | None:
    """Return the character that cuts the first lines into the most fields, quoted parts apart."""
    lines = re.split(r"\r\n|\r|\n", text[:200_000])[:_SAMPLE_LINES]
    sample = re.sub(r'"[^"]*"', "", "\n".join(lines))
    counts = {delimiter: sample.count(delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else None


def _read_records(text: str, delimiter: str, limits: Limits, quoting: int) -> tuple[dict[tuple[int, int], Cell], int]:
    """Give the cells and how many records there were."""
    row = 0
    cells: dict[tuple[int, int], Cell] = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)  # type: ignore[arg-type]
    for row, record in enumerate(reader, 1):
        if row > MAX_ROW or len(record) > MAX_COLUMN:
            raise faults.too_large("行数或列数", f"{row} 行 {len(record)} 列", MAX_ROW)
        for column, value in enumerate(record, 1):
            kept = _KEPT_AS_TEXT.fullmatch(value)
            cell = written_cell(kept[1] if kept else value)
            if cell is not None:
                cells[row, column] = cell
        if len(cells) > limits.cells:
            raise faults.too_large("有内容的单元格数", f"{len(cells)} 以上", limits.cells)
    return cells, row
