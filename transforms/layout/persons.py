"""Persons told apart without being named: what names them is read here, hashed with the home's key, and let go of."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from schemas.forms import Keyed
from transforms.layout.grid import Grid, Place
from transforms.layout.tables import TypedBlock, cells_of
from transforms.layout.typing import Fault, read_text, type_column
from transforms.names import normalise_text
from transforms.workbook import a1

_DIGITS = 16


def note_persons(typed: TypedBlock, grid: Grid) -> None:
    """Note what identifies the person of each row; a row that leaves out a personal part of it is at fault (E40).

    The texts stay in the reading: `keyed_hash` takes their place when rows are made.
    """
    keyed = typed.block.form.keyed
    if keyed is None:
        return
    parts = [_read_part(typed, grid, name) for name in keyed.parts]
    for name, (texts, places) in zip(keyed.parts, parts, strict=True):
        column = typed.block.form.column[name]
        if column.sensitivity != "personal":
            continue
        for position, text in enumerate(texts):
            if text is None:
                place = places[position] or _own_place(typed, name, position)
                address = None if place is None else a1(*place)
                label = column.label_zh
                fault = Fault("E40", "Q", name, address, f"“{label}”为空", f"应填写{label}")
                typed.faults.setdefault(position, []).append(fault)
    typed.persons = [_joined(texts) for texts in zip(*(texts for texts, _ in parts), strict=True)]


def keyed_hash(identity: str | None, keyed: Keyed, secret: bytes) -> str | None:
    """Give the hash that stands for an identity: 16 hex digits of HMAC-SHA256."""
    if identity is None:
        return None
    return hmac.digest(secret, f"{keyed.into}\x1f{identity}".encode(), "sha256").hex()[:_DIGITS]


def _read_part(typed: TypedBlock, grid: Grid, name: str) -> tuple[Sequence[str | None], Sequence[Place | None]]:
    """Read one part in every row: a personal column from its cells, any other as it was typed already."""
    column = typed.block.form.column[name]
    nowhere: list[Place | None] = [None] * len(typed.rows)
    if column.sensitivity != "personal":
        return [typed.value(name, position) for position in range(len(typed.rows))], nowhere
    if typed.given is not None or name not in typed.block.plain:
        return [None] * len(typed.rows), nowhere
    cells = cells_of(typed, grid, name)
    return type_column(grid, column, cells, read_text, frozenset()).values, cells.places


def _own_place(typed: TypedBlock, name: str, position: int) -> Place | None:
    located = typed.block.plain.get(name)
    return None if located is None or typed.given is not None else (typed.rows[position], located.col)


def _joined(texts: Sequence[str | None]) -> str | None:
    """Write what identifies a person in one comparable text; None where a part is missing."""
    parts = [normalise_text(text) for text in texts if text is not None]
    return "\x1f".join(parts) if len(parts) == len(texts) and all(parts) else None
