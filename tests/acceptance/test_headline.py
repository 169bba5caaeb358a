"""The numbers a headquarters stands behind: what the 2013 programme year must come to, faults and all."""

from decimal import Decimal

import pytest

from warehouse import reading

HEADLINE = {
    "plan_year": 2013,
    "target_area_m2": Decimal("1400000.00"),
    "started_area_m2": Decimal("1644600.00"),
    "completed_area_m2": Decimal("1628400.00"),
    "completed_to_date_area_m2": Decimal("1644600.00"),
    "over_target_area_m2": Decimal("228400.00"),
    "benefited_compounds": 33,
    "benefited_buildings": 289,
    "benefited_households": 23553,
    "completed_compounds": 32,
    "completed_buildings": 286,
    "completed_households": 23306,
}

# Month end: completed so far, its ratio to the target in percent.
CURVE = {
    "2013-03": ("0.00", "0.0"),
    "2013-04": ("0.00", "0.0"),
    "2013-05": ("0.00", "0.0"),
    "2013-06": ("19280.20", "1.4"),
    "2013-07": ("245699.30", "17.5"),
    "2013-08": ("672867.86", "48.1"),
    "2013-09": ("1048416.24", "74.9"),
    "2013-10": ("1370197.09", "97.9"),
    "2013-11": ("1552906.81", "110.9"),
    "2013-12": ("1628400.00", "116.3"),
    "2014-01": ("1638800.00", "117.1"),
    "2014-02": ("1644600.00", "117.5"),
}


@pytest.fixture(params=["faulty_year", "clean_year"])
def any_year(request):
    home, _ = request.getfixturevalue(request.param)
    return home


def ask(home, sql):
    return reading.query(home.current, sql)


def percent(ratio):
    return None if ratio is None else str(round(100 * ratio, 1))


def test_the_headline_is_the_programme_s_with_every_fault_and_without(any_year):
    [row] = ask(any_year, "from summary.target_attainment where plan_year = 2013").to_dicts()
    assert {name: row[name] for name in HEADLINE} == HEADLINE
    assert [percent(row[name]) for name in ("completion_ratio", "start_ratio", "completed_of_started_ratio")] == [
        "116.3",
        "117.5",
        "99.0",
    ]


def test_the_curve_is_the_plan_s_at_every_month_end(any_year):
    rows = ask(any_year, "from summary.attainment_curve where plan_year = 2013 order by month_end").to_dicts()
    assert {
        f"{r['month_end']:%Y-%m}": (str(r["completed_area_m2"]), percent(r["completion_ratio"])) for r in rows
    } == CURVE


def test_the_mix_has_one_row_per_type_and_none_for_all(any_year):
    rows = ask(any_year, "from summary.programme_mix where plan_year = 2013").to_dicts()
    assert {r["programme_type_code"]: str(r["started_area_m2"]) for r in rows} == {
        "SEISMIC_ENERGY": "73600.00",
        "ENERGY_ENV": "1571000.00",
    }


def test_huayuan_road_is_second_of_fourteen_streets(any_year):
    rows = ask(any_year, "from summary.street_ranking where plan_year = 2013 order by area_rank").to_dicts()
    assert len(rows) == 14
    assert (rows[1]["street_name"], rows[1]["area_rank"]) == ("花园路街道", 2)
    assert sum(r["compounds"] for r in rows) == 33


@pytest.mark.parametrize(
    ("instant", "shown"),
    [("2014-01-03 00:00:00+08", "114.0"), ("2014-01-09 00:00:00+08", "116.3"), ("2014-03-01 00:00:00+08", "116.3")],
)
def test_the_past_stays_readable(faulty_year, instant, shown):
    home, _ = faulty_year
    [row] = ask(
        home, f"from summary.target_attainment_as_of(timestamptz '{instant}') where plan_year = 2013"
    ).to_dicts()
    assert percent(row["completion_ratio"]) == shown


def test_on_3_january_the_late_envelope_of_huayuan_road_is_missing(faulty_year):
    home, _ = faulty_year
    then = "summary.target_attainment_as_of(timestamptz '2014-01-03 00:00:00+08')"
    [row] = ask(home, f"from {then} where plan_year = 2013").to_dicts()
    assert str(row["completed_area_m2"]) == "1595384.66"


@pytest.mark.parametrize(("instant", "november"), [("2014-01-01", "108.5"), ("2014-01-02", "110.9")])
def test_november_stands_too_low_until_the_copied_report_is_made_good(faulty_year, instant, november):
    home, _ = faulty_year
    [row] = ask(
        home,
        f"from summary.attainment_curve_as_of(timestamptz '{instant} 12:00:00+08')"
        " where plan_year = 2013 and month_end = date '2013-11-30'",
    ).to_dicts()
    assert percent(row["completion_ratio"]) == november


def test_without_faults_nothing_is_refused_and_nothing_waits(clean_year):
    home, _ = clean_year
    assert ask(home, "from ops.findings where severity in ('R', 'Q')").to_dicts() == []
    assert ask(home, "select count(*) as n from ops.quarantine").item() == 0
