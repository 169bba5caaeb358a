"""The tables of the small home, worked out another way: originals by hand with openpyxl and csv, joined in sqlite3.

Slow, plain, and knowing the few layouts of that home only. It shares nothing with the pipeline but the archive.
"""

import csv
import datetime as dt
import io
import itertools
import json
import re
import sqlite3
import tomllib
from decimal import Decimal

import duckdb
import openpyxl

TABLES = {
    "compound": "select compound_name, household_count, floor_area_m2 from core.compound_register",
    "building": """
        select compound_name, building_no, floor_area_m2, household_count, programme_type_code
        from core.building_register
    """,
    "progress": """
        select
            split_part(building_id, ':', 2), building_no, left(cast(report_month as varchar), 7), floor_area_m2,
            household_count, output_value_yuan, cast(timezone('Asia/Shanghai', known_from) as date),
            cast(timezone('Asia/Shanghai', known_to) as date)
        from core.contractor_progress
    """,
    "waiting": "select split_part(building_id, ':', 2), split_part(building_id, ':', 3) from ops.quarantine",
    "monthly": """
        select
            compound_name, programme_type_code, left(cast(report_month as varchar), 7), started_area_cum_m2,
            completed_area_cum_m2
        from core.subcommand_monthly
    """,
}
"""What is compared: a table worked out here, and the question to a release that gives the same."""


def differences(place):
    """What a home's release says otherwise than its archive and its aliases, read by hand."""
    aliases = tomllib.loads(place.aliases_file.read_text(encoding="utf-8")).get("alias", [])
    base = rebuilt(place.archive, {each["written"]: each["means"] for each in aliases})
    found = []
    with duckdb.connect(str(place.current), read_only=True) as release:
        for table, asked in TABLES.items():
            here = sorted(map(as_texts, base.execute(f"select * from {table}")))
            there = sorted(map(as_texts, release.sql(asked).fetchall()))
            if here != there or not here:
                only = [row for row in (*here, *there) if (row in here) != (row in there)]
                found.append(f"{table}: {len(there)} rows for {len(here)}, first {only[:2]}")
    return found


def as_texts(row):
    """A row as texts; a number without the noughts that say nothing."""
    return tuple(f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) else str(value) for value in row)


def rebuilt(archive, aliases):
    """A sqlite3 database of what the originals say."""
    base = sqlite3.connect(":memory:")
    base.executescript(
        """
        create table compound (name, households, area);
        create table building (compound, number, area, households, type);
        create table said (compound, number, period, area, households, output, contractor, day);
        create table monthly (compound, type, period, started, completed);
        """
    )
    for path, day, data in originals(archive):
        rows = grid(path, data)
        if "登记表" in path:
            insert(base, "compound", [(r["小区名称"], r["户数"], area(r)) for r in lines(rows, "小区名称")])
        elif "台账" in path:
            facts = [(r["小区名称"], r["楼号"], area(r), r["户数"], kind(r)) for r in lines(rows, "小区名称")]
            insert(base, "building", facts)
        elif "分指挥部" in path and rows:
            insert(base, "monthly", [of_street(r, month(rows)) for r in lines(rows, "小区名称")])
        elif "12月" in path:
            contractor = next(cell for row in rows for cell in row if "填报单位" in cell).split("：")[1]
            named = "项目名称" if path.endswith(".csv") else "小区名称"
            facts = [(*of_building(row, aliases), contractor, day) for row in lines(rows, named)]
            insert(base, "said", [(*f[:2], month(rows), *f[2:]) for f in facts])
    # The newest report of a contractor and month stands, from the day it came; the one before it until then.
    base.executescript(
        """
        create table progress as
        select compound, number, period, area, households, output, day, (
            select min(later.day) from said as later
            where later.contractor = said.contractor and later.period = said.period and later.day > said.day
        ) as until
        from said where output is not null;
        create table waiting as select compound, number from said where output is null;
        """
    )
    return base


def insert(base, table, rows):
    for row in rows:
        base.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)


def originals(archive):
    """(path, day, bytes) of every receipt, in the order of the days they came."""
    said = [json.loads(line) for line in (archive / "receipts.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in sorted(said, key=lambda each: (each["received_at"], each["path"])):
        data = (archive / line["sha256"][:2] / line["sha256"]).read_bytes()
        yield line["path"], line["received_at"][:10], data


def grid(path, data):
    """The first sheet as rows of texts; each place of a merged area says what its first cell says."""
    if path.endswith(".csv"):
        return [[plain(cell) for cell in row] for row in csv.reader(data.decode("gb18030").splitlines())]
    try:
        sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    except Exception:
        return []
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for block in sheet.merged_cells.ranges:
        for row in range(block.min_row, block.max_row + 1):
            for column in range(block.min_col, block.max_col + 1):
                rows[row - 1][column - 1] = rows[block.min_row - 1][block.min_col - 1]
    return [[plain(value) for value in row] for row in rows]


def plain(value):
    """A cell's text without blanks, line breaks, and units in brackets."""
    if isinstance(value, dt.datetime | dt.date):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else re.sub(r"\s|（[㎡栋户万元平方米]+）", "", str(value))


def lines(rows, needed):
    """Numbered rows below the header as dicts; a header of several lines is read downwards."""
    first = next(n for n, row in enumerate(rows) if "序号" in row and needed in row)
    last = first
    while rows[last + 1][0] in ("", "序号"):
        last += 1
    heads = ["/".join(dict.fromkeys(filter(None, column))) for column in zip(*rows[first : last + 1], strict=True)]
    found = [dict(zip(heads, row, strict=True)) for row in rows[last + 1 :] if re.fullmatch(r"\d+", row[0])]
    for above, row in itertools.pairwise(found):
        row[needed] = row[needed] or above[needed]  # a name is written once for the rows below it
    return found


def month(rows):
    """The month a report is about, by its title."""
    year, number = re.search(r"(\d{4})年(\d+)月", rows[0][0] + rows[1][0]).groups()
    return f"{year}-{int(number):02d}"


def number(text, factor=1):
    """A plain number, or None."""
    return as_texts((Decimal(text) * factor,))[0] if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def area(row):
    return number(row["建筑面积"])


def kind(row):
    return "SEISMIC_ENERGY" if "抗震" in row["改造类型"] else "ENERGY_ENV"


def of_street(row, period):
    """One line of a sub-command's report; areas are in 万㎡."""
    areas = [number(row[f"{stage}/累计/面积"], 10_000) for stage in ("开工", "完成")]
    return row["小区名称"], kind(row), period, *areas


def of_building(row, aliases):
    """One building of a contractor's report: of whichever layout."""
    compound = row.get("小区名称") or row["项目名称"]
    output = number(row.get("累计完成产值") or row["完成工作量"], 10_000)
    facts = row.get("楼号") or row["楼栋"], row.get("建筑面积") or row["面积"], row["户数"]
    return aliases.get(compound, compound), facts[0], number(facts[1]), facts[2], output
