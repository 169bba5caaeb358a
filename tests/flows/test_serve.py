"""`xinyan serve`: starts its own server where none is configured, registers the deployments, catches up one night."""

from tests.flows.prefect_api import ask, finished, wait_for


def test_serve_registers_the_deployments_and_catches_up_one_night(serving):
    place, url, process, told = serving
    deployments = wait_for(lambda: len(found := ask(url, "deployments/filter", {})) == 4 and found, process, told)
    by_name = {each["name"]: each for each in deployments}
    assert set(by_name) == {"nightly", "plan", "apply", "undo"}
    assert by_name["nightly"]["entrypoint"] == "flows.nightly.nightly"
    schedules = [each["schedule"] for each in by_name["nightly"]["schedules"]]
    assert {"cron": "30 1 * * *", "timezone": "Asia/Shanghai", "day_or": True} in schedules
    (caught_up,) = wait_for(lambda: finished(url), process, told)
    assert caught_up["state_name"] == "Completed"
    assert "did not run; it runs now." in told.read_text()

    ask(url, f"deployments/{by_name['nightly']['id']}/create_flow_run", {"parameters": {"home": str(place.root)}})
    by_hand = wait_for(lambda: len(done := finished(url)) == 2 and done, process, told)
    assert {run["state_name"] for run in by_hand} == {"Completed"}
    assert len(list(place.logs.iterdir())) == 3
