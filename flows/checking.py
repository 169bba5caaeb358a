"""`xinyan check`: the judgement a file would meet, before it is sent. Nothing is loaded, nothing of it is kept."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

import schemas.forms
from flows import deciding, explaining, lock, reaching, returning, settings, workers
from flows.errors import UserError
from flows.home import Home, look_into
from flows.layouts import packages_of
from flows.playing import Landed
from flows.settings import ZONE, Settings
from schemas import frames
from schemas.forms import Catalogue, Form
from schemas.reasons import REASONS
from schemas.slips import LEVELS, NAME_MARKS, file_name_of, number_of
from transforms.calendar import Calendar
from transforms.layout import FileReading
from transforms.slip import Heading, Mark
from transforms.split import Verdicts, World, judge
from transforms.validate import validate
from warehouse import ledger, open_warehouse

_FAULTS = ("R", "Q", "W")
_TOLD = ("code", "severity", "sheet", "address", "column_name", "found", "expected", "action")
_LOCK_FILE = "lock_file"


@dataclass(frozen=True)
class Checked:
    """What would become of one file. ``unchecked`` says what could not be judged here."""

    path: Path
    reading: FileReading
    findings: tuple[Mapping[str, Any], ...]
    accepted: int | None
    quarantined: int | None
    unchecked: tuple[str, ...]
    marked: Path | None = None

    @property
    def faults(self) -> int:
        """How many findings its sender has to correct or to look at."""
        return sum(1 for finding in self.findings if finding["severity"] in _FAULTS)

    @property
    def verdict(self) -> str:
        """One of: refused, faults, fine."""
        if self.reading.format == _LOCK_FILE or not (self.reading.submissions["outcome"] == "read").any():
            return "refused"
        return "faults" if self.faults else "fine"


def check(paths: Sequence[Path], root: Path | None, marked: Path | None) -> list[Checked]:
    """Judge files: by the schemas alone, or against what the warehouse of a home knows.

    Raises `UserError` for a path that is no file, a home that is not there or busy, a folder that cannot be written.
    """
    _require_files(paths)
    home = None if root is None else look_into(root)
    chosen = Settings() if home is None else settings.load(home.settings_file)
    packages = workers.PACKAGES if home is None else packages_of(home, workers.PACKAGES)
    catalogue = schemas.forms.load(packages)
    with workers.read_aside(paths, chosen.limits, packages) as readings:
        if home is None or not home.warehouse.exists():
            checked = [_by_schemas(path, reading, catalogue) for path, reading in zip(paths, readings, strict=True)]
        else:
            checked = _against(home, chosen, paths, readings, catalogue)
    return checked if marked is None else _mark(checked, marked, chosen, catalogue)


def _require_files(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no such file"
            raise UserError(str(path), found, "a workbook", "Name the files to check: xinyan check 9月月报.xlsx")


def _by_schemas(path: Path, reading: FileReading, catalogue: Catalogue) -> Checked:
    forms = _forms_of(reading, catalogue)
    rows = {entity: validate(catalogue.forms[entity], frame) for entity, frame in reading.rows.items()}
    found = reading.findings.to_dicts() + _one_per_cell(explaining.faults_of(replace(reading, rows=rows)))
    unchecked = dict.fromkeys(sentence for form in forms for sentence in _needs_register(form))
    return Checked(path, reading, tuple(_in_order(found)), None, None, tuple(unchecked))


def _one_per_cell(faults: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the gravest fault of a cell, the first among equals, as the night does."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    for fault in faults:
        place = (fault["submission_id"], fault["sheet"], fault["column_name"], fault["address"])
        known = kept.get(place)
        if known is None or tuple(LEVELS).index(fault["severity"]) < tuple(LEVELS).index(known["severity"]):
            kept[place] = fault
    return list(kept.values())


def _needs_register(form: Form) -> Iterable[str]:
    """Say what of a form can only be judged where the register and earlier reports are known."""
    if form.references:
        yield "名称是否与台账、名录一致"
    if form.restated:
        yield "面积、户数是否与台账一致"
    if form.cumulative:
        yield "累计数是否与上期衔接"
    if form.exclusive is not None:
        yield "是否与其他单位重复填报"
    if form.in_motion is not None:
        yield "是否照抄上期"
    if form.filer_kind == "contractor":
        yield "填报单位是否在名录中"


def _forms_of(reading: FileReading, catalogue: Catalogue) -> list[Form]:
    entities = reading.submissions["entity"].unique().sort().to_list()
    return [catalogue.forms[entity] for entity in entities if entity in catalogue.forms]


def _against(
    home: Home, chosen: Settings, paths: Sequence[Path], readings: Sequence[FileReading], catalogue: Catalogue
) -> list[Checked]:
    """Judge each file as if it came next, in a copy of the warehouse; the home itself is only read."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "warehouse.duckdb"
        with lock.writer(home.writer_lock, "xinyan check"):
            shutil.copyfile(home.warehouse, copy)
        with open_warehouse(copy, catalogue, create=False) as warehouse:
            landed = reaching.everything_landed(warehouse)
            last = ledger.last_instant(warehouse)
    now = dt.datetime.now(ZONE).astimezone(dt.UTC)
    at = now if last is None else max(now, last + dt.timedelta(microseconds=1))
    decided = deciding.decide(home, catalogue, now, last, now)
    days = chosen.calendar
    calendar = Calendar(frozenset(days.extra_holidays), frozenset(days.extra_workdays))
    world = World(
        catalogue,
        landed.submissions,
        {},
        aliases=decided.counting("alias", at),
        corrections=decided.counting("correction", at),
        calendar=calendar,
    )
    return [_judged(path, reading, landed, world, at) for path, reading in zip(paths, readings, strict=True)]


