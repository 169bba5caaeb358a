"""The formats senders use: each by its own second reader, and all of them the same rows to ours."""

import datetime as dt
import hashlib
import io
import zipfile
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest
import xlrd

from schemas.forms import load
from schemas.frames import LANDED_SUBMISSIONS
from tests.transforms.sample_reader import F02, F03, F06, F08, is_filled, read_pages, sent, year
from transforms.layout import read_file
from transforms.sample import make_year
from transforms.sample.draw import draw
from transforms.sample.facts import load_facts
from transforms.split import World, judge
from transforms.validate import validate

CATALOGUE = load()
MAGIC = {"xls": b"\xd0\xcf\x11\xe0", "xlsx": b"PK\x03\x04", "xlsm": b"PK\x03\x04"}
# Where a value stood, and how it was typed, may differ from format to format.
PLACES = {"row_id", "submission_id", "file_id", "sheet_index", "sheet_name", "raw", "resolutions"}


def the(form, period, sender):
    return next(e for e in sent(form, period, "none") if sender in (e.sender, e.street))


def renamed(envelope, suffix):
    return replace(envelope, file_name=f"{envelope.file_name.rpartition('.')[0]}.{suffix}")


def read(envelope):
    data = draw(envelope)
    return read_file(data, envelope.file_name, hashlib.sha256(data).hexdigest(), CATALOGUE)


def test_senders_use_the_formats_people_use():
    found = Counter(envelope.suffix for envelope in year("none").envelopes)
    assert found["xls"] > 60
    assert found["xlsm"] > 30
    assert found["csv"] > 30
    assert found["xlsx"] > 200


@pytest.mark.parametrize("suffix", MAGIC)
def test_bytes_are_of_the_format_the_name_says_and_always_the_same(suffix):
    envelope = next(e for e in year("none").envelopes if e.suffix == suffix and e.form == F06)
    assert draw(envelope) == draw(envelope)
    assert draw(envelope).startswith(MAGIC[suffix])


def test_an_xls_holds_real_dates_merges_results_and_hidden_sheets():
    progress = xlrd.open_workbook(file_contents=draw(the(F06, "2013-09", "K09")), formatting_info=True)
    assert [sheet.visibility for sheet in progress.sheets()] == [0, 1, 0]
    dates = {cell.value for row in progress.sheet_by_index(0).get_rows() for cell in row if cell.ctype == 3}
    assert {xlrd.xldate_as_datetime(date, progress.datemode).year for date in dates} == {2013}

    monthly = the(F08, "2013-09", "花园路街道")
    [as_xls], [as_xlsx] = (list(read_pages(draw(renamed(monthly, suffix)), suffix)) for suffix in ("xls", "xlsx"))
    assert sorted(as_xls.merges) == sorted(as_xlsx.merges)
    assert len(as_xls.merges) > 5
    assert as_xls.values == as_xlsx.values, "totals are formulas: their results are stored"


def test_an_xlsm_is_macro_enabled_and_holds_no_macro():
    with zipfile.ZipFile(io.BytesIO(draw(the(F08, "2013-09", "万寿路街道")))) as package:
        assert b"sheet.macroEnabled.main+xml" in package.read("[Content_Types].xml")
        assert not any("vba" in name for name in package.namelist())


def test_a_csv_is_gb18030_as_shown_with_blanks_where_cells_were_merged():
    data = draw(the(F08, "2013-09", "八里庄街道"))
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    lines = data.decode("gb18030").split("\r\n")
    assert lines[0].startswith("2013年9月老旧小区综合整治进展情况月报,,")
    streets = [line.partition(",")[0] for line in lines if "恩济里" in line or "定慧西里" in line]
    assert streets == ["八里庄街道", ""]

    register = draw(sent(F03, faults="none", street="万寿路街道")[0]).decode("gb18030")
    assert register.count("翠微中里") == 1
    assert "●" in register


def test_a_csv_holds_one_sheet_only():
    with pytest.raises(ValueError, match=r"3 sheets; a \.csv holds one"):
        draw(renamed(the(F06, "2013-09", "K09"), "csv"))


def test_who_keeps_the_months_sends_every_earlier_sheet_again_unchanged():
    first, second, *_, last = (e for e in year().envelopes if (e.form, e.sender) == (F08, "中关村街道"))
    assert [sheet.name for sheet in second.sheets] == ["4月", "3月"]
    assert second.sheets[1:] == first.sheets
    assert [sheet.name for sheet in last.sheets] == [f"{n}月" for n in (2, 1, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3)]
    assert {e.file_name for e in (first, second, last)} == {"中关村2013年老旧小区月报.xlsx"}
    [old] = read_pages(draw(first), "xlsx")
    again = next(page for page in read_pages(draw(last), "xlsx") if page.name == "3月")
    assert again == old


