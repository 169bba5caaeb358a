"""`xinyan serve`: the schedule, and the deployments that the Prefect UI and CLI trigger.

Uses the Prefect server that is configured; where none is, starts one of its own on this machine only.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flows import due, engine, logs, settings
from flows.errors import RunFailedError
from flows.home import Home

_START_SECONDS = 120


def run(home: Home, port: int, say: Callable[[str], None]) -> None:
    """Serve until stopped. Runs one night at once where the last one due was missed."""
    engine.prepare(home)
    chosen = settings.load(home.settings_file)
    with _server(port, say) as url:
        os.environ["PREFECT_API_URL"] = url
        from prefect.deployments import run_deployment  # only now: Prefect takes its settings at import
        from prefect.runner import Runner

        missed = due.missed(logs.nights(home.logs), chosen.schedule, dt.datetime.now(settings.ZONE))
        say(f"Prefect UI: {url.removesuffix('/api')}")
        _drop_late_runs()
        runner = Runner(limit=1)
        for deployment in deployments(home, chosen):
            runner.add_deployment(deployment)
        say("Registered nightly/nightly, backfill/plan, backfill/apply and backfill/undo. Stop with Ctrl-C.")
        if missed is not None:
            say(f"The night due at {missed:%Y-%m-%d %H:%M} did not run; it runs now.")
            run_deployment("nightly/nightly", timeout=0)
        try:
            asyncio.run(runner.start())
        except KeyboardInterrupt:
            say("Stopped.")


def deployments(home: Home, chosen: settings.Settings) -> list[Any]:
    """nightly/nightly on its schedule, backfill/plan, backfill/apply, backfill/undo."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.flows import EntrypointType
    from prefect.schedules import Cron

    from flows import backfill
    from flows.nightly import nightly

    one_at_a_time = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
    place = {"home": str(home.root)}
    night = nightly.to_deployment(
        name="nightly",
        schedules=[Cron(chosen.schedule.cron, timezone=str(settings.ZONE))],
        parameters=place,
        concurrency_limit=one_at_a_time,
        entrypoint_type=EntrypointType.MODULE_PATH,
        description="One night: what arrived is read, judged, loaded and released.",
    )
    return [night] + [
        of.to_deployment(
            name=of.fn.__name__,
            parameters=place,
            concurrency_limit=one_at_a_time,
            entrypoint_type=EntrypointType.MODULE_PATH,
            description=meaning,
        )
        for of, meaning in (
            (
                backfill.plan,
                f"What reading some files again would change; changes nothing.\n\n{backfill.forms_listed()}",
            ),
            (backfill.apply, "Carry out a plan."),
            (backfill.undo, "Take back what a plan changed."),
        )
    ]


def _drop_late_runs() -> None:
    """Cancel nights that fell due while nothing served: one night catches up with all of them."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas import filters
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort
    from prefect.states import Cancelled

    late = filters.FlowRunFilter(
        state=filters.FlowRunFilterState(type=filters.FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=filters.FlowRunFilterExpectedStartTime(before_=dt.datetime.now(dt.UTC)),
    )
    nights = filters.DeploymentFilter(name=filters.DeploymentFilterName(any_=["nightly"]))

    async def drop() -> None:
        async with get_client() as client:
            while found := await client.read_flow_runs(
                flow_run_filter=late, deployment_filter=nights, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=200
            ):
                for run in found:
                    missed = Cancelled(message="missed; one night catches up with all of them")
                    await client.set_flow_run_state(run.id, missed, force=True)

    asyncio.run(drop())


@contextmanager
def _server(port: int, say: Callable[[str], None]) -> Iterator[str]:
    """The API address of the configured server, or of one started here and stopped at the end."""
    configured = _configured_server()
    if configured:
        yield configured
        return
    url = f"http://127.0.0.1:{port}/api"
    say("Starting a Prefect server on this machine (10 to 40 seconds) ...")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "PREFECT_UI_API_URL": url}  # the UI asks port 4200 otherwise, whatever --port says
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()


def _configured_server() -> str | None:
    """What the environment or the Prefect profile names, asked of Prefect itself in a process of its own."""
    if "PREFECT_API_URL" in os.environ:
        return os.environ["PREFECT_API_URL"]
    question = "from prefect.settings import PREFECT_API_URL as url; print(url.value() or '')"
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(_START_SECONDS * 2):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise RunFailedError(
        f"Prefect server {url}",
        f"did not start within {_START_SECONDS} seconds" if server.poll() is None else "ended at once",
        "a free port and a machine that is not overloaded",
        "Name another port with --port, or start `prefect server start` yourself and set PREFECT_API_URL.",
    )
