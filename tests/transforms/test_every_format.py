"""One content in every format: each reader gives its true cells, and the same rows come out whatever it was sent as."""

import datetime as dt
import hashlib
import shutil
import struct
import subprocess
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.transforms.books import CARRIES, SUFFIXES, WRITERS, Error, Formula, Page, Percent, html, plain, shown, text
from tests.transforms.layout_books import catalogue_of, form_of
from transforms.layout import read_file
from transforms.workbook import Area, Cell, read_workbook

DAY = dt.datetime(2013, 10, 8)
FORMATS = {"xlsm": "xlsx", "et": "xls"}

# Values


def table(value):
    """The value at C4, under a heading: where it stands is part of what is checked."""
    return Page("进度表", {(1, 1): "标题", (4, 1): "a", (4, 3): value, (5, 1): "b"})


def number(text, **more):
    return Cell("number", Decimal(text), text, **more)


def written(text, **more):
    return Cell("text", text, text, **more)


DATE = Cell("date", DAY, "2013-10-08")
CALCULATED = {"is_formula": True}
CASES = {
    "text": ("花园路甲3号院", None, written("花园路甲3号院")),
    "leading zeros": ("007", None, written("007")),
    "18 digits": ("110108198001011234", None, written("110108198001011234")),
    "line break": ("第一行\n第二行", None, written("第一行\n第二行")),
    "private use": ("A\ue02aB", None, written("A\ue02aB")),
    "blanks kept": ("　北　京", None, written("　北　京")),
    "whole": (3470, "numbers", number("3470")),
    "cents": (Decimal("37497.84"), "numbers", number("37497.84")),
    "noise": (3470.0000000000005, "numbers", number("3470")),
    "many decimals": (Decimal("16708.722293"), "numbers", number("16708.722293")),
    "negative": (Decimal("-0.5"), "numbers", number("-0.5")),
    "date": (DAY, "dates", DATE),
    "percent": (Percent(Decimal("0.8")), "percents", number("0.8", is_percent=True)),
    "yes": (True, "booleans", Cell("boolean", True, "TRUE")),
    "#REF!": (Error("#REF!"), "errors", Cell("error", None, "#REF!")),
    "#N/A": (Error("#N/A"), "errors", Cell("error", None, "#N/A")),
    "#DIV/0!": (Error("#DIV/0!"), "errors", Cell("error", None, "#DIV/0!")),
    "sum": (Formula("=6018159+150350", 6168509), "formulas", number("6168509", **CALCULATED)),
    "calculated text": (Formula('=""', ""), "formulas", Cell("text", "", "=", **CALCULATED)),
    "calculated error": (Formula("=A9", Error("#N/A")), "formulas", Cell("error", None, "#N/A", **CALCULATED)),
    "never calculated": (Formula("=A1+B1"), "uncalculated", Cell("no_value", None, "=", **CALCULATED)),
    "never summed": (Formula("=SUM(A1:B1)"), "uncalculated", Cell("no_value", None, "=", **CALCULATED)),
}


def without_formula(cell):
    """A formula's own text is stored as tokens in the binary formats, and in a notation of its own in others."""
    return cell._replace(text="=") if cell.text.startswith("=") else cell


# Records of .xlsb hold a result for every formula.
KNOWN = [(name, case) for name in WRITERS for case in CASES if (name, CASES[case][1]) != ("xlsb", "uncalculated")]


@pytest.mark.parametrize(("name", "case"), KNOWN)
def test_a_value_is_what_was_put_in_and_where(name, case):
    value, needs, expected = CASES[case]
    if needs is not None and needs not in CARRIES[name]:
        bare = shown(value)
        expected = Cell("error", None, bare) if isinstance(plain(value), Error) else written(bare) if bare else None
    sheet = read_workbook(WRITERS[name]([table(value)])).sheets[0]
    found = {place: without_formula(cell) for place, cell in sheet.cells.items()}
    others = {(1, 1): written("标题"), (4, 1): written("a"), (5, 1): written("b")}
    assert found == others | ({(4, 3): expected} if expected is not None else {})


@pytest.mark.parametrize("name", WRITERS)
def test_the_format_is_told_by_content(name):
    assert read_workbook(WRITERS[name]([table("x")])).format == FORMATS.get(name, name)


