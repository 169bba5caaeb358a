"""Cumulative measures from month to month: they never fall (E03) and grow by the month's figure (E04)."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from schemas.forms import Cumulative, Form
from transforms.split.world import Docket, faults_at

_CORRECTION = "更正|冲减|核减"
_CLOSE = 1e-6


@dataclass(frozen=True)
class Series:
    """The cumulative measures of a form, the column that says the month, and what makes rows one series."""

    form: Form
    month: str
    key: list[str]
    measures: tuple[Cumulative, ...]

    @property
    def rounded(self) -> Mapping[str, float]:
        """The figures that were rounded by their sender, with the least unit they can have."""
        names = {name for m in self.measures if not m.exact for name in (m.cum, m.month) if name is not None}
        return {name: 10.0 ** -self.form.column[name].places for name in sorted(names)}


def series_of(form: Form) -> Series | None:
    """Find the form's series; None where it has none."""
    month = next((column.name for column in form.columns if column.kind == "month"), None)
    if not (form.cumulative and form.series_key and month):
        return None
    return Series(form, month, list(form.series_key), form.cumulative)


def judge_series(docket: Docket, resolutions: pl.DataFrame, copies: pl.DataFrame) -> Docket:
    """Judge the open rows in month order, each against the accepted rows before it.

    A fall is E03 unless a note of the row says 更正, 冲减 or 核减. Where the month before is missing, quarantined or in
    ``copies`` (reports that repeat their month before), E04 cannot be judged.
    """
    series = series_of(docket.form)
    if series is None or docket.open.is_empty():
        return docket
    figures = _figures(series, docket, resolutions)
    docket = docket.charge(*_fault_falls(series, docket, _falls(series, figures)))
    standing = figures.join(docket.stopped, on="row_id", how="anti").join(copies, on="submission_id", how="anti")
    return docket.charge(*_fault_steps(series, docket, standing))


def _figures(series: Series, docket: Docket, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Take key, month, ``_note`` (a correction is noted), each figure and, as ``<figure>_unit``, its rounding unit."""
    names = sorted({name for m in series.measures for name in (m.cum, m.month) if name is not None})
    noted = (pl.col(name).str.contains(_CORRECTION).fill_null(value=False) for name in docket.notes)
    figures = docket.open.drop_nulls(series.month).select(
        "row_id",
        "submission_id",
        series.month,
        *series.key,
        pl.any_horizontal(pl.lit(value=False), *noted).alias("_note"),
        *(pl.col(name).cast(pl.Float64) for name in names),
    )
    for name, least in series.rounded.items():
        units = resolutions.filter(pl.col("column_name") == name).select(
            "submission_id", pl.col("resolution").alias(f"{name}_unit")
        )
        figures = figures.join(units, on="submission_id", how="left", maintain_order="left").with_columns(
            pl.col(f"{name}_unit").fill_null(least)
        )
    return figures


def _falls(series: Series, figures: pl.DataFrame) -> pl.DataFrame:
    """Walk the months; give row_id and, where a measure fell, the last accepted figure as ``<measure>_before``."""
    cums = [m.cum for m in series.measures]
    state = [name for m in series.measures for name in ((m.cum,) if m.exact else (m.cum, f"{m.cum}_unit"))]
    fell = {m.cum: (_fell(m) & ~pl.col("_note")).fill_null(value=False) for m in series.measures}
    last = figures.clear().select(*series.key, *(pl.col(name).alias(f"{name}_before") for name in state))
    fallen = [figures.clear().select("row_id", *(pl.col(cum).alias(f"{cum}_before") for cum in cums))]
    for _, rows in figures.sort(series.month).group_by(series.month, maintain_order=True):
        beside = rows.join(last, on=series.key, how="left", nulls_equal=True).with_columns(
            _fallen=pl.any_horizontal(fell.values())
        )
        fallen.append(
            beside.filter("_fallen").select(
                "row_id", *(pl.when(fell[cum]).then(f"{cum}_before").alias(f"{cum}_before") for cum in cums)
            )
        )
        kept = beside.filter(~pl.col("_fallen")).select(
            *series.key, *(pl.coalesce(name, f"{name}_before").alias(f"{name}_before") for name in state)
        )
        last = pl.concat([last.join(kept, on=series.key, how="anti", nulls_equal=True), kept])
    return pl.concat(fallen)


def _fell(measure: Cumulative) -> pl.Expr:
    now, before = pl.col(measure.cum), pl.col(f"{measure.cum}_before")
    if measure.exact:
        return now < before
    unit, unit_before = pl.col(f"{measure.cum}_unit"), pl.col(f"{measure.cum}_unit_before")
    # Figures rounded to the same decimals keep their order; only unlike ones need leeway.
    leeway = pl.when((unit - unit_before).abs() > _CLOSE).then((unit + unit_before) / 2).otherwise(0.0)
    return now < before - leeway - _CLOSE


def _fault_falls(series: Series, docket: Docket, fallen: pl.DataFrame) -> list[pl.DataFrame]:
    rows = docket.rows.join(fallen, on="row_id", how="inner", maintain_order="left")
    found = []
    for measure in series.measures:
        label = series.form.column[measure.cum].label_zh
        found.append(
            faults_at(
                rows.filter(pl.col(f"{measure.cum}_before").is_not_null()),
                "E03",
                measure.cum,
                pl.format(f"{label}为{{}}，小于此前的{{}}", written(measure.cum), written(f"{measure.cum}_before")),
                "累计数不减少；核减的应在备注中写明更正原因",
            )
        )
    return found


def _fault_steps(series: Series, docket: Docket, standing: pl.DataFrame) -> list[pl.DataFrame]:
    """Compare each figure with last month's plus the month's; three roundings may add up."""
    found = []
    for measure in series.measures:
        if measure.month is None:
            continue
        unit = pl.lit(0.0) if measure.exact else pl.col(f"{measure.cum}_unit")
        month_unit = pl.lit(0.0) if measure.exact else pl.col(f"{measure.month}_unit")
        before = standing.select(
            *series.key,
            pl.col(series.month).dt.offset_by("1mo"),
            _before=pl.col(measure.cum),
            _unit_before=unit,
        )
        compared = standing.join(before, on=[*series.key, series.month], how="inner", nulls_equal=True).with_columns(
            _expected=pl.col("_before") + pl.col(measure.month), _month=pl.col(measure.month)
        )
        tolerance = (unit + month_unit + pl.col("_unit_before")) / 2
        off = compared.filter((pl.col(measure.cum) - pl.col("_expected")).abs() > tolerance + _CLOSE)
        label = series.form.column[measure.cum].label_zh
        found.append(
            faults_at(
                docket.rows.join(off.select("row_id", "_before", "_month"), on="row_id", maintain_order="left"),
                "E04",
                measure.cum,
                pl.format(f"{label}为{{}}，上月为{{}}，本月为{{}}", *map(written, (measure.cum, "_before", "_month"))),
                "累计等于上月累计加本月",
            )
        )
    return found


def written(name: str) -> pl.Expr:
    """Write a figure without needless zeros: 12, 3.5."""
    text = pl.col(name).cast(pl.Decimal(18, 4)).cast(pl.String)
    return text.str.replace(r"\.?0+$", "")
