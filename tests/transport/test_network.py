"""Connections that are kept for the next requests: which are used again, and which are closed."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpcore
import httpx
import pytest

from assistant_sync.transport import Endpoint, WriteConnection, network
from assistant_sync.transport.network import Network

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n%s\r\n{}"

ERRORS = sorted(
    (one for one in vars(httpcore).values() if isinstance(one, type) and issubclass(one, Exception)),
    key=lambda one: one.__name__,
)
BASES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


@dataclass
class Server:
    """What a server saw: the connection of each request, and how many connections are still open."""

    url: str = ""
    hangs_up: bool = False
    headers: bytes = b""
    asked: list[tuple[int, bytes]] = field(default_factory=list)
    open: int = 0

    @property
    def ports(self) -> list[int]:
        return [port for port, _ in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked.append((writer.get_extra_info("peername")[1], head))
                writer.write(_ANSWER % self.headers)
                if self.hangs_up:
                    return
        except asyncio.IncompleteReadError:
            pass
        finally:
            self.open -= 1
            writer.close()

    async def until_open(self, count: int) -> None:
        async with asyncio.timeout(5):
            while self.open != count:  # noqa: ASYNC110 - the other side closes at some time
                await asyncio.sleep(0.005)


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[Server]:
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield server


def made() -> Network:
    return Network(ssl.create_default_context())


async def get(sent: Network, url: str) -> httpx.Response:
    answer = await sent.handle_async_request(httpx.Request("GET", url, extensions={"timeout": {"read": 5.0}}))
    await answer.aread()
    return answer


def with_server(call: Callable[[Server, Network], Awaitable[None]], *, hangs_up: bool = False) -> Server:
    async def main() -> Server:
        async with served(Server(hangs_up=hangs_up)) as server, made() as sent:
            await call(server, sent)
        return server

    return asyncio.run(main())


def test_a_connection_is_used_again() -> None:
    async def call(server: Server, sent: Network) -> None:
        for _ in range(3):
            await get(sent, server.url)

    assert len(set(with_server(call).ports)) == 1


def test_a_connection_in_use_is_not_used_by_another_request() -> None:
    async def call(server: Server, sent: Network) -> None:
        await asyncio.gather(*(get(sent, server.url) for _ in range(3)))

    assert len(set(with_server(call).ports)) == 3


def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    async def call(server: Server, sent: Network) -> None:
        for _ in range(2):
            assert (await get(sent, server.url)).status_code == 200
            await server.until_open(0)

    assert len(set(with_server(call, hangs_up=True).ports)) == 2


def test_a_connection_is_not_used_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "KEEPALIVE", 0.02)

    async def call(server: Server, sent: Network) -> None:
        await get(sent, server.url)
        await asyncio.sleep(0.05)
        await get(sent, server.url)
        await server.until_open(1)

    assert len(set(with_server(call).ports)) == 2


def test_a_connection_is_used_for_its_own_server_alone() -> None:
    async def call(server: Server, sent: Network) -> None:
        await get(sent, server.url)
        async with served(Server()) as other:
            await get(sent, other.url)
            assert len(other.ports) == 1
        await server.until_open(0)

    assert len(with_server(call).ports) == 1


def test_only_so_many_connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "KEPT_CONNECTIONS", 2)

    async def call(server: Server, sent: Network) -> None:
        await asyncio.gather(*(get(sent, server.url) for _ in range(5)))
        await server.until_open(2)

    with_server(call)


def test_all_connections_are_closed_at_the_end() -> None:
    async def main() -> None:
        async with served(Server()) as server:
            async with made() as sent:
                await get(sent, server.url)
                await sent.handle_async_request(httpx.Request("GET", server.url))  # and nobody reads its answer
                kept = await sent.handle_async_request(httpx.Request("GET", server.url))
                await kept.aread()
                await server.until_open(2)
            await server.until_open(0)

    asyncio.run(main())


def test_an_answer_that_is_not_read_to_its_end_costs_its_connection() -> None:
    async def call(server: Server, sent: Network) -> None:
        answer = await sent.handle_async_request(httpx.Request("GET", server.url))
        await answer.aclose()
        await server.until_open(0)
        await get(sent, server.url)

    assert len(set(with_server(call).ports)) == 2


def test_a_request_that_is_cut_off_leaves_no_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async def cut_off(*_: object) -> None:
        raise asyncio.CancelledError

    async def call(server: Server, sent: Network) -> None:
        await get(sent, server.url)
        monkeypatch.setattr(httpcore.AsyncHTTP11Connection, "handle_async_request", cut_off)
        with pytest.raises(asyncio.CancelledError):
            await get(sent, server.url)
        await server.until_open(0)

    with_server(call)


def test_a_cancelled_end_of_an_answer_costs_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def cancelled(_: object) -> None:
        raise asyncio.CancelledError

    async def call(server: Server, sent: Network) -> None:
        answer = await sent.handle_async_request(httpx.Request("GET", server.url))
        monkeypatch.setattr(httpcore.Response, "aclose", cancelled)
        with pytest.raises(asyncio.CancelledError):
            await answer.aclose()
        await server.until_open(0)

    with_server(call)


@pytest.mark.parametrize("kind", [one for one in ERRORS if issubclass(one, BASES)])
def test_errors_are_those_of_httpx(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise kind("why")

    monkeypatch.setattr(httpcore.AsyncHTTPConnection, "handle_async_request", fail)
    with pytest.raises(httpx.HTTPError, match="why") as caught:
        asyncio.run(get(made(), "http://127.0.0.1:9"))
    assert type(caught.value).__name__ == kind.__name__


def test_no_other_error_comes_without_a_proxy() -> None:
    others = [one.__name__ for one in ERRORS if not issubclass(one, BASES)]
    assert others == ["ConnectionNotAvailable", "ProxyError"]


def test_a_cookie_of_the_deployment_is_sent_back_to_it() -> None:
    """A balancer may keep a client at one replica by it."""

    async def main() -> list[tuple[int, bytes]]:
        async with served(Server(headers=b"set-cookie: replica=7\r\n")) as server:
            async with WriteConnection(Endpoint(server.url, {})) as connection:
                for _ in range(2):
                    await connection.get("/assistants/x")
            return server.asked

    (_, first), (_, second) = asyncio.run(main())
    assert b"cookie" not in first.lower()
    assert b"cookie: replica=7\r\n" in second.lower()
