"""Slips and blank forms in an office suite: opened, saved, printed, and taken in again."""

import shutil
import subprocess

import pytest

from flows import home as homes
from tests.conftest import OFFICES
from tests.flows.filled_forms import CATALOGUE, filled
from tests.flows.test_returning import NAME, OPEN, SLIP, WRONG, ask, corrected, play
from tests.transforms.test_slip import mark, opened, reading_of, rich_workbook, slip_of
from transforms.slip.styles import FILLS

pytestmark = pytest.mark.office


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Save a file in another format by the office suite, as opening and saving it would."""
    program = next((found for name in OFFICES if (found := shutil.which(name))), "")
    profile = tmp_path_factory.mktemp("profile")

    def save_as(path, kind, folder):
        command = [program, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind]
        subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=300)
        return folder / f"{path.stem}.{kind.partition(':')[0]}"

    return save_as


def test_a_slip_saved_by_an_office_suite_corrected_and_dropped_back_closes_its_findings(office, tmp_path):
    place = homes.create(tmp_path / "home")
    play(place, f"2013-03-01/{NAME}", WRONG)
    (tmp_path / "saved").mkdir()
    saved = office(place.returned / SLIP, "xlsx", tmp_path / "saved")
    right = tmp_path / "改正.xlsx"
    right.write_bytes(corrected(saved.read_bytes(), {"C5": 4560.11, "D7": 60, "G6": 1990}))
    again = office(right, "xlsx", tmp_path / "saved")
    summary = play(place, f"2013-03-08/{again.name}", again.read_bytes())
    assert ask(place, OPEN) == []
    assert ask(place, "select how from ops.answers") == [("slip",)]
    assert "| 3 处已改正 3 处，新增 0 处 |" in summary.journal


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_whatever_the_suite_saves_the_slip_as_its_list_is_known(office, tmp_path, kind):
    (tmp_path / "out").mkdir()
    (tmp_path / "slip.xlsx").write_bytes(
        slip_of(filled(CATALOGUE.by_code("F12")), mark("B6", sheet="入户征询意见汇总表"))
    )
    saved = office(tmp_path / "slip.xlsx", kind, tmp_path / "out").read_bytes()
    reading = reading_of(saved, f"slip.{kind}")
    assert reading.answers == "0123456789abcdef"
    assert reading.sheets["outcome"].to_list()[0] == "ignored"
    assert reading.rows["consent_survey"].height == 1
    assert reading.findings.to_dicts() == []


def test_a_slip_saved_by_the_suite_is_cleaned_before_it_is_marked_again(office, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "slip.xlsx").write_bytes(slip_of(rich_workbook(), mark("C3"), mark("A3", "W")))
    saved = office(tmp_path / "slip.xlsx", "xlsx", tmp_path / "out").read_bytes()
    sheet = opened(slip_of(saved, mark("E3")))["进度表"]
    painted = {c.coordinate for row in sheet.iter_rows() for c in row if c.fill.fgColor.rgb in FILLS.values()}
    assert painted == {"E3"}
    assert {c.coordinate for row in sheet.iter_rows() for c in row if c.comment and "【" in c.comment.text} == {"E3"}


@pytest.mark.parametrize("code", ["F06", "F08"])
def test_a_blank_form_prints(office, tmp_path, code):
    (tmp_path / "blank.xlsx").write_bytes(filled(CATALOGUE.by_code(code)))
    printed = office(tmp_path / "blank.xlsx", "pdf", tmp_path).read_bytes()
    assert printed.startswith(b"%PDF")
