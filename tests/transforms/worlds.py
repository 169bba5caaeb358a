"""Tiny worlds to judge: a register of one street, a firm or two, and the rows a story needs."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from schemas.forms import Catalogue, load
from schemas.frames import ALIASES, CONTROL_CELLS, CORRECTIONS, LANDED_SUBMISSIONS, LOCATED_COLUMNS, RULINGS
from transforms.calendar import Calendar
from transforms.split import Verdicts, World, judge
from transforms.validate import validate

HUAYUAN, XUEYUAN = "110108018", "110108010"
EAST = "北京东城建设工程有限公司"
WEST = "北京西城建设工程有限公司"
NOW = dt.datetime(2014, 3, 3, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def submission(
    name: str,
    entity: str,
    *,
    filer: str | None = None,
    street: str | None = HUAYUAN,
    period: str = "",
    received: str = "2013-03-01",
    rank: int = 0,
    supplement: bool = False,
    edition: int = 0,
    file: str | None = None,
) -> dict[str, Any]:
    """One landed report; its id is its name, and its file's id too where none is given."""
    form = load().forms[entity]
    year, _, month = period.partition("-")
    return {
        "submission_id": name,
        "file_id": file or name,
        "form_code": form.code,
        "entity": entity,
        "filer_text": filer,
        "filer_candidates": [filer] if filer else [],
        "street_id": street,
        "period": period,
        "edition": edition,
        "period_date": dt.date(int(year), int(month or 1), 1) if period else None,
        "version_rank": rank,
        "is_supplement": supplement,
        "filer_address": "A2",
        "period_address": "A1",
        "street_address": "A2",
        "sheet_names": ["Sheet1"],
        "outcome": "read",
        "received_at": dt.datetime.fromisoformat(f"{received}T00:00:00+08:00"),
        "file_name": f"{name}.xlsx",
    }


