"""Layouts: every header of the forms is known, and a wrong file says what is wrong in words."""

import re
from pathlib import Path

import pytest

from schemas.forms import load
from schemas.layouts import LayoutError, load_common, load_layout
from schemas.text import normalise_label

CATALOGUE = load()
GOOD = """
form = "org_directory"
header_rows = [1, 2]
[columns]
full_name = ["单位全称"]
org_type_code = ["单位类型"]
"""


def layouts_of(form):
    return [layout for layout in CATALOGUE.layouts if layout.form == form.entity]


def leaves(form):
    """Last header parts by column, over all layouts of a form."""
    known = {}
    for layout in layouts_of(form):
        for entry in (*layout.columns, *(layout.items.columns if layout.items else ())):
            known.setdefault(entry.column, set()).update(path[-1] for path in entry.headers)
    return known


@pytest.mark.parametrize("form", ["F01", "F02", "F03", "F06", "F08", "F22"])
def test_every_column_of_a_form_has_headers_and_its_label_is_one(form):
    form = CATALOGUE.by_code(form)
    known = leaves(form)
    context = {name for layout in layouts_of(form) for name in (*layout.context, *layout.defaults)}
    for column in form.columns:
        assert column.name in known or column.name in context, column.name
    required = [name for name in form.required if name in known and name != "report_month"]
    for name in required:
        label = normalise_label(form.column[name].label_zh)
        assert label in known[name] or any(label.endswith(leaf) for leaf in known[name]), name


def test_every_header_and_alias_of_the_dictionary_is_known():
    near = (parent / "shared" / "dict" for parent in Path(__file__).resolve().parents)
    folder = next((place for place in near if place.is_dir()), None)
    if folder is None:
        pytest.skip("the shared dictionary is not here")
    rows = [line.split("\t") for line in (folder / "fields.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    missing = []
    for form in CATALOGUE.forms.values():
        known = {leaf for words in leaves(form).values() for leaf in words}
        known |= {"".join(path) for layout in layouts_of(form) for entry in layout.columns for path in entry.headers}
        for row in rows:
            if form.part_of or row[0] != form.code or row[2] in ("prepared_by", "phone"):
                continue
            for text in (row[5], *row[6].split(";")):
                bare = normalise_label(re.sub(r"\((?:㎡|m2|平方米|万㎡|栋|户|万元|开工|竣工)\)$", "", text.strip()))
                whole = normalise_label(text).split("·")[-1]
                if bare and not {bare, whole, normalise_label(text)} & known:
                    missing.append((form.code, row[2], text))
    assert missing == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("org_directory", "org_dictionary"),
            "form = 'org_dictionary' is no form. Write one of: municipal_target (F01)",
        ),
        (("org_directory", "F22"), "form = 'F22' is no form. Write form = \"org_directory\"."),
        (('form = "org_directory"', ""), 'the entry “form” is missing. Write form = "…" with one of: municipal_target'),
        (
            ("[columns]", 'only = "海淀区"\n[columns]'),
            "“only” must hold names and values, for example: ",
        ),
        (("[columns]", '[blocks]\nname = "x"\n[columns]'), "each block begins with [[blocks]], in two brackets."),
        (
            ('["单位全称"]', '{ headers = ["单位全称"], unit = "平方码" }'),
            "unit of “full_name” has “平方码”. It can be: ㎡, 万㎡, 元",
        ),
        (("[1, 2]", "[2, 1]"), "header_rows = [2, 1]. Write the fewest and the most header rows, 1 to 6"),
        (("full_name =", "full_nam ="), "“full_nam” is no column of form F22. Its columns are: contact_name"),
        (('["单位全称"]', '"单位全称"'), "“full_name” must be a list of texts"),
        (('["单位全称"]', "[]"), "column “full_name” has no header"),
        (('["单位全称"]', '["单位·"]'), "the header “单位·” of full_name has an empty part"),
        (('["单位全称"]', '["单位类型"]'), "the header “单位类型” stands under full_name and under org_type_code"),
        (('full_name = ["单位全称"]', ""), "form F22 needs full_name (单位全称), and no header gives it"),
        (("header_rows", "headerrows"), "the file has the unknown entry “headerrows”. Known are: blocks, columns"),
        (
            ("[columns]", 'fill_down = ["street"]\n[columns]'),
            "fill_down names “street”, which is no column of form F22",
        ),
        (("[columns]", 'period = ["footer"]\n[columns]'), "period has “footer”. It can be: title, cell"),
        (("[columns]", "[column]"), "the file has the unknown entry “column”"),
        (
            ("[columns]", 'context = { full_name = "weather" }\n[columns]'),
            "context has “weather”. It can be: period, year",
        ),
        (("[columns]", '[[blocks]]\nname = "x"\n[columns]'), 'needs the header above its columns: under = ["2019"]'),
    ],
)
def test_a_wrong_layout_says_where_and_what_to_write(tmp_path, change, said):
    path = tmp_path / "F22_wrong.toml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(LayoutError) as error:
        load_layout(path, CATALOGUE.forms)
    assert str(error.value).startswith("F22_wrong.toml: ")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ('["单位全称"]', "[“单位全称”]"),
            "line 5: full_name = [“单位全称”] has Chinese quotes, brackets, commas or equals signs. "
            'Type the straight ones: " [ ] , =',
        ),
        (
            ('["单位全称"]', '["单位全称" "企业"]'),
            'line 5: full_name = ["单位全称" "企业"] is not TOML (Unclosed array',
        ),
        (('["单位全称"]', "[单位全称]"), "line 5: full_name = [单位全称] is not TOML (Invalid value"),
        (
            ("org_type_code =", "full_name ="),
            'line 6: full_name = ["单位类型"] says again what a line above says. Keep one of the two.',
        ),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path, change, said):
    path = tmp_path / "F22_wrong.toml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(LayoutError) as error:
        load_layout(path, CATALOGUE.forms)
    assert str(error.value).startswith(f"F22_wrong.toml, {said}")


def test_a_layout_saved_by_the_windows_editor_loads_and_one_in_gbk_says_so(tmp_path):
    path = tmp_path / "F22_editor.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_layout(path, CATALOGUE.forms).form == "org_directory"
    path.write_text(GOOD, encoding="gbk")
    with pytest.raises(LayoutError, match=r"this is not UTF-8. Save the file again with the encoding UTF-8\."):
        load_layout(path, CATALOGUE.forms)


def test_a_good_layout_loads(tmp_path):
    path = tmp_path / "F22_good.toml"
    path.write_text(GOOD, encoding="utf-8")
    layout = load_layout(path, CATALOGUE.forms)
    assert (layout.id, layout.form, layout.header_rows) == ("F22_good", "org_directory", (1, 2))


def test_a_bar_stands_between_spellings(tmp_path):
    path = tmp_path / "F22_bar.toml"
    path.write_text(GOOD.replace('["单位全称"]', '["单位|企业·全称|名称"]'), encoding="utf-8")
    [full_name, _] = load_layout(path, CATALOGUE.forms).columns
    assert full_name.headers == (("单位", "全称"), ("单位", "名称"), ("企业", "全称"), ("企业", "名称"))


def test_the_common_words_must_be_complete(tmp_path):
    (tmp_path / "_common.toml").write_text("[words]\ntotals = []\n[file_name]\n[labels]\n", encoding="utf-8")
    with pytest.raises(LayoutError, match="the list “notes” is missing"):
        load_common(tmp_path)
