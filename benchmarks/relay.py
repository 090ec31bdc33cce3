"""A relay before the server, in a process of its own: it delays each request, or counts requests and bytes.

python benchmarks/relay.py http://127.0.0.1:2024 0.1    # prints its URL; a line on stdin asks for the counts
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUEST = re.compile(rb"(?:GET|POST|PATCH|DELETE|PUT) \S+ HTTP/1\.1\r\n")
_CHUNK = 2**18


class Counts:
    """What went through a relay.

    Args:
        process: The relay.
        url: Its URL.
    """

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    def take(self) -> dict[str, int]:
        """``requests`` and ``bytes`` of the answers since the last time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        counts: dict[str, int] = json.loads(self._process.stdout.readline())
        return counts


@contextmanager
def running_relay(url: str, delay: float = 0.0) -> Iterator[Counts]:
    """Run a relay.

    Args:
        url: The server's.
        delay: Seconds by which each request is late.
    """
    command = [sys.executable, str(Path(__file__).resolve()), url, str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Counts(process, process.stdout.readline().strip())
        finally:
            process.terminate()


class _Relay:
    def __init__(self, url: str, delay: float) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.delay = delay
        self.requests = self.bytes = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_server = await asyncio.open_connection(self.host, self.port, limit=_CHUNK)
        await asyncio.gather(self.forward(reader, to_server), self.back(there, writer))

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests: one is on the way at a time on a connection, so a delay of its first bytes delays it once."""
        while data := await reader.read(_CHUNK):
            if _REQUEST.match(data):
                self.requests += 1
                await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()
        writer.close()

    async def back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(_CHUNK):
                self.bytes += len(data)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()


async def _main(url: str, delay: float) -> None:
    relay = _Relay(url, delay)
    server = await asyncio.start_server(relay.connected, "127.0.0.1", 0, limit=_CHUNK)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps({"requests": relay.requests, "bytes": relay.bytes}), flush=True)
        relay.requests = relay.bytes = 0


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], float(sys.argv[2])))
