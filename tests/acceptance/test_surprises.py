"""What no sample sender does: a target adjusted in a layout of its own, a header nobody knows, a file that is none."""

import io
import shutil

import openpyxl
import pytest

from flows import home as homes
from tests.flows.street import play, put
from transforms.sample import make_year
from warehouse import reading


def ask(place, sql):
    return reading.query(place.current, sql)


def saved(book):
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def adjusted_target():
    """The city's second adjustment: two header levels, another district beside ours, a total row."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "任务调整"
    sheet["A1"] = "2013年老旧小区综合整治任务分解表（第2次调整）"
    sheet.merge_cells("A1:F1")
    sheet["A2"] = "文号：京老旧整治办〔2014〕3号"
    sheet["F2"] = "单位：万平方米"
    for address, text in {
        "A3": "序号",
        "B3": "区县",
        "C3": "目标任务",
        "C4": "合计",
        "D4": "抗震节能",
        "E4": "节能环境",
    }.items():
        sheet[address] = text
    sheet["F3"] = "小区个数"
    sheet.merge_cells("C3:E3")
    for column in "ABF":
        sheet.merge_cells(f"{column}3:{column}4")
    sheet.append([1, "朝阳区", 210, None, None, 41])
    sheet.append([2, "海淀区", 150, None, None, 35])
    sheet.append([None, "合计", 360, None, None, 76])
    sheet["A8"] = "注：按市政府专题会议纪要调整。"
    return saved(book)


def renamed_header():
    """A progress report whose column of building numbers is called what nobody calls it, and its sheet's name."""
    report = next(
        file for file in make_year(2013, 7, 1, "none") if file.path.startswith("2014-03-02") and "K" not in file.path
    )
    book = openpyxl.load_workbook(io.BytesIO(report.data))
    sheet = book.worksheets[0]
    renamed = [
        cell
        for row in sheet.iter_rows(max_row=12)
        for cell in row
        if isinstance(cell.value, str) and cell.value.strip() in ("楼号", "栋号", "楼栋")
    ]
    assert renamed
    for cell in renamed:
        cell.value = "房屋代号"
    return saved(book), sheet.title


@pytest.fixture(scope="module")
def surprised(clean_year, tmp_path_factory):
    """The loaded year after a night to which all of them came."""
    loaded, _ = clean_year
    root = tmp_path_factory.mktemp("surprised") / "home"
    shutil.copytree(loaded.root, root)
    place = homes.enter(root)
    put(place, "2014-03-10/任务调整.xlsx", adjusted_target())
    put(place, "2014-03-11/改了表头.xlsx", renamed_header()[0])
    put(place, "2014-03-12/其实是文字.xlsx", "这不是工作簿".encode())
    play(place)
    return place


def test_a_new_target_changes_the_rate_now_and_not_the_past(surprised):
    now = ask(surprised, "from summary.target_attainment where plan_year = 2013").to_dicts()[0]
    assert str(now["target_area_m2"]) == "1500000.00"
    assert f"{100 * now['completion_ratio']:.1f}" == "108.6"
    [then] = ask(
        surprised,
        "from summary.target_attainment_as_of(timestamptz '2014-03-01 00:00:00+08') where plan_year = 2013",
    ).to_dicts()
    assert str(then["target_area_m2"]) == "1400000.00"
    assert f"{100 * then['completion_ratio']:.1f}" == "116.3"
    assert ask(surprised, "from ops.findings where file like '%任务调整%' and severity in ('R', 'Q')").to_dicts() == []


def test_the_target_of_another_district_is_not_ours(surprised):
    assert ask(surprised, "select distinct district from core.municipal_target")["district"].to_list() == ["海淀区"]


def test_a_header_nobody_knows_refuses_the_file_and_says_which(surprised):
    [finding] = ask(surprised, "from ops.findings where file like '%改了表头%' and severity = 'R'").to_dicts()
    assert finding["code"] == "E22"
    said = finding["found"] + finding["expected"]
    assert "房屋代号" in said
    assert "楼号" in said
    classes = ask(
        surprised,
        "select distinct cell_class from ops.cells join ops.files using (file_id) where path like '%改了表头%'"
        f" and sheet_name = '{renamed_header()[1]}'",
    )
    assert classes["cell_class"].to_list() == ["rejected"]


def test_a_file_that_is_no_workbook_is_reported_and_the_night_goes_on(surprised):
    [finding] = ask(surprised, "from ops.findings where file like '%其实是文字%'").to_dicts()
    assert (finding["severity"], finding["code"]) == ("R", "E45")
    assert (
        str(ask(surprised, "select target_area_m2 from summary.target_attainment where plan_year = 2013").item())
        == "1500000.00"
    )
