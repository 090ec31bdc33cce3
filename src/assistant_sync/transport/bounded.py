"""Reading an answer within bounds: a small one may unpack to more than a machine has memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

MAX_ANSWER = 128 * 2**20
"""Bytes of one answer, unpacked: a page of a thousand large assistants takes a tenth of that."""

ACCEPTED_ENCODINGS = "gzip, deflate"
"""Both unpack a chunk to at most a thousand times its size, which is how much is read before the size is known."""

_KNOWN = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_OF_THE_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class AnswerTooLarge(Exception):
    """An answer has more bytes than are read, or is packed in a way that is not bounded."""


async def read_answer(streamed: httpx.Response, *, limit: int = MAX_ANSWER) -> httpx.Response:
    """Read a streamed answer to its end.

    Args:
        streamed: As httpx streams it.
        limit: Bytes, unpacked.

    Returns:
        The answer with its unpacked content.

    Raises:
        AnswerTooLarge: It has more.
        httpx.HTTPError: It cannot be read.
    """
    packing = streamed.headers.get("content-encoding", "").strip().lower()
    if packing not in _KNOWN:
        raise AnswerTooLarge("it is packed otherwise than was asked for")
    stream: AsyncIterable[bytes] | httpx.SyncByteStream = streamed.stream
    if packing or not isinstance(stream, httpx.AsyncByteStream):
        stream = streamed.aiter_bytes()
    chunks, size = [], 0
    async for chunk in stream:
        size += len(chunk)
        if size > limit:
            raise AnswerTooLarge(f"it has more than {limit // 2**20} MiB")
        chunks.append(chunk)
    return httpx.Response(
        streamed.status_code,
        headers=_without_packing(streamed.headers) if packing else streamed.headers,
        content=b"".join(chunks),
        request=streamed.request,
        extensions=streamed.extensions,
    )


def _without_packing(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_BODY}
