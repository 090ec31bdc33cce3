"""The numbers of threads: welcome where a server has them, and never a reason to fail or to wait for long."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.live.thread_counts import ThreadsCounter
from assistant_sync.model.thread import ThreadCounts
from assistant_sync.transport import Endpoint, ReadConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OWN = "62e209ca-9154-432a-b9e9-2d75c7a9219b"
OF_IT = {"metadata": {"assistant_id": OWN}}
BUSY = {**OF_IT, "status": "busy"}


def counts(
    answer: Callable[[Any], httpx.Response | Awaitable[httpx.Response]], times: int = 1, patience: float = 10.0
) -> tuple[ThreadCounts | None, list[Any]]:
    """What is counted at last, and what was asked."""
    asked: list[Any] = []

    async def noting(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/threads/count")
        asked.append(json.loads(request.content))
        answered = answer(asked[-1])
        return answered if isinstance(answered, httpx.Response) else await answered

    async def no_pause(_: float) -> None:
        pass

    async def main() -> ThreadCounts | None:
        transport = httpx.MockTransport(noting)
        async with ReadConnection(Endpoint("http://server", {}), transport=transport, pause=no_pause) as connection:
            counter = ThreadsCounter(connection, patience=patience)
            found = None
            for _ in range(times):
                found = await counter.of_assistant(OWN)
            return found

    return asyncio.run(main()), asked


def test_of_an_assistant_without_threads_nothing_more_is_asked() -> None:
    assert counts(lambda _: httpx.Response(200, json=0)) == (ThreadCounts(0, 0), [OF_IT])


def test_threads_and_those_that_are_busy_are_counted_in_two_requests() -> None:
    found = counts(lambda body: httpx.Response(200, json=2 if "status" in body else 12))
    assert found == (ThreadCounts(12, 2), [OF_IT, BUSY])


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(code, json={"detail": "x"}) for code in (400, 401, 403, 404, 405, 409, 422, 500, 501, 503)]
    + [httpx.Response(200, json={"count": 3}), httpx.Response(200, json="three"), httpx.Response(200, text="<html>")],
    ids=["400", "401", "403", "404", "405", "409", "422", "500", "501", "503", "an object", "a text", "no JSON"],
)
def test_whatever_else_is_answered_leaves_the_number_out_and_ends_the_asking(answer: httpx.Response) -> None:
    once = len(counts(lambda _: answer)[1])
    assert counts(lambda _: answer, times=5) == (None, [OF_IT] * once)


def test_a_server_that_counts_no_status_leaves_only_that_out() -> None:
    def answer(body: Any) -> httpx.Response:
        return httpx.Response(422, json={}) if "status" in body else httpx.Response(200, json=3)

    assert counts(answer) == (ThreadCounts(3, None), [OF_IT, BUSY])


def test_a_connection_that_breaks_off_leaves_the_number_out() -> None:
    def broken(_: Any) -> httpx.Response:
        raise httpx.ReadError("gone")

    assert counts(broken)[0] is None


def test_a_count_that_takes_too_long_is_given_up() -> None:
    async def never(_: Any) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    assert counts(never, times=3, patience=0.05) == (None, [OF_IT])
