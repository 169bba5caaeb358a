"""What the loader says of the rarer keys, and the reference page that is made from them."""

from pathlib import Path

import pytest

from schemas.forms import load
from schemas.layouts import LayoutError, keys, load_layout
from schemas.layouts.reference import reference

CATALOGUE = load()
FORM = """
form = "subcommand_monthly"
MORE
[columns]
report_month = ["报告期"]
compound_name = ["小区名称"]
started_area_cum_m2 = ["累计开工面积"]
completed_area_cum_m2 = ["累计完工面积"]
street = ["街道"]
"""


def load_with(folder, more):
    path = folder / "F08_other.toml"
    path.write_text(FORM.replace("MORE", more), encoding="utf-8")
    return load_layout(path, CATALOGUE.forms)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('values = "above"', "values has “above”. It can be: beside, below."),
        (
            'values = "beside"\nheader_rows = [1, 2]',
            "header_rows has no meaning in a key-value form (values = 'beside')",
        ),
        ('rows = { compound_name = "[" }', "rows.compound_name = '[' is no pattern"),
        ('rows = { colour = "." }', "rows names “colour”, which is no column of form F08"),
        ('sections = { column = "street", ends = true }', "sections has the unknown entry “ends”"),
        ('sections = "colour"', "sections names “colour”, which is no column of form F08"),
        ('totals = "合计"', '“totals” must be a list of texts, for example: totals = ["序号", "编号"]'),
        ('footnotes = ["colour"]', "footnotes names “colour”, which is no column of form F08"),
        ('drag_fill = { compound_name = "street" }', "drag_fill compares names with a year, and street is none."),
    ],
)
def test_a_wrong_key_is_told_with_what_to_write(tmp_path, more, said):
    with pytest.raises(LayoutError) as error:
        load_with(tmp_path, more)
    assert str(error.value).startswith("F08_other.toml: ") and said in str(error.value)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ('column = "district"\nheaders = "week"', "items.headers has “week”. It can be: year, month."),
        (
            'column = "district"\nheaders = "year"\n[items.groups]\nX = ["x"]',
            'has both groups and headers. Keep groups where the items have names, or headers = "year" where they are',
        ),
        ('column = "district"\n[items.groups]\nX = ["x"]\n[items.columns]\ntarget_area_m2 = []', "has no header"),
    ],
)
def test_a_wrong_wide_block_is_told(tmp_path, items, said):
    path = tmp_path / "F01_other.toml"
    tail = "" if "items.columns" in items else "\n[items.columns]\ntarget_area_m2 = []"
    text = f'form = "municipal_target"\n[columns]\nplan_year = ["年度"]\n[items]\n{items}{tail}'
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError) as error:
        load_layout(path, CATALOGUE.forms)
    assert said in str(error.value)


def test_a_neighbour_must_be_a_column(tmp_path):
    path = tmp_path / "F08_other.toml"
    changed = FORM.replace("MORE", "").replace('["小区名称"]', '{ headers = ["小区名称"], right = "colour" }')
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(LayoutError) as error:
        load_layout(path, CATALOGUE.forms)
    assert "right = 'colour' of “compound_name” is no column of form F08. Its columns are: " in str(error.value)


def test_the_reference_page_is_made_from_the_loader():
    page = Path(keys.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert page == reference(), "run: python -m schemas.layouts.reference > schemas/layouts/README.md"


def test_every_key_has_a_meaning_and_an_example_that_names_it():
    for key in (*keys.FILE, *keys.COLUMN, *keys.ITEMS, *keys.BLOCK, *keys.SECTIONS):
        assert key.name in key.example, key.name
        assert key.meaning.endswith("."), key.name
        assert f"### `{key.name}`" in reference()
