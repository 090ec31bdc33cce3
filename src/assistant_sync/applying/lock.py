"""Taking, keeping and giving back the advisory lock of a deployment (docs/decisions/0006-the-lock.md)."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from assistant_sync.applying.lease import is_among, left_when_made, next_generation, rivals
from assistant_sync.applying.settling import Patience, is_ambiguous, settle
from assistant_sync.errors import Denied, Interrupted, Locked, LockRefused, NotFound, Rejected, RemoteError, Taken
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.planning.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant_sync.live.writer import AssistantsWriter
    from assistant_sync.model.values import JsonObject

_POLL = 2.0
"""Seconds between two looks at a lock that somebody else holds; shortened at random by up to half."""

_UNSEEN = 3
"""So often an id may be taken by what no listing shows before the deployment is said to keep no lock."""

_RENEWALS = 3
"""In one lease: two may fail before it runs out."""

_RESERVE = 1 / 6
"""Of the lease: in its last part nothing new is begun, so that what is in flight ends before the lease does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTerms:
    """What an apply asks for.

    Attributes:
        lock: The row to make; its generation is found when it is taken.
        graphs: Graphs that the row may name, the likeliest first: the official server wants one that it serves.
        timeout: Seconds to wait for somebody else's lock.
        patience: How long a lock without an answer is looked for.
    """

    lock: Lock
    graphs: Sequence[str]
    timeout: float
    patience: Patience = field(default_factory=Patience)


async def take(
    terms: LockTerms, writer: AssistantsWriter, *, stop: asyncio.Event, say: Callable[[str], None]
) -> HeldLock:
    """Take the lock, waiting for whoever holds it.

    Args:
        terms: What is asked for.
        writer: The client.
        stop: Once it is set, waiting ends.
        say: Is told once whom it waits for.

    Raises:
        Locked: Somebody held it for longer than was to be waited.
        LockRefused: The deployment does not let it be made, or does not show it.
        Interrupted: ``stop`` was set.
        RemoteError: The deployment fails.
    """
    return await _Taking(terms, writer, stop, say).run()


class HeldLock:
    """A lock that is held; an async context manager that renews it meanwhile and gives it back.

    Attributes:
        warning: Set where it could not be given back.
    """

    def __init__(
        self, lock: Lock, made_at: _Moment, dead: Sequence[Lock], terms: LockTerms, writer: AssistantsWriter
    ) -> None:
        self.warning: str | None = None
        self._lock = lock
        self._made_at = made_at
        self._dead = dead
        self._terms = terms
        self._writer = writer
        self._lost: str | None = None
        self._done = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._done.set()
        if self._task is not None:
            await self._task
        try:
            await self._give_back()
        except RemoteError as error:
            self.warning = (
                f"the lock could not be given back ({redact_text(error.message)}); "
                f"it ends by itself within {self._lock.lease:g} s"
            )

    def lost_because(self) -> str | None:
        """Why nothing new may be begun; None while the lock surely holds, by our own clock."""
        if self._lost is None and self._made_at.age() > self._lock.lease * (1 - _RESERVE):
            self._lost = "it ran out, because the deployment could not be reached in time to renew it"
        return self._lost

    async def _keep(self) -> None:
        pause = self._lock.lease / _RENEWALS
        while self.lost_because() is None and not await _within(pause, self._done):
            try:
                renewed = await self._renew()
            except (RemoteError, LockRefused):
                renewed = False
            pause = self._lock.lease / (_RENEWALS if renewed else 4 * _RENEWALS)

    async def _renew(self) -> bool:
        """Make the next generation, make sure that it followed on mine, and take mine away."""
        former, generation = self._lock, self._lock.generation + 1
        moment = _Moment()
        made = await _make(self._terms, self._writer, generation)
        locks = await self._writer.locks(former.project)
        if made is None:  # somebody's, who will find mine and give way
            made = await _make(self._terms, self._writer, next_generation(locks))
            locks = await self._writer.locks(former.project)
        if made is None:
            return False
        if not is_among(locks, former):
            self._lost = "somebody has removed it"
        elif left_when_made(former, made) <= 0:
            self._lost = "it ran out before it was renewed"
        else:
            self._lock, self._made_at = made, moment
            await _discard(self._writer, former)
            return True
        await _discard(self._writer, made)
        return False

    async def _give_back(self) -> None:
        for lock in self._dead:
            await self._writer.delete(lock.id)
        row = await self._writer.get(self._lock.id)
        # After 'unlock' the id may be somebody else's.
        now = None if row is None else Lock.read(row)
        if now is not None and now.holder == self._lock.holder:
            await self._writer.delete(self._lock.id)


class _Moment:
    """A moment, and how long ago it is by whichever clock says more: one of them stops while a machine sleeps."""

    def __init__(self) -> None:
        self._monotonic, self._wall = time.monotonic(), time.time()

    def age(self) -> float:
        return max(time.monotonic() - self._monotonic, time.time() - self._wall)


