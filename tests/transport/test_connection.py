from __future__ import annotations

import asyncio
import json
import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.errors import (
    BadAnswer,
    Denied,
    NotFound,
    RateLimited,
    Rejected,
    RemoteError,
    ServerFault,
    Unreachable,
)
from assistant_sync.model.project import Target
from assistant_sync.transport import Endpoint, Pacer, ReadConnection, WriteConnection, resolve_endpoint
from assistant_sync.transport.retries import MAX_ATTEMPTS, WAIT_BUDGET
from tests.locking.clock import Clock
from tests.servers.loopback import Reply, loopback
from tests.transport.test_failures import EXCEPTIONS, made

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import Response
    from tests.servers.loopback import Asked

URL = "http://127.0.0.1:2024"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, 1_000_000_000.0)


ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"


class Scripted:
    """Answers with one thing after the other, the last one for ever; notes requests and pauses."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step.status_code, content=step.content, headers=step.headers)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def run(self, call: Callable[[WriteConnection], Awaitable[Response]], url: str = URL) -> Response:
        async def main() -> Response:
            transport = httpx.MockTransport(self.answer)
            async with WriteConnection(Endpoint(url, {}), transport=transport, pause=self.pause) as connection:
                return await call(connection)

        return asyncio.run(main())


def ok(content: bytes = b"{}") -> httpx.Response:
    return httpx.Response(200, content=content)


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, content=b"no", headers={name.replace("_", "-"): v for name, v in headers.items()})


def get(connection: ReadConnection) -> Awaitable[Response]:
    return connection.get("/assistants/x")


def search(connection: ReadConnection) -> Awaitable[Response]:
    return connection.ask("/assistants/search", {"limit": 1})


def patch(connection: WriteConnection) -> Awaitable[Response]:
    return connection.send("PATCH", "/assistants/x", {"name": "x"}, repeatable=False)


def create(connection: WriteConnection) -> Awaitable[Response]:
    return connection.send("POST", "/assistants", {"assistant_id": ID}, repeatable=True)


def over_the_network(
    endpoint: Endpoint, call: Callable[[WriteConnection], Awaitable[Any]] = search, *, timeout: float = 30
) -> Any:
    async def no_pause(_: float) -> None:
        pass

    async def main() -> Any:
        async with WriteConnection(endpoint, timeout=timeout, pause=no_pause) as connection:
            return await call(connection)

    return asyncio.run(main())


def endpoint_of(url: str, **environ: str) -> Endpoint:
    return resolve_endpoint(Target("t", url), environ)


# Requests


def test_an_answer_is_given_as_it_came() -> None:
    server = Scripted(ok(b'{"a": 1}'))
    answer = server.run(get)
    assert (answer.method, answer.path, answer.status, answer.content) == ("GET", "/assistants/x", 200, b'{"a": 1}')
    assert server.pauses == []


def test_a_path_of_the_url_stands_before_each_path() -> None:
    server = Scripted(ok())
    server.run(get, url="https://acme.example/prefix/v1")
    assert str(server.requests[0].url) == "https://acme.example/prefix/v1/assistants/x"


def test_a_body_is_utf_8_json_whatever_mappings_and_sequences_it_is_made_of() -> None:
    server = Scripted(ok())
    body: JsonObject = MappingProxyType({"name": "größe", "context": MappingProxyType({"tools": ("a", 1.0, None)})})
    server.run(lambda connection: connection.send("POST", "/assistants", body, repeatable=False))
    request = server.requests[0]
    assert request.headers["content-type"] == "application/json"
    assert request.content == '{"name":"größe","context":{"tools":["a",1.0,null]}}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_a_body_that_is_no_json_is_not_sent(value: Any) -> None:
    server = Scripted(ok())
    with pytest.raises(Rejected, match="was not sent") as caught:
        server.run(lambda connection: connection.send("PATCH", "/x", {"name": value}, repeatable=False))
    assert not caught.value.sent
    assert server.requests == []


def test_a_body_of_anything_but_json_values_is_a_programming_error() -> None:
    body: Any = {"name": object()}
    with pytest.raises(TypeError, match="object is not a JSON value"):
        Scripted(ok()).run(lambda connection: connection.ask("/assistants/search", body))


def test_a_connection_that_reads_has_no_way_to_write() -> None:
    public = {name for name in dir(ReadConnection) if not name.startswith("_")}
    assert public == {"get", "ask"}


@pytest.mark.parametrize(
    "path", ["/assistants/search", "/assistants/count", f"/assistants/{ID}/versions", "/threads/search"]
)
def test_questions_that_change_nothing_may_be_asked(path: str) -> None:
    server = Scripted(ok())
    server.run(lambda connection: connection.ask(path, {}))
    assert (server.requests[0].method, server.requests[0].url.path) == ("POST", path)


@pytest.mark.parametrize(
    "path",
    [
        "/assistants",
        f"/assistants/{ID}",
        f"/assistants/{ID}/latest",
        "/assistants/search/",
        "/assistants/a/b/versions",
        "/assistants/search\n",
        "/threads",
        f"/threads/{ID}/search",
        "/runs/wait",
        "",
    ],
)
def test_any_other_post_is_a_programming_error(path: str) -> None:
    server = Scripted(ok())
    with pytest.raises(ValueError, match="is not a read-only request"):
        server.run(lambda connection: connection.ask(path, {}))
    assert server.requests == []


def test_a_connection_that_is_not_open_is_a_programming_error() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(ReadConnection(Endpoint(URL, {})).get("/x"))


# Failures and attempts


@pytest.mark.parametrize("kind", EXCEPTIONS)
@pytest.mark.parametrize("call", [get, patch, create])
def test_no_exception_of_httpx_comes_through(
    call: Callable[[WriteConnection], Awaitable[Response]], kind: type[Exception]
) -> None:
    with pytest.raises(RemoteError):
        Scripted(made(kind)).run(call)


@pytest.mark.parametrize("call", [get, search, create])
@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError(""),
        httpx.ReadTimeout(""),
        httpx.ReadError(""),
        status(500),
        status(502),
        status(503),
        status(504),
    ],
)
def test_reads_and_repeatable_writes_survive_a_temporary_failure(
    call: Callable[[WriteConnection], Awaitable[Response]], failure: httpx.Response | Exception
) -> None:
    server = Scripted(failure, failure, ok())
    assert server.run(call).status == 200
    assert len(server.requests) == 3
    assert len(server.pauses) == 2


@pytest.mark.parametrize(
    "failure", [httpx.ReadTimeout(""), httpx.ReadError(""), httpx.WriteError(""), status(500), status(503)]
)
def test_a_write_that_may_have_landed_is_not_sent_again(failure: httpx.Response | Exception) -> None:
    server = Scripted(failure, ok())
    with pytest.raises(RemoteError) as caught:
        server.run(patch)
    assert caught.value.sent
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError(""), httpx.ConnectTimeout(""), httpx.PoolTimeout(""), status(429)]
)
def test_a_write_that_cannot_have_landed_is_sent_again(failure: httpx.Response | Exception) -> None:
    server = Scripted(failure, failure, ok())
    assert server.run(patch).status == 200
    assert len(server.requests) == 3


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 413, 422, 501])
def test_an_answer_that_will_not_change_is_not_asked_for_again(code: int) -> None:
    server = Scripted(status(code))
    with pytest.raises(RemoteError) as caught:
        server.run(get)
    assert caught.value.status == code
    assert len(server.requests) == 1


def test_reads_are_given_up_after_a_few_attempts_that_the_error_counts() -> None:
    server = Scripted(status(503))
    with pytest.raises(ServerFault, match=rf"503: no \({MAX_ATTEMPTS} attempts\)"):
        server.run(get)
    assert len(server.requests) == MAX_ATTEMPTS


def test_the_pause_that_the_server_asks_for_is_kept() -> None:
    server = Scripted(status(429, retry_after="20"), status(503, retry_after="7"), ok())
    server.run(get)
    assert server.pauses == [20, 7]


def test_a_pause_beyond_the_budget_is_not_begun() -> None:
    server = Scripted(status(429, retry_after="20"))
    with pytest.raises(RateLimited):
        server.run(patch)
    assert server.pauses == [20, 20, 20]
    assert sum(server.pauses) <= WAIT_BUDGET


@pytest.mark.parametrize(
    ("failures", "error"),
    [([status(429)], RateLimited), ([status(503), status(429)], ServerFault)],
    ids=["surely not begun", "in doubt since the first try"],
)
def test_a_stop_ends_the_wait_of_a_write_and_reports_what_may_have_landed(
    failures: list[httpx.Response], error: type[RemoteError]
) -> None:
    scripted = Scripted(*failures, status(429, retry_after="50"))

    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(1, stop.set)
        transport = httpx.MockTransport(scripted.answer)
        async with WriteConnection(Endpoint(URL, {}), transport=transport, stop=stop) as connection:
            await create(connection)

    began = time.monotonic()
    with pytest.raises(error):
        asyncio.run(main())
    assert time.monotonic() - began < 10
    assert len(scripted.requests) <= len(failures) + 1


def test_a_read_continues_after_a_stop_because_it_shows_what_the_writes_did() -> None:
    scripted = Scripted(status(503), ok())

    async def main() -> Response:
        stop = asyncio.Event()
        stop.set()
        transport = httpx.MockTransport(scripted.answer)
        async with WriteConnection(Endpoint(URL, {}), transport=transport, pause=scripted.pause, stop=stop) as one:
            return await get(one)

    assert asyncio.run(main()).status == 200


def test_a_repeated_create_whose_first_answer_was_lost_stays_in_doubt() -> None:
    server = Scripted(httpx.ReadTimeout(""), httpx.ConnectError(""))
    with pytest.raises(Unreachable, match="did not answer") as caught:
        server.run(create)
    assert caught.value.sent


def test_a_read_reports_its_last_failure() -> None:
    with pytest.raises(Denied):
        Scripted(httpx.ReadTimeout(""), status(401)).run(get)


def test_a_web_page_is_no_langgraph_server() -> None:
    with pytest.raises(BadAnswer, match=f"{URL} does not look like a LangGraph server.*a web page: Welcome"):
        Scripted(ok(b"<html><title>Welcome</title>")).run(search)


# Over real connections


def test_key_and_headers_arrive() -> None:
    with loopback(lambda _: Reply()) as server:
        over_the_network(endpoint_of(server.url, LANGSMITH_API_KEY="sk-1"))
    headers = server.asked[0].headers
    assert (headers["x-api-key"], headers["user-agent"], headers["accept"]) == (
        "sk-1",
        "assistant-sync",
        "application/json",
    )
    assert json.loads(server.asked[0].body) == {"limit": 1}


def test_a_redirect_sends_nothing_to_the_other_origin() -> None:
    with (
        loopback(lambda _: Reply()) as other,
        loopback(lambda _: Reply(307, headers={"location": f"{other.url}/login?a=b"})) as server,
        pytest.raises(BadAnswer, match=f"to {other.url} "),
    ):
        over_the_network(endpoint_of(server.url, LANGSMITH_API_KEY="sk-1"))
    assert len(server.asked) == 1
    assert other.asked == []


def test_many_requests_are_under_way_at_once() -> None:
    together = threading.Barrier(12, timeout=10)

    def answer(_: Asked) -> Reply:
        together.wait()
        return Reply()

    async def call(connection: ReadConnection) -> None:
        await asyncio.gather(*(search(connection) for _ in range(together.parties)))

    with loopback(answer) as server:
        over_the_network(endpoint_of(server.url), call)
    assert len(server.asked) == together.parties


def test_connections_are_used_again_but_not_after_a_500() -> None:
    codes = iter([200, 200, 500, 200])

    async def call(connection: ReadConnection) -> None:
        for _ in range(3):
            await search(connection)

    with loopback(lambda _: Reply(next(codes))) as server:
        over_the_network(endpoint_of(server.url), call)
    ports = [asked.port for asked in server.asked]
    assert ports[0] == ports[1] == ports[2] != ports[3]


def test_the_timeout_bounds_an_answer_that_drips() -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(100):
            time.sleep(0.05)
            yield b" "

    with loopback(lambda _: Reply(body=drip())) as server:
        started = time.monotonic()
        with pytest.raises(Unreachable, match=r"within 0\.3 s") as caught:
            over_the_network(endpoint_of(server.url), patch, timeout=0.3)
        assert time.monotonic() - started < 3
    assert caught.value.sent


def test_a_closed_port_is_reported_and_nothing_was_sent() -> None:
    with loopback(lambda _: Reply()) as server:
        pass
    with pytest.raises(Unreachable, match="cannot be reached: Connection refused") as caught:
        over_the_network(endpoint_of(server.url), patch)
    assert not caught.value.sent


def test_a_server_that_hangs_up_without_an_answer_is_reported() -> None:
    def hang_up(_: Asked) -> Reply:
        raise ConnectionError

    with (
        loopback(hang_up) as server,
        pytest.raises(Unreachable, match=r"^connection to http://127\.0\.0\.1:\d+ lost during PATCH /assistants/x: "),
    ):
        over_the_network(endpoint_of(server.url), patch)
    assert len(server.asked) == 1


# Proxies


def refuse(_: Asked) -> Reply:
    return Reply(403, b"")


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_another_machine_is_asked_through_the_proxy_of_the_environment(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with loopback(refuse) as proxy:
        monkeypatch.setenv(name, proxy.url)
        with pytest.raises(Unreachable, match="the proxy refuses: 403") as caught:
            over_the_network(endpoint_of("https://acme.example/prefix", LANGSMITH_API_KEY="sk-1"))
    assert [(asked.method, asked.target) for asked in proxy.asked] == [("CONNECT", "acme.example:443")]
    assert "x-api-key" not in proxy.asked[0].headers
    assert not caught.value.sent


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_never_asked_through_a_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback(refuse) as proxy, loopback(lambda _: Reply()) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        over_the_network(endpoint_of(server.url.replace("127.0.0.1", host)))
    assert len(server.asked) == 1
    assert proxy.asked == []


@pytest.mark.parametrize("url", ["gopher://me:hunter2@127.0.0.1:1", "http://me:hunter2@127.0.0.1:port"])
def test_a_proxy_that_cannot_be_used_is_reported_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(Unreachable, match="the proxy that HTTPS_PROXY") as caught:
        over_the_network(endpoint_of("https://acme.example"))
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


# The budget of requests a second


def test_each_attempt_of_each_kind_of_request_takes_its_turn_and_urgent_ones_come_first(clock: Clock) -> None:
    starts: list[tuple[str, float]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        starts.append((request.method + request.url.path, clock.passed))
        return status(503) if len(starts) == 2 else ok()

    async def main() -> None:
        transport = httpx.MockTransport(answer)
        async with WriteConnection(Endpoint(URL, {}), transport=transport, pacer=Pacer(0.1)) as connection:
            sent = [asyncio.ensure_future(call(connection)) for call in (get, search, create, patch)]
            await asyncio.sleep(25)  # three have been sent, and the second one will be again
            await connection.urgent().send("DELETE", "/threads/x", None, repeatable=True)
            await asyncio.gather(*sent)

    clock.run(main())
    assert starts == [
        ("GET/assistants/x", 0),
        ("POST/assistants/search", 10),
        ("POST/assistants", 20),
        ("DELETE/threads/x", 30),
        ("PATCH/assistants/x", 40),
        ("POST/assistants/search", 50),
    ]


def test_all_connections_with_one_pacer_share_its_budget(clock: Clock) -> None:
    starts: list[float] = []

    def answer(_: httpx.Request) -> httpx.Response:
        starts.append(clock.passed)
        return ok()

    async def main() -> None:
        transport, pacer = httpx.MockTransport(answer), Pacer(1)
        async with (
            ReadConnection(Endpoint(URL, {}), transport=transport, pacer=pacer) as one,
            WriteConnection(Endpoint(URL, {}), transport=transport, pacer=pacer) as other,
        ):
            await asyncio.gather(get(one), get(other), get(one))

    clock.run(main())
    assert starts == [0, 1, 2]


def test_the_timeout_of_a_request_does_not_count_its_wait_for_the_budget(clock: Clock) -> None:
    async def main() -> tuple[Response, Response]:
        async with ReadConnection(
            Endpoint(URL, {}), timeout=2, transport=httpx.MockTransport(lambda _: ok()), pacer=Pacer(0.01)
        ) as connection:
            return await asyncio.gather(get(connection), get(connection))

    assert [one.status for one in clock.run(main())] == [200, 200]
    assert clock.passed == 100


def test_a_stop_ends_the_wait_of_a_repeated_write_for_the_budget(clock: Clock) -> None:
    server, stop = Scripted(status(429), ok()), asyncio.Event()

    async def main() -> None:
        transport = httpx.MockTransport(server.answer)
        async with WriteConnection(Endpoint(URL, {}), transport=transport, pacer=Pacer(0.01), stop=stop) as connection:
            asyncio.get_running_loop().call_later(50, stop.set)
            await patch(connection)

    with pytest.raises(RateLimited):
        clock.run(main())
    assert (len(server.requests), clock.passed) == (1, 50)


def test_a_missing_assistant_is_not_found() -> None:
    with loopback(lambda _: Reply(404, b'{"detail":"Not Found"}')) as server, pytest.raises(NotFound):
        over_the_network(endpoint_of(server.url), get)
