"""The data dictionary: every table and column of a release, from its own comments, as Markdown or HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from itertools import groupby

from warehouse.models import load_models
from warehouse.reading import Reader

LAYERS = {
    "summary": "汇总 | What analysts query: one table per mart, and `X_as_of(instant)` for each",
    "core": "已接收事实 | Accepted facts with lineage and two times, and `X_as_of(instant)` for each",
    "trace": "溯源所用 | What `trace(…)` reads instead of working it out again, as of the release's newest instant",
    "ops": "运行台账 | Files, reports, cells, findings, checks, runs and releases",
}


def dictionary(reader: Reader, packages: Iterable[str] = ()) -> str:
    """Markdown of everything a release holds, summary first. `packages` are those of the catalogue."""
    rows = [row for row in reader.objects().iter_rows(named=True) if row["schema_name"] in LAYERS]
    parts = ["# Data dictionary", "", "Generated from the release's own comments by `xinyan dictionary`.", ""]
    for layer, meaning in LAYERS.items():
        parts += [f"## {layer}", "", meaning, ""]
        inside = [row for row in rows if row["schema_name"] == layer]
        for name, things in groupby(inside, key=lambda row: row["table_name"]):
            parts += _table(layer, name, list(things))
        if layer == "core":
            parts += _helpers(packages)
    return "\n".join(parts).rstrip() + "\n"


_STYLE = (
    "body{font:15px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:75rem;margin:2rem auto;"
    "padding:0 1rem;color:#1b1f24}table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}"
    "td,th{border:1px solid #c8d0d8;padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#eef2f6}"
    "code{white-space:nowrap}@media print{body{max-width:none}}"
)


def as_html(markdown: str) -> str:
    """The same as one page that needs nothing else: only what the dictionary's own Markdown uses is known."""
    body: list[str] = []
    open_table = False
    for line in markdown.splitlines():
        if line.startswith("|---"):
            continue
        cells = [cell.strip() for cell in line.replace("\\|", "\0").strip("|").split("|")] if line[:1] == "|" else []
        if open_table and not cells:
            body.append("</table>")
        if cells:
            kind = "td" if open_table else "th"
            body += [] if open_table else ["<table>"]
            body.append("<tr>" + "".join(f"<{kind}>{_inline(cell)}</{kind}>" for cell in cells) + "</tr>")
        elif line.startswith("#"):
            marks, _, title = line.partition(" ")
            body.append(f'<h{len(marks)} id="{html.escape(title, quote=True)}">{_inline(title)}</h{len(marks)}>')
        elif line:
            body.append(f"<p>{_inline(line)}</p>")
        open_table = bool(cells)
    body += ["</table>"] if open_table else []
    head = f'<meta charset="utf-8"><title>数据字典 Data dictionary</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="zh">\n<head>{head}</head>\n<body>\n' + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _inline(text: str) -> str:
    parts = html.escape(text.replace("\0", "|")).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _table(layer: str, name: str, rows: list[Mapping[str, str]]) -> list[str]:
    head = [row for row in rows if row["kind"] in ("table", "view")]
    if not head:  # a macro: told beside its table
        return []
    lines = [
        f"### {layer}.{name}",
        "",
        head[0]["comment"],
        "",
        "| column | type | 中文 | meaning |",
        "|---|---|---|---|",
    ]
    for row in rows:
        if row["kind"] == "column":
            label, _, meaning = (row["comment"] or "").partition(" | ")
            lines.append(
                f"| `{row['column_name']}` | {_cell(_short(row['data_type']))} | {_cell(label)} | {_cell(meaning)} |"
            )
    return [*lines, ""]


def _helpers(packages: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for model in load_models(packages):
        if model.layer == "core":
            lines += [f"### core.{model.name}_as_of(as_of)", "", model.comment, ""]
            lines += ["| column | 中文 | meaning |", "|---|---|---|"]
            for name, text in model.columns.items():
                label, _, meaning = text.partition(" | ")
                lines.append(f"| `{name}` | {_cell(label)} | {_cell(meaning)} |")
            lines.append("")
    return lines


def _short(data_type: str) -> str:
    return "STRUCT" if data_type.startswith("STRUCT(") else data_type


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
