"""Seventeen real workbooks of forms that are not ours load through declarations alone: a form is data.

What each must yield is said in real/MANIFEST.tsv; the forms and layouts are those of `tests.acceptance.real_forms`.
"""

import hashlib
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest
import xlrd

from schemas.forms import load
from tests import real_files
from transforms.layout import read_file

CATALOGUE = load(("schemas", "tests.acceptance.real_forms"))


REAL = real_files.REAL if real_files.REAL.is_dir() else None
pytestmark = pytest.mark.skipif(REAL is None, reason="the shared real workbooks are not here (XINYAN_SHARED)")


def read(name):
    data = (REAL / name).read_bytes()
    return read_file(data, Path(name).name, hashlib.sha256(data).hexdigest(), CATALOGUE)


def rows(name, entity):
    return read(name).rows[entity].to_dicts()


def block(name, number):
    return [row for row in rows(name, "county_works") if row["block"] == number]


PROJECTS = {
    "一职.xlsx": "烟台第一职业中等专业学校A区工程",
    "十公司推进表（福山消防站8.14）.xlsx": "福山战勤保障消防站",
    "南山.xlsx": "南山公园东侧安置房项目",
    "博源名都.xlsx": "博源名都二期",
    "烟台蓬莱国际机场项目推进表8月.xlsx": "烟台蓬莱国际机场二期场地平整项目",
}


def test_side_by_side_years_are_two_lists_of_projects():
    name = "county_works/东兴区.xlsx"
    assert [len(block(name, number)) for number in (1, 2)] == [5, 4]
    assert {row["programme_year"] for row in block(name, 1)} == {2019}
    assert {row["programme_year"] for row in block(name, 2)} == {2020}
    assert {row["county"] for row in rows(name, "county_works")} == {"东兴区"}
    assert sum(row["completed_area_10k_mu"] for row in block(name, 1)) == Decimal("2.64")
    assert sum(row["completed_investment_yuan"] for row in block(name, 1)) == Decimal("39792300")
    assert sum(row["planned_area_10k_mu"] for row in block(name, 2)) == Decimal("2.2")


def test_a_total_row_that_stands_first_is_a_control_that_agrees():
    reading = read("county_works/东兴区.xlsx")
    assert reading.controls.height == 13
    assert reading.controls["agrees"].all()
    assert set(reading.controls["label"]) == {"合计"}
    assert not reading.findings.height


def test_a_county_without_a_total_row_and_with_blank_rows():
    name = "county_works/市中区.xlsx"
    assert [len(block(name, number)) for number in (1, 2)] == [3, 3]
    assert {row["approved_year"] for row in block(name, 1)} == {2019}
    assert [row["planned_investment_yuan"] for row in block(name, 2)] == [None] * 3
    assert {row["problems"] for row in rows(name, "county_works")} == {"暂无问题"}


@pytest.mark.parametrize("name", PROJECTS)
def test_one_project_a_workbook_and_no_template_example(name):
    [row] = rows(f"project_monthly/{name}", "project_monthly")
    assert row["project_name"] == PROJECTS[name]
    assert row["row_number"] == 5
    reading = read(f"project_monthly/{name}")
    outcome = dict(reading.sheets.select("sheet_name", "outcome").rows())
    assert outcome.get("1", "ignored") == "ignored"
    assert reading.submissions.select("period", "rows_read", "outcome").rows() == [("2020-05", 1, "read")]


def date(name, column):
    [row] = rows(f"project_monthly/{name}", "project_monthly")
    value = row[column]
    return value and value.isoformat(), row[f"{column}_kind"], row["raw"][column]


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("一职.xlsx", "planned_finish", ("2020-08-30", "actual", "2020.08.30")),
        ("一职.xlsx", "actual_finish", ("2021-07-31", "forecast", "延期至2021.07.31")),
        ("十公司推进表（福山消防站8.14）.xlsx", "planned_start", (None, "duration", "300天")),
        ("十公司推进表（福山消防站8.14）.xlsx", "planned_finish", (None, None, None)),
        ("烟台蓬莱国际机场项目推进表8月.xlsx", "planned_finish", (None, None, "2020.11.31")),
        ("烟台蓬莱国际机场项目推进表8月.xlsx", "actual_finish", (None, "text", "另行协商")),
    ],
)
def test_dates_that_are_no_dates_stay_what_they_are(name, column, expected):
    assert date(name, column) == expected


