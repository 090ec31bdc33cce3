"""The rows of a lock: how one apply makes them and takes them away (docs/decisions/0006-the-lock.md)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant_sync.errors import Denied, LockRefused, NotFound, Rejected, RemoteError, Taken
from assistant_sync.live.settling import PollSchedule, settle
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.live.writer import AssistantsWriter
    from assistant_sync.model.values import JsonObject

_UNSEEN = 3
"""So often an id may be taken by what no listing shows before the deployment counts as one that keeps no lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTerms:
    """What an apply asks for.

    Attributes:
        lock: The row to make; its generation is found when it is taken.
        graphs: Graphs that the row may name, the likeliest first: the official server wants one that it serves.
        timeout: Seconds to wait for somebody else's lock.
        schedule: When a lock without an answer is looked for.
    """

    lock: Lock
    graphs: Sequence[str]
    timeout: float
    schedule: PollSchedule = field(default_factory=PollSchedule)


class LockRows:
    """The rows that one apply makes, each under an id that nobody has ever used: no delete can meet another's."""

    def __init__(self, terms: LockTerms, writer: AssistantsWriter) -> None:
        self._terms = terms
        self._writer = writer
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
            await self._writer.delete(lock.id)
            self._left.pop(lock.id, None)

    async def discard_all(self) -> None:
        """Remove what is left, the newest last.

        Raises:
            RemoteError: One of them could not be.
        """
        failed: RemoteError | None = None
        for lock in list(self._left.values()):
            try:
                await self._writer.delete(lock.id)
            except RemoteError as error:
                failed = error
        if failed is not None:
            raise failed

    async def _made(self, lock: Lock) -> Lock | None:
        async def mine() -> Lock | None:
            row = await self._writer.get(lock.id)
            return None if row is None else Lock.read(row)

        refusal = "there is no graph that it could name"
        for graph in self._terms.graphs:
            try:
                made = Lock.read(await self._writer.create(_body(lock, graph)))
            except NotFound as error:
                refusal = redact_text(error.message)
                continue
            except Taken:
                return await mine()
            except (Denied, Rejected) as error:
                raise LockRefused(redact_text(error.message)) from error
            except RemoteError as error:
                made = await settle(mine, self._terms.schedule) if error.may_have_landed else None
                if made is None:
                    raise
            if made is None or made.holder != lock.holder:
                await self.discard(lock)
                raise LockRefused("the deployment does not keep its metadata")
            return made
        raise LockRefused(refusal)


def _body(lock: Lock, graph: str) -> JsonObject:
    return {
        "assistant_id": lock.id,
        "if_exists": "raise",
        "graph_id": graph,
        "name": "assistant-sync lock",
        "description": f"An apply of project {lock.project} is running; this row is removed when it ends.",
        "context": {},
        # Some servers want graph and config to be unique (docs/servers.md).
        "config": {"tags": ["assistant-sync-lock", lock.id], "configurable": {}},
        "metadata": {LOCK_KEY: lock.as_json()},
    }
