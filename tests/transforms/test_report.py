"""The report: tiny frames in, pages out."""

import datetime as dt
import re
from decimal import Decimal
from html.parser import HTMLParser

import polars as pl
import pytest

from transforms.report import CELLS_A_PAGE, Release, Table, make_site
from transforms.report.formats import heading, show
from transforms.report.sections import changes
from transforms.report.tables import command, row_slug, rows_sql, slug, trace_sql

HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("completed_area_m2", Decimal("1234450.00"), "123.45"),  # 123.445: half up, not to even
        ("completed_area_m2", Decimal("-50.00"), "-0.01"),
        ("penalty_yuan", Decimal("12345678.90"), "1,234.57"),
        ("completion_ratio", Decimal("1.1634500000"), "116.3 %"),
        ("completion_ratio", Decimal("0.9995"), "100.0 %"),
        ("completion_ratio", Decimal("0E-10"), "0.0 %"),
        ("completed_households", 23306, "23,306"),
        ("plan_year", 2013, "2013"),
        ("area_rank", 2, "2"),
        ("median_days_late", Decimal("1.25"), "1.3"),
        ("report_month", dt.date(2013, 12, 1), "2013-12"),
        ("month_end", dt.date(2013, 12, 31), "2013-12-31"),
        ("newest_received_at", dt.datetime(2013, 12, 31, 16, tzinfo=dt.UTC), "2014-01-01"),
        ("is_pilot", True, "是"),
        ("completed_area_m2", None, "—"),
        ("status_code", "NEW", "NEW"),
    ],
)
def test_a_value_is_written_in_the_unit_and_places_its_column_calls_for(column, value, text):
    assert show(column, value) == text


def test_a_heading_names_the_unit_the_figures_are_written_in():
    assert heading("completed_area_m2", "完成面积") == "完成面积（万㎡）"
    assert heading("completed_buildings", "完成楼栋数") == "完成楼栋数"


def test_a_key_is_quoted_for_the_shell_and_for_sql():
    key = (("plan_year", 2013), ("contractor_id", "北京'; rm -rf ~"))
    assert command("x", key, "late_buildings") == (
        "xinyan trace x plan_year=2013 'contractor_id=北京'\"'\"'; rm -rf ~' late_buildings"
    )
    assert trace_sql("x", key, "c") == (
        "from trace('x', {'plan_year': 2013, 'contractor_id': '北京''; rm -rf ~'}, 'c');"
    )
    assert rows_sql("summary.x", (("org_id", None),)) == "from summary.x where org_id is null;"
    assert rows_sql("ops.x", (("code", "E01"),), "known_to is null") == (
        "from ops.x where code = 'E01' and known_to is null;"
    )
    assert command("x", (("org_id", None),), "issues") is None


def test_names_of_files_and_anchors_hold_nothing_but_plain_letters():
    assert row_slug((("plan_year", 2013), ("street_id", "110108018"))) == "2013-110108018"
    for wrong in ("../../etc", "javascript:alert(1)", "花园路", "a" * 200, '"onclick='):
        assert re.fullmatch(r"[0-9a-f]{12}", slug(wrong))


def attainment(**changed):
    row = {
        "plan_year": 2013,
        "target_area_m2": Decimal("1000000.00"),
        "started_area_m2": Decimal("1200000.00"),
        "completed_area_m2": Decimal("1100000.00"),
        "completion_ratio": Decimal("1.1000000000"),
        "completed_buildings": None,
    } | changed
    labels = {"plan_year": "计划年度", "completed_area_m2": "完成面积", "completion_ratio": "任务完成率"}
    return Table("summary.target_attainment", "年度任务完成情况", pl.DataFrame([row]), labels, ("plan_year",))


def items(code="ROOF"):
    row = {"plan_year": 2013, "work_item_code": code, "unit_code": "m2", "qty_cum": Decimal("3.5000")}
    grain = ("plan_year", "work_item_code", "unit_code")
    words = {"work_item_code": {"ROOF": "屋面"}}
    return Table(
        "summary.work_item_progress", "分项工程进度", pl.DataFrame([row]), {"qty_cum": "累计完成"}, grain, words
    )


def cells(raws, figure="completed_area_m2"):
    rows = [
        {
            "plan_year": 2013,
            "figure": figure,
            "role": "term",
            "amount": Decimal("550000.0000000000"),
            "file": f"2014-01-02/{HOSTILE}.xlsx",
            "sheet": "台账",
            "address": f"F{number}",
            "raw": raw,
            "value": "550000",
            "correction": None,
        }
        for number, raw in enumerate(raws, start=4)
    ]
    return pl.DataFrame(rows, schema_overrides={"correction": pl.String})


def release(*tables, **facts):
    by_source = {table.source: table for table in tables}
    return Release(2, "2014-03-03", "2014-03-04", by_source, traceable=frozenset({"target_attainment"}), **facts)