def rows(entity: str, lines: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as read: each line gives row_id, submission_id and typed values; cells are lettered in the form's order."""
    form = load().forms[entity]
    schema = form.row_schema()
    names = [column.name for column in form.open_columns]
    read = []
    for number, line in enumerate(lines, start=5):
        place = {"sheet_index": 1, "sheet_name": "Sheet1", "block": 1, "row_number": number} | {
            key: value for key, value in line.items() if key in schema
        }
        read.append(
            dict.fromkeys(schema)
            | {
                "file_id": line["submission_id"],
                "addresses": {name: f"{chr(65 + at)}{place['row_number']}" for at, name in enumerate(names)},
                "raw": {name: None if line.get(name) is None else str(line[name]) for name in names},
                "approximate_columns": [],
                "faults": [],
            }
            | place
        )
    frame = pl.DataFrame(read, schema=schema, orient="row")
    return validate(form, frame)


def world(
    submissions: Iterable[Mapping[str, Any]], tables: Mapping[str, Iterable[Mapping[str, Any]]], **more: Any
) -> World:
    landed = pl.DataFrame(list(submissions), schema=dict(LANDED_SUBMISSIONS), orient="row")
    resolutions = pl.DataFrame(more.pop("columns", []), schema=dict(LOCATED_COLUMNS), orient="row")
    aliases = pl.DataFrame(more.pop("aliases", []), schema=dict(ALIASES), orient="row")
    catalogue: Catalogue = load()
    return World(
        catalogue=catalogue,
        submissions=landed,
        rows={entity: rows(entity, lines) for entity, lines in tables.items()},
        columns=resolutions,
        control_cells=more.pop("control_cells", pl.DataFrame(schema=dict(CONTROL_CELLS))),
        aliases=aliases,
        corrections=pl.DataFrame(more.pop("corrections", []), schema=dict(CORRECTIONS), orient="row"),
        rulings=pl.DataFrame(more.pop("rulings", []), schema=dict(RULINGS), orient="row"),
        calendar=Calendar(),
    )


ORGS = (
    {
        "row_id": "east",
        "submission_id": "F22",
        "full_name": EAST,
        "short_names": ["东城建"],
        "org_type_code": "CONTRACTOR",
    },
    {
        "row_id": "west",
        "submission_id": "F22",
        "full_name": WEST,
        "short_names": ["西城建"],
        "org_type_code": "CONTRACTOR",
    },
)


def compound(
    row: str, name: str, *, report: str = "F02", aliases: list[str] | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "row_id": row,
        "submission_id": report,
        "street": "花园路",
        "compound_name": name,
        "compound_alias": aliases or [],
        "floor_area_m2": Decimal("50000.00"),
        "plan_year": 2013,
    } | more


def building(
    row: str, name: str, number: str, area: str, households: int, *, report: str = "F03", firm: str = EAST, **more: Any
) -> dict[str, Any]:
    return {
        "row_id": row,
        "submission_id": report,
        "compound_name": name,
        "building_no": number,
        "built_year": 1985,
        "programme_type_code": "ENERGY_ENV",
        "floor_area_m2": Decimal(area),
        "household_count": households,
        "contractor": firm,
    } | more


def progress(row: str, report: str, name: str, number: str, area: str, households: int, **more: Any) -> dict[str, Any]:
    return {
        "row_id": row,
        "submission_id": report,
        "report_month": dt.date(2013, 9, 1),
        "compound_name": name,
        "building_no": number,
        "floor_area_m2": Decimal(area),
        "household_count": households,
        "actual_start": dt.date(2013, 4, 1),
        "actual_start_kind": "actual",
        "actual_start_precision": "day",
        "status_code": "IN_PROGRESS",
    } | more


REGISTERS = [
    submission("F22", "org_directory", street=None),
    submission("F02", "compound_register"),
    submission("F03", "building_register"),
]
TABLES: dict[str, list[dict[str, Any]]] = {
    "org_directory": list(ORGS),
    "compound_register": [
        compound("yuan", "花园路甲3号院", aliases=["花园里"]),
        compound("li", "塔院南里"),
    ],
    "building_register": [
        building("yuan-1", "花园路甲3号院", "1号楼", "5000.00", 70),
        building("yuan-2", "花园路甲3号院", "2号楼", "5200.00", 72),
        building("yuan-3", "花园路甲3号院", "3号楼", "5300.00", 73, firm="西城建"),
        building("li-1", "塔院南里", "1号楼", "6000.00", 80),
        building("li-2", "塔院南里", "2号楼", "6100.00", 81),
    ],
}


def story(
    reports: Iterable[Mapping[str, Any]],
    tables: Mapping[str, list[dict[str, Any]]],
    *,
    at: dt.datetime = NOW,
    **more: Any,
) -> Verdicts:
    """Judge the registers together with the given reports and rows."""
    merged = {**TABLES}
    for entity, lines in tables.items():
        merged[entity] = [*TABLES.get(entity, []), *lines]
    return judge(world([*REGISTERS, *reports], merged, **more), at)


def reasons(verdicts: Verdicts) -> dict[str, str]:
    """The code each quarantined row waits for (joined where more than one)."""
    waiting: dict[str, list[str]] = {}
    for row, code in verdicts.quarantined.select("row_id", "code").rows():
        waiting.setdefault(row, []).append(code)
    return {row: "+".join(sorted(codes)) for row, codes in waiting.items()}


def of_rows(verdicts: Verdicts) -> pl.DataFrame:
    """The findings about what came; that other months never came (E16) is not what a story of rows is about."""
    return verdicts.findings.filter(pl.col("submission_id").is_not_null())


def found(verdicts: Verdicts, code: str) -> list[tuple[str | None, str | None]]:
    """Row and address of each finding of a code."""
    of_code = verdicts.findings.filter(pl.col("code") == code).sort("row_id", "address")
    return of_code.select("row_id", "address").rows()
