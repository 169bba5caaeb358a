"""From facts to files: what is common to the forms whose rows come from `transforms.sample.facts`."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from schemas.forms import load
from transforms.sample.envelope import Envelope, Row, Sheet
from transforms.sample.plan import read_table
from transforms.sample.style import look_of
from transforms.sample.words import noon, words_for

# Full ledgers: how things stand at the end of a day, and when they are sent.
LEDGERS = (
    (dt.date(2013, 9, 30), dt.date(2013, 10, 10)),
    (dt.date(2013, 12, 31), dt.date(2014, 1, 6)),
    (dt.date(2014, 2, 28), dt.date(2014, 3, 3)),
)
# What happened up to a day is sent on another, once.
QUARTERS = ((dt.date(2013, 6, 30), dt.date(2013, 7, 3)), *LEDGERS)


@dataclass(frozen=True)
class Table:
    """One sheet of a letter: its rows, its name ("" for the style's), words of its own."""

    rows: Sequence[Row]
    name: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def letter(
    form: str, look_key: str, street: str, period: str, day: dt.date, tables: Sequence[Table], seed: int, **more: str
) -> Envelope:
    """Put tables into one file of a sender; ``look_key`` names its habits, ``period`` is "2013-10" or "2013"."""
    look = look_of(form, look_key)
    words = words_for(seed, look_key, street, period, day, **more)
    words["filer"] = look.filer.format_map(words)
    sheets = []
    for table in tables:
        own = {**words, **table.words}
        sheets.append(Sheet((table.name or look.sheet).format_map(own), tuple(table.rows), own))
    name = look.file_name.format_map(words)
    return Envelope(form, look_key, street, period, day, name, look_key, tuple(sheets), noon(day))


@cache
def word(codes: str, code: str) -> str:
    """Give the word a code list prints for a code."""
    return load().codes[codes].labels[code]


def day_of(month: str, kind: str) -> dt.date:
    """Give the day a month's reports of a kind (F06, F08, F10) are received."""
    return dt.date.fromisoformat(next(row[kind] for row in read_table("received") if row["month"] == month))


def month_of(day: dt.date) -> str:
    """Give the month of a day: 2013-10."""
    return day.strftime("%Y-%m")


def title_of_day(day: dt.date) -> str:
    """Write a day as head lines do: 2013年3月24日."""
    return f"{day.year}年{day.month}月{day.day}日"
