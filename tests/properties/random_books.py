"""Workbooks made at random: what is put in, and the grid of cells and merges it is put in as."""

import csv
import datetime as dt
import io
from dataclasses import dataclass, field
from decimal import Decimal

import openpyxl
import xlwt
from hypothesis import strategies as st

from schemas.forms import Catalogue
from schemas.layouts import load_layouts
from tests.transforms.layout_books import CATALOGUE, form_of

FORM = form_of(
    "county:text:区县",
    "year:year:年度",
    "name:text:项目名称",
    "code:text:项目编码",
    "count:integer:户数",
    "area:decimal:建筑面积",
    "day:date:开工日期",
    identity=("name",),
    sums=("count", "area"),
    units={"area": "m2"},
    required=("name", "area"),
)
FACTS = ("county", "year", "name", "code", "count", "area", "day")
_COLUMNS = """
[columns]
county = ["区县"]
year = ["年度"]
name = ["项目名称"]
code = ["项目编码"]
count = ["户数"]
area = { headers = ["建筑面积"], unit = "㎡" }
day = ["开工日期"]
"""
_PLAIN = f'form = "thing"\nheader_rows = [1, 4]\nperiod = []\nfill_down = ["county"]\n{_COLUMNS}'
_SIDE = f"""
form = "thing"
header_rows = [2, 4]
period = []
fill_down = ["county"]
[[blocks]]
under = ["2012年"]
values = {{ year = "2012" }}
[[blocks]]
under = ["2013年"]
values = {{ year = "2013" }}
{_COLUMNS.replace('year = ["年度"]', "")}
"""
LABELS = {"county": "区县", "year": "年度", "name": "项目名称", "code": "项目编码"}
LABELS |= {"count": "户数", "area": "建筑面积", "day": "开工日期"}
PARENTS = ("基本信息", "工程概况", "其中", "时间安排", "规模")
AWKWARD = ("合计工程", "注水井改造", "1", "备注：无", "项目名称", "同上", "XXX小区", "甲")


