"""F04, F05, F14, F18, F20: what the headquarters and the joint branch send about batches, pilots, tenders, people."""

import datetime as dt
from collections.abc import Iterator

from transforms.sample.envelope import Envelope, Row, Value
from transforms.sample.facts import Facts
from transforms.sample.facts.materials import Tender
from transforms.sample.facts.planning import BatchLine, Pilot
from transforms.sample.facts.postings import Posting
from transforms.sample.letters import Table, letter, month_of, word
from transforms.sample.plan import BATCHES

BATCH_PLAN, PILOTS, TENDERS, POSTINGS, CARRY_OVER = (
    "batch_plan",
    "pilot_project",
    "tender",
    "party_posting",
    "carry_over",
)
HEADQUARTERS, BRANCH = "区指挥部", "区联合党支部"
_BATCH_DAYS = {
    (2013, "1"): dt.date(2013, 2, 28),
    (2013, "2"): dt.date(2013, 3, 1),
    (2013, "3"): dt.date(2013, 4, 3),
    (2014, "1"): dt.date(2014, 2, 6),
}
_PILOT_DAYS = (dt.date(2013, 5, 6), dt.date(2014, 2, 6))
_TENDER_DAYS = (dt.date(2013, 4, 3), dt.date(2013, 7, 3), dt.date(2013, 10, 10))
_POSTING_DAYS = (dt.date(2013, 5, 6), dt.date(2013, 10, 10), dt.date(2014, 3, 3))
_CARRY_OVER_DAY = dt.date(2014, 1, 6)


def envelopes(facts: Facts) -> Iterator[Envelope]:
    """Give the batches one by one, pilots twice, the tenders' and postings' lists as they grow, the carry-over."""
    yield from _batches(facts)
    for number, day in enumerate(_PILOT_DAYS):
        rows = [_pilot(pilot, is_last=number > 0) for pilot in facts.pilots]
        yield letter(PILOTS, HEADQUARTERS, "", "2013", day, [Table(rows)], facts.seed)
    for day in _TENDER_DAYS:
        rows = [_tender(tender) for tender in facts.tenders if tender.contract_date < day]
        yield letter(TENDERS, HEADQUARTERS, "", "2013", day, [Table(rows)], facts.seed)
    for day in _POSTING_DAYS:
        rows = [
            _posting(posting, number, day) for number, posting in enumerate(facts.postings) if posting.start_date < day
        ]
        yield letter(POSTINGS, BRANCH, "", month_of(day), day, [Table(rows)], facts.seed)
    carried = [
        Row(
            carried.building.key,
            {
                "from_year": f"{carried.from_year}年",
                "to_year": f"{carried.to_year}年",
                "street": carried.building.street,
                "compound_name": carried.building.compound,
                "building_no": f"{carried.building.number}号楼",
                "carried_area_m2": carried.carried_area_m2,
                "carry_reason": carried.reason,
            },
        )
        for carried in facts.carry_overs
    ]
    yield letter(CARRY_OVER, HEADQUARTERS, "", "2013", _CARRY_OVER_DAY, [Table(carried)], facts.seed)


def _batches(facts: Facts) -> Iterator[Envelope]:
    for (year, batch), day in _BATCH_DAYS.items():
        lines = [line for line in facts.batches if (line.plan_year, line.batch_no) == (year, batch)]
        look = HEADQUARTERS if year == 2013 and batch != "3" else f"{HEADQUARTERS} {year}年"
        name = BATCHES[int(batch) - 1]
        yield letter(
            BATCH_PLAN, look, "", str(year), day, [Table(list(map(_batch_line, lines)))], facts.seed, batch=name
        )


def _batch_line(line: BatchLine) -> Row:
    values: dict[str, Value] = {
        "plan_year": line.plan_year,
        "batch_no": BATCHES[int(line.batch_no) - 1],
        "street": line.compound.street,
        "compound_name": line.compound.name,
        "planned_start": _month(line.planned_start) if line.in_months else line.planned_start,
        "planned_finish": _month(line.planned_finish) if line.in_months else line.planned_finish,
        "planned_area_m2": line.planned_area_m2,
    }
    return Row(line.compound.key, values)


def _month(day: dt.date) -> str:
    return f"{day.year}年{day.month}月"


def _pilot(pilot: Pilot, *, is_last: bool) -> Row:
    values: dict[str, Value] = {
        "plan_year": pilot.plan_year,
        "street": pilot.compound.street,
        "compound_name": pilot.compound.name,
        "pilot_topic": pilot.topic,
        "pilot_stage_code": word("pilot_stages", pilot.stage_code if is_last else pilot.first_stage),
        "effect_note": pilot.effect if is_last else None,
        "rolled_out_to": "、".join(compound.name for compound in pilot.rolled_out_to) if is_last else None,
    }
    return Row(pilot.compound.key, values)


def _tender(tender: Tender) -> Row:
    values: dict[str, Value] = {
        "tender_no": tender.tender_no,
        "lot_no": tender.lot_no,
        "tender_type_code": word("tender_types", tender.type_code),
        "tender_method_code": word("tender_methods", tender.method_code),
        "notice_date": tender.notice_date,
        "open_date": tender.open_date,
        "bidders": tender.bidders,
        "control_price_yuan": tender.control_price_yuan,
        "winner": tender.winner,
        "win_price_yuan": tender.win_price_yuan,
        "award_date": tender.award_date,
        "contract_no": tender.contract_no,
        "contract_date": tender.contract_date,
    }
    return Row(f"{tender.tender_no}|{tender.lot_no or ''}", values)


def _posting(posting: Posting, number: int, day: dt.date) -> Row:
    values: dict[str, Value] = {
        "project": posting.compound.name,
        "person_name": posting.person_name,
        "person_source_code": word("person_sources", posting.source_code),
        "org": posting.org,
        "post_code": word("posts", posting.post_code),
        "frontline_code": word("frontlines", posting.frontline_code),
        "start_date": posting.start_date,
        "end_date": posting.end_date if posting.end_date and posting.end_date < day else None,
    }
    return Row(f"posting {number}", values)
