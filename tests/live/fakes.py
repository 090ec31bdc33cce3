"""Servers that differ from the official one, in the ways that others were seen to (Aegra, JS, gateways)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import httpx

from assistant_sync.live.reader import AssistantsReader
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.progress import silent
from assistant_sync.transport import Endpoint, ReadConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.model.progress import Listener

T = TypeVar("T")

URL = "https://acme.example/prefix"


def uuid(number: int) -> str:
    return str(UUID(int=number))


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {"assistant_id": uuid(number), "graph_id": "agent", "version": 1} | fields


def rows(count: int) -> list[dict[str, Any]]:
    return [row(number) for number in range(count)]


def system_row(graph_id: str) -> dict[str, Any]:
    return row(0, assistant_id=default_assistant_id(graph_id), graph_id=graph_id, metadata={"created_by": "system"})


async def _no_pause(_: float) -> None:
    pass


def _never(_: int) -> None:
    pass


@dataclass
class Fake:
    """A server with assistants, and with ways of its own.

    Attributes:
        rows: In the order in which it lists them.
        versions: Of every assistant, highest first.
        graphs: Searches by another graph are answered with 404; None where any name will do.
        served: The graphs whose schemas are answered; None for all.
        unserved: What the schemas of another graph are answered with.
        most: Rows on a page that it gives without a word, whatever is asked for.
        refuses: Limits above this are refused, with ``refusal``.
        heeds: Which of ``limit``, ``offset`` and ``metadata`` it heeds.
        counts: What /count answers; None where the server has no such endpoint.
        before_search: Is told of each search by its number from 0, before it is answered.
        requests: The paths and bodies that arrived.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    graphs: frozenset[str] | None = None
    served: frozenset[str] | None = None
    unserved: int = 404
    most: int = 10_000
    refuses: int = 1000
    refusal: int = 422
    heeds: frozenset[str] = frozenset({"limit", "offset", "metadata"})
    counts: Callable[[int], int] | None = lambda real: real
    before_search: Callable[[int], None] = _never
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def asked(self, end: str) -> list[dict[str, Any]]:
        """The bodies that were sent to paths with this end."""
        return [body for path, body in self.requests if path.endswith(end)]

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        path = request.url.path.removeprefix("/prefix")
        if path == "/assistants/search":
            self.before_search(len(self.asked("/search")))
        self.requests.append((path, body))
        if path == "/assistants/search":
            return self._search(body)
        if path == "/assistants/count":
            return self._count(body)
        if path.endswith("/versions"):
            return self._page(self.versions, body)
        found = [row for row in self.rows if path.removesuffix("/schemas").endswith(row["assistant_id"])]
        if found and path.endswith("/schemas"):
            is_served = self.served is None or found[0]["graph_id"] in self.served
            return httpx.Response(200 if is_served else self.unserved, json={})
        return httpx.Response(200, json=found[0]) if found else httpx.Response(404, text="Not Found")

    def _search(self, body: dict[str, Any]) -> httpx.Response:
        if self.graphs is not None and body.get("graph_id", next(iter(self.graphs))) not in self.graphs:
            return httpx.Response(404, json={"detail": f"Graph '{body['graph_id']}' not found"})
        return self._page(self._matching(body), body)

    def _count(self, body: dict[str, Any]) -> httpx.Response:
        if self.counts is None:
            return httpx.Response(404, json={"detail": "Not Found"})
        return httpx.Response(200, json=self.counts(len(self._matching(body))))

    def _matching(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = body.get("metadata", {}) if "metadata" in self.heeds else {}
        found = [row for row in self.rows if body.get("graph_id") in (None, row["graph_id"])]
        return [row for row in found if wanted.items() <= row.get("metadata", {}).items()]

    def _page(self, found: list[dict[str, Any]], body: dict[str, Any]) -> httpx.Response:
        limit, offset = body.get("limit", 10), body.get("offset", 0)
        if limit > self.refuses:
            return httpx.Response(self.refusal, json={"detail": "limit is too large"})
        found = found[offset if "offset" in self.heeds else 0 :]
        return httpx.Response(200, json=found[: min(limit, self.most) if "limit" in self.heeds else self.most])

    def read(self, call: Callable[[AssistantsReader], Awaitable[T]], *, listener: Listener = silent) -> T:
        """Let a reader call this server."""
        return read(self.answer, call, listener=listener)


def read(
    answer: Callable[[httpx.Request], httpx.Response],
    call: Callable[[AssistantsReader], Awaitable[T]],
    *,
    listener: Listener = silent,
    pause: Callable[[float], Awaitable[None]] = _no_pause,
) -> T:
    """Let a reader call whatever answers, by default without pauses between tries."""

    async def main() -> T:
        transport = httpx.MockTransport(answer)
        async with ReadConnection(Endpoint(URL, {}), transport=transport, pause=pause) as connection:
            return await call(AssistantsReader(connection, listener=listener))

    return asyncio.run(main())
