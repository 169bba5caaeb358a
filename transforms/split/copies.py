"""A report that repeats last month's although works go on (E12)."""

import polars as pl

from schemas.forms import Form
from transforms.split.world import Docket

NO_COPIES = pl.DataFrame(schema={"submission_id": pl.String})
_REPORT = ["filer_id", "street_id", "period_date"]


def repeated_reports(docket: Docket, parts: Form | None, part_rows: pl.DataFrame | None) -> pl.DataFrame:
    """Give the submission_ids whose rows all equal those of the month before, where something was in motion.

    Compared are the typed values of all rows and of their parts, the report's month aside; accepted or not.
    """
    form = docket.form
    if form.in_motion is None:
        return NO_COPIES.clone()
    content = _content(form, docket.rows)
    if parts is not None and part_rows is not None:
        content = content.join(_content(parts, part_rows), on="submission_id", how="left", suffix="_parts")
    reports = docket.rows.select("submission_id", *_REPORT).unique().drop_nulls("period_date")
    reports = reports.join(content, on="submission_id")
    before = reports.with_columns(pl.col("period_date").dt.offset_by("1mo"))
    pairs = reports.join(before, on=_REPORT, how="inner", nulls_equal=True, suffix="_before")
    digests = [name for name in content.columns if name != "submission_id"]
    same = pairs.filter(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in digests)
    moving = docket.rows.filter(form.in_motion)
    return same.join(moving, on="submission_id", how="semi").select("submission_id").unique().sort("submission_id")


def _content(form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Digest the values of each report's rows, whatever their order."""
    months = {column.name for column in form.columns if column.kind == "month"}
    values = [name for name in form.typed if name not in months]
    return (
        rows.select("submission_id", rows=pl.struct(values).hash(seed=0))
        .group_by("submission_id")
        .agg(pl.col("rows").sort())
    )
