"""`xinyan diff`: every number that moved between two releases, and the reports that moved it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import schemas.forms
from flows.errors import UserError
from flows.home import Home
from flows.workers import PACKAGES
from warehouse import models, movements, reading
from warehouse import release as releasing
from warehouse.reading import Reader

_SHOWN = 3


def diff(home: Home, before: int, after: int, table: str | None = None) -> dict[str, Any]:
    """Facts about two kept releases: `differences` with the reports that moved each, and what these reports are.

    Raises `UserError` for a summary that is not there, `WarehouseError` for a release that is not kept.
    """
    earlier, later = sorted((before, after))
    chosen = models.load_models(PACKAGES)
    _require_known(table, chosen)
    wanted = chosen if table is None else [each for each in chosen if table in (each.name, each.table)]
    paths = [reading.released_path(home.releases, number) for number in (earlier, later)]
    with Reader(paths[0]) as old, Reader(paths[1]) as new:
        frames = {earlier: movements.figures(old.query, wanted), later: movements.figures(new.query, wanted)}
        found = movements.differences(frames[before], frames[after], wanted)
        moved = movements.moved_rows(new.query, schemas.forms.load(PACKAGES), _newest_instant(home, earlier))
        told = movements.attribute(found, chosen, moved)
        movers = {submission_id for each in told for submission_id in each.submissions}
        facts = movements.reports(new.query, movers)
    return {
        "before": before,
        "after": after,
        "differences": [each.as_facts() for each in told],
        "submissions": facts,
    }


def lines(told: Mapping[str, Any]) -> Iterable[str]:
    """The same for a person."""
    count = len(told["differences"])
    yield f"Release {told['before']} → {told['after']}: {_many(count, 'number')} moved."
    yield from difference_lines(told["differences"], told["submissions"])


def difference_lines(
    differences: Iterable[Mapping[str, Any]], submissions: Sequence[Mapping[str, Any]]
) -> Iterable[str]:
    """Each difference on a line, under its table, with the first of the files that moved it."""
    files = {each["submission_id"]: each["file"] for each in submissions}
    table = None
    for each in differences:
        if each["table"] != table:
            table = each["table"]
            yield table
        key = " ".join(f"{name}={value}" for name, value in each["key"].items())
        by = _by([files.get(one, one) for one in each["submissions"]])
        yield f"  {key}  {each['column']}: {figure(each['before'])} → {figure(each['after'])}{by}"


def figure(value: Any) -> str:
    """A value as the published number it is; a dash where there is none."""
    if value is None:
        return "–"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _by(files: Sequence[str]) -> str:
    names = list(dict.fromkeys(files))
    if not names:
        return ""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"  ({', '.join(names[:_SHOWN])}{more})"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _newest_instant(home: Home, number: int) -> dt.datetime | None:
    facts = next((each for each in releasing.releases(home.releases) if each.release_no == number), None)
    at = None if facts is None else facts.newest_instant
    return None if at is None else dt.datetime.fromisoformat(at)


def _require_known(table: str | None, chosen: Sequence[models.Model]) -> None:
    names = sorted(each.name for each in chosen if each.layer == "summary")
    if table is not None and table.removeprefix("summary.") not in names:
        raise UserError("--table", repr(table), f"one of: {', '.join(names)}", "Correct it and run again.")
