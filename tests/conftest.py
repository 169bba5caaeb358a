"""What many tests share: a home with the sample year in it, loaded once; and what this machine can do."""

import fcntl
import os
import pickle
import shutil
import subprocess
import sys

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OFFICES = ("soffice", "libreoffice")


def pytest_configure():
    # Nothing a test does may reach out of the machine or into the account's own Prefect.
    for name, value in {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }.items():
        os.environ.setdefault(name, value)
    # A report per test night would cost seconds each; the tests of the report ask for it.
    os.environ.setdefault("XINYAN_REPORT__ENABLED", "false")
    os.environ.pop("XINYAN_HOME", None)


YEARS_FIRST = ("tests/acceptance/test_conservation.py", "tests/acceptance/test_surprises.py")
"""Loading a year takes a minute: two processes begin with one each, and meanwhile nobody waits for either."""


def _turn(item):
    """When a test has its turn: those that load a year, those that need none, those that need them loaded."""
    file = item.nodeid.partition("::")[0]
    if file in YEARS_FIRST:
        return YEARS_FIRST.index(file)
    return len(YEARS_FIRST) + file.startswith("tests/acceptance/")


def pytest_collection_modifyitems(items):
    items.sort(key=_turn)
    for marker, programs in (("browser", BROWSERS), ("office", OFFICES)):
        if not any(shutil.which(program) for program in programs):
            lacking = pytest.mark.skip(reason=f"none of {', '.join(programs)} is installed")
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(lacking)


def xinyan(*arguments, **environment):
    """Run the command in a process of its own, as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def load_sample(root, **choices):
    """A home with the sample year loaded in one night, without Prefect."""
    from flows import home, night, sampling

    place = home.create(root)
    sampling.write(place.inbox, 2013, choices.get("seed", 1), 1, choices.get("faulty", True), lambda done, total: None)
    with night.begin(place.root) as begun:
        place_summary = night.one_night(begun)
    return place, place_summary


def shared_year(tmp_path_factory, name, **choices):
    """A loaded year that all processes of a test run share: the first that asks loads it, the others wait for it."""
    from flows import home

    room = tmp_path_factory.getbasetemp()
    room = room.parent if "PYTEST_XDIST_WORKER" in os.environ else room
    root, told = room / name / "home", room / f"{name}.summary"
    with (room / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            (room / name).mkdir()
            told.write_bytes(pickle.dumps(load_sample(root, **choices)[1]))
    return home.enter(root), pickle.loads(told.read_bytes())


@pytest.fixture(scope="session")
def faulty_year(tmp_path_factory):
    """(home, summary) of the sample year with every fault of the ledger, loaded in one night. Do not change it."""
    return shared_year(tmp_path_factory, "faulty", faulty=True)


@pytest.fixture(scope="session")
def clean_year(tmp_path_factory):
    """(home, summary) of the sample year of another seed without faults, loaded in one night. Do not change it."""
    return shared_year(tmp_path_factory, "clean", faulty=False, seed=7)
