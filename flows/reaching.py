"""What has to be judged again: the reports a change can bear on, with what is known of all others.

What is known now is what the last judgement said of it. Where the program, the settings and the reviewed decisions are
those of then, a report that nothing new bears on would be judged as it was, and is left as it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from flows import deciding, workers
from flows.playing import Landed
from schemas import frames
from schemas.forms import Catalogue
from transforms.expected import READ, entities
from transforms.split import Outside, bearing, beside, reached, reports_corrected
from warehouse import Warehouse, ledger
from warehouse.load import landed_rows

if TYPE_CHECKING:  # it takes the reach from here
    from flows.loading import Ground


@dataclass(frozen=True)
class Reach:
    """The reports to judge (ids; None: all), what judging them needs, and every report there is.

    `stands` says that the others stand as the last judgement, by the same program and settings, left them.
    """

    judged: frozenset[str] | None
    landed: Landed
    submissions: pl.DataFrame
    stands: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be judged."""
        return self.judged is not None and not self.judged

    def without_rows(self) -> Reach:
        """The same, once all is judged: rows are the most that a run holds, and nobody asks for them then."""
        return replace(self, landed=replace(self.landed, rows={}))

    def untouched(self, catalogue: Catalogue, *read: pl.DataFrame) -> frozenset[str]:
        """The forms of which nothing was judged, and nothing is among the reports read; none where all was judged."""
        if self.judged is None or not self.stands:
            return frozenset()
        judged = self.submissions.filter(pl.col("submission_id").is_in(sorted(self.judged)))
        touched = {entity for reports in (judged, *read) for entity in reports["entity"]}
        forms = catalogue.forms.values()
        return frozenset(form.entity for form in forms if not touched & {form.entity, form.part_of})


def of_change(
    warehouse: Warehouse,
    ground: Ground,
    touched: Collection[str],
    at: dt.datetime | None,
    gone: pl.DataFrame | None = None,
) -> Reach:
    """How far the reports that came or changed reach; `gone` are reports as they were before, at least those changed.

    Everything where the last judgement does not stand before the first instant to come (`at`, or that of a decision),
    or where an alias begins or ends to count: names may mean something else then.
    """
    submissions = ledger.known_submissions(warehouse).select(list(frames.LANDED_SUBMISSIONS))
    moments = sorted({*([] if at is None else [at]), *ground.decided.instants})
    if not moments:
        return Reach(frozenset(), _nothing(warehouse, submissions), submissions)
    about = _decided_about(ground, submissions)
    judged = None
    if about is not None and not ground.anew and _stands(warehouse, ground, moments[0] - dt.timedelta(microseconds=1)):
        were = submissions if gone is None else pl.concat([submissions, gone.select(submissions.columns)])
        cells = warehouse.frame("select * from ops.control_cells").select(list(frames.CONTROL_CELLS))
        judged = reached(were.unique("submission_id", keep="first"), cells, {*touched, *about}, ground.catalogue)
    if judged is None:
        texts_of = reports_corrected(submissions, ground.decided.corrections)
        return Reach(None, everything_landed(warehouse, texts_of), submissions)
    if not judged and not ground.decided.change:
        return Reach(judged, _nothing(warehouse, submissions), submissions, stands=True)
    return Reach(judged, _landed(warehouse, ground, submissions, judged, gone), submissions, stands=True)


def _decided_about(ground: Ground, submissions: pl.DataFrame) -> set[str] | None:
    """The reports that corrections and rulings beginning or ending in this run are about; None where any may be."""
    decided = ground.decided
    known = {(kind, key) for kind in deciding.KINDS for key in decided.of(kind)["key"]}
    begun_or_ended = pl.col("is_new") | pl.col("known_to").is_not_null()
    changing = {kind: decided.of(kind).filter(begun_or_ended) for kind in deciding.KINDS}
    if not changing["alias"].is_empty() or not known.issuperset(decided.removed):
        return None
    ruled = [submissions.filter(pl.col("file_id").str.starts_with(file)) for file in changing["ruling"]["file"]]
    return reports_corrected(submissions, changing["correction"]).union(*(each["submission_id"] for each in ruled))


def everything_landed(warehouse: Warehouse, texts_of: Collection[str] | None = None) -> Landed:
    """All reports, rows and columns the warehouse holds; texts as received of some reports where these are given."""
    submissions = ledger.known_submissions(warehouse).select(list(frames.LANDED_SUBMISSIONS))
    rows = {entity: landed_rows(warehouse, entity, texts_of=texts_of) for entity in warehouse.catalogue.forms}
    columns = warehouse.frame("select * from ops.columns").select(list(frames.LOCATED_COLUMNS))
    controls = warehouse.frame("select * from ops.controls").select(list(frames.CONTROLS))
    cells = warehouse.frame("select * from ops.control_cells").select(list(frames.CONTROL_CELLS))
    return Landed(submissions, rows, columns, cells, controls)


