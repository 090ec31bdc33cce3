"""A connection that can run graphs on threads, and has no way to write an assistant."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import httpx

from assistant_sync.errors import BadAnswer, TooLarge
from assistant_sync.transport.bounded import AnswerTooLarge, read_answer
from assistant_sync.transport.channel import CONNECT_SHARE
from assistant_sync.transport.connection import ReadConnection, encoded, urgent_view
from assistant_sync.transport.failures import Request, failed_request
from assistant_sync.transport.retries import Repeat, pause_before_next
from assistant_sync.transport.server_events import EventDecoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport.connection import Response
    from assistant_sync.transport.failures import FailedRequest
    from assistant_sync.transport.server_events import ServerEvent

_THREADS = re.compile(r"/threads(/[^/?]+(/runs/[^/?]+/cancel\?[a-z0-9=&]+)?)?")
_STREAM = re.compile(r"/threads/[^/?]+/runs/stream")
_RUN_OF = re.compile(r"/runs/([0-9A-Za-z-]{1,64})")


class EventStream:
    """The events of one run, as they arrive.

    Attributes:
        run_id: The run's id; None if the server's headers do not name it.
    """

    def __init__(self, answer: httpx.Response, request: Request) -> None:
        named = _RUN_OF.search(answer.headers.get("content-location", ""))
        self.run_id = named[1] if named else None
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[ServerEvent]:
        """The events.

        Raises:
            RemoteError: The stream broke off, or holds more than is read.
        """
        decoder = EventDecoder()
        try:
            async for chunk in self._answer.aiter_bytes():
                for event in decoder.feed(chunk):
                    yield event
        except AnswerTooLarge as error:
            message = f"the answer to {self._request} is not read to its end: {error}"
            hint = "give the graph a smaller state, or ask for less"
            raise TooLarge(message, method="POST", path=self._request.path, hint=hint) from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise failed_request(error, self._request).error from error


class RunConnection(ReadConnection):
    """A connection that can also make and delete threads, and run graphs on them."""

    def urgent(self) -> Self:
        """The same connection, which must be open; its requests are given their turns before all others."""
        return urgent_view(self)

    async def send(self, method: str, path: str, body: JsonObject | None, *, repeatable: bool) -> Response:
        """Send what makes, deletes or stops something of a thread.

        Args:
            method: The HTTP method.
            path: Below the deployment's URL; of threads.
            body: The request's JSON; None to send no body.
            repeatable: Whether it may be sent again although it may have taken effect.

        Raises:
            RemoteError: For every answer except a 2xx status with JSON, or with an empty body after a DELETE.
            ValueError: If the path is not one of threads.
        """
        if not _THREADS.fullmatch(path):
            message = f"{method} {path} is not a request about a thread"
            raise ValueError(message)
        return await self._exchange(method, path, body, Repeat.WRITE if repeatable else Repeat.UNSENT)

    @asynccontextmanager
    async def stream(self, path: str, body: JsonObject) -> AsyncIterator[EventStream]:
        """Start a run and read its events; it is sent again only if it cannot have begun.

        No timeout bounds it but that of the connection's opening: a model may think for minutes, and heartbeats would
        keep any other from firing. The caller bounds the whole.

        Args:
            path: Below the deployment's URL.
            body: The request's JSON.

        Raises:
            RemoteError: The server refuses it or cannot be reached.
            ValueError: If the path is not one of such runs.
        """
        if not _STREAM.fullmatch(path):
            message = f"POST {path} does not start a run on a thread"
            raise ValueError(message)
        content, waited, attempts = encoded(body, "POST", path), 0.0, 1
        while True:
            await self._turn()
            request = Request(self.endpoint, "POST", path, self._timeout, attempts)
            streamed = await self._opened(content, request)
            if isinstance(streamed, httpx.Response):
                break
            seconds = pause_before_next(streamed, Repeat.UNSENT, attempts=attempts, waited=waited)
            if seconds is None:
                raise streamed.error
            await self._pause(seconds)
            attempts, waited = attempts + 1, waited + seconds
        try:
            yield EventStream(streamed, request)
        finally:
            await streamed.aclose()

    async def _opened(self, content: bytes, request: Request) -> httpx.Response | FailedRequest:
        """The answer whose body is to come, or why there is none."""
        if self._channel is None:
            raise RuntimeError("the connection is not open: use it in 'async with'")
        client = self._channel.client
        built = client.build_request(
            request.method,
            self.endpoint.url + request.path,
            content=content,
            headers={"content-type": "application/json", "accept": "text/event-stream"},
            timeout=httpx.Timeout(None, connect=self._timeout * CONNECT_SHARE),
        )
        try:
            streamed = await client.send(built, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict, OSError) as error:
            return failed_request(error, request)
        if streamed.is_success and _is_stream(streamed):
            return streamed
        try:
            return failed_request(await self._whole(streamed, request), request)
        except (AnswerTooLarge, httpx.HTTPError, httpx.StreamError, OSError) as error:
            return failed_request(error, request)
        finally:
            await streamed.aclose()

    async def _whole(self, streamed: httpx.Response, request: Request) -> httpx.Response:
        answer = await read_answer(streamed)
        if not answer.is_success:
            return answer
        message = f"{request} was answered with {answer.status_code} and no stream of events"
        hint = "check the target's url; if it is right, this server is too new or too different"
        raise BadAnswer(message, method="POST", path=request.path, status=answer.status_code, hint=hint)


def _is_stream(answer: httpx.Response) -> bool:
    return str(answer.headers.get("content-type", "")).startswith("text/event-stream")