def catalogue(folder):
    """The form with its two layouts."""
    for name, text in (("T_plain", _PLAIN), ("T_side", _SIDE)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    forms = {FORM.entity: FORM}
    return Catalogue(("schemas",), forms, load_layouts(folder, forms), CATALOGUE.codes, CATALOGUE.common)


@dataclass
class Book:
    """``rows`` is what was put in, ``cells`` and ``merges`` where (row, column from 1; areas as four numbers)."""

    rows: list[dict]
    suffix: str
    encoding: str
    wan: bool = False
    is_awkward: bool = False
    total_off: bool = False
    cells: dict = field(default_factory=dict)
    merges: list = field(default_factory=list)

    def put(self, row, col, value):
        """Put a value, where there is one."""
        if value is not None:
            self.cells[row, col] = value

    def merge(self, r1, c1, r2, c2):
        """Merge an area of more than one cell."""
        if (r1, c1) != (r2, c2):
            self.merges.append((r1, c1, r2, c2))


_HANZI = st.text("京海淀花园路塔院南里学翠微中村东西北甲乙丙号新", min_size=2, max_size=8)
_NAMES = st.builds(lambda word, number: f"{word}{number}号院", _HANZI, st.integers(1, 99))
_DAYS = st.one_of(st.none(), st.dates(dt.date(2012, 1, 1), dt.date(2014, 12, 31)))
_AREAS = st.one_of(st.none(), st.integers(1, 9_999_999).map(lambda n: Decimal(n) / 100))
_CODES = st.one_of(st.none(), st.integers(0, 999_999).map(lambda n: f"{n:06d}"))


@st.composite
def entries(draw, count):
    """The rows of one block: counties in runs, names of their own."""
    awkward = draw(st.booleans()) and draw(st.integers(0, 3)) == 0
    names = draw(st.lists(_NAMES, min_size=count, max_size=count, unique=True))
    counties = sorted(draw(st.lists(st.sampled_from(("东兴区", "市中区", "资中县")), min_size=count, max_size=count)))
    rows = [
        {
            "county": county,
            "name": name,
            "code": draw(_CODES),
            "count": draw(st.one_of(st.none(), st.integers(0, 5000))),
            "area": draw(_AREAS),
            "day": draw(_DAYS),
        }
        for county, name in zip(counties, names, strict=True)
    ]
    if awkward and rows:
        rows[draw(st.integers(0, count - 1))]["name"] = draw(st.sampled_from(AWKWARD))
    return rows, awkward


@st.composite
def books(draw):
    """A workbook: one table or two beside each other, a header of one to four rows, totals, footers, a format."""
    suffix, encoding = draw(
        st.sampled_from((("xlsx", ""), ("xlsx", ""), ("xls", ""), ("csv", "utf-8-sig"), ("csv", "gb18030")))
    )
    side = draw(st.integers(0, 3)) == 0
    book = Book([], suffix, encoding, wan=draw(st.booleans()))
    blocks = [draw(entries(draw(st.integers(1, 8)))) for _ in range(2 if side else 1)]
    book.is_awkward = any(awkward for _, awkward in blocks)
    row, col = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    row = _write_lines(draw, book, row, col)
    shared = ["county"] if side or draw(st.booleans()) else []
    columns = [name for name in FACTS if name not in ("county", "year")]
    order = draw(st.permutations(columns))
    starts = [col + len(shared)]
    if side:
        starts.append(starts[0] + len(order))
        counties = [each["county"] for each in blocks[0][0]]
        longest = max(len(rows) for rows, _ in blocks)
        counties = [*counties, *[counties[-1]] * (longest - len(counties))]
        for rows, _ in blocks:
            for place, each in enumerate(rows):
                each["county"] = counties[place]
    depth = draw(st.integers(2 if side else 1, 4))
    row = _write_header(draw, book, row, col, shared, order, starts, depth)
    _write_rows(draw, book, row, col, shared, order, starts, [rows for rows, _ in blocks])
    return book


def _write_lines(draw, book, row, col):
    if draw(st.booleans()):
        book.put(row, col, "附件2")
        row += 1
    if draw(st.booleans()):
        book.put(row, col, "改造项目情况登记表")
        book.merge(row, col, row, col + 3)
        row += 1
    if book.wan:
        book.put(row, col, "填报单位：某单位　单位：万平方米")
        row += 1
    return row


def _write_header(draw, book, row, col, shared, order, starts, depth):
    """Leaves at the bottom under parents, or merged down from the top; block years above all."""
    last = row + depth - 1
    for place, name in enumerate(shared):
        book.put(row, col + place, LABELS[name])
        book.merge(row, col + place, last, col + place)
    for number, start in enumerate(starts):
        top = row
        if len(starts) > 1:
            book.put(row, start, f"{2012 + number}年")
            book.merge(row, start, row, start + len(order) - 1)
            top = row + 1
        _write_block_header(draw, book, top, last, start, order)
    return last + 1


def _write_block_header(draw, book, top, last, start, order):
    place = 0
    while place < len(order):
        width = draw(st.integers(1, len(order) - place)) if top < last else 1
        lone = width == 1 and (book.suffix != "csv" or place + 1 == len(order))
        alone = top == last or lone or draw(st.booleans())
        if alone:
            for each in range(place, place + width):
                book.put(top, start + each, _header(draw, order[each]))
                book.merge(top, start + each, last, start + each)
        else:
            # Without merges one word alone in a row below others is no header anybody could be sure of (E22 tells).
            width = max(2, width) if book.suffix == "csv" else width
            book.put(top, start + place, draw(st.sampled_from(PARENTS)))
            book.merge(top, start + place, last - 1, start + place + width - 1)
            for each in range(place, place + width):
                book.put(last, start + each, _header(draw, order[each]))
        place += width


def _header(draw, name):
    label = LABELS[name]
    blank = draw(st.sampled_from(("", "", "\n", "　", " ")))
    return label[:2] + blank + label[2:]


def _write_rows(draw, book, row, col, shared, order, starts, blocks):
    longest = max(len(rows) for rows in blocks)
    total = draw(st.sampled_from((None, None, "first", "last")))
    first = row + (1 if total == "first" else 0)
    book.total_off = total is not None and draw(st.integers(0, 5)) == 0
    if total is not None:
        line = row if total == "first" else row + longest
        for start, rows in zip(starts, blocks, strict=True):
            _write_total(book, line, start, order, rows)
    if shared:
        counties = [each["county"] for each in max(blocks, key=len)]
        for place, county in enumerate(counties):
            if place == 0 or counties[place - 1] != county:
                book.put(first + place, col, county)
                run = next((n for n in range(place, len(counties)) if counties[n] != county), len(counties))
                book.merge(first + place, col, first + run - 1, col)
    for number, (start, rows) in enumerate(zip(starts, blocks, strict=True)):
        for place, each in enumerate(rows):
            for offset, name in enumerate(order):
                book.put(first + place, start + offset, _written(draw, book, name, each[name]))
            county = each["county"] if shared else None
            year = 2012 + number if len(blocks) > 1 else None
            said = {"county": county, "year": year, "area": _stored(book, each["area"])}
            above = rows[place - 1]["name"] if place else each["name"]
            book.rows.append({**each, **said, "name": above if each["name"] == "同上" else each["name"]})
    foot = row + longest + (1 if total else 0) + draw(st.integers(0, 20))
    for text in draw(
        st.lists(st.sampled_from(("注：本表按季填报", "填表人：　　审核人：", "数据来源：各区县")), max_size=2)
    ):
        book.put(foot, col, text)
        foot += 1


def _stored(book, area):
    return None if area is None else area * (10_000 if book.wan else 1)


def _written(draw, book, name, value):
    if value is None:
        return draw(st.sampled_from((None, None, "—", "/"))) if name != "name" else None
    if name == "day":
        text = draw(
            st.sampled_from((f"{value:%Y.%m.%d}", f"{value.year}年{value.month}月{value.day}日", f"{value:%Y-%m-%d}"))
        )
        return text if book.suffix == "csv" or draw(st.booleans()) else dt.datetime(value.year, value.month, value.day)
    if name == "area":
        return f"{value:,}" if draw(st.integers(0, 4)) == 0 else value
    return value


def _write_total(book, line, start, order, rows):
    book.put(line, start + order.index("name"), "合计")
    for name in ("count", "area"):
        known = [each[name] for each in rows if each[name] is not None]
        if known:
            off = Decimal("1.5") if book.total_off else 1
            value = sum(known) * off + (1 if book.total_off else 0)
            book.put(line, start + order.index(name), int(value) if name == "count" else Decimal(value))


def written(book):
    """The bytes of a book in its format."""
    stream = io.BytesIO()
    if book.suffix == "xlsx":
        workbook = openpyxl.Workbook()
        for (row, col), value in book.cells.items():
            cell = workbook.active.cell(row, col, float(value) if isinstance(value, Decimal) else value)
            if isinstance(value, str):
                cell.data_type = "s"
        for r1, c1, r2, c2 in book.merges:
            workbook.active.merge_cells(start_row=r1, start_column=c1, end_row=r2, end_column=c2)
        workbook.save(stream)
    elif book.suffix == "xls":
        workbook = xlwt.Workbook(encoding="utf-8")
        sheet = workbook.add_sheet("表")
        day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
        plain = xlwt.easyxf()
        for (row, col), value in book.cells.items():
            value = float(value) if isinstance(value, Decimal) else value
            sheet.write(row - 1, col - 1, value, day if isinstance(value, dt.datetime) else plain)
        sheet.merged_ranges.extend((r1 - 1, r2 - 1, c1 - 1, c2 - 1) for r1, c1, r2, c2 in book.merges)
        workbook.save(stream)
    else:
        last = max(row for row, _ in book.cells), max(col for _, col in book.cells)
        lines = [[book.cells.get((row, col), "") for col in range(1, last[1] + 1)] for row in range(1, last[0] + 1)]
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        stream.write(text.getvalue().encode(book.encoding))
    return stream.getvalue()
