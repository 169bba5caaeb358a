"""The report of the sample year in a real browser: right numbers, no error, no request, tables that sort."""

import html
import re
from pathlib import Path

import pytest

from flows import reporting
from warehouse import reading

pytestmark = pytest.mark.browser

SIZES = {"desk": (1366, 768), "phone": (360, 740)}


@pytest.fixture(scope="module")
def index(faulty_year, tmp_path_factory):
    place, _ = faulty_year
    return reporting.write(place, tmp_path_factory.mktemp("report") / "site")["index"]


@pytest.fixture
def shown(index, page):
    """The report, opened from disk; everything the browser says of it is kept."""
    for domain in ("Runtime", "Log", "Network", "Page"):
        page.call(f"{domain}.enable")
    page.call("Page.navigate", url=f"file://{index}")
    page.wait("document.readyState === 'complete' && document.querySelectorAll('table.sortable').length > 5")
    return page


def said(page, method):
    return [each["params"] for each in page.events if each.get("method") == method]


def column(page, source, number):
    return page.value(
        f"[...document.querySelector('table[data-source=\"{source}\"]').tBodies[0].rows]"
        f".map(row => row.cells[{number}].innerText)"
    )


def test_the_page_shows_the_year_sorts_and_asks_for_nothing(shown, tmp_path):
    headline = shown.value("document.getElementById('headline').innerText")
    for figure in ("116.3 %", "162.84", "164.46", "140.00", "23,306"):
        assert figure in headline, figure
    assert "完成面积（万㎡）" in headline
    assert "花园路街道" in column(shown, "summary.street_ranking", 1)[1]

    before = column(shown, "summary.street_ranking", 2)
    click = "document.querySelectorAll('table[data-source=\"summary.street_ranking\"] th button')[2].click()"
    shown.value(click)
    rising = [float(text) for text in column(shown, "summary.street_ranking", 2)]
    assert rising == sorted(rising)
    assert rising != [float(text) for text in before]
    shown.value(click)
    assert [float(text) for text in column(shown, "summary.street_ranking", 2)] == sorted(rising, reverse=True)

    for name, (width, height) in SIZES.items():
        shown.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=name == "phone",
        )
        assert shown.value("document.documentElement.scrollWidth") <= width, f"{name}: the page itself scrolls sideways"
        shown.picture(tmp_path / f"{name}.png")

    requests = {each["request"]["url"].partition(":")[0] for each in said(shown, "Network.requestWillBeSent")}
    assert requests <= {"file", "data"}
    assert said(shown, "Runtime.exceptionThrown") == []
    assert said(shown, "Log.entryAdded") == []


def test_every_query_the_pages_give_runs(index, faulty_year):
    place, _ = faulty_year
    pages = [path for path in (Path(index).parent / "trace").glob("*.html") if "-" not in path.stem]
    texts = [path.read_text(encoding="utf-8") for path in pages]
    queries = [html.unescape(sql) for text in texts for sql in re.findall(r'<pre class="sql">(.*?)</pre>', text)]
    assert len(queries) > 100
    with reading.Reader(place.current) as release:
        found = {sql: release.query(sql.removesuffix(";")).height for sql in queries[::9]}
    assert [sql for sql, rows in found.items() if not rows and not sql.startswith("from trace(")] == []
    assert sum(found[sql] > 0 for sql in found if sql.startswith("from trace(")) > 10  # a figure of 0 has no cells


def test_a_figure_leads_to_its_cells_and_they_add_up_to_it(shown):
    shown.value("document.querySelector('#headline-completed_area_m2 .figure a').click()")
    shown.wait("document.title.includes('的来源') && document.readyState === 'complete'")
    added = (
        "[...document.querySelectorAll('tbody tr')].filter(row => row.cells[4].innerText === '计入')"
        ".reduce((sum, row) => sum + Math.round(100 * Number(row.cells[3].innerText)), 0) / 100"
    )
    assert f"原值 {shown.value(added):.2f}" in shown.value("document.querySelector('header').innerText")
    assert said(shown, "Log.entryAdded") == []
