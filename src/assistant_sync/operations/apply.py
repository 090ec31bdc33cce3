"""Apply: plan, let the user see it, carry it out, and read it back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from assistant_sync.applying.context import WriteContext
from assistant_sync.applying.executor import CONCURRENCY, execute
from assistant_sync.documents.plan_file import compare_changes
from assistant_sync.errors import LockRefused, StalePlan
from assistant_sync.live.threads import ThreadsWriter
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.locking.lock import take, unless_stopped
from assistant_sync.model.change import Action
from assistant_sync.model.outcome import ApplyResult
from assistant_sync.model.progress import silent
from assistant_sync.model.project import Activation
from assistant_sync.operations.archiving import archiver
from assistant_sync.operations.lock_terms import lock_terms
from assistant_sync.operations.plan import PlanRequest, PlanResult, connect_to, make_plan
from assistant_sync.operations.saved_plan import as_saved, check_saved, hold_against_review, stale_if_missing
from assistant_sync.operations.waiting import wait_for
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.transport import WriteConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant_sync.documents.plan_file import SavedPlan
    from assistant_sync.locking.rows import LockTerms
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.waiting import WaitOptions
    from assistant_sync.operations.workspace import Workspace


class ApplyUI(Protocol):
    """The person or job that an apply is carried out for.

    Attributes:
        asks: Whether ``approve`` may say no, so that it is asked before the lock is taken.
        stop: Once it is set, nothing new is begun.
    """

    asks: bool
    stop: asyncio.Event

    def approve(self, planned: PlanResult) -> bool:
        """Show the plan, refused or empty plans included; whether to go on."""

    def begin_writes(self) -> None:
        """Writes may follow, the lock's included: from now on only ``stop`` ends the apply."""

    def status(self, text: str) -> None:
        """Show something that takes time or needs attention."""


DEFAULT_LOCK_TIMEOUT = 300.0
"""Seconds; longer than the lease that a killed apply leaves behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """What an apply should do.

    Attributes:
        plan: How to plan.
        saved: The plan to compare with; None to carry out whatever the plan is.
        concurrency: Assistants at a time.
        lock_timeout: Seconds to wait for the lock of another apply.
        reviewed: The plan that was reviewed; what dangerously exceeds it is refused.
        unreviewed: Whether nobody reviewed a plan, so that deletes and undone edits are refused.
        wait: How long to wait for the graphs that the plan needs; None not to wait.
    """

    plan: PlanRequest
    saved: SavedPlan | None = None
    concurrency: int = CONCURRENCY
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    reviewed: SavedPlan | None = None
    unreviewed: bool = False
    wait: WaitOptions | None = None


@dataclass(frozen=True, slots=True)
class ApplyRun:
    """The plan, and what became of it; no result if it was refused or not approved."""

    planned: PlanResult
    result: ApplyResult | None = None


async def apply(request: ApplyRequest, ui: ApplyUI, *, listener: Listener = silent) -> ApplyRun:
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
    asked = as_saved(request.plan, request.saved)
    settings = asked.settings
    with stale_if_missing(request.saved, request.plan):
        workspace = await asyncio.to_thread(open_workspace, settings, prune=asked.prune)
    endpoint = connect_to(workspace, asked)
    async with WriteConnection(
        endpoint, timeout=settings.timeout, transport=settings.transport, stop=ui.stop
    ) as connection:
        writer = AssistantsWriter(connection, listener=listener)
        run = _Apply(request, asked, workspace, endpoint.url, writer, ThreadsWriter(connection), ui, listener)
        if request.wait is not None:
            await wait_for(request.wait, connection, run.current_plan, ui.status)
        prepared = await run.prepare()
        if prepared.is_over:
            return ApplyRun(prepared.planned, prepared.result)
        ui.begin_writes()
        if prepared.terms is None:
            return await run.without_lock(prepared.planned)
        return await run.with_lock(prepared.planned if prepared.is_approved else None, prepared.terms)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An apply before its first write.

    Attributes:
        planned: The plan.
        terms: The lock that it needs; None if it needs none.
        is_approved: Whether the user has seen the plan and agreed.
        is_over: Whether nothing will be written.
        result: The result, if it is over with one.
    """

    planned: PlanResult
    terms: LockTerms | None
    is_approved: bool
    is_over: bool = False
    result: ApplyResult | None = None