@pytest.mark.parametrize("page", [936, 1252, 0, 32768, 21010, 65001])
def test_an_xls_of_excel_97_is_read_whatever_code_page_it_claims(page):
    data = WRITERS["xls"]([table("花园路")])
    at = data.index(struct.pack("<HHH", 0x42, 2, 1200)) + 4
    sheet = read_workbook(data[:at] + struct.pack("<H", page) + data[at + 2 :]).sheets[0]
    assert (sheet.name, sheet.cells[4, 3].text) == ("进度表", "花园路")


# What surrounds the values


@pytest.mark.parametrize("name", [name for name in WRITERS if "merges" in CARRIES[name]])
def test_merges_and_what_is_hidden(name):
    page = Page("表", {(1, 1): "题", (3, 2): "上", (5, 5): "右"}, ((1, 1, 2, 3), (3, 2, 5, 2)), (4,), (4,))
    sheet = read_workbook(WRITERS[name]([page])).sheets[0]
    assert set(sheet.merges) == {Area(1, 1, 2, 3), Area(3, 2, 5, 2)}
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({4}, {4})
    assert list(sheet.cells) == [(1, 1), (3, 2), (5, 5)]


@pytest.mark.parametrize("name", [name for name in WRITERS if "sheets" in CARRIES[name]])
def test_sheets_keep_their_names_their_order_and_whether_they_are_hidden(name):
    pages = [Page("进度表 ", {(1, 1): "a"}), Page("代码", {(2, 2): "b"}, state="hidden")]
    pages += [Page("深藏", {(3, 3): "c"}, state="very_hidden")] if "very hidden" in CARRIES[name] else []
    book = read_workbook(WRITERS[name](pages))
    assert [(s.name, s.index, s.visibility, list(s.cells)) for s in book.sheets] == [
        (page.name, place, page.state, [(place, place)]) for place, page in enumerate(pages, 1)
    ]


@pytest.mark.parametrize("name", [name for name in WRITERS if "1904" in CARRIES[name]])
def test_dates_of_both_epochs_are_the_same_day(name):
    write = WRITERS[name]
    earlier, later = (read_workbook(write([table(DAY)], epoch_1904=epoch)) for epoch in (False, True))
    assert (earlier.epoch_1904, later.epoch_1904) == (False, True)
    assert earlier.sheets[0].cells[4, 3] == later.sheets[0].cells[4, 3] == DATE


# Rows

FORM = form_of(
    "street:text:街道",
    "name:text:项目名称",
    "code:text:项目编码",
    "identity:text:证件号码",
    "count:integer:户数",
    "area:decimal:建筑面积",
    "share:ratio:完成比例",
    "day:date:开工日期",
    identity=("name",),
    sums=("count", "area"),
    units={"area": "m2"},
    required=("name", "area"),
)
LAYOUT = """
header_rows = [2, 3]
period = []
fill_down = ["street"]
[columns]
street = ["街道"]
name = ["项目名称"]
code = ["项目编码"]
identity = ["证件号码"]
count = ["规模·户数"]
area = { headers = ["规模·建筑面积"], unit = "㎡" }
share = ["完成比例"]
day = ["开工日期"]
"""
LINES = [
    ("花园路", "甲3号院", "007", "110108198001011234", 63, Decimal("4560.11"), Percent(Decimal("0.8")), DAY),
    (None, "塔院南里", "0080", "110108198001011242", 1058, Decimal("37497.84"), Percent(Decimal("1")), DAY),
    (None, "牡丹园\n中里", "12", "11010819800101125X", None, Formula("=F5+1", Decimal("4561.11")), None, DAY),
    ("学院路", "二里庄　北里", "0001", "", 90, Decimal("16708.72"), Percent(Decimal("0.285")), None),
]
ROWS = [
    ("花园路", "甲3号院", "007", "110108198001011234", 63, Decimal("4560.11"), Decimal("0.8"), DAY.date()),
    ("花园路", "塔院南里", "0080", "110108198001011242", 1058, Decimal("37497.84"), Decimal(1), DAY.date()),
    ("花园路", "牡丹园\n中里", "12", "11010819800101125X", None, Decimal("4561.11"), None, DAY.date()),
    ("学院路", "二里庄　北里", "0001", None, 90, Decimal("16708.72"), Decimal("0.285"), None),
]
FACTS = [column.name for column in FORM.columns]


