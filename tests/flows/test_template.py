"""Every blank form, filled in as its example shows, loads without a finding; the example itself never loads."""

import io
import json

import openpyxl
import pytest

from flows import cli, night
from flows import home as homes
from tests.flows.filled_forms import CATALOGUE, FORMS, filled
from transforms.template import blank_form
from warehouse import reading


def test_all_blank_forms_filled_in_load_without_a_finding(tmp_path):
    place = homes.create(tmp_path / "home")
    day = place.inbox / "2013-10-02"
    day.mkdir()
    for form in FORMS:
        (day / f"{form.code}{form.title_zh}.xlsx").write_bytes(filled(form))
    with night.begin(place.root) as begun:
        summary = night.one_night(begun)
    assert len(FORMS) == 21
    assert reading.query(place.current, "from ops.findings").to_dicts() == []
    reports = reading.query(place.current, "select form_code, rows_read, rows_accepted from ops.submissions order by 1")
    assert reports.rows() == [(form.code, 1, 1) for form in FORMS]
    items = reading.query(
        place.current, "select work_item_code, unit_code, cast(qty_cum as varchar) from core.work_item_progress"
    )
    assert items.rows() == [("WINDOW", "m2", "320.0000")]
    assert summary.facts["slips"] == 0
    why = "select distinct reason from ops.cells where cell_class = 'ignored' and reason like '示例%'"
    assert reading.query(place.current, why).rows() == [("示例行",)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_a_blank_form_offers_every_code_and_locks_its_headers(form):
    blank = blank_form(form, CATALOGUE)
    book = openpyxl.load_workbook(io.BytesIO(blank.data))
    sheet = book[blank.sheet]
    assert sheet.protection.sheet
    assert sheet.freeze_panes is not None and sheet.print_title_rows is not None
    assert sheet["A1"].protection.locked and not sheet[f"A{blank.first_row}"].protection.locked
    rules = {
        area.coord.partition(":")[0]: rule
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
    }
    for field in blank.plan.fields:
        letter = blank.columns[field.column.name, field.item]
        rule = rules[f"{letter}{blank.first_row}"]
        if field.options:
            assert rule.type == "list"
            where, _, area = rule.formula1.partition("!")
            assert [cell.value for (cell,) in book[where][area.replace("$", "")]] == list(field.options)
        if field.column.kind in ("integer", "decimal", "date"):
            assert rule.type in ("whole", "decimal", "date")
        header = blank.example_row - blank.plan.depth + len(field.header) - 1
        if letter != "A":
            assert sheet[f"{letter}{header}"].comment is not None, field
    assert blank_form(form, CATALOGUE).data == blank.data


def test_a_report_without_the_example_row_reads_the_same(tmp_path):
    from tests.transforms.test_slip import reading_of

    form = CATALOGUE.by_code("F12")
    kept, gone = reading_of(filled(form)), reading_of(filled(form, keep_example=False))
    assert [kept.findings.height, gone.findings.height] == [0, 0]
    assert (
        kept.rows["consent_survey"]["agree_households"].to_list()
        == gone.rows["consent_survey"]["agree_households"].to_list()
    )


def test_the_command_writes_the_form_and_says_where_to_begin(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.run(["template", "subcommand_monthly", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["form_code"], told["first_row"]) == ("F08", 7)
    assert (tmp_path / "F08海淀区老旧小区综合整治进展情况月报.xlsx").exists()
    assert cli.run(["template", "work_item_progress", "-o", "月报.xlsx"]) == 0
    assert "F06 施工单位楼栋施工进度月报, 54 columns; fill in from row 6." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["template", "nonsense"],
            "template: no form 'nonsense'; expected one of municipal_target, compound_register,",
        ),
        (["template", "tender", "-o", "x.pdf"], "-o x.pdf: ends in '.pdf'; expected a name ending in .xlsx."),
        (
            ["template", "tender", "-o", "no/where/x.xlsx"],
            "-o no/where/x.xlsx: cannot be written (No such file or directory)",
        ),
    ],
)
def test_wrong_use_is_told(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.run(arguments) == 2
    assert said in capsys.readouterr().err
