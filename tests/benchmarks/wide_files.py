"""The workbooks of the comparison: 500 rows of 25 typed columns each, the same bytes from the same seed."""

from __future__ import annotations

import datetime as dt
import io
import random
import tomllib
from importlib.resources import files
from pathlib import Path

import xlsxwriter

ROWS = 500
FIRST_YEAR = 2008
HEADERS = (
    ("text", "项目编号"),
    ("text", "项目名称"),
    ("text", "院落"),
    ("text", "承建公司"),
    ("text", "监理公司"),
    ("text", "位置"),
    ("text", "情况说明"),
    ("code", "工程状态"),
    ("code", "改造类型"),
    ("code", "结构形式"),
    ("code", "供热方式"),
    ("date", "计划起"),
    ("date", "计划止"),
    ("date", "实际起"),
    ("date", "实际止"),
    ("decimal", "合同金额(元)"),
    ("decimal", "已付金额(元)"),
    ("decimal", "材料费(元)"),
    ("decimal", "人工费(元)"),
    ("decimal", "机械费(元)"),
    ("decimal", "税金(元)"),
    ("integer", "工人数"),
    ("integer", "告知户数"),
    ("integer", "走访次数"),
    ("integer", "检查次数"),
)
_CODES = {
    "工程状态": ("未开工", "在施", "停工", "完工", "已验收"),
    "改造类型": ("抗震节能综合改造", "节能和环境综合整治"),
    "结构形式": ("砖混", "内浇外砌", "内浇外挂", "剪力墙", "框架", "其他"),
    "供热方式": ("集中供热", "区域锅炉房", "分户"),
}
_MADE = dt.datetime(2013, 1, 1)


def streets() -> list[str]:
    """The labels of all streets."""
    codes = tomllib.loads((files("schemas") / "codes" / "streets.toml").read_text(encoding="utf-8"))["codes"]
    return [entry["label"] for entry in codes.values()]


def names(count: int) -> list[str]:
    """File names: a street and a month each, no two alike."""
    labels = streets()
    months = [(FIRST_YEAR + number // 12, number % 12 + 1) for number in range(-(-count // len(labels)))]
    return [f"{label}工程宽台账{year}年{month}月.xlsx" for year, month in months for label in labels][:count]


def row(draw: random.Random, number: int) -> list[object]:
    """One line, sound in every respect."""
    begin = dt.date(2013, 3, 1) + dt.timedelta(days=draw.randrange(120))
    end = begin + dt.timedelta(days=draw.randrange(30, 200))
    started = begin + dt.timedelta(days=draw.randrange(20))
    finished = started + dt.timedelta(days=draw.randrange(30, 220))
    contract = draw.randrange(10_000_00, 9_000_000_00)
    shares = [contract * draw.randrange(1, 24) // 100 for _ in range(4)]
    return [
        f"H{number:04d}-{draw.randrange(10_000):04d}",
        f"{draw.choice('花清学上马永田青')}{draw.choice('园河院地家定村龙')}{draw.randrange(1, 60)}号楼外墙保温",
        f"{draw.choice('东西南北中')}{draw.randrange(1, 30)}院",
        f"第{draw.randrange(1, 40)}建筑公司",
        f"第{draw.randrange(1, 12)}监理公司",
        f"{draw.choice('花清学上')}路{draw.randrange(1, 300)}号",
        f"已完成{draw.randrange(100)}处，余{draw.randrange(100)}处待协调",
        *(draw.choice(words) for words in _CODES.values()),
        begin,
        end,
        started,
        finished,
        contract / 100,
        (contract * draw.randrange(101) // 100) / 100,
        *(share / 100 for share in shares),
        draw.randrange(200),
        draw.randrange(500),
        draw.randrange(40),
        draw.randrange(40),
    ]


def workbook(seed: int) -> bytes:
    """One workbook."""
    draw = random.Random(seed)
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet("台账")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    money = book.add_format({"num_format": "#,##0.00"})
    formats = [{"date": day, "decimal": money}.get(kind) for kind, _ in HEADERS]
    sheet.write_row(0, 0, [label for _, label in HEADERS])
    for number in range(1, ROWS + 1):
        for place, value in enumerate(row(draw, number)):
            sheet.write(number, place, value, formats[place])
    book.close()
    return made.getvalue()


def folder(count: int, cache: Path) -> Path:
    """A folder with the first `count` workbooks, made where it is not there yet."""
    place = cache / str(count)
    done = place / ".made"
    if not done.exists():
        place.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(names(count)):
            (place / name).write_bytes(workbook(number))
        done.touch()
    return place
