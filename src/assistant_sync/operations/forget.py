"""Forget: git lets go of an assistant, and leaves it live."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.applying.writes.forget import forget as carry_out
from assistant_sync.model.lock import DEFAULT_LOCK_TIMEOUT
from assistant_sync.model.progress import silent
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.one_assistant import policy_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.plan_run import PlanJob, run_plan
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.planning.emergencies.forget import plan_forget
from assistant_sync.planning.mirroring import mirroring_of
from assistant_sync.planning.observations import Observations

if TYPE_CHECKING:
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.plan_run import ApplyRun, ApplyUI
    from assistant_sync.operations.workspace import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRequest:
    """What git should let go of.

    Attributes:
        settings: The common options.
        key: The assistant's key.
        retarget: Whether an assistant that was written as another target may be written.
        lock_timeout: Seconds to wait for the lock of an apply.
    """

    settings: Settings
    key: str
    retarget: bool = False
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT


async def forget(request: ForgetRequest, ui: ApplyUI, *, listener: Listener = silent) -> ApplyRun:
    """Remove the stamp of one assistant that no manifest has any more.

    Args:
        request: What to do.
        ui: Shows the plan, and may stop it.
        listener: Gets progress.

    Raises:
        UnknownName: There is no such assistant.
        StalePlan, Locked, Interrupted: As for ``run_plan``.
        InvalidFiles, RepositoryError: The manifests cannot be read: one of them may have the key.
        RemoteError: The live state cannot be read, or not completely.
    """
    settings = request.settings
    workspace = await asyncio.to_thread(open_workspace, settings, prune=False)
    project, target = workspace.project, workspace.target
    endpoint = endpoint_of(settings, target)
    policy = policy_of(project, target, endpoint.url, retarget=request.retarget)

    async def current_plan(reader: AssistantsReader) -> Plan:
        owned = await owned_assistant(reader, project.name, request.key, project.former_projects)
        same = (
            one.source
            for one in workspace.manifests.desired
            if one.key == request.key or one.assistant_id == owned.row.assistant_id
        )
        mirroring = mirroring_of(owned)
        return plan_forget(owned, policy, mirroring, Observations(), manifest=next(same, None))

    job = PlanJob(
        settings=settings,
        project=project,
        target=target,
        endpoint=endpoint,
        make_plan=current_plan,
        carry_out=carry_out,
        lock_timeout=request.lock_timeout,
    )
    return await run_plan(job, ui, listener=listener)
