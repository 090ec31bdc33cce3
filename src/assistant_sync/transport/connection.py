"""Connections to a deployment: one that can only read, and one that can write, too."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeAlias

import httpx

from assistant_sync.errors import Rejected, Unreachable
from assistant_sync.model.url import is_loopback
from assistant_sync.transport.failures import Failure, Request, failure_of, is_good, time_of
from assistant_sync.transport.retries import Repeat, final_error, pause_before_next
from assistant_sync.transport.trust import tls_context

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport.endpoint import Endpoint

DEFAULT_TIMEOUT = 30.0
"""Seconds for one request, from its first byte to the last of its answer."""

_CONNECT_SHARE = 1 / 3
"""Of the timeout for opening the connection, so that one which never opened is told from a lost answer."""

_KEPT_IDLE = 2.0
"""Seconds that a connection is kept for the next request: less than any server keeps it (uvicorn: 5), so that no
write goes out on a connection that the server is about to close."""

_KEPT_CONNECTIONS = 32

_READ_ONLY_POSTS = re.compile(r"/assistants/(search|count|[^/]+/versions)")

Transport: TypeAlias = httpx.AsyncBaseTransport
"""What carries requests in place of the network."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """A successful answer.

    Attributes:
        method: Of its request.
        path: Of its request, below the deployment's URL.
        status: 200 to 299.
        content: JSON by its first byte; may be empty after a delete.
        date: When the server says it answered; None where it does not.
    """

    method: str
    path: str
    status: int
    content: bytes = field(repr=False)
    date: datetime | None = None


class ReadConnection:
    """A connection that has no way to write; an async context manager.

    Args:
        endpoint: Where to, and with what.
        timeout: Seconds for one request.
        transport: Takes the place of the network.
        pause: How to wait between tries.
        stop: Once it is set, no write is sent again; reads go on, for they tell what became of the writes.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        stop: asyncio.Event | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._stop = stop or asyncio.Event()
        self._timeout = timeout
        self._transport = transport
        self._pause = pause
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = await _open(self.endpoint, self._timeout, self._transport).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client:
            await client.__aexit__(kind, error, trace)

    async def get(self, path: str) -> Response:
        """GET a path below the deployment's URL.

        Raises:
            RemoteError: For everything but a JSON answer with a 2xx status.
        """
        return await self._exchange("GET", path, None, Repeat.READ)

    async def ask(self, path: str, body: JsonObject) -> Response:
        """POST a question that changes nothing: a search, a count or a list of versions.

        Raises:
            RemoteError: For everything but a JSON answer with a 2xx status.
            ValueError: If the path is not that of such a question.
        """
        if not _READ_ONLY_POSTS.fullmatch(path):
            message = f"POST {path} is no read"
            raise ValueError(message)
        return await self._exchange("POST", path, body, Repeat.READ)

    async def _exchange(self, method: str, path: str, body: JsonObject | None, repeat: Repeat) -> Response:
        content = None if body is None else _encoded(body, method, path)
        tries, waited = 1, 0.0
        doubt: Failure | None = None
        while True:
            outcome = await self._once(content, Request(self.endpoint, method, path, self._timeout, tries))
            if isinstance(outcome, Response):
                return outcome
            seconds = pause_before_next(outcome, repeat, tries=tries, waited=waited)
            if seconds is None:
                raise final_error(outcome, doubt)
            if repeat is Repeat.WRITE and outcome.error.may_have_landed:
                doubt = outcome
            _logger.info("%s %s failed, next try in %.1f s: %s", method, path, seconds, outcome.error)
            if repeat is Repeat.READ:
                await self._pause(seconds)
            elif await self._stopped_in(seconds):
                raise final_error(outcome, doubt)
            tries, waited = tries + 1, waited + seconds

    async def _stopped_in(self, seconds: float) -> bool:
        """Wait, unless the stop comes first; whether it has."""
        waits = [asyncio.ensure_future(self._pause(seconds)), asyncio.ensure_future(self._stop.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return self._stop.is_set()

    async def _once(self, content: bytes | None, request: Request) -> Response | Failure:
        if self._client is None:
            raise RuntimeError("the connection is not open: use it in 'async with'")
        headers = {"content-type": "application/json"} if content is not None else {}
        url = self.endpoint.url + request.path
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.request(request.method, url, content=content, headers=headers)
                if answer.is_server_error:
                    await _drop(answer)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict, OSError) as error:
            failure = failure_of(error, request)
            failure.error.__cause__ = error
            return failure
        _logger.debug("%s %s -> %d, %d bytes", request.method, request.path, answer.status_code, len(answer.content))
        if is_good(answer):
            date = time_of(answer.headers.get("date", ""))
            return Response(request.method, request.path, answer.status_code, answer.content, date)
        return failure_of(answer, request)


class WriteConnection(ReadConnection):
    """A connection that can write."""

    async def send(self, method: str, path: str, body: JsonObject | None, *, repeatable: bool) -> Response:
        """Send a write.

        Args:
            method: The HTTP method.
            path: Below the deployment's URL.
            body: The request's JSON; None for none.
            repeatable: Whether it may be sent again although it may have taken effect. Otherwise it is sent
                again only where the connection never opened, or after a 429.

        Raises:
            RemoteError: For everything but a 2xx status with JSON, or with nothing after a DELETE.
        """
        return await self._exchange(method, path, body, Repeat.WRITE if repeatable else Repeat.UNSENT)


def _open(endpoint: Endpoint, seconds: float, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    context = tls_context(endpoint)
    try:
        return httpx.AsyncClient(
            headers={"user-agent": "assistant-sync", "accept": "application/json", **endpoint.headers},
            verify=context,
            timeout=httpx.Timeout(seconds, connect=seconds * _CONNECT_SHARE),
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=_KEPT_CONNECTIONS, keepalive_expiry=_KEPT_IDLE
            ),
            follow_redirects=False,
            transport=transport,
            # Proxies of the environment; none is asked for what is on this machine.
            trust_env=not is_loopback(endpoint.url),
        )
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        # The reason may quote the proxy's URL, which may hold a password.
        message = "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used"
        hint = "it must be an http:// or https:// URL; NO_PROXY names the hosts that need none"
        raise Unreachable(message, sent=False, hint=hint) from error


async def _drop(answer: httpx.Response) -> None:
    """Close the connection of an answer: after a 500 the official server does, in the middle of the next request."""
    stream = answer.extensions.get("network_stream")
    if stream is not None:
        await stream.aclose()


def _encoded(body: JsonObject, method: str, path: str) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode()
    except (ValueError, RecursionError):
        message = f"{method} {path} was not sent: its body holds NaN, half a character or too deep a nesting"
        raise Rejected(message, method=method, path=path, sent=False) from None


def _plain(value: object) -> object:
    """Give the JSON encoder a mapping that is no ``dict``."""
    if isinstance(value, Mapping):
        return dict(value)
    message = f"{type(value).__name__} is no JSON value"
    raise TypeError(message)
