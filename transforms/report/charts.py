"""Charts as static SVG: Altair says what is drawn, vl-convert draws it in this process, without a network.

Each is drawn twice, for a desk and for a phone, so that its letters stay letters of a readable size. Text stays text.
Colours are of Okabe and Ito's palette, told apart by the colour-blind; lines differ in dash and shape as well.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

from transforms.report.formats import scaled
from transforms.report.tables import Table

FONTS = (
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', 'Hiragino Sans GB',"
    " 'WenQuanYi Micro Hei', 'SimHei', sans-serif"
)
DONE, BEGUN, TARGET, GRID = "#0072B2", "#D55E00", "#333333", "#dddddd"
WIDE, NARROW = 640, 270
_DASHES = {0: [1, 0], 1: [6, 3], 2: [2, 3]}


def lines(table: Table, x: str, columns: Sequence[str], dashed: str | None = None) -> Markup:
    """Lines over months: the measures, and one column as a dashed line to be reached."""
    names = [*columns, *([dashed] if dashed else [])]
    data = _data(table, x, names)
    colours = [DONE, BEGUN][: len(columns)] + ([TARGET] if dashed else [])
    labels = [table.label(name) for name in names]
    series = alt.Scale(domain=labels, range=colours)
    dashes = alt.Scale(domain=labels, range=[_DASHES[number] for number in range(len(labels))])

    def draw(width: int) -> Any:
        return (
            alt.Chart(data, width=width, height=260 if width == WIDE else 220)
            .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=36, filled=True))
            .encode(
                x=alt.X("at:O", title=None, axis=alt.Axis(labelAngle=-45 if width == NARROW else 0, grid=False)),
                y=alt.Y("amount:Q", title=None, scale=alt.Scale(zero=True)),
                color=alt.Color("series:N", scale=series, legend=_legend(width)),
                strokeDash=alt.StrokeDash("series:N", scale=dashes, legend=_legend(width)),
            )
        )

    return _both(draw)


def bars(table: Table, by: str, columns: Sequence[str], *, in_time: bool = False) -> Markup:
    """Measures side by side: lying bars per name in the order of the rows, or standing ones over months."""
    data = _data(table, by, columns)
    labels = [table.label(name) for name in columns]
    series = alt.Scale(domain=labels, range=[DONE, BEGUN][: len(labels)])
    order = list(dict.fromkeys(_at(table, by, value) for value in table.frame[by]))

    def draw(width: int) -> Any:
        narrow = width == NARROW
        amount = alt.Axis(title=None, gridColor=GRID, tickCount=4 if narrow else 8)
        names = alt.Axis(title=None, labelLimit=110 if narrow else 240, labelAngle=-45 if narrow and in_time else 0)
        colour = alt.Color("series:N", scale=series, legend=_legend(width) if len(labels) > 1 else None)
        if in_time:
            return (
                alt.Chart(data, width=width, height=200)
                .mark_bar()
                .encode(
                    x=alt.X("at:O", sort=order, axis=names),
                    xOffset=alt.XOffset("series:N", sort=labels),
                    y=alt.Y("amount:Q", axis=amount),
                    color=colour,
                )
            )
        return (
            alt.Chart(data, width=width - (60 if narrow else 100), height=alt.Step(12))
            .mark_bar()
            .encode(
                y=alt.Y("at:N", sort=order, axis=names),
                yOffset=alt.YOffset("series:N", sort=labels),
                x=alt.X("amount:Q", axis=amount),
                color=colour,
            )
        )

    return _both(draw)


def _legend(width: int) -> alt.Legend:
    return alt.Legend(title=None, orient="top", columns=1 if width == NARROW else 4, labelLimit=260, symbolSize=120)


def _data(table: Table, by: str, columns: Sequence[str]) -> Any:
    """Rows of name, measure and amount in the unit shown; binary fractions are enough for a picture."""
    values = [
        {
            "at": _at(table, by, row[by]),
            "series": table.label(name),
            "amount": None if row[name] is None else float(scaled(name, row[name])),
        }
        for row in table.frame.iter_rows(named=True)
        for name in columns
    ]
    return alt.Data(values=values)  # type: ignore[no-untyped-call]


def _at(table: Table, by: str, value: Any) -> str:
    """The name of a row; of a month end, the month."""
    return f"{value:%Y-%m}" if isinstance(value, dt.date) else table.show(by, value)


def _both(draw: Any) -> Markup:
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(
        _svg(draw(WIDE), WIDE), _svg(draw(NARROW), NARROW)
    )


def _svg(chart: Any, width: int) -> Markup:
    size = 12 if width == WIDE else 11
    drawn = (
        chart.configure(font=FONTS, background="white")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=size, gridColor=GRID, labelColor="#222222")
        .configure_legend(labelFontSize=size, labelColor="#222222")
    )
    version = "_".join(alt.SCHEMA_VERSION.split(".")[:2]).replace("_", ".")
    svg: str = vl_convert.vegalite_to_svg(drawn.to_dict(), vl_version=version, allowed_base_urls=[])
    # A picture beside its table: read once, from the table.
    return Markup(re.sub(r"<svg ", '<svg role="img" aria-hidden="true" ', svg, count=1))
