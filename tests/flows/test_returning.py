"""A slip goes back with its file, and the corrected copy closes what stood on it: a home of one small register."""

import hashlib
import io
import re

import openpyxl
import pytest

from flows import checking, night
from flows import home as homes
from tests.transforms.layout_books import book
from transforms.slip.styles import FILLS
from warehouse import reading

HEADER = ["街道", "小区名称", "建筑面积", "户数", "计划年度", "建成年代(起)", "建成年代(止)"]
GOOD = ["花园路街道", "示范里", 4560.11, 63, 2013, 1982, 1986]
NAME = "花园路街道小区登记表.xlsx"
OPEN = "select code, severity, address from ops.open_findings order by address"


def register(*rows, header=HEADER):
    title, line = "老旧小区基本情况登记表", "填报单位：花园路分指挥部　单位：平方米、户"
    return book(("登记表", [[title], [line], header, *rows], {}))


WRONG = register(
    GOOD,
    ["花园路街道", "示范东里", 45601100, 63, 2013, 1982, 1986],
    ["花园路街道", "示范西里", 4560.11, 63, 2013, 1986, 1982],
    ["花园路街道", "示范南里", 4560.11, "约60", 2013, 1982, 1986],
)


@pytest.fixture
def place(tmp_path):
    return homes.create(tmp_path / "home")


def warehouse_bytes(place):
    return hashlib.sha256(place.warehouse.read_bytes()).hexdigest()


def put(place, path, data):
    target = place.inbox / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def play(place, path, data):
    put(place, path, data)
    with night.begin(place.root) as begun:
        return night.one_night(begun)


def ask(place, sql):
    return reading.query(place.current, sql).rows()


def slips(place):
    return sorted(path.relative_to(place.returned).as_posix() for path in place.returned.rglob("*.xls*"))


def corrected(data, changes, drop_list=False):
    """The slip as its sender gives it back: some cells changed, all else as it came."""
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    for address, value in changes.items():
        workbook["登记表"][address] = value
    if drop_list:
        del workbook["错误清单"]
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


SLIP = "花园路分指挥部/花园路街道小区登记表（退回单）.xlsx"


def test_a_file_with_findings_goes_back_and_its_corrected_copies_close_them(place, tmp_path):
    summary = play(place, f"2013-03-01/{NAME}", WRONG)
    assert slips(place) == [SLIP]
    sent_back = (place.returned / SLIP).read_bytes()
    marked = openpyxl.load_workbook(io.BytesIO(sent_back))["登记表"]
    painted = {c.coordinate: c.fill.fgColor.rgb for row in marked for c in row if c.fill.fill_type == "solid"}
    assert painted == dict.fromkeys(("C5", "G6", "D7"), FILLS["Q"])
    assert summary.facts["slips"] == 1
    assert f"| 花园路分指挥部 | {SLIP} | 3 | 3 |" in summary.journal
    assert place.returned.stat().st_mode & 0o777 == 0o700

    before = warehouse_bytes(place)
    half_right = corrected(sent_back, {"C5": 4560.11, "D7": 60, "D4": "六十多"})
    (tmp_path / "改.xlsx").write_bytes(half_right)
    [checked] = checking.check([tmp_path / "改.xlsx"], place.root, None)
    assert [(finding["code"], finding["address"]) for finding in checked.findings] == [("E41", "D4"), ("E43", "G6")]
    assert (checked.accepted, checked.quarantined, checked.unchecked) == (2, 2, ())
    assert warehouse_bytes(place) == before

    summary = play(place, f"2013-03-08/{SLIP.rpartition('/')[2]}", half_right)
    assert [row[2] for row in ask(place, OPEN)] == ["D4", "G6"]
    [answer] = summary.facts["answered"]
    assert (answer["were"], answer["fixed"], answer["new"]) == (3, 2, 1)
    assert "| 3 处已改正 2 处，新增 1 处 |" in summary.journal
    assert ask(place, "select how from ops.answers") == [("slip",)]
    lists = "select outcome, count(*) from ops.sheets where sheet_name = '错误清单' group by outcome"
    assert ask(place, lists) == [("ignored", 1)]
    first, second = slips(place)
    assert re.fullmatch(r"花园路分指挥部/花园路街道小区登记表（退回单 [0-9a-f]{6}）\.xlsx", first)
    assert second == SLIP

    (place.returned / SLIP).unlink()  # handed out: it is not made again
    all_right = corrected(sent_back, {"C5": 4560.11, "D7": 60, "G6": 1990}, drop_list=True)
    summary = play(place, "2013-03-31/再报.xlsx", all_right)
    assert ask(place, OPEN) == []
    assert "| 2 处已改正 2 处，新增 0 处 |" in summary.journal
    assert ask(place, "select how from ops.answers order by known_from desc limit 1") == [("report",)]
    assert SLIP not in slips(place)
    then = "select count(*) from ops.findings_as_of(timestamptz '2013-03-{} 12:00:00+08') where severity = 'Q'"
    assert [ask(place, then.format(day))[0][0] for day in ("02", "09", "31")] == [3, 2, 0]


def test_what_was_refused_is_closed_by_the_copy_with_its_list_or_of_its_name(place):
    put(place, "2013-03-01/羊坊店街道小区登记表.xlsx", b"PK\x03\x04 cut off")
    header = ["街道", "小区名称", "占地", "户数", "计划年度"]
    play(place, f"2013-03-01/{NAME}", register(GOOD[:5], header=header))
    assert ask(place, OPEN) == [("E22", "R", "C3"), ("E45", "R", None)]
    assert slips(place) == ["羊坊店分指挥部/羊坊店街道小区登记表（退回单）.xlsx", SLIP]
    put(place, "2013-03-31/羊坊店街道小区登记表(2).xlsx", register(["羊坊店街道", *GOOD[1:]]))
    summary = play(place, "2013-03-31/改好了.xlsx", corrected((place.returned / SLIP).read_bytes(), {"C3": "建筑面积"}))
    assert ask(place, OPEN) == []
    assert summary.journal.count("| 1 处已改正 1 处，新增 0 处 |") == 2
    assert ask(place, "select how from ops.answers order by how") == [("name",), ("slip",)]
    assert ask(place, "select count(*) from core.compound_register where known_to is null") == [(2,)]


def test_age_counts_days_to_the_newest_file(place):
    put(place, "2013-03-31/羊坊店街道小区登记表.xlsx", register(["羊坊店街道", *GOOD[1:]]))
    play(place, f"2013-03-01/{NAME}", WRONG)
    assert ask(place, "select distinct age_days, filer_id, form_code from ops.open_findings") == [
        (30, "110108018", "F02")
    ]
