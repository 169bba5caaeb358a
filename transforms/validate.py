"""Row rules of a form, run by pandera on all rows of a night at once; failures become faults at the sender's cell.

A rule that lacks a value it needs is unknown, and an unknown rule is no fault. Failure cases are mapped back to rows by
position and never logged: a whole row in a message could hold anything.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandera.errors
import pandera.polars as pa
import polars as pl

from schemas.columns import Column
from schemas.forms.base import Form, Rule
from schemas.frames import FAULT, FAULTS
from schemas.reasons import REASONS, Severity
from transforms.values import quote

_MEASURES = frozenset({"integer", "storeys", "decimal", "ratio", "year", "year_range"})


def rules_of(form: Form) -> tuple[Rule, ...]:
    """List the rules of a form: those it declares, then the range (E43) of each of its measures."""
    ranges = (_range_rule(column, form) for column in form.columns if column.kind in _MEASURES)
    return (*form.rules, *(rule for rule in ranges if rule is not None))


def validate(form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Append the faults of the row rules to the rows' ``faults``; same rows, same order.

    ``rows`` is a collected frame of `Form.row_schema`. Bad rows never raise.
    """
    rules = rules_of(form)
    if rows.is_empty() or not rules:
        return rows
    failed = _failures(rules, rows)
    if failed.is_empty():
        return rows
    faults = _describe(form, {rule.name: rule for rule in rules}, rows, failed)
    return (
        rows.with_row_index("_position")
        .join(faults, on="_position", how="left", maintain_order="left")
        .with_columns(faults=_concat_faults(pl.col("faults"), pl.col("_found")))
        .drop("_position", "_found")
    )


def _range_rule(column: Column, form: Form) -> Rule | None:
    """Hold a measure inside its column's range; it stops the row only where the row cannot do without the value."""
    value, low, high = pl.col(column.name), column.low, column.high
    if low is not None and high is not None:
        holds, expected = value.is_between(low, high), f"{column.label_zh}应在{low}至{high}之间"
    elif low is not None:
        holds, expected = value >= low, f"{column.label_zh}不应小于{low}"
    elif high is not None:
        holds, expected = value <= high, f"{column.label_zh}不应大于{high}"
    else:
        return None
    severity: Severity = "Q" if column.sums or column.name in (*form.required, *form.filled) else "W"
    return Rule("E43", f"{column.name}_in_range", holds, column.name, expected, severity=severity)


def _check(rule: Rule) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(rule.holds.fill_null(value=True)), name=rule.name)


def _failures(rules: Sequence[Rule], rows: pl.DataFrame) -> pl.DataFrame:
    """Run every rule and give rule name and position of each row that breaks it."""
    checks: dict[str, list[pa.Check]] = defaultdict(list)
    for rule in rules:
        checks[rule.address_of].append(_check(rule))
    schema = pa.DataFrameSchema({name: pa.Column(checks=of, nullable=True) for name, of in checks.items()})
    try:
        schema.validate(rows, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
    else:
        return pl.DataFrame(schema={"_rule": pl.String, "_position": pl.UInt32})
    broken = cases.filter(~pl.col("check").is_in([rule.name for rule in rules]) | pl.col("index").is_null())
    if not broken.is_empty():  # a rule that pandera could not run is our mistake, never the sender's
        raise ValueError(f"rules that could not be run: {', '.join(sorted(set(broken['check'].to_list())))}")
    return cases.select(_rule="check", _position=pl.col("index").cast(pl.UInt32)).unique(maintain_order=True)


def _describe(form: Form, rules: Mapping[str, Rule], rows: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    """Make one list of fault structs per position, in the order of the rules."""
    order = {name: number for number, name in enumerate(rules)}
    ordered = failed.sort("_position", pl.col("_rule").replace_strict(order, return_dtype=pl.Int64))
    lineage = rows[ordered["_position"]].select("addresses", "raw")
    faults = [
        _fault(form, rules[name], addresses or {}, raw or {})
        for name, addresses, raw in zip(
            ordered["_rule"], lineage["addresses"].to_list(), lineage["raw"].to_list(), strict=True
        )
    ]
    return (
        ordered.select("_position")
        .with_columns(_found=pl.Series(faults, dtype=FAULT))
        .group_by("_position", maintain_order=True)
        .agg("_found")
    )


_Texts = Mapping[str, str | None]


def _fault(form: Form, rule: Rule, addresses: _Texts, raw: _Texts) -> dict[str, str | None]:
    column = form.column[rule.address_of]
    written = raw.get(column.name)
    quoted = quote(written) if written is not None and column.sensitivity == "open" else "所填内容不合要求"
    return {
        "code": rule.code,
        "severity": rule.severity or REASONS[rule.code].severity,
        "column_name": column.name,
        "address": addresses.get(column.name),
        "found": f"{column.label_zh}：{quoted}",
        "expected": rule.expected_zh,
    }


def _concat_faults(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    empty = pl.lit([], dtype=FAULTS)
    return pl.concat_list(first.fill_null(empty), second.fill_null(empty))