def form_as_sent():
    """A form with everything on it: a merged title, two header rows, merged streets, hidden parts, totals."""
    cells = {(1, 1): "附件2", (2, 1): "老旧小区改造项目登记表"}
    for col, head in enumerate(("街道", "项目名称", "项目编码", "证件号码", "规模", None, "完成比例", "开工日期"), 1):
        if head is not None:
            cells[3, col] = head
    cells |= {(4, 5): "户数", (4, 6): "建筑面积"}
    for row, line in enumerate(LINES, 5):
        cells |= {(row, col): value for col, value in enumerate(line, 1) if value not in (None, "")}
    cells |= {(9, 1): "合计", (9, 5): Formula("=SUM(E5:E8)", 1211), (9, 6): Formula("=SUM(F5:F8)", Decimal("63327.78"))}
    cells |= {(30, 1): "填表人：　　　审核人："}
    down = tuple((3, col, 4, col) for col in (1, 2, 3, 4, 7, 8))
    return Page("登记表", cells, ((2, 1, 2, 8), (3, 5, 3, 6), *down, (5, 1, 7, 1)), (6,), (3,))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return catalogue_of(FORM, LAYOUT, tmp_path_factory.mktemp("layouts"))


def rows_of(data, suffix, catalogue):
    """The rows of the form, and where each value of them stood."""
    reading = read_file(data, f"登记表.{suffix}", hashlib.sha256(data).hexdigest(), catalogue)
    assert reading.findings.to_dicts() == []
    rows = reading.rows["thing"].to_dicts()
    assert not any(row["faults"] for row in rows)
    assert reading.controls["agrees"].to_list() == [True, True]
    places = [{name: row["addresses"][name] for name in FACTS} for row in rows]
    return [tuple(row[name] for name in FACTS) for row in rows], places


@pytest.fixture(scope="module")
def expected(catalogue):
    rows, places = rows_of(WRITERS["xlsx"]([form_as_sent()]), "xlsx", catalogue)
    assert rows == ROWS
    assert places[2] | {"count": None, "share": None} == places[2]
    assert [places[2][name] for name in ("street", "name", "area", "day")] == ["A5", "B7", "F7", "H7"]
    return places


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_form_gives_the_same_rows_in_every_format(name, catalogue, expected):
    rows, places = rows_of(WRITERS[name]([form_as_sent()]), SUFFIXES.get(name, name), catalogue)
    assert rows == ROWS
    assert [place | {"street": None} for place in places] == [place | {"street": None} for place in expected]


ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_same_form_gives_the_same_rows_as_text_in_every_dress(encoding, delimiter, line_end, catalogue, expected):
    rows, _ = rows_of(text([form_as_sent()], encoding, delimiter, line_end), "csv", catalogue)
    assert rows == ROWS


@pytest.mark.parametrize("charset", ["gb2312", "utf-8", "utf-16"])
def test_the_same_form_gives_the_same_rows_as_a_page_in_every_charset(charset, catalogue, expected):
    encoding = "gb18030" if charset == "gb2312" else charset
    rows, _ = rows_of(html([form_as_sent()], charset=charset, encoding=encoding), "xls", catalogue)
    assert rows == ROWS


LIBREOFFICE = {"ods": "ods", "xls": "xls:MS Excel 97", "html": "html:HTML (StarCalc)"}


@pytest.mark.office
@pytest.mark.parametrize("suffix", ["ods", "xls", pytest.param("html", marks=pytest.mark.long)])
def test_the_same_form_saved_by_libreoffice_gives_the_same_rows(suffix, catalogue, tmp_path):
    # A page of LibreOffice leaves hidden rows and columns out.
    page = replace(form_as_sent(), hidden_rows=(), hidden_columns=()) if suffix == "html" else form_as_sent()
    (tmp_path / "登记表.xlsx").write_bytes(WRITERS["xlsx"]([page]))
    office = next(filter(None, map(shutil.which, ("soffice", "libreoffice"))))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["--convert-to", LIBREOFFICE[suffix], "--outdir", str(tmp_path), str(tmp_path / "登记表.xlsx")]
    subprocess.run([office, "--headless", profile, *convert], check=True, capture_output=True, timeout=120)
    rows, _ = rows_of((tmp_path / f"登记表.{suffix}").read_bytes(), suffix, catalogue)
    assert rows == ROWS
