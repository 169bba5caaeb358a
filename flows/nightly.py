"""The night as a Prefect flow: the steps of `flows.steps` with retries, names, progress and artifacts.

`flows.engine.prepare` is called before this module is imported. Paths and ids go from task to task, never frames.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from flows import steps
from flows.errors import UserError
from flows.night import Steps, Summary, begin, one_night
from flows.settings import DEFAULT_HOME, ZONE
from warehouse import WarehouseError


def _worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    """A lock, a full disk or a lost server may pass; wrong use, a damaged file or a failed check will not."""
    error = state.result(raise_on_failure=False)
    return not isinstance(error, UserError | WarehouseError)


def _as_task(verb: Any, name: str) -> Any:
    return task(
        verb,
        name=name,
        task_run_name=name + " {batch.name}" if verb is steps.read else name,
        retries=1,
        retry_delay_seconds=2,
        retry_condition_fn=_worth_retrying,
        cache_policy=NO_CACHE,  # the default would hash every input
        persist_result=False,
    )


def tasks() -> Steps:
    """Every step as a Prefect task."""
    return Steps(
        take_in=_as_task(steps.take_in, "intake"),
        read=_as_task(steps.read, "read"),
        load=_as_task(steps.load, "load"),
        release=_as_task(steps.release, "release"),
        give_back=_as_task(steps.give_back, "return"),
    )


def _run_name() -> str:
    asked = flow_run.parameters.get("as_of")
    return f"night as of {asked}" if asked else f"night of {dt.datetime.now(ZONE):%Y-%m-%d %H:%M}"


@flow(name="nightly", flow_run_name=_run_name)
def nightly(home: str = str(DEFAULT_HOME), as_of: str | None = None) -> Summary:
    """One night, now: read what arrived, judge it, load it, release it.

    Args:
        home: the home folder, as seen by the process that runs the flow.
        as_of: play only dated folders up to this day, such as 2014-01-03.
    """
    with begin(Path(home), as_of) as night:
        summary = one_night(night, tasks(), _ProgressArtifact().advance)
    create_table_artifact(key="submissions", table=summary.submissions, description="Reports of this night")
    create_markdown_artifact(key="night", markdown=summary.journal, description="夜报")
    return summary


class _ProgressArtifact:
    """Files read, as a progress bar in the UI."""

    def __init__(self) -> None:
        self._id: UUID | None = None

    def advance(self, done: int, total: int) -> None:
        share = 100 * done / total if total else 100.0
        if self._id is None:
            self._id = create_progress_artifact(progress=share, key="reading", description="Files read")  # type: ignore[assignment]
        else:
            update_progress_artifact(artifact_id=self._id, progress=share)
