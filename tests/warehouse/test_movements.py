"""Which numbers moved between two states, and which reports moved them."""

import datetime as dt

import polars as pl

from schemas.forms import load
from warehouse import models, movements
from warehouse.movements import Difference, attribute, differences, entities_read

MODELS = models.load_models(("schemas",))
RANKING = next(model for model in MODELS if model.name == "street_ranking")


def ranking(**areas):
    rows = [{"plan_year": 2013, "street_id": street, "started_area_m2": area} for street, area in areas.items()]
    return {"street_ranking": pl.DataFrame(rows)}


def told(found):
    return [(each.key["street_id"], each.column, each.before, each.after) for each in found]


def test_numbers_that_came_changed_or_went_are_told_in_the_order_of_their_keys():
    found = differences(ranking(b=1, c=2, d=3), ranking(a=9, b=1, c=5), [RANKING])
    assert told(found) == [
        ("a", "started_area_m2", None, 9),
        ("c", "started_area_m2", 2, 5),
        ("d", "started_area_m2", 3, None),
    ]


def test_a_table_that_one_side_lacks_is_told_whole():
    assert told(differences({}, ranking(a=9), [RANKING])) == [("a", "started_area_m2", None, 9)]


def test_a_number_is_moved_by_the_rows_of_its_ids_in_the_forms_it_reads():
    found = [Difference("street_ranking", {"plan_year": 2013, "street_id": street}, "x", 1, 2) for street in ("a", "b")]
    moved = {
        "contractor_progress": pl.DataFrame({"submission_id": ["s1", "s2"], "street_id": ["a", "b"]}),
        "municipal_target": pl.DataFrame({"submission_id": ["t"], "plan_year": [2013]}),
        "building_register": pl.DataFrame(
            {"submission_id": ["r"], "street_id": [None]}, schema_overrides={"street_id": pl.String}
        ),
    }
    assert [each.submissions for each in attribute(found, MODELS, moved)] == [("r", "s1"), ("r", "s2")]


def test_a_summary_reads_forms_through_its_helpers():
    assert set(entities_read(RANKING, MODELS)) >= {"building_register", "compound_register", "contractor_progress"}
    assert "municipal_target" not in entities_read(RANKING, MODELS)


def test_every_form_can_be_asked_what_moved():
    catalogue = load()
    day = dt.datetime(2013, 5, 2, tzinfo=dt.UTC)
    for form in catalogue.forms.values():
        schema = {name: name for name in form.core_schema()}
        assert f"core.{form.entity}" in movements._moved(form, list(schema), day)


def test_rows_that_are_new_can_be_left_out():
    assert told(differences(ranking(b=1, d=3), ranking(a=9, b=2), [RANKING], new=False)) == [
        ("b", "started_area_m2", 1, 2),
        ("d", "started_area_m2", 3, None),
    ]
    assert differences({}, ranking(a=9), [RANKING], new=False) == []
