"""Every key a layout file may hold, with what it means and an example.

The loader knows no other; the reference page (README.md beside this file) is made from here.
"""

from typing import NamedTuple

PERIOD_SOURCES = ("title", "cell", "file_name", "sheet_name")
CONTEXT_VALUES = (
    "period",
    "year",
    "filer",
    "street",
    "report_date",
    "lot",
    "doc_no",
    "issued_date",
    "edition",
    "district",
    "programme",
    "batch",
    "round",
    "compound",
    "sheet",
)
VALUE_PLACES = ("beside", "below")
HEADINGS = ("year", "month")
UNITS = ("㎡", "万㎡", "元", "千元", "万元", "亿元", "户", "套", "栋", "樘", "米", "人", "人次", "%")


class Key(NamedTuple):
    """One key: its name in the file, what it means, and a line (or lines) that a clerk could copy."""

    name: str
    meaning: str
    example: str


FILE = (
    Key(
        "form",
        "The form this is a layout of, by its entity name. The only key that must be there.",
        'form = "subcommand_monthly"',
    ),
    Key(
        "title",
        "What to call it in messages and on the blank workbook. Default: the form's own title.",
        'title = "月报（旧版）"',
    ),
    Key(
        "header_rows",
        "Fewest and most rows the header takes, 1 to 6. Its texts are read from top to bottom, merged cells filled in.",
        "header_rows = [1, 3]",
    ),
    Key(
        "values",
        "Makes the layout a key-value form (表单) instead of a table: where the value of a label stands, "
        "`beside` (to the right) or `below`. The entries of [columns] are then labels. A sheet may hold several forms, "
        "under each other or side by side; each is one row. “申请时间·至” is the label 至 in the line of 申请时间.",
        'values = "beside"',
    ),
    Key(
        "fill_down",
        "Columns written once and left blank below (street, compound), merged or not. 同上, 〃 and 同左 need no entry.",
        'fill_down = ["street", "compound_name"]',
    ),
    Key(
        "period",
        "Where the period may stand; all that speak must agree (E13). One or more of: "
        + ", ".join(PERIOD_SOURCES)
        + ".",
        'period = ["title", "file_name"]',
    ),
    Key(
        "ignore_headers",
        "Columns (in a key-value form: labels) that nobody reads. Their cells are counted as ignored.",
        'ignore_headers = ["打印时隐藏"]',
    ),
    Key(
        "only",
        "Rows to load: those whose column has one of these values. The others are ignored.",
        'only = { district = ["海淀区"] }',
    ),
    Key(
        "rows",
        "What makes a line a row: each named column must be filled and match its pattern as a whole "
        "(`.*` anything, `[A-Z]{2}[0-9]{4}` two letters and four digits). Other lines are sections, totals or notes.",
        'rows = { indicator_code = "[A-Z]{2}[0-9]{4}" }',
    ),
    Key(
        "sections",
        "The column that takes the text of a line of its own above the rows (一、抗震节能; 土石方工程 139,151.88). "
        "Figures in such a line are its subtotals. With `end_at_total`, rows behind a total row belong to no section.",
        'sections = "programme_type_code"\nsections = { column = "rider_class", end_at_total = true }',
    ),
    Key("totals", "More words that mark a total row, besides those of _common.toml.", 'totals = ["不含税造价"]'),
    Key(
        "stated_totals",
        "Words of rows that stand among the totals but are no sum of rows (tax, a price with tax): kept, not compared.",
        'stated_totals = ["税金", "含税造价"]',
    ),
    Key(
        "footnotes",
        "Text columns whose values end in the numbers of footnotes: Northeast6 is Northeast.",
        'footnotes = ["area"]',
    ),
    Key(
        "drag_fill",
        "A name column and the year column it must agree with: names whose year runs on by one while the column stands "
        "still were filled by dragging (E18).",
        'drag_fill = { project_name = "approved_year" }',
    ),
    Key(
        "context",
        "Columns that may be given once outside the table, and by which value: " + ", ".join(CONTEXT_VALUES) + ". "
        "`sheet` is the sheet's name.",
        '[context]\nreport_month = "period"',
    ),
    Key(
        "defaults",
        "What a column holds where neither a header nor the context gives it.",
        'defaults = { target_version = "1" }',
    ),
    Key(
        "splits",
        "A date column that takes the date standing in another column's cell (完成2016-3-15).",
        'splits = { status_code = "actual_finish" }',
    ),
    Key(
        "columns",
        "Each column of the form and its headers, best first. `·` stands between a header and the one under it, "
        "`|` between spellings of one header. Blanks, line breaks, width, case and a unit in brackets do not matter.",
        '[columns]\ncompound_name = ["小区名称", "小区|院落·名称"]\n'
        'floor_area_m2 = { headers = ["建筑面积"], unit = "㎡" }',
    ),
    Key("items", "A wide block: columns that repeat per item, and become rows.", '[items]\ncolumn = "work_item_code"'),
    Key(
        "blocks",
        "Tables side by side under one header: each entry is one of them.",
        '[[blocks]]\nname = "2019"\nunder = ["2019", "2019年"]\nvalues = { programme_year = "2019" }',
    ),
)

COLUMN = (
    Key(
        "headers",
        "The header texts, where the column needs more than them.",
        'floor_area_m2 = { headers = ["建筑面积", "面积"] }',
    ),
    Key(
        "unit",
        "The unit of the numbers where neither the cell, the header nor the unit line says: " + ", ".join(UNITS) + ".",
        'unit = "万㎡"',
    ),
    Key(
        "right",
        "The column to the right, where it has no header of its own (one header over code and name).",
        'department_code = { headers = ["招生院系"], right = "department" }',
    ),
    Key(
        "left",
        "The column to the left, where it has no header (row groups at the side).",
        'fare_media = { headers = ["FARE MEDIA"], left = "view" }',
    ),
)

ITEMS = (
    Key(
        "column", "The column that takes the item: of the form itself, or of its sub-form.", 'column = "work_item_code"'
    ),
    Key("units", "The column that takes the unit found in the item's headers.", 'units = { column = "unit_code" }'),
    Key("groups", "The items, each with the headers it goes by.", '[items.groups]\nWINDOW = ["外窗改造", "外窗"]'),
    Key(
        "headers",
        "Instead of groups: the headers are years (2024年, 2015 *) or months (2018年02月, 201802): "
        + ", ".join(HEADINGS)
        + ".",
        'headers = "month"',
    ),
    Key(
        "columns",
        "What is told of each item. With `headers`, one entry may have none: the year or month is its only header.",
        '[items.columns]\nqty_design = ["设计量", "工程量"]\nvalue = []',
    ),
)

BLOCK = (
    Key("name", "What to call the block.", 'name = "2019"'),
    Key("under", "The header above its columns.", 'under = ["2019", "2019年"]'),
    Key("values", "Columns that are the same in all its rows.", 'values = { programme_year = "2019" }'),
)

SECTIONS = (
    Key("column", "The column that takes the section.", 'column = "rider_class"'),
    Key("end_at_total", "Whether a total row ends the section. Default: false.", "end_at_total = true"),
)


def example_of(name: str) -> str:
    """Give the example of a key of the file."""
    return next(key.example for key in FILE if key.name == name)


def names(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """List the names of some keys."""
    return tuple(key.name for key in keys)
