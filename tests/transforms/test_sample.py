"""The sample year without faults: figures of the plan, plausible values, names the register knows, the same bytes."""

import datetime as dt
import io
import re
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise

import openpyxl
import pytest

from tests.transforms.sample_reader import (
    F01,
    F02,
    F03,
    F06,
    F08,
    F22,
    FINISHED,
    figures,
    finished,
    money,
    naive_rows,
    opened,
    progress_rows,
    sent,
    squeeze,
    year,
)
from transforms.names import normalise_compound, without_suffix
from transforms.sample import make_year
from transforms.sample.draw import draw

# The plan


def test_december_reports_of_the_contractors_add_up_to_the_plan():
    rows = list(progress_rows("2013-12"))
    assert figures(rows) == (Decimal("1644600.00"), 289, 23_553)
    assert figures(finished(rows)) == (Decimal("1628400.00"), 286, 23_306)


def test_the_register_adds_up_to_the_plan_by_programme_type():
    rows = [row for e in sent(F03, faults="none") for row in naive_rows(e, "none")]
    areas = defaultdict(Decimal)
    for row in rows:
        areas[row["programme"][:4]] += money(row["floor_area"])
    assert areas == {"抗震节能": Decimal("73600.00"), "节能和环": areas["节能和环"], "节能环境": areas["节能环境"]}
    assert areas["节能和环"] + areas["节能环境"] == Decimal("1571000.00")
    assert figures(rows)[1:] == (289, 23_553)


def test_the_sub_commands_december_reports_are_short_by_rounding_only():
    rows = [row for e in sent(F08, "2013-12", "none") for row in naive_rows(e, "none")]
    assert len(rows) == 36
    assert sum(money(row["started_cum"]) for row in rows) == Decimal("164.45")
    assert sum(money(row["completed_cum"]) for row in rows) == Decimal("162.83")


def test_the_months_of_the_reports_follow_the_plans_curve():
    expected = {"2013-07": "245699.30", "2013-09": "1048416.24", "2013-11": "1552906.81", "2014-02": "1644600.00"}
    for period, area in expected.items():
        rows = [row for e in sent(F06, period, "none") for row in e.rows]
        done = sum((row.values["floor_area_m2"] for row in rows if row.values["status_code"] in FINISHED), Decimal(0))
        assert done == Decimal(area), period


@pytest.mark.parametrize("sender", ["first", "adjusted"])
def test_both_targets_ask_the_district_for_140(sender):
    [envelope] = sent(F01, sender=sender)
    rows = opened("all", envelope.path)[0].rows()
    assert [value for row in rows if "海淀区" in row for value in row if value in (140, 33)] == [140, 33]


def test_every_building_has_an_accepted_item_by_december_and_the_unfinished_ones_not_all():
    for envelope in sent(F06, "2013-12", "none"):
        for row in envelope.rows:
            items = {name.split(".")[0] for name in row.values if name.endswith(".qty_cum")}
            accepted = {i for i in items if row.values[f"{i}.qty_cum"] >= row.values[f"{i}.qty_design"] > 0}
            assert accepted, row.key
            assert (accepted == items) == (row.values["status_code"] in FINISHED), row.key


# Without faults nothing a strict reader would stop


def series(form):
    found = defaultdict(list)
    for envelope in year("none").envelopes:
        if envelope.form == form:
            for row in envelope.rows:
                found[row.key].append((envelope.period, row))
    return {key: [row for _, row in sorted(rows, key=lambda pair: pair[0])] for key, rows in found.items()}


def test_work_items_grow_by_exactly_what_the_month_says():
    for key, rows in series(F06).items():
        items = {name for name in rows[0].values if name.endswith(".qty_cum")}
        for item in items:
            done = Decimal(0)
            for row in rows:
                month = row.values[item.replace("cum", "month")]
                assert row.values[item] == done + month, (key, item)
                assert month >= 0
                done = row.values[item]
            assert done == rows[-1].values[item.replace("cum", "design")]
            assert -done.as_tuple().exponent <= 1, "the forms print one decimal"


