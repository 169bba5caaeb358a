"""What stands in core at the year's end is what the sample's facts say, form by form, with faults and without."""

from decimal import Decimal

import pytest

from transforms.names import normalise_organisation
from transforms.sample.facts import load_facts
from warehouse import reading

WAN = Decimal(10_000)


@pytest.fixture(params=[("faulty_year", 1), ("clean_year", 7)], ids=["with faults", "without"])
def year(request):
    name, seed = request.param
    home, _ = request.getfixturevalue(name)
    return home, load_facts(seed)


def known(home, table, *columns):
    """The rows known now of a core table, as a sorted list of tuples."""
    frame = reading.query(home.current, f"select {', '.join(columns)} from core.{table} where known_to is null")
    return sorted(frame.rows(), key=repr)


def same(found, expected):
    assert found == sorted(expected, key=repr)


def test_batches(year):
    home, facts = year
    same(
        known(home, "batch_plan", "plan_year", "batch_no", "compound_id", "planned_start", "planned_finish",
              "planned_start_precision", "planned_area_m2"),
        [
            (b.plan_year, b.batch_no, b.compound_id, b.planned_start, b.planned_finish,
             "month" if b.in_months else "day", b.planned_area_m2)
            for b in facts.batches
        ],
    )  # fmt: skip


def test_pilots(year):
    home, facts = year
    same(
        known(home, "pilot_project", "compound_id", "pilot_topic", "pilot_stage_code", "rolled_out_compound_ids"),
        [(p.compound_id, p.topic, p.stage_code, list(p.rolled_out_compound_ids)) for p in facts.pilots],
    )


def test_weekly_flashes(year):
    home, facts = year
    columns = ("week_end", "street_id", "in_progress_buildings", "completed_buildings_cum", "workers_on_site")
    same(known(home, "weekly_flash", *columns), [tuple(getattr(f, name) for name in columns) for f in facts.flashes])


def test_district_returns(year):
    home, facts = year
    parts = ("started_month", "started_cum", "completed_month", "completed_cum")
    columns = [f"{event}_buildings_{when}" for event, when in (part.split("_") for part in parts)]
    columns += [f"{event}_area_{when}_m2" for event, when in (part.split("_") for part in parts)]
    rows = known(home, "district_return", "report_month", "street_id", "programme_type_code", *columns)
    expected = [
        (
            r.report_month,
            r.street_id,
            r.programme_type_code,
            *(getattr(r, part).buildings for part in parts),
            *(getattr(r, part).area_m2 for part in parts),
        )
        for r in facts.returns
    ]
    assert [row[:7] for row in rows] == [row[:7] for row in sorted(expected, key=repr)]
    assert all(
        abs(found - true) <= WAN / 200
        for row, fact in zip(rows, sorted(expected, key=repr), strict=True)
        for found, true in zip(row[7:], fact[7:], strict=True)
    )


def test_opinions(year):
    home, facts = year
    same(
        known(home, "resident_opinion", "opinion_id", "building_id", "stage_code", "channel_code",
              "opinion_category_code", "raised_date", "adopted_code", "reply_date", "resolution_code",
              "resolved_date", "satisfaction_code"),
        [
            (o.opinion_id, o.building_id, o.stage_code, o.channel_code, o.category_code, o.raised_date,
             o.adopted_code, o.reply_date, o.resolution_code, o.resolved_date, o.satisfaction_code)
            for o in facts.opinions
        ],
    )  # fmt: skip


def test_consents(year):
    home, facts = year
    same(
        known(home, "consent_survey", "building_id", "round_no", "households_total", "households_surveyed",
              "agree_households", "disagree_households", "not_contacted_households"),
        [
            (c.building_id, c.round_no, c.total, c.surveyed, c.agree, c.disagree, c.not_contacted)
            for c in facts.consents
        ],
    )  # fmt: skip


def test_material_events(year):
    home, facts = year
    same(
        known(home, "material_event", "event_date", "list_sort(compound_ids)", "material_category_code",
              "activity_forms", "brands_shown", "residents_attended", "votes_cast", "linked_tender_no"),
        [
            (e.event_date, list(e.compound_ids), e.category_code, list(e.forms), e.brands_shown, e.attended,
             e.votes_cast, e.tender_no)
            for e in facts.events
        ],
    )  # fmt: skip


