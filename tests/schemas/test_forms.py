"""Forms: what is declared once fits together."""

import polars as pl
import pytest

from schemas.forms import load
from schemas.reasons import REASONS

CATALOGUE = load()
FORMS = list(CATALOGUE.forms.values())
by_code = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)


@by_code
def test_every_named_column_is_declared(form):
    core = form.core_schema()
    assert set(form.required) | set(form.filled) | set(form.row_identity) | set(form.note_columns) <= set(form.column)
    assert set(form.key) | set(form.series_key) <= set(core)
    assert {r.source for r in form.references} <= set(form.column)
    for cumulative in form.cumulative:
        assert {cumulative.cum, cumulative.month or cumulative.cum} <= set(form.column)


@by_code
def test_every_rule_has_a_reason_in_the_catalogue_and_a_cell_to_point_to(form):
    for rule in form.rules:
        assert rule.code in REASONS
        assert rule.address_of in form.column
    assert len({rule.name for rule in form.rules}) == len(form.rules)


@by_code
def test_every_rule_reads_columns_the_form_has(form):
    empty = pl.DataFrame(schema=form.row_schema())
    for rule in form.rules:
        assert empty.select(rule.holds.alias(rule.name)).schema[rule.name] == pl.Boolean


@by_code
def test_personal_columns_reach_no_row_and_no_core_table(form):
    personal = {c.name for c in form.columns if c.sensitivity == "personal"}
    for schema in (form.row_schema(), form.core_schema()):
        assert not personal & set(schema)
        assert not personal & {field.name for field in schema["raw"].fields}


@by_code
def test_every_code_column_has_a_list(form):
    for column in form.columns:
        if column.kind in ("code", "flags"):
            assert column.codes in CATALOGUE.codes


@by_code
def test_every_column_says_what_it_is_in_both_languages(form):
    assert all(column.label_zh and column.meaning for column in form.columns)


@by_code
def test_every_form_has_a_layout(form):
    if form.part_of is None:
        assert any(layout.form == form.entity for layout in CATALOGUE.layouts)


def test_a_finish_before_the_start_breaks_the_date_rule_and_a_forecast_does_not():
    rule = next(r for r in CATALOGUE.forms["contractor_progress"].rules if r.name == "finish_not_before_start")
    rows = pl.DataFrame(
        {
            "case": ["in order", "before start", "forecast", "no finish yet"],
            "actual_start": ["2013-07-06"] * 4,
            "actual_start_kind": ["actual"] * 4,
            "actual_finish": ["2013-10-26", "2013-06-26", "2013-06-26", None],
            "actual_finish_kind": ["actual", "actual", "forecast", None],
        }
    ).with_columns(pl.col("actual_start", "actual_finish").str.to_date())
    assert rows.with_columns(ok=rule.holds)["ok"].to_list()[:3] == [True, False, True]


def test_ten_thousand_times_too_much_area_breaks_the_unit_band():
    rule = next(r for r in CATALOGUE.forms["subcommand_monthly"].rules if r.code == "E10")
    rows = pl.DataFrame(
        {
            "started_area_cum_m2": [37_500, 374_978_400, 37_500, None],
            "started_households_cum": [531, 531, 0, 531],
            "started_buildings_cum": [8, 8, None, 8],
        }
    )
    assert rows.with_columns(ok=rule.holds)["ok"].to_list() == [True, False, None, None]
