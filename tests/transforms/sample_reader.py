"""Sample files read back as a clerk would: header words to columns, lines with figures to rows.

The second reader of each format: openpyxl for .xlsx and .xlsm, xlrd for .xls, Python's csv for .csv.
"""

import csv
import datetime as dt
import io
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

import openpyxl
import xlrd
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from transforms.sample import make_year
from transforms.sample.draw import draw

F01, F02, F03, F22 = "municipal_target", "compound_register", "building_register", "org_directory"
F06, F08 = "contractor_progress", "subcommand_monthly"

HEADERS = {
    "compound_name": {"小区名称", "项目名称", "工程名称", "小区", "项目", "小区（院）名称"},
    "building_no": {"楼号", "楼栋", "栋号"},
    "floor_area": {"建筑面积", "建筑面积（㎡）", "面积（平方米）", "面积(㎡)", "建筑面积（平方米）"},
    "households": {"户数", "户数（户）", "住户数"},
    "start": {"实际开工日期", "开工日期"},
    "finish": {"实际竣工日期", "竣工时间", "完工日期"},
    "status": {"工程状态", "施工状态", "状态"},
    "programme": {"改造类型", "整治类型", "类型"},
    "started_cum": {"开工/累计/面积", "累计开工面积", "累计开工/面积"},
    "completed_cum": {"完成/累计/面积", "累计完成面积", "累计完成/面积"},
}
FINISHED = {"完工", "竣工", "已验收"}


@cache
def year(faults="all", scale=1, seed=1):
    return make_year(2013, seed=seed, scale=scale, faults=faults)


def sent(form, period="", faults="all", **wanted):
    return [
        e
        for e in year(faults).envelopes
        if (e.form, e.period) == (form, period) and all(getattr(e, name) == value for name, value in wanted.items())
    ]


@dataclass
class Page:
    """One sheet: non-blank values by row and column from 1, and its merged areas (r1, c1, r2, c2)."""

    name: str
    values: dict
    merges: list = field(default_factory=list)

    def at(self, address):
        letters, row = coordinate_from_string(address)
        return self.values.get((row, column_index_from_string(letters)))

    def rows(self):
        by_row = {}
        for (row, _), value in sorted(self.values.items()):
            by_row.setdefault(row, []).append(value)
        return list(by_row.values())


def read_pages(data, suffix):
    return {"csv": csv_pages, "xls": xls_pages}.get(suffix, xlsx_pages)(data)


def xlsx_pages(data):
    for sheet in openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets:
        values = {(c.row, c.column): c.value for row in sheet for c in row if is_filled(c.value)}
        merges = [(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges]
        yield Page(sheet.title, values, merges)


def xls_pages(data):
    book = xlrd.open_workbook(file_contents=data, formatting_info=True)
    for sheet in book.sheets():
        values = {}
        for row in range(sheet.nrows):
            for column, cell in enumerate(sheet.row(row)):
                is_date = cell.ctype == xlrd.XL_CELL_DATE
                value = xlrd.xldate_as_datetime(cell.value, book.datemode) if is_date else cell.value
                if is_filled(value):
                    values[row + 1, column + 1] = value
        yield Page(sheet.name, values, [(r1 + 1, c1 + 1, r2, c2) for r1, r2, c1, c2 in sheet.merged_cells])


def csv_pages(data):
    lines = csv.reader(io.StringIO(data.decode("gb18030"), newline=""))
    values = {
        (row, column): float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text
        for row, line in enumerate(lines, 1)
        for column, text in enumerate(line, 1)
        if is_filled(text)
    }
    yield Page("Sheet1", values)


def is_filled(value):
    return value is not None and bool(str(value).strip())


@cache
def opened(faults, path):
    """The pages of a file of the year, in order."""
    [envelope] = [e for e in year(faults).envelopes if e.path == path]
    return list(read_pages(draw(envelope), envelope.suffix))


def page_of(faults, path, name):
    return next(page for page in opened(faults, path) if page.name == name)


def squeeze(value):
    return re.sub(r"\s", "", str(value if value is not None else ""))


def grid_of(page):
    """Give a page's values with merged areas filled in."""
    grid = dict(page.values)
    for r1, c1, r2, c2 in page.merges:
        top = grid.get((r1, c1))
        grid |= {(r, c): top for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}
    return grid


def naive_rows(envelope, faults="all", sheet=0):
    """Read a table with no judgement: header words to columns, every line with a compound (blank ones carried down)."""
    page = opened(faults, envelope.path)[sheet]
    grid = grid_of(page)
    compounds = HEADERS["compound_name"]
    first = next(r for r in range(1, 12) for c in range(1, 9) if squeeze(grid.get((r, c))) in compounds)
    columns = {}
    for c in range(1, max(c for _, c in grid) + 1):
        path = dict.fromkeys(squeeze(grid.get((r, c))) for r in range(first, first + 3))
        for name, words in HEADERS.items():
            if name not in columns and ({next(iter(path)), "/".join(path)} | {"/".join(list(path)[:2])}) & words:
                columns[name] = c
    last_name, rows = None, []
    for r in range(first + 1, max(r for r, _ in grid) + 1):
        row = {name: grid.get((r, c)) for name, c in columns.items()}
        label = "".join(squeeze(grid.get((r, c))) for c in range(1, 5))
        has_figures = any(isinstance(row.get(name), int | float) for name in ("floor_area", "started_cum"))
        if not has_figures or "计" in label or row.get("programme") == 3 or row["compound_name"] in ("乙", "丙"):
            continue
        last_name = row["compound_name"] or last_name
        rows.append({**row, "compound_name": last_name, "row": r})
    return rows


def written_day(value):
    if isinstance(value, dt.datetime):
        return value.date()
    found = re.fullmatch(r"(\d{4})[.年-](\d{1,2})[.月-](\d{1,2})日?", squeeze(value))
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def money(number):
    return Decimal(str(number)).quantize(Decimal("0.01"))


def figures(rows):
    return sum((money(r["floor_area"]) for r in rows), Decimal(0)), len(rows), sum(r["households"] for r in rows)


def finished(rows, by=dt.date(2013, 12, 31)):
    return [r for r in rows if r["status"] in FINISHED and (written_day(r["finish"]) or dt.date.max) <= by]


def progress_rows(period, faults="none", instead=()):
    """All F06 rows of a month; ``instead`` are envelopes of the faulty year that take their twin's place."""
    taken = {(e.sender, e.street): e for e in instead}
    for envelope in sent(F06, period, faults):
        key = (envelope.sender, envelope.street)
        yield from naive_rows(taken[key], "all") if key in taken else naive_rows(envelope, faults)


def with_fault(code):
    paths = {fault.path for fault in year().ledger if fault.code == code}
    return [e for e in year().envelopes if e.path in paths]
