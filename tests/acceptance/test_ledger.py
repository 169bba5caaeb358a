"""Every fault put into the sample is found at its cell, and the answer of someone who missed it is not given."""

import pytest

from transforms.sample import make_year
from warehouse import reading

LEDGER = make_year(2013, 1, 1, "all").ledger


def ask(home, sql):
    return reading.query(home.current, sql)


def name(fault):
    return f"{fault.code} {fault.path}"


@pytest.mark.parametrize("fault", LEDGER, ids=name)
def test_every_injected_fault_is_a_finding_at_its_cell(faulty_year, fault):
    home, _ = faulty_year
    found = ask(home, "from ops.findings").to_dicts()
    here = [f for f in found if f["code"] == fault.code and f["file"] == fault.path]
    if fault.code == "E14" and "第一份" in fault.note:  # nothing is wrong with the first of several versions
        assert here == []
        return
    assert here, f"{fault.note}: no finding"
    if not fault.file_level and fault.code != "E13":
        assert {f["address"] for f in here} & {fault.address, *fault.also}
        assert {f["sheet"] for f in here} == {fault.sheet}


def test_nothing_else_is_refused_or_quarantined(faulty_year):
    home, _ = faulty_year
    injected = {fault.path for fault in LEDGER}
    found = ask(home, "from ops.findings where severity in ('R', 'Q')").to_dicts()
    # A building out of the register until April makes its progress reports wait: the register's fault, not theirs.
    waiting = [f for f in found if f["code"] == "E17" and "永定路" in f["file"]]
    assert [f for f in found if f["file"] not in injected and f not in waiting] == []


def as_of(day):
    return f"timestamptz '{day} 12:00:00+08'"


def test_e01_a_building_with_two_contractors_counts_once(faulty_year):
    home, _ = faulty_year
    [row] = ask(home, f"from summary.target_attainment_as_of({as_of('2014-01-09')}) where plan_year = 2013").to_dicts()
    assert str(row["started_area_m2"]) == "1644600.00"
    assert row["benefited_buildings"] == 289


def test_name_variants_make_no_new_compounds(faulty_year):
    home, _ = faulty_year
    assert ask(home, "select count(distinct compound_id) as n from core.contractor_progress").item() == 33


def test_e02_the_building_in_the_wrong_compound_waits_with_a_suggestion(faulty_year):
    home, _ = faulty_year
    [row] = ask(home, "from ops.quarantine where code = 'E02' and entity = 'contractor_progress'").to_dicts()
    assert "增光里" in row["suggestion"]


def test_e06_neither_impossible_finish_is_known_before_the_next_report(faulty_year):
    home, _ = faulty_year
    row = ask(
        home,
        f"select actual_finish from core.contractor_progress_as_of({as_of('2013-10-31')})"
        " where building_id like '%:翠微中里:7号楼' order by report_month desc limit 1",
    )
    assert row.to_dicts() == [{"actual_finish": None}]


def test_e07_the_register_wins(faulty_year):
    home, _ = faulty_year
    sql = "select {} from core.{} where building_id like '%学院南路丙32号%:2号楼' and {}"
    assert str(ask(home, sql.format("floor_area_m2", "building_register", "known_to is null")).item()) == "11045.71"
    restated = ask(
        home, sql.format("distinct floor_area_m2", "contractor_progress", "report_month = date '2013-10-01'")
    )
    assert [str(v) for v in restated["floor_area_m2"]] == ["10145.71"]


def test_e08_the_unlabelled_subtotal_is_a_control_total_and_no_row(faulty_year):
    home, _ = faulty_year
    total = ask(
        home,
        "select sum(started_area_cum_m2) as area from core.subcommand_monthly where known_to is null"
        " and report_month = date '2013-12-01' and street_id = '110108008'",
    ).item()
    assert 257_000 < total < 259_000


def test_e10_the_slip_of_the_unit_is_not_in_core(faulty_year):
    home, _ = faulty_year
    assert ask(home, "select max(started_area_cum_m2) as area from core.subcommand_monthly").item() < 200_000


def test_e14_the_middle_copy_never_shows_and_nothing_of_it_is_known_now(faulty_year):
    home, _ = faulty_year
    for day in ("2014-01-01", "2014-01-02", "2014-03-03"):
        [row] = ask(home, f"from summary.target_attainment_as_of({as_of(day)}) where plan_year = 2013").to_dicts()
        assert row["completed_buildings"] <= 286
    middle = ask(
        home,
        "select submission_id from ops.submissions as s join ops.files as f using (file_id) where f.path like '%修改%'",
    )
    assert middle.height == 1
    kept = ask(
        home,
        "select count(*) as rows, count(*) filter (where c.known_to is null) as open from core.contractor_progress as c"
        f" where submission_id = '{middle['submission_id'][0]}'",
    ).to_dicts()
    assert kept[0]["open"] == 0
    assert kept[0]["rows"] > 0


def test_e26_and_e28_what_does_not_add_up_waits_until_it_is_put_right(faulty_year):
    home, _ = faulty_year
    consent = "select count(*) as n from core.consent_survey_as_of({}) where round_no = 1 and street_id = '110108010'"
    assert [ask(home, consent.format(as_of(day))).item() for day in ("2013-04-01", "2013-04-02")] == [33, 34]
    june = "select count(*) as n from core.safety_inspection_as_of({}) where filer_id = '区指挥部'"
    before, after = (ask(home, june.format(as_of(day))).item() for day in ("2013-08-01", "2013-08-02"))
    assert after == before + 1


def test_e27_an_opinion_without_its_day_waits_for_the_next_ledger(faulty_year):
    home, _ = faulty_year
    sql = "select min(opinion_no::int) as first from core.resident_opinion_as_of({}) where street_id = '110108003'"
    assert ask(home, sql.format(as_of("2013-10-10"))).item() > 1
    assert ask(home, sql.format(as_of("2014-01-06"))).item() == 1


def test_e32_both_names_are_one_compound(faulty_year):
    home, _ = faulty_year
    sql = "select distinct compound_id from core.issue_log where compound_name like '志强南园%'"
    assert ask(home, sql)["compound_id"].to_list() == ["110108008:志强南园"]


def test_e30_an_area_under_two_types_counts_under_neither_until_it_is_put_right(faulty_year):
    home, _ = faulty_year
    sql = "select programme_type_code from core.building_register_as_of({}) where building_id like '%:永定路西里:1号楼'"
    assert ask(home, sql.format(as_of("2013-04-09"))).to_dicts() == []
    assert ask(home, sql.format(as_of("2013-04-10")))["programme_type_code"].to_list() == ["SEISMIC_ENERGY"]


def test_rows_that_waited_for_their_register_are_known_from_the_day_it_came(faulty_year):
    home, _ = faulty_year
    first = ask(
        home,
        "select min(timezone('Asia/Shanghai', known_from)) as since from core.contractor_progress"
        " where building_id like '%:永定路西里:1号楼' and report_month = date '2013-03-01'",
    ).item()
    if first is not None:  # the building stands in March's report only where works had begun
        assert f"{first:%Y-%m-%d}" == "2013-04-10"
