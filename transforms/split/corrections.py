"""Reviewed corrections: a cell's value replaced, or a row set aside, before anything is judged.

A corrected value is read by the code that reads cells, in the unit of its column, and the row goes through its rules
again: it may be released from quarantine by it, or stopped. Raw text and address stay as received. A correction whose
place is not there, or holds another text than it expects, does nothing, and says why.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from schemas.columns import Column
from schemas.forms import Form
from schemas.frames import CORRECTED, STALE
from schemas.reasons import REASONS
from transforms.layout.typing import UnitChoice, reader_of
from transforms.names import normalise_organisation
from transforms.split.world import EXCLUDED, World
from transforms.validate import validate
from transforms.values import Outcome, Unit, find_unit, parse_ratio, quote
from transforms.workbook import Cell

_APPLIED = "E60"
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")
_SIDE = ("_kind", "_precision")

Row = Mapping[str, Any]


class Place(NamedTuple):
    """One cell a correction is about: its report, the row it stands in and the column it is."""

    entity: str
    row: Row
    column: str
    address: str | None


@dataclass(frozen=True)
class Applied:
    """What corrections did to a world.

    ``values``: per entity, row_id and ``corrections`` (`CORRECTED`) of each row that holds a corrected value, with its
    typed columns. ``done``: key, entity and submission_id of each correction that found its place. ``stale``: `STALE`,
    those that found none. ``findings``: what was done, as one finding (F) per cell.
    """

    values: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    done: tuple[tuple[str, str, str], ...] = ()
    stale: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STALE))
    findings: tuple[dict[str, object], ...] = ()

    def mark(self, *entities: str | None) -> str:
        """Say what was corrected in some entities: equal where the same was."""
        return " ".join(f"{key}:{report}" for key, entity, report in self.done if entity in entities)


class _StaleError(Exception):
    """Why a correction does nothing, in Chinese."""


def correct(world: World) -> tuple[World, Applied]:
    """Apply the world's corrections to its rows, and say what was done."""
    if world.corrections.is_empty():
        return world, Applied()
    changed: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    done: list[tuple[str, str, str]] = []
    stale: list[dict[str, str]] = []
    findings: list[dict[str, object]] = []
    for correction in world.corrections.sort("known_from", "key").iter_rows(named=True):
        try:
            for place in _places(world, correction):
                rows = changed[place.entity]
                row = rows.setdefault(place.row["row_id"], dict(place.row) | {"_corrections": []})
                _change(world, correction, place, row)
                done.append((correction["key"], place.entity, place.row["submission_id"]))
                findings.append(_finding(world, correction, place))
        except _StaleError as error:
            stale.append(_stale(correction, str(error)))
    corrected = {entity: _judged_again(world, entity, list(rows.values())) for entity, rows in changed.items() if rows}
    judged = dict(world.rows)
    for entity, new in corrected.items():
        as_read = world.rows[entity].join(new, on="row_id", how="anti")
        judged[entity] = pl.concat([as_read, new.drop("corrections")])
    values = {entity: new.filter(pl.col("corrections").list.len() > 0) for entity, new in corrected.items()}
    return replace(world, rows=judged), Applied(
        {entity: new for entity, new in values.items() if not new.is_empty()},
        tuple(sorted(set(done))),
        pl.DataFrame(stale, schema=STALE, orient="row"),
        tuple(findings),
    )


def superseded(world: World, applied: Applied, effective: Iterable[str]) -> pl.DataFrame:
    """Give, as `STALE`, the corrections whose every report was replaced by a later version."""
    standing = set(effective)
    reports: dict[str, set[str]] = defaultdict(set)
    for key, _, submission_id in applied.done:
        reports[key].add(submission_id)
    gone = [key for key, submissions in reports.items() if not submissions & standing]
    why = "所在报表已被后来的版本替代"
    rows = world.corrections.filter(pl.col("key").is_in(gone)).sort("key").iter_rows(named=True)
    return pl.DataFrame([_stale(row, why) for row in rows], schema=STALE, orient="row")


