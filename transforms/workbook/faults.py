"""The sentences for files that cannot be read: each says what was found, what was expected and what to do."""

from __future__ import annotations

from transforms.workbook.model import UnreadableWorkbook, a1

_SAVE_AGAIN = "请用 Excel 或 WPS 打开原文件，另存为“Excel 工作簿（*.xlsx）”后重新报送"


def damaged(what: str) -> UnreadableWorkbook:
    """The bytes start like a workbook and do not go on like one."""
    return UnreadableWorkbook("E45", f"文件已损坏或不完整：{what}", "能正常打开的电子表格", _SAVE_AGAIN)


def not_a_workbook(what: str) -> UnreadableWorkbook:
    """The bytes are something else; `what` names it in Chinese."""
    return UnreadableWorkbook(
        "E45", f"文件内容是{what}，不是电子表格", "Excel 工作簿（*.xlsx）", _SAVE_AGAIN, "refused"
    )


def encrypted() -> UnreadableWorkbook:
    """The file opens only with a password."""
    return UnreadableWorkbook(
        "E45",
        "文件设置了打开密码",
        "不加密的电子表格",
        "请取消打开密码（文件—信息—保护工作簿）后重新报送",
        "encrypted",
    )


def too_large(what: str, found: int | str, limit: int) -> UnreadableWorkbook:
    """The file asks for more than its limits allow."""
    return UnreadableWorkbook(
        "E45",
        f"文件过大：{what}为 {found}",
        f"{what}不超过 {limit}",
        "请删除多余的工作表、空白行列和图片，只保留报表后重新报送",
        "refused",
    )


def unsafe(what: str) -> UnreadableWorkbook:
    """The file carries what no spreadsheet program writes and what we never follow."""
    return UnreadableWorkbook(
        "E45", f"文件含有不允许的内容：{what}", "由 Excel 或 WPS 保存的电子表格", _SAVE_AGAIN, "refused"
    )


def twice(sheet: str, row: int, col: int) -> UnreadableWorkbook:
    """One cell has two contents: which of them its sender meant nobody can say."""
    return damaged(f"工作表“{sheet}”{a1(row, col)} 单元格在文件中出现两次")


def garbled(sheet: str, row: int, col: int) -> UnreadableWorkbook:
    """Text was lost before the file reached us: U+0000 or U+FFFD stands where characters were."""
    where = f"工作表“{sheet}”{a1(row, col)} 单元格" if row else "工作表名称"
    return UnreadableWorkbook("E23", f"{where}含有乱码字符，原文已丢失", "能正常显示的文字", _SAVE_AGAIN)
