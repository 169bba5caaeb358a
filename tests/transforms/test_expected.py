"""Who must send what, and what never came: the registers say who, the works until when (E16)."""

import datetime as dt

import polars as pl
import pytest

from schemas.forms import load
from schemas.frames import LANDED_SUBMISSIONS
from transforms.calendar import Calendar
from transforms.expected import expected_reports, missing_reports, reports_as_they_stand
from transforms.names import organisation_names

HUAYUAN, QINGHE = "110108018", "110108017"
FORMS = load()
PROGRESS = {
    "row_id": pl.String,
    "building_id": pl.String,
    "compound_id": pl.String,
    "report_month": pl.Date,
    "status_code": pl.String,
    "actual_finish": pl.Date,
    "actual_finish_kind": pl.String,
}
MONTHLY = {"compound_id": pl.String, "report_month": pl.Date}


def month(text):
    return dt.date.fromisoformat(f"{text}-01")


def compounds(**years):
    """Compounds of 花园路 (and of 清河 where their name says so) and their programme years."""
    streets = [QINGHE if name.startswith("qinghe") else HUAYUAN for name in years]
    return pl.DataFrame(
        {"compound_id": list(years), "street_id": streets, "plan_year": list(years.values())},
        schema={"compound_id": pl.String, "street_id": pl.String, "plan_year": pl.Int32},
    )


def buildings(**contractors):
    """Buildings named after their compounds: a__1 stands in a."""
    return pl.DataFrame(
        {
            "building_id": list(contractors),
            "compound_id": [name.split("__")[0] for name in contractors],
            "contractor_id": list(contractors.values()),
        },
        schema={"building_id": pl.String, "compound_id": pl.String, "contractor_id": pl.String},
    )


def progress(*said):
    """Reports: building, month, and the day it was finished."""
    rows = [
        {
            "row_id": f"{building}/{about}",
            "building_id": building,
            "compound_id": building.split("__")[0],
            "report_month": month(about),
            "status_code": "FINISHED" if finish else "IN_PROGRESS",
            "actual_finish": dt.date.fromisoformat(finish) if finish else None,
            "actual_finish_kind": "actual" if finish else None,
        }
        for building, about, finish in said
    ]
    return pl.DataFrame(rows, schema=PROGRESS)


def expected(rows, named=None):
    directory = pl.DataFrame(
        {"org_id": ["East"], "full_name": ["East"], "short_names": [["E"]]},
        schema={"org_id": pl.String, "full_name": pl.String, "short_names": pl.List(pl.String)},
    )
    aliases = pl.DataFrame(schema={"kind": pl.String, "alias": pl.String, "target": pl.String})
    found = expected_reports(FORMS, rows, named or {}, organisation_names(directory, aliases), Calendar())
    assert found["row_id"].is_unique().all()
    return found


def months_of(found, form, filer):
    chosen = found.filter(form_code=form, filer_id=filer).sort("period")["period"].to_list()
    return (chosen[0], chosen[-1], len(chosen)) if chosen else None


def two_streets():
    return {
        "compound_register": compounds(a=2013, qinghe=2013, unreported=2014),
        "building_register": buildings(a__1="East", a__2="West", qinghe__1="East", unreported__1="North"),
        "contractor_progress": progress(("a__1", "2013-03", None), ("qinghe__1", "2013-11", None)),
    }


def test_contractors_file_street_by_street_from_the_first_report_of_the_year():
    found = expected(two_streets())
    pairs = found.filter(form_code="F06").select("filer_id", "street_id").unique().sort(pl.all()).rows()
    assert pairs == [("East", QINGHE), ("East", HUAYUAN), ("West", HUAYUAN)]
    assert found["period"].min() == "2013-03"
    # Nobody has reported about 2014 yet, and a form nobody ever sent is not asked for.
    assert found.filter(pl.col("filer_id") == "North").is_empty()
    assert set(found["form_code"]) == {"F06"}


def test_a_filer_reports_to_december_and_then_while_a_building_is_not_finished():
    rows = two_streets()
    rows["contractor_progress"] = progress(
        ("a__1", "2013-03", None),
        ("a__1", "2013-10", "2013-10-09"),
        ("a__2", "2014-01", "2014-01-16"),
        ("qinghe__1", "2014-02", None),
    )
    found = expected(rows)
    assert months_of(found.filter(street_id=HUAYUAN), "F06", "East") == ("2013-03", "2013-12", 10)
    assert months_of(found, "F06", "West") == ("2013-03", "2014-01", 11)
    # Two months after the newest report of anybody the asking ends.
    assert months_of(found.filter(street_id=QINGHE), "F06", "East") == ("2013-03", "2014-04", 14)


def test_a_finish_that_is_only_forecast_ends_nothing():
    rows = two_streets()
    announced = progress(("a__1", "2014-02", "2014-03-20")).with_columns(actual_finish_kind=pl.lit("forecast"))
    rows["contractor_progress"] = announced
    assert months_of(expected(rows).filter(street_id=HUAYUAN), "F06", "East") == ("2014-02", "2014-04", 3)


