"""Was the last night that was due missed? Worked out from the schedule and the logs, without any server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cronsim import CronSim

from flows.logs import NightRun
from flows.settings import ZONE, Schedule


def last_due(schedule: Schedule, now: dt.datetime) -> dt.datetime:
    """The newest instant at or before `now` at which a night should have started."""
    moments = CronSim(schedule.cron, now.astimezone(ZONE) + dt.timedelta(minutes=1), reverse=True)
    return next(moments)


def missed(nights: Sequence[NightRun], schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """When the last due night should have started, where none completed since; None where there was never a night."""
    due = last_due(schedule, now)
    if not nights or any(night.completed and night.started_at >= due for night in nights):
        return None
    return due


def overdue(nights: Sequence[NightRun], schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """Like `missed`, but only once `late_after` has passed: what `status` complains of."""
    due = missed(nights, schedule, now)
    if due is None:
        return None
    deadline = dt.datetime.combine(due.date(), schedule.late_after, ZONE)
    if deadline < due:
        deadline += dt.timedelta(days=1)
    if now >= deadline:
        return due
    return missed(nights, schedule, due - dt.timedelta(minutes=1))
