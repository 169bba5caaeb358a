"""What the report shows, section by section, as data: which table, which columns, added up by what, in which order.

Labels, titles and units are the warehouse's own. A section whose table is missing or empty is left out with a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from transforms.report import charts
from transforms.report.tables import Table

HEADLINE = "summary.target_attainment"
BOUNDS = "summary.target_bounds"
CURVE = "summary.attainment_curve"
STREETS = "summary.street_ranking"

BOUNDS_OF = {
    "started_area_m2": ("started_area_low_m2", "started_area_high_m2"),
    "completed_area_m2": ("completed_area_low_m2", "completed_area_high_m2"),
    "completion_ratio": ("completion_low_ratio", "completion_high_ratio"),
}
"""Which columns of the bounds hold the low and the high of a headline figure."""


@dataclass(frozen=True)
class View:
    """One table of a section, made from one table of the release.

    ``added_up`` names the measures summed (NULL stays NULL where nothing is known) by ``by``; else rows are shown as
    they are. ``of_the_year`` keeps the programme year of the report.
    """

    source: str
    columns: tuple[str, ...]
    by: tuple[str, ...] = ()
    added_up: tuple[str, ...] = ()
    highest: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    descending: bool = False
    of_the_year: bool = True
    title: str = ""
    chart: Callable[[Table], Markup] | None = None

    def table(self, table: Table, year: int | None) -> Table:
        """The rows shown."""
        frame = table.frame
        if self.of_the_year and year is not None and "plan_year" in frame.columns:
            frame = frame.filter(pl.col("plan_year") == year)
        if self.by:
            frame = frame.group_by(list(self.by), maintain_order=True).agg(
                *(_sum(name) for name in self.added_up if name in frame.columns),
                *(pl.col(name).max() for name in self.highest if name in frame.columns),
            )
        order = [name for name in self.order or self.by if name in frame.columns]
        if order:
            frame = frame.sort(order, descending=self.descending, nulls_last=True, maintain_order=True)
        return table.with_rows(frame, self.by or None)


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


@dataclass(frozen=True)
class Section:
    """A heading of the report and what stands below it."""

    anchor: str
    heading: str
    views: tuple[View, ...]
    note: str = ""


_ATTAINMENT = (
    "target_area_m2",
    "started_area_m2",
    "completed_area_m2",
    "completed_to_date_area_m2",
    "completion_ratio",
    "start_ratio",
    "completed_of_started_ratio",
    "over_target_area_m2",
    "benefited_compounds",
    "benefited_buildings",
    "benefited_households",
    "completed_compounds",
    "completed_buildings",
    "completed_households",
)
CARDS = _ATTAINMENT
"""Figures of the headline, in this order."""

_OPINIONS = ("raised", "replied", "decided", "adopted", "resolved", "asked_again", "satisfied")
_ISSUES = ("issues", "open_issues", "overdue_issues", "closed_issues")
_SAFETY = (
    "inspections",
    "hazards_found",
    "hazards_major",
    "hazards_fixed",
    "overdue_inspections",
    "overdue_hazards",
    "penalty_yuan",
    "accidents",
)
_TIMELINESS = ("expected_reports", "received_reports", "missing_reports", "on_time_reports", "rows_quarantined")
_QUALITY = ("findings", "rows_quarantined")

SECTIONS = (
    Section(
        "curve",
        "进度曲线",
        (
            View(
                CURVE,
                ("month_end", *_ATTAINMENT[:3], *_ATTAINMENT[4:6], "started_buildings", "completed_buildings"),
                order=("month_end",),
                chart=lambda table: charts.lines(
                    table, "month_end", ("completed_area_m2", "started_area_m2"), "target_area_m2"
                ),
            ),
        ),
        "虚线为全年任务。按开工、竣工日期统计到各月末。",
    ),
    Section(
        "streets",
        "街道排名",
        (
            View(
                STREETS,
                (
                    "area_rank",
                    "street_name",
                    "started_area_m2",
                    "completed_area_m2",
                    "district_share_ratio",
                    "compounds",
                    "buildings",
                    "households",
                ),
                order=("area_rank", "street_id"),
                chart=lambda table: charts.bars(table, "street_name", ("completed_area_m2", "started_area_m2")),
            ),
        ),
    ),
    Section(
        "mix",
        "改造类型",
        (
            View(
                "summary.programme_mix",
                (
                    "programme_type_code",
                    "target_area_m2",
                    "started_area_m2",
                    "started_share_ratio",
                    "completed_area_m2",
                    "completion_ratio",
                    "started_compounds",
                    "started_buildings",
                    "started_households",
                    "completed_buildings",
                    "completed_households",
                ),
                chart=lambda table: charts.bars(table, "programme_type_code", ("completed_area_m2", "started_area_m2")),
            ),
        ),
    ),
    Section(
        "items",
        "分项工程",
        (
            View(
                "summary.work_item_progress",
                (
                    "work_item_code",
                    "unit_code",
                    "qty_design",
                    "qty_cum",
                    "completion_ratio",
                    "buildings",
                    "accepted_buildings",
                ),
            ),
        ),
    ),
    Section(
        "contractors",
        "施工单位",
        (
            View(
                "summary.contractor_performance",
                (
                    "contractor_name",
                    "floor_area_m2",
                    "completed_area_m2",
                    "buildings",
                    "finished_buildings",
                    "on_time_ratio",
                    "late_buildings",
                    "median_days_late",
                    "hazards_found",
                    "hazards_per_hectare",
                    "opinions",
                    "opinions_per_100_households",
                ),
                order=("floor_area_m2",),
                descending=True,
            ),
        ),
    ),
    Section(
        "opinions",
        "居民意见",
        (
            View(
                "summary.opinion_handling",
                ("month", *_OPINIONS, "open_at_month_end"),
                by=("month",),
                added_up=(*_OPINIONS, "open_at_month_end"),
                title="按月合计",
                chart=lambda table: charts.bars(table, "month", ("resolved", "raised"), in_time=True),
            ),
            View(
                "summary.opinion_handling",
                ("stage_code", *_OPINIONS),
                by=("stage_code",),
                added_up=_OPINIONS,
                title="按环节合计",
            ),
        ),
        "各月数字为当月反映的意见及其后续办理情况；月末未解决含以前月份。",
    ),
    Section(
        "issues",
        "协调问题与安全质量",
        (
            View(
                "summary.issue_board",
                ("org_name", *_ISSUES, "oldest_open_days", "org_closure_ratio"),
                by=("org_id", "org_name"),
                added_up=_ISSUES,
                highest=("oldest_open_days", "org_closure_ratio"),
                order=("open_issues",),
                descending=True,
                title="协调问题（按责任单位合计）",
            ),
            View(
                "summary.safety",
                ("month", *_SAFETY),
                by=("month",),
                added_up=_SAFETY,
                title="安全质量检查（按月合计）",
                chart=lambda table: charts.bars(table, "month", ("hazards_fixed", "hazards_found"), in_time=True),
            ),
            View(
                "summary.safety",
                ("contractor_name", *_SAFETY),
                by=("contractor_id", "contractor_name"),
                added_up=_SAFETY,
                order=("hazards_found",),
                descending=True,
                title="安全质量检查（按受检单位合计）",
            ),
        ),
    ),
    Section(
        "quality",
        "报送纪律与数据质量",
        (
            View(
                "summary.report_timeliness",
                ("form_code", *_TIMELINESS),
                by=("form_code",),
                added_up=_TIMELINESS,
                title="报送及时性（按表合计）",
            ),
            View(
                "summary.report_timeliness",
                ("filer_name", *_TIMELINESS),
                by=("filer_id", "filer_name"),
                added_up=_TIMELINESS,
                order=("missing_reports", "expected_reports"),
                descending=True,
                title="报送及时性（按填报单位合计）",
            ),
            View(
                "summary.data_quality",
                ("reason_code", *_QUALITY),
                by=("reason_code",),
                added_up=_QUALITY,
                title="数据质量（按原因合计）",
            ),
            View(
                "ops.open_findings",
                ("severity", "code", "findings"),
                by=("severity", "code"),
                added_up=("findings",),
                title="未了结的问题",
            ),
            View(
                "ops.quarantine",
                ("code", "rows_waiting"),
                by=("code",),
                added_up=("rows_waiting",),
                title="待核数据",
            ),
            View(
                "ops.freshness",
                ("form_code", "newest_period", "newest_received_at", "rows_known", "rows_waiting"),
                by=("form_code",),
                added_up=("rows_known", "rows_waiting"),
                highest=("newest_period", "newest_received_at"),
                title="各表最近数据",
            ),
        ),
        "待核数据不计入上文各数；原因消除后自动入账。",
    ),
)

COMPARED = (HEADLINE, STREETS, "summary.programme_mix", "summary.work_item_progress", "summary.contractor_performance")
"""Tables whose figures are compared with the release before."""


def needed() -> list[str]:
    """Every table the report can show."""
    sources = [HEADLINE, BOUNDS, *(view.source for section in SECTIONS for view in section.views)]
    return list(dict.fromkeys(sources))


@dataclass(frozen=True)
class Change:
    """One figure that is another than in the release before."""

    table: Table
    key: tuple[tuple[str, object], ...]
    column: str
    before: object
    after: object


def changes(before: Mapping[str, Table], after: Mapping[str, Table], sources: Sequence[str] = COMPARED) -> list[Change]:
    """Every figure that differs, row by row of the grain; a row that came or went differs from nothing."""
    found = []
    for source in sources:
        if source in before and source in after:
            found += _changes(before[source], after[source])
    return found


def _changes(before: Table, after: Table) -> list[Change]:
    grain = after.grain
    was = {tuple(row[name] for name in grain): row for row in before.frame.iter_rows(named=True)}
    now = {tuple(row[name] for name in grain): row for row in after.frame.iter_rows(named=True)}
    columns = [
        name
        for name in after.frame.columns
        if name in before.frame.columns and name not in grain and after.frame[name].dtype.is_numeric()
    ]
    return [
        Change(after, tuple(zip(grain, key, strict=True)), name, was.get(key, {}).get(name), now.get(key, {}).get(name))
        for key in dict.fromkeys([*now, *was])
        for name in columns
        if was.get(key, {}).get(name) != now.get(key, {}).get(name)
    ]
