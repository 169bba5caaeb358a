"""What the programme asks of contractors, materials, tenders, issues, safety, people and pilots: a query per sentence.

The answers are worked out here from the sample's facts, never from what the marts say.
"""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from statistics import median

import pytest

from transforms.names import normalise_organisation
from transforms.sample import make_year
from transforms.sample.contractor_progress import planned_dates
from transforms.sample.facts import load_facts
from warehouse import reading

TODAY = dt.date(2014, 3, 3)
KEY_POSTS = {"PROJECT_MANAGER", "SAFETY_OFFICER", "QUALITY_INSPECTOR", "RESIDENT_LIAISON", "COORDINATOR"}
DUTIES = ("OUTREACH", "COORDINATION", "SAFETY", "REPRESENTATION")


@pytest.fixture(params=[("faulty_year", 1), ("clean_year", 7)], ids=["with faults", "without"])
def year(request):
    name, seed = request.param
    home, _ = request.getfixturevalue(name)
    return home, load_facts(seed)


def ask(home, mart, columns, where="true"):
    """Rows of a mart as of the year's last day, as a set of tuples; none may be there twice."""
    as_of = f"summary.{mart}_as_of(timestamptz '{TODAY} 00:00:00+08')"
    rows = reading.query(home.current, f"select {columns} from {as_of} where {where}").rows()
    assert len(set(rows)) == len(rows)
    return set(rows)


def ratio(part, whole):
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("1e-10")) if whole else None


def close(found, expected):
    """Ratios may differ in their tenth decimal, nothing else may."""
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        for one, other in zip(found[key], values, strict=True):
            same = one == other or (isinstance(one, Decimal) and abs(one - other) <= Decimal("2e-10"))
            assert same, (key, found[key], values)


def month_of(day):
    return day.replace(day=1)


# --- M08: who builds how much, how punctually, how safely, and what residents say


def test_how_each_contractor_performs(year):
    home, facts = year
    names = {firm.key: normalise_organisation(firm.full_name) for firm in facts.plan.contractors}
    built = defaultdict(list)
    for building in facts.plan.buildings:
        built[names[building.contractor]].append(building)
    hazards, opinions = Counter(), Counter()
    for inspection in facts.inspections:
        hazards[normalise_organisation(inspection.contractor_id)] += inspection.hazards_found
    for opinion in facts.opinions:
        opinions[names[opinion.building.contractor]] += 1
    expected = {}
    for contractor, buildings in built.items():
        late = [max(0, (b.finish - planned_dates(b, facts.seed)[1]).days) for b in buildings]
        area = sum(b.area for b in buildings)
        households = sum(b.households for b in buildings)
        expected[contractor,] = (
            len(buildings),
            area,
            sum(b.area for b in buildings if b.finish <= dt.date(2013, 12, 31)),
            late.count(0),
            ratio(late.count(0), len(buildings)),
            Decimal(median(late)),
            hazards[contractor],
            ratio(hazards[contractor] * 10_000, area),
            ratio(opinions[contractor] * 100, households),
        )
    columns = (
        "contractor_id, buildings, started_area_m2, completed_area_m2, on_time_buildings, on_time_ratio,"
        " median_days_late, hazards_found, hazards_per_hectare, opinions_per_100_households"
    )
    close({row[:1]: row[1:] for row in ask(home, "contractor_performance", columns, "plan_year = 2013")}, expected)


def test_who_reports_late(year):
    home, facts = year
    names = {firm.key: normalise_organisation(firm.full_name) for firm in facts.plan.contractors}
    first = {}
    for sent in make_year(2013, facts.seed, 1, "all" if facts.seed == 1 else "none").envelopes:
        if sent.form == "contractor_progress":
            key = (sent.sender, sent.street, dt.date.fromisoformat(f"{sent.period}-01"))
            first[key] = min(first.get(key, sent.received), sent.received)
    late = Counter()
    for (sender, _, month), received in first.items():
        due = (month + dt.timedelta(days=32)).replace(day=2)
        late[names[sender]] += received > due
    found = ask(home, "contractor_performance", "contractor_id, late_reports", "plan_year = 2013")
    assert found == set(late.items())
    assert sum(late.values()) == (2 if facts.seed == 1 else 0)