class _Page(HTMLParser):
    """Tags and links of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.ids = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        self.tags.append(tag)
        self.links += [facts["href"]] if "href" in facts else []
        self.ids |= {facts["id"]} if "id" in facts else set()
        assert not [name for name in facts if name.startswith("on")], "a handler in an attribute"


def test_the_headline_shows_figures_bounds_and_dashes():
    bounds = pl.DataFrame(
        [
            {
                "plan_year": 2013,
                "completed_area_low_m2": Decimal("1050000.00"),
                "completed_area_high_m2": Decimal("1150000.00"),
            }
        ]
    )
    site = make_site(release(attainment(), Table("summary.target_bounds", "上下限", bounds, {}, ("plan_year",))))
    page = re.sub(r"<[^>]+>", "", site["index.html"])
    assert "完成面积（万㎡）" in page
    assert re.search(r"110\.00\s*下限 105\.00\s*上限 115\.00", page)
    assert "110.0 %" in page
    card = site["index.html"].partition('id="headline-completed_buildings"')[2].partition("</div>")[0]
    assert "—" in card
    assert "href" not in card


def test_a_section_without_its_table_is_left_out_with_a_line():
    page = make_site(release(attainment()))["index.html"]
    assert "本版没有“summary.street_ranking”的数据，从略。" in page
    assert "<svg" not in page
    assert "没有年度任务完成情况" in make_site(release())["index.html"]


def test_what_senders_wrote_is_text_on_every_page():
    site = make_site(
        release(
            attainment(),
            items(HOSTILE),
            cells={"summary.target_attainment": cells(["javascript:alert(1)", '"><img src=x onerror=alert(1)>'])},
            synthetic="合成数据" + HOSTILE,
        )
    )
    for path, text in site.items():
        page = _Page(text)
        assert page.tags.count("script") == (1 if path == "index.html" else 0), path
        assert "img" not in page.tags
        assert all(link == "data:," or not re.match(r"\w+:|//", link) for link in page.links), path
        assert "&lt;script&gt;" in text


def test_every_link_leads_to_a_page_and_a_place_that_is_there():
    site = make_site(release(attainment(), items(), cells={"summary.target_attainment": cells(["55万"])}))
    ids = {path: _Page(text).ids for path, text in site.items()}
    checked = 0
    for link in _Page(site["index.html"]).links:
        if link == "data:,":
            continue
        path, _, anchor = link.partition("#")
        assert not anchor or anchor in ids[path or "index.html"], link
        assert not path or path in site, link
        checked += link.startswith("trace/")
    assert checked >= 5


def test_a_page_lists_the_cells_and_how_to_list_them_oneself():
    site = make_site(release(attainment(), cells={"summary.target_attainment": cells(["55万", "550,000"])}))
    page = site["trace/target_attainment-2013-completed_area_m2.html"]
    for text in ("55万", "550,000", "F4", "F5", '<td class="n">550000</td>', "计入 2 格", "原值 1100000"):
        assert text in page
    assert "xinyan trace target_attainment plan_year=2013 completed_area_m2" in page


def test_a_page_of_cells_stays_bounded():
    many = cells(["1"] * (CELLS_A_PAGE + 7))
    page = make_site(release(attainment(), cells={"summary.target_attainment": many}))
    text = page["trace/target_attainment-2013-completed_area_m2.html"]
    assert "另有 7 格未列" in text
    assert text.count("<tr>") == CELLS_A_PAGE + 1


def test_an_invented_home_says_so_on_every_page_and_a_real_one_on_none():
    said = make_site(release(attainment(), items(), synthetic="合成数据"))
    assert all("合成数据" in text for text in said.values())
    assert not any("合成数据" in text for text in make_site(release(attainment(), items())).values())


def test_what_changed_since_the_last_release_is_listed_with_its_difference():
    before, after = attainment(), attainment(completed_area_m2=Decimal("1120000.00"), completed_buildings=3)
    found = changes({before.source: before}, {after.source: after})
    assert [(each.column, each.before, each.after) for each in found] == [
        ("completed_area_m2", Decimal("1100000.00"), Decimal("1120000.00")),
        ("completed_buildings", None, 3),
    ]
    page = make_site(release(after, previous_number=1, previous={before.source: before}))["index.html"]
    changed = page.partition('id="changes"')[2]
    assert "与第 1 版相比，有 2 个数字不同" in changed
    assert "+2.00" in changed


def test_nothing_changed_is_said():
    page = make_site(release(attainment(), previous_number=1, previous={attainment().source: attainment()}))
    assert "没有变化" in page["index.html"]


def test_a_chart_draws_names_as_text_and_asks_for_nothing():
    ranking = pl.DataFrame(
        [
            {"plan_year": 2013, "street_id": "1", "street_name": name, "area_rank": 1, "started_area_m2": area}
            | {"completed_area_m2": area}
            for name, area in (("花园路街道", Decimal("223200.00")), (HOSTILE, Decimal("100.00")))
        ]
    )
    streets = Table("summary.street_ranking", "街道工作量排名", ranking, {}, ("plan_year", "street_id"))
    page = make_site(release(attainment(), streets))["index.html"]
    assert page.count("<svg") == 2
    assert ">花园路街道</text>" in page
    assert _Page(page).tags.count("script") == 1
    assert not re.search(r"(href|src)=\"https?:|url\(", page)
