"""What a person does in the Prefect UI: start a night, plan a backfill, look at the plan, carry it out."""

import re
import time

import pytest

from tests.flows.prefect_api import ask, finished, wait_for
from tests.flows.street import REGISTERED, UNKNOWN, alias, changed, files, of_street, put, respelt
from warehouse import reading

pytestmark = pytest.mark.browser

AREA = "select cast(completed_area_m2 as varchar) as area from summary.target_attainment"


class Served:
    """A home that is served, and the pages of its deployments and runs."""

    def __init__(self, serving, page, pictures):
        self.place, self.url, self._process, self._told = serving
        self.page, self._pictures = page, pictures
        found = self.wait(lambda: len(all := ask(self.url, "deployments/filter", {})) == 4 and all)
        self.deployments = {each["name"]: each["id"] for each in found}
        self.wait(lambda: finished(self.url))  # the night that catches up

    def wait(self, question):
        return wait_for(question, self._process, self._told, 240)

    def open(self, path):
        self.page.call("Page.navigate", url=f"{self.url.removesuffix('/api')}/{path}")

    def picture(self, name):
        self.page.picture(self._pictures / f"{name}.png")

    def ran(self, start):
        """The run that `start()` begins, once it is over."""
        before = len(finished(self.url))
        start()
        return self.wait(lambda: len(done := finished(self.url)) == before + 1 and done)[0]

    def fill_in(self, deployment, **parameters):
        """Open the form that starts a run, fill it in, and submit it."""
        self.open(f"deployments/deployment/{self.deployments[deployment]}/run")
        for name, value in parameters.items():
            self.page.fill(name, value)
        self.page.tall(1600)
        self.picture(f"{deployment} form")
        self.page.click("Submit")

    def artifact(self, run, key):
        mine = [each for each in ask(self.url, "artifacts/filter", {}) if each["flow_run_id"] == run["id"]]
        (found,) = [each for each in mine if each["key"] == key]
        self.open(f"artifacts/artifact/{found['id']}")
        return found["data"]


@pytest.fixture
def served(serving, page, tmp_path):
    return Served(serving, page, tmp_path)


def test_a_night_is_triggered_from_the_ui(served):
    (served.place.inbox / "坏文件.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")

    def start():
        served.open(f"deployments/deployment/{served.deployments['nightly']}")
        served.page.click("Run")
        served.page.click("Quick run")

    run = served.ran(start)
    assert run["state_name"] == "Completed"
    served.open(f"runs/flow-run/{run['id']}")
    served.page.wait("document.body.innerText.includes('Completed') && document.body.innerText.includes('Task runs')")
    time.sleep(2)  # the graph of tasks is drawn after the text
    served.picture("run")
    served.artifact(run, "night")
    served.page.wait("document.body.innerText.includes('夜报') && document.body.innerText.includes('E45')")
    served.picture("journal")


@pytest.mark.long
def test_a_backfill_is_planned_read_and_applied_from_the_ui(served):
    for path, data in files(of_street).items():
        put(served.place, path, changed(data, respelt(REGISTERED, UNKNOWN)) if "抗震标段" in path else data)
    nightly = f"deployments/{served.deployments['nightly']}/create_flow_run"
    night = served.ran(lambda: ask(served.url, nightly, {"parameters": {"home": str(served.place.root)}}))
    assert night["state_name"] == "Completed"
    release = reading.status(served.place.releases)["release"]
    served.place.aliases_file.write_text(alias("2014-01-20"), encoding="utf-8")

    served.open(f"deployments/deployment/{served.deployments['plan']}/run")
    for said in ("理由（必填）", "起始报告期", "截止报告期", "只重读此表", "填报单位", "sha256", "变动所涉"):
        served.page.wait(f"document.body.innerText.includes('{said}')")
    before = len(ask(served.url, "flow_runs/filter", {}))
    served.page.click("Submit")  # without a reason
    time.sleep(3)
    served.picture("no reason")
    assert len(ask(served.url, "flow_runs/filter", {})) == before
    assert served.page.value("location.pathname").endswith("/run")
    run = served.ran(lambda: served.fill_in("plan", reason="西里大院即永定路西里", first="2013-12", last="2014-02"))
    assert (run["state_name"], reading.status(served.place.releases)["release"]) == ("Completed", release)
    assert (run["parameters"]["first"], run["parameters"]["form"]) == ("2013-12", "")

    told = served.artifact(run, "backfill")
    plan_id = re.search(r"方案 `([0-9a-f]{8})`", told)[1]
    attained = ["年度任务完成情况", "完成面积", "63727.28", "84460.38"]
    for said in (plan_id, "西里大院即永定路西里", "backfill/apply", *attained):
        served.page.wait(f"document.body.innerText.includes('{said}')")
    served.page.tall(2600)
    served.picture("plan")
    assert served.page.value(NOT_CUT_OFF), "a column of values is cut off"
    assert reading.query(served.place.current, AREA)["area"].to_list() == ["63727.28"]

    run = served.ran(lambda: served.fill_in("apply", plan_id=plan_id, reason="已复核"))
    assert run["state_name"] == "Completed"
    assert "# 重读（回填）已执行" in served.artifact(run, "backfill")
    served.page.wait(f"document.body.innerText.includes('第{release + 1}版')")
    served.picture("applied")
    assert reading.status(served.place.releases)["release"] == release + 1
    assert reading.query(served.place.current, AREA)["area"].to_list() == ["84460.38"]


NOT_CUT_OFF = """(() => {
  const named = ['原为', '改为', '因何文件'];
  const heads = [...document.querySelectorAll('th')].filter(e => named.includes(e.innerText.trim()));
  const seen = heads.filter(e => e.getBoundingClientRect().bottom < window.innerHeight);
  return seen.length >= 3 && seen.every(e => {
    const box = e.getBoundingClientRect();
    const there = document.elementFromPoint(box.right - 2, box.y + box.height / 2);
    return there && there.closest('th') === e; });
})()"""
