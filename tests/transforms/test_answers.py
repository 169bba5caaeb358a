"""Which file answers which: five files whose ids say what they are."""

import datetime as dt

import polars as pl

from schemas.frames import INSTANT, LANDED_SUBMISSIONS
from schemas.slips import number_of
from tests.transforms.layout_books import CATALOGUE
from transforms.answers import find_answers
from transforms.names import organisation_names

NOBODY = organisation_names(
    pl.DataFrame(schema={"org_id": pl.String, "full_name": pl.String, "short_names": pl.List(pl.String)}),
    pl.DataFrame(schema={"kind": pl.String, "street_id": pl.String, "alias": pl.String, "target": pl.String}),
)


def at(day):
    return dt.datetime(2013, 10, day, tzinfo=dt.UTC)


def answers(*files):
    """(file_id, day, outcome of its F08 report or None, slip it carries, name, whether it only adds rows)."""
    known, reports = [], []
    for file_id, day, outcome, *more in files:
        slip, name, adds = [*more, *(None, None, None)[len(more) :]]
        known.append((file_id, name or f"{file_id}.xlsx", slip and number_of(slip), at(day), at(day)))
        if outcome:
            row = dict.fromkeys(LANDED_SUBMISSIONS)
            row |= {"submission_id": f"{file_id} report", "file_id": file_id, "form_code": "F08", "outcome": outcome}
            row |= {"entity": "subcommand_monthly", "street_id": "110108018", "period": "2013-09", "version_rank": 0}
            reports.append(row | {"is_supplement": bool(adds), "received_at": at(day), "known_from": at(day)})
    names = ["file_id", "file_name", "slip_number", "received_at", "known_from"]
    schema = dict.fromkeys(names[:3], pl.String) | dict.fromkeys(names[3:], INSTANT)
    found = find_answers(
        pl.DataFrame(known, schema=schema, orient="row"),
        pl.DataFrame(reports, schema=dict(LANDED_SUBMISSIONS)),
        CATALOGUE,
        NOBODY,
    )
    answered = [(row["submission_id"] or row["file_id"], row["known_to"].day) for row in found.answered.to_dicts()]
    return [tuple(row)[:3] for row in found.pairs.rows()], answered


def test_a_later_version_answers_the_report_and_with_it_the_file():
    assert answers(("first", 2, "read"), ("second", 5, "read")) == (
        [("second", "first", "report")],
        [("first report", 5), ("first", 5)],
    )


def test_a_supplement_answers_nothing():
    assert answers(("first", 2, "read"), ("more", 5, "read", None, None, True)) == ([], [])


def test_a_refused_copy_answers_a_refused_one_but_not_one_that_counts():
    assert answers(("bad", 2, "refused"), ("worse", 5, "refused"))[1] == [("bad report", 5), ("bad", 5)]
    assert answers(("good", 2, "read"), ("bad", 5, "refused"))[1] == []


def test_each_version_is_answered_by_the_next_one_that_was_read():
    pairs, answered = answers(("a", 2, "read"), ("b", 3, "refused"), ("c", 5, "read"))
    assert pairs == [("b", "a", "report"), ("c", "b", "report")]
    assert answered == [("a report", 5), ("b report", 5), ("a", 5), ("b", 5)]


def test_the_list_of_a_slip_says_what_a_file_answers_whatever_it_is_called():
    pairs, answered = answers(("unknown layout", 2, None), ("better", 5, "read", "unknown layout", "改好了.xlsx"))
    assert pairs == [("better", "unknown layout", "slip")]
    assert answered == [("unknown layout", 5)]


def test_of_a_file_nobody_could_read_the_next_one_of_its_name_is_the_answer():
    old = ("garbled", 2, None, None, "花园路分指挥部9月月报.xls")
    assert answers(old, ("new", 5, "read", None, "花园路分指挥部9月月报(2).xlsx"))[1] == [("garbled", 5)]
    assert answers(old, ("other", 5, "read", None, "羊坊店分指挥部9月月报.xlsx"))[1] == []
    nameless = ("garbled", 2, None, None, "9月.xls")
    assert answers(nameless, ("new", 5, "read", None, "9月.xlsx"))[1] == []
