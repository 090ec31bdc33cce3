"""Plain connections: what is sent in one packet, and how each end of one is reported."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import httpcore
import pytest

from assistant_sync.transport.sockets import PlainSockets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_READ = 65536


def with_peer(
    call: Callable[[httpcore.AsyncNetworkStream], Awaitable[None]],
    peer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    host: str = "127.0.0.1",
) -> None:
    async def main() -> None:
        is_over = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await peer(reader, writer)
            writer.close()
            is_over.set()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            stream = await PlainSockets().connect_tcp(host, server.sockets[0].getsockname()[1], timeout=5)
            try:
                await call(stream)
            finally:
                await stream.aclose()
            await asyncio.wait_for(is_over.wait(), 5)

    asyncio.run(main())


async def end(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    pass


async def wait(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


def test_what_is_written_is_sent_in_one_piece_before_the_answer_is_read() -> None:
    pieces = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            pieces.append(await reader.read(_READ))
            writer.write(b"yes")

    async def call(stream: httpcore.AsyncNetworkStream) -> None:
        await stream.write(b"head ")
        await stream.write(b"body")
        assert await stream.read(_READ) == b"yes"
        await stream.write(b"more")
        assert await stream.read(_READ) == b"yes"

    with_peer(call, peer)
    assert pieces == [b"head body", b"more"]


def test_an_answer_that_comes_before_all_is_sent_is_read() -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"too large")

    async def call(stream: httpcore.AsyncNetworkStream) -> None:
        await stream.write(b"x" * 20_000_000)
        assert await stream.read(_READ, timeout=5) == b"too large"

    with_peer(call, peer)


def test_a_connection_is_readable_once_the_other_side_has_closed_it() -> None:
    async def ended(stream: httpcore.AsyncNetworkStream) -> None:
        assert await stream.read(_READ, timeout=5) == b""
        assert stream.get_extra_info("is_readable")

    async def waiting(stream: httpcore.AsyncNetworkStream) -> None:
        assert not stream.get_extra_info("is_readable")
        assert stream.get_extra_info("ssl_object") is None
        await stream.aclose()
        assert stream.get_extra_info("is_readable")

    with_peer(ended, end)
    with_peer(waiting, wait)


def test_no_answer_in_time_is_a_timeout_of_the_read() -> None:
    async def call(stream: httpcore.AsyncNetworkStream) -> None:
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(_READ, timeout=0.02)

    with_peer(call, wait)


def test_a_connection_that_is_reset_is_an_error_of_the_read() -> None:
    async def peer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async def call(stream: httpcore.AsyncNetworkStream) -> None:
        with pytest.raises(httpcore.ReadError, match="reset"):
            await stream.read(_READ, timeout=5)

    with_peer(call, peer)


def addresses(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let every name have these addresses."""

    async def found(_: object, __: str, port: int, **___: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port)) for host in hosts]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", found)


def test_the_next_address_is_tried_if_one_refuses() -> None:
    async def call(stream: httpcore.AsyncNetworkStream) -> None:
        assert await stream.read(_READ, timeout=5) == b""

    with pytest.MonkeyPatch.context() as patched:
        addresses(patched, "127.0.0.2", "127.0.0.1")
        with_peer(call, end, "server.example")


@pytest.mark.parametrize("hosts", [["127.0.0.2", "127.0.0.1"], []], ids=["refused", "none"])
def test_no_address_that_accepts_is_an_error_of_the_connection(
    hosts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses(monkeypatch, *hosts)
    with pytest.raises(httpcore.ConnectError, match=r"Connect call failed|has no address"):
        asyncio.run(PlainSockets().connect_tcp("server.example", 1))


def test_no_connection_in_time_is_a_timeout_of_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", never)
    with pytest.raises(httpcore.ConnectTimeout):
        asyncio.run(PlainSockets().connect_tcp("127.0.0.1", 1, timeout=0.02))
