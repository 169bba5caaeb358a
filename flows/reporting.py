"""`xinyan report`, and the report a night writes: one release → a folder of HTML pages, put in place whole.

`reports/NNNNNN/` is the report of a release and goes when the release goes; `reports/current` leads to the newest.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

import schemas.forms
from flows.errors import UserError
from flows.home import Home
from flows.settings import ZONE
from schemas.forms import Catalogue
from schemas.reasons import REASONS
from transforms import report
from transforms.report import PAGED, Table
from warehouse import reading
from warehouse import release as releasing
from warehouse.models import load_models

CURRENT = "current"
_SYNTHETIC = "合成数据：由 xinyan sample 按随机种子 {seed} 生成的样本，不是真实工程的数据。"
_COUNTED = {
    # source: (what is counted, the count's name and label, by what, of which rows)
    "ops.open_findings": ("count(*)", "findings", "条数", ("severity", "code"), ""),
    "ops.quarantine": ("count(distinct row_id)", "rows_waiting", "行数", ("code",), "known_to is null"),
}
_GRAINS = {"ops.freshness": ("entity", "street_id", "filer_id")}
_SEVERITIES = {"R": "退回", "Q": "待核", "W": "提醒", "F": "已处理"}


def write_for_release(home: Home, number: int) -> None:
    """Write the report of a new release, let `current` lead to it, and remove those of releases that are gone."""
    write(home, None, number)
    kept = {home.report_of(each.release_no).name for each in releasing.releases(home.releases)}
    for folder in home.reports.iterdir():
        if folder.name.isdigit() and folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder)


def write(home: Home, folder: Path | None = None, number: int | None = None) -> dict[str, Any]:
    """Write the report of a release into a folder, or into the home's own. Gives `release`, `index`, `pages`."""
    collected = collect(home, number)
    site = report.make_site(collected)
    target = folder if folder is not None else home.report_of(collected.number)
    try:
        _put_in_place(target, site)
        newest = releasing.newest(home.releases)
        if folder is None and newest is not None and newest.release_no == collected.number:
            _point(home.reports / CURRENT, target.name)
    except OSError as error:
        raise UserError(
            f"report {target}",
            f"cannot be written ({error.strerror or error})",
            "an empty or missing folder, or an earlier report, that this account may write",
            "Name another folder with -o.",
        ) from None
    return {"release": collected.number, "index": str(target / "index.html"), "pages": len(site)}


def collect(home: Home, number: int | None = None) -> report.Release:
    """Take from a release, and from the one before, everything its report shows."""
    newest = releasing.newest(home.releases)
    if newest is None:
        raise UserError(
            f"report {home.root}", "there is no release", "a home with a release", "Run `xinyan nightly` first."
        )
    number = newest.release_no if number is None else number
    path = reading.released_path(home.releases, number)
    catalogue = schemas.forms.load()
    kept = {each.release_no: each for each in releasing.releases(home.releases)}
    earlier = max((each for each in kept if each < number), default=None)
    with reading.Reader(path) as reader:
        tables = _tables(reader, report.needed(), catalogue)
        cells, traceable = _cells(reader, tables)
    return report.Release(
        number=number,
        known_at=_day(kept[number].newest_instant),
        made_at=_day(kept[number].made_at),
        tables=tables,
        cells=cells,
        traceable=traceable,
        previous_number=earlier,
        previous={} if earlier is None else _earlier(home, earlier, catalogue),
        synthetic=_synthetic(home),
    )


def _earlier(home: Home, number: int, catalogue: Catalogue) -> Mapping[str, Table]:
    with reading.Reader(reading.released_path(home.releases, number)) as reader:
        return _tables(reader, report.compared(), catalogue)


def _tables(reader: reading.Reader, sources: Iterable[str], catalogue: Catalogue) -> dict[str, Table]:
    """The tables of a release that are there, each with the titles and labels of its own comments."""
    said = reader.objects()
    grains = {f"{model.layer}.{model.name}": model.grain for model in load_models(())}
    found = {}
    for source in sources:
        layer, _, name = source.partition(".")
        about = said.filter((pl.col("schema_name") == layer) & (pl.col("table_name") == name))
        if not about.filter(pl.col("kind").is_in(["table", "view"])).height:
            continue
        comments = dict(about.filter(pl.col("kind") == "column").select("column_name", "comment").iter_rows())
        labels = {column: (comment or "").partition(" | ")[0] or column for column, comment in comments.items()}
        title = about.filter(pl.col("kind").is_in(["table", "view"]))["comment"][0] or source
        only = ""
        sql, grain = f"from {source} order by all", grains.get(source, _GRAINS.get(source, ()))
        if source in _COUNTED:
            count, column, label, grain, only = _COUNTED[source]
            by = ", ".join(grain)
            sql = f"select {by}, {count} as {column} from {source} where {only or 'true'} group by {by} order by {by}"
            labels[column] = label
        frame = reader.query(sql)
        words = {column: _words(column, catalogue) for column in frame.columns}
        found[source] = Table(source, title.partition(" | ")[0], frame, labels, grain, words, only)
    return found


def _words(column: str, catalogue: Catalogue) -> Mapping[str, str]:
    """What the codes of a column stand for."""
    match column:
        case "severity":
            return _SEVERITIES
        case "code" | "reason_code":
            return {code: f"{code} {reason.title_zh}" for code, reason in REASONS.items()}
        case "form_code":
            return {form.code: f"{form.code} {form.title_zh}" for form in catalogue.forms.values()}
    lists = {each.codes for form in catalogue.forms.values() for each in form.columns if each.name == column}
    return {code: label for name in sorted(filter(None, lists)) for code, label in catalogue.codes[name].labels.items()}


def _cells(reader: reading.Reader, tables: Mapping[str, Table]) -> tuple[dict[str, pl.DataFrame], frozenset[str]]:
    """The cells of the figures that get a page, and which summaries can be traced at all."""
    macros = reader.query("select function_name from duckdb_functions() where schema_name = 'trace'")
    traceable = frozenset(name.removesuffix("_as_of") for name in macros["function_name"])
    cells = {}
    for source, figures in PAGED.items():
        name = source.rpartition(".")[2]
        if source in tables and name in traceable:
            grain = ", ".join(tables[source].grain)
            cells[source] = reader.query(
                f"select * from trace.{name}_as_of((select max(newest_instant) from ops.releases))"
                " where list_contains($figures, figure)"
                f" order by {grain}, figure, role = 'evidence', file, sheet, row_id, column_name",
                {"figures": list(figures)},
            )
    return cells, traceable


def _day(instant: Any) -> str:
    if instant is None:
        return "—"
    at = dt.datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{at.astimezone(ZONE):%Y-%m-%d}"


def _synthetic(home: Home) -> str | None:
    try:
        said = json.loads(home.sample_mark.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        said = {}
    return _SYNTHETIC.format(seed=said.get("seed", "—") if isinstance(said, dict) else "—")


def _put_in_place(target: Path, site: Mapping[str, str]) -> None:
    """Write beside, then take the place of an earlier report; a folder with other things in it is left alone."""
    if target.exists() and any(target.iterdir()) and not (target / "index.html").is_file():
        raise FileExistsError(f"{target} holds something else")
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    for path, text in site.items():
        (partial / path).parent.mkdir(parents=True, exist_ok=True)
        (partial / path).write_text(text, encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    partial.replace(target)


def _point(link: Path, target: str) -> None:
    """Let the stable name lead to the newest report, in one step."""
    partial = link.with_name(f".{link.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    partial.symlink_to(target)
    partial.replace(link)
