"""A transport that notes each request and, where a test asks for it, makes one go wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx

Proceed: TypeAlias = Callable[[], Awaitable[httpx.Response]]
Fault: TypeAlias = Callable[[httpx.Request, Proceed], Awaitable[httpx.Response]]
"""Answers a request in the server's place, or lets it proceed, or both; may raise before and after."""

READS = re.compile(r"^/assistants/(search|count|[^/]+/versions)$|^/threads/(search|count)$|^/runs/crons/search$")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it was sent.

    Attributes:
        method: The HTTP method.
        path: The path of the URL.
        status: What the server answered, even where the client never saw it; None where it was not asked.
        body: The request's JSON; None without a body.
    """

    method: str
    path: str
    status: int | None
    body: Any = field(repr=False)

    @classmethod
    def of(cls, request: httpx.Request, status: int | None = None) -> Exchange:
        """What a request is."""
        body = json.loads(request.content) if request.content else None
        return cls(request.method, request.url.path, status, body)

    @property
    def is_write(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET" and not (self.method == "POST" and READS.search(self.path))


class RecordingTransport(httpx.AsyncBaseTransport):
    """Notes every request on its way to ``inner``.

    Args:
        inner: Where requests go; a real connection by default.
        fault: What may go wrong.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport | None = None, fault: Fault | None = None) -> None:
        self.inner = inner or httpx.AsyncHTTPTransport()
        self.fault = fault
        self.exchanges: list[Exchange] = []

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of each request, in the order of their ends."""
        return [(exchange.method, exchange.path) for exchange in self.exchanges]

    @property
    def writes(self) -> list[Exchange]:
        """The requests that may have changed something."""
        return [exchange for exchange in self.exchanges if exchange.is_write]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        status: int | None = None

        async def proceed() -> httpx.Response:
            nonlocal status
            response = await self.inner.handle_async_request(request)
            status = response.status_code
            return response

        try:
            return await (self.fault(request, proceed) if self.fault else proceed())
        finally:
            self.exchanges.append(Exchange.of(request, status))

    async def aclose(self) -> None:
        await self.inner.aclose()


def lost_before(
    method: str, path: str, error: type[httpx.TransportError] = httpx.ConnectError, times: int = 1
) -> Fault:
    """The first ``times`` such requests never reach the server."""

    async def fault(request: httpx.Request, _: Proceed) -> httpx.Response:
        raise error("made by the test", request=request)

    return _limited(method, path, fault, times)


def lost_after(method: str, path: str, error: type[httpx.TransportError] = httpx.ReadTimeout, times: int = 1) -> Fault:
    """The server carries the first ``times`` such requests out, but its answers are lost."""

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        await (await proceed()).aclose()
        raise error("made by the test", request=request)

    return _limited(method, path, fault, times)


def answered(method: str, path: str, answer: Callable[[], httpx.Response], times: int = 1) -> Fault:
    """The first ``times`` such requests get another answer and never reach the server."""

    async def fault(_: httpx.Request, __: Proceed) -> httpx.Response:
        return answer()

    return _limited(method, path, fault, times)


def _limited(method: str, path: str, fault: Fault, times: int) -> Fault:
    """Apply ``fault`` to the first requests whose whole method and whole path match the expressions."""
    left = times

    async def limited(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal left
        if left and re.fullmatch(method, request.method) and re.fullmatch(path, request.url.path):
            left -= 1
            return await fault(request, proceed)
        return await proceed()

    return limited
