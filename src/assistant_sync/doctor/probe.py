"""One scratch assistant and one thread, by which ``doctor --probe`` measures a deployment; both are always removed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from assistant_sync.doctor.measuring import measured
from assistant_sync.errors import BadAnswer, Denied, IncompleteListing, NotFound, Rejected, RemoteError, Taken
from assistant_sync.live.settling import PollSchedule
from assistant_sync.model.identity import probe_id
from assistant_sync.model.lock import added_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.live.threads import ThreadsWriter
    from assistant_sync.live.writer import AssistantsWriter
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.diagnosis import Probe
    from assistant_sync.model.values import JsonObject

PROBE_KEY = "assistant_sync_probe"
"""The metadata key that makes a row a scratch assistant of ours."""

_REMOVALS = 3

_MINUTES = 10


class ScratchLeft(RemoteError):
    """The scratch assistant could not be removed."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """The scratch assistant of a project.

    Attributes:
        project: Whose it is; gives it its id.
        graphs: One or two that the deployment serves.
        writer: The client.
        schedule: When a create without an answer is waited for.
    """

    project: str
    graphs: Sequence[str]
    writer: AssistantsWriter
    schedule: PollSchedule = field(default_factory=PollSchedule)
    _stop: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    @property
    def id(self) -> str:
        """Its id, always the same: what a killed probe leaves behind is found by the next one."""
        return probe_id(self.project)

    async def measure(self) -> Probe:
        """Make it, write over it, take it away.

        Raises:
            Taken: Somebody else's assistant has its id.
            ScratchLeft: It could not be removed.
            RemoteError: The deployment fails; it was removed.
        """
        await self._clear()
        steps = asyncio.ensure_future(self._measured())
        try:
            return await asyncio.shield(steps)
        finally:
            # Where Ctrl-C ends it, the write in flight is waited for: it might come into being behind the delete.
            self._stop.set()
            await asyncio.wait([steps])
            # An id that was taken may be somebody else's, or ours where the answer to the first create was lost.
            end = self._clear() if isinstance(_error_of(steps), Taken) else self._remove()
            await asyncio.shield(asyncio.ensure_future(end))

    async def _measured(self) -> Probe:
        writer, nonce = self.writer, uuid4().hex
        one, two = self._body(1, nonce), self._body(2, nonce)
        await self._create(one)
        first = await self._read()
        await writer.patch(self.id, two)
        second = await self._read()
        await writer.set_latest(self.id, first.version)
        restored = await self._read()
        await writer.patch(self.id, two)
        whole = await self._read()
        await writer.patch(self.id, {"name": "assistant-sync probe, renamed"})
        part = await self._read()
        return measured(first, second, restored, whole, part, await self._listed())

    async def _create(self, body: JsonObject) -> None:
        try:
            await self.writer.create({"assistant_id": self.id, "if_exists": "raise", **body})
        except RemoteError as error:
            if error.may_have_landed:
                # It may have been sent several times, and each of them may still come into being.
                for wait in self.schedule.waits:
                    await self.schedule.pause(wait)
                    with suppress(RemoteError):
                        await self.writer.delete(self.id)
            raise

    async def _read(self) -> Assistant:
        """The row after a write; here an interrupted measurement ends."""
        if self._stop.is_set():
            raise asyncio.CancelledError
        row = await self.writer.get(self.id)
        if row is None:
            message = f"the scratch assistant {self.id} went away while it was measured"
            raise BadAnswer(message, hint="somebody else may be measuring at this moment; try again")
        return row

    async def _listed(self) -> Assistant | None:
        """The row as a light listing has it; None if there is no such listing."""
        try:
            rows = await self.writer.listing({PROBE_KEY: {"project": self.project}}, is_light=True)
        except (Rejected, BadAnswer, IncompleteListing):
            return None
        return next((row for row in rows if row.assistant_id == self.id), None)

    async def _clear(self) -> None:
        """Remove what an earlier measurement left; never somebody else's assistant."""
        row = await self.writer.get(self.id)
        if row is None:
            return
        marker = row.metadata.get(PROBE_KEY)
        if marker != {"project": self.project}:
            message = f"the scratch assistant's id {self.id} belongs to an assistant that is none"
            raise Taken(message, sent=False, hint="nothing was written")
        await self._remove()

    async def _remove(self) -> None:
        failed: RemoteError | None = None
        for _ in range(_REMOVALS):
            try:
                await self.writer.delete(self.id)
                if await self.writer.get(self.id) is None:
                    return
            except RemoteError as error:
                failed = error
        why = f": {failed.message}" if failed is not None else ""
        message = f"the scratch assistant {self.id} could not be removed{why}"
        raise ScratchLeft(message, hint="the next 'doctor --probe' tries again") from failed

    def _body(self, number: int, nonce: str) -> JsonObject:
        """One of two contents that differ in every field; the nonce lets no other assistant's config equal it."""
        return {
            "graph_id": self.graphs[min(number, len(self.graphs)) - 1],
            "name": f"assistant-sync probe {number}",
            "description": f"A scratch assistant of project {self.project}, version {number}; it goes away by itself.",
            "context": {"probe": f"{nonce}-{number}"},
            "config": {"tags": [f"{nonce}-{number}"], "recursion_limit": 10 + number, "configurable": {}},
            "metadata": {PROBE_KEY: {"project": self.project}, "probe": number},
        }


async def marks_of_threads(project: str, threads: ThreadsWriter) -> tuple[str, ...]:
    """The metadata keys that a deployment adds to a thread: it keeps threads apart by user if there are any.

    One thread is made and removed; a deployment that refuses it adds nothing.

    Raises:
        RemoteError: The deployment fails.
    """
    thread_id = str(uuid4())
    ttl: JsonObject = {"strategy": "delete", "ttl": _MINUTES}  # in case it can be made but not removed
    body: JsonObject = {"thread_id": thread_id, "if_exists": "raise", "metadata": {PROBE_KEY: {"project": project}}}
    try:
        return added_keys(await threads.create({**body, "ttl": ttl}), {PROBE_KEY})
    except (Denied, NotFound, Rejected):
        return ()
    finally:
        with suppress(RemoteError):
            await asyncio.shield(asyncio.ensure_future(threads.delete(thread_id)))


def _error_of(steps: asyncio.Future[Probe]) -> BaseException | None:
    return None if steps.cancelled() else steps.exception()
