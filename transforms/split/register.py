"""What a report says again of the register: the wrong building (E02), other areas (E07) or households (E31)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from schemas.forms import Form, Restated
from transforms.split.world import Docket, faults_at, no_faults

_CLOSE = 1e-9


def place_of(identifier: str) -> pl.Expr:
    """Write the compound and building of an id: 增光里7号楼."""
    return pl.col(identifier).str.split(":").list.slice(1).list.join("")


@dataclass(frozen=True)
class Register:
    """The accepted rows a form's figures are compared with, and how the two are joined.

    ``source`` and ``within`` are the form's columns that name the building and its compound.
    """

    entries: pl.DataFrame
    identifier: str
    source: str
    within: str
    restated: tuple[Restated, ...]


def register_of(form: Form, known: Mapping[str, pl.DataFrame]) -> Register | None:
    """Find the register whose figures the form states again; None where there is none, or it is not there yet."""
    references = {reference.target: reference for reference in form.references}
    building = references.get("building")
    if building is None or not form.restated or form.restated[0].register not in known:
        return None
    within = references.get("compound", building).source
    return Register(known[form.restated[0].register], building.into, building.source, within, form.restated)


def compare(docket: Docket, register: Register, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Put each open row beside its register entry.

    Adds per restated column ``<column>_registered`` and ``<column>_differs`` (null where either is missing). A figure
    written less exactly than the register's agrees within half a unit of its last decimal.
    """
    figures = [pl.col(r.register_column).alias(f"{r.column}_registered") for r in register.restated]
    entries = register.entries.select(register.identifier, *figures)
    beside = docket.open.join(entries, on=register.identifier, how="left", maintain_order="left")
    return beside.with_columns(_differs(docket.form, r.column, beside, resolutions) for r in register.restated)


def _differs(form: Form, name: str, rows: pl.DataFrame, resolutions: pl.DataFrame) -> pl.Series:
    column = form.column[name]
    exact = 10.0**-column.places if column.kind == "decimal" else 1.0
    written = (
        rows.select("submission_id", column_name=pl.lit(name))
        .join(resolutions, on=["submission_id", "column_name"], how="left", maintain_order="left")
        .get_column("resolution")
        .fill_null(exact)
    )
    return rows.select(
        (
            (pl.col(name).cast(pl.Float64) - pl.col(f"{name}_registered").cast(pl.Float64)).abs()
            > pl.when(written > exact + _CLOSE).then(written / 2).otherwise(0.0) + _CLOSE
        ).alias(f"{name}_differs")
    ).to_series()


def relocate(docket: Docket, register: Register, compared: pl.DataFrame) -> Docket:
    """Fault rows that are another building of their street (E02), by their figures.

    Such a row shares no figure with the building it names (or names one the register lacks), has exactly the figures
    of one other building of the street, and the report has no row for that building.
    """
    none_agrees = pl.all_horizontal(pl.col(f"{r.column}_differs").fill_null(value=True) for r in register.restated)
    unknown = docket.stopped.filter((pl.col("code") == "E17") & (pl.col("column_name") == register.source))
    if len(register.restated) < 2:
        return docket  # one figure alone is soon the same by chance
    suspects = pl.concat(
        [
            compared.filter(none_agrees).select(docket.rows.columns),
            docket.rows.join(unknown, on="row_id", how="semi", maintain_order="left"),
        ]
    )
    elsewhere = _same_figures(docket, register, suspects)
    if elsewhere.is_empty():
        return docket
    faults = faults_at(
        elsewhere,
        "E02",
        register.source,
        pl.format("面积、户数与台账中的{}相同，而本表没有该楼", place_of("_other")),
        "楼栋填在所属的小区下",
        suggestion=pl.format("是否应为{}", place_of("_other")),
        address=_own_cell(register),
    )
    freed = docket.faults.join(
        elsewhere.select("row_id", code=pl.lit("E17"), column_name=pl.lit(register.source)),
        on=["row_id", "code", "column_name"],
        how="anti",
        maintain_order="left",
    )
    return replace(docket, faults=freed).charge(faults)


def _own_cell(register: Register) -> pl.Expr:
    """Give the cell of the compound where the row has one to itself, else that of the building."""
    cells = [pl.col("addresses").struct.field(source) for source in (register.within, register.source)]
    on_own_row = cells[0].str.extract(r"(\d+)$").cast(pl.Int64) == pl.col("row_number")
    return pl.when(on_own_row).then(cells[0]).otherwise(cells[1])


def _same_figures(docket: Docket, register: Register, suspects: pl.DataFrame) -> pl.DataFrame:
    """Join suspects with the one building (``_other``) that has their figures, where there is exactly one."""
    first, *rest = register.restated
    entries = register.entries.select(
        "street_id",
        _other=register.identifier,
        **{f"_{r.column}": pl.col(r.register_column) for r in register.restated},
    )
    reported = docket.rows.select("submission_id", _other=register.identifier).drop_nulls()
    return (
        suspects.join(
            entries,
            left_on=["street_id", first.column],
            right_on=["street_id", f"_{first.column}"],
            how="inner",
            maintain_order="left",
        )
        .filter(
            pl.col("_other").ne_missing(pl.col(register.identifier)),
            *((pl.col(r.column) == pl.col(f"_{r.column}")) | pl.col(r.column).is_null() for r in rest),
        )
        .join(reported, on=["submission_id", "_other"], how="anti", maintain_order="left")
        .filter(pl.len().over("row_id") == 1)
    )


def restatements(docket: Docket, register: Register, compared: pl.DataFrame) -> pl.DataFrame:
    """Warn where an open row states a figure the register has otherwise; the register wins."""
    standing = compared.join(docket.stopped, on="row_id", how="anti", maintain_order="left")
    found = [no_faults()]
    for restated in register.restated:
        label = docket.form.column[restated.column].label_zh
        found.append(
            faults_at(
                standing.filter(pl.col(f"{restated.column}_differs")),
                restated.code,
                restated.column,
                pl.format(f"{label}填报为{{}}", pl.col(restated.column).cast(pl.String)),
                pl.format(
                    f"台账中{{}}的{label}为{{}}",
                    place_of(register.identifier),
                    pl.col(f"{restated.column}_registered").cast(pl.String),
                ),
            )
        )
    return pl.concat(found)
