"""A plan, an apply or an undo as Markdown, for the Prefect UI: what is read again, what changes, because of what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flows.diffing import figure
from flows.scopes import Scope
from flows.workers import PACKAGES
from warehouse import models

SHOWN = 12
"""Numbers an artifact lists of each table; all of them are in the plan."""


def markdown(told: Mapping[str, Any]) -> str:
    """The whole page."""
    return "\n".join(_page(told)) + "\n"


def _page(told: Mapping[str, Any]) -> Iterable[str]:
    yield f"# 重读（回填）{_done(told)} `{told['plan_id']}`"
    yield from ("", "| 项目 | 内容 |", "|---|---|")
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
    """What changes: how much of each table, then number by number, then the files. Headline tables come first.

    Columns that matter stand to the left and files as numbers: the Prefect UI cuts off what is wider than its page.
    """
    if not differences:
        yield from ("", "已发布的数字没有变动。")
        return
    chosen = models.load_models(PACKAGES)
    titles, labels = labels_of(chosen)
    headline = {model.name: len(model.grain) for model in chosen if model.is_revised}
    by_table: dict[str, list[Mapping[str, Any]]] = {}
    for each in sorted(differences, key=lambda each: headline.get(each["table"], 99)):
        by_table.setdefault(each["table"], []).append(each)
    paths = {each["submission_id"]: each["file"] for each in submissions}
    named = {path: number for number, path in enumerate(sorted(set(paths.values())), start=1)}
    yield from ("", "## 变动的数字", "", "| 表 | 变动的数字 |", "|---|---:|")
    yield from (f"| {titles.get(table, table)} | {len(found)} |" for table, found in by_table.items())
    for table, found in by_table.items():
        yield from ("", f"### {titles.get(table, table)}", "")
        yield from ("| 指标 | 原为 | 改为 | 因何文件 | 行 |", "|---|---:|---:|---|---|")
        for each in found[:SHOWN]:
            label = labels.get((table, each["column"]), each["column"])
            numbers = sorted({named[paths[one]] for one in each["submissions"] if one in paths})
            by = "、".join(f"[{number}]" for number in numbers[:3]) + ("等" if len(numbers) > 3 else "")
            key = " ".join(_said(value) for value in each["key"].values())
            yield f"| {label} | {_said(each['before'])} | {_said(each['after'])} | {by or '—'} | {key} |"
        if len(found) > SHOWN:
            yield from ("", f"另有{len(found) - SHOWN}个数字变动，见方案全文（`xinyan backfill plan --json`）。")
    yield from ("", "## 因何文件", "", "| 编号 | 文件 |", "|---|---|")
    yield from (f"| [{number}] | {cell(path)} |" for path, number in named.items())


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return cell(figure(value))


def labels_of(chosen: Iterable[models.Model]) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """The Chinese title of each summary, and the Chinese label of each of its columns."""
    summaries = [model for model in chosen if model.layer == "summary"]
    titles = {model.name: model.title_zh or model.name for model in summaries}
    labels = {
        (model.name, name): text.split("|")[0].strip() for model in summaries for name, text in model.columns.items()
    }
    return titles, labels


def cell(value: Any) -> str:
    """What senders and engineers wrote must not end a table's cell or its row, nor become a tag where it is shown."""
    return " ".join(str(value).replace("|", "｜").replace("<", "＜").split())
