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

Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", examples=["2013-06"])]
Reason = Annotated[str, Field(min_length=1, examples=["新版式已复核"])]
PlanId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$", examples=["3f2a91c0"])]
FormName = Literal[tuple(load(PACKAGES).forms)]  # type: ignore[valid-type]


@flow(name="backfill", flow_run_name="backfill plan", log_prints=True)
def plan(
    reason: Reason,
    first: Month | None = None,
    last: Month | None = None,
    form: FormName | None = None,  # type: ignore[valid-type]
    filer: str | None = None,
    files: list[str] | None = None,
    changed: bool = False,
    home: str = str(DEFAULT_HOME),
) -> dict[str, Any]:
    """Work out what reading some files again would change; nothing is changed. Name at least one limit.

    Args:
        reason: why 理由; kept with the plan.
        first: first report period 起始报告期, such as 2013-01.
        last: last report period 截止报告期, such as 2013-06.
        form: only this form 表, by entity name.
        filer: only this filer 填报单位, by id, such as 110108018 or a firm's full name.
        files: only these files 文件, by path as received or sha256.
        changed: only files that today's layouts, rules or code would read otherwise 版式或规则变动所涉.
        home: the home folder, as seen by the process that runs the flow.
    """
    scope = backfilling.Scope.parse(first, last, form, filer, files or (), changed)
    return _tell(backfilling.plan(enter(Path(home)), scope, reason, _progress("Files read again")))


@flow(name="backfill", flow_run_name="backfill apply {plan_id}", log_prints=True)
def apply(plan_id: PlanId, reason: Reason, home: str = str(DEFAULT_HOME)) -> dict[str, Any]:
    """Carry out a plan, all or nothing, and release. Refused where anything it rests on has changed since.

    Args:
        plan_id: the plan 方案编号, as its artifact names it.
        reason: why 理由; kept with the decision.
        home: the home folder, as seen by the process that runs the flow.
    """
    return _tell(backfilling.apply(enter(Path(home)), plan_id, reason, _progress("Files read again")))


@flow(name="backfill", flow_run_name="backfill undo {plan_id}", log_prints=True)
def undo(plan_id: PlanId, reason: Reason, home: str = str(DEFAULT_HOME)) -> dict[str, Any]:
    """Take back what a plan changed, as long as nothing was loaded or restated since; the history keeps both.

    Args:
        plan_id: the plan 方案编号 that was applied.
        reason: why 理由; kept with the decision.
        home: the home folder, as seen by the process that runs the flow.
    """
    return _tell(backfilling.undo(enter(Path(home)), plan_id, reason))


def _tell(told: dict[str, Any]) -> dict[str, Any]:
    create_markdown_artifact(key="backfill", markdown=planned.markdown(told), description=f"Plan {told['plan_id']}")
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
