"""The invented facts: the counts of the programme, and nothing that the plan would contradict."""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest

from transforms.sample.facts import LAST_DAY, load_facts
from transforms.sample.plan import month_end

SEEDS = (1, 7)
ARTICLE_DAY = dt.date(2014, 2, 25)


@pytest.fixture(params=SEEDS)
def facts(request):
    return load_facts(request.param)


def test_counts_are_those_of_the_programme(facts):
    assert len(facts.opinions) == 1846
    assert len(facts.issues) == 412
    assert len(facts.tenders) == 21
    assert len(facts.events) == 46
    assert len(facts.inspections) == 530
    assert len(facts.postings) == 118
    assert len(facts.meetings) == 96
    assert len(facts.flashes) == 40 * 14
    assert len(facts.pilots) == 3
    batches = Counter()
    for line in facts.batches:
        if line.plan_year == 2013:
            batches[line.batch_no] += len(facts.plan.buildings_of(line.compound))
    assert batches == {"1": 128, "2": 70, "3": 91}


def test_a_plan_many_times_as_large_has_people_enough():
    people = {posting.person_name for posting in load_facts(1, 12).postings}
    assert len(people) > 810  # as many as three characters tell apart


def test_ids_are_unique(facts):
    for ids in (
        [o.opinion_id for o in facts.opinions],
        [i.issue_id for i in facts.issues],
        [m.meeting_id for m in facts.meetings],
        [e.event_id for e in facts.events],
        [i.key for i in facts.inspections],
        [(t.tender_no, t.lot_no) for t in facts.tenders],
        [(c.building_id, c.round_no) for c in facts.consents],
        [(a.building_id, a.type_code) for a in facts.acceptances],
        [(e.report_month, e.compound_id, e.item_code) for e in facts.environment],
        [(p.person, p.compound_id, p.post_code, p.start_date) for p in facts.postings],
    ):
        assert len(ids) == len(set(ids))


def test_opinions_are_raised_during_the_works_and_settled_in_order(facts):
    starts = {e.compound_id: e.env_start for e in facts.environment}
    for opinion in facts.opinions:
        building = opinion.building
        if opinion.stage_code == "ENVIRONMENT":
            assert starts[opinion.compound_id] <= opinion.raised_date <= LAST_DAY
        else:
            assert building.start <= opinion.raised_date <= min(building.finish, LAST_DAY)
        assert opinion.reply_date is None or opinion.raised_date <= opinion.reply_date <= LAST_DAY
        assert (opinion.adopted_code == "PENDING") == (opinion.reply_date is None)
        assert (opinion.resolution_code == "RESOLVED") == (opinion.resolved_date is not None)
        assert opinion.resolved_date is None or opinion.reply_date <= opinion.resolved_date


def test_an_earlier_ledger_has_the_opinion_without_what_came_later(facts):
    opinion = next(o for o in facts.opinions if o.reply_date and o.resolved_date and o.reply_date < o.resolved_date)
    before = opinion.as_of(opinion.resolved_date - dt.timedelta(days=1))
    assert (before.resolution_code, before.resolved_date, before.satisfaction_code) == (
        "IN_PROGRESS",
        None,
        "NOT_ASKED",
    )
    assert before.reply_date == opinion.reply_date
    assert opinion.as_of(LAST_DAY) == opinion


def test_consent_is_asked_before_the_works_and_adds_up_to_the_register(facts):
    for consent in facts.consents:
        assert consent.surveyed_by < consent.building.start
        assert consent.agree + consent.disagree + consent.not_contacted == consent.building.households
    assert {c.building_id for c in facts.consents if c.round_no == 1} == {c.building_id for c in facts.consents}
    assert any(10 * c.agree < 9 * c.total for c in facts.consents if c.round_no == 1)


def test_inspections_name_a_contractor_of_the_compound_while_works_go_on(facts):
    for inspection in facts.inspections:
        building = inspection.building
        assert building.start <= inspection.inspection_date <= min(building.finish, LAST_DAY)
        assert inspection.contractor_id == facts.plan.contractor(building.contractor).full_name
        assert inspection.hazards_major <= inspection.hazards_found >= inspection.hazards_fixed
        assert (inspection.closed_date is not None) <= (inspection.hazards_fixed == inspection.hazards_found)


def test_flashes_agree_with_starts_and_finishes_of_the_plan(facts):
    for flash in facts.flashes:
        own = [b for b in facts.plan.buildings if b.street == flash.street]
        assert flash.completed_buildings_cum == sum(b.finish <= flash.week_end for b in own)
        assert flash.in_progress_buildings + flash.completed_buildings_cum == sum(
            b.start <= flash.week_end for b in own
        )
    assert {flash.week_end.isoweekday() for flash in facts.flashes} == {7}


def test_the_environment_phase_follows_the_works_in_twelve_compounds(facts):
    compounds = {e.compound_id: e for e in facts.environment}
    assert len(compounds) == 12
    for fact in compounds.values():
        last = max(b.finish for b in facts.plan.buildings_of(fact.compound))
        assert last < fact.env_start <= ARTICLE_DAY
    done = {}
    for fact in facts.environment:
        assert fact.env_start <= month_end(f"{fact.report_month:%Y-%m}")
        assert fact.qty_done >= done.get((fact.compound_id, fact.item_code), 0)
        done[fact.compound_id, fact.item_code] = fact.qty_done


def test_acceptance_follows_the_finish(facts):
    for accepted in facts.acceptances:
        assert accepted.building.finish <= accepted.acceptance_date <= LAST_DAY
        assert (accepted.handover_to is not None) == (accepted.type_code == "HANDOVER")


def test_three_buildings_are_carried_into_2014(facts):
    assert sum(c.carried_area_m2 for c in facts.carry_overs) == Decimal("16200.00")
    assert [(c.from_year, c.to_year, c.building.number) for c in facts.carry_overs] == [
        (2013, 2014, 1),
        (2013, 2014, 2),
        (2013, 2014, 3),
    ]


def test_tenders_follow_the_law(facts):
    for tender in facts.tenders:
        assert (tender.open_date - tender.notice_date).days >= 20
        assert (
            tender.open_date <= tender.award_date <= tender.contract_date <= tender.award_date + dt.timedelta(days=30)
        )
        assert tender.win_price_yuan <= tender.control_price_yuan
        assert tender.bidders >= 3 or tender.method_code == "SINGLE_SOURCE"


def test_every_project_has_someone_and_some_people_have_two(facts):
    assert len({p.compound_id for p in facts.postings}) == 33
    people = Counter(p.person for p in facts.postings)
    assert 1 < max(people.values()) <= 4
    assert len(people) < 118
    assert all(p.end_date is None or p.end_date > p.start_date for p in facts.postings)


def test_the_years_around_have_buildings_and_no_reports(facts):
    for plan, year in ((facts.year_2012, 2012), (facts.year_2014, 2014)):
        assert len(plan.compounds) == 2
        assert {compound.year for compound in plan.compounds} == {year}
        assert {compound.key for compound in plan.compounds}.isdisjoint(c.key for c in facts.plan.compounds)
    assert {b.contractor for b in facts.year_2014.buildings} == {""}
