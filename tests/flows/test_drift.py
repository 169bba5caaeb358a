"""A form whose headers changed: a layout is proposed; nothing reads it until somebody saves it, then the file loads."""

import json

import pytest

from flows import cli, night
from flows import home as homes
from flows.errors import UserError
from tests.flows.test_returning import GOOD, ask, put, register, slips

RENAMED = ["街道", "小区名称", "建筑总面积数", "户数", "计划年度", "建成年代(起)", "建成年代(止)"]
PATH = "2013-03-01/花园路街道小区登记表.xlsx"


def play(place):
    with night.begin(place.root) as begun:
        return night.one_night(begun)


@pytest.fixture
def place(tmp_path):
    return homes.create(tmp_path / "home")


def test_a_saved_proposal_lets_the_refused_file_load_by_itself_the_next_night(place, capsys):
    put(place, PATH, register(GOOD, ["花园路街道", "示范东里", 3000, 40, 2013, 1980, 1980], header=RENAMED))
    summary = play(place)
    assert ask(place, "select outcome, rows_read from ops.submissions") == []
    [proposal] = place.proposals.iterdir()
    assert f"reports/proposals/{proposal.name}" in summary.journal
    assert ask(place, "select count(*) from core.compound_register") == [(0,)]

    assert cli.run(["explain", str(place.inbox / PATH), "--propose", "--home", str(place.root), "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)["proposals"]
    [guess] = told["headers"]
    assert (guess["header"], guess["column"], guess["address"]) == ("建筑总面积数", "floor_area_m2", "C3")
    assert told["is_complete"] and guess["confidence"] > 0.8
    assert guess["evidence"][-1] == "本表只缺这一栏"
    assert "改名 C3 “建筑总面积数”←“建筑面积”，即建筑面积" in proposal.read_text(encoding="utf-8")

    play(place)
    assert ask(place, "select count(*) from core.compound_register") == [(0,)]  # a proposal alone reads nothing
    (place.layouts / "F02_by_total_area.toml").write_bytes(proposal.read_bytes())
    summary = play(place)
    loaded = "select compound_name, cast(floor_area_m2 as varchar) from core.compound_register order by 2"
    assert ask(place, loaded) == [
        ("示范东里", "3000.00"),
        ("示范里", "4560.11"),
    ]
    assert ask(place, "select count(*) from ops.open_findings") == [(0,)]
    assert ask(place, "select layout_id from ops.sheets") == [("F02_by_total_area",)]
    known = "select count(*) from core.compound_register_as_of(timestamptz '2013-03-02 00:00:00+08')"
    assert ask(place, known) == [(0,)]  # the past stays as it was published
    assert play(place).facts["release"] is None
    assert len(slips(place)) == 1


def test_a_layout_that_is_wrong_is_named(place):
    (place.layouts / "F02_odd.toml").write_text('form = "nothing"\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"F02_odd\.toml"), night.begin(place.root):
        pass