def _stale(correction: Row, why: str) -> dict[str, str]:
    return {"kind": "correction", "key": correction["key"], "about": _about(correction), "why": why}


def _about(correction: Row) -> str:
    """Say where a correction points, as its entry does."""
    report = [correction["form_code"], correction["filer"], correction["period"]]
    where = correction["file"][:12] if correction["file"] else " ".join(part for part in report if part)
    cells = "、".join(each["written"] for each in correction["row_cells"] or ())
    place = correction["address"] or f"{cells} {correction['column_name']}"
    return " ".join(part for part in (where, correction["sheet"], place) if part)


def _places(world: World, correction: Row) -> list[Place]:
    """Find the cells a correction is about, one report or more; each must hold the text it expects."""
    submissions = _submissions(world, correction)
    if not submissions:
        raise _StaleError("没有收到过这份文件" if correction["file"] else "没有这样的报表")
    found = list(_cells(world, correction, set(submissions)))
    if not found:
        raise _StaleError("该处没有数据单元格")
    _require_one(correction, found)
    expected = (correction["expect"] or "").strip()
    fitting = [place for place in found if (_raw(place) or "").strip() == expected]
    if not fitting:
        raise _StaleError(f"该处现为{_quoted(world, found[0])}，不是更正所针对的内容")
    return fitting


def reports_meant(submissions: pl.DataFrame, correction: Row) -> pl.DataFrame:
    """Take the reports whose cells a correction may be about: those of its file, or of its form, filer and period."""
    if correction["file"]:
        return submissions.filter(pl.col("file_id").str.starts_with(correction["file"]))
    chosen = submissions.filter(pl.col("form_code") == correction["form_code"])
    for name in ("street_id", "period"):
        if correction[name]:
            chosen = chosen.filter(pl.col(name) == correction[name])
    filer = correction["filer"]
    if not filer:
        return chosen
    named = [
        filer == text or normalise_organisation(filer) in (candidates or ())
        for text, candidates in chosen.select("filer_text", "filer_candidates").rows()
    ]
    return chosen.filter(pl.Series(named, dtype=pl.Boolean))


def reports_corrected(submissions: pl.DataFrame, corrections: pl.DataFrame) -> set[str]:
    """Name the reports (`submission_id`) that some corrections may be about."""
    meant = (reports_meant(submissions, correction) for correction in corrections.iter_rows(named=True))
    return {submission_id for reports in meant for submission_id in reports["submission_id"]}


def _submissions(world: World, correction: Row) -> list[str]:
    chosen = reports_meant(world.submissions, correction)
    if correction["file"] and chosen["file_id"].n_unique() > 1:
        raise _StaleError("不止一份文件以此开头，应写得长些")
    return chosen["submission_id"].to_list()


def _cells(world: World, correction: Row, submissions: set[str]) -> Iterator[Place]:
    among = pl.col("submission_id").is_in(sorted(submissions))
    for entity, rows in world.rows.items():
        form = world.catalogue.forms[entity]
        for row in rows.filter(among).sort("row_id").iter_rows(named=True):
            if correction["sheet"] and row["sheet_name"].strip() != correction["sheet"].strip():
                continue
            if correction["address"]:
                column = _column_at(world, form, row, correction["address"])
                if column is not None:
                    yield Place(entity, row, column, correction["address"])
            elif form.part_of is None and correction["column_name"] in form.column:
                cells = correction["row_cells"]
                if all((_text(row, each["column_name"]) or "").strip() == each["written"].strip() for each in cells):
                    column = correction["column_name"]
                    yield Place(entity, row, column, (row["addresses"] or {}).get(column))


def _text(row: Row, column: str) -> str | None:
    text: str | None = (row["raw"] or {}).get(column)
    return text


def _raw(place: Place) -> str | None:
    return _text(place.row, place.column)