def test_dates_and_values_are_in_order():
    for rows in series(F06).values():
        for row in rows:
            v = row.values
            if isinstance(v["planned_start"], dt.date):
                assert v["planned_start"] < v["planned_finish"]
                assert abs((v["actual_start"] or v["planned_start"]) - v["planned_start"]) <= dt.timedelta(days=7)
            if isinstance(v["actual_finish"], dt.date):
                assert v["actual_start"] < v["actual_finish"]
            assert 0 <= v["output_value_yuan"] <= v["contract_value_yuan"]
            assert (v["progress_ratio"] == 1) == (v["status_code"] in FINISHED)
            assert (v["progress_ratio"] == 0) <= (v["output_value_yuan"] < v["contract_value_yuan"] / 50)


def test_rounded_areas_agree_with_last_month_within_the_rounding():
    def wan(area):
        return (area / 10_000).quantize(Decimal("0.01"))

    for key, rows in series(F08).items():
        before = Decimal(0)
        for row in rows:
            v = row.values
            assert abs(wan(v["started_area_cum_m2"]) - before - wan(v["started_area_month_m2"])) <= Decimal("0.015"), (
                key
            )
            assert v["completed_area_cum_m2"] <= v["started_area_cum_m2"] <= v["task_area_m2"]
            before = wan(v["started_area_cum_m2"])


def test_register_values_lie_in_the_bands():
    for envelope in sent(F03, faults="none"):
        for row in envelope.rows:
            v = row.values
            assert 20 <= v["floor_area_m2"] / v["household_count"] <= 200
            assert 1 <= v["storeys_above"] <= 33
            assert 0 <= v["storeys_below"] <= 3
            assert 1 <= v["unit_count"] <= 12


@pytest.mark.parametrize("form", [F06, F08])
def test_no_report_is_the_copy_of_last_months(form):
    months = defaultdict(dict)
    for e in year("none").envelopes:
        if e.form == form:
            lines = [{k: v for k, v in row.values.items() if k != "report_month"} for row in e.rows]
            is_final = all(row.values.get("status_code") in FINISHED for row in e.rows)
            months[e.sender, e.street][e.period] = None if is_final else lines
    for sender, reports in months.items():
        ordered = [reports[period] for period in sorted(reports)]
        assert not any(a == b for a, b in pairwise(ordered) if b is not None), sender


def test_without_faults_the_ledger_is_empty_and_each_report_comes_once_and_in_time():
    assert year("none").ledger == ()
    reports = Counter((e.form, e.sender, e.street, e.period) for e in year("none").envelopes if e.form in (F06, F08))
    assert Counter(form for form, *_ in reports) == {F06: 17 * 12, F08: 14 * 12}
    assert set(reports.values()) == {1}
    for e in year("none").envelopes:
        if e.form in (F06, F08) and e.period != "2013-09":
            assert e.received.day <= (2 if e.form == F06 else 6), e.path
        if e.form in (F06, F08):
            assert e.received.strftime("%Y-%m") > e.period, "the state at month end is known after it"
    assert max(e.received for e in year("none").envelopes) == dt.date(2014, 3, 3)
    assert max(e.received for e in year("none").envelopes if not e.period and e.form) == dt.date(2013, 3, 1)


# Names


def test_one_compound_is_written_in_three_ways_so_that_33_look_like_35():
    names = {row["compound_name"] for e in sent(F06, "2013-12", "none") for row in naive_rows(e, "none")}
    names |= {row["compound_name"] for e in sent(F08, "2013-12", "none") for row in naive_rows(e, "none")}
    assert len(names) == 35
    assert {"花园路甲三号院", "花园路甲3号院", "花园路 甲３号院"} <= names


@pytest.mark.parametrize("scale", [1, 3])
def test_every_name_a_sender_uses_is_known_by_the_register(scale):
    known = defaultdict(set)
    for e in year("none", scale).envelopes:
        for sheet in e.sheets if e.form == F02 else ():
            for row in sheet.rows:
                v = row.values
                names = [v["compound_name"], *(v["compound_alias"] or "").split("、")]
                known[v["street"]] |= {normalise_compound(name) for name in names if name}
    assert sum(map(len, known.values())) >= 33 * scale
    for e in year("none", scale).envelopes:
        if e.form in (F03, F06, F08):
            for row in e.rows:
                name = normalise_compound(row.values["compound_name"])
                assert name in known[e.street] or without_suffix(name) in known[e.street], name


