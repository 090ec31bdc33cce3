"""A deployment that keeps threads and streams scripted runs, as an httpx transport; real ones are held against it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Events: TypeAlias = "list[tuple[str, Any] | float | Exception]"
"""Of one run: events, seconds to wait, or how the stream breaks off."""


def replied(text: str) -> Events:
    """A run that answers a text."""
    asked = {"type": "human", "content": "?"}
    return [("metadata", {"run_id": "run-1"}), ("values", {"messages": [asked, {"type": "ai", "content": text}]})]


class RunServer(httpx.AsyncBaseTransport):
    """Answers about threads and runs.

    Args:
        run: What a run does, from its request's body; an answer in place of a stream if it returns one.

    Attributes:
        threads: The threads that there are.
        bodies: What the runs were asked.
        requests: Method and path of every request.
        cancelled: The runs that were cancelled.
        now: The server's time.
    """

    def __init__(self, run: Callable[[dict[str, Any]], Events | httpx.Response] = lambda _: replied("fine")) -> None:
        self._run = run
        self.threads: dict[str, dict[str, Any]] = {}
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.cancelled: list[str] = []
        self.now = datetime(2026, 11, 29, 10, 0, 0, tzinfo=UTC)
        self.most_at_once = 0
        self._at_once = 0

    def add_thread(self, thread_id: str, *, seconds_ago: float, **metadata: Any) -> None:
        """Have a thread that somebody made some time ago."""
        made = (self.now - timedelta(seconds=seconds_ago)).isoformat()
        self.threads[thread_id] = {"thread_id": thread_id, "metadata": metadata, "created_at": made}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.requests.append((request.method, path))
        body = json.loads(await request.aread() or b"null")
        headers = {"date": self.now.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        if path == "/threads":
            self.add_thread(body["thread_id"], seconds_ago=0, **body.get("metadata", {}))
            return httpx.Response(200, json=self.threads[body["thread_id"]], headers=headers)
        if path == "/threads/search":
            wanted = json.dumps(body["metadata"])[1:-2]
            rows = [row for row in self.threads.values() if wanted in json.dumps(row["metadata"])]
            return httpx.Response(200, json=rows[body["offset"] : body["offset"] + body["limit"]], headers=headers)
        _, _, thread_id, *rest = path.split("/")
        if request.method == "DELETE":
            return httpx.Response(204 if self.threads.pop(thread_id, None) else 404, json=None, headers=headers)
        if request.method == "GET":
            row = self.threads.get(thread_id)
            return httpx.Response(404 if row is None else 200, json=row or {}, headers=headers)
        if rest[-1] == "cancel":
            self.cancelled.append(rest[1])
            return httpx.Response(202, json={})
        return self._streamed(thread_id, body)

    def _streamed(self, thread_id: str, body: dict[str, Any]) -> httpx.Response:
        self.bodies.append(body)
        events = self._run(body)
        if isinstance(events, httpx.Response):
            return events
        named = {"content-type": "text/event-stream", "content-location": f"/threads/{thread_id}/runs/run-1"}
        return httpx.Response(200, headers=named, stream=_Stream(self._events(events)))

    async def _events(self, events: Events) -> AsyncIterator[bytes]:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            for event in events:
                if isinstance(event, Exception):
                    raise event
                if isinstance(event, float | int):
                    await asyncio.sleep(event)
                else:
                    name, data = event
                    yield f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
        finally:
            self._at_once -= 1


class _Stream(httpx.AsyncByteStream):
    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            yield chunk

    async def aclose(self) -> None:
        await self._chunks.aclose()  # type: ignore[attr-defined]  # an async generator