def _nothing(warehouse: Warehouse, submissions: pl.DataFrame) -> Landed:
    """No report, and the directories that say who files."""
    forms = warehouse.catalogue.forms.values()
    named = [form.entity for form in forms if form.defines == "organisation"]
    no_columns = pl.DataFrame(schema=dict(frames.LOCATED_COLUMNS))
    return Landed(submissions.clear(), {entity: landed_rows(warehouse, entity) for entity in named}, no_columns)


def remember(warehouse: Warehouse, ground: Ground, reach: Reach, uses: pl.DataFrame, at: dt.datetime) -> None:
    """Write down what the judgement of an instant rests on, and which reports write an alias."""
    forget(warehouse)
    warehouse.insert("landed.judgement", pl.DataFrame({"rests_on": [_rests_on(ground, at)]}))
    if reach.judged is None:
        warehouse.execute("delete from landed.alias_uses")
    else:
        sql = "delete from landed.alias_uses where submission_id in (select unnest($1))"
        warehouse.execute(sql, [sorted(reach.judged)])
    warehouse.insert("landed.alias_uses", uses)


def forget(warehouse: Warehouse) -> None:
    """Let the next judgement be one of everything."""
    warehouse.execute("delete from landed.judgement")


def _stands(warehouse: Warehouse, ground: Ground, at: dt.datetime) -> bool:
    return bool(warehouse.value("select rests_on from landed.judgement") == _rests_on(ground, at))


def _rests_on(ground: Ground, at: dt.datetime) -> str:
    """A digest of what verdicts depend on besides what landed, as of an instant."""
    terms, calendar = ground.terms, ground.terms.calendar
    facts = [
        workers.code_version(ground.catalogue.packages),
        sorted(map(str, calendar.days_off)),
        sorted(map(str, calendar.days_on)),
        sorted((entity, list(filers)) for entity, filers in terms.expected_filers.items()),
        [str(row) for row in terms.settings.rows()],
        [sorted(ground.decided.counting(kind, at)["key"]) for kind in deciding.KINDS],
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _landed(
    warehouse: Warehouse,
    ground: Ground,
    submissions: pl.DataFrame,
    judged: frozenset[str],
    gone: pl.DataFrame | None,
) -> Landed:
    """What landed of the reports to judge and of those to look at beside, and what is known of the others."""
    catalogue = ground.catalogue
    seen = judged | beside(submissions, ground.decided.corrections, ground.decided.rulings, catalogue)
    chosen = submissions.filter(pl.col("submission_id").is_in(sorted(seen)))
    here, texts_of = set(chosen["entity"]), reports_corrected(chosen, ground.decided.corrections)
    rows = {
        entity: landed_rows(warehouse, entity, seen, texts_of=texts_of)
        if here & {entity, form.part_of}
        else pl.DataFrame(schema=dict(form.row_schema()))
        for entity, form in catalogue.forms.items()
    }
    changing = {*submissions.filter(pl.col("submission_id").is_in(sorted(judged)))["entity"]}
    changing |= set() if gone is None else {*gone.filter(pl.col("submission_id").is_in(sorted(judged)))["entity"]}
    return Landed(
        chosen,
        rows,
        _of_reports(warehouse, "ops.columns", frames.LOCATED_COLUMNS, seen),
        _of_reports(warehouse, "ops.control_cells", frames.CONTROL_CELLS, judged),
        _of_reports(warehouse, "ops.controls", frames.CONTROLS, seen),
        _outside(warehouse, ground, judged, changing),
    )


def _of_reports(warehouse: Warehouse, table: str, schema: frames.FrameSchema, reports: Collection[str]) -> pl.DataFrame:
    names = ", ".join(schema)
    return warehouse.frame(f"select {names} from {table} where submission_id in (select unnest($1))", [sorted(reports)])


def _outside(warehouse: Warehouse, ground: Ground, judged: frozenset[str], changing: Collection[str]) -> Outside:
    among = [sorted(judged)]
    names = ", ".join(frames.REPORTS)
    reports = warehouse.frame(
        f"select {names} from core.reports where known_to is null and row_id not in (select unnest($1))", among
    )
    deciding_forms = [entity for entity in entities(ground.catalogue) if entity not in bearing(ground.catalogue)]
    rows, expected = {}, None
    if set(deciding_forms).isdisjoint(changing):
        names = ", ".join(frames.EXPECTED_REPORTS)
        expected = warehouse.frame(f"select {names} from core.expected_reports where known_to is null")
    else:
        rows = {entity: _accepted(warehouse, entity, among) for entity in deciding_forms}
    uses = warehouse.frame(
        "select alias_key, submission_id from landed.alias_uses where submission_id not in (select unnest($1))", among
    )
    return Outside(
        judged, reports, {entity: each for entity, each in rows.items() if not each.is_empty()}, expected, uses
    )


def _accepted(warehouse: Warehouse, entity: str, among: list[list[str]]) -> pl.DataFrame:
    there = warehouse.schema(f"core.{entity}")
    names = ", ".join(name for name in READ if name in there)
    return warehouse.frame(
        f"select {names} from core.{entity} where known_to is null and submission_id not in (select unnest($1))", among
    )
