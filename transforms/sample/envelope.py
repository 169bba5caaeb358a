"""Who sends what, when: an envelope holds the sheets of one file, and what was done to it on purpose."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal


@dataclass(frozen=True)
class Typed:
    """Exactly what a person typed into the cell: no factor, no format and no spelling of the sender is laid over it."""

    value: str | int | Decimal


Value = str | int | Decimal | bool | dt.date | Typed | None


@dataclass(frozen=True)
class Row:
    """One record of a form: its values by canonical column, in the column's canonical unit.

    ``key`` names the record inside its sheet (a building's or compound's key of the plan). A value of a work item
    stands under "ITEM.column", for example "WINDOW.qty_cum". ``sums`` is false for lines that totals leave out.
    """

    key: str
    values: Mapping[str, Value]
    sums: bool = True

    def but(self, **changes: Value) -> "Row":
        """Give the row with other values in some columns."""
        return replace(self, values={**self.values, **changes})


@dataclass(frozen=True)
class Sheet:
    """One table of a file: its rows, and the words its style writes into title, head lines and footer."""

    name: str
    rows: tuple[Row, ...]
    words: Mapping[str, str]


@dataclass(frozen=True)
class Mark:
    """A fault put into an envelope; ``row`` and ``column`` find its cell ("" for a whole file or a head line).

    ``also`` are further columns of the same row that carry the same slip.
    """

    code: str
    note: str
    row: str = ""
    column: str = ""
    also: tuple[str, ...] = ()
    sheet: int = 0

    @property
    def file_level(self) -> bool:
        """Whether the fault is the file's, not one cell's."""
        return not self.column


@dataclass(frozen=True)
class Envelope:
    """One file on its way: form (entity), sender, street, period ("2013-12" or ""), received day, name, sheets.

    ``look`` names the style and the habits of the sender (a table of ``styles/senders.toml``). ``written`` is the day
    the workbook says it was made. ``plain`` is the content of a file that is no workbook.
    """

    form: str
    sender: str
    street: str
    period: str
    received: dt.date
    file_name: str
    look: str
    sheets: tuple[Sheet, ...]
    written: dt.datetime
    marks: tuple[Mark, ...] = ()
    plain: bytes | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """Where the file lies in the inbox: its received day, then its name."""
        return f"{self.received.isoformat()}/{self.file_name}"

    @property
    def suffix(self) -> str:
        """What the file's name ends in: its format."""
        return self.file_name.rpartition(".")[2]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of the first sheet: all there are, for most forms."""
        return self.sheets[0].rows

    def with_rows(self, rows: Iterable[Row]) -> "Envelope":
        """Give the envelope with other rows on its first sheet."""
        return replace(self, sheets=(replace(self.sheets[0], rows=tuple(rows)), *self.sheets[1:]))

    def with_words(self, **words: str) -> "Envelope":
        """Give the envelope with other words in the lines around the table of its first sheet."""
        first = self.sheets[0]
        return replace(self, sheets=(replace(first, words={**first.words, **words}), *self.sheets[1:]))

    def edit_row(self, key: str, change: Callable[[Row], Row]) -> "Envelope":
        """Give the envelope with one row changed; raises KeyError where it has no such row."""
        if not any(row.key == key for row in self.rows):
            raise KeyError(f"{self.path}: no row {key}")
        return self.with_rows(change(row) if row.key == key else row for row in self.rows)

    def marked(self, *marks: Mark) -> "Envelope":
        """Give the envelope with faults noted on it."""
        return replace(self, marks=(*self.marks, *marks))
