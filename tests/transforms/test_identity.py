"""What report a file is: versions, supplements, waves, lateness."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from schemas.forms import load
from schemas.frames import ALIASES, LANDED_SUBMISSIONS
from tests.transforms.worlds import EAST, HUAYUAN, WEST, found, progress, story, submission
from transforms.contents import Content
from transforms.identity import identify, resolve_filers, waves
from transforms.names import organisation_names
from transforms.split import Verdicts

CATALOGUE = load()
FIRMS = organisation_names(
    pl.DataFrame({"org_id": [EAST, WEST], "full_name": [EAST, WEST], "short_names": [["东城建"], ["西城建"]]}),
    pl.DataFrame(schema=dict(ALIASES)),
)


def december(name: str, received: str, **more: Any) -> dict[str, Any]:
    return submission(
        name, "contractor_progress", **({"filer": EAST, "period": "2013-12", "received": received} | more)
    )


def landed(*reports: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(reports), schema=dict(LANDED_SUBMISSIONS), orient="row")


def identified(*reports: dict[str, Any]) -> dict[str, tuple[int, bool]]:
    """Version and effectiveness by submission."""
    frame = identify(resolve_filers(landed(*reports), CATALOGUE, FIRMS), CATALOGUE)
    return {
        name: (version, effective)
        for name, version, effective in frame.select("submission_id", "report_version", "is_effective").rows()
    }


def test_later_days_replace_whatever_their_names_say() -> None:
    versions = identified(december("final", "2014-01-01", rank=3), december("plain", "2014-01-02"))
    assert versions == {"final": (1, False), "plain": (2, True)}


def test_within_a_day_the_words_decide_then_the_bytes() -> None:
    versions = identified(
        december("b plain", "2014-01-02"),
        december("a final", "2014-01-02", rank=3),
        december("c corrected", "2014-01-02", rank=2),
        december("a plain", "2014-01-02"),
    )
    assert versions == {"a plain": (1, False), "b plain": (2, False), "c corrected": (3, False), "a final": (4, True)}


def test_filer_street_and_period_make_another_report() -> None:
    versions = identified(
        december("one", "2014-01-02"),
        december("another firm", "2014-01-02", filer="西城建"),
        december("another street", "2014-01-02", street="110108010"),
        december("another month", "2014-01-02", period="2013-11"),
        december("same firm by its short name", "2014-01-03", filer="东城建"),
    )
    assert {name for name, (_, effective) in versions.items() if not effective} == {"one"}


def test_a_supplement_adds_until_a_full_version_replaces_both() -> None:
    base, more = december("base", "2014-01-01"), december("more", "2014-01-02", supplement=True)
    assert identified(base, more) == {"base": (1, True), "more": (2, True)}
    whole = december("whole", "2014-01-03")
    assert identified(base, more, whole) == {"base": (1, False), "more": (2, False), "whole": (3, True)}


def test_a_filer_is_found_in_whatever_names_it() -> None:
    report = december("named by its file", "2014-01-02", filer="京字第三项目部") | {
        "filer_candidates": ["京字第三项目部", "西城建"]
    }
    assert resolve_filers(landed(report), CATALOGUE, FIRMS)["filer_id"].to_list() == [WEST]


def test_streets_file_as_themselves() -> None:
    report = submission("monthly", "subcommand_monthly", period="2013-09")
    assert resolve_filers(landed(report), CATALOGUE, FIRMS)["filer_id"].to_list() == [HUAYUAN]


def test_who_is_written_above_an_acceptance_list_files_it_whatever_street_its_name_says() -> None:
    reports = [
        submission(name, "acceptance", filer=filer, street=HUAYUAN)
        | {"filer_candidates": [*([filer] if filer else []), "花园路", "东城建"]}
        for name, filer in {"firm": "西城建", "unknown": "拟设监理", "street": "花园路分指挥部", "nobody": None}.items()
    ]
    filers = resolve_filers(landed(*reports), CATALOGUE, FIRMS).select("submission_id", "filer_id").rows()
    assert dict(filers) == {"firm": WEST, "unknown": "拟设监理", "street": HUAYUAN, "nobody": HUAYUAN}


def test_waves_give_each_version_of_a_day_its_turn() -> None:
    frame = waves(
        landed(
            december("final", "2014-01-02", rank=3),
            december("corrected", "2014-01-02", rank=2),
            december("yesterday", "2014-01-01"),
            december("another firm", "2014-01-02", filer="西城建"),
        ),
        CATALOGUE,
        FIRMS,
    )
    assert frame.select("submission_id", "wave").rows() == [
        ("yesterday", 1),
        ("another firm", 1),
        ("corrected", 1),
        ("final", 2),
    ]
    assert frame["received_day"].to_list()[0] == dt.date(2014, 1, 1)


def of_reports(verdicts: Verdicts, code: str) -> list[str]:
    return verdicts.findings.filter(pl.col("code") == code)["submission_id"].sort().to_list()


def test_each_replacing_version_is_said_once() -> None:
    verdicts = story(
        [
            december("first", "2014-01-01", rank=1),
            december("second", "2014-01-02", rank=2),
            december("third", "2014-01-02", rank=3),
            december("more", "2014-01-02", supplement=True, file="zzz"),
        ],
        {},
    )
    assert of_reports(verdicts, "E14") == ["second", "third"]
    assert set(verdicts.findings.filter(pl.col("code") == "E14")["severity"]) == {"F"}


def test_late_is_counted_from_the_first_version() -> None:
    verdicts = story(
        [
            december("in time", "2014-01-02"),
            december("corrected later", "2014-01-09", rank=2),
            december("late", "2014-01-09", filer="西城建"),
            submission("street in time", "subcommand_monthly", period="2013-12", received="2014-01-06"),
            submission(
                "street late", "subcommand_monthly", period="2013-12", received="2014-01-07", street="110108010"
            ),
        ],
        {},
    )
    assert of_reports(verdicts, "E16") == ["late", "street late"]
    (text,) = verdicts.findings.filter(pl.col("submission_id") == "late")["found"]
    assert text == "2014年1月9日收到，逾期7天"


def month(report: str, day: dt.date, **more: Any) -> list[dict[str, Any]]:
    return [
        progress(f"{report} {no}", report, "花园路甲3号院", f"{no}号楼", area, hh, report_month=day, **more)
        for no, area, hh in ((1, "5000.00", 70), (2, "5200.00", 72))
    ]


def two_months(**more: Any) -> Verdicts:
    october, november = dt.date(2013, 10, 1), dt.date(2013, 11, 1)
    reports = [
        submission("Oct", "contractor_progress", filer=EAST, period="2013-10", received="2013-11-02"),
        submission("Nov", "contractor_progress", filer=EAST, period="2013-11", received="2013-12-02"),
    ]
    lines = [*month("Oct", october), *[row | more for row in month("Nov", november)]]
    return story(reports, {"contractor_progress": lines})


def test_a_copy_of_last_month_is_flagged_at_its_period() -> None:
    verdicts = two_months()
    assert of_reports(verdicts, "E12") == ["Nov"]
    assert found(verdicts, "E12") == [(None, "A1")]
    assert verdicts.quarantined.is_empty()


def test_progress_or_nothing_in_motion_is_no_copy() -> None:
    assert of_reports(two_months(progress_text="外墙保温完成80%"), "E12") == []
    finished = {"status_code": "SUSPENDED"}
    october, november = dt.date(2013, 10, 1), dt.date(2013, 11, 1)
    reports = [
        submission("Oct", "contractor_progress", filer=EAST, period="2013-10", received="2013-11-02"),
        submission("Nov", "contractor_progress", filer=EAST, period="2013-11", received="2013-12-02"),
    ]
    lines = [*month("Oct", october, **finished), *month("Nov", november, **finished)]
    assert of_reports(story(reports, {"contractor_progress": lines}), "E12") == []


def lines_of(entity: str, submission_ids: Sequence[str]) -> dict[str, Content]:
    """Six buildings in "whole", the first of them otherwise in "few"."""
    said = {"whole": {(str(number),): 1 for number in range(6)}, "few": {("0",): 2}}
    rows = {name: {key: (f"{name} {key[0]}",) for key in lines} for name, lines in said.items()}
    return {name: Content(lines=said[name], figures=said[name], rows=rows[name]) for name in submission_ids}


def taken_for(rulings: dict[str, tuple[str, str]]) -> list[tuple[str, str, bool, list[str] | None]]:
    reports = landed(december("whole", "2014-01-02"), december("few", "2014-01-03"))
    frame = identify(resolve_filers(reports, CATALOGUE, FIRMS), CATALOGUE, lines_of, rulings)
    return frame.select("submission_id", "version_kind", "is_effective", "replaced_row_ids").rows()


def test_a_few_changed_lines_leave_the_rest_of_the_report_in_force() -> None:
    assert taken_for({}) == [("whole", "first", True, ["whole 0"]), ("few", "partial", True, None)]


def test_a_ruling_counts_where_content_says_what_it_expects() -> None:
    replaced = [("whole", "first", False, None), ("few", "replacement", True, None)]
    assert taken_for({"few": ("replacement", "partial")}) == replaced
    assert taken_for({"few": ("replacement", "older")}) == taken_for({})
    not_used = [("whole", "first", True, None), ("few", "wrong_period", False, ["few 0"])]
    assert taken_for({"few": ("wrong_period", "partial")}) == not_used


def test_a_ruling_that_overrules_nothing_is_stale() -> None:
    reports = [december("whole", "2014-01-02"), december("other", "2014-01-03")]
    rulings = [
        {"key": key, "file": file, "kind": "partial", "expect": expect}
        for key, file, expect in (("a", "other", "replacement"), ("b", "other", "older"), ("c", "nobody's", "older"))
    ]
    stale = story(reports, {}, rulings=rulings).stale
    assert stale.select("kind", "key", "why").rows() == [
        ("ruling", "b", "按内容判定它已不是“older”，不再适用"),
        ("ruling", "c", "没有收到这份文件，或它不是报表的后来一份"),
    ]
