"""Reviewed decisions of `reference/`: aliases, read and checked line by line."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import polars as pl

from flows.errors import UserError
from flows.settings import ZONE
from schemas.codes import CodeList
from schemas.frames import ALIASES

_TABLE = "alias"
_KINDS = ("compound", "building", "organisation")
_FIELDS = ("kind", "written", "means", "who", "why", "known_from")


def aliases(path: Path, streets: CodeList) -> pl.DataFrame:
    """The reviewed aliases as an `ALIASES` frame. Raises `UserError` naming the entry that is wrong."""
    if not path.exists():
        return pl.DataFrame(schema=dict(ALIASES))
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"aliases {path}", f"not TOML ({error})", "entries such as the commented example") from None
    surplus = [name for name in written if name != _TABLE]
    if surplus:
        raise _wrong(f"aliases {path}", f"no such table: {', '.join(surplus)}", f"the only one there is, [[{_TABLE}]]")
    entries = written.get(_TABLE, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _wrong(f"aliases {path}", f"{_TABLE} is no list of tables", f"[[{_TABLE}]] before each entry")
    return pl.DataFrame(
        [_alias(entry, f"aliases {path}, entry {number}", streets) for number, entry in enumerate(entries, start=1)],
        schema=dict(ALIASES),
        orient="row",
    )


def _alias(entry: dict[str, Any], where: str, streets: CodeList) -> dict[str, Any]:
    missing = [name for name in _FIELDS if not entry.get(name)]
    if missing:
        raise _wrong(where, f"no {', '.join(missing)}", f"each of {', '.join(_FIELDS)}")
    if entry["kind"] not in _KINDS:
        raise _wrong(where, f"kind {entry['kind']!r}", f"one of {', '.join(_KINDS)}")
    street = entry.get("street")
    street_id = None if street is None else streets.find(street)
    if entry["kind"] != "organisation" and street_id is None:
        raise _wrong(where, f"street {street!r}", "a street of the code list, such as 花园路街道")
    known_from = entry["known_from"]
    if not isinstance(known_from, dt.datetime):
        raise _wrong(where, f"known_from {known_from!r}", "an instant such as 2013-05-20T00:00:00+08:00")
    return {
        "kind": entry["kind"],
        "street_id": street_id,
        "alias": entry["written"],
        "target": entry["means"],
        "known_from": known_from if known_from.tzinfo else known_from.replace(tzinfo=ZONE),
    }


def _wrong(where: str, found: str, expected: str) -> UserError:
    return UserError(where, found, expected, "Correct the entry and run again.")
