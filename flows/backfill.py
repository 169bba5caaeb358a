"""The backfill as Prefect flows, for the deployments backfill/plan, backfill/apply and backfill/undo.

Three flows of one name, so that each deployment asks for what it needs and for nothing else. One flow goes through its
period in order: runs of one deployment can start out of order, periods of one run cannot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from pydantic import Field

from flows import backfilling, planned
from flows.home import enter
from flows.settings import DEFAULT_HOME
from flows.workers import PACKAGES
from schemas.forms import load

# An empty field limits nothing: the UI shows a field at once for these, and two more clicks for one that may be None.
Month = Annotated[str, Field(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$", examples=["2013-06"])]
FormName = Literal[("", *load(PACKAGES).forms)]  # type: ignore[valid-type]
Reason = Annotated[str, Field(pattern=r"\S", examples=["新版式已复核"])]
PlanId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$", examples=["3f2a91c0"])]


@flow(name="backfill", flow_run_name="backfill plan", log_prints=True)
def plan(
    reason: Reason,
    first: Month = "",
    last: Month = "",
    form: FormName = "",  # type: ignore[valid-type]
    filer: str = "",
    files: list[str] = [],  # noqa: B006 (the form shows an empty list; nothing writes to it)
    changed: bool = False,
    home: str = str(DEFAULT_HOME),
) -> dict[str, Any]:
    """Work out what reading some files again would change; nothing is changed. Fill in at least one limit.

    Args:
        reason: 理由（必填）：为什么重读，与方案一并留存。Why; kept with the plan.
        first: 起始报告期：只重读此月及以后的报表，如 2013-01。Only reports of this month and later.
        last: 截止报告期：只重读此月及以前的报表，如 2013-06。Only reports of this month and earlier.
        form: 表：只重读此表（中文名见 Description 页）。Only this form.
        filer: 填报单位：只重读此单位所报：街道代码，如 110108018，或施工单位全称。Only what this filer reported, by id.
        files: 文件：只重读这些文件：收到时的路径、文件名或 sha256（前 8 位以上）。Only these files.
        changed: 变动所涉：只重读按现行版式、规则或程序会读得不同的文件。Only files that would be read otherwise today.
        home: 目录：运行本流程的机器上的目录，一般不改。The home folder, as seen by the process that runs the flow.
    """
    scope = backfilling.Scope.parse(first, last, form, filer, files, changed)
    return _tell(backfilling.plan(enter(Path(home)), scope, reason, _progress("Files read again"), stage=print))


@flow(name="backfill", flow_run_name="backfill apply {plan_id}", log_prints=True)
def apply(plan_id: PlanId, reason: Reason, home: str = str(DEFAULT_HOME)) -> dict[str, Any]:
    """Carry out a plan, all or nothing, and release. Refused where anything it rests on has changed since.

    Args:
        plan_id: 方案编号（必填）：方案页面标题中的八位编号。The plan's id, as the page of the plan names it.
        reason: 理由（必填）：为什么执行，与决定一并留存。Why; kept with the decision.
        home: 目录：运行本流程的机器上的目录，一般不改。The home folder, as seen by the process that runs the flow.
    """
    return _tell(backfilling.apply(enter(Path(home)), plan_id, reason, _progress("Files read again"), stage=print))


@flow(name="backfill", flow_run_name="backfill undo {plan_id}", log_prints=True)
def undo(plan_id: PlanId, reason: Reason, home: str = str(DEFAULT_HOME)) -> dict[str, Any]:
    """Take back what a plan changed, as long as nothing was loaded or restated since; the history keeps both.

    Args:
        plan_id: 方案编号（必填）：已执行的方案的编号。The plan that was applied.
        reason: 理由（必填）：为什么撤销，与决定一并留存。Why; kept with the decision.
        home: 目录：运行本流程的机器上的目录，一般不改。The home folder, as seen by the process that runs the flow.
    """
    return _tell(backfilling.undo(enter(Path(home)), plan_id, reason))


def forms_listed() -> str:
    """What may stand in `form`, with the Chinese title of each form, as a Markdown table."""
    known = load(PACKAGES).forms.values()
    return "\n".join(["| form | 表 |", "|---|---|", *(f"| {each.entity} | {each.title_zh} |" for each in known)])


def _tell(told: dict[str, Any]) -> dict[str, Any]:
    create_markdown_artifact(key="backfill", markdown=planned.markdown(told), description=f"方案 {told['plan_id']}")
    print("\n".join(backfilling.lines(told)))
    return told


def _progress(doing: str) -> backfilling.Progress:
    """A bar in the UI, made when there is something to count."""
    made: list[Any] = []

    def advance(done: int, total: int) -> None:
        share = 100 * done / total if total else 100.0
        if not made:
            made.append(create_progress_artifact(progress=share, key="reading-again", description=doing))
        else:
            update_progress_artifact(artifact_id=made[0], progress=share)

    return advance