def _judged(path: Path, reading: FileReading, landed: Landed, world: World, at: dt.datetime) -> Checked:
    catalogue = world.catalogue
    new = reading.submissions.filter(pl.col("outcome") == "read").with_columns(
        received_at=pl.lit(at).cast(frames.INSTANT),
        known_from=pl.lit(at).cast(frames.INSTANT),
        file_name=pl.lit(path.name),
    )
    others = pl.col("file_id") != reading.file_id  # a file that came before is judged as if it came again
    read = landed.submissions.filter(others & (pl.col("outcome") == "read") & (pl.col("known_from") <= at))
    rows = {
        entity: pl.concat([frame.filter(others), *_rows(reading, catalogue.forms[entity])])
        for entity, frame in landed.rows.items()
    }
    verdicts = judge(
        replace(
            world,
            submissions=pl.concat([read, new.select(list(frames.LANDED_SUBMISSIONS))]),
            rows=rows,
            columns=pl.concat([landed.columns.filter(others), reading.columns]),
        ),
        at,
    )
    found = reading.findings.to_dicts() + _about(verdicts, reading)
    accepted, quarantined = _counts(verdicts, reading, catalogue)
    return Checked(path, reading, tuple(_in_order(found)), accepted, quarantined, ())


def _rows(reading: FileReading, form: Form) -> list[pl.DataFrame]:
    frame = reading.rows.get(form.entity)
    return [] if frame is None else [validate(form, frame).select(list(form.row_schema()))]


def _about(verdicts: Verdicts, reading: FileReading) -> list[dict[str, Any]]:
    """Take what the judgement found in this file; when it came and how often is no matter before it is sent."""
    own = verdicts.findings.filter(pl.col("file_id") == reading.file_id).to_dicts()
    return [finding for finding in own if not REASONS[finding["code"]].lasting and finding["code"] != "E14"]


def _counts(verdicts: Verdicts, reading: FileReading, catalogue: Catalogue) -> tuple[int, int]:
    lines = {entity for entity in reading.rows if catalogue.forms[entity].part_of is None}
    ids = pl.concat([reading.rows[entity].select("row_id") for entity in sorted(lines)]) if lines else None
    if ids is None:
        return 0, 0
    accepted = sum(verdicts.accepted[entity].join(ids, on="row_id", how="semi").height for entity in lines)
    waiting = verdicts.quarantined.join(ids, on="row_id", how="semi")["row_id"].n_unique()
    return accepted, waiting


