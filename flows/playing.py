"""Playing the received days: what was landed is judged instant by instant, and what changes is booked.

The night plays the days in order, and within a day the versions of a report one after the other (waves), so that
loading a year at once and night by night end the same. Nothing is written here before the end.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from schemas import frames
from schemas.forms import Catalogue
from schemas.reasons import REASONS
from transforms import identity
from transforms.calendar import Calendar
from transforms.names import OrganisationNames, normalise_organisation, organisation_names
from transforms.split import Memory, Outside, World, judge
from warehouse.history import SAID_FINDINGS, Book

if TYPE_CHECKING:  # it takes the rule of instants from here
    from flows.deciding import Decided

FILES = {"alias": "aliases.toml", "correction": "corrections.toml", "ruling": "rulings.toml"}
"""Where reviewed decisions of each kind stand, below `reference/`."""

_DIRECTORY = {"org_id": pl.String, "full_name": pl.String, "short_names": pl.List(pl.String)}


@dataclass(frozen=True)
class Landed:
    """Everything landed, whenever: reports (`LANDED_SUBMISSIONS`), their rows by entity, and their columns.

    ``control_cells`` are the figures of tables whose totals disagree, of refused reports too. Where only some reports
    are judged, what judging them needs, and what is known of the others (``outside``).
    """

    submissions: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    columns: pl.DataFrame
    control_cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(frames.CONTROL_CELLS)))
    controls: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(frames.CONTROLS)))
    outside: Outside | None = None


@dataclass(frozen=True)
class Played:
    """How often was judged, when last, and which reports then write an alias (`aliases.USES`)."""

    times: int
    at: dt.datetime
    uses: pl.DataFrame


@dataclass(frozen=True)
class Terms:
    """What the settings say that verdicts and figures depend on.

    `expected_filers` names who files a form (entity) where the registers do not say it; `settings` is a `SETTINGS`
    frame, kept in two times like everything figures rest on.
    """

    calendar: Calendar
    expected_filers: Mapping[str, tuple[str, ...]]
    settings: pl.DataFrame


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
    numbered = identity.waves(fresh, catalogue, organisations_of(landed, catalogue, aliases))
    placed = fresh.select("submission_id", "known_from").join(numbered, on="submission_id", how="inner")
    order = ["known_from", "received_day", "wave"]
    for (at, _, _), reports in placed.sort(*order, "submission_id").group_by(order, maintain_order=True):
        assert isinstance(at, dt.datetime)
        yield Wave(at, tuple(reports["submission_id"]))


def play(
    book: Book, landed: Landed, new: Sequence[str], catalogue: Catalogue, decided: Decided, terms: Terms
) -> Played | None:
    """Judge every wave of the new reports, and every instant a decision begins or ends to count; book what changes.

    None where there was nothing to judge.
    """
    known = set(landed.submissions["submission_id"]) - set(new)
    disputed = _refused_disputes(landed, new)
    written = decided.aliases.filter(pl.col("known_to").is_null())
    coming = waves(landed, new, catalogue, written)
    alone = [Wave(at, ()) for at in decided.instants]
    moments = sorted([*alone, *disputed, *coming], key=lambda wave: wave.at)
    memory, uses = Memory(), pl.DataFrame()
    for wave in moments:
        known.update(wave.submission_ids)
        uses = settle(book, part(landed, known), catalogue, decided, terms, wave.at, memory)
    return Played(len(moments), moments[-1].at, uses) if moments else None


def _refused_disputes(landed: Landed, new: Sequence[str]) -> list[Wave]:
    """An instant per new report refused for its totals: its rows are not judged, but who is to blame is."""
    of_cells = landed.control_cells.select("submission_id").unique()
    refused = landed.submissions.filter(pl.col("submission_id").is_in(list(new)) & (pl.col("outcome") != "read"))
    return [
        Wave(at, (submission_id,))
        for submission_id, at in refused.join(of_cells, on="submission_id", how="semi")
        .sort("known_from", "submission_id")
        .select("submission_id", "known_from")
        .iter_rows()
    ]


def settle(
    book: Book,
    landed: Landed,
    catalogue: Catalogue,
    decided: Decided,
    terms: Terms,
    at: dt.datetime,
    memory: Memory | None = None,
) -> pl.DataFrame:
    """Judge what is landed as of one instant, and book what changes; `memory` goes from one instant to the next.

    Gives which reports write an alias.
    """
    world = World(
        catalogue=catalogue,
        submissions=landed.submissions,
        rows=landed.rows,
        columns=landed.columns,
        control_cells=landed.control_cells,
        aliases=decided.counting("alias", at),
        corrections=decided.counting("correction", at),
        rulings=decided.counting("ruling", at),
        calendar=terms.calendar,
        expected_filers=terms.expected_filers,
        controls=landed.controls,
        outside=landed.outside,
    )
    verdicts = judge(world, at, memory)
    findings = pl.concat([verdicts.findings, _of_decisions(verdicts.stale)], how="diagonal")
    records = {**verdicts.records, "settings": terms.settings}
    book.play(verdicts.accepted, verdicts.quarantined, findings, verdicts.submissions, at, records)
    return verdicts.uses


def _of_decisions(stale: pl.DataFrame) -> pl.DataFrame:
    """A finding per reviewed decision that does nothing, about the file of `reference/` it stands in."""
    reason = REASONS["E62"]
    rows = [
        {
            "finding_id": hashlib.sha256(f"{reason.code}|{row['kind']}|{row['key']}".encode()).hexdigest()[:16],
            "code": reason.code,
            "severity": reason.severity,
            "file": f"reference/{FILES[row['kind']]}",
            "found": f"{row['about']}：{row['why']}",
            "expected": "每一项决定都有所作用",
            "action": reason.action_zh,
        }
        for row in stale.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=SAID_FINDINGS, orient="row")


def part(landed: Landed, submission_ids: Collection[str]) -> Landed:
    """Take what was read of some reports, and the disputed cells of those nobody answered yet."""
    chosen = pl.Series(sorted(submission_ids), dtype=pl.String).implode()
    among = pl.col("submission_id").is_in(chosen)
    if not set(landed.submissions["submission_id"]) <= set(submission_ids):  # else all: a copy would be as large
        rows = {entity: rows.filter(among) for entity, rows in landed.rows.items()}
        landed = replace(landed, rows=rows, columns=landed.columns.filter(among))
    return replace(
        landed,
        submissions=landed.submissions.filter(among & (pl.col("outcome") == "read")),
        control_cells=landed.control_cells.filter(among & ~pl.col("submission_id").is_in(_answered(landed, chosen))),
    )


def organisations_of(landed: Landed, catalogue: Catalogue, aliases: pl.DataFrame) -> OrganisationNames:
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


def _answered(landed: Landed, known: pl.Series) -> pl.Series:
    """Reports that were refused, and of which a later version was read by now."""
    among = landed.submissions.filter(pl.col("submission_id").is_in(known))
    report = ["form_code", "street_id", "period", "edition", "filer_text"]
    read = among.filter(pl.col("outcome") == "read").select(*report, later="received_at")
    refused = among.filter(pl.col("outcome") != "read")
    answered = refused.join(read, on=report, how="inner", nulls_equal=True).filter(
        pl.col("later") >= pl.col("received_at")
    )
    return answered["submission_id"].unique().sort().implode()
