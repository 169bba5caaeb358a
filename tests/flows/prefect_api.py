"""Asking a Prefect server, for tests."""

import json
import time
import urllib.request


def ask(url, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def wait_for(question, process, told, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, told.read_text()
        try:
            answer = question()
        except OSError:
            answer = None
        if answer:
            return answer
        time.sleep(0.5)
    raise AssertionError(f"waited {seconds} seconds\n{told.read_text()}")


def finished(url):
    runs = ask(url, "flow_runs/filter", {"sort": "START_TIME_DESC"})
    done = [run for run in runs if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED")]
    return done or None