@dataclass(frozen=True, slots=True)
class _Apply:
    """One apply, from its first plan on."""

    request: ApplyRequest
    asked: PlanRequest
    workspace: Workspace
    url: str
    writer: AssistantsWriter
    threads: ThreadsWriter
    ui: ApplyUI
    listener: Listener

    async def current_plan(self) -> Plan:
        """The plan as of now, held against the reviewed one."""
        with stale_if_missing(self.request.saved, self.request.plan):
            plan = await make_plan(self.asked, self.workspace, self.url, self.writer)
        return hold_against_review(plan, self.request.reviewed, is_unreviewed=self.request.unreviewed)

    async def prepare(self) -> _Prepared:
        """Plan, and show the plan now if the user may say no or no lock is needed; else it is shown under the lock."""
        planned = await self._plan()
        terms = lock_terms(
            planned.plan,
            self.workspace.target,
            self.asked.settings.environ,
            timeout=self.request.lock_timeout,
            shares_assistants=not self.writer.names_users,
        )
        is_shown = terms is None or self.ui.asks
        if is_shown and not self.ui.approve(planned):
            return _Prepared(planned, terms, is_approved=False, is_over=True)
        if _is_idle(planned.plan):
            return _Prepared(planned, terms, is_approved=True, is_over=True, result=_nothing_done(planned.plan))
        return _Prepared(planned, terms, is_approved=is_shown)

    async def without_lock(self, planned: PlanResult) -> ApplyRun:
        """Carry the plan out that was shown."""
        return ApplyRun(planned, await self._execute(planned.plan, lambda: None))

    async def with_lock(self, approved: PlanResult | None, terms: LockTerms) -> ApplyRun:
        """Take the lock, plan again, and carry that plan out.

        Args:
            approved: The plan that was approved; None to show the new one.
            terms: The lock.
        """
        try:
            lock = await take(terms, self.threads, stop=self.ui.stop, status=self.ui.status)
        except LockRefused as error:
            run = await self._plan_again(approved, lambda: None)
            warning = (
                f"there is no lock against another apply at the same time: {error.message}. "
                "If that cannot be changed, set 'lock: off' on this target"
            )
            return self._warned(run, [warning])
        async with lock:
            run = await self._plan_again(approved, lock.lost_because)
        return self._warned(run, lock.warnings)

    async def _plan_again(self, approved: PlanResult | None, lost_because: Callable[[], str | None]) -> ApplyRun:
        """Plan again, because time has passed, and carry that plan out."""
        again = await unless_stopped(self._plan(), self.ui.stop)
        if approved is None:
            self.ui.approve(again)
        elif again.plan.digest != approved.plan.digest:
            message = "the plan has changed since you approved it; nothing was written"
            raise StalePlan(message, differences=compare_changes(approved.plan.changes, again.plan.changes))
        if _is_idle(again.plan):
            return ApplyRun(again, _nothing_done(again.plan))
        return ApplyRun(again, await self._execute(again.plan, lost_because))

    async def _plan(self) -> PlanResult:
        plan = await self.current_plan()
        if self.request.saved is not None:
            check_saved(self.request.saved, plan)
        return PlanResult(plan, self.workspace.manifests.problems)

    async def _execute(self, plan: Plan, lost_because: Callable[[], str | None]) -> ApplyResult:
        context = WriteContext(
            writer=self.writer,
            project=plan.project,
            target=plan.target,
            commit=None if plan.commit is None else str(plan.commit),
            mirroring=plan.mirroring,
            restores_all=self.workspace.target.activation is Activation.FULL,
        )
        return await execute(
            plan,
            context,
            archive=archiver(plan, self.workspace.project, self.writer),
            concurrency=self.request.concurrency,
            stop=self.ui.stop,
            lost_because=lost_because,
            listener=self.listener,
        )

    def _warned(self, run: ApplyRun, warnings: Sequence[str]) -> ApplyRun:
        """The run with warnings, which are shown at once."""
        for warning in warnings:
            self.ui.status(f"Warning: {warning}")
        if run.result is None:
            return run
        return replace(run, result=replace(run.result, warnings=(*run.result.warnings, *warnings)))


def _is_idle(plan: Plan) -> bool:
    """Whether nothing of a plan is carried out: it is refused, or has no writes."""
    return plan.is_refused or not plan.writes


def _nothing_done(plan: Plan) -> ApplyResult | None:
    """The result of a plan without writes; None if it is refused."""
    return None if plan.is_refused else ApplyResult((), unchanged=plan.summary[Action.KEEP])