class _Taking:
    """One attempt to get the lock, however long it takes."""

    def __init__(
        self, terms: LockTerms, writer: AssistantsWriter, stop: asyncio.Event, say: Callable[[str], None]
    ) -> None:
        self._terms = terms
        self._writer = writer
        self._stop = stop
        self._say = say
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self._over_at: dict[tuple[str, str], float] = {}
        self._unseen = 0
        self._has_told = False

    async def run(self) -> HeldLock:
        others: tuple[Lock, ...] = ()
        while True:
            holding = [lock for lock in others if self._ends_in(lock) > 0]
            if not holding:
                held, holding = await self._try(others)
                if held is not None:
                    return held
            await self._wait(holding)
            others = await self._writer.locks(self._terms.lock.project)

    async def _try(self, others: Sequence[Lock]) -> tuple[HeldLock | None, list[Lock]]:
        """Make the next generation; what was made tells by its time which of the others still hold."""
        moment, asked = _Moment(), self._clock()
        mine = await _make(self._terms, self._writer, next_generation(others))
        try:
            locks = await self._writer.locks(self._terms.lock.project)
        except RemoteError:
            if mine is not None:
                await _discard(self._writer, mine)
            raise
        if mine is None:
            self._unseen = 0 if locks else self._unseen + 1
            if self._unseen >= _UNSEEN:
                raise LockRefused("its id is in use, and the deployment does not show by what")
            return None, list(locks)
        holding = rivals(locks, mine)
        if is_among(locks, mine) and not holding:
            dead = [lock for lock in locks if lock.holder != mine.holder]
            return HeldLock(mine, moment, dead, self._terms, self._writer), []
        await _discard(self._writer, mine)
        if not is_among(locks, mine):
            raise LockRefused("the deployment made it but does not list it")
        for lock in holding:
            self._over_at[lock.id, lock.holder] = asked + left_when_made(lock, mine)
        return None, list(holding)

    def _ends_in(self, lock: Lock) -> float:
        """The seconds after which it is worth a try; a guess by our own clock until a try has told it exactly."""
        name = (lock.id, lock.holder)
        if name not in self._over_at:
            age = 0.0 if lock.made is None else (datetime.now(UTC) - lock.made).total_seconds()
            self._over_at[name] = self._clock() + lock.lease - min(max(age, 0), lock.lease)
        return self._over_at[name] - self._clock()

    async def _wait(self, holding: Sequence[Lock]) -> None:
        left = self._terms.timeout - (self._clock() - self._began)
        if left <= 0:
            raise _locked(holding, self._terms.timeout)
        if holding and not self._has_told:
            self._has_told = True
            self._say(f"Waiting for {_described(holding[-1])}")
        pause = _POLL * random.uniform(0.5, 1)  # noqa: S311 - no secret
        if holding:
            pause = min(pause, max(0.05, *(self._ends_in(lock) for lock in holding)))
        if await _within(min(pause, left), self._stop):
            raise Interrupted("interrupted while waiting for the lock; nothing was written")


async def _make(terms: LockTerms, writer: AssistantsWriter, generation: int) -> Lock | None:
    """Make one row; None where its id is somebody else's."""
    lock = replace(terms.lock, generation=generation)

    async def mine() -> Lock | None:
        row = await writer.get(lock.id)
        now = None if row is None else Lock.read(row)
        return now if now is not None and now.holder == lock.holder else None

    refusal = "there is no graph that it could name"
    for graph in terms.graphs:
        try:
            made = Lock.read(await writer.create(_body(lock, graph)))
        except NotFound as error:
            refusal = redact_text(error.message)
            continue
        except Taken:
            return await mine()
        except (Denied, Rejected) as error:
            raise LockRefused(redact_text(error.message)) from error
        except RemoteError as error:
            made = await settle(mine, terms.patience) if is_ambiguous(error) else None
            if made is None:
                raise
        if made is None:
            await _discard(writer, lock)
            raise LockRefused("the deployment does not keep its metadata")
        return made
    raise LockRefused(refusal)


def _body(lock: Lock, graph: str) -> JsonObject:
    return {
        "assistant_id": lock.id,
        "if_exists": "raise",
        "graph_id": graph,
        "name": "assistant-sync lock",
        "description": f"An apply of project {lock.project} is under way; this goes away when it ends.",
        "context": {},
        # Some servers want graph and config to be unique (docs/servers.md).
        "config": {"tags": ["assistant-sync-lock", lock.id], "configurable": {}},
        "metadata": {LOCK_KEY: lock.as_json()},
    }


async def _discard(writer: AssistantsWriter, lock: Lock) -> None:
    """Take away a row of mine; where that fails it ends by itself."""
    with suppress(RemoteError):
        await writer.delete(lock.id)


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
    return f"the lock of {redact_text(lock.by) or 'another apply'}{since}{commit}; it holds {lock.lease:g} s at a time"


def _locked(holding: Sequence[Lock], timeout: float) -> Locked:
    whose = _described(holding[-1]) if holding else "a lock that the deployment does not show"
    message = f"another apply is under way: {timeout:g} s were not enough to get {whose}; nothing was written"
    return Locked(message, hint="wait longer with --lock-timeout; if nothing runs any more: assistant-sync unlock")
