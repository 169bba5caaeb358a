"""The original and what was found in it → the workbook that goes back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace

from transforms.slip.convert import convert, only_a_list
from transforms.slip.marks import Heading, Mark, by_cell, in_order
from transforms.slip.package import mark_package
from transforms.slip.splice import CannotSpliceError
from transforms.workbook import Limits, UnreadableWorkbook, read_workbook

_CONVERTED = "原文件不是 xlsx，本退回单按读到的内容转成 xlsx，版面未保留。"
_REBUILT = "原文件的结构不合规范，本退回单按读到的内容重建，版面与公式未保留。"
_UNREADABLE = "原文件无法打开，只列出问题。"
_MACRO_KINDS = (
    (b"sheet.macroEnabled.main+xml", ".xlsm"),
    (b"template.macroEnabled.main+xml", ".xltm"),
    (b"spreadsheetml.template.main+xml", ".xltx"),
)

EXTENSIONS = frozenset((".xlsx", *(extension for _, extension in _MACRO_KINDS)))
"""What a slip's name may end in."""


@dataclass(frozen=True)
class Slip:
    """A marked workbook, the extension its content asks for, and what the list says of how it was made."""

    data: bytes
    extension: str
    remark: str | None


def make_slip(data: bytes, heading: Heading, marks: Sequence[Mark], limits: Limits | None = None) -> Slip:
    """Mark a workbook of any format. Never raises for what a sender sent.

    .xlsx and .xlsm stay what they are, byte for byte but for what is marked; others become .xlsx.
    """
    listed = in_order(marks)
    extension = _package_extension(data)
    remark: str | None = None
    if extension is not None:
        try:
            return Slip(mark_package(data, heading, listed, by_cell(listed), None), extension, None)
        except (CannotSpliceError, KeyError, ValueError, zipfile.BadZipFile):
            remark = _REBUILT
    try:
        workbook = read_workbook(data, limits) if limits is not None else read_workbook(data)
        converted, names = convert(workbook)
        remark = remark or _CONVERTED
    except UnreadableWorkbook:
        converted, names, remark = only_a_list(), {}, _UNREADABLE
    listed = [replace(mark, sheet=names.get(mark.sheet or "", mark.sheet)) for mark in listed]
    return Slip(mark_package(converted, heading, listed, by_cell(listed), remark), ".xlsx", remark)


def _package_extension(data: bytes) -> str | None:
    """The extension of an Office Open XML workbook, by its content; None for anything else."""
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            types = package.read("[Content_Types].xml")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
        return None
    if b"spreadsheetml" not in types and b"macroEnabled" not in types:
        return None
    if b"sheet.binary" in types:
        return None
    return next((extension for word, extension in _MACRO_KINDS if word in types), ".xlsx")
