"""Names of persons: kept in the archive beside the originals they stand in, and hidden wherever a text leaves the home.

One line per file, written before what was read of the file is staged, so that nothing can be published whose names are
not known. A line that a crash cut off is no line: its file is read again before the next release.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from flows.home import PRIVATE_FILE, Home
from schemas.forms import Catalogue
from schemas.persons import without_own_words
from schemas.text import normalise_label
from warehouse import Warehouse, faults
from warehouse.masking import Masker

_OFFICIAL = ("compound_name", "compound_alias", "street", "community", "full_name", "short_names")
"""Columns of the register and the directory that name places and firms: the same whole text names no person."""


def known(home: Home) -> dict[str, frozenset[str]]:
    """Give the names by file id, as far as files were read."""
    found: dict[str, frozenset[str]] = {}
    if not home.names_file.exists():
        return found
    for line in home.names_file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            said = json.loads(line)
            found[said["file_id"]] = found.get(said["file_id"], frozenset()) | frozenset(said["names"])
        except (ValueError, KeyError, TypeError):  # cut off by a crash
            continue
    return found


def remember(home: Home, file_id: str, names: Iterable[str]) -> None:
    """Keep the names of one file, durably. Only the owner of the home can read the list."""
    line = json.dumps({"file_id": file_id, "names": sorted(names)}, ensure_ascii=False)
    faults.passing("names.keeping")
    descriptor = os.open(home.names_file, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
    with os.fdopen(descriptor, "a+b") as file:
        end = file.seek(0, os.SEEK_END)
        if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
            file.write(b"\n")
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    faults.passing("names.kept")


def masker(home: Home, warehouse: Warehouse) -> Masker:
    """Give what hides every person the home knows of, and phones and numbers of any.

    A text that names a place or a firm of the register slipped into a column of names, or the word is printed by this
    project itself: neither is hidden.
    """
    names = {name for each in known(home).values() for name in each}
    return Masker(without_own_words(names, warehouse.catalogue) - _official_names(warehouse, warehouse.catalogue))


def _official_names(warehouse: Warehouse, catalogue: Catalogue) -> set[str]:
    asked = []
    for form in catalogue.forms.values():
        if form.defines not in ("compound", "organisation"):
            continue
        for name in _OFFICIAL:
            if name in form.column:
                value = f"unnest({name})" if form.column[name].kind == "list" else name
                asked.append(f"select {value} as name from core.{form.entity}")
    if not asked:
        return set()
    found = warehouse.frame(f"select distinct name from ({' union all '.join(asked)}) where name is not null")
    return {spelt for name in found["name"] for spelt in (name, normalise_label(name))}
