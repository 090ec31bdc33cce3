"""Plain TCP for httpcore, straight on asyncio's sockets: half the work of its own streams, and half the packets."""

from __future__ import annotations

import asyncio
import select
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable


class PlainSockets(httpcore.AsyncNetworkBackend):
    """Opens connections without TLS, and knows those that are open."""

    def __init__(self) -> None:
        self._open: set[socket.socket] = set()

    def close(self) -> None:
        """Close what is still open, as after a request that was cut off while its connection was being made."""
        while self._open:
            self._open.pop().close()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002 - nobody sets it
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - nobody sets them
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of a host that accepts.

        Raises:
            httpcore.ConnectTimeout: None has accepted in time.
            httpcore.ConnectError: None accepts.
        """
        async with _within(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            connected = await _connected(host, port)
            self._open.add(connected)  # before anything else can be interrupted
        return _PlainStream(connected, self._open)


class _PlainStream(httpcore.AsyncNetworkStream):
    """One connection.

    What is written is sent once an answer is waited for: a request with its body in one packet, not in two, for each
    of which the server would wake up.
    """

    def __init__(self, connected: socket.socket, open_ones: set[socket.socket]) -> None:
        self._socket = connected
        self._open_ones = open_ones
        self._unsent: list[bytes] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's signature
        loop = asyncio.get_running_loop()
        async with _within(timeout, httpcore.ReadTimeout, httpcore.ReadError):
            if self._unsent:
                unsent, self._unsent = b"".join(self._unsent), []
                with suppress(ConnectionError):  # it may have answered before it closed, as to a body that is too large
                    await loop.sock_sendall(self._socket, unsent)
            return await loop.sock_recv(self._socket, max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - as above
        self._unsent.append(buffer)

    async def aclose(self) -> None:
        self._open_ones.discard(self._socket)
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's signature
        """Whether there is something to read while nothing is awaited: the end; None for all other questions."""
        return self._is_readable() if info == "is_readable" else None

    def _is_readable(self) -> bool:
        if self._socket.fileno() < 0:
            return True
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([self._socket], [], [], 0)[0])
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))


async def _connected(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    failed: OSError | None = None
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        made = socket.socket(family, kind, protocol)
        try:
            made.setblocking(False)  # noqa: FBT003 - it takes no name
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(made, address)
        except OSError as error:
            made.close()
            failed = error
        except BaseException:
            made.close()
            raise
        else:
            return made
    raise failed or OSError(f"{host} has no address")


@asynccontextmanager
async def _within(
    seconds: float | None, late: type[httpcore.TimeoutException], failed: type[httpcore.NetworkError]
) -> AsyncIterator[None]:
    """Raise httpcore's errors for a time that is over and for those of the system."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise failed(str(error)) from error
