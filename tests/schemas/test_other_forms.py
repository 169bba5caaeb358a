"""F04, F05, F09–F21: every rule has a row that keeps it, one that breaks it, and one that says nothing of it."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from schemas.forms import load
from schemas.reasons import REASONS

CATALOGUE = load()
OTHERS = ["F04", "F05", "F09", *(f"F{number}" for number in range(11, 22))]
MARCH, APRIL, MAY = dt.date(2013, 3, 1), dt.date(2013, 4, 1), dt.date(2013, 5, 1)


def after(later, earlier):
    """Cases of two dates that must not be the wrong way round."""
    return {later: APRIL, earlier: MARCH}, {later: MARCH, earlier: APRIL}


def planned(start, finish, precision="day"):
    dates = {"planned_start": start, "planned_finish": finish}
    return dates | {f"{name}_precision": precision for name in dates}


def consent(total, agree, disagree, missing, **more):
    return {
        "households_total": total,
        "agree_households": agree,
        "disagree_households": disagree,
        "not_contacted_households": missing,
    } | more


SAID = {"content": "窗户开启不便，请改进"}
PHONE = "请打13800000000找我"
CARD = "证号11010119500101001X"

# (form, rule): a row that keeps it, a row that breaks it, the reason's code and severity
CASES = {
    ("F04", "planned_finish_after_planned_start"): (planned(MARCH, APRIL), planned(MARCH, MARCH), "E06", "Q"),
    ("F05", "effect_note_without_personal_data"): ({"effect_note": "效果好"}, {"effect_note": PHONE}, "E21", "W"),
    ("F09", "week_end_is_a_day"): (
        {"week_end": MARCH, "week_end_kind": "actual"},
        {"week_end": None, "week_end_kind": "text"},
        "E41",
        "Q",
    ),
    ("F11", "reply_date_not_before_raised_date"): (*after("reply_date", "raised_date"), "E27", "Q"),
    ("F11", "resolved_date_not_before_raised_date"): (*after("resolved_date", "raised_date"), "E27", "Q"),
    ("F11", "resolved_has_a_date"): (
        {"resolution_code": "RESOLVED", "resolved_date": MAY},
        {"resolution_code": "RESOLVED", "resolved_date": None},
        "E27",
        "Q",
    ),
    ("F11", "content_without_personal_data"): (SAID, {"content": PHONE}, "E21", "W"),
    ("F11", "remark_without_personal_data"): ({"remark": "2013年9月"}, {"remark": CARD}, "E21", "W"),
    ("F12", "parts_add_up"): (consent(80, 74, 3, 3), consent(80, 74, 3, 2), "E26", "Q"),
    ("F12", "agree_within_total"): (consent(80, 80, None, None), consent(80, 81, None, None), "E26", "Q"),
    ("F12", "surveyed_within_total"): (
        consent(80, 74, 3, 3, households_surveyed=80),
        consent(80, 74, 3, 3, households_surveyed=81),
        "E26",
        "Q",
    ),
    ("F12", "agree_ratio_follows"): (
        consent(80, 74, 3, 3, agree_ratio=Decimal("0.93")),
        consent(80, 74, 3, 3, agree_ratio=Decimal("0.95")),
        "E33",
        "W",
    ),
    ("F14", "open_tender_has_twenty_days"): (
        {"tender_method_code": "OPEN", "notice_date": MARCH, "open_date": dt.date(2013, 3, 21)},
        {"tender_method_code": "OPEN", "notice_date": MARCH, "open_date": dt.date(2013, 3, 20)},
        "E29",
        "W",
    ),
    ("F14", "three_bidders"): (
        {"tender_method_code": "SINGLE_SOURCE", "bidders": 1},
        {"tender_method_code": "INVITED", "bidders": 2},
        "E29",
        "W",
    ),
    ("F14", "win_price_within_control_price"): (
        {"win_price_yuan": Decimal(100), "control_price_yuan": Decimal(100)},
        {"win_price_yuan": Decimal(101), "control_price_yuan": Decimal(100)},
        "E29",
        "W",
    ),
    ("F14", "award_date_not_before_open_date"): (*after("award_date", "open_date"), "E29", "W"),
    ("F14", "contract_date_not_before_award_date"): (*after("contract_date", "award_date"), "E29", "W"),
    ("F14", "contract_within_thirty_days"): (
        {"award_date": MARCH, "contract_date": dt.date(2013, 3, 31)},
        {"award_date": MARCH, "contract_date": APRIL},
        "E29",
        "W",
    ),
    ("F15", "topics_without_personal_data"): ({"topics": "管线"}, {"topics": PHONE}, "E21", "W"),
    ("F16", "due_date_not_before_raised_date"): (*after("due_date", "raised_date"), "E27", "Q"),
    ("F16", "closed_date_not_before_raised_date"): (*after("closed_date", "raised_date"), "E27", "Q"),
    ("F16", "resolved_has_a_date"): (
        {"issue_status_code": "SUSPENDED", "closed_date": None},
        {"issue_status_code": "RESOLVED", "closed_date": None},
        "E27",
        "Q",
    ),
    ("F16", "description_without_personal_data"): ({"description": "管线"}, {"description": PHONE}, "E21", "W"),
    ("F16", "remark_without_personal_data"): ({"remark": "6217"}, {"remark": "账号622700001234567"}, "E21", "W"),
    ("F17", "hazards_fixed_within_found"): (
        {"hazards_fixed": 5, "hazards_found": 5},
        {"hazards_fixed": 6, "hazards_found": 5},
        "E28",
        "Q",
    ),
    ("F17", "hazards_major_within_found"): (
        {"hazards_major": 0, "hazards_found": 5},
        {"hazards_major": 6, "hazards_found": 5},
        "E28",
        "Q",
    ),
    ("F17", "due_date_not_before_inspection_date"): (*after("due_date", "inspection_date"), "E06", "W"),
    ("F17", "closed_date_not_before_inspection_date"): (*after("closed_date", "inspection_date"), "E06", "W"),
    ("F18", "end_date_not_before_start_date"): (*after("end_date", "start_date"), "E06", "Q"),
    ("F19", "quantity_not_negative"): ({"qty_done": Decimal(0)}, {"qty_done": Decimal(-1)}, "E43", "Q"),
    ("F19", "started_by_month_end"): (
        {"env_start": dt.date(2013, 3, 31), "env_start_kind": "actual", "report_month": MARCH},
        {"env_start": APRIL, "env_start_kind": "actual", "report_month": MARCH},
        "E06",
        "Q",
    ),
    ("F20", "carried_area_m2_of_building"): (
        {"carried_area_m2": Decimal(5100)},
        {"carried_area_m2": Decimal("51000000")},
        "E10",
        "Q",
    ),
    ("F20", "to_year_after_from_year"): (
        {"from_year": 2013, "to_year": 2014},
        {"from_year": 2013, "to_year": 2013},
        "E43",
        "Q",
    ),
    ("F20", "carry_reason_without_personal_data"): ({"carry_reason": "冬季"}, {"carry_reason": PHONE}, "E21", "W"),
}


def judged(form, rule, *rows):
    schema = form.row_schema()
    frame = pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema, orient="row")
    return frame.select(holds=rule.holds)["holds"].to_list()


def test_every_rule_of_the_other_forms_has_its_cases():
    declared = {
        (form.code, rule.name) for form in CATALOGUE.forms.values() if form.code in OTHERS for rule in form.rules
    }
    assert declared == set(CASES)


@pytest.mark.parametrize(("form", "name"), CASES)
def test_a_rule_holds_is_broken_and_is_unknown_where_nothing_is_said(form, name):
    declared = CATALOGUE.by_code(form)
    rule = next(rule for rule in declared.rules if rule.name == name)
    good, bad, code, severity = CASES[form, name]
    holds, breaks, unsaid = judged(declared, rule, good, bad, {})
    assert (holds, breaks) == (True, False)
    assert unsaid is not False
    assert (rule.code, rule.severity or REASONS[rule.code].severity) == (code, severity)


def test_two_months_written_as_months_may_be_the_same_one():
    form = CATALOGUE.by_code("F04")
    assert judged(form, form.rules[0], planned(MARCH, MARCH, "month")) == [True]


def test_parts_that_do_not_add_up_are_one_fault_not_two():
    form = CATALOGUE.by_code("F12")
    rules = [rule for rule in form.rules if rule.name in ("parts_add_up", "agree_within_total")]
    assert [judged(form, rule, consent(80, 90, 3, 3)) for rule in rules] == [[False], [True]]


def test_the_district_return_has_the_columns_and_rules_of_the_sub_commands_report():
    district, street = CATALOGUE.by_code("F10"), CATALOGUE.by_code("F08")
    assert set(street.column) - set(district.column) == {"compound_name"}
    assert district.rules == street.rules
    assert district.key == ("report_month", "street_id", "programme_type_code")


def test_ids_of_lists_are_lists_and_derived_ids_are_ids():
    ids = CATALOGUE.by_code("F13").ids
    assert ids["compound_ids"] == pl.List(pl.String)
    assert ids["event_id"] == pl.String


def test_every_form_of_the_dictionary_is_declared():
    assert [form.code for form in CATALOGUE.forms.values()] == [f"F{number:02d}" for number in range(1, 23)]


PERSONAL = {"F11": {"room_no", "resident_name", "resident_phone"}, "F18": {"person_name"}}


@pytest.mark.parametrize("code", OTHERS)
def test_people_are_personal_and_free_text_is_internal(code):
    columns = CATALOGUE.by_code(code).columns
    assert {c.name for c in columns if c.sensitivity == "personal"} == PERSONAL.get(code, set())
    free = {"content", "description", "effect_note", "topics", "carry_reason", "remark", "inspector"}
    assert {c.sensitivity for c in columns if c.name in free} <= {"internal"}


WORDS = [
    ("channels", "非紧急救助", "HOTLINE_12345"),
    ("resolutions", "已解决", "RESOLVED"),
    ("issue_statuses", "已完成", "RESOLVED"),
    ("env_statuses", "√", "STARTED"),
    ("env_items", "管线（雨污）", "PIPES"),
    ("accidents", "无", "NONE"),
    ("departments", "安监局", "WORK_SAFETY"),
    ("departments", "燃气集团", "GAS"),
    ("departments", "歌华有线", "CABLE_TV"),
]


@pytest.mark.parametrize(("codes", "word", "code"), WORDS)
def test_the_words_senders_use_are_codes(codes, word, code):
    assert CATALOGUE.codes[codes].find(word) == code
