"""A tiny office for warehouse tests: one form of visits, with open, internal and personal columns."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from schemas.columns import Column
from schemas.forms import Catalogue, Form, Reference, load
from schemas.frames import (
    CELLS,
    CONTROL_CELLS,
    CONTROLS,
    FINDINGS,
    LANDED_SUBMISSIONS,
    LOCATED_COLUMNS,
    QUARANTINE,
    SHEETS,
)
from warehouse import checks, definitions, digest, ledger, models
from warehouse import load as loading
from warehouse.connection import Warehouse, conform, open_warehouse
from warehouse.history import Book
from warehouse.release import Release, publish

VISIT = Form(
    code="F90",
    entity="visit",
    title_zh="走访记录",
    title_en="Visits",
    filed_by_zh="街道",
    filer_kind="street",
    cadence="monthly",
    report_key=("street", "period"),
    columns=(
        Column("place", "text", "地点", "Place visited"),
        Column("area_m2", "decimal", "面积", "Area seen", unit="m2", sums=True),
        Column("visited", "date", "走访日期", "Day of the visit"),
        Column("topics", "list", "议题", "What was spoken of"),
        Column("note", "text", "记事", "What was said", sensitivity="internal"),
        Column("guest", "text", "来访人", "Who came", sensitivity="personal"),
    ),
    required=("place",),
    filled=("place",),
    row_identity=("place",),
    key=("place",),
    references=(Reference("compound", "place", "compound_id"),),
)


def catalogue(*forms: Form) -> Catalogue:
    return replace(load(), forms={form.entity: form for form in forms or (VISIT,)})


def opened(home: Path, *forms: Form) -> Warehouse:
    return open_warehouse(home / "warehouse.duckdb", catalogue(*forms))


def day(text: str) -> dt.datetime:
    """The instant a file of that day is received at."""
    return dt.datetime.fromisoformat(f"{text}T00:00:00+08:00")


def visit(row_id: str, report: str, place: str, area: str = "10.00", **more: object) -> dict[str, object]:
    """One row as read; ids explain the case."""
    names = ("place", "area_m2", "visited", "topics", "note")
    return {
        "row_id": row_id,
        "submission_id": report,
        "file_id": f"file-of-{report}",
        "sheet_index": 1,
        "sheet_name": "走访",
        "block": 1,
        "row_number": 5,
        "place": place,
        "area_m2": Decimal(area),
        "visited": dt.date(2013, 5, 1),
        "visited_kind": "actual",
        "visited_precision": "day",
        "topics": ["外窗", "屋面"],
        "note": "内部说明",
        "addresses": dict.fromkeys(names, "B5"),
        "raw": {"place": place, "area_m2": area, "visited": "2013.5.1", "topics": "外窗、屋面", "note": "内部说明"},
        "approximate_columns": [],
        "faults": [],
        **more,
    }


def rows(*said: dict[str, object]) -> pl.DataFrame:
    return conform(pl.DataFrame(list(said), infer_schema_length=None), VISIT.row_schema()) if said else nothing()


def nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=VISIT.row_schema())


def accepted(*row_ids: str, version: int = 1, compound: str = "c", **overrides: object) -> pl.DataFrame:
    schema = {"row_id": pl.String, "compound_id": pl.String, "street_id": pl.String, "report_version": pl.Int64}
    said = [
        {"row_id": r, "compound_id": compound, "street_id": "110108018", "report_version": version, **overrides}
        for r in row_ids
    ]
    return pl.DataFrame(said) if said else pl.DataFrame(schema=schema)


def waiting(row_id: str, report: str, **more: object) -> pl.DataFrame:
    return conform(
        pl.DataFrame([{"row_id": row_id, "entity": "visit", "submission_id": report, "code": "E17", **more}]),
        QUARANTINE,
    )


def finding(finding_id: str, report: str, **more: object) -> pl.DataFrame:
    said = {"finding_id": finding_id, "code": "E04", "severity": "W", "submission_id": report, **more}
    return conform(pl.DataFrame([{**said, "file_id": f"file-of-{report}"}]), FINDINGS)


def judged(**effective: bool) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"submission_id": report, "filer_id": "street", "report_version": 1, "is_effective": counts}
            for report, counts in effective.items()
        ],
        schema={
            "submission_id": pl.String,
            "filer_id": pl.String,
            "report_version": pl.Int64,
            "is_effective": pl.Boolean,
        },
    )


def land(warehouse: Warehouse, landed: pl.DataFrame, at: dt.datetime, path: str = "2013-05-01/走访.xlsx") -> None:
    """Write files, reports and sheets of some rows, as a night does; one report is one file."""
    reports = (
        landed.group_by("submission_id", "file_id")
        .agg(pl.len().cast(pl.Int64).alias("rows_read"))
        .sort("submission_id")
    )
    known = reports.with_columns(
        pl.lit(at).alias("received_at"), pl.lit(at).alias("known_from"), pl.lit(path.split("/")[-1]).alias("file_name")
    )
    files = known.with_columns(pl.lit(path).alias("path"), pl.lit("read").alias("outcome"), pl.lit(1).alias("sheets"))
    submissions = known.with_columns(
        pl.lit("F90").alias("form_code"), pl.lit("visit").alias("entity"), pl.lit("read").alias("outcome")
    )
    sheet = {"sheet_index": 1, "sheet_name": "走访"}
    sheets = reports.select("file_id", **{k: pl.lit(v) for k, v in sheet.items()}, non_empty_cells=pl.lit(7))
    cells = reports.select(
        "file_id",
        **{k: pl.lit(v) for k, v in sheet.items()},
        cell_class=pl.lit("data"),
        cell_range=pl.lit("A5:G5"),
        cells=7,
    )
    readings = {
        "sheets": conform(sheets, SHEETS),
        "cells": conform(cells, CELLS),
        "columns": pl.DataFrame(schema=LOCATED_COLUMNS),
        "controls": pl.DataFrame(schema=CONTROLS),
        "control_cells": pl.DataFrame(schema=CONTROL_CELLS),
    }
    ledger.record_files(warehouse, conform(files.select(set(files.columns) & set(ledger.FILES)), ledger.FILES))
    ledger.record_readings(warehouse, reports["file_id"], conform(submissions, LANDED_SUBMISSIONS), readings)
    loading.land(warehouse, "visit", landed)


class Night:
    """One run: rows land, verdicts are heard in order, everything is written at once, then released."""

    def __init__(self, warehouse: Warehouse, run_id: str = "night") -> None:
        self.warehouse, self.run_id = warehouse, run_id
        self.book = Book(warehouse)
        self._landed: list[tuple[pl.DataFrame, dt.datetime, str]] = []

    def receive(self, landed: pl.DataFrame, at: dt.datetime, path: str = "2013-05-01/走访.xlsx") -> "Night":
        self.book.land("visit", landed)
        self._landed.append((landed, at, path))
        return self

    def hear(
        self,
        taken: pl.DataFrame,
        at: dt.datetime,
        held: Iterable[pl.DataFrame] = (),
        found: Iterable[pl.DataFrame] = (),
        **effective: bool,
    ) -> "Night":
        quarantined = pl.concat([pl.DataFrame(schema=QUARANTINE), *held])
        findings = pl.concat([pl.DataFrame(schema=FINDINGS), *found])
        self.book.play({"visit": taken}, quarantined, findings, judged(**effective), at)
        return self

    def write(self, *, checked: bool = True) -> None:
        with self.warehouse.transaction() as tx:
            for landed, at, path in self._landed:
                land(tx, landed, at, path)
            self.book.apply(tx)
            built = models.build(tx)
            definitions.record(tx, built, self.run_id)
            results = checks.run(tx, built, self.run_id)
            if checked:
                checks.require(results)
            ledger.refresh_freshness(tx)
            ledger.record_run(tx, run_id=self.run_id, kind="nightly", state_digest=digest.state_digest(tx))

    def release(self, **more: object) -> Release | None:
        self.write()
        return publish(self.warehouse, self.warehouse.path.parent / "releases", self.run_id, **more)
