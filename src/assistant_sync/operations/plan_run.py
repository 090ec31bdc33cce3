"""One run of a plan: made, shown, locked, made again, carried out and read back; whoever makes the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from assistant_sync.applying.context import WriteContext
from assistant_sync.applying.executor import CONCURRENCY, execute
from assistant_sync.errors import LockRefused, StalePlan
from assistant_sync.live.threads import ThreadsWriter
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.locking.lock import take, unless_stopped
from assistant_sync.model.change import Action
from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.model.lock import DEFAULT_LOCK_TIMEOUT
from assistant_sync.model.outcome import ApplyResult
from assistant_sync.model.progress import silent
from assistant_sync.model.project import Activation
from assistant_sync.operations.archiving import archiver
from assistant_sync.operations.connection import connected
from assistant_sync.operations.lock_terms import check_rate, lock_terms
from assistant_sync.operations.plan import PlanResult
from assistant_sync.operations.stopping import ended_if
from assistant_sync.operations.waiting import wait_for
from assistant_sync.planning.later_plan import compare_changes
from assistant_sync.transport import WriteConnection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Sequence

    from assistant_sync.applying.executor import Executor
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.locking.rows import LockTerms
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.project import Project, Target
    from assistant_sync.operations.waiting import WaitOptions
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.problem import Problem
    from assistant_sync.transport import Endpoint


_NO_LOCK = (
    "there is no lock against another apply at the same time: {}. If that cannot be changed, set 'lock: off' on this "
    "target"
)


class ApplyUI(Protocol):
    """The person or job that a plan is carried out for.

    Attributes:
        asks: Whether ``approve`` may say no, so that it is asked before the lock is taken.
        stop: Once it is set, nothing new is begun.
    """

    asks: bool
    stop: asyncio.Event

    def is_stopping(self) -> bool:
        """Whether ``stop`` is set, or will be as soon as the event loop runs."""

    def approve(self, planned: PlanResult) -> bool:
        """Show the plan, refused or empty plans included; whether to go on."""

    def begin_writes(self) -> None:
        """Writes may follow, the lock's included: from now on only ``stop`` ends the run."""

    def status(self, text: str) -> None:
        """Show something that takes time or needs attention."""


Planner: TypeAlias = "Callable[[AssistantsReader], Awaitable[Plan]]"
"""Makes the plan as of now: before the lock is taken, and again once it is held."""


Gate: TypeAlias = "Callable[[Plan, AssistantsReader], Awaitable[CheckReport]]"
"""Asks about a plan that was agreed to, before anything is written."""


class PlanJob(Frozen, frozen=True, kw_only=True):
    """What is planned and carried out.

    Attributes:
        settings: The common options.
        project: The project file.
        target: The deployment that is chosen.
        endpoint: Where it is.
        make_plan: Makes the plan.
        check: Raises if a plan is not the one that was asked for.
        gate: What must hold before the first write; None for nothing.
        carry_out: Takes the place of the executor of all kinds of changes; None for that one.
        problems: Those of the manifests that do not stop the plan.
        concurrency: Assistants at a time.
        lock_timeout: Seconds to wait for the lock of another run.
        wait: How long to wait for the graphs that the plan needs; None not to wait.
    """

    settings: Settings
    project: Project
    target: Target
    endpoint: Endpoint
    make_plan: Planner
    check: Callable[[Plan], None] = lambda _: None
    gate: Gate | None = None
    carry_out: Executor | None = None
    problems: tuple[Problem, ...] = ()
    concurrency: int = CONCURRENCY
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    wait: WaitOptions | None = None


class ApplyRun(Frozen, frozen=True):
    """The plan, and what became of it.

    Attributes:
        planned: The plan.
        result: What became of it; None if it was refused, not approved or not let through the gate.
        checks: What the gate found; None if there is none.
    """

    planned: PlanResult
    result: ApplyResult | None = None
    checks: CheckReport | None = None


async def run_plan(job: PlanJob, ui: ApplyUI, *, listener: Listener = silent) -> ApplyRun:
    """Make a plan and carry it out.

    If a lock is needed, the plan is made again once it is held, and that one is carried out.

    Args:
        job: What to do.
        ui: Shows the plan, and may stop the run.
        listener: Gets progress.

    Raises:
        UnknownName: The lock cannot be kept with so few requests a second; nothing was sent.
        StalePlan: The plan is not the one that was approved; nothing was written.
        Locked: Another run held the lock longer than ``lock_timeout``; nothing was written.
        Interrupted: The run was stopped before the first write.
        RemoteError: The live state cannot be read, or not completely.
    """
    settings = job.settings
    check_rate(job.target, settings.pacer)
    async with connected(WriteConnection, job.endpoint, settings, stop=ui.stop) as connection:
        writer = AssistantsWriter(connection, listener=listener)
        run = _Run(job, writer, ThreadsWriter(connection.urgent()), ui, listener)
        if job.wait is not None:
            await wait_for(job.wait, connection, run.current_plan, ui.status)
        prepared = await run.prepare()
        if prepared.is_over:
            return ApplyRun(prepared.planned, prepared.result)
        checks = None if job.gate is None else await job.gate(prepared.planned.plan, writer)
        if checks is not None and not checks.holds:
            return ApplyRun(prepared.planned, checks=checks)
        ui.begin_writes()
        return replace(await run.carry_out(prepared), checks=checks)