def _column_at(world: World, form: Form, row: Row, address: str) -> str | None:
    """Name the column of the row that was read from a cell; an empty cell is told by the letter of its column."""
    for name, cell in (row["addresses"] or {}).items():
        if cell == address:
            return str(name)
    letters, number = _ADDRESS.fullmatch(address).groups()  # type: ignore[union-attr]
    if row["row_number"] != int(number) or form.part_of is not None:
        return None
    for name in _located(world, row).filter(pl.col("column_letter") == letters)["column_name"]:
        if name in form.column and (row["addresses"] or {}).get(name) is None:
            return str(name)
    return None


def _located(world: World, row: Row) -> pl.DataFrame:
    same = [pl.col(name) == row[name] for name in ("submission_id", "sheet_index", "block")]
    return world.columns.filter(*same)


def _require_one(correction: Row, found: list[Place]) -> None:
    """One cell in each report: a cell that several rows share is one cell, another sheet's is another."""
    cells: dict[str, set[object]] = defaultdict(set)
    for place in found:
        at = place.row["sheet_index"] if correction["address"] else place.row["row_id"]
        cells[place.row["submission_id"]].add(at)
    sheets = {place.row["sheet_index"] for place in found} if correction["file"] else set()
    if correction["address"] and (len(sheets) > 1 or any(len(each) > 1 for each in cells.values())):
        raise _StaleError("不止一个工作表有该单元格，应写明sheet")
    if any(len(each) > 1 for each in cells.values()):
        raise _StaleError("不止一行符合，应写得更具体")


def _quoted(world: World, place: Place) -> str:
    raw, column = _raw(place), world.catalogue.forms[place.entity].column[place.column]
    if not raw:
        return "空白"
    return quote(raw) if column.sensitivity == "open" else "别的内容"


def _change(world: World, correction: Row, place: Place, row: dict[str, Any]) -> None:
    """Change the row as the correction says. Raises `_StaleError` for a value its column cannot take."""
    form = world.catalogue.forms[place.entity]
    column = form.column[place.column]
    if correction["is_excluded"]:
        row["faults"] = [_fault(EXCLUDED, "Q", place, "按更正决定，该行不计入", "")]
        row["_excluded"] = True
        return
    if column.kind == "month" or (column.kind == "year" and "period" in form.report_key and column.name == "plan_year"):
        raise _StaleError("报告期不能逐格更正，应请报送单位重报")
    outcome = _read(world, place, column, correction["value"])
    row |= _values(column, outcome)
    row["approximate_columns"] = [name for name in row["approximate_columns"] or () if name != column.name] + (
        [column.name] if outcome.approximate else []
    )
    row["_corrections"] = [*row["_corrections"], {"column_name": column.name, "correction": correction["key"]}]


def _read(world: World, place: Place, column: Column, text: str | None) -> Outcome:
    """Read the value as its cell would have been read."""
    if text is None:
        return Outcome(False if column.kind == "boolean" else None)
    codes = world.catalogue.codes.get(column.codes or "")
    unit = _unit(world, place)
    cell = Cell("text", text, text)
    if column.kind == "ratio":
        outcome = parse_ratio(cell, column_is_percent=unit.unit is not None and unit.unit.dimension == "percent")
    else:
        outcome = reader_of(column, codes, unit, _year(world, place))(cell)
    if outcome.fault is not None:
        raise _StaleError(f"更正后的值无法读取：{outcome.fault.found}，{outcome.fault.expected}")
    if outcome.approximate and column.sums:
        raise _StaleError(f"更正后的值{quote(text)}是约数")
    return outcome


def _unit(world: World, place: Place) -> UnitChoice:
    """Take the unit the column's numbers were written in; of a wide block's columns the one at the cell."""
    located = _located(world, place.row).filter(pl.col("column_name") == place.column)
    if place.address is not None and located.height > 1:
        located = located.filter(pl.col("column_letter") == place.address.rstrip("0123456789"))
    for row in located.filter(pl.col("unit").is_not_null()).iter_rows(named=True):
        known = find_unit(row["unit"])
        factor = Decimal(row["factor"]).normalize()
        return UnitChoice(Unit(row["unit"], known.dimension if known else row["unit"], factor))
    return UnitChoice(None)


