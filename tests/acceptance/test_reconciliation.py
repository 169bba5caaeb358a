"""Reconciliation over the sample year finds every injected disagreement between parties, and no other."""

import datetime as dt

import pytest

from transforms.sample import make_year
from transforms.sample.plan import load_plan
from warehouse import reading

YEAR = make_year(2013, 1, 1, "all")
SENT = {envelope.path: envelope for envelope in YEAR.envelopes}

# What each fault in a month's report makes of its street in that month: rows that wait leave it open, figures differ.
# The others are put right while reading (E08, E19, E20), concern no figure (E13, E15, E16), or never count (E14).
MADE = {
    "E01": {"YELLOW": []},
    "E02": {"YELLOW": []},
    "E03": {"YELLOW": []},
    "E05": {"YELLOW": []},
    "E06": {"YELLOW": []},
    "E07": {"RED": ["contractor"]},
    "E10": {"YELLOW": []},
    "E12": {"RED": ["subcommand"]},
}
REPORTS = ("contractor_progress", "subcommand_monthly", "district_return")
DISPUTED = [fault for fault in YEAR.ledger if fault.code in MADE and SENT[fault.path].form in REPORTS]


def lights(home, as_of=None):
    """Light and differing parties of each measure, by month and street, where it is not green."""
    macro = "reconciliation" if as_of is None else f"reconciliation_as_of(timestamptz '{as_of} 12:00:00+08')"
    rows = reading.query(
        home.current,
        "select strftime(report_month, '%Y-%m') as month, street_name, light_code, differing_parties, measure_code"
        f" from summary.{macro} where street_id <> '110108' and light_code is distinct from 'GREEN'",
    ).to_dicts()
    found = {}
    for row in rows:
        key = (row["month"], row["street_name"])
        found.setdefault(key, {})[row["measure_code"]] = (row["light_code"], row["differing_parties"])
    return found


def test_every_injected_disagreement_shows_and_no_other(faulty_year):
    home, _ = faulty_year
    expected = {(SENT[fault.path].period, SENT[fault.path].street) for fault in DISPUTED}
    assert lights(home).keys() == expected


@pytest.mark.parametrize("fault", DISPUTED, ids=lambda fault: f"{fault.code} {fault.path}")
def test_a_disagreement_shows_as_soon_as_both_have_spoken(faulty_year, fault):
    home, _ = faulty_year
    sent = SENT[fault.path]
    both = [
        e.received for e in YEAR.envelopes if (e.street, e.period) == (sent.street, sent.period) and e.form in REPORTS
    ]
    found = lights(home, max(both))[sent.period, sent.street]
    [(light, parties)] = MADE[fault.code].items()
    shown = [set(differing) for code, differing in found.values() if code == light]
    assert any(set(parties) <= differing for differing in shown)


def test_a_restated_area_is_the_difference_in_every_area_it_is_in(faulty_year):
    home, _ = faulty_year
    found = reading.query(
        home.current,
        "select measure_code, contractor_difference, differing_parties from summary.reconciliation"
        " where report_month = date '2013-10-01' and street_name like '北太平庄%' and light_code = 'RED' order by all",
    )
    assert [str(value) for value in found["contractor_difference"]] == ["-900.00"] * found.height
    assert {"started_area", "task_area"} <= set(found["measure_code"])


def test_a_building_under_both_types_leaves_its_street_open_until_the_register_is_put_right(faulty_year):
    home, _ = faulty_year
    [fault] = [fault for fault in YEAR.ledger if fault.code == "E30"]
    healed = dt.date(2013, 4, 10)
    before, after = lights(home, healed - dt.timedelta(days=1)), lights(home, healed)
    key = ("2013-03", SENT[fault.path].street)
    assert before.keys() == {key}
    assert after.keys() == set()


def test_the_cells_behind_a_disagreement_are_at_hand(faulty_year):
    home, _ = faulty_year
    [fault] = [fault for fault in YEAR.ledger if fault.code == "E07"]
    cells = reading.query(
        home.current,
        "select file.path, term.sheet_name, term.address"
        " from core.reconciliation_terms_as_of(timestamptz '2013-11-10 12:00:00+08') as term"
        " inner join ops.files as file using (file_id)"
        " where term.report_month = date '2013-10-01' and term.party_code = 'CONTRACTOR'"
        " and term.measure_code = 'started_area'",
    )
    assert (fault.path, fault.sheet, fault.address) in cells.rows()


def test_a_year_without_faults_agrees_in_every_street_month_and_measure(clean_year):
    home, _ = clean_year
    found = reading.query(
        home.current,
        "select light_zh, count(*) as rows, count(distinct street_id) from summary.reconciliation group by 1",
    )
    assert found["light_zh"].to_list() == ["绿"]
    assert found.rows()[0][2] == 14 + 1


# --- low and high bounds of the headline over what is in dispute

BUILDINGS = load_plan(1).buildings


def bounds(home, as_of):
    [row] = reading.query(
        home.current,
        f"from summary.target_bounds_as_of(timestamptz '{as_of} 12:00:00+08') where plan_year = 2013",
    ).to_dicts()
    return {
        stage: tuple(row[f"{stage}_area_{bound}m2"] for bound in ("low_", "", "high_"))
        for stage in ("started", "completed")
    }


def finished_by(day):
    return sum(building.area for building in BUILDINGS if building.finish <= dt.date.fromisoformat(day))


def test_the_bounds_hold_what_is_true_while_rows_wait_or_an_area_is_restated(faulty_year):
    home, _ = faulty_year
    low, figure, high = bounds(home, "2013-11-03")["completed"]  # one finish typed before its start, one area restated
    assert high == finished_by("2013-10-31")
    assert high - figure == next(b.area for b in BUILDINGS if (b.compound, b.number) == ("翠微中里", 5))
    assert figure - low == 900


def test_the_bounds_hold_what_a_copied_report_leaves_out_and_the_sub_command_tells(faulty_year):
    home, _ = faulty_year
    low, figure, high = bounds(home, "2013-12-10")["completed"]
    assert low == figure
    [told] = [e for e in SENT.values() if (e.sender, e.period) == ("甘家口街道", "2013-11") and e.sender == e.street]
    assert abs(high - finished_by("2013-11-30")) <= 51 * len(told.rows)


def test_the_high_bound_holds_what_a_second_contractor_claims_until_it_is_overtaken(faulty_year):
    home, _ = faulty_year
    total = sum(building.area for building in BUILDINGS)
    twice = next(b.area for b in BUILDINGS if (b.compound, b.number) == ("花园路甲3号院", 3))
    assert bounds(home, "2014-01-09")["started"] == (total, total, total + twice)
    assert bounds(home, "2014-03-03")["started"] == (total, total, total)


@pytest.mark.parametrize("day", ["2013-06-10", "2013-10-03", "2013-12-10", "2014-01-03", "2014-03-03"])
def test_without_faults_low_and_high_are_the_figure(clean_year, day):
    home, _ = clean_year
    for low, figure, high in bounds(home, day).values():
        assert low == figure == high