def test_a_day_that_never_was_is_a_fault_at_its_cell():
    [row] = rows("project_monthly/烟台蓬莱国际机场项目推进表8月.xlsx", "project_monthly")
    assert [(f["code"], f["severity"], f["address"]) for f in row["faults"] if f["severity"] == "Q"] == [
        ("E06", "Q", "G5")
    ]


def test_codes_permits_and_repeated_leaf_headers():
    [row] = rows("project_monthly/博源名都.xlsx", "project_monthly")
    assert row["stages"] == ["主体", "装饰"]
    assert row["due_wages_cum_yuan"] == Decimal("62830594.48")
    assert row["addresses"]["owed_wages_account_month_yuan"] == "BB5"
    [row] = rows("project_monthly/南山.xlsx", "project_monthly")
    assert row["permit_no"] == "‘370601201811300000"
    assert row["is_connected"] == "未对接（工程即将竣工）"


FILES = [] if REAL is None else sorted(str(path.relative_to(REAL)) for path in REAL.glob("*/*") if path.is_file())
WORKBOOKS = [name for name in FILES if not name.startswith("not_a_workbook")]


def second_count(name):
    """Non-empty cells of each sheet, by openpyxl or xlrd."""
    if name.endswith(".xls"):
        sheets = xlrd.open_workbook(REAL / name).sheets()
        return [sum(1 for r in range(s.nrows) for value in s.row_values(r) if str(value).strip()) for s in sheets]
    return [
        sum(1 for line in sheet.iter_rows() for cell in line if cell.value is not None and str(cell.value).strip())
        for sheet in openpyxl.load_workbook(REAL / name)
    ]


def test_all_seventeen_are_here():
    assert len(FILES) == 17


@pytest.mark.parametrize("name", WORKBOOKS)
def test_every_cell_of_every_sheet_has_a_class(name):
    counted = second_count(name)
    reading = read(name)
    assert reading.sheets["non_empty_cells"].to_list() == counted
    classed = {}
    for row in reading.cells.to_dicts():
        classed[row["sheet_index"]] = classed.get(row["sheet_index"], 0) + row["cells"]
    assert [classed.get(number, 0) for number in range(1, len(counted) + 1)] == counted


def test_names_that_ran_on_by_dragging_are_told():
    name = "county_works/市中区.xlsx"
    for number in (1, 2):
        faults = [[(f["code"], f["severity"]) for f in row["faults"]] for row in block(name, number)]
        assert faults == [[], [("E18", "W")], [("E18", "W")]]
    assert not any(row["faults"] for row in rows("county_works/东兴区.xlsx", "county_works"))


SERIES = [
    ("中山大学2015年硕士生分专业考录统计.xlsx", 2015, 518, 16538, 4781),
    ("中山大学2017年硕士生分专业考录统计.xls", 2017, 574, 19399, 5785),
]


@pytest.mark.parametrize(("name", "year", "count", "applicants", "admitted"), SERIES)
def test_a_series_that_changes_its_format_over_the_years(name, year, count, applicants, admitted):
    read_rows = rows(f"yearly_series/{name}", "yearly_admissions")
    assert len(read_rows) == count
    assert sum(row["applicants"] for row in read_rows) == applicants
    assert sum(row["admitted"] for row in read_rows) == admitted
    assert {row["report_year"] for row in read_rows} == {year}
    assert not any(row["faults"] for row in read_rows)
    assert (read_rows[-1]["department_code"], read_rows[-1]["department"]) == ("890", "附属第五医院")
    assert read_rows[-1]["field"].endswith("口腔临床医学（口腔颌面外科学）")
    assert read_rows[0]["department_code"] == "090" and read_rows[0]["addresses"]["department"] == "B3"


def test_indicators_under_section_rows_with_months_as_columns():
    reading = read("telecom_return/汇总表.xls")
    indicators, figures = reading.rows["telecom_return"], reading.rows["telecom_value"]
    assert indicators["sheet_index"].value_counts().sort("sheet_index").rows() == [(1, 163), (2, 99), (3, 182)]
    twice = indicators.filter(pl.col("sheet_index") == 3).group_by("indicator_code").len().filter(pl.col("len") > 1)
    assert twice.rows() == [("MV5039", 2)]
    months = figures.group_by("sheet_index", "month").len().sort("sheet_index", "month").rows()
    assert [(sheet, month.isoformat()[:7], n) for sheet, month, n in months] == [
        (1, "2018-02", 163),
        (1, "2018-06", 163),
        (2, "2018-02", 99),
        (2, "2018-06", 99),
        (3, "2018-03", 181),
    ]
    assert indicators["section"].unique().sort().to_list() == [
        "1、传送网",
        "1、省际骨干传送网",
        "1、铁塔",
        "2、省内骨干传送网",
        "3、城域传送网",
        "二、接入网设备",
        "传送网合计",
        "六、通信能力",
    ]


