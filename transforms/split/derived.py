"""Ids that are made of what a row says: an opinion is its street, its ledger's year and its number there."""

import hashlib
from dataclasses import replace

import polars as pl

from schemas.forms import Derived, Form
from schemas.text import normalise_label
from transforms.split.world import Docket, faults_at

_PLACE = ("sheet_index", "block", "row_number")


def derive(docket: Docket) -> Docket:
    """Give the rows their derived id; an open row that lacks a part of it waits (E40)."""
    derived = docket.form.derived
    if derived is None:
        return docket
    parts = pl.DataFrame([_text(docket.rows, part, derived) for part in derived.parts])
    joined = parts.select(pl.concat_str(pl.all(), separator=":")).to_series()
    rows = docket.rows.with_columns(joined.alias(derived.into))
    if derived.numbered:
        rows = _numbered(rows, derived.into)
    if derived.hashed:
        digests = [None if text is None else _digest(text) for text in rows[derived.into]]
        rows = rows.with_columns(pl.Series(derived.into, digests, dtype=pl.String))
    docket = replace(docket, rows=rows)
    for part in derived.parts:
        lacking = rows.filter(parts[part].is_null()).join(docket.stopped, on="row_id", how="anti")
        source = _source(docket.form, part)
        label = docket.form.column[source].label_zh if source is not None else "街道"
        docket = docket.charge(faults_at(lacking, "E40", source, f"没有写明{label}，无法编号", f"应填写{label}"))
    return docket


def _text(rows: pl.DataFrame, part: str, derived: Derived) -> pl.Series:
    """Write one part of the id, comparable whatever its width and blanks."""
    value = pl.coalesce(part, derived.fallback[part]) if part in derived.fallback else pl.col(part)
    series = rows.select(value.alias(part)).to_series()
    if isinstance(series.dtype, pl.List):
        series = series.list.drop_nulls().list.unique().list.sort().list.join("+").replace("", None)
    texts = [None if text is None else normalise_label(text) or None for text in series.cast(pl.String)]
    return pl.Series(part, [text or "" for text in texts] if part in derived.optional else texts, dtype=pl.String)


def _numbered(rows: pl.DataFrame, into: str) -> pl.DataFrame:
    """Count the rows of a report that are alike, in the order of their places."""
    place = pl.struct(_PLACE).rank("ordinal").over("submission_id", into)
    return rows.with_columns(pl.concat_str(pl.col(into), place.cast(pl.String), separator=":").alias(into))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _source(form: Form, part: str) -> str | None:
    """Name the column a part is read from; None for the report's street."""
    if part in form.column:
        return part
    return next((reference.source for reference in form.references if reference.into == part), None)
