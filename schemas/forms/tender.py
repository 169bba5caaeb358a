"""F14 公开招投标台账: tenders lot by lot."""

import polars as pl

from schemas import columns as c
from schemas.forms.base import Derived, Form, Reference, Rule
from schemas.forms.dates import not_before

_NOTICE_DAYS = 20  # 招标投标法 art. 24, from memory
_CONTRACT_DAYS = 30


def _within_days(later: str, earlier: str, days: int) -> pl.Expr:
    return pl.col(later) <= pl.col(earlier).dt.offset_by(f"{days}d")


FORM = Form(
    code="F14",
    entity="tender",
    title_zh="公开招投标台账",
    title_en="Tenders",
    filed_by_zh="区指挥部",
    filer_kind="headquarters",
    cadence="per_event",
    report_key=("period",),
    period_required=False,
    columns=(
        c.seq_no,
        c.plan_year,
        c.tender_no,
        c.lot_no,
        c.tender_type_code,
        c.tender_method_code,
        c.notice_date,
        c.open_date,
        c.bidders,
        c.control_price_yuan,
        c.winner,
        c.win_price_yuan,
        c.award_date,
        c.contract_no,
        c.contract_date,
        c.remark,
    ),
    required=("tender_no", "tender_type_code", "win_price_yuan"),
    filled=("tender_no", "tender_type_code"),
    row_identity=("tender_no",),
    key=("tender_lot_id",),
    references=(Reference("organisation", "winner", "winner_id", required=False),),
    derived=Derived("tender_lot_id", "招标标段编号", ("tender_no", "lot_no"), optional=("lot_no",)),
    note_columns=("remark",),
    rules=(
        Rule(
            "E29",
            "open_tender_has_twenty_days",
            (pl.col("tender_method_code") != "OPEN")
            | (pl.col("open_date") >= pl.col("notice_date").dt.offset_by(f"{_NOTICE_DAYS}d")),
            "open_date",
            "公开招标自公告至开标不少于20日",
        ),
        Rule(
            "E29",
            "three_bidders",
            (pl.col("bidders") >= 3) | (pl.col("tender_method_code") == "SINGLE_SOURCE").fill_null(value=False),
            "bidders",
            "投标单位不少于3家",
        ),
        Rule(
            "E29",
            "win_price_within_control_price",
            pl.col("win_price_yuan") <= pl.col("control_price_yuan"),
            "win_price_yuan",
            "中标价不高于招标控制价",
        ),
        not_before("award_date", "open_date", "中标日期不早于开标日期", "E29"),
        not_before("contract_date", "award_date", "合同签订日期不早于中标日期", "E29"),
        Rule(
            "E29",
            "contract_within_thirty_days",
            _within_days("contract_date", "award_date", _CONTRACT_DAYS),
            "contract_date",
            "合同应在中标后30日内签订",
        ),
    ),
)
