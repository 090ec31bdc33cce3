"""Runs on threads of our own: each is made for one question, and nothing of it stays (docs/servers.md)."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

from pydantic_core import from_json

from assistant_sync.errors import BadAnswer, RemoteError
from assistant_sync.live.threads import PAGE_SIZE, ThreadsWriter
from assistant_sync.model.run import CHECK_KEY, RunResult, RunStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Iterable

    from assistant_sync.model.run import RunListener, RunRequest
    from assistant_sync.model.thread import Thread
    from assistant_sync.model.values import JsonObject, JsonValue
    from assistant_sync.transport.running import RunConnection

CLEANING_SECONDS = 10.0
"""Seconds for cancelling a run and deleting its thread."""

MARGIN_SECONDS = 10.0
"""Seconds that a thread is respected after its run's deadline: its process cleans up in them."""

_SHORTEST_TTL = 10
"""Minutes after which a server may remove a thread by itself, if it sweeps at all."""

_MOST_LEFT_OVER = 10_000

_INTERRUPT = "__interrupt__"
_ERROR = "__error__"


def _ignore(_event: str, _data: JsonValue) -> None:
    return


@dataclass(slots=True)
class RunsClient:
    """Runs graphs; every thread carries the mark of the project, so that the next check finds what a killed one left.

    Attributes:
        connection: To the deployment; must be open.
        project: The project's name.
    """

    connection: RunConnection
    project: str
    _threads: ThreadsWriter = field(init=False)
    _cleaning: RunConnection = field(init=False)

    def __post_init__(self) -> None:
        self._threads = ThreadsWriter(self.connection)
        # Cleaning up has a bound of its own, which a queue of questions must not use up.
        self._cleaning = self.connection.urgent()

    async def run(self, request: RunRequest, *, listener: RunListener = _ignore) -> RunResult:
        """Run a graph on a thread that is deleted afterwards, however it ends.

        Args:
            request: What to run.
            listener: Gets the events.

        Returns:
            How it ended; also if it did not end in time.

        Raises:
            RemoteError: The server refuses the thread or the run, cannot be reached, or answers more than is read.
        """
        thread_id, run = str(uuid4()), _Running(request, listener)
        mark: JsonObject = {"project": self.project, "seconds": request.deadline}
        body: JsonObject = {
            "metadata": {CHECK_KEY: mark},
            "ttl": {"strategy": "delete", "ttl": max(_SHORTEST_TTL, math.ceil(2 * request.deadline / 60))},
        }
        try:
            await self._follow(run, thread_id, body)
        finally:
            await _to_the_end(self._clean(thread_id, run))
        return run.result(thread_id)

    async def run_kept(
        self, request: RunRequest, *, thread_id: str | None = None, listener: RunListener = _ignore
    ) -> RunResult:
        """Run an assistant on a thread that stays, without a mark of ours.

        Args:
            request: What to run.
            thread_id: A thread that exists; None to make one.
            listener: Gets the events.

        Raises:
            RemoteError: As for ``run``.
        """
        kept, run = thread_id or str(uuid4()), _Running(request, listener)
        try:
            await self._follow(run, kept, {} if thread_id is None else None)
        finally:
            await _to_the_end(self._stop(kept, run))
        return run.result(kept)

    async def _follow(self, run: _Running, thread_id: str, body: JsonObject | None) -> None:
        """Follow a run to its end or deadline.

        Args:
            run: The run.
            thread_id: The thread that it runs on.
            body: What the thread is made with; None if it exists.
        """
        try:
            async with asyncio.timeout(run.request.deadline) as deadline:
                if body is not None:
                    await self._threads.create({"thread_id": thread_id, "if_exists": "raise", **body})
                await run.follow(self.connection, thread_id)
        except TimeoutError:
            if not deadline.expired():
                raise
            run.status, run.reason = RunStatus.TIMEOUT, f"no answer within {run.request.deadline:g} s"

    async def _clean(self, thread_id: str, run: _Running) -> None:
        """Leave nothing of a run."""
        await self._stop(thread_id, run)
        await _within_bounds(ThreadsWriter(self._cleaning).delete(thread_id))

    async def _stop(self, thread_id: str, run: _Running) -> None:
        """Cancel a run that is not over."""
        if not run.is_over and run.run_id is not None:
            path = f"{_runs_of(thread_id)}/{quote(run.run_id, safe='')}/cancel?wait=0&action=interrupt"
            await _within_bounds(self._cleaning.send("POST", path, None, repeatable=True))

    async def remove_left_over(self) -> int:
        """Delete the threads of checks that were killed; those that may still be in use are respected.

        Returns:
            How many there were.

        Raises:
            RemoteError: The deployment fails.
        """
        removed, offset = 0, 0
        while offset < _MOST_LEFT_OVER:
            page, now = await self._threads.search_at({CHECK_KEY: {"project": self.project}}, offset=offset)
            over = [one.thread_id for one in page if self._is_left_over(one, now or datetime.now(UTC))]
            for thread_id in over:
                await self._threads.delete(thread_id)
            removed += len(over)
            offset += len(page) - len(over)
            if len(page) < PAGE_SIZE:
                break
        return removed

    def _is_left_over(self, thread: Thread, now: datetime) -> bool:
        mark = thread.metadata.get(CHECK_KEY)
        if not isinstance(mark, Mapping) or mark.get("project") != self.project:
            return False
        seconds, made = mark.get("seconds"), _time(thread.created_at)
        if not isinstance(seconds, int | float) or made is None:
            return False
        return (now - made).total_seconds() > seconds + MARGIN_SECONDS


