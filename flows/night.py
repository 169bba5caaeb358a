"""One night as a list of verbs, whoever carries them out: plain functions or Prefect tasks."""

from __future__ import annotations

import datetime as dt
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flows import lock, logs, rebuilding, settings, steps
from flows.errors import UserError
from flows.home import enter
from flows.layouts import packages_of
from flows.steps import Arrived, Batch, Loaded, Night, Summary
from flows.workers import Read
from warehouse import WarehouseError

__all__ = ["PLAIN", "Night", "Progress", "Steps", "Summary", "begin", "one_night"]

Progress = Callable[[int, int], None]
"""`progress(files done, files in all)`."""


@dataclass(frozen=True)
class Steps:
    """The verbs of a night, in order."""

    take_in: Callable[[Night], Arrived]
    read: Callable[[Night, Batch], list[Read]]
    load: Callable[[Night, Arrived, list[Read]], Loaded]
    release: Callable[[Night], int | None]
    give_back: Callable[[Night, Arrived, Loaded, int | None], Summary]


PLAIN = Steps(steps.take_in, steps.read, steps.load, steps.release, steps.give_back)


def one_night(night: Night, step: Steps = PLAIN, progress: Progress = lambda done, total: None) -> Summary:
    """Play one night that has begun; everything that arrived is read, judged, loaded and released."""
    arrived = step.take_in(night)
    read: list[Read] = []
    for batch in arrived.batches:
        read += step.read(night, batch)
        progress(len(read), arrived.files)
    loaded = step.load(night, arrived, read)
    release = step.release(night)
    return step.give_back(night, arrived, loaded, release)


@contextmanager
def begin(root: Path, as_of: str | None = None, packages: tuple[str, ...] = steps.PACKAGES) -> Iterator[Night]:
    """Open a home for one night: settings checked, the writer's lock held, the log open, a failure told.

    Raises `UserError` for a home that is not there, settings that are wrong, or a night that is under way already.
    """
    home = enter(root)
    chosen = settings.load(home.settings_file)
    started_at = dt.datetime.now(settings.ZONE)
    until = None if as_of is None else _day(as_of)
    packages = packages_of(home, packages)
    with lock.writer(home.writer_lock, "xinyan nightly"):
        log = logs.open_night(home.logs, started_at)
        night = Night(home, chosen, started_at, until, packages)
        log("night started", run_id=night.run_id, code=steps.code_version(packages))
        try:
            if rebuilding.is_lost(home):
                rebuilding.remake(home, lambda done, total: None, packages)
            yield night
        except BaseException as error:
            with suppress(OSError):  # a full disk must not hide the failure it caused
                log("night failed", run_id=night.run_id, error=type(error).__name__)
            _tell(chosen.schedule.on_failure, error)
            raise
        log("night completed", run_id=night.run_id)


def _day(text: str) -> dt.date:
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        expected = "a day such as 2014-01-03"
        raise UserError("--as-of", f"{text!r} is no day", expected, "Correct it and run again.") from None
    return (instant if instant.tzinfo is None else instant.astimezone(settings.ZONE)).date()


def _tell(command: str, error: BaseException) -> None:
    """Run the command of the settings; a command that fails does not hide the failure it was told of."""
    if not command:
        return
    message = str(error) if isinstance(error, UserError | WarehouseError) else type(error).__name__
    try:
        subprocess.run(shlex.split(command), env={**os.environ, "XINYAN_FAILURE": message}, timeout=60, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return
