"""Playing the received days: what was landed is judged instant by instant, and what changes is booked.

The night plays the days in order, and within a day the versions of a report one after the other (waves), so that
loading a year at once and night by night end the same. Nothing is written here before the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from schemas import frames
from schemas.forms import Catalogue
from transforms import identity
from transforms.calendar import Calendar
from transforms.names import OrganisationNames, normalise_organisation, organisation_names
from transforms.split import Memory, World, judge
from warehouse.history import Book

_DIRECTORY = {"org_id": pl.String, "full_name": pl.String, "short_names": pl.List(pl.String)}


@dataclass(frozen=True)
class Landed:
    """Everything landed, whenever: reports (`LANDED_SUBMISSIONS`), their rows by entity, and their columns."""

    submissions: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    columns: pl.DataFrame


@dataclass(frozen=True)
class Wave:
    """Reports that become known together: at one instant, each the next version of its report."""

    at: dt.datetime
    submission_ids: tuple[str, ...]


def instant_of(received_at: dt.datetime, started_at: dt.datetime, standing: dt.datetime | None) -> dt.datetime:
    """When something received becomes known.

    That is when it was received; where something stands at that instant or later already, it is now (the start of this
    run), and later than what stands: a file that turns up late does not rewrite what was published. In UTC.
    """
    at = received_at
    if standing is not None and received_at <= standing:
        at = max(started_at, standing + dt.timedelta(microseconds=1))
    return at.astimezone(dt.UTC)


def waves(landed: Landed, new: Sequence[str], catalogue: Catalogue, aliases: pl.DataFrame) -> Iterator[Wave]:
    """The waves of the new reports, in order of instant, received day and version. Refused reports make no wave."""
    fresh = landed.submissions.filter(pl.col("submission_id").is_in(list(new)) & (pl.col("outcome") == "read"))
    if fresh.is_empty():
        return
    numbered = identity.waves(fresh, catalogue, _organisations(landed, catalogue, aliases))
    placed = fresh.select("submission_id", "known_from").join(numbered, on="submission_id", how="inner")
    order = ["known_from", "received_day", "wave"]
    for (at, _, _), reports in placed.sort(*order, "submission_id").group_by(order, maintain_order=True):
        assert isinstance(at, dt.datetime)
        yield Wave(at, tuple(reports["submission_id"]))


def play(
    book: Book,
    landed: Landed,
    new: Sequence[str],
    catalogue: Catalogue,
    aliases: pl.DataFrame,
    calendar: Calendar,
    removed_at: dt.datetime | None = None,
) -> int:
    """Judge every wave of the new reports, and every instant from which a new alias counts; book what changes.

    Where aliases were taken out of the file, `removed_at` is the instant from which they count no more.
    Returns how often was judged.
    """
    known = set(landed.submissions["submission_id"]) - set(new)
    decided = {*aliases.filter("is_new")["known_from"], *(() if removed_at is None else (removed_at,))}
    written = aliases.filter(pl.col("known_to").is_null())
    coming = waves(landed, new, catalogue, written)
    moments = sorted([*(Wave(at, ()) for at in decided), *coming], key=lambda wave: wave.at)
    memory = Memory()
    for wave in moments:
        known.update(wave.submission_ids)
        settle(book, _part(landed, known), catalogue, aliases, calendar, wave.at, memory)
    return len(moments)


def settle(
    book: Book,
    landed: Landed,
    catalogue: Catalogue,
    aliases: pl.DataFrame,
    calendar: Calendar,
    at: dt.datetime,
    memory: Memory | None = None,
) -> None:
    """Judge what is landed as of one instant, and book what changes; `memory` goes from one instant to the next."""
    counts = (pl.col("known_from") <= at) & (pl.col("known_to").is_null() | (pl.col("known_to") > at))
    reviewed = aliases.filter(counts).select(list(frames.ALIASES))
    world = World(
        catalogue=catalogue,
        submissions=landed.submissions,
        rows=landed.rows,
        columns=landed.columns,
        aliases=reviewed,
        calendar=calendar,
    )
    verdicts = judge(world, at, memory)
    book.play(verdicts.accepted, verdicts.quarantined, verdicts.findings, verdicts.submissions, at)


def _part(landed: Landed, submission_ids: set[str]) -> Landed:
    chosen = pl.Series(sorted(submission_ids), dtype=pl.String).implode()
    among = pl.col("submission_id").is_in(chosen)
    return replace(
        landed,
        submissions=landed.submissions.filter(among & (pl.col("outcome") == "read")),
        rows={entity: rows.filter(among) for entity, rows in landed.rows.items()},
        columns=landed.columns.filter(among),
    )


def _organisations(landed: Landed, catalogue: Catalogue, aliases: pl.DataFrame) -> OrganisationNames:
    """The names of every directory landed, accepted or not: enough to tell which reports are versions of one."""
    parts = [
        landed.rows[form.entity].select("full_name", "short_names")
        for form in catalogue.forms.values()
        if form.defines == "organisation" and form.entity in landed.rows
    ]
    if not parts:
        return organisation_names(pl.DataFrame(schema=_DIRECTORY), aliases)
    named = pl.concat(parts).filter(pl.col("full_name").is_not_null())
    ids = pl.Series("org_id", [normalise_organisation(name) for name in named["full_name"]], dtype=pl.String)
    return organisation_names(named.with_columns(ids), aliases)


def no_reports(catalogue: Catalogue) -> Landed:
    """Nothing landed yet."""
    rows = {form.entity: pl.DataFrame(schema=dict(form.row_schema())) for form in catalogue.forms.values()}
    empty = pl.DataFrame(schema=dict(frames.LANDED_SUBMISSIONS))
    return Landed(empty, rows, pl.DataFrame(schema=dict(frames.LOCATED_COLUMNS)))
