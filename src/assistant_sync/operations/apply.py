"""Apply: plan, let the user see it, carry it out, and read it back."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from assistant_sync.applying.executor import CONCURRENCY, execute
from assistant_sync.applying.lock import take, unless_stopped
from assistant_sync.applying.reading import find
from assistant_sync.applying.write import Writing
from assistant_sync.documents.archive import ArchivedAssistant, write_archive
from assistant_sync.documents.plan_file import SavedPlan, compare, compare_changes
from assistant_sync.errors import LockRefused, RepositoryError, StalePlan, UnknownName
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.model.change import Action
from assistant_sync.model.outcome import ApplyResult
from assistant_sync.model.progress import silent
from assistant_sync.model.project import Activation
from assistant_sync.operations.locking import lock_terms
from assistant_sync.operations.plan import Planned, PlanRequest, connect_to, make_plan
from assistant_sync.operations.waiting import wait_for
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.planning.reviewed import beyond_review
from assistant_sync.transport import WriteConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from assistant_sync.model.change import Delete
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.waiting import Patience
from assistant_sync.operations.workspace import Workspace


class Attendant(Protocol):
    """Whoever the apply is carried out for.

    Attributes:
        asks: Whether ``approve`` may say no, so that it is asked before the lock is taken.
        stop: Once it is set, nothing new is begun.
    """

    asks: bool
    stop: asyncio.Event

    def approve(self, planned: Planned) -> bool:
        """See the plan, refused or empty plans included; whether to go on."""

    def begin(self) -> None:
        """Be told that writes may follow, the lock's included: from now on, stop by ``stop`` alone."""

    def say(self, text: str) -> None:
        """Hear of something that takes time or is not as it should be."""


DEFAULT_ARCHIVE = "archive"

_CHANGED = "what is to be done has changed since you saw the plan; nothing was written"

DEFAULT_LOCK_TIMEOUT = 300.0
"""Seconds; longer than the lease that a killed apply leaves behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """What is asked of an apply.

    Attributes:
        plan: What is asked of its plan.
        saved: The plan to compare with; None to carry out whatever the plan is.
        concurrency: Assistants at a time.
        lock_timeout: Seconds to wait for the lock of another apply.
        reviewed: The plan that was reviewed; what goes dangerously beyond it is refused.
        patience: How long to wait for the graphs that the plan needs; None not to wait.
    """

    plan: PlanRequest
    saved: SavedPlan | None = None
    concurrency: int = CONCURRENCY
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    reviewed: SavedPlan | None = None
    patience: Patience | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The plan, and what became of it; no result where it was refused or not approved."""

    planned: Planned
    result: ApplyResult | None


