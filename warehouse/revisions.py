"""The life of each headline number: what it was at every instant at which anything became known, or stopped to be.

Worked out from the as-of macros, so it depends on what was known and never on how many runs or releases there were.
A run adds the instants it played; where a macro changed, all is worked out anew. What an apply changed and an undo took
back is told as of the time it stood, and no more after that.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from schemas.columns import PolarsType
from schemas.frames import INSTANT
from warehouse import movements
from warehouse.connection import Warehouse, conform, literal, quoted

if TYPE_CHECKING:
    from warehouse.models import Model

_NUMBER = ["table_name", "key", "column_name"]
_VALUES: dict[str, PolarsType] = {
    "known_from": INSTANT,
    "table_name": pl.String(),
    "key": pl.String(),
    "column_name": pl.String(),
    "value": pl.String(),
}


def keep_up(warehouse: Warehouse, models: Sequence[Model], at: dt.datetime | None = None) -> None:
    """Bring ops.figure_history up to what is known; the macros of the models must be made before.

    `at` is the instant as of which the plain tables are, where they are made already.
    """
    revised = [model for model in models if model.is_revised]
    if not revised:
        return
    made_by = _made_by(models)
    known = warehouse.frame("select made_by, max(instant) as newest from ops.figure_instants group by made_by")
    anew = known.is_empty() or known["made_by"].to_list() != [made_by]
    if anew:
        warehouse.execute("delete from ops.figure_history; delete from ops.figure_instants")
    else:
        warehouse.execute(_WITHDRAW)
    instants = _instants(warehouse, None if anew else known["newest"][0])
    if instants:
        _tell(warehouse, revised, models, instants, at)
        told = pl.DataFrame({"instant": instants}, schema={"instant": INSTANT}).with_columns(made_by=pl.lit(made_by))
        warehouse.insert("ops.figure_instants", told)


def are_of(warehouse: Warehouse, models: Sequence[Model]) -> bool:
    """Whether the numbers told so far were made by these very models."""
    known = warehouse.frame("select distinct made_by from ops.figure_instants")["made_by"].to_list()
    return known == [_made_by(models)]


_WITHDRAW = """
    update ops.figure_history as told set known_to = apply.undone_at from ops.backfills as apply
    where told.known_from = apply.applied_at and told.known_to is null and apply.undone_at is not null
"""


def _made_by(models: Iterable[Model]) -> str:
    """What the numbers are made by: the text of every model."""
    texts = sorted(f"{model.table}{model.is_revised}{model.body}" for model in models)
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]


def _instants(warehouse: Warehouse, after: dt.datetime | None) -> list[dt.datetime]:
    """Every instant at which core changed, but for undos: what they bring back was told before."""
    moments = " union ".join(
        f"select unnest([known_from, known_to]) as instant from core.{entity}" for entity in warehouse.catalogue.forms
    )
    later = "" if after is None else f" and instant > timestamptz {literal(after.isoformat())}"
    found = warehouse.frame(
        f"select distinct instant from ({moments}) where instant is not null{later}"
        " and instant not in (select undone_at from ops.backfills where undone_at is not null) order by instant"
    )
    return found["instant"].to_list()


def _tell(
    warehouse: Warehouse,
    revised: list[Model],
    models: Sequence[Model],
    instants: list[dt.datetime],
    at_hand: dt.datetime | None,
) -> None:
    """Write what changed at each instant, beside what stood before it."""
    values = pl.concat([_values(warehouse, model, instants, at_hand) for model in revised])
    by_instant = {at: frame for (at,), frame in values.group_by("known_from", maintain_order=True)}
    standing = conform(warehouse.frame(_STANDING), {name: _VALUES[name] for name in (*_NUMBER, "value")})
    undone = dict(
        warehouse.frame("select applied_at, undone_at from ops.backfills where undone_at is not null").iter_rows()
    )
    before: dict[dt.datetime, pl.DataFrame] = {}
    changed = []
    for at in instants:
        for applied in [applied for applied in sorted(before, reverse=True) if undone[applied] < at]:
            standing = before.pop(applied)
        if at in undone:
            before[at] = standing
        now = by_instant.get(at, values.clear())
        found = _changes(standing, now).with_columns(
            known_from=pl.lit(at).cast(INSTANT), known_to=pl.lit(undone.get(at)).cast(INSTANT)
        )
        changed.append(found)
        standing = now.select(*_NUMBER, "value")
    told = pl.concat(changed)
    warehouse.insert("ops.figure_history", _with_movers(warehouse, told, revised, models))


def _changes(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    both = before.join(now.select(*_NUMBER, "value"), on=_NUMBER, how="full", coalesce=True, suffix="_now")
    moved = both.filter(pl.col("value").ne_missing(pl.col("value_now")))
    return moved.select(*_NUMBER, value="value_now").sort(_NUMBER)


_STANDING = """
    select table_name, key, column_name, arg_max_null(value, known_from) as value from ops.figure_history
    where known_to is null group by table_name, key, column_name having arg_max_null(value, known_from) is not null
