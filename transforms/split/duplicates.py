"""One thing, one row: duplicates inside a report (E44, E30) and one building from two contractors (E01)."""

from collections.abc import Mapping

import polars as pl

from schemas.forms import Exclusive, Form
from transforms.split.register import place_of
from transforms.split.world import IDENTITY_FAULTS, Docket, faults_at, no_faults

_WORDS = frozenset({"text", "list", "flags"})


def repeated(docket: Docket, compared: pl.DataFrame | None) -> pl.DataFrame:
    """Fault rows that share their form's key.

    A register that gives one thing two values of what must be ``single`` is E30, both rows. Otherwise the one row that
    agrees with the register stays, or the first of equal ones; where neither tells, none stays (E44). ``compared`` are
    the rows beside the register, where the form states its figures again.
    """
    form = docket.form
    if not form.key:
        return no_faults()
    key = [*form.key, *([form.exclusive.by] if form.exclusive else [])]
    doubled = (
        docket.open.drop_nulls(key)
        .filter(pl.len().over(key) > 1)
        .sort(*key, "is_supplement", "submission_id", "sheet_index", "block", "row_number", "row_id")
    )
    if doubled.is_empty():
        return no_faults()
    contradictory = doubled.filter(_more_than_one(form.single, key))
    others = doubled.join(contradictory, on="row_id", how="anti", maintain_order="left")
    return pl.concat([_both_types(form, contradictory), _losers(form, key, others, compared)])


def _more_than_one(columns: tuple[str, ...], key: list[str]) -> pl.Expr:
    return pl.any_horizontal(
        pl.lit(value=False), *(pl.col(column).drop_nulls().n_unique().over(key) > 1 for column in columns)
    )


def _both_types(form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return no_faults()
    label = form.column[form.single[0]].label_zh
    return faults_at(rows, "E30", form.single[0], f"同一楼栋填了两行，{label}不同", f"每栋楼只有一种{label}")


def _losers(form: Form, key: list[str], rows: pl.DataFrame, compared: pl.DataFrame | None) -> pl.DataFrame:
    if rows.is_empty():
        return no_faults()
    figures = [name for name in form.typed if name not in form.column or form.column[name].kind not in _WORDS]
    judged = _with_agreement(form, rows, compared).with_columns(
        _same=pl.all_horizontal(pl.lit(value=True), *(pl.col(name).n_unique().over(key) == 1 for name in figures)),
        _place=pl.int_range(pl.len()).over(key),
        _agreeing=pl.col("_agrees").sum().over(key),
    )
    first_of_equals = pl.col("_same") & (pl.col("_place") == 0)
    stays = pl.when(pl.col("_agreeing") == 1).then(pl.col("_agrees")).otherwise(first_of_equals)
    naming = [name for name in (*reversed(form.row_identity), *form.required) if name in form.typed]
    cells = [pl.col("addresses").struct.field(name) for name in naming]
    return faults_at(
        judged.filter(~stays),
        "E44",
        form.row_identity[-1],
        "同一内容在本期报表中填报了不止一行",
        "每项只填一行",
        address=pl.coalesce(cells),
    )


def _with_agreement(form: Form, rows: pl.DataFrame, compared: pl.DataFrame | None) -> pl.DataFrame:
    """Add ``_agrees``: every figure the register has too is the register's."""
    if compared is None or not form.restated:
        return rows.with_columns(_agrees=pl.lit(value=False))
    differs = [pl.col(f"{restated.column}_differs") for restated in form.restated]
    agreement = compared.select(
        "row_id",
        _agrees=~pl.any_horizontal(column.fill_null(value=False) for column in differs)
        & pl.any_horizontal(column.is_not_null() for column in differs),
    )
    return rows.join(agreement, on="row_id", how="left", maintain_order="left").with_columns(
        pl.col("_agrees").fill_null(value=False)
    )


def contested(docket: Docket, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Fault rows about one thing from more than one party (E01), unless the register names the party.

    A row that waits for another reason still says that its party reports the thing.
    """
    rule = docket.form.exclusive
    if rule is None:
        return no_faults()
    placeless = docket.stopped.filter(pl.col("code").is_in(IDENTITY_FAULTS))
    placed = docket.rows.join(placeless, on="row_id", how="anti", maintain_order="left")
    disputed = placed.drop_nulls([*rule.within, rule.by]).filter(pl.col(rule.by).n_unique().over(rule.within) > 1)
    disputed = disputed.join(docket.stopped, on="row_id", how="anti", maintain_order="left")
    if disputed.is_empty():
        return no_faults()
    named = _named_party(disputed, rule, known)
    thing = rule.within[-1]
    return faults_at(
        named.filter(pl.col(rule.by).ne_missing(pl.col("_named"))),
        "E01",
        docket.form.row_identity[-1],
        pl.format("{}另有施工单位填报", place_of(thing)),
        pl.coalesce(pl.format("台账登记的施工单位为{}", "_named"), pl.lit("台账应登记一家施工单位")),
    )


def _named_party(rows: pl.DataFrame, rule: Exclusive, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    thing = rule.within[-1]
    if rule.register not in known:
        return rows.with_columns(_named=pl.lit(None, dtype=pl.String))
    register = known[rule.register].select(thing, _named=rule.register_column)
    return rows.join(register, on=thing, how="left", maintain_order="left")
