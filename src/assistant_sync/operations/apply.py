"""Apply: plan, let the user see it, carry it out, and read it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.applying.executor import CONCURRENCY, execute
from assistant_sync.applying.reading import find
from assistant_sync.applying.write import Writing
from assistant_sync.documents.archive import write_archive
from assistant_sync.documents.plan_file import SavedPlan, compare
from assistant_sync.errors import RepositoryError, StalePlan, UnknownName
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.model.change import Action
from assistant_sync.model.outcome import ApplyResult
from assistant_sync.model.progress import silent
from assistant_sync.operations.plan import Planned, PlanRequest, connect_to, make_plan
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.transport import WriteConnection

if TYPE_CHECKING:
    from assistant_sync.model.change import Delete
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.workspace import Workspace

Approve: TypeAlias = Callable[[Planned], bool]
"""Is shown the plan before the first write, refused plans included, and says whether to go on."""

DEFAULT_ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """What is asked of an apply.

    Attributes:
        plan: What is asked of its plan.
        saved: The plan to compare with; None to carry out whatever the plan is.
        concurrency: Assistants at a time.
    """

    plan: PlanRequest
    saved: SavedPlan | None = None
    concurrency: int = CONCURRENCY


@dataclass(frozen=True, slots=True)
class Applied:
    """The plan, and what became of it; no result where it was refused or not approved."""

    planned: Planned
    result: ApplyResult | None


async def apply(
    request: ApplyRequest,
    *,
    approve: Approve,
    stop: asyncio.Event | None = None,
    listener: Listener = silent,
) -> Applied:
    """Plan and carry the plan out.

    Args:
        request: What is asked.
        approve: Is shown the plan.
        stop: Once it is set, nothing new is begun.
        listener: Is told of progress.

    Raises:
        StalePlan: What would be done now is not what the saved plan says; nothing was written.
        InvalidFiles, UnknownName, RepositoryError: The desired state cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    asked = _as_saved(request.plan, request.saved)
    with _stale_where_saved(request):
        workspace = await asyncio.to_thread(open_workspace, asked.settings, prune=asked.prune)
    endpoint = connect_to(workspace, asked.settings)
    async with WriteConnection(endpoint, timeout=asked.settings.timeout) as connection:
        writer = AssistantsWriter(connection, listener=listener)
        with _stale_where_saved(request):
            plan = await make_plan(asked, workspace, endpoint.url, writer)
        planned = Planned(plan, workspace.loaded.problems)
        if request.saved is not None:
            _check_saved(request.saved, plan)
        if not approve(planned) or plan.is_refused:
            return Applied(planned, None)
        if not plan.writes:
            return Applied(planned, ApplyResult((), unchanged=plan.summary[Action.KEEP]))
        result = await execute(
            plan,
            _writing(plan, writer),
            archive=_archivist(plan, workspace, writer),
            concurrency=request.concurrency,
            stop=stop,
            listener=listener,
        )
    return Applied(planned, result)


def _writing(plan: Plan, writer: AssistantsWriter) -> Writing:
    return Writing(
        writer=writer,
        project=plan.project,
        target=plan.target,
        commit=None if plan.commit is None else str(plan.commit),
        mirroring=plan.mirroring,
    )


@contextmanager
def _stale_where_saved(request: ApplyRequest) -> Iterator[None]:
    """A name that only the saved plan says and that is not there any more is the plan's fault, not the user's."""
    try:
        yield
    except UnknownName as error:
        if request.saved is None or request.plan.selection:
            raise
        message = "the saved plan is stale: what it is about is not there any more; nothing was written"
        raise StalePlan(message, differences=[error.message], hint="Plan again and review the new plan") from error


def _as_saved(request: PlanRequest, saved: SavedPlan | None) -> PlanRequest:
    """Ask for the same plan as the saved one; what it may go beyond is for this command line to say."""
    if saved is None:
        return request
    settings = request.settings
    if settings.target is not None and settings.target != saved.target.name:
        message = f"the plan file is for target '{saved.target.name}', not for '{settings.target}'"
        raise UnknownName(message)
    return replace(
        request,
        settings=replace(settings, target=saved.target.name),
        selection=request.selection or saved.selection,
        prune=saved.prune if request.prune is None else request.prune,
    )


def _check_saved(saved: SavedPlan, now: Plan) -> None:
    if saved.digest == now.digest and saved.project == now.project:
        return
    differences = compare(saved, now)
    if not now.writes and not now.is_refused:
        message = "the saved plan is stale: nothing is left to do, so it may have been applied already"
        raise StalePlan(message, differences=differences)
    message = "the saved plan is stale: what would be done now is not what it says; nothing was written"
    raise StalePlan(message, differences=differences, hint="Plan again and review the new plan")


def _archivist(plan: Plan, workspace: Workspace, writer: AssistantsWriter) -> Callable[[Delete], Awaitable[str]]:
    """Keeps what is about to be deleted."""
    folder = workspace.project.folder / (workspace.project.archive or DEFAULT_ARCHIVE)

    async def archive(change: Delete) -> str:
        live = await find(writer, change.assistant_id) or change.live
        versions = await writer.versions(change.assistant_id)
        if all(version.version != live.version for version in versions):
            message = f"{change.key}: its versions cannot be read, so it cannot be archived; it was not deleted"
            raise RepositoryError(message)
        file = await asyncio.to_thread(
            write_archive,
            folder,
            project=plan.project,
            target=plan.target,
            key=change.key,
            archived_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            live=live,
            versions=versions,
        )
        return file.relative_to(workspace.project.folder).as_posix()

    return archive
