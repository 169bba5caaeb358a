"""F12 入户征询意见汇总表: how many households of a building agree, round by round."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Form, Reference, Restated, Rule

_PARTS = ("agree_households", "disagree_households", "not_contacted_households")
_TOTAL = pl.col("households_total")
_WRITTEN_CLOSE = 0.0051  # shares are written to whole percents at worst

FORM = Form(
    code="F12",
    entity="consent_survey",
    title_zh="入户征询意见汇总表",
    title_en="Consent survey",
    filed_by_zh="社区、施工单位",
    filer_kind="street",
    cadence="per_event",
    report_key=("street", "edition"),
    edition_column="round_no",
    filer_column="filer_id",
    columns=(
        c.seq_no,
        c.round_no,
        c.street,
        c.compound_name,
        c.building_no,
        c.households_total,
        c.households_surveyed,
        c.agree_households,
        c.disagree_households,
        c.not_contacted_households,
        c.agree_ratio,
        c.remark,
    ),
    required=("compound_name", "building_no", "households_total", "agree_households", "round_no"),
    filled=("compound_name", "building_no", "households_total", "agree_households", "round_no"),
    row_identity=("compound_name", "building_no"),
    key=("building_id", "round_no"),
    references=(
        Reference("compound", "compound_name", "compound_id"),
        Reference("building", "building_no", "building_id"),
    ),
    restated=(Restated("households_total", "building_register", "household_count", "E31"),),
    note_columns=("remark",),
    rules=(
        Rule(
            "E26",
            "parts_add_up",
            pl.sum_horizontal(*_PARTS, ignore_nulls=False) == _TOTAL,
            "agree_households",
            "同意、不同意、未联系上之和等于总户数",
        ),
        Rule(
            "E26",
            "agree_within_total",
            # Where the parts do not add up, that says it already.
            (pl.col("agree_households") <= _TOTAL)
            | (pl.sum_horizontal(*_PARTS, ignore_nulls=False) != _TOTAL).fill_null(value=False),
            "agree_households",
            "同意户数不大于总户数",
        ),
        Rule(
            "E26",
            "surveyed_within_total",
            pl.col("households_surveyed") <= _TOTAL,
            "households_surveyed",
            "征询户数不大于总户数",
        ),
        Rule(
            "E33",
            "agree_ratio_follows",
            pl.when(_TOTAL > 0).then(
                (pl.col("agree_ratio").cast(pl.Float64) - pl.col("agree_households") / _TOTAL).abs() <= _WRITTEN_CLOSE
            ),
            "agree_ratio",
            "同意率等于同意户数除以总户数",
        ),
    ),
)
