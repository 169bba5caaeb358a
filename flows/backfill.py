"""The backfill as a Prefect flow, for the deployments backfill/plan, backfill/apply and backfill/undo.

One flow goes through its period in order: runs of one deployment can start out of order, periods of one run cannot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows import backfilling
from flows.errors import UserError
from flows.home import enter
from flows.settings import DEFAULT_HOME


@flow(name="backfill", flow_run_name="backfill {action}", log_prints=True)
def backfill(
    action: Literal["plan", "apply", "undo"] = "plan",
    home: str = str(DEFAULT_HOME),
    first: str = "",
    last: str = "",
    form: str | None = None,
    filer: str | None = None,
    plan_id: str = "",
    reason: str = "",
) -> dict[str, Any]:
    """Plan the re-reading of a period, apply a plan, or take what was applied back.

    Args:
        action: plan changes nothing; apply carries out a plan; undo takes an apply back.
        home: the home folder, as seen by the process that runs the flow.
        first: plan: first period, such as 2013-01.
        last: plan: last period, such as 2013-06.
        form: plan: only this form, by entity name.
        filer: plan: only this filer, by id.
        plan_id: apply and undo: the plan.
        reason: why; kept with the decision; apply and undo need it.
    """
    place = enter(Path(home))
    match action:
        case "plan":
            told = backfilling.plan(place, backfilling.Scope.parse(first, last, form, filer), reason, _quiet)
        case "apply":
            told = backfilling.apply(place, plan_id, reason, _quiet)
        case "undo":
            told = backfilling.undo(place, plan_id, reason)
        case _:
            raise UserError("action", repr(action), "plan, apply or undo", "Correct it and run again.")
    rows = [{name: str(value) for name, value in change.items()} for change in told["differences"]]
    create_table_artifact(key="differences", table=rows, description=f"Plan {told['plan_id']}")
    print("\n".join(backfilling.lines(told)))
    return told


def _quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""
