"""The other checks of a cell: last month and this month's figure, the register, and what another party says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from schemas.forms import Form
from schemas.text import normalise_label

if TYPE_CHECKING:
    from transforms.reconcile.suspects import Cell

WORDS = {
    "TOTAL": "合计",
    "LEVELS": "另一级合计",
    "SUBTOTAL": "所在小计相符",
    "SERIES": "上月累计加本月",
    "REGISTER": "楼栋台账",
    "CONTRACTORS": "施工单位月报",
}
_HALF = Decimal("0.005")
_FINISHED = ("FINISHED", "ACCEPTED")


class Witness(NamedTuple):
    """One check: the figure it asks for, and how far rounding lets a figure be from it."""

    code: str
    value: Decimal
    tolerance: Decimal

    def content_with(self, value: Decimal) -> bool:
        """Whether a figure is what it asks for."""
        return abs(value - self.value) <= self.tolerance

    def asks_for(self, value: Decimal, leeway: Decimal) -> bool:
        """Whether a figure known up to a leeway may be what it asks for."""
        return abs(value - self.value) <= self.tolerance + leeway


@dataclass(frozen=True)
class Witnesses:
    """What is known besides a report itself, looked up by the names written on its lines.

    ``rows`` are accepted rows per entity (`Form.core_schema` columns of ids and values will do), ``forms`` the forms.
    """

    forms: Mapping[str, Form]
    rows: Mapping[str, pl.DataFrame]
    streets: frozenset[str]
    _found: dict[str, Any] = field(default_factory=dict)

    def __call__(self, cell: Cell, line: Sequence[Cell]) -> list[Witness]:
        """Give the checks that cover a cell, told the cells of its line."""
        form = next((form for form in self.forms.values() if form.code == cell.form_code), None)
        if form is None:
            return []
        heard = [self._series(form, cell, line), self._register(form, cell), self._contractors(form, cell)]
        return [witness for witness in heard if witness is not None]

    def _series(self, form: Form, cell: Cell, line: Sequence[Cell]) -> Witness | None:
        """Last month's cumulative and this month's figure make this month's cumulative."""
        pair = next((m for m in form.cumulative if m.month and cell.column_name in (m.cum, m.month)), None)
        compound = self._compound(cell)
        if pair is None or pair.month is None or compound is None or cell.period_date is None:
            return None
        before = self._by_line(form.entity).get(
            (compound, cell.programme_type_code, _month_before(cell.period_date)), {}
        )
        beside = {each.column_name: each for each in line}
        other = beside.get(pair.month if cell.column_name == pair.cum else pair.cum)
        last = before.get(pair.cum)
        if other is None or last is None:
            return None
        value = last + other.value if cell.column_name == pair.cum else other.value - last
        if pair.exact:
            return Witness("SERIES", value, Decimal(0))
        unit = (before.get("resolutions") or {}).get(pair.cum) or Decimal("0.01")
        return Witness("SERIES", value, (cell.resolution + other.resolution + unit) / 2)

    def _register(self, form: Form, cell: Cell) -> Witness | None:
        """The register's figure of the building, or of all buildings of the compound and type."""
        if form.entity == "subcommand_monthly" and cell.column_name == "task_area_m2":
            areas = self._areas().get((self._compound(cell), cell.programme_type_code))
            return (
                None
                if not areas
                else Witness("REGISTER", sum(areas, Decimal(0)), cell.resolution / 2 + _HALF * len(areas))
            )
        restated = next((r for r in form.restated if r.column == cell.column_name), None)
        if restated is None:
            return None
        found = self._registered().get(self._building(cell), {}).get(restated.register_column)
        tolerance = cell.resolution / 2 if cell.resolution > 1 else Decimal(0)
        return None if found is None else Witness("REGISTER", Decimal(found), tolerance)

    def _contractors(self, form: Form, cell: Cell) -> Witness | None:
        """What the contractors' reports of the same month come to, by the register's areas and households."""
        stage, _, rest = cell.column_name.partition("_")
        if form.entity != "subcommand_monthly" or not rest.endswith(("cum", "cum_m2")):
            return None
        buildings = self._reported().get((self._compound(cell), cell.programme_type_code, cell.period_date))
        if not buildings:
            return None
        counted = [each for each in buildings if each[f"is_{stage}"]]
        if "area" in rest:
            area = sum((each["floor_area_m2"] for each in counted), Decimal(0))
            return Witness("CONTRACTORS", area, cell.resolution / 2 + _HALF * len(counted))
        amount = sum(each["household_count"] for each in counted) if "households" in rest else len(counted)
        return Witness("CONTRACTORS", Decimal(amount), Decimal(0))

    # --- what is known, each worked out once

    def _compound(self, cell: Cell) -> str | None:
        found: str | None = self._names()[0].get((cell.street_id, cell.compound_name))
        return found

    def _building(self, cell: Cell) -> str | None:
        found: str | None = self._names()[1].get((cell.street_id, cell.compound_name, cell.building_no))
        return found

    def _names(self) -> tuple[dict[Any, str], dict[Any, str]]:
        """Ids by the names as any accepted row of the street writes them."""
        if "names" not in self._found:
            compounds: dict[Any, str] = {}
            buildings: dict[Any, str] = {}
            for entity in ("compound_register", "building_register", "contractor_progress", "subcommand_monthly"):
                for row in self._taken(
                    entity, "street_id", "compound_name", "building_no", "compound_id", "building_id"
                ):
                    compound = normalise_label(row.get("compound_name") or "")
                    if row.get("compound_id"):
                        compounds[row["street_id"], compound] = row["compound_id"]
                    if row.get("building_id"):
                        number = normalise_label(row.get("building_no") or "")
                        buildings[row["street_id"], compound, number] = row["building_id"]
            self._found["names"] = compounds, buildings
        names: tuple[dict[Any, str], dict[Any, str]] = self._found["names"]
        return names

    def _by_line(self, entity: str) -> Mapping[Any, Mapping[str, Any]]:
        if entity not in self._found:
            self._found[entity] = {
                (row["compound_id"], row["programme_type_code"], row["report_month"]): _decimals(row)
                for row in self._taken(entity)
            }
        lines: Mapping[Any, Mapping[str, Any]] = self._found[entity]
        return lines

    def _registered(self) -> Mapping[Any, Mapping[str, Any]]:
        if "register" not in self._found:
            self._found["register"] = {row["building_id"]: row for row in self._taken("building_register")}
        register: Mapping[Any, Mapping[str, Any]] = self._found["register"]
        return register

    def _areas(self) -> Mapping[Any, list[Decimal]]:
        if "areas" not in self._found:
            areas: dict[Any, list[Decimal]] = {}
            for row in self._registered().values():
                areas.setdefault((row["compound_id"], row["programme_type_code"]), []).append(row["floor_area_m2"])
            self._found["areas"] = areas
        known: Mapping[Any, list[Decimal]] = self._found["areas"]
        return known

    def _reported(self) -> Mapping[Any, list[Mapping[str, Any]]]:
        """Buildings as reported in a month, by compound and type; only where every registered one is reported."""
        if "reported" not in self._found:
            reported: dict[Any, list[Mapping[str, Any]]] = {}
            for row in self._taken("contractor_progress"):
                register = self._registered().get(row["building_id"])
                if register is not None and row["report_month"] is not None:
                    key = (register["compound_id"], register["programme_type_code"], row["report_month"])
                    reported.setdefault(key, []).append(_standing(row, register))
            full = {key: rows for key, rows in reported.items() if len(rows) == len(self._areas()[key[0], key[1]])}
            self._found["reported"] = full
        known: Mapping[Any, list[Mapping[str, Any]]] = self._found["reported"]
        return known

    def _taken(self, entity: str, *columns: str) -> Iterable[dict[str, Any]]:
        rows = self.rows.get(entity)
        if rows is None or rows.is_empty() or "street_id" not in rows.columns:
            return ()
        kept = rows.filter(pl.col("street_id").is_in(sorted(self.streets)))
        names = [name for name in columns if name in kept.columns] or [
            name for name in kept.columns if name not in ("addresses", "raw", "faults")
        ]
        return (
            kept.select(names).unique(maintain_order=True).iter_rows(named=True)
            if columns
            else kept.select(names).iter_rows(named=True)
        )


def _standing(row: Mapping[str, Any], register: Mapping[str, Any]) -> Mapping[str, Any]:
    end = _month_end(row["report_month"])
    started = row["actual_start_kind"] == "actual" and row["actual_start"] <= end
    finished = row["actual_finish_kind"] == "actual" and row["actual_finish"] <= end
    return {
        "is_started": started,
        "is_completed": finished and row["status_code"] in _FINISHED,
        "floor_area_m2": register["floor_area_m2"],
        "household_count": register["household_count"] or 0,
    }


def _decimals(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if isinstance(value, int) else value for name, value in row.items()}


def _month_before(day: dt.date) -> dt.date:
    return (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _month_end(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
