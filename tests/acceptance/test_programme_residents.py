"""Reports, residents, environment, carry-over, batches, acceptance, flashes: what the facts of the year come to.

Every answer is worked out here from the invented facts, in Python; the marts worked it out from the workbooks.
"""

import datetime as dt
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

import pytest

from transforms.sample.facts import building_id, compound_id, load_facts, street_id
from warehouse import reading

ARTICLE_DAY = dt.date(2014, 2, 25)
YEAR_END = dt.date(2013, 12, 31)
SEEDS = {"faulty_year": 1, "clean_year": 7}


@pytest.fixture(scope="module", params=SEEDS)
def year(request):
    """(home, facts) of the year with its faults and of another without."""
    home, _ = request.getfixturevalue(request.param)
    return home, load_facts(SEEDS[request.param])


def ask(home, sql):
    return reading.query(home.current, sql).to_dicts()


def share(part, whole):
    return None if not whole else (Decimal(part) / Decimal(whole)).quantize(Decimal("1e-10"), ROUND_HALF_UP)


def month_of(day):
    return day.replace(day=1)


def month_end(day):
    return (month_of(day) + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


# --- M09


def owed(facts):
    """How many reports each contractor owes about each month: street by street, to December and while works go on."""
    return {
        (contractor.full_name, month): len(streets)
        for contractor in facts.plan.contractors
        for month in facts.plan.months
        if (
            streets := {
                building.street
                for building in facts.plan.buildings
                if building.contractor == contractor.key and (month <= "2013-12" or f"{building.finish:%Y-%m}" >= month)
            }
        )
    }


def test_m09_contractors_owe_a_report_per_street_and_month_and_sent_them_all(year):
    home, facts = year
    rows = ask(home, "from summary.report_timeliness where form_code = 'F06' and is_expected")
    assert {(row["filer_id"], row["period"]): row["expected_reports"] for row in rows} == owed(facts)
    assert {row["missing_reports"] for row in rows} == {0}


def test_m09_without_faults_every_report_that_is_due_came_in_time(clean_year):
    home, _ = clean_year
    rows = ask(home, "from summary.report_timeliness where due_date is not null")
    assert len(rows) > 250
    assert [row for row in rows if not (row["is_on_time"] and row["days_late"] == 0)] == []


def the_late_envelope(facts):
    firms = [facts.plan.contractor(key).full_name for key in ("K01", "K04")]
    return {("F06", firm): dt.date(2014, 1, 2) for firm in firms} | {("F08", "110108018"): dt.date(2014, 1, 6)}


@pytest.mark.parametrize(("day", "came"), [("2014-01-08", False), ("2014-03-03", True)])
def test_m09_the_december_envelope_of_huayuan_road_is_the_late_one(faulty_year, day, came):
    home, _ = faulty_year
    arrival = dt.date(2014, 1, 9) if came else dt.date(2014, 1, 8)
    late = ask(
        home,
        f"from summary.report_timeliness_as_of(timestamptz '{day} 12:00:00+08')"
        " where period = '2013-12' and days_late > 0",
    )
    told = {(row["form_code"], row["filer_id"]): (row["days_late"], row["is_received"]) for row in late}
    expected = the_late_envelope(load_facts(1))
    assert told == {key: ((arrival - due).days, came) for key, due in expected.items()}
    lacking = {row["form_code"]: row["missing_street_names"] for row in late}
    assert lacking == dict.fromkeys(("F06", "F08"), None if came else "花园路街道")


def test_m09_a_missing_report_is_a_finding_until_it_comes(faulty_year):
    home, _ = faulty_year
    sql = (
        "select form_code, filer_id, cells_data from summary.data_quality_as_of(timestamptz '{} 12:00:00+08')"
        " where period = '2013-12' and reason_code = 'E16' and form_code in ('F06', 'F08')"
    )
    # It is found on the first day after it was due on which anything came: for F06 that is 3 January.
    before = {(row["form_code"], row["filer_id"]) for row in ask(home, sql.format("2014-01-08"))}
    envelope = set(the_late_envelope(load_facts(1)))
    assert {key for key in envelope if key[0] == "F06"} <= before <= envelope
    missing = ask(
        home, "select count(*) as n from ops.findings where code = 'E16' and submission_id is null and known_to is null"
    )
    assert missing == [{"n": 0}]
    late = ask(
        home,
        "select count(*) as n from ops.findings"
        " where code = 'E16' and known_to is null and form_code in ('F06', 'F08')",
    )
    assert late == [{"n": 4}]  # the envelope, and 学院路's October, a day late


def test_m09_three_copies_are_versions_of_one_report(faulty_year):
    home, _ = faulty_year
    firm = load_facts(1).plan.contractor("K04").full_name
    [row] = ask(
        home, f"from summary.report_timeliness where filer_id = '{firm}' and period = '2013-12' and form_code = 'F06'"
    )
    assert (row["is_accepted_first_time"], row["versions"], row["received_reports"]) == (True, 5, 3)


def test_m09_a_fall_of_the_cumulative_was_not_accepted_the_first_time(faulty_year):
    home, _ = faulty_year
    rows = ask(home, "from summary.report_timeliness where form_code = 'F08' and filer_id = '110108010'")
    assert {row["period"] for row in rows if not row["is_accepted_first_time"]} == {"2013-10"}


# --- M10, M11


def test_m10_what_residents_said_and_what_became_of_it(year):
    home, facts = year
    groups = defaultdict(list)
    for opinion in facts.opinions:
        groups[month_of(opinion.raised_date), opinion.street_id, opinion.stage_code].append(opinion)
    last = max(month for month, _, _ in groups)
    expected = {}
    for month, street, stage in {
        (month_of(first + dt.timedelta(days=31 * step)), street, stage)
        for first, street, stage in groups
        for step in range(24)
    }:
        if month > last:
            continue
        own = groups.get((month, street, stage), [])
        end = month_end(month)
        still_open = [
            opinion
            for opinion in facts.opinions
            if (opinion.street_id, opinion.stage_code) == (street, stage)
            and opinion.raised_date <= end
            and not (opinion.resolved_date and opinion.resolved_date <= end)
        ]
        if not own and not still_open:
            continue
        counted = Counter(opinion.adopted_code for opinion in own)
        decided = len(own) - counted["EXPLAINED"] - counted["PENDING"]
        replies = [(opinion.reply_date - opinion.raised_date).days for opinion in own if opinion.reply_date]
        solved = [(opinion.resolved_date - opinion.raised_date).days for opinion in own if opinion.resolved_date]
        asked = [opinion.satisfaction_code for opinion in own if opinion.satisfaction_code != "NOT_ASKED"]
        pleased = sum(code in ("SATISFIED", "MOSTLY_SATISFIED") for code in asked)
        expected[month, street, stage] = (
            len(own),
            share(counted["ADOPTED"] + counted["PARTLY"], decided),
            share(len(solved), len(own)),
            share(pleased, len(asked)),
            Decimal(str(median(replies))) if replies else None,
            Decimal(str(median(solved))) if solved else None,
            len(still_open),
        )
    names = (
        "raised",
        "adopted_ratio",
        "resolved_ratio",
        "satisfied_ratio",
        "median_days_to_reply",
        "median_days_to_resolve",
        "open_at_month_end",
    )
    rows = ask(home, "from summary.opinion_handling")
    assert {
        (row["month"], row["street_id"], row["stage_code"]): tuple(row[name] for name in names) for row in rows
    } == expected
    assert sum(row["raised"] for row in rows) == 1846


def test_m11_who_agreed_and_who_is_under_the_threshold(year):
    home, facts = year
    rows = {(row["building_id"], row["round_no"]): row for row in ask(home, "from summary.consent")}
    assert {key: row["agree_ratio"] for key, row in rows.items()} == {
        (consent.building_id, consent.round_no): share(consent.agree, consent.total) for consent in facts.consents
    }
    last = {consent.building_id: consent for consent in sorted(facts.consents, key=lambda consent: consent.round_no)}
    under = {key for key, consent in last.items() if consent.agree * 10 < consent.total * 9}
    assert {key for (key, _), row in rows.items() if row["is_latest_round"] and row["is_under_threshold"]} == under


# --- M16, M17, M19


def test_m16_twelve_of_33_compounds_had_begun_by_the_article_s_day(year):
    home, facts = year
    rows = ask(home, "from summary.environment_phase")
    begun = {row["compound_id"] for row in rows if row["is_started"] and row["env_start"] <= ARTICLE_DAY}
    assert begun == {item.compound_id for item in facts.environment if item.env_start <= ARTICLE_DAY}
    assert (len(begun), {row["year_compounds"] for row in rows}) == (12, {33})
    finishes = defaultdict(list)
    for building in facts.plan.buildings:
        finishes[compound_id(building)].append(building.finish)
    latest = {(item.compound_id, item.item_code): item for item in facts.environment}  # month by month: the last stays
    assert {
        (row["compound_id"], row["env_item_code"]): (
            row["days_from_energy_completion"],
            row["env_status_code"],
            row["qty_done"],
        )
        for row in rows
    } == {
        key: ((item.env_start - max(finishes[item.compound_id])).days, item.status_code, item.qty_done)
        for key, item in latest.items()
    }


def test_m17_the_carried_area_is_2013_s_and_is_counted_once(year):
    home, facts = year
    [row] = ask(home, "from summary.carry_over")
    area = sum(carried.carried_area_m2 for carried in facts.carry_overs)
    assert area == Decimal("16200.00")
    assert (row["from_year"], row["to_year"], row["carried_buildings"]) == (2013, 2014, 3)
    assert row["carried_area_m2"] == row["unfinished_area_m2"] == row["completed_area_m2"] == area
    assert row["last_completed_date"] == dt.date(2014, 2, 18)
    years = {row["plan_year"]: row for row in ask(home, "from summary.target_attainment")}
    assert years[2013]["completed_to_date_area_m2"] - years[2013]["completed_area_m2"] == area
    assert {year["completed_to_date_area_m2"] for number, year in years.items() if number != 2013} <= {0}
    # Counted once: all years together have what all completed buildings have.
    [total] = ask(home, "select sum(floor_area_m2) as area from summary.building_status where is_completed")
    assert sum(year["completed_to_date_area_m2"] for year in years.values()) == total["area"]


def test_m19_three_batches_of_128_70_and_91_buildings(year):
    home, facts = year
    plan = facts.plan
    expected = {}
    for number in ("1", "2", "3"):
        lines = [line for line in facts.batches if (line.plan_year, line.batch_no) == (2013, number)]
        buildings = [building for line in lines for building in plan.buildings_of(line.compound)]
        in_time = [building for building in buildings if building.finish <= YEAR_END]
        expected[number] = (
            len(lines),
            len(buildings),
            sum(line.planned_area_m2 for line in lines),
            sum(building.area for building in buildings),
            sum(building.area for building in in_time),
            (min(line.planned_start for line in lines), max(line.planned_finish for line in lines)),
            (min(building.start for building in buildings), max(building.start for building in buildings)),
            (min(building.finish for building in buildings), max(building.finish for building in buildings)),
        )
    rows = ask(home, "from summary.batch_progress where plan_year = 2013 order by batch_no")
    assert {
        row["batch_no"]: (
            row["compounds"],
            row["buildings"],
            row["planned_area_m2"],
            row["started_area_m2"],
            row["completed_area_m2"],
            (row["first_planned_start"], row["last_planned_finish"]),
            (row["first_actual_start"], row["last_actual_start"]),
            (row["first_actual_finish"], row["last_actual_finish"]),
        )
        for row in rows
    } == expected
    assert [row["buildings"] for row in rows] == [128, 70, 91]


# --- M22


def test_m22_three_acceptances_of_every_building(year):
    home, facts = year
    expected = {building_id(building): {} for building in facts.plan.buildings}
    for accepted in facts.acceptances:
        expected[accepted.building_id][accepted.type_code] = (accepted.result_code, accepted.acceptance_date)
    rows = ask(home, "from summary.acceptance_status where plan_year = 2013")
    assert {
        row["building_id"]: {
            kind.upper(): (row[f"{kind}_result_code"], row[f"{kind}_date"])
            for kind in ("sub_item", "final", "handover")
            if row[f"{kind}_result_code"]
        }
        for row in rows
    } == expected
    furthest = {
        key: max(kinds, key=["SUB_ITEM", "FINAL", "HANDOVER"].index, default="NONE") for key, kinds in expected.items()
    }
    assert {row["building_id"]: row["acceptance_stage_code"] for row in rows} == furthest


def test_m22_forty_weeks_of_fourteen_streets(year):
    home, facts = year
    before = {}
    expected = {}
    for flash in sorted(facts.flashes, key=lambda flash: flash.week_end):
        done = flash.completed_buildings_cum
        step = done - before[flash.street_id] if flash.street_id in before else None
        before[flash.street_id] = done
        expected[flash.week_end, flash.street_id] = (flash.in_progress_buildings, done, step, flash.workers_on_site)
    rows = ask(home, "from summary.weekly_flash")
    assert {
        (row["week_end"], row["street_id"]): (
            row["in_progress_buildings"],
            row["completed_buildings_cum"],
            row["completed_buildings_week"],
            row["workers_on_site"],
        )
        for row in rows
    } == expected
    assert len(rows) == 40 * 14


# --- M05, M06: what the other forms add to the state of compounds and buildings


def test_m05_a_compound_is_finished_in_its_environment_phase_or_handed_over(year):
    home, facts = year
    begun = {item.compound_id for item in facts.environment}
    handed = Counter(accepted.compound_id for accepted in facts.acceptances if accepted.type_code == "HANDOVER")
    expected = {}
    for compound in facts.plan.compounds:
        key = compound_id(compound)
        if handed[key] == len(facts.plan.buildings_of(compound)):
            expected[key] = "已移交"
        else:
            expected[key] = "环境整治中" if key in begun else "完工"
    rows = ask(home, "from summary.compound_status where plan_year = 2013")
    assert {row["compound_id"]: row["status_label_zh"] for row in rows} == expected


def test_m06_started_and_finished_days_are_the_plan_s(year):
    home, facts = year
    rows = ask(home, "from summary.building_status where plan_year = 2013")
    assert {row["building_id"]: (row["street_id"], row["started_date"], row["finished_date"]) for row in rows} == {
        building_id(building): (street_id(building.key), building.start, building.finish)
        for building in facts.plan.buildings
    }


def test_m07_every_item_of_the_year_is_done_in_the_end(year):
    home, _ = year
    rows = ask(home, "from summary.work_item_progress where plan_year = 2013")
    assert {row["work_item_code"] for row in rows} >= {"WINDOW", "WALL", "ROOF", "SEISMIC"}
    assert [row for row in rows if row["accepted_buildings"] != row["buildings"]] == []


def test_m04_months_of_reports_add_up_to_the_plan_s_month_ends(clean_year):
    home, _ = clean_year
    rows = ask(
        home,
        "select report_month, sum(started_area_cum_m2) as started, sum(completed_area_cum_m2) as completed"
        " from summary.monthly_progress group by report_month",
    )
    buildings = load_facts(7).plan.buildings
    assert {row["report_month"]: (row["started"], row["completed"]) for row in rows} == {
        dt.date.fromisoformat(f"{month}-01"): (
            sum((b.area for b in buildings if f"{b.start:%Y-%m}" <= month), Decimal(0)),
            sum((b.area for b in buildings if f"{b.finish:%Y-%m}" <= month), Decimal(0)),
        )
        for month in load_facts(7).plan.months
    }
