"""What the slips of the sample year say: every injected fault at its cell, nothing at a clean one, nobody's name."""

import io
import re
import zipfile

import openpyxl
import pytest

from schemas.slips import LEVELS
from transforms.sample import make_year
from transforms.slip.styles import FILLS
from warehouse import open_warehouse, reading

LEDGER = make_year(2013, 1, 1, "all").ledger
PERSON = re.compile(r"[赵钱孙李周吴郑王冯陈][拟试虚][一二三四五六七八九]|1300000\d{4}")
AT_CELLS = [fault for fault in LEDGER if not fault.file_level]


@pytest.fixture(scope="module")
def slips(faulty_year):
    """Path as received → (its slip's sheets, the texts we put on it)."""
    home, _ = faulty_year
    from schemas.forms import load

    with open_warehouse(home.warehouse, load()) as warehouse:
        made = warehouse.frame(
            "select file_id, files.path as file, slips.path from ops.slips join ops.files using (file_id)"
        )
    return {row["file"]: openpyxl.load_workbook(home.returned / row["path"]) for row in made.iter_rows(named=True)}


def painted(workbook):
    """Sheet and address → severity of each marked cell; the list itself is not counted."""
    levels = {colour: severity for severity, colour in FILLS.items()}
    return {
        (sheet.title, cell.coordinate): levels[cell.fill.fgColor.rgb]
        for sheet in workbook.worksheets[1:]
        for row in sheet.iter_rows()
        for cell in row
        if cell.has_style and cell.fill.fgColor.rgb in levels
    }


def listed(workbook):
    """Level, sheet, address and problem of each line of the list."""
    lines = workbook.worksheets[0].iter_rows(min_row=7, values_only=True)
    return [(level, sheet or None, address or None, problem) for _, level, sheet, address, _, problem, *_ in lines]


@pytest.mark.parametrize("fault", AT_CELLS, ids=lambda fault: f"{fault.code} {fault.path}")
def test_every_injected_fault_is_marked_at_its_cell(slips, fault):
    workbook = slips[fault.path]
    here = {address for (sheet, address) in painted(workbook) if fault.code == "E13" or sheet == fault.sheet}
    assert here & {fault.address, *fault.also} or (fault.code == "E13" and here == {"A1"})
    assert any(f"（{fault.code}）" in problem for _, _, _, problem in listed(workbook))


@pytest.mark.parametrize("code", ["E12", "E14", "E16"])
def test_what_is_wrong_with_a_whole_file_stands_in_its_list(slips, code):
    paths = {fault.path for fault in LEDGER if fault.code == code and "第一份" not in fault.note} & set(slips)
    assert paths
    for path in paths:
        assert any(f"（{code}）" in problem for _, _, _, problem in listed(slips[path])), path


def test_bytes_that_came_twice_are_told_on_the_slip_of_the_file_they_are(slips):
    [copy] = [fault.path for fault in LEDGER if fault.code == "E15"]
    assert copy not in slips
    original = slips[copy.replace("复件 ", "")]
    assert ("已处理", None, None, "重复文件（E15）") in listed(original)


def test_no_clean_cell_is_marked(slips, faulty_year):
    home, _ = faulty_year
    found = reading.query(
        home.current, "select file, severity, sheet, address from ops.findings where address is not null"
    )
    cells = {}
    for file, severity, sheet, address in found.iter_rows():
        cells.setdefault(file, {}).setdefault((sheet, address), set()).add(severity)
    for file, workbook in slips.items():
        marks = painted(workbook)
        assert marks.keys() == cells.get(file, {}).keys(), file
        assert all(severity in cells[file][place] for place, severity in marks.items()), file


def test_the_list_and_the_marks_say_the_same(slips):
    for file, workbook in slips.items():
        in_list = {(sheet, address) for _, sheet, address, _ in listed(workbook) if address}
        assert in_list == set(painted(workbook)), file
        assert {level for level, *_ in listed(workbook)} <= set(LEVELS.values())


def test_nobody_is_named_by_us(slips, faulty_year):
    """No invented person or phone of the sample in what we wrote: notes, lists, journal, log, findings, folders."""
    home, summary = faulty_year
    for file, workbook in slips.items():
        first = workbook.worksheets[0]
        said = [cell.value for row in first.iter_rows() for cell in row if cell.value]
        said += [c.comment.text for sheet in workbook for row in sheet.iter_rows() for c in row if c.comment]
        assert not PERSON.search("\n".join(map(str, said))), file
    texts = [summary.journal, *(path.as_posix() for path in home.returned.rglob("*"))]
    texts += [path.read_text(encoding="utf-8") for room in (home.logs, home.reports) for path in room.iterdir()]
    texts += [
        str(reading.query(home.current, f"from ops.{table}").rows())
        for table in ("findings", "open_findings", "quarantine")
    ]
    assert [PERSON.findall(text) for text in texts if PERSON.search(text)] == []


def test_a_slip_holds_no_other_senders_workbook(slips, faulty_year):
    """Every text of a slip outside its list is one of the original's own."""
    home, _ = faulty_year
    file, workbook = next((f, w) for f, w in slips.items() if f.endswith(".xlsx") and painted(w))
    original = openpyxl.load_workbook(home.inbox / file)
    assert [sheet.title for sheet in workbook][1:] == original.sheetnames
    for sheet in original:
        assert [c.value for row in workbook[sheet.title].iter_rows(max_row=sheet.max_row) for c in row] == [
            c.value for row in sheet.iter_rows() for c in row
        ]


def test_every_slip_is_a_sound_package(faulty_year):
    home, _ = faulty_year
    for path in home.returned.rglob("*.xls?"):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
            assert package.testzip() is None
            assert len(set(package.namelist())) == len(package.namelist())