def _in_order(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    order = tuple(LEVELS)
    return sorted(
        found,
        key=lambda finding: (
            order.index(finding["severity"]),
            finding["sheet"] or "",
            len(finding["address"] or ""),
            finding["address"] or "",
            finding["code"],
        ),
    )


def _mark(checked: Sequence[Checked], folder: Path, chosen: Settings, catalogue: Catalogue) -> list[Checked]:
    """Write a marked copy of each file with findings."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"--marked {folder}", f"cannot be made ({error.strerror})", "a folder to write into", "Name another."
        ) from None
    jobs: list[returning.Job] = []
    places: list[int] = []
    taken: set[str] = set()
    for place, each in enumerate(checked):
        if not each.findings:
            continue
        marks = tuple(_marks(each, catalogue))
        name = NAME_MARKS[0] if each.faults else NAME_MARKS[1]
        stem = file_name_of(each.path.stem, name, "", "")
        stem = stem if stem not in taken else file_name_of(each.path.stem, name, each.reading.file_id[:6], "")
        taken.add(stem)
        today = f"{dt.datetime.now(ZONE):%Y-%m-%d}（自查）"
        heading = Heading(number_of(each.reading.file_id), each.path.name, today)
        jobs.append(returning.Job(each.reading.file_id, str(each.path), folder / stem, heading, marks))
        places.append(place)
    made = list(checked)
    for place, (path, _) in zip(places, returning.make_slips(jobs, chosen.limits) if jobs else (), strict=True):
        made[place] = replace(made[place], marked=path)
    return made


def _marks(checked: Checked, catalogue: Catalogue) -> Iterable[Mark]:
    reports = {row["submission_id"]: row["entity"] for row in checked.reading.submissions.to_dicts()}
    units = {
        (row["submission_id"], row["column_name"]): (Decimal(row["factor"] or 1), int(row["decimals"] or 0))
        for row in checked.reading.columns.to_dicts()
    }
    for finding in checked.findings:
        row = {"row_id": None, "submission_id": None, **finding}
        yield returning.mark_of({**row, "entity": reports.get(row["submission_id"])}, catalogue, units, {})


def facts(checked: Sequence[Checked]) -> dict[str, Any]:
    """The same for a program."""
    return {
        "faults": sum(each.faults for each in checked) + sum(1 for each in checked if each.verdict == "refused"),
        "files": [
            {
                "file": str(each.path),
                "file_id": each.reading.file_id,
                "format": each.reading.format,
                "verdict": each.verdict,
                "non_empty_cells": int(each.reading.sheets["non_empty_cells"].sum()),
                "rows_read": int(each.reading.submissions["rows_read"].sum()),
                "rows_accepted": each.accepted,
                "rows_quarantined": each.quarantined,
                "reports": each.reading.submissions.select(
                    "form_code", "entity", "filer_text", "street_id", "period", "outcome", "rows_read"
                ).to_dicts(),
                "findings": [{name: finding.get(name) for name in _TOLD} for finding in each.findings],
                "unchecked": list(each.unchecked),
                "marked": None if each.marked is None else str(each.marked),
            }
            for each in checked
        ],
    }


def lines(checked: Sequence[Checked]) -> Iterable[str]:
    """The same for the sender, in Chinese: what the file is, what is wrong with it and where, what was not judged."""
    catalogue = schemas.forms.load(workers.PACKAGES)
    for each in checked:
        yield f"{each.path.name}：{_said(each)}"
        for report in each.reading.submissions.to_dicts():
            form = catalogue.forms[report["entity"]]
            street = catalogue.codes["streets"].labels.get(report["street_id"] or "")
            about = "　".join(part for part in (street or report["filer_text"], report["period"]) if part)
            refused = "，未接收" if report["outcome"] == "refused" else ""
            yield f"  {form.code} {form.title_zh}　{about}：{report['rows_read']}行{refused}"
        for finding in each.findings:
            place = " ".join(part.strip() for part in (finding["sheet"], finding["address"]) if part)
            expected = str(finding["expected"]).removeprefix("应为：").removeprefix("应为")
            level, code = LEVELS[finding["severity"]], finding["code"]
            yield f"  【{level}】{place + '　' if place else ''}{finding['found']}；应为：{expected}（{code}）"
        if each.unchecked:
            yield f"  未核对（需要台账）：{'；'.join(each.unchecked)}"
        if each.marked is not None:
            yield f"  标注件：{each.marked}"


def _said(checked: Checked) -> str:
    if checked.reading.format == _LOCK_FILE:
        return "是打开工作簿时的锁定文件，不是报表"
    count = len(checked.findings)
    match checked.verdict:
        case "refused":
            return f"不能接收，{count}处问题" if count else "不能接收：没有可读取的报表"
        case "faults":
            return f"{checked.faults}处需要改正或核对"
    return "没有问题" if not count else f"没有需要改正的；{count}处系统可自行处理"
