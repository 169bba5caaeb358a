"""`xinyan explain` on the real workbooks: short, and true, whether or not anybody declared their form."""

import hashlib
from pathlib import Path

import pytest

from flows.explaining import _unjudged, lines
from schemas.forms import load
from tests.acceptance.test_real_workbooks import CATALOGUE, FILES, REAL, WORKBOOKS, read, second_count
from transforms.layout import read_file

pytestmark = pytest.mark.skipif(REAL is None, reason="the shared real workbooks are not here (XINYAN_SHARED)")

OURS = load()
FORMATS = {".xlsx": "xlsx", ".xls": "xls"}


def told(name, catalogue):
    data = (REAL / name).read_bytes()
    file_name = Path(name).name
    return list(lines(_unjudged(file_name, read_file(data, file_name, hashlib.sha256(data).hexdigest(), catalogue))))


@pytest.mark.parametrize("catalogue", [OURS, CATALOGUE], ids=["unknown", "declared"])
@pytest.mark.parametrize("name", WORKBOOKS)
def test_an_account_fits_a_screen_and_begins_with_what_a_second_reader_counts(name, catalogue):
    said = told(name, catalogue)
    counted = second_count(name)
    sheets = "1 sheet" if len(counted) == 1 else f"{len(counted)} sheets"
    assert said[1].startswith(f"  {FORMATS[Path(name).suffix]}, {sheets}, {sum(counted)} cells: ")
    assert len(said) <= 40
    assert max(len(line) for line in said) <= 330
    assert not any(word in line for line in said for word in ("王某", "13800000000", "37000000000000000000"))


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_form_nobody_declared_is_refused_for_that_reason_and_nothing_else(name):
    said = told(name, OURS)
    refused = [line for line in said if line.startswith("  R ")]
    assert refused and all(line.startswith("  R E22 ") for line in refused)
    assert "  no report in it" in said
    strange = ("没有找到任何规定表式的表头；应为：", "表头不属于任何规定的表式，只有“")
    assert all(any(words in line for words in strange) for line in refused)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_declared_form_says_how_many_rows_were_read(name):
    rows = sum(read(name).submissions["rows_read"])
    [report] = [line for line in told(name, CATALOGUE) if line.startswith("  report ")]
    assert f": {rows} row{'s' if rows > 1 else ''} read  [" in report


def test_the_web_page_says_what_it_is():
    [name] = set(FILES) - set(WORKBOOKS)
    assert told(name, OURS)[1:] == [
        "  no workbook that could be read",
        "  R E45: 文件内容是网页框架（只有目录，数据在未一并报送的 .files 文件夹里），不是电子表格；"
        "应为：Excel 工作簿（*.xlsx）",
    ]
