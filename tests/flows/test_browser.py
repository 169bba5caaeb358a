"""A night triggered by a person: the deployment's page in the Prefect UI, Run, Quick run, Completed."""

import time

import pytest

from tests.flows.prefect_api import ask, finished, wait_for

pytestmark = pytest.mark.browser


def test_a_night_is_triggered_from_the_ui(serving, page, tmp_path):
    place, url, process, told = serving
    (place.inbox / "坏文件.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    found = wait_for(lambda: len(all := ask(url, "deployments/filter", {})) == 4 and all, process, told)
    night = next(each for each in found if each["name"] == "nightly")
    wait_for(lambda: finished(url), process, told)  # the night that catches up, so that ours is the second
    page.call("Page.navigate", url=f"{url.removesuffix('/api')}/deployments/deployment/{night['id']}")
    page.click("Run")
    page.click("Quick run")
    wait_for(lambda: len(done := finished(url)) == 2 and done, process, told)
    run = finished(url)[0]
    assert run["state_name"] == "Completed"
    page.call("Page.navigate", url=f"{url.removesuffix('/api')}/runs/flow-run/{run['id']}")
    page.wait("document.body.innerText.includes('Completed') && document.body.innerText.includes('Task runs')")
    time.sleep(2)  # the graph of tasks is drawn after the text
    page.picture(tmp_path / "run.png")
    mine = [each for each in ask(url, "artifacts/filter", {}) if each["flow_run_id"] == run["id"]]
    (journal,) = [each for each in mine if each["key"] == "night"]
    page.call("Page.navigate", url=f"{url.removesuffix('/api')}/artifacts/artifact/{journal['id']}")
    page.wait("document.body.innerText.includes('夜报') && document.body.innerText.includes('E45')")
    page.picture(tmp_path / "journal.png")