def test_copies_of_compounds_multiply_the_figures_and_share_no_name():
    rows = [row for e in year("none", 3).envelopes if (e.form, e.period) == (F03, "") for row in e.rows]
    assert sum(row.values["floor_area_m2"] for row in rows) == 3 * Decimal("1644600.00")
    names = {(row.values["street"], normalise_compound(row.values["compound_name"])) for row in rows}
    assert len(names) == 99
    faulty = {(f.code, f.path) for f in year("all", 3).ledger}
    assert faulty == {(f.code, f.path) for f in year().ledger}


def test_contractors_and_short_names_stand_in_the_directory():
    [directory] = sent(F22)
    known = {row.key for row in directory.rows} | {
        name for row in directory.rows for name in row.values["short_names"].split("、")
    }
    used = {row.values["contractor"] for e in sent(F03) for row in e.rows}
    used |= {e.sheets[0].words["filer"] for e in year().envelopes if e.form == F06}
    assert used <= known
    assert len(used) > 9


def test_people_and_phones_are_invented():
    people, phones = set(), set()
    for e in year().envelopes:
        for sheet in e.sheets:
            people |= {sheet.words[role] for role in ("head", "checker", "clerk", "inspector")}
            phones |= {sheet.words["phone"], sheet.words["other_phone"]}
        if e.form == F22:
            people |= {row.values["contact_name"] for row in e.rows}
            phones |= {row.values["contact_phone"] for row in e.rows}
    assert all(re.fullmatch("[赵钱孙李周吴郑王冯陈][拟试虚][一二三四五六七八九]", name) for name in people)
    assert all(re.fullmatch(r"1300000\d{4}", number) for number in phones)


# Files


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others():
    once, again, other = year().envelopes, make_year(2013).envelopes, year(seed=2).envelopes
    assert [e.path for e in once] == [e.path for e in again]
    chosen = range(0, len(once), 29)
    assert [draw(once[i]) for i in chosen] == [draw(again[i]) for i in chosen]
    assert [draw(once[i]) for i in chosen] != [draw(other[i]) for i in chosen]
    rows = [row for e in other if (e.form, e.period) == (F06, "2014-01") for row in e.rows]
    assert sum(row.values["floor_area_m2"] for row in rows) == Decimal("1644600.00")


def test_files_have_one_path_each_and_one_lock_file_lies_among_them():
    files = list(year().envelopes)
    assert len({e.path for e in files}) == len(files) == len(year())
    [lock] = [e for e in files if e.plain is not None]
    assert lock.file_name.startswith("~$")
    assert draw(lock)[:2] != b"PK"


def test_a_year_without_a_plan_and_other_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="there is a sample plan for 2013 only, not for 2014"):
        make_year(2014)
    with pytest.raises(ValueError, match="scale is 0"):
        make_year(scale=0)
    with pytest.raises(ValueError, match='faults is "some"'):
        make_year(faults="some")


def test_looks_differ_by_sender():
    def header(form, sender):
        envelope = next(e for e in year("none").envelopes if (e.form, e.sender) == (form, sender))
        page = opened("none", envelope.path)[0]
        return tuple(squeeze(value) for (row, _), value in sorted(page.values.items()) if 3 <= row <= 6)

    senders = defaultdict(set)
    for e in year("none").envelopes:
        senders[e.form].add(e.sender)
    styles = {form: {header(form, sender)[-12:] for sender in found} for form, found in senders.items() if form}
    assert len(styles[F06]) >= 3
    assert len(styles[F08]) >= 3
    assert len(styles[F02]) >= 2
    assert len(styles[F03]) >= 2
    assert len(styles[F01]) == 2


def test_formulas_carry_values_and_the_noise_of_floating_point():
    [envelope] = sent(F06, "2013-09", "none", sender="K06", street="羊坊店街道")
    data = draw(envelope)
    formulas = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    values = opened("none", envelope.path)[0]
    found = [
        (c.value, values.at(c.coordinate))
        for row in formulas.iter_rows()
        for c in row
        if isinstance(c.value, str) and re.match(r"=\d", c.value)
    ]
    assert len(found) > 20
    assert all(value is not None for _, value in found)
    noisy = [value for _, value in found if len(repr(value)) > 12]
    assert noisy