# A rule asks for the figures of one month: those of the second sheet for the quarter's end, the others for June.
EVALUATE = """
    with figure as (
        select month, indicator_code, any_value(cast(value as {kind})) as value from figures
        group by month, indicator_code
    ), rule as (
        select row_id, sheet_index, formula, regexp_extract(formula, '(>=|<=|=|>|<)') as sign,
            case sheet_index when 2 then date '2018-03-01' else date '2018-06-01' end as month,
            regexp_split_to_array(formula, '>=|<=|=|>|<') as sides
        from rules
    ), term as (
        select row_id, month, side,
            unnest(regexp_extract_all(sides[side], '[+-]?[A-Z]{{2}}[0-9]{{4}}')) as written
        from rule, (values (1), (2)) as two(side)
    ), side as (
        select t.row_id, t.side, bool_and(f.value is not null) as is_known,
            sum(case when t.written[1] = '-' then -f.value else f.value end) as value
        from term t left join figure f on f.month = t.month and f.indicator_code = ltrim(t.written, '+-')
        group by t.row_id, t.side
    ), judged as (
        select r.sheet_index, r.formula, case
            when not (l.is_known and g.is_known) then 'unknown'
            when case r.sign when '>=' then l.value >= g.value when '<=' then l.value <= g.value
                when '>' then l.value > g.value when '<' then l.value < g.value else l.value = g.value end then 'pass'
            else 'fail' end as verdict
        from rule r
        join side l on l.row_id = r.row_id and l.side = 1
        join side g on g.row_id = r.row_id and g.side = 2
    )
    select sheet_index, verdict, count(*) as n, list(formula order by formula) as formulas
    from judged group by sheet_index, verdict
"""


def evaluated(kind):
    """The audit rules, by SQL over the loaded rows: (sheet of the rules, verdict) → (count, formulas)."""
    rules = read("telecom_return/逻辑审核关系表.xls").rows["audit_rule"].drop("addresses", "raw", "faults")
    figures = read("telecom_return/汇总表.xls").rows["telecom_value"].drop("addresses", "raw", "faults")
    with duckdb.connect() as connection:
        connection.register("rules", rules.to_arrow())
        connection.register("figures", figures.to_arrow())
        found = connection.execute(EVALUATE.format(kind=kind)).fetchall()
    return {(sheet, verdict): (count, formulas) for sheet, verdict, count, formulas in found}


def test_the_audit_rules_judge_the_return_they_came_with():
    verdicts = {key: count for key, (count, _) in evaluated("double").items()}
    assert verdicts == {
        (1, "pass"): 77,
        (1, "unknown"): 5,
        (2, "pass"): 72,
        (2, "fail"): 3,
        (2, "unknown"): 94,
        (3, "pass"): 65,
    }


def test_exact_decimals_leave_the_real_failures_only():
    exact, floating = evaluated("decimal(18, 4)"), evaluated("double")
    assert exact[2, "fail"][0] == 2 and exact[2, "pass"][0] == 73
    assert set(exact[2, "fail"][1]) < set(floating[2, "fail"][1])


def test_the_rules_are_rows_and_the_scratch_sheets_are_not():
    reading = read("telecom_return/逻辑审核关系表.xls")
    assert reading.rows["audit_rule"]["sheet_index"].value_counts().sort("sheet_index")["count"].to_list() == [
        82,
        169,
        65,
    ]
    assert reading.sheets["outcome"].to_list() == ["read", "read", "read", "ignored", "ignored"]
    assert reading.findings["code"].to_list() == ["E48", "E48"]


BILL = "bill_of_quantities/1.2、1#教学楼土建工程.xlsx"