async def _to_the_end(cleaning: Coroutine[object, object, None]) -> None:
    """Clean up to the end although somebody cancels this meanwhile; a second time ends it."""
    task = asyncio.ensure_future(cleaning)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _within_bounds(cleaning: Awaitable[object]) -> None:
    """Clean up; what fails is left to the next check and to the server's own time to live."""
    with suppress(RemoteError, TimeoutError):
        async with asyncio.timeout(CLEANING_SECONDS):
            await cleaning


class _Running:
    """A run that is followed."""

    def __init__(self, request: RunRequest, listener: RunListener) -> None:
        self.run_id: str | None = None
        self.is_over = False
        self.status = RunStatus.SUCCESS
        self.reason: str | None = None
        self.request = request
        self._listener = listener
        self._began = time.monotonic()
        self._seconds = 0.0
        self._state: JsonObject | None = None
        self._interrupts: tuple[JsonValue, ...] = ()

    async def follow(self, connection: RunConnection, thread_id: str) -> None:
        """Start the run, and read its events to the end."""
        self._began = time.monotonic()
        try:
            async with connection.stream(f"{_runs_of(thread_id)}/stream", self._body()) as events:
                self.run_id = events.run_id
                async for event in events:
                    self._take(event.name, _parsed(event.data, thread_id))
        finally:
            self._seconds = time.monotonic() - self._began
        self.is_over = True

    def result(self, thread_id: str) -> RunResult:
        """How it ended."""
        if self.status is RunStatus.SUCCESS and self._interrupts:
            self.status, self.reason = RunStatus.INTERRUPTED, "the graph interrupts its run, and waits to be resumed"
        return RunResult(
            status=self.status,
            state=self._state,
            interrupts=self._interrupts,
            reason=self.reason,
            seconds=self._seconds,
            thread_id=thread_id,
            run_id=self.run_id,
        )

    def _body(self) -> JsonObject:
        request = self.request
        body: dict[str, JsonValue] = {
            "assistant_id": request.assistant,
            "input": request.input,
            "metadata": request.metadata,
            "stream_mode": list(request.modes),
            "on_disconnect": "cancel",
        }
        inline = {"context": request.context, "config": request.config}
        return body | {name: value for name, value in inline.items() if value is not None}

    def _take(self, name: str, data: JsonValue) -> None:
        self._listener(name, data)
        if name == "metadata" and isinstance(data, Mapping) and isinstance(data.get("run_id"), str):
            self.run_id = str(data["run_id"])
        elif name == "error":
            self.status, self.reason = RunStatus.ERROR, _reason(data)
        elif name in ("values", "updates") and isinstance(data, Mapping):
            self._take_state(data, is_whole=name == "values")

    def _take_state(self, data: JsonObject, *, is_whole: bool) -> None:
        waits = data.get(_INTERRUPT)
        if isinstance(waits, list) and waits:
            self._interrupts = tuple(waits)
        if _ERROR in data:
            self.status, self.reason = RunStatus.ERROR, _reason(data[_ERROR])
        state = {key: value for key, value in data.items() if key not in (_INTERRUPT, _ERROR)}
        # The JS server sends an interrupt as a state that has nothing else (docs/servers.md).
        if is_whole and (state or _INTERRUPT not in data):
            self._state = state


def _runs_of(thread_id: str) -> str:
    return f"/threads/{quote(thread_id, safe='')}/runs"


def _parsed(data: bytes, thread_id: str) -> JsonValue:
    try:
        value: JsonValue = from_json(data, allow_inf_nan=False)
    except ValueError:
        path = f"{_runs_of(thread_id)}/stream"
        message = f"POST {path} streams an event that is not JSON"
        raise BadAnswer(message, method="POST", path=path, status=200) from None
    return value


def _reason(error: JsonValue) -> str:
    """One sentence about the error of a graph."""
    if not isinstance(error, Mapping):
        return f"the graph failed: {error}"
    names: Iterable[JsonValue] = (error.get("error"), error.get("message"))
    parts = list(dict.fromkeys(str(one) for one in names if one))
    return f"the graph failed: {': '.join(parts) or 'without a reason'}"


def _time(text: str | None) -> datetime | None:
    try:
        made = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)
