"""The ledger of injected faults: what it says stands in the cell, and what each fault would do if it were missed."""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from tests.transforms.sample_reader import (
    F03,
    F06,
    F08,
    figures,
    finished,
    money,
    naive_rows,
    page_of,
    progress_rows,
    sent,
    with_fault,
    year,
)
from transforms.sample.draw import draw


def test_ledger_cells_hold_what_the_ledger_says():
    expected = {
        "E01": "三号楼",
        "E02": "7号楼",
        "E03": 97,
        "E05": 11,
        "E06": {"2013.6.26", "2013.9.31"},
        "E07": 10145.71,
        "E08": None,
        "E10": 37497.84,
        "E13": "清河街道老旧小区综合整治10月份进展情况月报",
        "E19": 41365,
        "E20": "例",
        "E21": "护栏拆除费用由谁承担，请回电13000008974",
        "E26": 26,
        "E27": {"已解决", dt.datetime(2013, 3, 31)},
        "E28": 5,
        "E29": {dt.datetime(2013, 4, 20), 2, 1194},
        "E30": "节能和环境综合整治",
        "E32": "志强南园一期",
    }
    also = {
        "E01": ["花园路甲三号院", 4560.11, 63],
        "E02": ["甘家口北里"],
        "E05": [10],
        "E08": [pytest.approx(25.81), pytest.approx(25.81)],
        "E10": [37497.84, 9964.64, 37497.84],
        "E20": ["XXX小区（示例）", "X号楼"],
        "E30": ["1号楼", 4497.18],
    }
    seen = Counter()
    for fault in year().ledger:
        seen[fault.code] += 1
        if fault.file_level:
            assert (fault.sheet, fault.address, fault.column) == ("", "", "")
            continue
        page = page_of("all", fault.path, fault.sheet)
        value, wanted = page.at(fault.address), expected[fault.code]
        assert value in wanted if isinstance(wanted, set) else value == wanted, fault
        assert [page.at(address) for address in fault.also] == also.get(fault.code, []), fault
    assert seen == {
        **dict.fromkeys(["E01", "E02", "E03", "E05", "E07", "E08", "E10", "E12", "E13", "E15", "E19", "E20", "E30"], 1),
        **dict.fromkeys(["E21", "E26", "E28", "E32"], 1),
        "E06": 2,
        "E14": 3,
        "E16": 3,
        "E27": 2,
        "E29": 3,
    }


def test_faults_arrive_on_the_days_of_the_ledger():
    days = defaultdict(set)
    for fault in year().ledger:
        days[fault.code].add(fault.path[:10])
    assert days["E01"] == days["E16"] == {"2014-01-09"}
    assert days["E02"] == {"2013-10-02"}
    assert days["E03"] == {"2013-11-06"}
    assert days["E05"] == {"2013-09-04"}
    assert days["E06"] == {"2013-10-02", "2013-11-02"}
    assert days["E07"] == {"2013-11-02"}
    assert days["E08"] == {"2014-01-06"}
    assert days["E10"] == days["E13"] == {"2013-10-10"}
    assert days["E12"] == {"2013-12-02"}
    assert days["E14"] == {"2014-01-01", "2014-01-02"}
    assert days["E30"] == {"2013-03-01"}
    assert [e.received for e in sent(F03, street="永定路街道")] == [dt.date(2013, 3, 1), dt.date(2013, 4, 10)]


def test_a_missed_double_count_is_one_building_more():
    neighbour = [e for e in with_fault("E01") if e.sender == "K01"]
    rows = list(progress_rows("2013-12", instead=neighbour))
    assert figures(rows) == (Decimal("1649160.11"), 290, 23_616)


