"""Which reviewed decisions count, and from when: the files of `reference/` beside the log of the archive.

A decision counts from the instant it names, or from the run that first sees it where something stands at that instant
already; one taken out of its file counts until the run that misses it. The log (`archive/decisions.jsonl`) says so
entry by entry: `alias`, `alias removed`, `correction`, `correction removed`, each with its known_from, its key and what
it says, so that the same can be worked out again from archive and reference elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from flows import intake, playing, reviewed
from flows.home import Home
from schemas import frames
from schemas.forms import Catalogue

_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "alias": frames.ALIASES,
    "correction": frames.CORRECTIONS,
    "ruling": frames.RULINGS,
}
KINDS = tuple(_SCHEMAS)
UNDONE = {"alias": "aliases", "correction": "corrections", "ruling": "rulings"}
"""Under which name an undo lists the keys it withdrew."""


@dataclass(frozen=True)
class Decided:
    """The decisions as they count: `ALIASES`, `CORRECTIONS`, `RULINGS`, with `who`, `why`, `is_new` and `known_to`.

    `is_new`: this run is the first to count it. `known_to`: until when it counts, where it was taken out of its file;
    `removed` are those, by kind and key; they count no more from `removed_at`.
    """

    aliases: pl.DataFrame
    corrections: pl.DataFrame
    rulings: pl.DataFrame
    removed: tuple[tuple[str, str], ...] = ()
    removed_at: dt.datetime | None = None

    def of(self, kind: str) -> pl.DataFrame:
        """The decisions of one kind."""
        found: pl.DataFrame = getattr(self, UNDONE[kind])
        return found

    def with_kind(self, kind: str, frame: pl.DataFrame) -> Decided:
        """The same, with other decisions of one kind."""
        return replace(self, **{UNDONE[kind]: frame})

    def from_instant(self, at: dt.datetime) -> Decided:
        """The same, with what is new counting from `at`; one of a later day is not new yet."""
        moved = self
        for kind in _SCHEMAS:
            due = pl.col("is_new") & (pl.col("known_from") <= at)
            instant = pl.when(due).then(pl.lit(at).cast(frames.INSTANT)).otherwise("known_from")
            moved = moved.with_kind(kind, self.of(kind).with_columns(known_from=instant, is_new=due))
        return moved

    def settled(self) -> Decided:
        """The same, with nothing new: what begins or ends in this run was heard."""
        heard = replace(self, removed=(), removed_at=None)
        for kind in _SCHEMAS:
            heard = heard.with_kind(kind, self.of(kind).with_columns(is_new=pl.lit(False)))
        return heard

    @property
    def change(self) -> bool:
        """Whether any begins or ends in this run."""
        return bool(self.removed) or any(self.of(kind)["is_new"].any() for kind in _SCHEMAS)

    @property
    def instants(self) -> set[dt.datetime]:
        """From when what is new counts, and from when what was taken out counts no more."""
        new = {at for kind in _SCHEMAS for at in self.of(kind).filter("is_new")["known_from"]}
        return new | ({self.removed_at} if self.removed and self.removed_at is not None else set())

    def new(self) -> list[dict[str, Any]]:
        """What is to be written down of each new one: kind, key, known_from, who, why and what it says."""
        return [
            {
                "kind": kind,
                "key": row["key"],
                "known_from": row["known_from"],
                "who": row["who"],
                "why": row["why"],
                "says": {name: row[name] for name in schema if name not in ("key", "known_from")},
            }
            for kind, schema in _SCHEMAS.items()
            for row in self.of(kind).filter("is_new").iter_rows(named=True)
        ]

    def told(self) -> list[dict[str, Any]]:
        """What is to be written down of a run: what is new, and what counts no more."""
        ended = [{"kind": f"{kind} removed", "key": key, "known_from": self.removed_at} for kind, key in self.removed]
        return [*self.new(), *ended]

    def counting(self, kind: str, at: dt.datetime) -> pl.DataFrame:
        """Those of one kind that count at an instant."""
        counts = (pl.col("known_from") <= at) & (pl.col("known_to").is_null() | (pl.col("known_to") > at))
        return self.of(kind).filter(counts).select(list(_SCHEMAS[kind]))


def decide(
    home: Home,
    catalogue: Catalogue,
    started_at: dt.datetime,
    standing: dt.datetime | None,
    horizon: dt.datetime,
    *,
    again: bool = False,
) -> Decided:
    """Work out which decisions count.

    One of an instant after `horizon` is not due yet. One that an undo withdrew counts no more, until it is written
    differently or a backfill takes it up `again`. In an empty warehouse (`standing` None) all are new, at the instants
    they always counted from.
    """
    written = {
        "alias": reviewed.aliases(home.aliases_file, catalogue.codes["streets"]),
        "correction": reviewed.corrections(home.corrections_file, catalogue),
        "ruling": reviewed.rulings(home.rulings_file),
    }
    entries = intake.decisions(home)
    removed_at = playing.instant_of(started_at, started_at, standing)
    counted: dict[str, pl.DataFrame] = {}
    removed: list[tuple[str, str]] = []
    for kind, frame in written.items():
        seen, withdrawn, says = _log(entries, kind)
        here = frame if again else frame.filter(~pl.col("key").is_in(withdrawn))
        known_from = [
            seen.get(row["key"]) or playing.instant_of(row["known_from"], started_at, standing)
            for row in here.iter_rows(named=True)
        ]
        is_new = [
            at <= horizon and (standing is None or key not in seen)
            for key, at in zip(here["key"], known_from, strict=True)
        ]
        here = here.with_columns(
            pl.Series("known_from", known_from, dtype=frames.INSTANT),
            pl.Series("is_new", is_new, dtype=pl.Boolean),
            pl.lit(None, dtype=frames.INSTANT).alias("known_to"),
        )
        gone = [key for key in seen if key not in here["key"]]
        removed += [(kind, key) for key in gone]
        # An empty warehouse is made from what is written now.
        ended = [
            {**says[key], "key": key, "known_from": seen[key], "is_new": False, "known_to": removed_at}
            for key in (gone if standing is not None else ())
            if key in says
        ]
        counted[kind] = pl.concat([here, pl.DataFrame(ended, schema=here.schema, orient="row")])
    return Decided(counted["alias"], counted["correction"], counted["ruling"], tuple(removed), removed_at)


def of_log(
    entries: Iterable[Mapping[str, Any]], removed: Iterable[tuple[str, str]], removed_at: dt.datetime | None
) -> Decided:
    """The decisions that some entries of the log tell of, each with `is_new` and perhaps `known_to` beside it."""
    counted = {}
    for kind, schema in _SCHEMAS.items():
        rows = [
            {
                **(entry.get("says") or {}),
                **{name: entry.get(name) for name in ("key", *reviewed.SAID_BY)},
                "is_new": entry["is_new"],
                **{name: _instant(entry.get(name)) for name in ("known_from", "known_to")},
            }
            for entry in entries
            if entry["kind"] == kind
        ]
        wanted = {**schema, **reviewed.SAID_BY, "is_new": pl.Boolean, "known_to": frames.INSTANT}
        counted[kind] = pl.DataFrame(rows, schema=wanted, orient="row")
    return Decided(counted["alias"], counted["correction"], counted["ruling"], tuple(removed), removed_at)


def _instant(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def _log(
    entries: Iterable[Mapping[str, Any]], kind: str
) -> tuple[dict[str, dt.datetime], list[str], dict[str, dict[str, Any]]]:
    """Of one kind: the keys that count and from when, those an undo withdrew, and what each says."""
    seen: dict[str, dt.datetime] = {}
    withdrawn: set[str] = set()
    says: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry["kind"] == kind:
            seen[entry["key"]] = dt.datetime.fromisoformat(entry["known_from"])
            withdrawn.discard(entry["key"])
            said = {name: entry.get(name) for name in reviewed.SAID_BY}
            says[entry["key"]] = (entry.get("says") or {}) | said
        elif entry["kind"] == f"{kind} removed":
            seen.pop(entry["key"], None)
        elif entry["kind"] == "undo":
            for key in entry.get(UNDONE[kind], ()):
                seen.pop(key, None)
                withdrawn.add(key)
    return seen, sorted(withdrawn), says


def record(home: Home, told: Iterable[Mapping[str, Any]]) -> None:
    """Write down from when each new decision counts, and from when those taken out of their file count no more.

    What the log says already (of a night that died in between, or a warehouse made again) is not said twice.
    """
    written = {(entry["kind"], entry.get("key"), entry["known_from"]) for entry in intake.decisions(home)}
    for said in told:
        if (said["kind"], said["key"], dt.datetime.fromisoformat(str(said["known_from"])).isoformat()) not in written:
            write(home, said)


def write(home: Home, said: Mapping[str, Any]) -> None:
    """Write one decision into the log, as `Decided.told` tells it; known_from may be a text."""
    at = said["known_from"]
    facts = {name: said[name] for name in ("key", "who", "why", "says") if name in said}
    intake.record_decision(home, said["kind"], dt.datetime.fromisoformat(str(at)), **facts)
