"""Taking, keeping and giving back the advisory lock of a deployment (docs/decisions/0006-the-lock.md)."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from assistant_sync.errors import Interrupted, Locked, LockRefused, RemoteError
from assistant_sync.locking.lease import RENEWALS, is_among, left_when_made, rivals, time_to_renew
from assistant_sync.locking.rows import LockRows, keeps_none, read_locks
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from assistant_sync.live.threads import ThreadsWriter
    from assistant_sync.locking.rows import LockTerms
    from assistant_sync.model.lock import Lock

T = TypeVar("T")

_POLL = 2.0
"""Seconds between two looks at a lock that somebody else holds; shortened at random by up to half."""

_RESERVE = 1 / 6
"""Of the lease: in its last part nothing new is begun, so that what is in flight has time to end."""

_STOPPED = "interrupted; nothing was written"

_TO_TIDY_UP = 5.0
"""Seconds for removing the rows of a lock that was not obtained; a row that stays expires by itself."""


async def take(
    terms: LockTerms, threads: ThreadsWriter, *, stop: asyncio.Event, status: Callable[[str], None]
) -> HeldLock:
    """Take the lock, waiting for whoever holds it.

    Args:
        terms: What is asked for.
        threads: The client.
        stop: Once it is set, waiting ends.
        status: Gets, once, whom it waits for.

    Raises:
        Locked: Another apply held it for longer than the timeout.
        LockRefused: The deployment does not let it be made, or does not show it.
        Interrupted: ``stop`` was set.
        RemoteError: The deployment fails.
    """
    return await _Taking(terms, threads, stop, status).run()


class HeldLock:
    """A lock that is held; an async context manager that renews it meanwhile and gives it back.

    Attributes:
        warnings: What people must know of it: whom it does not hold off, and that it could not be given back.
    """

    def __init__(
        self,
        lock: Lock,
        made_at: _Moment,
        dead: Sequence[Lock],
        rows: LockRows,
        threads: ThreadsWriter,
        warnings: Sequence[str] = (),
    ) -> None:
        self.warnings = list(warnings)
        self._lock = lock
        self._made_at = made_at
        self._dead = dead
        self._rows = rows
        self._threads = threads
        self._lost: str | None = None
        self._done = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._done.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)  # a bug in it must not hide what was written
        try:
            await self._give_back()
        except RemoteError as error:
            self.warnings.append(
                f"the lock could not be released ({redact_text(error.message)}); "
                f"it expires within {self._lock.lease:g} s"
            )

    def lost_because(self) -> str | None:
        """Why nothing new may be begun; None while the lock surely holds, by our own clock."""
        if self._lost is None and self._made_at.age() > self._lock.lease * (1 - _RESERVE):
            self._lost = "it expired, because the deployment could not be reached in time to renew it"
        return self._lost

    async def _keep(self) -> None:
        pause = self._lock.lease / RENEWALS
        while self.lost_because() is None and not await _within(pause, self._done):
            try:
                async with asyncio.timeout(time_to_renew(self._lock.lease)):
                    renewed = await self._renew()
            except (RemoteError, LockRefused, TimeoutError):
                renewed = False
            pause = self._lock.lease / (RENEWALS if renewed else 4 * RENEWALS)

    async def _renew(self) -> bool:
        """Make the next generation, make sure that it followed on mine, and take mine away."""
        former, moment = self._lock, _Moment()
        made = await self._rows.make()
        locks = await read_locks(self._threads, former.project)
        if not (is_among(locks, former) and is_among(locks, made)):
            self._lost = "somebody removed it"
        elif left_when_made(former, made) <= 0:
            self._lost = "it expired before it was renewed"
        elif self.lost_because() is None:  # by our clock, too: the row may have been seen long after its time
            self._lock, self._made_at = made, moment
            await self._rows.discard(former)
            return True
        await self._rows.discard(made)
        return False

    async def _give_back(self) -> None:
        for lock in self._dead:
            with suppress(RemoteError):
                await self._threads.delete(lock.id)
        await self._rows.discard_all()


class _Moment:
    """A moment, and how long ago it is by whichever clock shows more: one of them stops while a machine sleeps."""

    def __init__(self) -> None:
        self._monotonic, self._wall = time.monotonic(), time.time()

    def age(self) -> float:
        return max(time.monotonic() - self._monotonic, time.time() - self._wall)


class _Taking:
    """One attempt to get the lock, however long it takes."""

    def __init__(
        self, terms: LockTerms, threads: ThreadsWriter, stop: asyncio.Event, status: Callable[[str], None]
    ) -> None:
        self._terms = terms
        self._rows = LockRows(terms, threads)
        self._threads = threads
        self._stop = stop
        self._status = status
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self._over_at: dict[str, float] = {}
        self._has_reported = False

    async def run(self) -> HeldLock:
        try:
            return await unless_stopped(self._until_held(), self._stop, grace=_TO_TIDY_UP)
        except BaseException:
            with suppress(RemoteError, TimeoutError):
                async with asyncio.timeout(_TO_TIDY_UP):
                    await self._rows.discard_all()
            raise

    async def _until_held(self) -> HeldLock:
        others: tuple[Lock, ...] = ()
        while True:
            holding = [lock for lock in others if self._ends_in(lock) > 0]
            if not holding:
                held, holding = await self._try()
                if held is not None:
                    return held
            await self._wait(holding)
            locks = await self._locks()
            others = tuple(lock for lock in locks if lock.holder != self._terms.lock.holder)

    async def _try(self) -> tuple[HeldLock | None, list[Lock]]:
        """Make a row; its time shows which of the others still hold."""
        moment, asked = _Moment(), self._clock()
        mine = await self._rows.make()
        try:
            locks = await self._locks()
            is_shown = is_among(locks, mine)
            is_hidden = not is_shown and await self._threads.get(mine.id) is not None
        except RemoteError as error:
            await self._rows.discard(mine)
            if keeps_none(error):
                message = f"the deployment made it but does not show it: {redact_text(error.message)}"
                raise LockRefused(message) from error
            raise
        holding = rivals(locks, mine)
        is_fresh = moment.age() <= mine.lease * (1 - _RESERVE)
        if is_shown and not holding and is_fresh:
            dead = [lock for lock in locks if lock.holder != mine.holder]
            is_apart = mine.marks and self._terms.shares_assistants
            warnings = [_apart(mine)] if is_apart else []
            return HeldLock(mine, moment, dead, self._rows, self._threads, warnings), []
        await self._rows.discard(mine)
        if is_hidden:
            raise LockRefused("the deployment made it but does not list it")
        for lock in holding:
            self._over_at[lock.id] = asked + left_when_made(lock, mine)
        return None, list(holding)

    async def _locks(self) -> tuple[Lock, ...]:
        return await read_locks(self._threads, self._terms.lock.project)

    def _ends_in(self, lock: Lock) -> float:
        """The seconds after which it is worth a try; a guess by our own clock until a try has shown it exactly."""
        if lock.id not in self._over_at:
            age = 0.0 if lock.made is None else (datetime.now(UTC) - lock.made).total_seconds()
            self._over_at[lock.id] = self._clock() + lock.lease - min(max(age, 0), lock.lease)
        return self._over_at[lock.id] - self._clock()

    async def _wait(self, holding: Sequence[Lock]) -> None:
        left = self._terms.timeout - (self._clock() - self._began)
        if left <= 0:
            raise _locked(holding, self._terms.timeout)
        if holding and not self._has_reported:
            self._has_reported = True
            self._status(f"Waiting for {_described(holding[-1])}")
        pause = _POLL * random.uniform(0.5, 1)  # noqa: S311 - no secret
        if holding:
            pause = min(pause, max(0.05, *(self._ends_in(lock) for lock in holding)))
        if await _within(min(pause, left), self._stop):
            raise Interrupted(_STOPPED)


async def unless_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event, *, grace: float = 0.0) -> T:
    """Do some work that changes no assistant, unless the stop comes first.

    Args:
        work: What to do.
        stop: Ends it.
        grace: Seconds that are left to it then, to finish what it has sent: a row that is on its way cannot be removed
            before it has arrived.

    Raises:
        Interrupted: The stop came.
    """
    task, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and grace and not task.done():
            await asyncio.wait([task], timeout=grace)
        if stop.is_set() and (not task.done() or grace):
            raise Interrupted(_STOPPED)
        return await task
    finally:
        stopping.cancel()
        task.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Whether an event comes about within some seconds."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _described(lock: Lock) -> str:
    since = "" if lock.made is None else f" since {lock.made.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    commit = "" if lock.commit is None else f", commit {lock.commit[:12]}"
    whose = f"the lock of {redact_text(lock.by) or 'another apply'}{since}{commit}"
    return f"{whose} (expires after {lock.lease:g} s unless renewed)"


def _apart(lock: Lock) -> str:
    marks = ", ".join(f"'{mark}'" for mark in lock.marks)
    return (
        f"the deployment keeps threads apart by user (it added {marks} to the lock): "
        "the lock stops only applies of the same identity"
    )


def _locked(holding: Sequence[Lock], timeout: float) -> Locked:
    whose = _described(holding[-1]) if holding else "a lock that the deployment does not list"
    message = f"another apply is running: {whose} was not released within {timeout:g} s; nothing was written"
    return Locked(
        message, hint="wait longer with --lock-timeout; if that apply is no longer running, use assistant-sync unlock"
    )
