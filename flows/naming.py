"""`xinyan names`: the names nobody knows, how many rows wait for each, and the alias to paste where one is meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flows.settings import ZONE
from transforms.split import Unknown, read_unknown
from warehouse.reading import Reader

_WAITING = """
    select waiting.found, waiting.suggestion, street.street_name, count(distinct waiting.row_id) as rows,
        min(waiting.known_from) as since, arg_min(file.path, file.path) as file,
        arg_min(waiting.sheet_name, file.path) as sheet, arg_min(waiting.address, file.path) as address
    from ops.quarantine as waiting
    join ops.submissions as report using (submission_id)
    join ops.files as file on file.file_id = report.file_id
    left join core.street_names as street on street.street_id = report.street_id
    where waiting.code = 'E17' and waiting.known_to is null
    group by all order by rows desc, waiting.found, street.street_name
"""


def unknown_names(release: Path) -> list[dict[str, Any]]:
    """Every unknown name of the newest release, those most rows wait for first, with what it may mean."""
    with Reader(release) as reader:
        waiting = reader.query(_WAITING).to_dicts()
    return [
        {"kind": unknown.kind, "written": _written(unknown), "street": row["street_name"], "rows": row["rows"]}
        | {"alike": list(unknown.alike), "file": row["file"], "sheet": row["sheet"], "address": row["address"]}
        | {"since": row["since"], "alias": _alias(unknown, row["street_name"], row["since"])}
        for row in waiting
        if (unknown := read_unknown(row["found"], row["suggestion"])) is not None
    ]


def _written(unknown: Unknown) -> str:
    return f"{unknown.place}:{unknown.written}" if unknown.kind == "building" else unknown.written


def _alias(unknown: Unknown, street: str | None, since: dt.datetime) -> str:
    """An entry to paste; who and why must be filled in before a night takes it."""
    means, *others = unknown.alike or ("",)
    note = f"  # or: {'、'.join(others)}" if others else "" if means else "  # nothing looks like it"
    lines = [
        "[[alias]]",
        f'kind = "{unknown.kind}"',
        *([f'street = "{street}"'] if unknown.kind != "organisation" else []),
        f'written = "{_written(unknown)}"',
        f'means = "{means}"{note}',
        'who = ""',
        'why = ""',
        f"known_from = {since.astimezone(ZONE).isoformat(timespec='seconds')}",
    ]
    return "\n".join(lines)


def lines(names: list[dict[str, Any]]) -> Iterable[str]:
    """The same for a person, as TOML to paste: what is known of each name stands in comments."""
    if not names:
        yield "# Every name is known."
        return
    yield "# Decide, fill in who and why, and paste what is right into reference/aliases.toml. Likeness is no proof."
    for name in names:
        place = " ".join(part for part in (name["file"], name["sheet"], name["address"]) if part)
        yield ""
        yield f"# {name['rows']} {'row waits' if name['rows'] == 1 else 'rows wait'}, such as {place}"
        yield name["alias"]
