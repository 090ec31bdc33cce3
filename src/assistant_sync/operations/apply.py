"""Apply: plan, let the user see it, carry it out, and read it back."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from assistant_sync.applying.executor import CONCURRENCY
from assistant_sync.errors import UnknownName
from assistant_sync.model.frozen import Frozen, field
from assistant_sync.model.lock import DEFAULT_LOCK_TIMEOUT
from assistant_sync.model.progress import silent
from assistant_sync.operations.applied_run import AppliedRun
from assistant_sync.operations.ask_options import AskOptions
from assistant_sync.operations.plan import make_plan, selected
from assistant_sync.operations.plan_run import PlanJob, run_plan
from assistant_sync.operations.reading import connect_to
from assistant_sync.operations.saved_plan import as_saved, check_saved, hold_against_review, stale_if_missing
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.planning.made_changes import MadeChanges

if TYPE_CHECKING:
    from assistant_sync.documents.plan_file import SavedPlan
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.ask_plan import AskUI
    from assistant_sync.operations.gate import PlanGate
    from assistant_sync.operations.live_check import CheckedApplyUI
    from assistant_sync.operations.plan_request import PlanRequest
    from assistant_sync.operations.plan_run import ApplyRun, Planner
    from assistant_sync.operations.waiting import WaitOptions
    from assistant_sync.operations.workspace import Workspace
    from assistant_sync.transport import Endpoint


class ApplyRequest(Frozen, frozen=True, kw_only=True):
    """What an apply should do.

    Attributes:
        plan: How to plan.
        saved: The plan to compare with; None to carry out whatever the plan is.
        concurrency: Assistants at a time.
        lock_timeout: Seconds to wait for the lock of another apply.
        reviewed: The plan that was reviewed; what dangerously exceeds it is refused.
        unreviewed: Whether nobody reviewed a plan, so that deletes and undone edits are refused.
        wait: How long to wait for the graphs that the plan needs; None not to wait.
        gate: Whether to ask the checks first; None leaves it to the project file.
        ask: How to ask them.
        takes_back: Whether updates and activations are taken back if a check fails afterwards.
    """

    plan: PlanRequest
    saved: SavedPlan | None = None
    concurrency: int = CONCURRENCY
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    reviewed: SavedPlan | None = None
    unreviewed: bool = False
    wait: WaitOptions | None = None
    gate: bool | None = None
    ask: AskOptions = field(default_factory=AskOptions)
    takes_back: bool = False


async def apply(request: ApplyRequest, ui: CheckedApplyUI, *, listener: Listener = silent) -> AppliedRun:
    """Plan and carry the plan out.

    If a lock is needed, the plan is made again once it is held, and that one is carried out.

    Args:
        request: What to do.
        ui: Shows the plan, and may stop the apply.
        listener: Gets progress.

    Raises:
        StalePlan: The plan is not the one that was approved; nothing was written.
        Locked: Another apply held the lock longer than ``lock_timeout``; nothing was written.
        Interrupted: The apply was stopped before the first write.
        InvalidFiles, UnknownName, RepositoryError: The desired state cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    saved, asked = request.saved, as_saved(request.plan, request.saved)
    with stale_if_missing(saved, request.plan):
        workspace = await asyncio.to_thread(open_workspace, asked.settings, prune=asked.prune)
    asked = await asyncio.to_thread(selected, asked, workspace)
    endpoint = connect_to(workspace, asked)
    gate = await asyncio.to_thread(_gate, request, workspace, endpoint, ui, listener)
    job = PlanJob(
        settings=asked.settings,
        project=workspace.project,
        target=workspace.target,
        endpoint=endpoint,
        make_plan=_planner(request, asked, workspace, endpoint.url),
        check=(lambda _: None) if saved is None else partial(check_saved, saved),
        problems=workspace.manifests.problems,
        concurrency=request.concurrency,
        lock_timeout=request.lock_timeout,
        wait=request.wait,
        gate=None if gate is None else gate.before,
    )
    run = await run_plan(job, ui, listener=listener)
    return AppliedRun(run) if gate is None else await _checked(gate, job, run, ui, takes_back=request.takes_back)


def _gate(
    request: ApplyRequest, workspace: Workspace, endpoint: Endpoint, ui: AskUI, listener: Listener
) -> PlanGate | None:
    """What asks the checks; None if nobody wants it."""
    project = workspace.project
    if not (project.checks.gate if request.gate is None else request.gate):
        if request.takes_back:
            raise UnknownName("--rollback-on-failure needs --check, or checks: {gate: true} in the project file")
        return None
    # Few applies ask, and what asks takes as long to load as all the rest.
    from assistant_sync.operations.ask_plan import AskJob
    from assistant_sync.operations.check import checks_of
    from assistant_sync.operations.gate import PlanGate

    settings = request.plan.settings
    job = AskJob(
        settings=settings,
        project=project,
        target=workspace.target,
        endpoint=endpoint,
        commit=workspace.commit,
        files=checks_of(workspace, in_ci=settings.in_ci).files,
        terms=project.checks,
        options=request.ask,
    )
    return PlanGate(job, ui, listener)


async def _checked(gate: PlanGate, job: PlanJob, run: ApplyRun, ui: CheckedApplyUI, *, takes_back: bool) -> AppliedRun:
    from assistant_sync.operations.live_check import check_live  # as above

    return await check_live(gate, job, run, ui, takes_back=takes_back)


def _planner(request: ApplyRequest, asked: PlanRequest, workspace: Workspace, url: str) -> Planner:
    """What makes the plan as of now, and holds it against the reviewed one."""
    made = MadeChanges()

    async def current_plan(reader: AssistantsReader) -> Plan:
        with stale_if_missing(request.saved, request.plan):
            plan = await make_plan(asked, workspace, url, reader, made)
        return hold_against_review(plan, request.reviewed, is_unreviewed=request.unreviewed)

    return current_plan