def test_items_of_a_bill_and_its_totals():
    reading = read(BILL)
    items = reading.rows["bill_of_quantities"]
    assert items.height == 192
    controls = reading.controls.filter(pl.col("column_name") == "contract_amount_yuan")
    totals = {row["label"]: row for row in controls.to_dicts()}
    assert totals["不含税造价"]["value"] == Decimal("21386520.7050") and totals["不含税造价"]["agrees"] is True
    assert totals["含税造价"]["value"] == Decimal("23311307.5685") and totals["含税造价"]["agrees"] is None
    assert abs(items["contract_amount_yuan"].sum() - totals["不含税造价"]["value"]) < Decimal("0.001")


def test_sections_of_a_bill_carry_subtotals_that_agree():
    reading = read(BILL)
    assert reading.controls.filter(pl.col("agrees").is_not_null())["agrees"].all()
    sections = reading.rows["bill_of_quantities"].group_by("section", maintain_order=True).len().rows()
    assert sections[:3] == [("土石方工程", 5), ("桩基工程", 6), ("砌筑工程", 9)]
    assert sections[-2:] == [("安全文明施工措施费", 5), ("措施其他项目", 38)]
    assert not reading.findings.height


def test_twelve_forms_on_twelve_sheets():
    reading = read("site_forms/2.混凝土浇灌申请书.xls")
    forms = reading.rows["pour_request"].to_dicts()
    assert len(forms) == 12 and [form["sheet_index"] for form in forms] == list(range(1, 13))
    first = forms[0]
    assert (first["quantity_m3"], first["approximate_columns"]) == (Decimal("80.43"), ["quantity_m3"])
    assert (first["addresses"]["quantity_m3"], first["raw"]["quantity_m3"]) == ("E6", "约80.43m³")
    assert (first["mixing_code"], first["transport_code"]) == ("READY_MIXED", None)
    assert first["requested_to"].isoformat() == "2020-10-14" and first["addresses"]["requested_to"] == "L8"
    assert (first["request_no"], first["mix_no"], first["part"]) == ("B3-8-", None, "13#楼")
    assert not reading.findings.height


def test_years_as_columns_and_row_groups_at_the_side():
    reading = read("foreign_tables/toronto_transit.xlsx")
    rides = reading.rows["transit_ridership"]
    assert rides["year"].unique().sort().to_list() == list(range(1985, 2018))
    assert reading.controls["agrees"].all() and reading.controls.height == 264
    assert rides.filter(pl.col("year") == 2015).group_by("view").agg(pl.col("rides_thousand").sum()).sort(
        "view"
    ).rows() == [("WHEN", Decimal(534005)), ("WHERE", Decimal(534005)), ("WHO", Decimal(534005))]
    lines = rides.group_by("row_number").agg(pl.col("rider_class").first()).sort("row_number").rows()
    assert dict(lines)[8] == "ADULT" and dict(lines)[22] == "SENIOR/STUDENT" and dict(lines)[37] is None
    assert not any(rides["faults"].to_list())


def test_an_area_stands_once_for_its_three_rows():
    reading = read("foreign_tables/us-crime-2.xlsx")
    areas = reading.rows["regional_offences"]
    assert areas.height == 3 * 66
    assert areas.group_by("area").len()["len"].unique().to_list() == [3]
    assert areas.head(4)["area"].to_list() == ["United States Total"] * 3 + ["Northeast"]
    assert areas.head(3)["measure"].to_list() == ["2015", "2016", "Percent change"]
    assert areas["raw"][3]["area"] == "Northeast6" and areas["violent"][0] == Decimal("1234183.0")
    assert {fault["severity"] for faults in areas["faults"] for fault in faults} == {"W"}


def test_a_download_with_years_as_columns():
    series = read("stats_download/年度数据 (1).xls").rows["energy_series"]
    assert series["indicator"].n_unique() == 52
    assert series["year"].unique().sort().to_list() == list(range(2015, 2025))
    first = series.filter((pl.col("year") == 2024) & (pl.col("row_number") == 4))
    assert first["value"].to_list() == [Decimal("596000.00")]


def test_a_web_page_is_refused_for_what_it_is():
    reading = read("not_a_workbook/数据.xls")
    [finding] = reading.findings.to_dicts()
    assert (finding["code"], finding["severity"]) == ("E45", "R")
    assert "网页框架" in finding["found"] and ".files" in finding["found"]
    assert reading.rows == {}


def test_no_person_is_read():
    for name in PROJECTS:
        reading = read(f"project_monthly/{name}")
        said = str(reading.rows["project_monthly"].to_dicts()) + str(reading.findings.to_dicts())
        assert "王某" not in said
        assert "13800000000" not in said
        assert "37000000000000000000" not in said