def test_tenders(year):
    home, facts = year
    same(
        known(home, "tender", "tender_no", "lot_no", "tender_type_code", "tender_method_code", "notice_date",
              "open_date", "bidders", "control_price_yuan", "winner_id", "win_price_yuan", "contract_date"),
        [
            (t.tender_no, t.lot_no, t.type_code, t.method_code, t.notice_date, t.open_date, t.bidders,
             t.control_price_yuan, normalise_organisation(t.winner_id), t.win_price_yuan, t.contract_date)
            for t in facts.tenders
        ],
    )  # fmt: skip


def test_meetings(year):
    home, facts = year
    same(
        known(home, "coordination_meeting", "meeting_id", "meeting_date", "street_id", "attendee_ids",
              "decision_count"),
        [(m.meeting_id, m.meeting_date, m.street_id, list(m.attendee_ids), m.decision_count) for m in facts.meetings],
    )  # fmt: skip


def test_issues(year):
    home, facts = year
    same(
        known(home, "issue_log", "issue_id", "compound_id", "issue_category_code", "responsible_org_id",
              "raised_date", "due_date", "issue_status_code", "closed_date"),
        [
            (i.issue_id, i.compound_id, i.category_code, i.responsible_id, i.raised_date, i.due_date, i.status_code,
             i.closed_date)
            for i in facts.issues
        ],
    )  # fmt: skip


def test_inspections(year):
    home, facts = year
    same(
        known(home, "safety_inspection", "inspection_date", "compound_id", "inspection_type_code", "contractor_id",
              "hazards_found", "hazards_major", "hazards_fixed", "due_date", "closed_date", "penalty_yuan",
              "accident_code"),
        [
            (i.inspection_date, i.compound_id, i.type_code, i.contractor_id, i.hazards_found, i.hazards_major,
             i.hazards_fixed, i.due_date, i.closed_date, i.penalty_yuan, i.accident_code)
            for i in facts.inspections
        ],
    )  # fmt: skip


def test_postings(year):
    home, facts = year
    same(
        known(home, "party_posting", "compound_id", "org", "post_code", "frontline_code", "person_source_code",
              "start_date", "end_date"),
        [
            (p.compound_id, p.org, p.post_code, p.frontline_code, p.source_code, p.start_date, p.end_date)
            for p in facts.postings
        ],
    )  # fmt: skip


def test_environment_phase(year):
    home, facts = year
    same(
        known(home, "environment_phase", "report_month", "compound_id", "env_item_code", "env_start", "unit_code",
              "qty_done::bigint", "env_status_code"),
        [
            (e.report_month, e.compound_id, e.item_code, e.env_start, e.unit_code, int(e.qty_done), e.status_code)
            for e in facts.environment
        ],
    )  # fmt: skip


def test_carry_over(year):
    home, facts = year
    same(
        known(home, "carry_over", "building_id", "from_year", "to_year", "carried_area_m2"),
        [(c.building_id, c.from_year, c.to_year, c.carried_area_m2) for c in facts.carry_overs],
    )


def test_acceptances(year):
    home, facts = year
    same(
        known(home, "acceptance", "building_id", "acceptance_type_code", "acceptance_date", "acceptance_result_code",
              "handover_to"),
        [(a.building_id, a.type_code, a.acceptance_date, a.result_code, a.handover_to) for a in facts.acceptances],
    )  # fmt: skip


def test_the_years_around_have_rows_and_no_rates(year):
    home, facts = year
    rows = reading.query(home.current, "from summary.target_attainment where plan_year <> 2013 order by 1").to_dicts()
    assert [row["plan_year"] for row in rows] == [2012, 2014]
    for row in rows:
        assert row["target_area_m2"] is row["completion_ratio"] is row["start_ratio"] is None
    registered = known(home, "compound_register", "plan_year", "compound_id")
    plans = (facts.year_2012, facts.plan, facts.year_2014)
    assert [plan_year for plan_year, _ in registered] == [c.year for plan in plans for c in plan.compounds]
