"""Server-sent events, decoded from bytes within bounds (the format of the HTML standard, section 9.2).

Our own because the decoders of httpx split lines at U+2028 and the like as well, which JSON texts may hold as they are,
and read a line of any length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.transport.bounded import AnswerTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_STREAM = 64 * 2**20
"""Bytes of one stream: each step of a graph may show its whole state once more."""

MAX_EVENT = 4 * 2**20
"""Bytes of one event."""

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event.

    Attributes:
        name: Its type; "message" if the server gives none.
        data: As it was sent.
    """

    name: str
    data: bytes = field(repr=False)


class EventDecoder:
    """Decodes one stream; comments, which servers send as heartbeats, and ids are left out."""

    def __init__(self) -> None:
        self._total = 0
        self._rest: list[bytes] = []
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """Decode what has arrived.

        Args:
            chunk: The next bytes.

        Yields:
            The events that are complete.

        Raises:
            AnswerTooLarge: An event or the whole stream is larger than is read.
        """
        self._total = _bounded(self._total + len(chunk), MAX_STREAM)
        if not _LINE_END.search(chunk):
            self._rest.append(chunk)
            self._size = _bounded(self._size + len(chunk), MAX_EVENT)
            return
        text = b"".join((*self._rest, chunk))
        # The end of a line may arrive in two parts.
        held = b"\r" if text.endswith(b"\r") else b""
        *lines, last = _LINE_END.split(text[:-1] if held else text)
        self._rest = [last + held]
        for line in lines:
            yield from self._take(line)
        self._size = _bounded(sum(map(len, (*self._data, *self._rest))), MAX_EVENT)

    def _take(self, line: bytes) -> Iterator[ServerEvent]:
        if not line:
            if self._data:
                yield ServerEvent(self._name or "message", b"\n".join(self._data))
            self._name, self._data = "", []
            return
        field_name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field_name == b"event":
            self._name = value.decode(errors="replace")
        elif field_name == b"data":
            _bounded(len(value), MAX_EVENT)
            self._data.append(value)


def _bounded(size: int, limit: int) -> int:
    if size > limit:
        raise AnswerTooLarge(f"it streams more than {limit // 2**20} MiB")
    return size
