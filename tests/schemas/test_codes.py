"""Code lists: every word means one code, and the traps between streets stay apart."""

from pathlib import Path

import pytest

from schemas.codes import CodeListError, load_code_list
from schemas.forms import load

CODES = load().codes


@pytest.mark.parametrize(
    ("text", "street_id"),
    [
        ("花园路", "110108018"),
        ("花园路街道", "110108018"),
        ("花园路街道办事处", "110108018"),
        ("花园路分指挥部", "110108018"),
        ("花园路　分指挥部：", "110108018"),
        ("海淀街道", "110108012"),
        ("海淀镇", "110108023"),
        ("清河街道", "110108017"),
        ("清华园街道", "110108014"),
        ("东升镇", "110108024"),
        ("田村路街道", "110108021"),
    ],
)
def test_every_way_to_write_a_street_is_one_street(text, street_id):
    assert CODES["streets"].find(text) == street_id


@pytest.mark.parametrize("text", ["海淀", "海淀区", "田村", "朝阳区", ""])
def test_a_word_that_could_be_another_place_is_no_street(text):
    assert CODES["streets"].find(text) is None


def test_there_are_29_streets():
    assert len(CODES["streets"].codes) == 29


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("statuses", "在建", "IN_PROGRESS"),
        ("statuses", "竣工", "FINISHED"),
        ("batches", "B1", "1"),
        ("batches", "一", "1"),
        ("work_items", "窗户更换", "WINDOW"),
        ("programme_types", "抗震节能", "SEISMIC_ENERGY"),
        ("units", "平方米", "m2"),
    ],
)
def test_a_sender_s_word_is_its_code(name, text, code):
    assert CODES[name].find(text) == code


def test_one_word_under_two_codes_is_refused_with_both_named(tmp_path: Path):
    path = tmp_path / "colours.toml"
    path.write_text(
        'title = "颜色"\n[codes.RED]\nlabel = "红"\n[codes.BLUE]\nlabel = "蓝"\naliases = ["红"]\n', encoding="utf-8"
    )
    with pytest.raises(CodeListError) as error:
        load_code_list(path)
    assert str(error.value) == "colours.toml: “红” stands under RED and BLUE. Keep it under one of them."
