"""A plan, an apply or an undo as Markdown, for the Prefect UI: what is read again, what changes, because of what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flows.diffing import figure
from flows.scopes import Scope
from flows.workers import PACKAGES
from warehouse import models

SHOWN = 200
"""Numbers an artifact lists; all of them are in the plan."""


def markdown(told: Mapping[str, Any]) -> str:
    """The whole page."""
    return "\n".join(_page(told)) + "\n"


def _page(told: Mapping[str, Any]) -> Iterable[str]:
    yield f"# 重读（回填）{_done(told)} `{told['plan_id']}`"
    yield from ("", "| | |", "|---|---|")
    yield f"| 范围 | `{Scope.read(told['scope']).told}` |"
    yield f"| 理由 | {cell(told['reason'])} |"
    yield f"| 重读文件 | {len(told['files'])} |"
    yield f"| 涉及报表 | {len(told['reports'])} |"
    yield f"| 报告期 | {'、'.join(told['periods']) or '—'} |"
    yield f"| 随之复核的后续报告期 | {'、'.join(told['following_periods']) or '—'} |"
    yield f"| 重述行数 | {told['rows_restated']} |"
    yield f"| 变动的已发布数字 | {len(told['differences'])} |"
    if "release" in told:
        yield f"| 发布 | {_released(told['release'])} |"
    else:
        yield from ("", f"执行：运行部署 `backfill/apply`，`plan_id` 填 `{told['plan_id']}`，并写明理由。")
        yield "执行前数据、版式或程序有变的，方案作废，须重新制定。"
    yield from _differences(told["differences"], told["submissions"])


def _done(told: Mapping[str, Any]) -> str:
    if "undone_at" in told:
        return "已撤销"
    return "已执行" if "release" in told else "方案"


def _released(number: int | None) -> str:
    return f"第{number}版" if number else "已发布的数据没有变化"


def _differences(differences: Sequence[Mapping[str, Any]], submissions: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    if not differences:
        yield from ("", "已发布的数字没有变动。")
        return
    titles, labels = labels_of(models.load_models(PACKAGES))
    files = {each["submission_id"]: each["file"] for each in submissions}
    yield from ("", "## 变动的数字", "", "| 表 | 行 | 指标 | 原为 | 改为 | 因何文件 |", "|---|---|---|---:|---:|---|")
    for each in differences[:SHOWN]:
        key = " ".join(str(value) for value in each["key"].values())
        label = labels.get((each["table"], each["column"]), each["column"])
        by = "、".join(dict.fromkeys(cell(files.get(one, one)) for one in each["submissions"][:3]))
        more = "等" if len(each["submissions"]) > 3 else ""
        yield (
            f"| {titles.get(each['table'], each['table'])} | {cell(key)} | {label} | {cell(figure(each['before']))}"
            f" | {cell(figure(each['after']))} | {by}{more} |"
        )
    if len(differences) > SHOWN:
        yield from ("", f"另有{len(differences) - SHOWN}个数字变动，见方案全文（`xinyan backfill plan --json`）。")


def labels_of(chosen: Iterable[models.Model]) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """The Chinese title of each summary, and the Chinese label of each of its columns."""
    summaries = [model for model in chosen if model.layer == "summary"]
    titles = {model.name: model.title_zh or model.name for model in summaries}
    labels = {
        (model.name, name): text.split("|")[0].strip() for model in summaries for name, text in model.columns.items()
    }
    return titles, labels


def cell(value: Any) -> str:
    """A text that cannot end the table's cell or its row."""
    return " ".join(str(value).replace("|", "｜").split())
