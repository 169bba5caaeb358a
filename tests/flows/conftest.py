"""The command line in this process, a Prefect server of the session, and a `xinyan serve` of a test."""

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from flows import cli, home
from flows.settings import ZONE
from tests.flows.browser import page
from tests.flows.prefect_api import ask

__all__ = ["page"]


@pytest.fixture
def xinyan(capsys):
    """Run a command in this process: exit code, what it printed, what it complained of."""

    def run(*arguments):
        code = cli.run([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The API address of a Prefect server of this test session."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("prefect")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "PREFECT_HOME": str(folder)}
    url = f"http://127.0.0.1:{port}/api"
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(240):
            try:
                ask(url, "health")
                break
            except OSError:
                assert process.poll() is None, "the server ended"
                time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    """(home, API address) of a `xinyan serve` after downtime: its last night is two days old."""
    tmp_path = tmp_path_factory.mktemp("serving")
    place = home.create(tmp_path / "home")
    before = dt.datetime.now(ZONE) - dt.timedelta(days=2)
    started = {"at": before.isoformat(), "event": "night started", "run_id": "x"}
    night = [started, {"at": before.isoformat(), "event": "night completed"}]
    log = place.logs / f"{before:%Y-%m-%dT%H%M%S}.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in night), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path / "prefect")}
    environment.pop("PREFECT_API_URL", None)
    command = [sys.executable, "-m", "flows.cli", "serve", "--port", str(port), "--home", str(place.root)]
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen(command, env=environment, stdout=told, stderr=told, start_new_session=True)
    try:
        yield place, f"http://127.0.0.1:{port}/api", process, tmp_path / "told"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
