"""T20 树木移植台账: trees moved out of the way of the works, street by street and month by month."""

import polars as pl

from schemas import columns as c
from schemas.columns import Column
from schemas.forms import Due, Form, Reference, Rule

FORM = Form(
    code="T20",
    entity="tree_ledger",
    title_zh="树木移植台账",
    title_en="Trees moved for the works",
    filed_by_zh="分指挥部",
    filer_kind="street",
    cadence="monthly",
    due=Due("day", 10),
    report_key=("street", "period"),
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.report_month,
        c.street,
        Column("yard", "text", "院落", "Yard the trees stood in"),
        Column("trees_found", "integer", "现有树木", "Trees in the way of the works", unit="tree", sums=True, low=0),
        Column("trees_moved", "integer", "已移植", "Trees moved so far", unit="tree", sums=True, low=0),
    ),
    required=("report_month", "yard", "trees_found", "trees_moved"),
    filled=("report_month", "yard", "trees_found"),
    row_identity=("yard",),
    key=("report_month", "street_id", "yard"),
    references=(Reference("street", "street", "street_id", required=False),),
    rules=(
        Rule(
            "E05",
            "moved_within_found",
            pl.col("trees_moved") <= pl.col("trees_found"),
            "trees_moved",
            "已移植数不大于现有树木数",
        ),
    ),
)
