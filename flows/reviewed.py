"""Reviewed decisions of `reference/`: aliases, corrections and rulings, read and checked entry by entry.

Each frame has the columns of its schema, and `who` and `why`. What an entry says makes its key: another reason, or
another name under it, is the same decision still.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from flows.errors import UserError
from flows.settings import ZONE
from schemas.codes import CodeList
from schemas.forms import Catalogue, Form
from schemas.frames import ALIASES, CORRECTIONS, RULINGS
from transforms.versions import KINDS as VERSION_KINDS
from transforms.versions import RULINGS as RULED

SAID_BY = {"who": pl.String, "why": pl.String}

_KINDS = ("compound", "building", "organisation", "merge")
_ALIAS = ("kind", "street", "written", "buildings", "means", "who", "why", "known_from")
_REPORT = ("form", "filer", "street", "period")
_CORRECTION = ("file", *_REPORT, "sheet", "address", "row", "column", "expect", "value", "exclude")
_ALWAYS = ("who", "why", "known_from")
_SHA256 = re.compile(r"[0-9a-f]{8,64}")
_ADDRESS = re.compile(r"[A-Z]{1,3}[1-9]\d*")
_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")
_NEW_FIELDS = ("buildings",)
"""Fields that came later: an entry without them keeps the key it had."""

Entry = Mapping[str, Any]


def aliases(path: Path, streets: CodeList) -> pl.DataFrame:
    """The reviewed aliases as an `ALIASES` frame. Raises `UserError` naming the entry that is wrong."""
    return _read(path, "aliases", "alias", lambda entry, where: _alias(entry, where, streets), ALIASES)


def corrections(path: Path, catalogue: Catalogue) -> pl.DataFrame:
    """The reviewed corrections as a `CORRECTIONS` frame. Raises `UserError` naming the entry that is wrong."""
    return _read(
        path, "corrections", "correction", lambda entry, where: _correction(entry, where, catalogue), CORRECTIONS
    )


def rulings(path: Path) -> pl.DataFrame:
    """The reviewed rulings as a `RULINGS` frame. Raises `UserError` naming the entry that is wrong."""
    return _read(path, "rulings", "ruling", _ruling, RULINGS)


def _ruling(entry: Entry, where: str) -> dict[str, Any]:
    needed = ("file", "kind", "expect")
    _require(entry, where, (*needed, *_ALWAYS), (*needed, *_ALWAYS))
    if not _SHA256.fullmatch(entry["file"]):
        raise _wrong(where, f"file {entry['file']!r}", "the sha256 of the file, or its first 8 or more digits")
    for name, known in (("kind", RULED), ("expect", VERSION_KINDS)):
        if entry[name] not in known:
            raise _wrong(where, f"{name} {entry[name]!r}", f"one of {', '.join(known)}")
    return {name: entry[name] for name in needed}


def _read(
    path: Path, name: str, table: str, parse: Callable[[Entry, str], dict[str, Any]], schema: Mapping[str, Any]
) -> pl.DataFrame:
    wanted = {**schema, **SAID_BY}
    if not path.exists():
        return pl.DataFrame(schema=wanted)
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"{name} {path}", f"not TOML ({error})", "entries such as the commented example") from None
    surplus = [each for each in written if each != table]
    if surplus:
        raise _wrong(f"{name} {path}", f"no such table: {', '.join(surplus)}", f"the only one there is, [[{table}]]")
    entries = written.get(table, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _wrong(f"{name} {path}", f"{table} is no list of tables", f"[[{table}]] before each entry")
    rows: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(entries, start=1):
        where = f"{name} {path}, entry {number}"
        said = parse(entry, where) | {"known_from": _instant(entry["known_from"], where)}
        row = said | {"key": _key(said), "who": entry["who"], "why": entry["why"]}
        if row["key"] in rows:
            raise _wrong(where, "the same as an entry before it", "each decision once")
        rows[row["key"]] = row
    return pl.DataFrame(list(rows.values()), schema=wanted, orient="row")


def _require(entry: Entry, where: str, needed: tuple[str, ...], known: tuple[str, ...]) -> None:
    missing = [name for name in needed if not entry.get(name)]
    if missing:
        raise _wrong(where, f"no {', '.join(missing)}", f"each of {', '.join(needed)}")
    surplus = [name for name in entry if name not in known]
    if surplus:
        raise _wrong(where, f"no such field: {', '.join(surplus)}", f"some of {', '.join(known)}")
    for name in known:
        text = entry.get(name)
        if name not in ("known_from", "row", "exclude") and text is not None and not isinstance(text, str):
            raise _wrong(where, f"{name} = {text!r}", f'a text in quotes, as in {name} = "…"')


def _alias(entry: Entry, where: str, streets: CodeList) -> dict[str, Any]:
    _require(entry, where, ("kind", "written", "means", *_ALWAYS), _ALIAS)
    if entry["kind"] not in _KINDS:
        raise _wrong(where, f"kind {entry['kind']!r}", f"one of {', '.join(_KINDS)}")
    street_id = _street(entry, where, streets)
    if entry["kind"] != "organisation" and street_id is None:
        raise _wrong(where, "no street", "a street of the code list, such as 花园路街道")
    if entry.get("buildings") and entry["kind"] != "compound":
        raise _wrong(where, f"buildings of a {entry['kind']}", "buildings only where kind is compound")
    return {
        "kind": entry["kind"],
        "street_id": street_id,
        "alias": entry["written"],
        "target": entry["means"],
        "buildings": entry.get("buildings"),
    }


def _correction(entry: Entry, where: str, catalogue: Catalogue) -> dict[str, Any]:
    _require(entry, where, _ALWAYS, (*_CORRECTION, *_ALWAYS))
    if "expect" not in entry:
        raise _wrong(where, "no expect", 'the text that stands there now, as in expect = "10145.71" (empty for none)')
    form = _form(entry, where, catalogue)
    _require_place(entry, where)
    if form is not None:
        _require_one_report(form, entry, where)
    excluded = entry.get("exclude", False)
    if not isinstance(excluded, bool) or excluded == ("value" in entry):
        raise _wrong(
            where, "both or neither of value and exclude", 'value = "…" (empty for no value) or exclude = true'
        )
    row = entry.get("row")
    if row is not None and (not isinstance(row, dict) or not all(isinstance(text, str) for text in row.values())):
        raise _wrong(where, f"row = {row!r}", 'columns and their texts, as in row = { building_no = "3号楼" }')
    for name in (*(row or ()), *([entry["column"]] if "column" in entry else [])):
        _require_column(name, where, form, catalogue)
    return {
        "file": entry.get("file"),
        "form_code": form.code if form is not None else None,
        "filer": entry.get("filer"),
        "street_id": _street(entry, where, catalogue.codes["streets"]),
        "period": entry.get("period"),
        "sheet": entry.get("sheet"),
        "address": entry.get("address"),
        "row_cells": [{"column_name": name, "written": text} for name, text in sorted(row.items())] if row else None,
        "column_name": entry.get("column"),
        "expect": entry["expect"],
        "value": entry.get("value") or None,
        "is_excluded": excluded,
    }


def _require_place(entry: Entry, where: str) -> None:
    """A file or a report, and in it a cell or a row and a column."""
    file, period = entry.get("file"), entry.get("period")
    if (file is None) == (entry.get("form") is None):
        raise _wrong(where, "both or neither of file and form", 'file = "sha256", or form with filer, street, period')
    if file is not None and not _SHA256.fullmatch(file):
        raise _wrong(where, f"file {file!r}", "the sha256 of the file, or its first 8 or more digits")
    if file is not None and any(name in entry for name in _REPORT):
        raise _wrong(where, "a file and what report it is", "one of the two")
    if period is not None and not _PERIOD.fullmatch(period):
        raise _wrong(where, f"period {period!r}", "a month such as 2013-10 or a year such as 2013")
    address = entry.get("address")
    if (address is None) == (entry.get("row") is None or entry.get("column") is None):
        raise _wrong(
            where, "both or neither of address and row with column", "a cell such as N17, or a row and a column"
        )
    if address is not None and ("row" in entry or "column" in entry):
        raise _wrong(where, "a cell and a row or column", "one of the two")
    if address is not None and not _ADDRESS.fullmatch(address):
        raise _wrong(where, f"address {address!r}", "a cell such as N17")


def _require_one_report(form: Form, entry: Entry, where: str) -> None:
    """A correction is about one report, in whatever version: what makes it one must be said."""
    needed = [
        name
        for name, makes_one in (
            ("filer", "filer" in form.report_key and form.filer_kind in ("contractor", "any")),
            ("street", "street" in form.report_key and form.street_required),
            ("period", "period" in form.report_key and form.period_required),
        )
        if makes_one and not entry.get(name)
    ]
    if needed:
        raise _wrong(where, f"form {form.code} without {', '.join(needed)}", "what makes it one report")


def _form(entry: Entry, where: str, catalogue: Catalogue) -> Form | None:
    code = entry.get("form")
    if code is None:
        return None
    found = [form for form in catalogue.forms.values() if code in (form.code, form.entity)]
    if not found:
        known = ", ".join(sorted(form.code for form in catalogue.forms.values()))
        raise _wrong(where, f"form {code!r}", f"one of {known}")
    return found[0]


def _require_column(name: str, where: str, form: Form | None, catalogue: Catalogue) -> None:
    forms = [form] if form is not None else list(catalogue.forms.values())
    known = {column.name for each in forms for column in each.open_columns}
    if name not in known:
        listed = ", ".join(sorted(known)) if form is not None else "a column of a form"
        raise _wrong(where, f"column {name!r}", listed if form is None else f"one of {listed}")


def _street(entry: Entry, where: str, streets: CodeList) -> str | None:
    street = entry.get("street")
    street_id = None if street is None else streets.find(street)
    if street is not None and street_id is None:
        raise _wrong(where, f"street {street!r}", "a street of the code list, such as 花园路街道")
    return street_id


def _instant(known_from: object, where: str) -> dt.datetime:
    if not isinstance(known_from, dt.datetime):
        raise _wrong(where, f"known_from {known_from!r}", "an instant such as 2013-05-20T00:00:00+08:00")
    return (known_from if known_from.tzinfo else known_from.replace(tzinfo=ZONE)).astimezone(dt.UTC)


def _key(said: Entry) -> str:
    kept = {name: value for name, value in said.items() if value is not None or name not in _NEW_FIELDS}
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _wrong(where: str, found: str, expected: str) -> UserError:
    return UserError(where, found, expected, "Correct the entry and run again.")
