"""Working days in China, and the day a report is due."""

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache

import chinese_calendar

from schemas.forms.base import Due


@dataclass(frozen=True)
class Calendar:
    """The public calendar (make-up working weekends included) with the district's own days off and on top.

    Years the library does not know (before 2004, after its last release) count Monday to Friday.
    """

    days_off: frozenset[dt.date] = field(default_factory=frozenset)
    days_on: frozenset[dt.date] = field(default_factory=frozenset)

    def is_working_day(self, day: dt.date) -> bool:
        """Tell whether offices work on a day."""
        if day in self.days_on or day in self.days_off:
            return day in self.days_on
        return _is_public_working_day(day)

    def working_day(self, year: int, month: int, n: int) -> dt.date:
        """Find the n-th working day of a month."""
        day, counted = dt.date(year, month, 1), 0
        while True:
            counted += self.is_working_day(day)
            if counted == n:
                return day
            day += dt.timedelta(days=1)

    def due_day(self, due: Due, period: dt.date) -> dt.date:
        """Find the last day on which a report about the month of ``period`` is in time: in the month after it."""
        year, month = (period.year + 1, 1) if period.month == 12 else (period.year, period.month + 1)
        if due.kind == "day":
            return dt.date(year, month, due.n)
        return self.working_day(year, month, due.n)


@lru_cache(maxsize=8192)
def _is_public_working_day(day: dt.date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
