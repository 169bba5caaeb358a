"""Nights as real processes that can be killed: everything is imported once, then each night is a fork of its own.

Run as ``python -m tests.faults.zygote``; lines of JSON in, lines of JSON out (`tests.faults.nights.Nights`). Nothing
here has begun a pool of threads before it forks: polars and DuckDB begin theirs in the child.
"""

import dataclasses
import datetime as dt
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import schemas.forms
from flows import backfilling, cli, night, steps, workers  # noqa: F401  # what a night needs, before it forks
from tests.flows import street
from warehouse import faults

BACKGROUND = {"python", "python3", "jemalloc_bg_thd", "polars-ooc-clea"}
"""Threads that importing alone begins; a fork can do without them."""

FORMS = (*street.FORMS, "work_item_progress")
"""Forms of the small home. The catalogue of its nights holds these alone: most of a night's time is in the others."""


def of_few_forms(load):
    """The loader of the catalogue, giving the forms of the small home and what hangs on them."""

    def loaded(*arguments, **options):
        whole = load(*arguments, **options)
        return dataclasses.replace(whole, forms={name: whole.forms[name] for name in FORMS})

    return loaded


def clock_of(at, step):
    """The module `datetime` with a clock that stands at an instant, and goes on by `step` seconds when it is asked."""
    real, begun, asked = dt.datetime, dt.datetime.fromisoformat(at), 0

    class Kind(type):
        def __instancecheck__(cls, value):
            return isinstance(value, real)

        def __getattr__(cls, name):
            return getattr(real, name)

    class Clock(metaclass=Kind):
        def __new__(cls, *arguments, **options):
            return real(*arguments, **options)

        @staticmethod
        def now(tz=None):
            nonlocal asked
            asked += 1
            return (begun + dt.timedelta(seconds=step * (asked - 1))).astimezone(tz)

    return SimpleNamespace(**{**vars(dt), "datetime": Clock})


def set_clock(clock):
    """Let our own modules read this clock; polars and DuckDB know times by their types and keep the real one."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("flows", "warehouse") and getattr(module, "dt", None) is dt:
            module.dt = clock


def recorder(path):
    """Instead of suffering at a point: write down that it was passed."""

    def passing(point):
        with open(path, "a") as file:
            file.write(point + "\n")

    return passing


def night_of(asked):
    """What the fork does: one command, with what was asked for set."""
    os.setsid()
    told = os.open(asked["told"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(told, 1)
    os.dup2(told, 2)
    os.environ.update(asked.get("environment", {}))
    time.tzset()
    if asked.get("largest_file"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["largest_file"], asked["largest_file"]))
    if asked.get("at"):
        set_clock(clock_of(asked["at"], asked.get("step", 0)))
    if asked.get("record"):
        faults.passing = recorder(asked["record"])
    if not asked.get("all_forms"):
        schemas.forms.load = of_few_forms(schemas.forms.load)
    return cli.run(asked["arguments"])


def _threads():
    return {path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")}


def main():
    """Fork a night per line, say its process, then what it ended with."""
    assert _threads() <= BACKGROUND, f"no fork would have these threads: {_threads()}"
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = night_of(asked)
            finally:
                sys.stdout.flush()
                os._exit(code)
        print(json.dumps({"pid": child}), flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
