"""The executor: all changes of a plan, in order, several at a time, with a report for each."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant_sync.applying.outcomes import broken, deferred, failed, not_attempted, unlocked
from assistant_sync.applying.proof import prove
from assistant_sync.applying.write import carry_out
from assistant_sync.errors import AssistantSyncError
from assistant_sync.model.change import Action, Delete
from assistant_sync.model.outcome import ApplyResult, Status
from assistant_sync.model.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from assistant_sync.applying.write import Writing
    from assistant_sync.model.change import Write
    from assistant_sync.model.outcome import Outcome
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener

CONCURRENCY = 8
"""Assistants at a time; more only adds waiting on the official server (docs/servers.md)."""


async def execute(
    plan: Plan,
    writing: Writing,
    *,
    archive: Callable[[Delete], Awaitable[str]],
    concurrency: int = CONCURRENCY,
    stop: asyncio.Event | None = None,
    lost_because: Callable[[], str | None] = lambda: None,
    listener: Listener = silent,
) -> ApplyResult:
    """Carry a plan out that nothing refuses.

    Args:
        plan: What to do; nothing else is done.
        writing: How to write.
        archive: Keeps an assistant with all its versions and tells where, or raises; called before its delete.
        concurrency: Assistants at a time.
        stop: Once it is set, nothing new is begun; what is in flight is finished and reported.
        lost_because: Tells why the lock does not hold any more; nothing new is begun then either.
        listener: Is told of each finished change.

    Returns:
        An outcome for each write of the plan, in the plan's order, and the final read.
    """
    run = _Run(len(plan.writes), writing, archive, stop or asyncio.Event(), lost_because, listener)
    await run.all_of([change for change in plan.writes if not isinstance(change, Delete)], concurrency)
    await run.all_of([change for change in plan.writes if isinstance(change, Delete)], concurrency)
    outcomes = tuple(run.outcomes[change.assistant_id] for change in plan.writes)
    outcomes, differences, unread = await prove(plan, outcomes, writing)
    return ApplyResult(
        outcomes, differences, unread, interrupted=run.stop.is_set(), unchanged=plan.summary[Action.KEEP]
    )


class _Run:
    """The state of one execution."""

    def __init__(
        self,
        total: int,
        writing: Writing,
        archive: Callable[[Delete], Awaitable[str]],
        stop: asyncio.Event,
        lost_because: Callable[[], str | None],
        listener: Listener,
    ) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.stop = stop
        self._total = total
        self._lost_because = lost_because
        self._writing = writing
        self._archive = archive
        self._listener = listener

    async def all_of(self, changes: Sequence[Write], concurrency: int) -> None:
        """Carry changes out, at most ``concurrency`` at a time; one failure does not stop the others."""
        waiting = iter(changes)

        async def work() -> None:
            for change in waiting:
                outcome = await self._one(change)
                self.outcomes[change.assistant_id] = outcome
                self._listener(Progress("applying", len(self.outcomes), self._total, change.key))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(concurrency, len(changes))):
                group.create_task(work())

    async def _one(self, change: Write) -> Outcome:
        if self.stop.is_set():
            return not_attempted(change)
        lost = self._lost_because()
        if lost is not None:
            return unlocked(change, lost)
        if change.deferred is not None:
            return deferred(change, change.deferred)
        try:
            return await (self._delete(change) if isinstance(change, Delete) else carry_out(change, self._writing))
        except Exception as error:  # noqa: BLE001 - a bug met by one change must not hide what became of the others
            return broken(change, error)

    async def _delete(self, change: Delete) -> Outcome:
        try:
            place = await self._archive(change)
        except AssistantSyncError as error:
            return failed(change, error)
        lost = self._lost_because()  # an archive takes its time
        if lost is not None:
            return unlocked(change, lost)
        outcome = await carry_out(change, self._writing)
        if outcome.status not in (Status.DELETED, Status.UNCONFIRMED):
            return outcome
        return replace(outcome, notes=(*outcome.notes, f"kept in {place}"))
