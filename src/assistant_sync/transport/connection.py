"""Connections to a deployment: one that can only read, and one that can also write."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

import httpx

from assistant_sync.errors import Rejected
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.timeout import DEFAULT_TIMEOUT
from assistant_sync.transport.bounded import AnswerTooLarge
from assistant_sync.transport.channel import Channel
from assistant_sync.transport.failures import FailedRequest, Request, failed_request, is_success, parse_http_date
from assistant_sync.transport.retries import Repeat, final_error, pause_before_next

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport.channel import Transport
    from assistant_sync.transport.endpoint import Endpoint
    from assistant_sync.transport.pacing import Pacer

C = TypeVar("C", bound="ReadConnection")

_READ_ONLY_POSTS = re.compile(r"/assistants/(search|count|[^/]+/versions)|/threads/(search|count)|/runs/crons/search")

_logger = logging.getLogger(__name__)


class Response(Frozen, frozen=True):
    """A successful answer.

    Attributes:
        method: Of its request.
        path: Of its request, below the deployment's URL.
        status: 200 to 299.
        content: JSON, judged by its first byte; may be empty after a delete.
        date: The server's time of the answer; None if it names none.
    """

    unshown: ClassVar = ("content",)

    method: str
    path: str
    status: int
    content: bytes
    date: datetime | None = None


class ReadConnection:
    """A connection that has no way to write; an async context manager.

    Args:
        endpoint: The URL, and what requests carry.
        timeout: Seconds for one request.
        transport: Replaces the network.
        pause: How to wait between attempts.
        pacer: Gives each attempt its turn; None for no limit. Waiting for it counts towards no timeout.
        stop: Once it is set, no write is sent again; reads continue, because they show what the writes did.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        transport: Transport | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pacer: Pacer | None = None,
        stop: asyncio.Event | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._pacer = pacer
        self._is_urgent = False
        self._stop = stop or asyncio.Event()
        self._timeout = timeout
        self._transport = transport
        self._pause = pause
        self._channel: Channel | None = None

    async def __aenter__(self) -> Self:
        self._channel = await Channel(self.endpoint, self._timeout, self._transport).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.__aexit__(kind, error, trace)

    async def get(self, path: str) -> Response:
        """GET a path below the deployment's URL.

        Raises:
            RemoteError: For every answer except JSON with a 2xx status.
        """
        return await self._exchange("GET", path, None, Repeat.READ)

    async def ask(self, path: str, body: JsonObject) -> Response:
        """POST a question that changes nothing: a search, a count or a list of versions.

        Raises:
            RemoteError: For every answer except JSON with a 2xx status.
            ValueError: If the path is not one of such a question.
        """
        if not _READ_ONLY_POSTS.fullmatch(path):
            message = f"POST {path} is not a read-only request"
            raise ValueError(message)
        return await self._exchange("POST", path, body, Repeat.READ)

    async def _exchange(self, method: str, path: str, body: JsonObject | None, repeat: Repeat) -> Response:
        content = None if body is None else encoded(body, method, path)
        attempts, waited = 1, 0.0
        in_doubt: FailedRequest | None = None
        await self._turn()
        while True:
            outcome = await self._once(content, Request(self.endpoint, method, path, self._timeout, attempts))
            if isinstance(outcome, Response):
                return outcome
            seconds = pause_before_next(outcome, repeat, attempts=attempts, waited=waited)
            if seconds is None:
                raise final_error(outcome, in_doubt)
            if repeat is Repeat.WRITE and outcome.error.may_have_landed:
                in_doubt = outcome
            _logger.info("%s %s failed, next attempt in %.1f s: %s", method, path, seconds, outcome.error)
            if repeat is Repeat.READ:
                await self._turn_after(seconds)
            elif await self._stopped_before(seconds):
                raise final_error(outcome, in_doubt)
            attempts, waited = attempts + 1, waited + seconds

    async def _turn(self) -> None:
        if self._pacer is not None:
            await self._pacer.turn(urgent=self._is_urgent)

    async def _turn_after(self, seconds: float) -> None:
        await self._pause(seconds)
        await self._turn()

    async def _stopped_before(self, seconds: float) -> bool:
        """Wait for a turn after some seconds, or until the stop is set; return whether it is set."""
        waits = [asyncio.ensure_future(self._turn_after(seconds)), asyncio.ensure_future(self._stop.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return self._stop.is_set()

    async def _once(self, content: bytes | None, request: Request) -> Response | FailedRequest:
        if self._channel is None:
            raise RuntimeError("the connection is not open: use it in 'async with'")
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._channel.send(request.method, self.endpoint.url + request.path, content)
        except (
            AnswerTooLarge,
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
            httpx.CookieConflict,
            OSError,
        ) as error:
            failed = failed_request(error, request)
            failed.error.__cause__ = error
            return failed
        _logger.debug("%s %s -> %d, %d bytes", request.method, request.path, answer.status_code, len(answer.content))
        if is_success(answer):
            date = parse_http_date(answer.headers.get("date", ""))
            return Response(request.method, request.path, answer.status_code, answer.content, date)
        return failed_request(answer, request)


class WriteConnection(ReadConnection):
    """A connection that can also write."""

    def urgent(self) -> Self:
        """The same connection, which must be open; its requests are given their turns before all others."""
        return urgent_view(self)

    async def send(self, method: str, path: str, body: JsonObject | None, *, repeatable: bool) -> Response:
        """Send a write.

        Args:
            method: The HTTP method.
            path: Below the deployment's URL.
            body: The request's JSON; None to send no body.
            repeatable: Whether it may be sent again although it may have taken effect. Otherwise it is sent
                again only if the connection never opened, or after a 429.

        Raises:
            RemoteError: For every answer except a 2xx status with JSON, or with an empty body after a DELETE.
        """
        return await self._exchange(method, path, body, Repeat.WRITE if repeatable else Repeat.UNSENT)


def urgent_view(connection: C) -> C:
    """The same connection, which must be open; its requests are given their turns before all others."""
    view = copy(connection)
    view._is_urgent = True
    return view


def encoded(body: JsonObject, method: str, path: str) -> bytes:
    """The bytes of a request's body.

    Raises:
        Rejected: It holds what JSON, or UTF-8, does not have.
    """
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode()
    except (ValueError, RecursionError):
        message = f"{method} {path} was not sent: its body holds NaN, an unpaired surrogate or too many nested levels"
        raise Rejected(message, method=method, path=path, sent=False) from None


def _plain(value: object) -> object:
    """Return a mapping as the ``dict`` that the JSON encoder needs."""
    if isinstance(value, Mapping):
        return dict(value)
    message = f"{type(value).__name__} is not a JSON value"
    raise TypeError(message)
