"""`xinyan report` and the report of a night: written whole, in the home or elsewhere, and gone with its release."""

import json
import os
import shutil

import pytest

from flows import cli, home, night, reporting, sampling
from flows.errors import UserError
from tests.transforms.layout_books import book

TITLE, LINE = "老旧小区基本情况登记表", "填报单位：花园路分指挥部　单位：平方米、户"
HEADER = ["街道", "小区名称", "建筑面积", "户数", "计划年度", "建成年代(起)", "建成年代(止)"]
ROW = ["花园路街道", "示范里", 4560.11, 63, 2013, 1982, 1986]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A home with one small release."""
    place = home.create(tmp_path_factory.mktemp("report") / "home")
    (place.inbox / "花园路街道小区登记表.xlsx").write_bytes(book(("登记表", [[TITLE], [LINE], HEADER, ROW], {})))
    play(place)
    return place


def play(place):
    with night.begin(place.root) as begun:
        night.one_night(begun)


def test_a_report_is_put_in_place_whole_and_current_leads_to_it(small, capsys):
    sampling.mark(small, 2013, 5, 1)
    assert cli.run(["report", "--home", str(small.root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["release"] == 1
    assert os.readlink(small.reports / "current") == "000001"
    page = (small.reports / "current" / "index.html").read_text(encoding="utf-8")
    assert "随机种子 5" in page
    assert not list(small.reports.glob(".*")), "something half-written stayed"


def test_the_report_of_a_release_goes_when_the_release_goes(small):
    (small.reports / "000000").mkdir(exist_ok=True)
    (small.reports / "000000" / "index.html").write_text("old", encoding="utf-8")
    reporting.write_for_release(small, 1)
    assert [each.name for each in sorted(small.reports.iterdir()) if each.is_dir()] == ["000001", "current"]


def test_a_night_writes_the_report_a_release_lacks_unless_the_settings_say_not_to(small, monkeypatch):
    shutil.rmtree(small.reports / "000001", ignore_errors=True)
    play(small)
    assert not small.report_of(1).exists(), "the tests' own setting"
    monkeypatch.setenv("XINYAN_REPORT__ENABLED", "true")
    play(small)
    assert (small.report_of(1) / "index.html").is_file()
    made = small.report_of(1).stat().st_mtime_ns
    play(small)
    assert small.report_of(1).stat().st_mtime_ns == made, "nothing new was released"


def test_it_can_be_written_elsewhere_and_again(small, tmp_path):
    for _ in range(2):
        told = reporting.write(small, tmp_path / "out")
        assert (tmp_path / "out" / "index.html").is_file()
    assert told["pages"] == len(list((tmp_path / "out").rglob("*.html")))


def test_a_folder_that_holds_something_else_is_left_alone(small, tmp_path):
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match=r"an empty or missing folder, or an earlier report"):
        reporting.write(small, tmp_path)
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_a_home_without_a_release_is_wrong_use(tmp_path):
    place = home.create(tmp_path / "home")
    with pytest.raises(UserError, match=r"there is no release; expected a home with a release\. Run `xinyan nightly`"):
        reporting.write(place)