# --- M12: what residents saw and chose, and what the tenders saved


def test_how_residents_chose_materials(year):
    home, facts = year
    events = defaultdict(list)
    for event in facts.events:
        events[event.category_code].append(event)
    expected = {
        (
            2013,
            code,
            len(held),
            len({compound for event in held for compound in event.compound_ids}),
            sum(event.attended for event in held),
            sum(event.selected_product is not None for event in held),
            len({event.selected_product for event in held} - {None}),
        )
        for code, held in events.items()
    }
    columns = "plan_year, material_category_code, events, compounds, attendances, selections, selected_products"
    assert ask(home, "material_selection", columns) == expected


def test_what_each_tender_saved_and_how_long_it_was_open(year):
    home, facts = year
    expected = {
        (tender.tender_no, tender.lot_no): (
            (tender.open_date - tender.notice_date).days,
            normalise_organisation(tender.winner_id),
            tender.control_price_yuan - tender.win_price_yuan,
            ratio(tender.control_price_yuan - tender.win_price_yuan, tender.control_price_yuan),
        )
        for tender in facts.tenders
    }
    rows = ask(home, "tenders", "tender_no, lot_no, notice_to_open_days, winner_id, saving_yuan, saving_ratio")
    close({row[:2]: row[2:] for row in rows}, expected)


# --- M13: what is open, with whom, and since when


def standing(issue):
    """Status, bucket of age, and whether an issue is overdue on the last day."""
    days = ((issue.closed_date or TODAY) - issue.raised_date).days
    bucket = "0-7" if days <= 7 else "8-30" if days <= 30 else "31+"
    is_open = issue.status_code != "RESOLVED"
    return bucket, is_open, is_open and issue.due_date is not None and issue.due_date < TODAY


def test_which_issues_are_open_and_with_whom(year):
    home, facts = year
    issues, is_open, overdue, closed = Counter(), Counter(), Counter(), Counter()
    for issue in facts.issues:
        org = normalise_organisation(issue.responsible_id)
        bucket, opened, late = standing(issue)
        key = (org, issue.status_code, bucket)
        issues[key] += 1
        is_open[key] += opened
        overdue[key] += late
        closed[org] += not opened
    of_org = Counter(normalise_organisation(issue.responsible_id) for issue in facts.issues)
    expected = {key: (issues[key], is_open[key], overdue[key], ratio(closed[key[0]], of_org[key[0]])) for key in issues}
    columns = "org_id, status_code, ageing_bucket, issues, open_issues, overdue_issues, org_closure_ratio"
    close({row[:3]: row[3:] for row in ask(home, "issue_board", columns)}, expected)


# --- M14: hazards found, put right, overdue, and how dense they are