"""


def _values(
    warehouse: Warehouse, model: Model, instants: Sequence[dt.datetime], at_hand: dt.datetime | None
) -> pl.DataFrame:
    """Every number of a summary at every instant, those that have a value; the plain table is as of `at_hand`."""
    named = " || ' ' || ".join(f"'{name}=' || coalesce(cast({quoted(name)} as varchar), '')" for name in model.grain)
    columns = [name for name in model.columns if name not in model.grain]
    listed = ", ".join(literal(name) for name in columns)
    texts = ", ".join(f"cast({quoted(name)} as varchar)" for name in columns)
    source = " union all by name ".join(_sources(model, instants, at_hand))
    found = warehouse.frame(
        f"""
        select known_from, {literal(model.name)} as table_name, key, said.name as column_name, said.text as value
        from (
            select moment as known_from, {named} as key,
                unnest(list_zip([{listed}], [{texts}])::struct(name varchar, text varchar)[]) as said
            from ({source})
        )
        where said.text is not null
        """
    )
    return conform(found, _VALUES)


def _sources(model: Model, instants: Sequence[dt.datetime], at_hand: dt.datetime | None) -> Iterator[str]:
    """Selects of a summary's rows at the instants, with `moment`."""
    if at_hand in instants:
        yield f"select {_at(at_hand)} as moment, * from {model.table}"
    asked = [at for at in instants if at != at_hand]
    if len(asked) == 1:
        yield f"select {_at(asked[0])} as moment, * from {model.table}_as_of({_at(asked[0])})"
    elif asked:  # all at once: DuckDB works the instants out together, at the cost of a dozen
        moments = ", ".join(_at(at) for at in asked)
        yield (
            f"select one.moment, stood.* from (select unnest([{moments}]) as moment) as one,"
            f" lateral (select * from {model.table}_as_of(one.moment)) as stood"
        )


def _at(instant: dt.datetime) -> str:
    return f"timestamptz {literal(instant.isoformat())}"


def _with_movers(
    warehouse: Warehouse, told: pl.DataFrame, revised: Iterable[Model], models: Sequence[Model]
) -> pl.DataFrame:
    """Add the reports of each instant whose rows the number reads, as far as they share its ids."""
    movers = []
    for model in revised:
        mine = told.filter(pl.col("table_name") == model.name).select("key", "known_from").unique()
        if not mine.is_empty():
            movers.append(_movers(warehouse, model, models, mine))
    found = pl.concat(movers) if movers else None
    if found is None:
        return told
    return told.join(found, on=["table_name", "key", "known_from"], how="left")


def _movers(warehouse: Warehouse, model: Model, models: Sequence[Model], mine: pl.DataFrame) -> pl.DataFrame:
    frames = []
    ids = {name: mine["key"].str.extract(rf"(?:^| ){name}=(\S*)") for name in model.grain}
    keyed = mine.with_columns(values.alias(name) for name, values in ids.items())
    for entity in movements.entities_read(model, models):
        there = warehouse.schema(f"core.{entity}")
        shared = [name for name in model.grain if name in there]
        picked = "".join(f", cast({quoted(name)} as varchar) as {quoted(name)}" for name in shared)
        came = warehouse.frame(f"select distinct known_from, submission_id{picked} from core.{entity}")
        frames.append(keyed.join(came, on=["known_from", *shared]).select("key", "known_from", "submission_id"))
    return (
        pl.concat(frames)
        .group_by("key", "known_from")
        .agg(submission_ids=pl.col("submission_id").unique().sort())
        .with_columns(table_name=pl.lit(model.name))
    )