def test_a_month_sent_again_is_the_same_report_with_the_same_rows():
    first, second, *_ = (e for e in year("none").envelopes if (e.form, e.sender) == (F08, "中关村街道"))
    known, again = read(first), read(second)
    assert again.submissions["period"].sort().to_list() == ["2013-03", "2013-04"]
    march = again.submissions.filter(pl.col("period") == "2013-03")["submission_id"].item()
    rows = again.rows[F08].filter(pl.col("submission_id") == march)
    assert rows.drop(PLACES).equals(known.rows[F08].drop(PLACES))
    assert again.findings.is_empty()


@pytest.mark.parametrize(
    ("form", "period", "sender"),
    [(F06, "2013-09", "K03"), (F08, "2013-12", "花园路街道"), (F03, "", "羊坊店街道"), (F02, "", "花园路街道")],
)
def test_the_same_content_in_every_format_gives_the_same_rows(form, period, sender):
    envelope = the(form, period, sender)
    # The empty sheets of F02's template have no place in a .csv.
    suffixes = ("xlsx", "xlsm", "xls") if form == F02 else ("xlsx", "xlsm", "xls", "csv")
    readings = {suffix: read(renamed(envelope, suffix)) for suffix in suffixes}
    expected = readings.pop("xlsx")
    assert expected.rows[form].height == len(envelope.rows)
    for suffix, reading in readings.items():
        assert reading.findings.is_empty(), suffix
        for entity, rows in expected.rows.items():
            assert reading.rows[entity].drop(PLACES).equals(rows.drop(PLACES)), (suffix, entity)


def test_cells_counted_by_the_second_reader_are_all_classed():
    for suffix in ("xlsm", "xls", "csv"):
        envelope = next(e for e in year("none").envelopes if e.suffix == suffix and e.form == F06)
        counted = {page.name: sum(map(is_filled, page.values.values())) for page in read_pages(draw(envelope), suffix)}
        classed = dict(read(envelope).cells.group_by("sheet_name").agg(pl.col("cells").sum()).iter_rows())
        assert classed == {name: cells for name, cells in counted.items() if cells}, suffix


# A whole year


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 7])
def test_a_year_without_faults_is_neither_refused_nor_stopped_anywhere(seed):
    readings, submissions = [], []
    for file in make_year(2013, seed=seed, faults="none"):
        day, _, name = file.path.partition("/")
        reading = read_file(file.data, name, hashlib.sha256(file.data).hexdigest(), CATALOGUE)
        received = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(4), tzinfo=dt.UTC)
        readings.append(reading)
        submissions.append(
            reading.submissions.with_columns(
                received_at=pl.lit(received, dtype=pl.Datetime("us", "UTC")),
                file_name=pl.lit(name),
                known_from=pl.lit(received, dtype=pl.Datetime("us", "UTC")),
            )
        )
    rows = {
        form.entity: validate(form, pl.concat([r.rows[form.entity] for r in readings if form.entity in r.rows]))
        for form in CATALOGUE.forms.values()
        if any(form.entity in r.rows for r in readings)
    }
    landed = pl.concat(submissions).select(list(LANDED_SUBMISSIONS))
    world = World(CATALOGUE, landed, rows, columns=pl.concat([r.columns for r in readings]))
    verdicts = judge(world, dt.datetime(2014, 3, 4, tzinfo=dt.UTC))
    found = pl.concat([*(reading.findings for reading in readings), verdicts.findings])
    assert found.filter(pl.col("severity").is_in(["R", "Q"])).to_dicts() == []
    assert verdicts.quarantined.is_empty()
    accepted = {entity: rows.height for entity, rows in verdicts.accepted.items()}
    assert accepted.pop("work_item_progress") > 15_000
    facts = load_facts(seed)
    assert accepted == {
        "org_directory": 26,
        "municipal_target": 2,
        F02: 33 + 4,
        F03: 289 + 10,
        F06: 289 * 12,
        F08: 36 * 12,
        "batch_plan": len(facts.batches),
        "pilot_project": len(facts.pilots),
        "weekly_flash": len(facts.flashes),
        "district_return": len(facts.returns),
        "resident_opinion": len(facts.opinions),
        "consent_survey": len(facts.consents),
        "material_event": len(facts.events),
        "tender": len(facts.tenders),
        "coordination_meeting": len(facts.meetings),
        "issue_log": len(facts.issues),
        "safety_inspection": len(facts.inspections),
        "party_posting": len(facts.postings),
        "environment_phase": len(facts.environment),
        "carry_over": len(facts.carry_overs),
        "acceptance": len(facts.acceptances),
    }