def test_a_building_in_the_wrong_compound_moves_the_compounds_but_not_the_street():
    [envelope] = with_fault("E02")
    [right] = sent(F06, "2013-09", "none", sender="K03", street="甘家口街道")
    areas = [Counter(), Counter()]
    for counter, (e, faults) in zip(areas, [(envelope, "all"), (right, "none")], strict=True):
        for row in naive_rows(e, faults):
            counter[row["compound_name"]] += money(row["floor_area"])
    assert areas[0]["甘家口北里"] - areas[1]["甘家口北里"] == Decimal("5647.26")
    assert areas[0].total() == areas[1].total()


def test_a_missed_restatement_takes_900_square_metres():
    assert figures(
        progress_rows("2013-10", instead=with_fault("E07"))
        and list(progress_rows("2013-10", instead=with_fault("E07")))
    )[0] == Decimal("1643700.00")


def test_a_missed_subtotal_counts_the_street_twice():
    [envelope] = with_fault("E08")
    rows = naive_rows(envelope)
    assert sum(money(row["started_cum"]) for row in rows) - Decimal("25.81") == Decimal("25.81")


def test_a_missed_unit_slip_is_ten_thousand_times_too_much():
    [envelope] = with_fault("E10")
    [right] = sent(F08, "2013-09", "none", sender="海淀街道")
    [typed], [true] = naive_rows(envelope), naive_rows(right, "none")
    assert money(typed["started_cum"]) - money(true["started_cum"]) == Decimal("37494.09")


def test_the_middle_copy_would_finish_the_year():
    middle = [e for e in with_fault("E14") if "修改" in e.file_name]
    rows = list(progress_rows("2013-12", instead=middle))
    assert figures(finished(rows))[:2] == (Decimal("1644600.00"), 289)
    first, _, last = sorted(with_fault("E14"), key=lambda e: (e.received, "最终版" in e.file_name))
    assert draw(first) != draw(last)
    assert [r.values for r in first.rows] == [r.values for r in last.rows]


def known_on(day):
    """The rows of each contractor's and street's newest report received by a day, as the faulty year sent them."""
    newest = {}
    for e in sorted(year().envelopes, key=lambda e: (e.period, e.received, "最终版" in e.file_name)):
        if e.form == F06 and e.received <= day:
            newest[e.sender, e.street] = e
    return [row for e in newest.values() for row in naive_rows(e)]


def test_figures_as_known_before_and_after_the_late_envelope():
    on_third = figures(finished(known_on(dt.date(2014, 1, 3))))
    assert on_third[0] == Decimal("1595384.66")
    assert round(on_third[0] / 14_000, 1) == Decimal("114.0")
    twice = Decimal("4560.11")
    assert figures(finished(known_on(dt.date(2014, 1, 9))))[0] - twice == Decimal("1628400.00")


def test_the_copied_november_report_is_short_until_december_comes():
    end = dt.date(2013, 11, 30)
    assert figures(finished(known_on(dt.date(2014, 1, 1)), end))[0] == Decimal("1552906.81") - Decimal("33522.24")
    assert figures(finished(known_on(dt.date(2014, 1, 2)), end))[0] == Decimal("1552906.81")


def test_a_building_under_both_types_counts_twice_until_the_register_is_corrected():
    first = [e for e in sent(F03) if e.received < dt.date(2013, 4, 1)]
    rows = [row for e in first for row in naive_rows(e)]
    energy = sum(money(row["floor_area"]) for row in rows if row["programme"].startswith("节能"))
    assert (round(energy / 10_000, 2), round(figures(rows)[0] / 10_000, 2)) == (Decimal("157.55"), Decimal("164.91"))
    rows = [row for e in sent(F03) if e not in first or e.street != "永定路街道" for row in naive_rows(e)]
    assert figures(rows)[0] == Decimal("1644600.00")


def test_a_duplicate_has_the_same_bytes_under_another_name():
    [copy] = with_fault("E15")
    [original] = [e for e in sent(F08, copy.period, sender=copy.sender) if e.path != copy.path]
    assert copy.received == original.received
    assert draw(copy) == draw(original)
