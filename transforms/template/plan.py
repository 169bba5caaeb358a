"""Where everything of a blank form stands: what is said above the table, its columns under their headers, one row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from schemas.columns import Column
from schemas.examples import Example, above, as_text, example, in_unit
from schemas.forms import Catalogue, Form
from schemas.layouts import ColumnHeaders, Layout
from schemas.text import normalise_label
from transforms.values import find_unit

# What a sender says once for the whole report; anything else that a layout may take from there stands in the table.
_ABOVE = ("filer", "period", "year", "street", "lot", "doc_no", "issued_date", "edition", "round", "report_date")
_EVERYWHERE = ("filer", "report_date")
_SIGNED = ("prepared_by", "phone")
_DATED = ("report_date",)
_MEASURES = ("decimal", "integer")
_FULL_WORDS = {"㎡": "平方米", "万㎡": "万平方米"}


class NoBlankFormError(LookupError):
    """The form has no table that could be filled in."""


@dataclass(frozen=True)
class Slot:
    """A value above the table: its label, the context value it gives, an example."""

    key: str
    label: str
    example: str


@dataclass(frozen=True)
class Field:
    """One column of the table. ``item`` is the code of its item in a wide block; ``unit`` what its numbers are in."""

    column: Column
    header: tuple[str, ...]
    entity: str
    item: str | None = None
    unit: str | None = None
    factor: Decimal = Decimal(1)
    options: tuple[str, ...] = ()
    needed: bool = False
    example: Example | None = None


@dataclass(frozen=True)
class Plan:
    """A blank form before it is drawn. ``unit_line`` names the units of the numbers in it."""

    form: Form
    layout: Layout
    title: str
    slots: tuple[Slot, ...]
    fields: tuple[Field, ...]
    unit_line: str

    @property
    def depth(self) -> int:
        """How many rows the header takes."""
        return max(len(field.header) for field in self.fields)


def plan_form(form: Form, catalogue: Catalogue) -> Plan:
    """Plan the blank form of a form, by its first layout that is a table. Raises `NoBlankFormError`."""
    layout = _layout_of(form, catalogue)
    said_above = _said_above(form, layout)
    fields = (_number_of_line(form), *_fields(form, layout, catalogue, set(said_above)))
    slots = tuple(
        Slot(key, _label(key, said_above, form, catalogue), _example_above(key, said_above, form))
        for key in _ABOVE
        if key in said_above.values() or key in _EVERYWHERE
    )
    return Plan(form, layout, layout.title, slots, fields, _unit_line(fields))


def _layout_of(form: Form, catalogue: Catalogue) -> Layout:
    own = [layout for layout in catalogue.layouts if layout.form == form.entity and layout.values is None]
    if not own:
        raise NoBlankFormError(form.entity)
    return max(own, key=lambda layout: len(layout.columns))


def _said_above(form: Form, layout: Layout) -> dict[str, str]:
    """Columns that are given once above the table, with the context value that gives them."""
    found = {}
    for column, key in layout.context.items():
        one_street = key != "street" or "street" in form.report_key
        if key in _ABOVE and one_street and column not in form.row_identity:
            found[column] = key
    return found


def _label(key: str, said_above: dict[str, str], form: Form, catalogue: Catalogue) -> str:
    """Prefer the form's own word for a value, where readers know it as a label."""
    known = catalogue.common.labels.get(key, ())
    own = (form.column[column].label_zh for column, each in said_above.items() if each == key)
    return next((label for label in own if normalise_label(label) in known), above(key, form.filer_kind)[0])


def _example_above(key: str, said_above: dict[str, str], form: Form) -> str:
    """Give an example of a value above the table; a period that is a day (a week's last) is written as a day."""
    days = [column for column, each in said_above.items() if each == key and form.column[column].kind == "date"]
    own = example(form.column[days[0]], form.entity) if days else None
    return above(key, form.filer_kind)[1] if own is None else as_text(own)


def _number_of_line(form: Form) -> Field:
    column = form.column.get(form.sequence_column)
    if column is None:
        column = Column("seq_no", "text", "序号", "Number of the line")
    return Field(column, ("序号",), form.entity, example="示例")


def _fields(form: Form, layout: Layout, catalogue: Catalogue, said_above: set[str]) -> Iterable[Field]:
    items = layout.items
    parts = catalogue.forms.get(form.items or "")
    wide = items is not None and (items.column not in form.column or items.column in form.row_identity)
    in_items = {entry.column for entry in items.columns} | {items.column} if wide and items is not None else set()
    for entry in layout.columns:
        column = form.column[entry.column]
        if column.name in said_above | in_items | {form.sequence_column, *_SIGNED, *_DATED}:
            continue
        yield _field(column, entry, (), form, catalogue, None)
    if not wide or items is None:
        return
    holder = form if items.column in form.column else parts
    assert holder is not None
    for number, (code, groups) in enumerate(items.groups.items()):
        for entry in items.columns:
            field = _field(holder.column[entry.column], entry, (groups[0],), holder, catalogue, code)
            yield field if number == 0 else replace(field, example=None)


def _field(
    column: Column, entry: ColumnHeaders, over: tuple[str, ...], form: Form, catalogue: Catalogue, item: str | None
) -> Field:
    codes = catalogue.codes.get(column.codes or "")
    unit, factor, header = None, Decimal(1), (*over, *entry.headers[0])
    if column.kind in _MEASURES and column.unit not in (None, "1", "item_unit"):
        unit, factor = _unit(column, entry, catalogue)
    if unit is not None and len(entry.headers[0]) == 1 and column.kind == "decimal":
        header = (*header[:-1], f"{header[-1]}（{unit}）")
    value = example(column, form.entity)
    return Field(
        column=column,
        header=header,
        entity=form.entity,
        item=item,
        unit=unit,
        factor=factor,
        options=tuple(codes.labels.values()) if codes is not None and column.kind == "code" else (),
        needed=item is None and column.name in (*form.filled, *form.required),
        example=None if value is None else in_unit(value, factor),
    )


def _unit(column: Column, entry: ColumnHeaders, catalogue: Catalogue) -> tuple[str | None, Decimal]:
    """Give the unit as printed and how much of the column's own unit it is."""
    if entry.unit is not None:
        known = find_unit(entry.unit)
        return entry.unit, known.factor if known is not None else Decimal(1)
    if column.unit == "m2":
        return "㎡", Decimal(1)
    if column.unit == "yuan":
        return "元", Decimal(1)
    units = catalogue.codes["units"].labels
    return units.get(column.unit or ""), Decimal(1)


def _unit_line(fields: Iterable[Field]) -> str:
    """Name the units of areas, buildings and households, each once, for the line above the table."""
    units = dict.fromkeys(field.unit for field in fields if field.unit is not None)
    dimensions: dict[str, str] = {}
    for unit in units:
        known = find_unit(unit)
        if known is not None and known.dimension in ("area", "building", "household"):
            dimensions.setdefault(known.dimension, unit)
    return "、".join(_FULL_WORDS.get(unit, unit) for unit in dimensions.values())
