"""Layouts: one TOML per form version says which headers mean which column. The loader tells a clerk what is wrong.

``<form>_<name>.toml`` describes one way a form is laid out; ``_common.toml`` holds the words all layouts share. Header
texts are compared after `normalise_label`, exactly. ``"开工·本月·面积"`` is a leaf header with the headers above it,
outermost first; ``"开工|开工情况·面积"`` stands for both spellings. What each key of a file means is said in `keys`;
README.md is made from there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.layouts import keys
from schemas.layouts.files import LayoutError, parse_file
from schemas.layouts.keys import CONTEXT_VALUES, HEADINGS, PERIOD_SOURCES, UNITS, VALUE_PLACES
from schemas.text import normalise_label

if TYPE_CHECKING:
    from schemas.forms.base import Form

__all__ = [
    "Block",
    "ColumnHeaders",
    "Common",
    "Items",
    "Layout",
    "LayoutError",
    "load_common",
    "load_layout",
    "load_layouts",
]

HeaderPath = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ColumnHeaders:
    """The headers of one canonical column, best first; ``unit`` is what its numbers are in when nothing else says.

    ``left`` and ``right`` name the columns beside it that have no header of their own.
    """

    column: str
    headers: tuple[HeaderPath, ...]
    unit: str | None = None
    left: str | None = None
    right: str | None = None


@dataclass(frozen=True, eq=False)
class Items:
    """A wide block: columns that repeat per item become one row per item.

    ``column`` takes the item's code. Where it is a column of the form itself, the items are the form's rows (F01);
    where it is a column of the form's sub-form, they are rows beside it (F06 → F07). ``groups`` are the headers of
    each code, ``columns`` the measures under (or above) them; ``unit_column`` takes the unit code found in the header.
    Instead of ``groups``, ``headings`` says that the headers are years or months, whose value goes into ``column``.
    """

    column: str
    groups: Mapping[str, tuple[str, ...]]
    columns: tuple[ColumnHeaders, ...]
    unit_column: str | None = None
    headings: str | None = None


@dataclass(frozen=True, eq=False)
class Block:
    """One of several tables side by side: its columns stand under ``under``; ``values`` are the same in all rows."""

    name: str
    under: tuple[str, ...]
    values: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Layout:
    """One way a form is laid out. The fields are the keys of the file (`keys.FILE` says what they mean).

    ``values`` is None for tables. ``rows`` are the patterns that make a line a row. ``sections_end``: a total row ends
    the section.
    """

    id: str
    form: str
    title: str
    header_rows: tuple[int, int]
    columns: tuple[ColumnHeaders, ...]
    fill_down: tuple[str, ...] = ()
    period: tuple[str, ...] = ()
    ignore_headers: frozenset[str] = frozenset()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    items: Items | None = None
    blocks: tuple[Block, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    sections: str | None = None
    sections_end: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    values: str | None = None
    rows: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    totals: tuple[str, ...] = ()
    stated_totals: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    drag_fill: Mapping[str, str] = field(default_factory=dict)

    @property
    def total_words(self) -> tuple[str, ...]:
        """The layout's own words of total rows, longest first."""
        return tuple(sorted((*self.totals, *self.stated_totals), key=len, reverse=True))


@dataclass(frozen=True, eq=False)
class Common:
    """Words that mean the same in every layout, normalised: totals, notes, sign-off, templates, labels above a table.

    ``labels`` maps a context value to the labels it stands behind (填报单位 …). ``versions`` are the version words of
    file names with their rank; ``supplements`` the words of a report that adds rows.
    """

    totals: tuple[str, ...]
    notes: tuple[str, ...]
    sign_off: tuple[str, ...]
    attachments: tuple[str, ...]
    template_words: tuple[str, ...]
    example_labels: frozenset[str]
    template_sheets: tuple[str, ...]
    numbering: frozenset[str]
    ignore_headers: frozenset[str]
    titles: tuple[str, ...]
    home_districts: tuple[str, ...]
    districts: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, int]
    supplements: tuple[str, ...]
    copies: tuple[str, ...]
    lock_prefix: str


