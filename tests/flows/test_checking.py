"""A file is judged before it is sent: by the forms alone, without a home, and nothing of it stays."""

import json

import pytest

from flows import cli
from tests.flows.test_returning import GOOD, WRONG, register


@pytest.fixture
def files(tmp_path):
    for name, data in {"好.xlsx": register(GOOD), "错.xlsx": WRONG, "不是表.xlsx": b"%PDF-1.4"}.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_each_file_has_its_verdict_its_faults_at_their_cells_and_what_was_not_judged(files, capsys):
    paths = [str(files / name) for name in ("好.xlsx", "错.xlsx", "不是表.xlsx")]
    assert cli.run(["check", *paths, "--json", "--marked", str(files / "标注")]) == 1
    told = json.loads(capsys.readouterr().out)
    good, wrong, none = told["files"]
    assert [each["verdict"] for each in told["files"]] == ["fine", "faults", "refused"]
    assert [(f["code"], f["severity"], f["address"]) for f in wrong["findings"]] == [
        ("E10", "Q", "C5"),
        ("E41", "Q", "D7"),
        ("E43", "Q", "G6"),
    ]
    assert (good["rows_read"], good["findings"], good["marked"]) == (1, [], None)
    assert [finding["code"] for finding in none["findings"]] == ["E45"]
    assert told["faults"] == 3 + 1 + 1
    assert sorted(path.name for path in (files / "标注").iterdir()) == ["不是表（退回单）.xlsx", "错（退回单）.xlsx"]


def test_a_file_that_is_right_is_said_to_be_right(files, capsys):
    assert cli.run(["check", str(files / "好.xlsx")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == ["好.xlsx：没有问题", "  F02 老旧小区基本情况登记表　花园路街道：1行"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["没有.xlsx"],
            "没有.xlsx: no such file; expected a workbook. Name the files to check: xinyan check 9月月报.xlsx",
        ),
        (["好.xlsx", "--home", "nowhere"], "home nowhere: no such folder; expected an existing home."),
    ],
)
def test_wrong_use_is_told(files, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(files)
    assert cli.run(["check", *arguments]) == 2
    assert said in capsys.readouterr().err
