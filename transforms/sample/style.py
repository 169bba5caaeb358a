"""How a form looks, from ``styles/*.toml``: a style is the printed form, a look adds a sender's habits."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

ITEM_LEAVES = ("qty_design", "qty_month", "qty_cum", "unit_code")


@dataclass(frozen=True)
class Column:
    """One printed column.

    ``header`` is its path of header cells, top to bottom. ``divide`` and ``places`` turn the canonical value into the
    printed one. ``down`` says how a value that repeats is printed; "ditto" writes 同上 below it. ``percent`` prints a
    ratio as a percent cell, as text ("80%") or as a bare number. ``total`` columns are added up in total rows. ``unit``
    stands in the units row. ``yes`` and ``no`` print a boolean. ``formula`` types a cumulative figure as last month's
    plus this month's.
    """

    name: str
    header: tuple[str, ...]
    width: float = 9
    divide: int = 1
    places: int = 2
    down: Literal["merge", "blank", "ditto", "repeat"] = "repeat"
    percent: Literal["", "cell", "text", "number"] = ""
    total: bool = False
    unit: str = ""
    yes: str = "√"
    no: str = ""
    formula: bool = False


@dataclass(frozen=True)
class TotalRow:
    """A total line: where it stands, what it says, in which column; ``by`` is what a subtotal groups by.

    ``inside`` lets the merged cell of the group reach over its subtotal. ``exact`` adds up before rounding.
    """

    label: str
    column: str
    place: Literal["first", "last"] = "last"
    by: str = ""
    inside: bool = False
    exact: bool = False


@dataclass(frozen=True)
class Extra:
    """A further sheet: an empty one, a hidden list of code words, or a filled-in example of the form."""

    kind: Literal["empty", "codes", "example"]
    name: str
    before: bool = False


@dataclass(frozen=True)
class Look:
    """All that decides how one sender's workbook of one form looks.

    ``card`` makes each row a key-value form: the columns of its lines, labels with values beside them; ``cards_beside``
    of them stand side by side. ``sheets_by`` parts a ledger into sheets. ``list_separator`` stands between the names of
    a list; ``is_wide`` gives items column groups instead of rows.

    ``absent`` stands where an actual date is missing. ``before_order`` is what the sender types as the contract's
    start until the works start; ``writes_forecasts`` types 延期至… where a building is late. ``arrives`` picks the
    received day: usual, early, or a date. ``file_name`` ends in the format. ``keeps_months`` lets each month's file
    hold the earlier months' sheets, too.
    """

    form: str
    columns: tuple[Column, ...]
    title: str
    sheet: str
    file_name: str
    filer: str
    attachment: str = ""
    lines: tuple[tuple[str, ...], ...] = ()
    footer: tuple[tuple[str, ...], ...] = ()
    numbering: bool = False
    units_row: bool = False
    blank_rows: int = 0
    total: TotalRow | None = None
    subtotal: TotalRow | None = None
    building: str = "3号楼"
    date: str = "real"
    absent: str = ""
    arrives: str = "usual"
    before_order: str = ""
    writes_forecasts: bool = False
    keeps_months: bool = False
    words: Mapping[str, Mapping[str, str]] | None = None
    item_units: Mapping[str, str] | None = None
    extras: tuple[Extra, ...] = ()
    example: Mapping[str, str | int] | None = None
    codes: tuple[tuple[str, ...], ...] = ()
    card: tuple[tuple[str, ...], ...] = ()
    cards_beside: int = 1
    sheets_by: Literal["", "stage", "month"] = ""
    list_separator: str = "、"
    is_wide: bool = False

    @property
    def depth(self) -> int:
        """How many header rows there are, without units and numbering row."""
        return max(len(column.header) for column in self.columns)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("transforms.sample").joinpath("styles", f"{name}.toml").read_text(encoding="utf-8"))


@cache
def senders(form: str) -> Mapping[str, Mapping[str, Any]]:
    """Give the senders of a form with their habits, as ``styles/senders*.toml`` have them."""
    found: Mapping[str, Mapping[str, Any]] = {**_read("senders"), **_read("senders_more")}[form]
    return found


@cache
def look_of(form: str, sender: str) -> Look:
    """Lay a sender's habits over the style it uses; who has none of its own has those of "*"."""
    known = senders(form)
    habits = {**known.get("*", {}), **known.get(sender, {})}
    style = _read(habits.pop("style"))
    wanted_items = habits.pop("items", None)
    down = habits.pop("down", {})
    table = {**style, **habits}
    items = table.pop("items", None)
    columns: list[Column] = []
    for column in table.pop("columns"):
        columns += _item_columns(items, wanted_items) if column.get("items") else [_column(column, down)]
    return Look(
        form=form,
        columns=tuple(columns),
        lines=_lines(table.pop("lines", [])),
        footer=_lines(table.pop("footer", [])),
        codes=_lines(table.pop("codes", [])),
        card=_lines(table.pop("card", [])),
        total=_total(table.pop("total", None)),
        subtotal=_total(table.pop("subtotal", None)),
        extras=tuple(Extra(**extra) for extra in table.pop("extras", [])),
        **table,
    )


def _column(table: Mapping[str, Any], down: Mapping[str, str]) -> Column:
    habit = {"down": down[table["name"]]} if table["name"] in down else {}
    return Column(**{**table, **habit, "header": tuple(table["header"].split("·"))})


def _item_columns(items: Mapping[str, Any], wanted: list[str] | None) -> list[Column]:
    above = (items["above"],) if "above" in items else ()
    groups: Mapping[str, str] = items["groups"]
    return [
        Column(
            **{
                **leaf,
                "name": f"{code}.{leaf['name']}",
                "header": (*above, groups[code], leaf["header"]),
            }
        )
        for code in (wanted or groups)
        for leaf in items["leaves"]
    ]


def _lines(lines: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line) for line in lines)


def _total(table: Mapping[str, Any] | None) -> TotalRow | None:
    return TotalRow(**table) if table else None