def test_how_safe_the_sites_are(year):
    home, facts = year
    found = defaultdict(list)
    for inspection in facts.inspections:
        found[month_of(inspection.inspection_date), normalise_organisation(inspection.contractor_id)].append(inspection)
    names = {firm.key: normalise_organisation(firm.full_name) for firm in facts.plan.contractors}
    expected = {}
    for (month, contractor), inspections in found.items():
        month_end = (month + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
        area = sum(
            building.area
            for building in facts.plan.buildings
            if names[building.contractor] == contractor and building.start <= month_end and building.finish >= month
        )
        hazards = sum(i.hazards_found for i in inspections)
        overdue = [i for i in inspections if i.hazards_fixed < i.hazards_found and not i.closed_date]
        overdue = [i for i in overdue if i.due_date is not None and i.due_date < TODAY]
        expected[month, contractor] = (
            len(inspections),
            hazards,
            ratio(sum(i.hazards_fixed for i in inspections), hazards),
            sum(i.hazards_found - i.hazards_fixed for i in overdue),
            area,
            ratio(hazards * 10_000, area),
        )
    columns = (
        "month, contractor_id, inspections, hazards_found, rectification_ratio, overdue_hazards,"
        " in_progress_area_m2, hazards_per_hectare"
    )
    close({row[:2]: row[2:] for row in ask(home, "safety", columns)}, expected)


# --- M15: who stands at the front line, each counted once


def test_who_is_posted_to_which_project(year):
    home, facts = year
    posted = [posting for posting in facts.postings if posting.start_date <= TODAY]
    projects = [c for plan in (facts.year_2012, facts.plan, facts.year_2014) for c in plan.compounds]
    expected = set()
    for compound in projects:
        here = [posting for posting in posted if posting.compound.key == compound.key]
        posts = {posting.post_code for posting in here}
        for duty in DUTIES:
            expected.add(
                (
                    compound.name,
                    duty,
                    len({posting.person for posting in here if posting.frontline_code == duty}),
                    len({posting.person for posting in here}),
                    len({p.person for p in here if p.end_date is None or p.end_date >= TODAY}),
                    ratio(len(posts), len(KEY_POSTS)),
                )
            )
    columns = "project, frontline_code, duty_members, members, serving_members, key_post_ratio"
    assert ask(home, "party_coverage", columns) == expected


def test_people_count_once_across_projects(year):
    home, facts = year
    people = {posting.person for posting in facts.postings}
    assert len(people) < len(facts.postings)
    without = len(facts.year_2012.compounds) + len(facts.year_2014.compounds)
    totals = "distinct total_members, total_projects, total_projects_without_members"
    assert ask(home, "party_coverage", totals) == {(len(people), without + len(facts.plan.compounds), without)}
    by_duty = {(duty, len({p.person for p in facts.postings if p.frontline_code == duty})) for duty in DUTIES}
    assert ask(home, "party_coverage", "distinct frontline_code, total_duty_members") == by_duty


# --- M20: what was tried, and where it went


def test_what_was_tried_and_where_it_went(year):
    home, facts = year
    status = "完工"  # by the last day every building of 2013 is finished
    expected = {
        (
            pilot.compound_id,
            pilot.topic,
            pilot.stage_code,
            pilot.effect,
            len(pilot.rolled_out_to),
            len(pilot.rolled_out_to),
            0,
        )
        for pilot in facts.pilots
    }
    columns = (
        "compound_id, pilot_topic, pilot_stage_code, effect_note, rolled_out_compounds,"
        " rolled_out_finished_compounds, rolled_out_unknown"
    )
    assert ask(home, "pilots", columns, "plan_year = 2013") == expected
    for (listed,) in ask(home, "pilots", "rolled_out_to", "rolled_out_compounds > 0"):
        assert all(part.rstrip("）").endswith((status, "环境整治中", "已移交")) for part in listed.split("、"))


# --- M21: who came to which meetings, and what became of the issues


def test_who_coordinates_what(year):
    home, facts = year
    names = ("meetings", "decisions", "raised", "closed", "due", "overdue")
    counted = defaultdict(lambda: dict.fromkeys(names, 0))
    for meeting in facts.meetings:
        for org in set(meeting.attendee_ids):
            row = counted[month_of(meeting.meeting_date), meeting.street_id, normalise_organisation(org)]
            row["meetings"] += 1
            row["decisions"] += meeting.decision_count
    for issue in facts.issues:
        org = normalise_organisation(issue.responsible_id)
        counted[month_of(issue.raised_date), issue.street_id, org]["raised"] += 1
        if issue.closed_date:
            counted[month_of(issue.closed_date), issue.street_id, org]["closed"] += 1
        if issue.due_date and issue.due_date < TODAY:
            row = counted[month_of(issue.due_date), issue.street_id, org]
            row["due"] += 1
            row["overdue"] += standing(issue)[2]
    expected = {(*key, *row.values()) for key, row in counted.items()}
    columns = (
        "month, street_id, org_id, meetings_attended, coalesce(decisions, 0), issues_raised, issues_closed,"
        " issues_fallen_due, issues_overdue"
    )
    assert ask(home, "coordination", columns) == expected