async def apply(request: ApplyRequest, attendant: Attendant, *, listener: Listener = silent) -> Applied:
    """Plan and carry the plan out.

    A plan with writes is made anew once the lock is held, and that one is carried out.

    Args:
        request: What is asked.
        attendant: Sees the plan, and may stop the apply.
        listener: Is told of progress.

    Raises:
        StalePlan: What would be done now is not what was approved; nothing was written.
        Locked: Another apply held the lock for longer than was to be waited; nothing was written.
        Interrupted: The apply was stopped before the first write.
        InvalidFiles, UnknownName, RepositoryError: The desired state cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    asked = _as_saved(request.plan, request.saved)
    with _stale_where_saved(request):
        workspace = await asyncio.to_thread(open_workspace, asked.settings, prune=asked.prune)
    endpoint = connect_to(workspace, asked)
    async with WriteConnection(endpoint, timeout=asked.settings.timeout, stop=attendant.stop) as connection:
        writer = AssistantsWriter(connection, listener=listener)
        applying = _Applying(request, asked, workspace, endpoint.url, writer, attendant, listener)
        if request.patience is not None:
            await wait_for(request.patience, connection, applying.made, attendant.say)
        return await applying.run()


@dataclass(frozen=True, slots=True)
class _Applying:
    """One apply, from its first plan on."""

    request: ApplyRequest
    asked: PlanRequest
    workspace: Workspace
    url: str
    writer: AssistantsWriter
    attendant: Attendant
    listener: Listener

    async def run(self) -> Applied:
        planned = await self._plan()
        terms = lock_terms(planned.plan, self.workspace, self.asked.settings, timeout=self.request.lock_timeout)
        is_shown = terms is None or self.attendant.asks
        if is_shown and not self.attendant.approve(planned):
            return Applied(planned, None)
        if planned.plan.is_refused or not planned.plan.writes:
            return Applied(planned, _nothing_done(planned.plan))
        self.attendant.begin()
        if terms is None:
            return Applied(planned, await self._execute(planned.plan))
        warning: str | None
        try:
            lock = await take(terms, self.writer, stop=self.attendant.stop, say=self.attendant.say)
        except LockRefused as error:
            warning = (
                f"there is no lock against another apply at the same time: {error.message}. "
                "If that cannot be changed, set 'lock: off' on this target"
            )
            applied = await self._anew(planned, lambda: None, is_shown=is_shown)
        else:
            async with lock:
                applied = await self._anew(planned, lock.lost_because, is_shown=is_shown)
            warning = lock.warning
        if warning is not None:
            self.attendant.say(f"Warning: {warning}")
        if warning is None or applied.result is None:
            return applied
        return replace(applied, result=replace(applied.result, warnings=(*applied.result.warnings, warning)))

    async def _anew(self, planned: Planned, lost_because: Callable[[], str | None], *, is_shown: bool) -> Applied:
        """Plan again, because time has passed, and carry that plan out."""
        again = await unless_stopped(self._plan(), self.attendant.stop)
        if is_shown and again.plan.digest != planned.plan.digest:
            raise StalePlan(_CHANGED, differences=compare_changes(planned.plan.changes, again.plan.changes))
        if not is_shown:
            self.attendant.approve(again)
        if again.plan.is_refused or not again.plan.writes:
            return Applied(again, _nothing_done(again.plan))
        return Applied(again, await self._execute(again.plan, lost_because))

    async def made(self) -> Plan:
        """The plan as of now."""
        with _stale_where_saved(self.request):
            plan = await make_plan(self.asked, self.workspace, self.url, self.writer)
        return plan if self.request.reviewed is None else _held_against(self.request.reviewed, plan)

    async def _plan(self) -> Planned:
        plan = await self.made()
        if self.request.saved is not None:
            _check_saved(self.request.saved, plan)
        return Planned(plan, self.workspace.loaded.problems)

    async def _execute(self, plan: Plan, lost_because: Callable[[], str | None] = lambda: None) -> ApplyResult:
        return await execute(
            plan,
            _writing(plan, self.writer, self.workspace.target.activation),
            archive=_archivist(plan, self.workspace, self.writer),
            concurrency=self.request.concurrency,
            stop=self.attendant.stop,
            lost_because=lost_because,
            listener=self.listener,
        )


def _nothing_done(plan: Plan) -> ApplyResult | None:
    """The result of a plan that is refused or has nothing to write; None where there is something to do."""
    if plan.is_refused or plan.writes:
        return None
    return ApplyResult((), unchanged=plan.summary[Action.KEEP])


def _writing(plan: Plan, writer: AssistantsWriter, activation: Activation) -> Writing:
    return Writing(
        writer=writer,
        project=plan.project,
        target=plan.target,
        commit=None if plan.commit is None else str(plan.commit),
        mirroring=plan.mirroring,
        restores_all=activation is Activation.FULL,
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


def _held_against(reviewed: SavedPlan, plan: Plan) -> Plan:
    """The plan, with what goes beyond the reviewed one stopped or told."""
    if (reviewed.project, reviewed.target.name) != (plan.project, plan.target):
        message = (
            f"the reviewed plan is of {reviewed.project} on {reviewed.target.name}, not of this project and target"
        )
        raise UnknownName(message)
    # Ids are the same everywhere: what was reviewed for another deployment was not reviewed for this one.
    seen = reviewed.changes if reviewed.target.url == plan.url else ()
    violations, notices = beyond_review(plan, seen)
    return replace(plan, guards=(*plan.guards, *violations), warnings=(*plan.warnings, *notices))


def _archivist(plan: Plan, workspace: Workspace, writer: AssistantsWriter) -> Callable[[Delete], Awaitable[str]]:
    """Keeps what is about to be deleted."""
    folder = workspace.project.folder / (workspace.project.archive or DEFAULT_ARCHIVE)

    async def archive(change: Delete) -> str:
        live = await find(writer, change.assistant_id) or change.live
        versions = await writer.versions(change.assistant_id)
        if all(version.version != live.version for version in versions):
            message = f"{change.key}: its versions cannot be read, so it cannot be archived; it was not deleted"
            raise RepositoryError(message)
        archived = ArchivedAssistant(
            project=plan.project,
            target=plan.target,
            key=change.key,
            archived_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            live=live,
            versions=versions,
        )
        file = await asyncio.to_thread(write_archive, folder, archived)
        return file.relative_to(workspace.project.folder).as_posix()

    return archive
