"""Working days and due days."""

import datetime as dt

import pytest

from schemas.forms import Due
from transforms.calendar import Calendar

THIRD = Due("working_day", 3)


@pytest.mark.parametrize(
    ("about", "due"),
    [
        (dt.date(2013, 8, 1), dt.date(2013, 9, 4)),
        (dt.date(2013, 9, 1), dt.date(2013, 10, 10)),  # National Day: 1 to 7 October are off
        (dt.date(2013, 12, 1), dt.date(2014, 1, 6)),  # New Year's Day and a weekend between
    ],
)
def test_third_working_day_of_the_next_month(about: dt.date, due: dt.date) -> None:
    assert Calendar().due_day(THIRD, about) == due


def test_calendar_day_of_the_next_month() -> None:
    assert Calendar().due_day(Due("day", 2), dt.date(2013, 12, 1)) == dt.date(2014, 1, 2)


def test_a_working_weekend_counts() -> None:
    assert Calendar().is_working_day(dt.date(2013, 9, 29))  # a Sunday worked for National Day
    assert not Calendar().is_working_day(dt.date(2013, 10, 1))


def test_years_the_library_does_not_know_count_weekdays() -> None:
    assert Calendar().is_working_day(dt.date(1999, 1, 1))  # a Friday
    assert not Calendar().is_working_day(dt.date(1999, 1, 2))


def test_the_district_may_add_days_off_and_on() -> None:
    calendar = Calendar(days_off=frozenset({dt.date(2013, 9, 2)}), days_on=frozenset({dt.date(2013, 9, 1)}))
    assert calendar.working_day(2013, 9, 1) == dt.date(2013, 9, 1)
    assert calendar.working_day(2013, 9, 2) == dt.date(2013, 9, 3)
