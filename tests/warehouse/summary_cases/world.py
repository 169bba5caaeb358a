"""A tiny warehouse for the marts: core tables as rows of a story, and the project's own macros over them."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas.forms import load
from schemas.frames import RECORDS
from warehouse import checks, ddl, digest, migrate, tracing
from warehouse import models as summaries
from warehouse.connection import CATALOG, Warehouse

ALWAYS = "2013-01-01 00:00:00+08"
STREET = "110108001"


@cache
def models() -> dict[str, summaries.Model]:
    """Every SQL file by qualified name."""
    return {model.table: model for model in summaries.load_models(())}


def make() -> Warehouse:
    """A warehouse in memory with every table, empty, and every macro."""
    db = duckdb.connect(config={"threads": 1})
    db.execute(f"attach ':memory:' as {CATALOG}; use {CATALOG}")
    warehouse = Warehouse(db, Path("memory"), load())
    migrate.upgrade(warehouse)
    ddl.fit(warehouse)
    for statement in tracing.statements(warehouse.catalogue, summaries.build(warehouse)):
        db.execute(statement)
    return warehouse


@cache
def shared() -> Warehouse:
    """One warehouse for all small stories: to make it takes longer than a story."""
    return make()


class World:
    """A warehouse in memory. Rows are added as stories; marts are read as of an instant."""

    def __init__(self, warehouse: Warehouse | None = None) -> None:
        self.warehouse = warehouse or shared()
        self.db = self.warehouse._connection
        self.rows = 0
        for name in (*digest.core_tables(self.warehouse), "ops.findings", "ops.quarantine"):
            self.db.execute(f"truncate {name}")
        self.db.execute("reset timezone")

    def add(self, table: str, *, known_from: str = ALWAYS, known_to: str | None = None, **values: Any) -> None:
        """Add one core row, known between two instants."""
        self.rows += 1
        version = {"report_version": 1} if "report_version" in RECORDS.get(table, {"report_version"}) else {}
        values = {"row_id": f"row{self.rows:05}", **version, **values}
        values |= {"known_from": known_from, "known_to": known_to}
        marks = ", ".join("?" for _ in values)
        self.db.execute(f"insert into core.{table} ({', '.join(values)}) values ({marks})", list(values.values()))

    def fill(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Add many core rows at once; texts become what the columns are."""
        self.rows += len(rows)
        numbered = [
            {"row_id": f"{table}{number:05}", "report_version": "1", "known_to": None, **row}
            for number, row in enumerate(rows)
        ]
        frame = pl.DataFrame(numbered, schema=dict.fromkeys(numbered[0], pl.String))
        self.db.register("filling", frame.to_arrow())
        self.db.execute(f"insert into core.{table} by name from filling")
        self.db.unregister("filling")

    def target(self, area: float | None, year: int = 2013, version: int = 1, **more: Any) -> None:
        """Give the district a target."""
        values = {"district": "海淀区", "programme_type_code": "ALL", **more}
        self.add("municipal_target", plan_year=year, target_area_m2=area, target_version=version, **values)

    def compound(self, compound: str, year: int | None = 2013, street: str = STREET, **more: Any) -> None:
        """Register a compound."""
        values = {"compound_name": compound, "batch_no": "1", **more}
        self.add("compound_register", compound_id=compound, plan_year=year, street_id=street, **values)

    def building(self, building: str, compound: str, area: float, households: int = 10, **more: Any) -> None:
        """Register a building."""
        values = {"street_id": STREET, "programme_type_code": "ENERGY_ENV", "contractor_id": "k1", **more}
        self.add(
            "building_register",
            building_id=building,
            building_no=building,
            compound_id=compound,
            floor_area_m2=area,
            household_count=households,
            **values,
        )

    def report(
        self,
        building: str,
        month: str,
        start: str | None = None,
        finish: str | None = None,
        status: str | None = None,
        items: dict[str, tuple[float, float]] | None = None,
        **more: Any,
    ) -> None:
        """Report a building for a month; ``items`` are done and designed quantities by "ITEM" or "ITEM:unit"."""
        status = status or ("FINISHED" if finish else "IN_PROGRESS" if start else "NOT_STARTED")
        dates = {}
        for name, text in (("actual_start", start), ("actual_finish", finish)):
            kind, precision = ("actual", "day") if text else (None, None)
            dates |= {name: text, f"{name}_kind": kind, f"{name}_precision": precision}
        known = {name: more.pop(name) for name in ("known_from", "known_to") if name in more}
        row = {"report_month": f"{month}-01", "building_id": building, "contractor_id": "k1", **known}
        row |= {name: more.pop(name) for name in ("contractor_id", "report_version") if name in more}
        self.add("contractor_progress", **row, **{**dates, "status_code": status, **more})
        for item, (done, design) in (items or {}).items():
            code, _, unit = item.partition(":")
            self.add(
                "work_item_progress",
                **row,
                work_item_code=code,
                unit_code=unit or "m2",
                qty_cum=done,
                qty_design=design,
            )

    def read(self, mart: str, as_of: str = "2014-03-03", columns: Iterable[str] = ("*",)) -> list[dict[str, Any]]:
        """Rows of a mart as of the start of a day in Shanghai, in the order of its grain."""
        name = mart if "." in mart else f"summary.{mart}"
        found = self.db.execute(
            f"select {', '.join(columns)} from {name}_as_of(timestamptz '{as_of} 00:00:00+08') "
            f"order by {', '.join(models()[name].grain)}"
        )
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, mart: str, as_of: str = "2014-03-03", **key: Any) -> dict[str, Any]:
        """The only row of a mart with these values."""
        rows = [row for row in self.read(mart, as_of) if all(row[name] == value for name, value in key.items())]
        assert len(rows) == 1, rows
        return rows[0]

    def failures(self, severity: str, as_of: str = "2014-03-03") -> set[str]:
        """Names of the checks of this severity that find something, over plain tables as of the instant."""
        self._make_plain(as_of)
        return {name for name, failing in self._checks(severity).items() if self.db.execute(failing).fetchall()}

    def unseen(self, breaking: Mapping[str, str], as_of: str = "2014-03-03") -> set[str]:
        """Names of the ``fail`` checks that do not see the plain tables broken by the statement under their name."""
        self._make_plain(as_of)
        failing = self._checks("fail")
        unseen = set()
        for name, statement in breaking.items():
            self.db.begin()
            self.db.execute(statement)
            if not self.db.execute(failing[name]).fetchall():
                unseen.add(name)
            self.db.rollback()
        return unseen

    def _make_plain(self, as_of: str) -> None:
        with summaries.filling(self.warehouse, f"timestamptz '{as_of} 00:00:00+08'") as fill:
            fill(models().values())

    def _checks(self, severity: str) -> dict[str, str]:
        """The selects of failing rows of the marts' checks, by mart and name."""
        return {
            f"{assertion.object_name.removeprefix('summary.')}.{assertion.name}": f"select * from ({assertion.failing})"
            for assertion in checks.assertions(self.warehouse, models().values())
            if assertion.severity == severity and assertion.object_name.startswith("summary.")
        }


def day(text: str) -> date:
    """A date from ISO text."""
    return date.fromisoformat(text)