def _year(world: World, place: Place) -> int | None:
    report = world.submissions.filter(pl.col("submission_id") == place.row["submission_id"])
    date = report["period_date"].to_list()[0]
    return None if date is None else int(date.year)


def _values(column: Column, outcome: Outcome) -> dict[str, Any]:
    value = outcome.value
    values: dict[str, Any] = {}
    if column.spills_into is not None and isinstance(value, tuple):
        value, values[column.spills_into] = value
    values[column.name] = value
    if column.kind == "date":
        values |= dict(zip((f"{column.name}{side}" for side in _SIDE), (outcome.kind, outcome.precision), strict=True))
    return values


def _judged_again(world: World, entity: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """The changed rows as a frame of the form's rows and ``corrections``, with the faults their values have now.

    Faults of reading stand but where the cell was corrected; those of the row rules are found anew.
    """
    form = world.catalogue.forms[entity]
    schema = form.row_schema()
    as_read = world.rows[entity].filter(pl.col("row_id").is_in([row["row_id"] for row in rows]))
    by_rules = dict(
        validate(form, as_read.with_columns(faults=pl.lit([], dtype=schema["faults"])))
        .select("row_id", "faults")
        .rows()
    )
    for row in rows:
        if row.get("_excluded"):
            row["_corrections"] = []
            continue
        corrected = {each["column_name"] for each in row["_corrections"]}
        corrected |= {into for name in corrected if (into := form.column[name].spills_into) is not None}
        kept = [
            fault
            for fault in row["faults"]
            if fault not in by_rules[row["row_id"]] and fault["column_name"] not in corrected
        ]
        row["faults"] = kept + _still_empty(form, row, corrected)
    frame = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema, orient="row")
    excluded = frame.filter(pl.Series([bool(row.get("_excluded")) for row in rows], dtype=pl.Boolean))
    others = validate(form, frame.join(excluded, on="row_id", how="anti", maintain_order="left"))
    said = pl.DataFrame(
        [{"row_id": row["row_id"], "corrections": row["_corrections"]} for row in rows],
        schema={"row_id": pl.String, "corrections": CORRECTED},
        orient="row",
    )
    return pl.concat([others, excluded]).join(said, on="row_id", how="left", maintain_order="left")


def _still_empty(form: Form, row: Row, corrected: set[str]) -> list[dict[str, str | None]]:
    empty = [form.column[name] for name in form.filled if name in corrected and row[name] is None]
    return [
        _fault(
            "E40",
            "Q",
            Place(form.entity, row, column.name, (row["addresses"] or {}).get(column.name)),
            f"“{column.label_zh}”为空",
            f"应填写{column.label_zh}",
        )
        for column in empty
    ]


def _fault(code: str, severity: str, place: Place, found: str, expected: str) -> dict[str, str | None]:
    return {
        "code": code,
        "severity": severity,
        "column_name": place.column,
        "address": place.address,
        "found": found,
        "expected": expected,
    }


def _finding(world: World, correction: Row, place: Place) -> dict[str, object]:
    """Say what was done (F), at the cell; a text that is not open is not repeated."""
    form = world.catalogue.forms[place.entity]
    column, reason, value = form.column[place.column], REASONS[_APPLIED], correction["value"]
    is_open = column.sensitivity == "open"
    meant = "空白" if value is None else quote(value) if is_open else "更正后的内容"
    return {
        "code": _APPLIED,
        "severity": reason.severity,
        "form_code": form.code,
        "file_id": place.row["file_id"],
        "submission_id": place.row["submission_id"],
        "sheet": place.row["sheet_name"],
        "address": place.address,
        "column_name": place.column,
        "found": f"{column.label_zh}填报为{_quoted(world, place)}" if is_open else f"{column.label_zh}已更正",
        "expected": "该行不计入" if correction["is_excluded"] else f"按{meant}计",
        "action": f"{reason.action_zh}（{correction['key']}）",
        "row_id": place.row["row_id"],
    }
