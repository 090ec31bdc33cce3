"""The executor: all changes of a plan, in order, several at a time, with a report for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.final_read import verify
from assistant_sync.applying.outcomes import broken, deferred, failed, not_attempted, unlocked, with_archive
from assistant_sync.applying.writes.dispatch import carry_out
from assistant_sync.errors import AssistantSyncError
from assistant_sync.model.change import Action, Delete
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import ApplyResult, Status
from assistant_sync.model.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from assistant_sync.applying.context import LastLook, WriteContext
    from assistant_sync.model.change import Write
    from assistant_sync.model.outcome import Archived, Outcome
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener

CONCURRENCY = 8
"""Assistants at a time; more only adds waiting on the official server (docs/servers.md)."""


class Executor(Protocol):
    """Carries out a plan that nothing refuses and that writes."""

    async def __call__(
        self,
        plan: Plan,
        context: WriteContext,
        *,
        stop: asyncio.Event,
        lost_because: Callable[[], str | None],
        listener: Listener,
    ) -> ApplyResult:
        """Return what became of each change."""


async def execute(
    plan: Plan,
    context: WriteContext,
    *,
    archive: Callable[[Delete], Awaitable[Archived]],
    concurrency: int = CONCURRENCY,
    stop: asyncio.Event | None = None,
    lost_because: Callable[[], str | None] = lambda: None,
    listener: Listener = silent,
) -> ApplyResult:
    """Carry a plan out that nothing refuses.

    Args:
        plan: What to do; nothing else is done.
        context: How to write.
        archive: Keeps an assistant with its versions and crons, or raises; called before its delete.
        concurrency: Assistants at a time.
        stop: Once it is set, nothing new is begun; what is in flight is finished and reported.
        lost_because: Why the lock does not hold any more, or None; once it is lost, nothing new is begun.
        listener: Gets each finished change.

    Returns:
        An outcome for each write of the plan, in the plan's order, and the final read.
    """
    run = _Run(len(plan.writes), context, archive, stop or asyncio.Event(), lost_because, listener)
    await run.all_of([change for change in plan.writes if not isinstance(change, Delete)], concurrency)
    await run.all_of([change for change in plan.writes if isinstance(change, Delete)], concurrency)
    outcomes = tuple(run.outcomes[change.assistant_id] for change in plan.writes)
    outcomes, differences, unread = await verify(plan, outcomes, run.last_looks, context)
    return ApplyResult(
        outcomes, differences, unread, interrupted=run.stop.is_set(), unchanged=plan.summary[Action.KEEP]
    )


class _Run:
    """The state of one execution."""

    def __init__(
        self,
        total: int,
        context: WriteContext,
        archive: Callable[[Delete], Awaitable[Archived]],
        stop: asyncio.Event,
        lost_because: Callable[[], str | None],
        listener: Listener,
    ) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.last_looks: dict[str, LastLook] = {}
        self.stop = stop
        self._total = total
        self._lost_because = lost_because
        self._context = context
        self._archive = archive
        self._listener = listener

    async def all_of(self, changes: Sequence[Write], concurrency: int) -> None:
        """Carry changes out, at most ``concurrency`` at a time; one failure does not stop the others."""
        waiting = iter(changes)

        async def work() -> None:
            for change in waiting:
                attempt = await self._one(change)
                self.outcomes[change.assistant_id] = attempt.outcome
                if attempt.last_look is not None:
                    self.last_looks[change.assistant_id] = attempt.last_look
                self._listener(Progress("applying", len(self.outcomes), self._total, change.key))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(concurrency, len(changes))):
                group.create_task(work())

    async def _one(self, change: Write) -> Attempt:
        skipped = self._skipped(change)
        if skipped is not None:
            return Attempt(skipped)
        try:
            return await (self._delete(change) if isinstance(change, Delete) else carry_out(change, self._context))
        except Exception as error:  # noqa: BLE001 - a bug met by one change must not hide what became of the others
            return Attempt(broken(change, error))

    def _skipped(self, change: Write) -> Outcome | None:
        """The outcome of a change that is not begun; None if it is."""
        if self.stop.is_set():
            return not_attempted(change)
        lost = self._lost_because()
        if lost is not None:
            return unlocked(change, lost)
        return None if change.deferred is None else deferred(change, change.deferred)

    async def _delete(self, change: Delete) -> Attempt:
        try:
            archived = await self._archive(change)
        except AssistantSyncError as error:
            return Attempt(failed(change, error))
        lost = self._lost_because()  # an archive takes its time
        if lost is not None:
            return Attempt(unlocked(change, lost))
        attempt = await carry_out(change, self._context)
        outcome = attempt.outcome
        if outcome.status not in (Status.DELETED, Status.UNCONFIRMED):
            return attempt
        return replace(attempt, outcome=with_archive(outcome, archived))
