"""Single changes of a form's header, as offices make them: a word more, a word less, a column moved, new, or split."""

import copy
import io
import random

import openpyxl
from openpyxl.utils import get_column_letter

from schemas.forms import load
from transforms.layout.headers import vocabularies_of
from transforms.sample import make_year
from transforms.sample.make import draw

CATALOGUE = load()
PREFIXES = ("本次", "实有", "最新", "填报", "各栋", "报表")
SUFFIXES = ("情况", "数据", "一览", "明细", "（核定）", "（以实际为准）", "总计数", "说明栏")
NEW = ("核查意见", "网格编号", "是否上会", "归档页码", "包保领导", "复核标记")


def sample_books():
    """One .xlsx of each form and look of the sample: (name, bytes)."""
    chosen = {}
    for envelope in make_year(2013, 1, 1, "none").envelopes:
        if envelope.path.endswith(".xlsx") and "~" not in envelope.path:
            chosen[envelope.form, envelope.look] = envelope  # the last of the year: most rows
    return [(envelope.path.rpartition("/")[2], draw(envelope)) for envelope in chosen.values()]


class Header:
    """The header of a workbook's sheet, as the reader finds it."""

    def __init__(self, sheet_name, match):
        self.sheet, self.match = sheet_name, match
        self.columns = {found.col: found for found in match.located}

    def leaf(self, page, col):
        """The cell that holds a column's own header: the lowest one with a text above the first row."""
        for row in range(self.match.bottom, self.match.top - 1, -1):
            for area in page.merged_cells.ranges:
                if area.min_col <= col <= area.max_col and area.min_row <= row <= area.max_row:
                    if area.min_col == area.max_col or area.min_row == self.match.bottom:
                        row, col = area.min_row, area.min_col
                    break
            if page.cell(row, col).value:
                return page.cell(row, col)
        return None


def rename(page, header, choose):
    col = choose.choice(sorted(col for col, found in header.columns.items() if found.target.kind == "column"))
    cell = header.leaf(page, col)
    text = str(cell.value)
    new = choose.choice(
        [
            choose.choice(PREFIXES) + text,
            text + choose.choice(SUFFIXES),
            text[:1] + choose.choice("总实已报") + text[1:],
            *([text[:-1]] if len(text) > 3 else []),
            *([text[1:]] if len(text) > 3 else []),
        ]
    )
    if any(word in vocabularies_of(CATALOGUE).words for word in spellings_of(new)):
        return None  # still, or again, a word that is known: no change of a header, or another column's own word
    cell.value = new
    return "rename", col, f"{text} → {new}"


def spellings_of(text):
    from schemas.text import normalise_label
    from transforms.layout.headers import spellings

    return spellings(normalise_label(text))


def move(page, header, choose):
    """Swap two columns of the table with all that stands in them."""
    plain = sorted(
        col for col, found in header.columns.items() if found.target.kind == "column" and "·" not in found.header
    )
    if len(plain) < 2:
        return None
    one, other = choose.sample(plain, 2)
    spans = [
        [
            (a.min_row, a.max_row, a.min_col == a.max_col)
            for a in page.merged_cells.ranges
            if a.min_col <= col <= a.max_col and a.min_row <= header.match.bottom and header.match.top <= a.max_row
        ]
        for col in (one, other)
    ]
    if sorted(spans[0]) != sorted(spans[1]) or any(not alone for span in spans for *_, alone in span):
        return None
    merged = [a for a in page.merged_cells.ranges if a.min_row > header.match.bottom and a.min_col in (one, other)]
    for area in list(merged):
        value = page.cell(area.min_row, area.min_col).value
        page.unmerge_cells(str(area))
        for row in range(area.min_row, area.max_row + 1):
            page.cell(row, area.min_col).value = value
    first = min([header.match.top, *(row for span in spans for row, *_ in span)])
    for row in range(first, page.max_row + 1):
        a, b = page.cell(row, one), page.cell(row, other)
        if type(a).__name__ == "MergedCell" or type(b).__name__ == "MergedCell":
            continue
        formats = b.number_format, a.number_format  # before the values: openpyxl gives a cell that gets a date a format
        a.value, b.value = b.value, a.value
        a.number_format, b.number_format = formats
    return "move", one, f"{get_column_letter(one)} ↔ {get_column_letter(other)}"


def new(page, header, choose):
    """A column nobody knows behind the last one."""
    col = max(header.columns) + 1
    while any(page.cell(row, col).value for row in range(header.match.top, page.max_row + 1)):
        col += 1
    text = choose.choice(NEW)
    page.cell(header.match.bottom, col).value = text
    for row in range(header.match.bottom + 1, page.max_row + 1):
        if (
            page.cell(row, min(header.columns)).value is not None
            or page.cell(row, min(header.columns) + 1).value is not None
        ):
            page.cell(row, col).value = choose.choice(["已核", "待核", "无"])
    return "new", col, text


def split(page, header, choose):
    """One column under one header becomes two: its values stay in the first."""
    plain = sorted(
        col for col, found in header.columns.items() if found.target.kind == "column" and "·" not in found.header
    )
    if not plain:
        return None
    col = choose.choice(plain)
    cell = header.leaf(page, col)
    text = str(cell.value)
    last = max(header.columns) + 1
    while any(page.cell(row, last).value for row in range(header.match.top, page.max_row + 1)):
        last += 1
    cell.value = f"{text}（上报）"
    page.cell(header.match.bottom, last).value = f"{text}（核定）"
    if any(word in vocabularies_of(CATALOGUE).words for word in spellings_of(cell.value)):
        cell.value = f"{text}上报数"
        page.cell(header.match.bottom, last).value = f"{text}核定数"
    return "split", col, text


CHANGES = (rename, rename, rename, rename, move, new, split)


def changed(data, header, seed):
    """The workbook with one change of its header: (bytes, kind, column, what)."""
    choose = random.Random(seed)
    for _ in range(20):
        book = openpyxl.load_workbook(io.BytesIO(data))
        done = choose.choice(CHANGES)(book[header.sheet], copy.copy(header), choose)
        if done is not None:
            stream = io.BytesIO()
            book.save(stream)
            return stream.getvalue(), *done
    raise AssertionError("no change found")
