"""The night under Prefect: a real server, its own temporary one, a retry, a file that cannot be read. Offline."""

import os
import subprocess
import sys

import pytest

from flows import home
from tests.conftest import xinyan
from tests.flows.prefect_api import ask
from tests.flows.street import decided


@pytest.fixture
def place(tmp_path):
    made = home.create(tmp_path / "home")
    (made.inbox / "2013-03-01").mkdir()
    (made.inbox / "2013-03-01" / "坏文件.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    return made


def runs(url, kind="flow_runs", **where):
    return ask(url, f"{kind}/filter", {"sort": "START_TIME_DESC", **where} if kind == "flow_runs" else where)


def test_the_server_can_be_imported():
    """FastAPI 0.155 and later breaks Prefect 3.8.8 at import of its server (2026-11)."""
    told = subprocess.run(
        [sys.executable, "-c", "from prefect.server.api.server import create_app; create_app()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


def test_a_night_on_a_server_completes_and_reports_the_file_that_cannot_be_read(server, place):
    told = xinyan("nightly", "--home", place.root, "--as-of", "2013-03-02", PREFECT_API_URL=server)
    assert told.returncode == 0, told.stderr
    assert "R E45" in told.stdout
    run = runs(server)[0]
    assert (run["name"], run["state_name"]) == ("night as of 2013-03-02", "Completed")
    artifacts = {each["key"]: each for each in ask(server, "artifacts/filter", {})}
    assert artifacts["night"]["data"].startswith("# 夜报")
    assert {"night", "submissions", "reading"} <= set(artifacts)
    assert artifacts["reading"]["data"] == 100
    names = {task["name"] for task in ask(server, "task_runs/filter", {})}
    assert {"intake", "read 1 of 1", "load", "release", "return"} <= names


def test_the_backfill_plans_applies_and_takes_back(server, place, tmp_path):
    xinyan("nightly", "--plain", "--home", place.root)
    script = """
import sys
from pathlib import Path
from flows import engine
from flows.home import enter
if __name__ == "__main__":
    engine.prepare(enter(Path(sys.argv[1])))
    from flows import backfill
    planned = backfill.plan(home=sys.argv[1], files=["坏文件.xlsx"], reason="试")
    for step in (backfill.apply, backfill.undo):
        step(home=sys.argv[1], plan_id=planned["plan_id"], reason="试")
"""
    path = tmp_path / "three.py"
    path.write_text(script, encoding="utf-8")
    environment = {**os.environ, "PREFECT_API_URL": server}
    told = subprocess.run(
        [sys.executable, str(path), str(place.root)], capture_output=True, text=True, env=environment, check=False
    )
    assert told.returncode == 0, told.stderr
    states = {run["name"].split(" ")[1]: run["state_name"] for run in runs(server) if "backfill" in run["name"]}
    assert states == {"plan": "Completed", "apply": "Completed", "undo": "Completed"}
    pages = [each["data"] for each in ask(server, "artifacts/filter", {}) if each["key"] == "backfill"]
    assert sorted(page.split(" `")[0] for page in pages) == [
        "# 重读（回填）已执行",
        "# 重读（回填）已撤销",
        "# 重读（回填）方案",
    ]
    assert [entry["kind"] for entry in decided(place)] == ["apply", "undo"]


def test_a_task_that_fails_once_is_tried_again(server, place, tmp_path):
    script = """
import sys
from pathlib import Path
from flows import engine, steps
from flows.home import enter
once, read = [], steps.read
def failing(night, batch):
    if not once:
        once.append(1)
        raise OSError("the disk was away")
    return read(night, batch)
if __name__ == "__main__":
    engine.prepare(enter(Path(sys.argv[1])))
    steps.read = failing
    from flows.nightly import nightly
    nightly(home=sys.argv[1])
"""
    path = tmp_path / "once.py"
    path.write_text(script)
    environment = {**os.environ, "PREFECT_API_URL": server, "PREFECT_LOGGING_LEVEL": "INFO"}
    told = subprocess.run(
        [sys.executable, str(path), str(place.root)], capture_output=True, text=True, env=environment, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "Retry 1/1" in told.stderr
    assert runs(server)[0]["state_name"] == "Completed"


def test_a_night_that_fails_tells_why_in_one_sentence(server, place):
    place.warehouse.write_bytes(b"not a database " * 1000)
    told = xinyan("nightly", "--home", place.root, PREFECT_API_URL=server)
    assert told.returncode == 3
    assert "Traceback" not in told.stderr
    last = told.stderr.splitlines()[-1]
    assert last.startswith(f"xinyan: warehouse {place.warehouse}: cannot be read as a DuckDB file")


def test_a_night_without_a_server_uses_a_temporary_one(place):
    environment = {"PREFECT_HOME": str(place.root.parent / "prefect"), "PREFECT_API_URL": ""}
    told = xinyan("nightly", "--home", place.root, **environment)
    assert told.returncode == 0, told.stderr
    assert "Release 1 published." in told.stdout
