"""Layouts of a home: those somebody saved in reference/layouts count beside the program's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import schemas.forms
from flows import intake, workers
from flows.errors import UserError
from flows.home import Home, write_whole
from flows.workers import Read
from schemas.layouts import LayoutError
from warehouse.masking import Masker


def packages_of(home: Home, packages: tuple[str, ...]) -> tuple[str, ...]:
    """Give the packages with the home's layouts among them. Raises `UserError` for a layout that cannot be used."""
    entry = schemas.forms.folder_entry(home.layouts)
    chosen = packages if entry is None or entry in packages else (*packages, entry)
    try:
        schemas.forms.load(chosen)
    except LayoutError as error:
        raise UserError(
            f"{home.layouts}",
            str(error),
            "layouts that can be read",
            "Correct the file or take it away, and run again.",
        ) from None
    return chosen


def digest_of(packages: tuple[str, ...]) -> str:
    """Sixteen hex digits that change with any layout in force."""
    return schemas.forms.layouts_digest(packages)


def changed(home: Home, packages: tuple[str, ...]) -> bool:
    """Whether the layouts are others than when a night last ended."""
    return _recorded(home) != digest_of(packages)


def record(home: Home, packages: tuple[str, ...], at: dt.datetime) -> None:
    """Write down which layouts a night read with, where they are others than before."""
    digest = digest_of(packages)
    if _recorded(home) != digest:
        intake.record_decision(home, "layouts", at, digest=digest)


def _recorded(home: Home) -> object:
    return next((each["digest"] for each in reversed(intake.decisions(home)) if each["kind"] == "layouts"), None)


def propose(home: Home, reads: Sequence[Read], masker: Masker) -> list[Path]:
    """Write a layout for each sheet whose headers changed into reports/proposals; nothing is read with it.

    Persons in its headers are hidden: no layout needs them.
    """
    written = []
    for read in reads:
        drifts = workers.load_drifts(read.path) if read.path is not None else ()
        for number, drift in enumerate(drifts, start=1):
            home.proposals.mkdir(exist_ok=True)
            path = home.proposals / f"{drift.form_code}_{read.file_id[:8]}_{number}.toml"
            write_whole(path, masker.text(drift.toml))
            written.append(path)
    return written