class _Prepared(Frozen, frozen=True):
    """A run before its first write.

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


class _Run(Frozen, frozen=True):
    """One run, from its first plan on."""

    job: PlanJob
    writer: AssistantsWriter
    threads: ThreadsWriter
    ui: ApplyUI
    listener: Listener

    async def current_plan(self) -> Plan:
        """The plan as of now."""
        return await self.job.make_plan(self.writer)

    async def prepare(self) -> _Prepared:
        """Plan, and show the plan now if the user may say no or no lock is needed; else it is shown under the lock."""
        planned = await self._plan()
        terms = lock_terms(
            planned.plan,
            self.job.target,
            self.job.settings.environ,
            timeout=self.job.lock_timeout,
            shares_assistants=not self.writer.names_users,
            first_name=self.job.project.first_name,
        )
        is_shown = terms is None or self.ui.asks or self.job.gate is not None
        if is_shown and not self.ui.approve(planned):
            return _Prepared(planned, terms, is_approved=False, is_over=True)
        if _is_idle(planned.plan):
            return _Prepared(planned, terms, is_approved=True, is_over=True, result=_nothing_done(planned.plan))
        return _Prepared(planned, terms, is_approved=is_shown)

    async def carry_out(self, prepared: _Prepared) -> ApplyRun:
        """Carry a plan out, under the lock if it needs one."""
        approved = prepared.planned if prepared.is_approved else None
        if prepared.terms is not None:
            return await self.with_lock(approved, prepared.terms)
        if self.job.gate is not None:
            return await self._plan_again(approved, lambda: None)
        return ApplyRun(prepared.planned, await self._execute(prepared.planned.plan, lambda: None))

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
            return self._warned(run, [_NO_LOCK.format(error.message)])
        async with lock:
            run = await self._plan_again(approved, lock.lost_because)
        return self._warned(run, lock.warnings)

    async def _plan_again(self, approved: PlanResult | None, lost_because: Callable[[], str | None]) -> ApplyRun:
        """Plan again, because time has passed, and carry that plan out."""
        with ended_if(self.ui.is_stopping):
            again = await unless_stopped(self._plan(), self.ui.stop)
            if approved is None:
                self.ui.approve(again)
        if approved is not None and again.plan.digest != approved.plan.digest:
            message = "the plan has changed since you approved it; nothing was written"
            raise StalePlan(message, differences=compare_changes(approved.plan.changes, again.plan.changes))
        if _is_idle(again.plan):
            return ApplyRun(again, _nothing_done(again.plan))
        return ApplyRun(again, await self._execute(again.plan, lost_because))

    async def _plan(self) -> PlanResult:
        plan = await self.current_plan()
        self.job.check(plan)
        return PlanResult(plan, self.job.problems)

    async def _execute(self, plan: Plan, lost_because: Callable[[], str | None]) -> ApplyResult:
        job = self.job
        context = WriteContext(
            writer=self.writer,
            project=plan.project,
            target=plan.target,
            commit=None if plan.commit is None else str(plan.commit),
            mirroring=plan.mirroring,
            restores_all=job.target.activation is Activation.FULL,
            former_projects=job.project.former_projects,
        )
        if job.carry_out is not None:
            return await job.carry_out(
                plan, context, stop=self.ui.stop, lost_because=lost_because, listener=self.listener
            )
        return await execute(
            plan,
            context,
            archive=archiver(plan, job.project, self.writer),
            concurrency=job.concurrency,
            stop=self.ui.stop,
            lost_because=lost_because,
            listener=self.listener,
        )

    def _warned(self, run: ApplyRun, warnings: Sequence[str]) -> ApplyRun:
        """The run with warnings, which are shown at once."""
        for warning in warnings:
            self.ui.status(f"Warning: {warning}")
        result = run.result
        return run if result is None else replace(run, result=replace(result, warnings=(*result.warnings, *warnings)))


def _is_idle(plan: Plan) -> bool:
    """Whether nothing of a plan is carried out: it is refused, or has no writes."""
    return plan.is_refused or not plan.writes


def _nothing_done(plan: Plan) -> ApplyResult | None:
    """The result of a plan without writes; None if it is refused."""
    return None if plan.is_refused else ApplyResult((), unchanged=plan.summary[Action.KEEP])
