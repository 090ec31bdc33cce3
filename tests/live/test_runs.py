"""Runs on threads of our own: nothing of them stays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.errors import BadAnswer, Denied, NotFound, RateLimited, RemoteError, TooLarge, Unreachable
from assistant_sync.live.runs import MARGIN_SECONDS, RunsClient
from assistant_sync.model.frozen import replace
from assistant_sync.model.run import CHECK_KEY, RunRequest, RunStatus
from assistant_sync.transport import Endpoint, Pacer
from assistant_sync.transport.running import RunConnection
from tests.locking.clock import Clock
from tests.servers.run_server import RunServer, replied

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.model.run import RunResult
    from tests.servers.run_server import Events

ASKED = RunRequest(assistant="agent", input={"question": "Hi"}, metadata={CHECK_KEY: "acme/support: hi"}, deadline=5)


async def _no_pause(_: float) -> None:
    return


def using(server: httpx.AsyncBaseTransport, call: Callable[[RunsClient], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with RunConnection(Endpoint("http://server", {}), transport=server, pause=_no_pause) as connection:
            return await call(RunsClient(connection, "acme"))

    return asyncio.run(main())


def ran(*events: Any, request: RunRequest = ASKED) -> tuple[RunResult, RunServer]:
    server = RunServer(lambda _: list(events))
    return using(server, lambda client: client.run(request)), server


def test_a_run_is_asked_on_a_marked_thread_of_its_own_which_is_deleted() -> None:
    result, server = ran(*replied("fine"))
    assert result.status is RunStatus.SUCCESS
    assert result.state == {"messages": [{"type": "human", "content": "?"}, {"type": "ai", "content": "fine"}]}
    assert result.run_id == "run-1"
    assert server.threads == {}
    assert [method for method, _ in server.requests] == ["POST", "POST", "DELETE"]
    assert server.bodies == [
        {
            "assistant_id": "agent",
            "input": {"question": "Hi"},
            "metadata": {CHECK_KEY: "acme/support: hi"},
            "stream_mode": ["values"],
            "on_disconnect": "cancel",
        }
    ]


def test_what_is_inline_is_sent_and_an_empty_context_too() -> None:
    request = RunRequest(assistant="agent", input=None, context={}, config={"recursion_limit": 5})
    _, server = ran(request=request)
    assert server.bodies[0]["context"] == {}
    assert server.bodies[0]["config"] == {"recursion_limit": 5}


@pytest.mark.parametrize(
    ("events", "status", "reason"),
    [
        (
            [("values", {"a": 1}), ("error", {"error": "ValueError", "message": "no"})],
            RunStatus.ERROR,
            "ValueError: no",
        ),
        ([("error", "no")], RunStatus.ERROR, "the graph failed: no"),
        ([("error", {})], RunStatus.ERROR, "without a reason"),
        ([("values", {"__error__": {"message": "no"}})], RunStatus.ERROR, "the graph failed: no"),
        ([("values", {"a": 1}), ("values", {"__interrupt__": [{"value": 1}]})], RunStatus.INTERRUPTED, "interrupts"),
        ([("values", {"a": 1, "__interrupt__": [{"value": 1}]})], RunStatus.INTERRUPTED, "interrupts"),
        ([("updates", {"__interrupt__": [{"value": 1}]})], RunStatus.INTERRUPTED, "interrupts"),
        ([("values", {"a": 1, "__interrupt__": []})], RunStatus.SUCCESS, "None"),
        ([("metadata", 7), ("values", [1]), ("unknown", {})], RunStatus.SUCCESS, "None"),
    ],
)
def test_how_a_run_ends_is_read_off_its_events(events: Events, status: RunStatus, reason: str) -> None:
    result, server = ran(*events)
    assert result.status is status
    assert reason in str(result.reason)
    assert result.state in ({"a": 1}, {}, None)
    assert server.threads == {}


def test_a_deadline_holds_although_events_keep_arriving() -> None:
    beats: list[Any] = [event for _ in range(100) for event in (0.05, ("values", {"a": 1}))]
    request = RunRequest(assistant="agent", input=None, deadline=0.3)
    result, server = ran(*beats, request=request)
    assert (result.status, result.reason) == (RunStatus.TIMEOUT, "no answer within 0.3 s")
    assert 0.2 < result.seconds < 2
    assert server.cancelled == ["run-1"]
    assert server.threads == {}


def test_a_run_that_is_interrupted_from_outside_is_cancelled_and_its_thread_deleted() -> None:
    server = RunServer(lambda _: [("metadata", {}), 60.0])

    async def call(client: RunsClient) -> None:
        run = asyncio.create_task(client.run(ASKED))
        while not server.bodies:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    using(server, call)
    assert server.cancelled == ["run-1"]
    assert server.threads == {}


def test_cleaning_up_goes_before_the_questions_that_wait_for_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    server = RunServer(lambda _: replied("fine"))

    async def main() -> None:
        async with RunConnection(Endpoint("http://server", {}), transport=server, pacer=Pacer(1)) as connection:
            client = RunsClient(connection, "acme")
            request = replace(ASKED, deadline=100)
            await asyncio.gather(*(client.run(request) for _ in range(3)))

    Clock(monkeypatch, 1_000_000_000.0).run(main())
    threads = [path.split("/")[2] for method, path in server.requests if path.endswith("/stream")]
    made, stream, delete = ("POST", "/threads"), "/threads/{}/runs/stream", "/threads/{}"
    assert server.requests[:5] == [
        made, ("POST", stream.format(threads[0])), ("DELETE", delete.format(threads[0])), made, made
    ]  # fmt: skip
    assert server.threads == {}


class SlowToDelete(RunServer):
    """Takes its time to delete a thread."""

    is_deleting = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            self.is_deleting = True
            await asyncio.sleep(0.2)
        return await super().handle_async_request(request)


@pytest.mark.parametrize(("times", "left"), [(1, 0), (2, 1)])
def test_an_interruption_waits_for_the_cleaning_up_and_a_second_one_does_not(times: int, left: int) -> None:
    server = SlowToDelete()

    async def call(client: RunsClient) -> None:
        run = asyncio.create_task(client.run(ASKED))
        while not server.is_deleting:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)
        for _ in range(times):
            run.cancel()
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await run

    using(server, call)
    assert len(server.threads) == left


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(403, json={"detail": "no"}), Denied),
        (httpx.Response(404, json={"detail": "no"}), NotFound),
        (httpx.Response(200, text="<html>"), BadAnswer),
        (httpx.Response(200, json={"not": "a stream"}), BadAnswer),
        (httpx.Response(429, json={}), RateLimited),
    ],
)
def test_a_run_that_is_refused_is_an_error_and_leaves_no_thread(
    answer: httpx.Response, error: type[RemoteError]
) -> None:
    server = RunServer(lambda _: answer)
    with pytest.raises(error):
        using(server, lambda client: client.run(ASKED))
    assert server.threads == {}


def test_a_run_that_was_limited_is_asked_again_and_one_that_may_have_begun_is_not() -> None:
    answers: list[Any] = [httpx.Response(429, json={}, headers={"retry-after": "1"}), replied("fine")]
    server = RunServer(lambda _: answers.pop(0))
    assert using(server, lambda client: client.run(ASKED)).status is RunStatus.SUCCESS
    assert len(server.bodies) == 2
    broken = RunServer(lambda _: httpx.Response(502, text="gateway"))
    with pytest.raises(RemoteError):
        using(broken, lambda client: client.run(ASKED))
    assert len(broken.bodies) == 1


@pytest.mark.parametrize(
    ("events", "error"),
    [
        ([("values", {"a": 1}), httpx.RemoteProtocolError("cut off")], Unreachable),
        ([("values", {"a": "x" * 5_000_000})], TooLarge),
    ],
)
def test_a_stream_that_breaks_off_or_is_too_large_is_an_error(events: Events, error: type[RemoteError]) -> None:
    server = RunServer(lambda _: events)
    with pytest.raises(error):
        using(server, lambda client: client.run(ASKED))
    assert server.threads == {}
    assert server.cancelled == ["run-1"]


def test_a_kept_thread_stays_carries_no_mark_and_is_used_again() -> None:
    server = RunServer()

    async def call(client: RunsClient) -> tuple[RunResult, RunResult]:
        first = await client.run_kept(ASKED)
        return first, await client.run_kept(ASKED, thread_id=first.thread_id)

    first, second = using(server, call)
    assert first.thread_id == second.thread_id
    assert list(server.threads) == [first.thread_id]
    assert server.threads[first.thread_id]["metadata"] == {}


def test_only_threads_of_this_project_whose_runs_are_over_are_left_over() -> None:
    server = RunServer()
    over = 60 + MARGIN_SECONDS + 1
    server.add_thread("left", seconds_ago=over, **{CHECK_KEY: {"project": "acme", "seconds": 60}})
    server.add_thread("running", seconds_ago=over - 2, **{CHECK_KEY: {"project": "acme", "seconds": 60}})
    server.add_thread("longer", seconds_ago=over, **{CHECK_KEY: {"project": "acme", "seconds": 600}})
    server.add_thread("theirs", seconds_ago=over, **{CHECK_KEY: {"project": "acme-2", "seconds": 60}})
    server.add_thread("odd", seconds_ago=over, **{CHECK_KEY: {"project": "acme", "seconds": "60"}})
    server.add_thread("a user's", seconds_ago=over)
    assert using(server, lambda client: client.remove_left_over()) == 1
    assert sorted(server.threads) == ["a user's", "longer", "odd", "running", "theirs"]


def test_left_over_threads_of_several_pages_are_all_removed() -> None:
    server = RunServer()
    for number in range(250):
        server.add_thread(
            f"t{number}", seconds_ago=1e4 if number % 2 else 1, **{CHECK_KEY: {"project": "acme", "seconds": 60}}
        )
    assert using(server, lambda client: client.remove_left_over()) == 125
    assert len(server.threads) == 125


def test_the_connection_has_no_way_to_write_an_assistant() -> None:
    async def call(client: RunsClient) -> None:
        for path in ("/assistants", "/assistants/x", "/threads/x/runs", "/runs/wait", "/threads/../assistants/x"):
            with pytest.raises(ValueError, match="is not a request about a thread"):
                await client.connection.send("POST", path, {}, repeatable=False)
        with pytest.raises(ValueError, match="does not start a run"):
            async with client.connection.stream("/runs/stream", {}):
                pass

    server = RunServer()
    using(server, call)
    assert server.requests == []
