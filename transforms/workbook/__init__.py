"""Bytes of a spreadsheet of any common format → its sheets: non-empty cells at true addresses, merges, what is hidden.

The only importer of spreadsheet readers. The format is told by content, never by a file's name.
"""

from __future__ import annotations

from transforms.workbook.model import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    Cell,
    Kind,
    Limits,
    Sheet,
    UnreadableWorkbook,
    Value,
    Visibility,
    Workbook,
    a1,
    column_letter,
    column_number,
    parse_a1,
    parse_area,
)
from transforms.workbook.reading import read_workbook

__all__ = [
    "MAX_COLUMN",
    "MAX_ROW",
    "Area",
    "Cell",
    "Kind",
    "Limits",
    "Sheet",
    "UnreadableWorkbook",
    "Value",
    "Visibility",
    "Workbook",
    "a1",
    "column_letter",
    "column_number",
    "parse_a1",
    "parse_area",
    "read_workbook",
]
