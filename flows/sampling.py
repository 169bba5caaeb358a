"""`xinyan sample`: the workbooks of a programme year, written where senders would have dropped them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from flows.errors import UserError
from flows.home import Home
from transforms.sample import make_year


def write(
    inbox: Path, year: int, seed: int, scale: int, faulty: bool, progress: Callable[[int, int], None]
) -> dict[str, int]:
    """Write the sample year below `inbox`; files that hold the same bytes already are left as they are."""
    try:
        files = make_year(year, seed, scale, "all" if faulty else "none")
    except ValueError as error:
        raise UserError("sample", str(error), "", "Correct it and run again.") from None
    for number, file in enumerate(files, start=1):
        target = inbox / file.path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not (target.exists() and target.read_bytes() == file.data):
                target.write_bytes(file.data)
        except OSError as error:
            raise UserError(
                f"inbox {inbox}",
                f"{file.path} cannot be written ({error.strerror})",
                "a folder this account may write, with room",
                "Name another folder.",
            ) from None
        progress(number, len(files))
    return {"files": len(files), "faults_injected": len(files.ledger)}


def mark(home: Home, year: int, seed: int, scale: int) -> None:
    """Say in the home that its inbox holds invented data, so that its reports can say so too."""
    said = {"written_by": "xinyan sample", "year": year, "seed": seed, "scale": scale}
    home.sample_mark.write_text(json.dumps(said) + "\n", encoding="utf-8")
