"""Words of the return slip (退回单), which writing one and recognising one that comes back have in common."""

import re

LIST_TITLE = "错误清单（退回单）"
"""The first cell of the slip's list; a sheet that begins with it is ours, whatever it is called by then."""

LIST_SHEET = "错误清单"
NUMBER_LABEL = "退回编号："
NUMBER_LENGTH = 16
AUTHOR = "区指挥部（退回单）"

LEVELS = {"R": "退回", "Q": "待改正", "W": "提醒", "F": "已处理"}
"""What a severity is called on the slip; and, in the same order, what it means for the sender."""

LEVEL_MEANINGS = {
    "R": "整份报表未接收，改正后重报",
    "Q": "该行未入库，改正后重报",
    "W": "已入库，请核对",
    "F": "系统已自行处理，不必改",
}

NAME_MARKS = ("退回单", "回执")
"""What a slip's file name gains: there is something to correct, or there is nothing."""

_NAME_MARK = re.compile(rf"\s*[(（](?:{'|'.join(NAME_MARKS)})[^()（）]*[)）]")
_NUMBER = re.compile(rf"{NUMBER_LABEL[:-1]}[:：]\s*([0-9a-f]{{{NUMBER_LENGTH}}})")


def number_of(file_id: str) -> str:
    """Give the number of the slip of a file: the beginning of its hash."""
    return file_id[:NUMBER_LENGTH]


def find_number(text: str) -> str | None:
    """Find a slip's number in a text."""
    found = _NUMBER.search(text)
    return None if found is None else found[1]


def file_name_of(stem: str, mark: str, addition: str, extension: str) -> str:
    """Name a slip after the file it is about; ``addition`` tells two of one name apart."""
    return f"{without_mark(stem)}（{' '.join(part for part in (mark, addition) if part)}）{extension}"


def without_mark(name: str) -> str:
    """Give the name a file had before it was returned."""
    return _NAME_MARK.sub("", name)