def test_streets_and_headquarters_follow_once_their_form_has_been_seen():
    rows = two_streets() | {
        "subcommand_monthly": pl.DataFrame([{"compound_id": "a", "report_month": month("2013-04")}], schema=MONTHLY),
        "district_return": pl.DataFrame([{"report_month": month("2013-05")}], schema={"report_month": pl.Date}),
    }
    found = expected(rows)
    assert months_of(found, "F08", HUAYUAN) == months_of(found, "F08", QINGHE) == ("2013-04", "2014-01", 10)
    assert months_of(found, "F10", "headquarters") == ("2013-05", "2014-01", 9)
    assert found.filter(form_code="F10")["street_id"].null_count() == 9


def test_due_days_know_the_holidays():
    rows = two_streets() | {
        "subcommand_monthly": pl.DataFrame([{"compound_id": "a", "report_month": month("2013-08")}], schema=MONTHLY),
    }
    found = expected(rows)
    due = dict(found.filter(filer_id=HUAYUAN).select("period", "due_date").rows())
    assert due["2013-09"] == dt.date(2013, 10, 10)  # after the National Day week
    assert due["2013-12"] == dt.date(2014, 1, 6)
    assert set(found.filter(form_code="F06", period="2013-12")["due_date"]) == {dt.date(2014, 1, 2)}


def test_the_settings_may_name_the_filers_instead():
    named = {"contractor_progress": ("E", "Nobody"), "subcommand_monthly": ("清河街道", "没有的街道")}
    rows = two_streets() | {
        "subcommand_monthly": pl.DataFrame([{"compound_id": "a", "report_month": month("2013-04")}], schema=MONTHLY),
    }
    found = expected(rows, named)
    filers = found.select("form_code", "filer_id", "street_id").unique().sort(pl.all()).rows()
    assert filers == [
        ("F06", "East", QINGHE),
        ("F06", "East", HUAYUAN),
        ("F06", "Nobody", None),
        ("F08", QINGHE, QINGHE),
        ("F08", "没有的街道", "没有的街道"),
    ]


@pytest.mark.parametrize("lacking", ["compound_register", "contractor_progress"])
def test_without_registers_or_reports_nothing_is_expected(lacking):
    rows = {entity: frame for entity, frame in two_streets().items() if entity != lacking}
    assert expected(rows).is_empty()


def report(form, entity, filer, street, period):
    row = {
        "submission_id": f"{filer}{street}{period}",
        "form_code": form,
        "entity": entity,
        "street_id": street,
        "period": period,
        "period_date": month(period),
    }
    frame = pl.DataFrame([row], schema=dict(LANDED_SUBMISSIONS), orient="row")
    known = {"filer_id": filer, "report_key": "key", "report_version": 1, "is_effective": True}
    told = frame.with_columns(**{name: pl.lit(value) for name, value in known.items()})
    return reports_as_they_stand(told, FORMS, Calendar())


def test_a_report_that_never_came_is_told_from_the_day_after_it_was_due():
    found = expected(two_streets()).filter(period="2013-11")
    came = report("F06", "contractor_progress", "East", QINGHE, "2013-11")
    assert missing_reports(found, came, FORMS, dt.date(2013, 12, 2)) == []
    told = missing_reports(found, came, FORMS, dt.date(2013, 12, 3))
    assert [(each["code"], each["severity"], each["row_id"]) for each in told] == [
        ("E16", "W", f"F06|East|{HUAYUAN}|2013-11"),
        ("E16", "W", f"F06|West|{HUAYUAN}|2013-11"),
    ]
    assert told[0]["found"] == "没有收到East（花园路街道）2013年11月的施工单位楼栋施工进度月报"
    assert told[0]["expected"] == "应于2013年12月2日前报送"


def test_a_district_return_with_a_street_in_its_context_is_still_the_district_s():
    rows = two_streets() | {
        "district_return": pl.DataFrame([{"report_month": month("2013-11")}], schema={"report_month": pl.Date})
    }
    found = expected(rows).filter(form_code="F10", period="2013-11")
    came = report("F10", "district_return", "headquarters", HUAYUAN, "2013-11")
    assert missing_reports(found, came, FORMS, dt.date(2014, 1, 1)) == []
    [told] = missing_reports(found, came.clear(), FORMS, dt.date(2014, 1, 1))
    assert told["found"] == "没有收到区指挥部2013年11月的海淀区老旧小区综合整治进展情况汇总月报"


def test_a_report_that_came_unasked_knows_its_due_day_too():
    assert report("F08", "subcommand_monthly", QINGHE, QINGHE, "2013-12")["due_date"].to_list() == [dt.date(2014, 1, 6)]
    assert report("F19", "environment_phase", QINGHE, QINGHE, "2013-12")["due_date"].to_list() == [None]
