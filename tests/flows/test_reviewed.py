"""What is written in `reference/`: read as meant, and wrong entries named exactly."""

import datetime as dt

import pytest

from flows import reviewed
from flows.errors import UserError
from flows.home import REFERENCE_FILES
from schemas.forms import load

ALWAYS = 'who = "甲"\nwhy = "核对"\nknown_from = 2013-11-20T00:00:00+08:00\n'
CELL = 'file = "3b5d1c0e9f27"\naddress = "N17"\nexpect = "1"\n'


def corrections(tmp_path, text):
    path = tmp_path / "corrections.toml"
    path.write_text(text, encoding="utf-8")
    return reviewed.corrections(path, load()).to_dicts()


def aliases(tmp_path, text):
    path = tmp_path / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    return reviewed.aliases(path, load().codes["streets"]).to_dicts()


def examples(name):
    """The commented entries a new home starts with."""
    entries = REFERENCE_FILES[name].split("# [[")[1:]
    return "".join(
        "[[" + "\n".join(line.removeprefix("# ").removeprefix("#") for line in e.split("\n")) for e in entries
    )


def test_the_examples_of_a_new_home_are_right(tmp_path):
    said = corrections(tmp_path, examples("corrections.toml"))
    assert [(each["address"], each["value"], each["is_excluded"]) for each in said] == [
        ("N17", "11245.71", False),
        (None, "11245.71", False),
        ("C9", None, True),
    ]
    assert said[1]["row_cells"] == [
        {"column_name": "building_no", "written": "2号楼"},
        {"column_name": "compound_name", "written": "学院南路丙32号院"},
    ]
    assert [each["kind"] for each in aliases(tmp_path, examples("aliases.toml"))] == [
        "compound",
        "compound",
        "merge",
        "building",
    ]


def test_a_key_is_what_is_said_and_not_who_says_it(tmp_path):
    entry = "[[correction]]\n" + CELL + 'value = "2"\n' + ALWAYS
    [one] = corrections(tmp_path, entry)
    [same] = corrections(tmp_path, entry.replace("甲", "乙").replace("核对", "再核对"))
    [other] = corrections(tmp_path, entry.replace('"2"', '"3"'))
    assert one["key"] == same["key"] != other["key"]
    assert one["known_from"] == dt.datetime(2013, 11, 19, 16, tzinfo=dt.UTC)
    assert (same["who"], same["why"]) == ("乙", "再核对")


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (CELL + 'value = "2"\nwho = "甲"\n', "no why, known_from; expected each of who, why, known_from"),
        (
            CELL + ALWAYS,
            'both or neither of value and exclude; expected value = "…" (empty for no value) or exclude = true',
        ),
        (CELL + 'value = "2"\nexclude = true\n' + ALWAYS, "both or neither of value and exclude"),
        (CELL + "value = 2\n" + ALWAYS, 'value = 2; expected a text in quotes, as in value = "…"'),
        (
            CELL.replace('expect = "1"\n', "") + 'value = "2"\n' + ALWAYS,
            "no expect; expected the text that stands there",
        ),
        (CELL.replace("N17", "17N") + 'value = "2"\n' + ALWAYS, "address '17N'; expected a cell such as N17"),
        (CELL.replace("3b5d1c0e9f27", "x.xlsx") + 'value = "2"\n' + ALWAYS, "file 'x.xlsx'; expected the sha256"),
        ('form = "F06"\n' + CELL + 'value = "2"\n' + ALWAYS, "both or neither of file and form"),
        (
            'street = "花园路"\n' + CELL + 'value = "2"\n' + ALWAYS,
            "a file and what report it is; expected one of the two",
        ),
        ('form = "F99"\naddress = "N17"\nexpect = "1"\nvalue = "2"\n' + ALWAYS, "form 'F99'; expected one of F01, F02"),
        (
            'form = "F06"\nperiod = "10月"\naddress = "N17"\nexpect = "1"\nvalue = "2"\n' + ALWAYS,
            "period '10月'; expected",
        ),
        (
            'form = "F06"\nfiler = "京合"\n' + CELL.split("\n", 1)[1] + 'value = "2"\n' + ALWAYS,
            "form F06 without street, period",
        ),
        ('column = "floor_area_m2"\n' + CELL + 'value = "2"\n' + ALWAYS, "a cell and a row or column; expected one"),
        (
            'form = "F02"\nstreet = "花园路"\nrow = { remark = "1" }\ncolumn = "area"\nexpect = "1"\nvalue = "2"\n'
            + ALWAYS,
            "column 'area'; expected one of address, batch_no, building_count",
        ),
        ('colour = "red"\n' + CELL + 'value = "2"\n' + ALWAYS, "no such field: colour; expected some of file, form"),
    ],
)
def test_a_wrong_correction_is_named(tmp_path, entry, complaint):
    with pytest.raises(UserError) as raised:
        corrections(tmp_path, "[[correction]]\n" + entry)
    assert str(raised.value).startswith(f"corrections {tmp_path / 'corrections.toml'}, entry 1: {complaint}")
    assert str(raised.value).endswith("Correct the entry and run again.")


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('kind = "merge"\nwritten = "乙"\nmeans = "甲"\n', "no street; expected a street of the code list"),
        (
            'kind = "building"\nstreet = "花园路"\nwritten = "甲:1"\nbuildings = "1-2号楼"\nmeans = "1号楼"\n',
            "buildings of a building; expected buildings only where kind is compound",
        ),
        ('kind = "place"\nwritten = "乙"\nmeans = "甲"\n', "kind 'place'; expected one of compound, building"),
    ],
)
def test_a_wrong_alias_is_named(tmp_path, entry, complaint):
    with pytest.raises(UserError) as raised:
        aliases(tmp_path, "[[alias]]\n" + entry + ALWAYS)
    assert str(raised.value).startswith(f"aliases {tmp_path / 'aliases.toml'}, entry 1: {complaint}")


def test_a_decision_stands_once(tmp_path):
    entry = "[[correction]]\n" + CELL + 'value = "2"\n' + ALWAYS
    with pytest.raises(UserError, match="entry 2: the same as an entry before it; expected each decision once"):
        corrections(tmp_path, entry + entry)
