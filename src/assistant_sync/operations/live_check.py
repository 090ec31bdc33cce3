"""After an apply: one question of each changed assistant, and what is taken back if an answer is not as expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from assistant_sync.errors import AssistantSyncError, RemoteError
from assistant_sync.model.checked import Verdict
from assistant_sync.model.frozen import replace
from assistant_sync.operations.applied_run import AppliedRun
from assistant_sync.operations.ask_plan import AskUI
from assistant_sync.operations.plan_run import ApplyUI
from assistant_sync.operations.take_back import TakenBack, take_back
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from assistant_sync.operations.gate import PlanGate
    from assistant_sync.operations.plan_run import ApplyRun, PlanJob


class CheckedApplyUI(ApplyUI, AskUI, Protocol):
    """The person or job that an apply is for, its questions included."""


async def check_live(
    gate: PlanGate, job: PlanJob, run: ApplyRun, ui: CheckedApplyUI, *, takes_back: bool
) -> AppliedRun:
    """Ask the live assistants. What was applied has been applied: no error here hides that.

    Args:
        gate: What asks.
        job: The apply.
        run: What it did.
        ui: May stop the questions.
        takes_back: Whether updates and activations are taken back if an answer fails.
    """
    result = run.result
    if result is None or ui.stop.is_set() or not any(one.status.is_done for one in result.outcomes):
        return AppliedRun(run)
    try:
        live = await gate.after(run.planned.plan, result.outcomes)
    except RemoteError as error:
        note = f"the live assistants could not be asked: {redact_text(error.message)}"
        unasked = gate.job.report((), runs=0, seconds=0.0, is_interrupted=True)
        return AppliedRun(run, replace(unasked, notes=(note,)))
    if not live.cases:  # no check is about what was changed
        return AppliedRun(run)
    if not (takes_back and live.of(Verdict.FAILED)):
        return AppliedRun(run, live)
    try:
        taken = await take_back(job, result.outcomes, ui, listener=gate.listener)
    except AssistantSyncError as error:
        left = tuple(one.key for one in result.outcomes if one.status.is_done)
        taken = TakenBack(None, left, because=error.message)
    return AppliedRun(run, live, taken)