def load_common(folder: Path) -> Common:
    """Read ``_common.toml``. Raises `LayoutError` where a list is missing."""
    path = folder / "_common.toml"
    document = parse_file(path)
    words = _table(path, document, "words")
    names = _table(path, document, "file_name")

    def listed(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        if key not in table:
            raise LayoutError(f"{path.name}: the list “{key}” is missing. Add it, empty if need be: {key} = []")
        return tuple(normalise_label(word) for word in _texts(path, key, table[key]))

    def longest_first(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return tuple(sorted(listed(table, key), key=len, reverse=True))

    labels = _table(path, document, "labels")
    return Common(
        totals=longest_first(words, "totals"),
        notes=longest_first(words, "notes"),
        sign_off=longest_first(words, "sign_off"),
        attachments=longest_first(words, "attachments"),
        template_words=longest_first(words, "template_words"),
        example_labels=frozenset(listed(words, "example_labels")),
        template_sheets=longest_first(words, "template_sheets"),
        numbering=frozenset(listed(words, "numbering")),
        ignore_headers=frozenset(listed(words, "ignore_headers")),
        titles=longest_first(words, "titles"),
        home_districts=longest_first(words, "home_districts"),
        districts=longest_first(words, "districts"),
        labels={key: longest_first(labels, key) for key in labels},
        versions={normalise_label(word): int(rank) for word, rank in _table(path, names, "versions").items()},
        supplements=longest_first(names, "supplements"),
        copies=longest_first(names, "copies"),
        lock_prefix=str(names.get("lock_prefix", "~$")),
    )


def load_layouts(folder: Path, forms: Mapping[str, "Form"]) -> tuple[Layout, ...]:
    """Read every layout of a folder, by file name. Raises `LayoutError` for the first that is wrong."""
    return tuple(load_layout(path, forms) for path in sorted(folder.glob("*.toml")) if not path.name.startswith("_"))


def load_layout(path: Path, forms: Mapping[str, "Form"]) -> Layout:
    """Read one layout and check it against its form. Raises `LayoutError`."""
    document = parse_file(path)
    _only_keys(path, document, keys.names(keys.FILE), "the file")
    form = _form_of(path, document, forms)
    _check_form(path, document)
    sections, sections_end = _sections(path, document, form)
    items = _items(path, document, form, forms)
    columns = _columns(path, _table(path, document, "columns"), set(form.column), f"form {form.code}")
    layout = Layout(
        id=path.stem,
        form=form.entity,
        title=str(document.get("title", form.title_zh)),
        header_rows=_header_rows(path, document.get("header_rows", [1, 4])),
        columns=columns,
        fill_down=_known(path, "fill_down", document.get("fill_down", []), form),
        period=_among(path, "period", document.get("period", list(PERIOD_SOURCES)), PERIOD_SOURCES),
        ignore_headers=frozenset(
            normalise_label(text) for text in _texts(path, "ignore_headers", document.get("ignore_headers", []))
        ),
        only=_only(path, document, form),
        items=items,
        blocks=_blocks(path, document, form),
        context=_context(path, document, form),
        splits=_splits(path, document, form),
        sections=sections,
        sections_end=sections_end,
        defaults=_defaults(path, document, form),
        values=_among(path, "values", [document["values"]], VALUE_PLACES)[0] if "values" in document else None,
        rows=_rows(path, document, form, forms),
        totals=_words(path, "totals", document),
        stated_totals=_words(path, "stated_totals", document),
        footnotes=_known(path, "footnotes", document.get("footnotes", []), form),
        drag_fill=_drag_fill(path, document, form),
    )
    _check_required(path, layout, form)
    _check_headers(path, layout)
    return layout


def _mapping(path: Path, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Give an entry of several names and values; none where it is not there."""
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise LayoutError(f"{path.name}: “{key}” must hold names and values, for example: {keys.example_of(key)}")
    return table


def _table(path: Path, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = document.get(key)
    if not isinstance(table, dict):
        raise LayoutError(f"{path.name}: the section [{key}] is missing. Add a line [{key}] and its entries below it.")
    return table


def _texts(path: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise LayoutError(f'{path.name}: “{key}” must be a list of texts, for example: {key} = ["序号", "编号"]')
    return tuple(value)


def _only_keys(path: Path, table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise LayoutError(
            f"{path.name}: {where} has the unknown entry “{unknown[0]}”. Known are: {', '.join(sorted(known))}."
        )


def _form_of(path: Path, document: Mapping[str, Any], forms: Mapping[str, "Form"]) -> "Form":
    entity = document.get("form")
    if isinstance(entity, str) and entity in forms:
        return forms[entity]
    known = ", ".join(f"{name} ({forms[name].code})" for name in sorted(forms, key=lambda name: forms[name].code))
    if entity is None:
        raise LayoutError(f'{path.name}: the entry “form” is missing. Write form = "…" with one of: {known}.')
    meant = next((name for name, form in forms.items() if form.code == entity), None)
    advice = f'Write form = "{meant}".' if meant is not None else f"Write one of: {known}."
    raise LayoutError(f"{path.name}: form = {entity!r} is no form. {advice}")


def _header_rows(path: Path, value: object) -> tuple[int, int]:
    match value:
        case [int(fewest), int(most)] if 1 <= fewest <= most <= 6:
            return fewest, most
        case _:
            raise LayoutError(
                f"{path.name}: header_rows = {value!r}. Write the fewest and the most header rows, 1 to 6, "
                "for example: header_rows = [1, 3]"
            )


def _header_paths(path: Path, column: str, text: str) -> list[HeaderPath]:
    parts = [[normalise_label(word) for word in part.split("|")] for part in text.split("·")]
    if not all(word for words in parts for word in words):
        raise LayoutError(
            f"{path.name}: the header “{text}” of {column} has an empty part. Write the headers from top to bottom "
            'with one · between them, for example "开工·本月·面积".'
        )
    return [tuple(spelt) for spelt in product(*parts)]


def _columns(
    path: Path, table: Mapping[str, Any], known: set[str], where: str, *, bare: bool = False
) -> tuple[ColumnHeaders, ...]:
    """Read the entries of [columns]. ``bare``: an entry may have no header."""
    found = []
    for column, entry in table.items():
        if column not in known:
            raise LayoutError(
                f"{path.name}: “{column}” is no column of {where}. Its columns are: {', '.join(sorted(known))}."
            )
        spelt = entry if isinstance(entry, dict) else {"headers": entry}
        _only_keys(path, spelt, keys.names(keys.COLUMN), f"column “{column}”")
        headers = _texts(path, column, spelt.get("headers", []))
        if not headers and not bare:
            raise LayoutError(f'{path.name}: column “{column}” has no header. Write at least one: {column} = ["…"]')
        if spelt.get("unit") is not None:
            _among(path, f"unit of “{column}”", [spelt["unit"]], UNITS)
        for side in ("left", "right"):
            if spelt.get(side, column) not in known:
                raise LayoutError(
                    f"{path.name}: {side} = {spelt[side]!r} of “{column}” is no column of {where}. "
                    f"Its columns are: {', '.join(sorted(known))}."
                )
        paths = dict.fromkeys(spelt_out for text in headers for spelt_out in _header_paths(path, column, text))
        found.append(ColumnHeaders(column, tuple(paths), spelt.get("unit"), spelt.get("left"), spelt.get("right")))
    return tuple(found)


def _items(path: Path, document: Mapping[str, Any], form: "Form", forms: Mapping[str, "Form"]) -> Items | None:
    if "items" not in document:
        return None
    table = _table(path, document, "items")
    _only_keys(path, table, keys.names(keys.ITEMS), "[items]")
    column = table.get("column")
    holder = form if column in form.column else forms.get(form.items or "")
    if holder is None or column not in holder.column:
        raise LayoutError(
            f"{path.name}: [items] column = {column!r} is neither a column of form {form.code} nor of its sub-form."
        )
    headings = _among(path, "items.headers", [table["headers"]], HEADINGS)[0] if "headers" in table else None
    if headings is not None and "groups" in table:
        raise LayoutError(
            f"{path.name}: [items] has both groups and headers. Keep groups where the items have names, "
            f'or headers = "{headings}" where they are {headings}s.'
        )
    groups = {
        code: tuple(normalise_label(text) for text in _texts(path, f"items.groups.{code}", words))
        for code, words in (_table(path, table, "groups") if headings is None else {}).items()
    }
    units = table.get("units", {}).get("column")
    if units is not None and units not in holder.column:
        raise LayoutError(f"{path.name}: [items] units.column = {units!r} is no column of form {holder.code}.")
    where = f"form {holder.code}"
    measures = _columns(path, _table(path, table, "columns"), set(holder.column), where, bare=headings is not None)
    return Items(str(column), groups, measures, units, headings)


def _blocks(path: Path, document: Mapping[str, Any], form: "Form") -> tuple[Block, ...]:
    blocks = []
    entries = document.get("blocks", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise LayoutError(f"{path.name}: each block begins with [[blocks]], in two brackets.")
    for entry in entries:
        _only_keys(path, entry, keys.names(keys.BLOCK), "[[blocks]]")
        values = {str(key): str(value) for key, value in entry.get("values", {}).items()}
        _known(path, "blocks.values", list(values), form)
        under = tuple(normalise_label(text) for text in _texts(path, "under", entry.get("under", [])))
        if not under:
            raise LayoutError(f'{path.name}: a [[blocks]] entry needs the header above its columns: under = ["2019"]')
        blocks.append(Block(str(entry.get("name", under[0])), under, values))
    return tuple(blocks)


def _only(path: Path, document: Mapping[str, Any], form: "Form") -> dict[str, tuple[str, ...]]:
    table = _mapping(path, document, "only")
    _known(path, "only", list(table), form)
    spelt = {column: _texts(path, column, words) for column, words in table.items()}
    return {column: tuple(normalise_label(word) for word in words) for column, words in spelt.items()}


def _context(path: Path, document: Mapping[str, Any], form: "Form") -> dict[str, str]:
    table = _mapping(path, document, "context")
    _known(path, "context", list(table), form)
    _among(path, "context", list(table.values()), CONTEXT_VALUES)
    return {column: str(value) for column, value in table.items()}


def _splits(path: Path, document: Mapping[str, Any], form: "Form") -> dict[str, str]:
    table = _mapping(path, document, "splits")
    _known(path, "splits", [*table.keys(), *table.values()], form)
    return {str(key): str(value) for key, value in table.items()}


def _defaults(path: Path, document: Mapping[str, Any], form: "Form") -> dict[str, str]:
    table = _mapping(path, document, "defaults")
    _known(path, "defaults", list(table), form)
    return {str(key): str(value) for key, value in table.items()}


def _check_form(path: Path, document: Mapping[str, Any]) -> None:
    """Refuse what only tables have in a key-value form."""
    odd = [key for key in ("header_rows", "items", "blocks", "sections", "rows", "totals") if key in document]
    if "values" in document and odd:
        raise LayoutError(
            f"{path.name}: {odd[0]} has no meaning in a key-value form (values = {document['values']!r}). "
            f"Take one of the two out."
        )


def _sections(path: Path, document: Mapping[str, Any], form: "Form") -> tuple[str | None, bool]:
    if "sections" not in document:
        return None, False
    spelt = document["sections"]
    table = spelt if isinstance(spelt, dict) else {"column": spelt}
    _only_keys(path, table, keys.names(keys.SECTIONS), "sections")
    (column,) = _known(path, "sections", [table.get("column", "")], form)
    return column, bool(table.get("end_at_total", False))


def _rows(
    path: Path, document: Mapping[str, Any], form: "Form", forms: Mapping[str, "Form"]
) -> dict[str, re.Pattern[str]]:
    table = _mapping(path, document, "rows")
    items = forms.get(form.items or "")
    known = {*form.column, *(items.column if items is not None else ())}
    found = {}
    for column, pattern in table.items():
        if column not in known:
            _known(path, "rows", [column], form)
        try:
            found[column] = re.compile(str(pattern), re.DOTALL)
        except re.error as error:
            raise LayoutError(
                f"{path.name}: rows.{column} = {pattern!r} is no pattern ({error}). "
                f'For example: rows = {{ {column} = "[A-Z]{{2}}[0-9]{{4}}" }}, or ".+" for anything.'
            ) from None
    return found


def _words(path: Path, key: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(normalise_label(text) for text in _texts(path, key, document.get(key, [])))


def _drag_fill(path: Path, document: Mapping[str, Any], form: "Form") -> dict[str, str]:
    table = _mapping(path, document, "drag_fill")
    _known(path, "drag_fill", [*table.keys(), *table.values()], form)
    for year in table.values():
        if form.column[year].kind != "year":
            raise LayoutError(f"{path.name}: drag_fill compares names with a year, and {year} is none.")
    return {str(name): str(year) for name, year in table.items()}


def _known(path: Path, key: str, names: object, form: "Form") -> tuple[str, ...]:
    found = _texts(path, key, names)
    for name in found:
        if name not in form.column:
            raise LayoutError(
                f"{path.name}: {key} names “{name}”, which is no column of form {form.code}. "
                f"Its columns are: {', '.join(sorted(form.column))}."
            )
    return found


def _among(path: Path, key: str, names: object, known: tuple[str, ...]) -> tuple[str, ...]:
    found = _texts(path, key, names)
    for name in found:
        if name not in known:
            raise LayoutError(f"{path.name}: {key} has “{name}”. It can be: {', '.join(known)}.")
    return found


def _check_required(path: Path, layout: Layout, form: "Form") -> None:
    given = {entry.column for entry in layout.columns} | set(layout.context) | set(layout.defaults)
    given |= {column for block in layout.blocks for column in block.values}
    given |= {side for entry in layout.columns for side in (entry.left, entry.right) if side is not None}
    given |= {layout.sections} if layout.sections is not None else set()
    if layout.items is not None:
        given |= {layout.items.column, *(entry.column for entry in layout.items.columns)}
    missing = [name for name in form.required if name not in given]
    if missing:
        label = form.column[missing[0]].label_zh
        raise LayoutError(
            f"{path.name}: form {form.code} needs {missing[0]} ({label}), and no header gives it. "
            f'Add it under [columns], for example: {missing[0]} = ["{label}"]'
        )


def _check_headers(path: Path, layout: Layout) -> None:
    seen: dict[HeaderPath, str] = {}
    for entry in layout.columns:
        for header in entry.headers:
            other = seen.setdefault(header, entry.column)
            if other != entry.column:
                raise LayoutError(
                    f"{path.name}: the header “{'·'.join(header)}” stands under {other} and under {entry.column}. "
                    "Keep it under one of them, or write the header above it too."
                )
