"""The rows of a lock, which are threads: how they are made, found and removed (docs/decisions/0006-the-lock.md)."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from assistant_sync.errors import Denied, LockRefused, NotFound, Rejected, RemoteError, Taken
from assistant_sync.live.settling import PollSchedule, settle
from assistant_sync.live.threads import PAGE_SIZE
from assistant_sync.model.frozen import Frozen, field, replace
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from assistant_sync.live.threads import ThreadsReader, ThreadsWriter
    from assistant_sync.model.thread import Thread
    from assistant_sync.model.values import JsonObject

_UNSEEN = 3
"""So often an id may be taken by what no listing shows before the deployment counts as one that keeps no lock."""

_NOT_IMPLEMENTED = 501

_MOST_ROWS = 10_000
"""Rows of locks that are read: a listing without end must end."""

_SHORTEST_TTL = 10
"""Minutes after which a server may remove a row by itself; far longer than any lease that is renewed."""


class LockTerms(Frozen, frozen=True, kw_only=True):
    """What an apply asks for.

    Attributes:
        lock: The row to make; its generation is found when it is taken.
        timeout: Seconds to wait for somebody else's lock.
        shares_assistants: Whether applies of other identities see the same assistants, as far as is known.
        schedule: When a lock without an answer is looked for.
    """

    lock: Lock
    timeout: float
    shares_assistants: bool = True
    schedule: PollSchedule = field(default_factory=PollSchedule)


class LockRows:
    """The rows that one apply makes, each under an id that nobody has ever used: no delete can meet another's."""

    def __init__(self, terms: LockTerms, threads: ThreadsWriter) -> None:
        self._terms = terms
        self._threads = threads
        self._generation = 0
        self._left: dict[str, Lock] = {}

    async def make(self) -> Lock:
        """Make the next one.

        Raises:
            LockRefused: The deployment does not take it.
            RemoteError: It fails; the row may still come into being.
        """
        for _ in range(_UNSEEN):
            self._generation += 1
            lock = replace(self._terms.lock, generation=self._generation)
            self._left[lock.id] = lock
            made = await self._made(lock)
            if made is not None:
                return made
            del self._left[lock.id]
        raise LockRefused("its id is in use, and the deployment does not show by what")

    async def discard(self, lock: Lock) -> None:
        """Remove one; if that fails it is tried again in the end, or it expires."""
        with suppress(RemoteError):
            await self._threads.delete(lock.id)
            self._left.pop(lock.id, None)

    async def discard_all(self) -> None:
        """Remove what is left, the newest last.

        Raises:
            RemoteError: One of them could not be.
        """
        failed: RemoteError | None = None
        for lock in list(self._left.values()):
            try:
                await self._threads.delete(lock.id)
            except RemoteError as error:
                failed = error
        if failed is not None:
            raise failed

    async def _made(self, lock: Lock) -> Lock | None:
        async def mine() -> Lock | None:
            row = await self._threads.get(lock.id)
            return None if row is None else Lock.read(row)

        try:
            made = Lock.read(await self._threads.create(_body(lock)))
        except Taken:
            return await mine()
        except RemoteError as error:
            if keeps_none(error):
                raise LockRefused(redact_text(error.message)) from error
            made = await settle(mine, self._terms.schedule) if error.may_have_landed else None
            if made is None:
                raise
        if made is None or made.holder != lock.holder:
            await self.discard(lock)
            raise LockRefused("the deployment does not keep its metadata")
        return made


async def read_locks(threads: ThreadsReader, project: str) -> tuple[Lock, ...]:
    """The locks of a project, the lowest generation first.

    Raises:
        RemoteError: They cannot be read.
    """
    wanted: JsonObject = {LOCK_KEY: {"project": project}}
    rows = await threads.search(wanted)
    if len(rows) >= PAGE_SIZE:
        # Pages are several moments, between which a holder may move from one row to the next; twice, it is seen.
        rows = [row for _ in range(2) for row in await _all_pages(threads, wanted)]
    found = {lock.id: lock for row in rows if (lock := Lock.read(row)) is not None and lock.project == project}
    return tuple(sorted(found.values(), key=lambda lock: lock.generation))


async def _all_pages(threads: ThreadsReader, wanted: JsonObject) -> list[Thread]:
    """Every page, up to one that is not full or shows nothing new."""
    found: dict[str, Thread] = {}
    offset, is_last = 0, False
    while not is_last:
        page = await threads.search(wanted, offset=offset)
        before = len(found)
        found |= {row.thread_id: row for row in page}
        offset += len(page)
        is_last = len(page) < PAGE_SIZE or len(found) == before or offset >= _MOST_ROWS
    return list(found.values())


def keeps_none(error: RemoteError) -> bool:
    """Whether an answer says that this deployment, or this key, has no threads to keep a lock in."""
    return isinstance(error, Denied | NotFound | Rejected) or error.status == _NOT_IMPLEMENTED


def _body(lock: Lock) -> JsonObject:
    return {
        "thread_id": lock.id,
        "if_exists": "raise",
        "metadata": {LOCK_KEY: lock.as_json()},
        # The server removes what a killed apply leaves, if it sweeps at all; nothing else depends on it.
        "ttl": {"strategy": "delete", "ttl": max(_SHORTEST_TTL, math.ceil(2 * lock.lease / 60))},
    }
