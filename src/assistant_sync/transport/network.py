"""Connections to one deployment over the network, kept for the next requests.

httpx's own pool looks at each of its connections before and after every request, which takes longer than to send a
small one.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpcore
import httpx

from assistant_sync.transport.sockets import PlainSockets

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator

KEEPALIVE = 2.0
"""Seconds that an idle connection is kept: less than any server keeps it (uvicorn: 5), so that no write is sent on a
connection that the server is about to close."""

KEPT_CONNECTIONS = 32


class Network(httpx.AsyncBaseTransport):
    """Sends each request over an idle connection, the one used last first, or over a new one.

    Every request raises what ``httpx.AsyncHTTPTransport`` raises.

    Args:
        tls: For https.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._sockets = PlainSockets()
        self._idle: list[httpcore.AsyncHTTPConnection] = []
        self._is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the connection is free again once the answer is closed."""
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = httpcore.Request(
            request.method, target, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        with _as_httpx():
            connection = await self._free(target.origin)
            try:
                answer = await connection.handle_async_request(sent)
            except BaseException:
                await connection.aclose()
                raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(self, connection, answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close the idle connections, and what a request that was cut off has left open."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.aclose()
        self._sockets.close()

    async def give_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keep a connection whose answer was read to its end; close one that broke off."""
        if connection.is_idle() and not self._is_closed and len(self._idle) < KEPT_CONNECTIONS:
            self._idle.append(connection)
        else:
            await connection.aclose()

    async def _free(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.can_handle_request(origin) and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=self._tls,
            keepalive_expiry=KEEPALIVE,
            network_backend=self._sockets if origin.scheme == b"http" else None,
        )


class _Body(httpx.AsyncByteStream):
    """The body of an answer, as it arrives."""

    def __init__(self, network: Network, connection: httpcore.AsyncHTTPConnection, answer: httpcore.Response) -> None:
        self._network = network
        self._connection: httpcore.AsyncHTTPConnection | None = connection
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._answer.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with _as_httpx():
                try:
                    await self._answer.aclose()
                finally:
                    await self._network.give_back(connection)


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise the errors of httpcore as those of httpx, which have the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx, type(error).__name__)(str(error)) from error
