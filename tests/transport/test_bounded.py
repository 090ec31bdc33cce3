"""What an answer may take: bytes once it is unpacked, and only packings whose growth is known."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.errors import TooLarge
from assistant_sync.transport import Endpoint, ReadConnection, WriteConnection, bounded
from assistant_sync.transport.bounded import MAX_ANSWER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from assistant_sync.transport import Response

MIB = 2**20


class Chunks(httpx.AsyncByteStream):
    """A body as it comes from the network, and how much of it was taken."""

    def __init__(self, data: bytes, size: int = 64 * 1024) -> None:
        self.taken = 0
        self._data, self._size = data, size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), self._size):
            self.taken += 1
            yield self._data[start : start + self._size]


def got(answer: Callable[[], httpx.Response]) -> Response:
    async def main() -> Response:
        transport = httpx.MockTransport(lambda _: answer())
        async with ReadConnection(Endpoint("http://server", {}), transport=transport) as connection:
            return await connection.get("/assistants/x")

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("name", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("GZIP", gzip.compress)],
)
def test_a_packed_answer_is_unpacked(name: str, pack: Callable[[bytes], bytes]) -> None:
    body = b'{"a": "' + b"x" * 200_000 + b'"}'
    answer = got(lambda: httpx.Response(200, headers={"content-encoding": name}, stream=Chunks(pack(body))))
    assert answer.content == body


def test_an_answer_of_just_the_limit_is_read_and_one_byte_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded.read_answer, "__kwdefaults__", {"limit": MIB})
    body = b'"' + b"x" * (MIB - 2) + b'"'
    assert got(lambda: httpx.Response(200, stream=Chunks(body))).content == body
    with pytest.raises(TooLarge, match="more than 1 MiB"):
        got(lambda: httpx.Response(200, stream=Chunks(body + b" ")))


def test_a_bomb_is_left_where_it_passes_the_limit() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"[" + b" " * MIB) for _ in range(2048)) + packer.flush()
    assert len(bomb) < 4 * MIB
    stream = Chunks(bomb)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="more than 128 MiB"):
            got(lambda: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stream.taken <= 4
    assert peak < 4 * MAX_ANSWER


@pytest.mark.parametrize("name", ["br", "zstd", "compress", "gzip, gzip", "gzip,deflate", "x"])
def test_a_packing_that_was_not_asked_for_is_not_unpacked(name: str) -> None:
    with pytest.raises(TooLarge, match="packed otherwise than was asked for"):
        got(lambda: httpx.Response(200, headers={"content-encoding": name}, stream=Chunks(b"{}")))


def test_only_what_is_bounded_is_asked_for() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return httpx.Response(200, json={})

    async def main() -> None:
        endpoint = Endpoint("http://server", {"accept-encoding": "br"})
        async with ReadConnection(endpoint, transport=httpx.MockTransport(answer)) as connection:
            await connection.get("/x")

    asyncio.run(main())
    assert asked == ["gzip, deflate"]


def test_a_write_whose_answer_is_too_large_may_have_landed() -> None:
    async def main() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, headers={"content-encoding": "br"}, content=b""))
        async with WriteConnection(Endpoint("http://server", {}), transport=transport) as connection:
            await connection.send("PATCH", "/assistants/x", {}, repeatable=False)

    with pytest.raises(TooLarge) as caught:
        asyncio.run(main())
    assert caught.value.may_have_landed


def test_an_error_with_a_large_body_is_bounded_too() -> None:
    packed = gzip.compress(b"<" * (MAX_ANSWER + MIB))
    with pytest.raises(TooLarge):
        got(lambda: httpx.Response(403, headers={"content-encoding": "gzip"}, stream=Chunks(packed)))
