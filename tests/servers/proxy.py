"""A loopback reverse proxy that records what passes, and does to it what a test wants."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, TypeAlias

from tests.servers.official import plain_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

READ_POSTS = ("/search", "/count", "/versions")


@dataclass(frozen=True)
class Request:
    """One request as it arrived.

    Attributes:
        method: Upper case.
        path: Without the query.
        body: As sent.
        headers: Names in lower case.
    """

    method: str
    path: str
    body: bytes
    headers: dict[str, str] = field(compare=False)

    @property
    def is_write(self) -> bool:
        """Whether it may change anything on the server but the advisory lock."""
        return (
            self.method != "GET" and not self.is_lock and not (self.method == "POST" and self.path.endswith(READ_POSTS))
        )

    @property
    def is_lock(self) -> bool:
        """Whether it is about the advisory lock."""
        return self.path.startswith("/threads")


@dataclass(frozen=True)
class Answer:
    """What the proxy gives back.

    Attributes:
        status: Of the answer.
        body: Of the answer.
        content_type: Of the answer.
        headers: Further ones; ``connection: close`` closes the connection behind the answer.
        missing: Bytes that are announced and not sent: the connection ends in the middle of the body.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0


RESET = Answer(0, b"")
"""In the place of an answer: the connection is reset, not closed in good order."""

Forward: TypeAlias = "Callable[[Request], Answer]"
Meddle: TypeAlias = "Callable[[Request, Forward], Answer | None]"
"""Gets a request and a way to pass it on; None drops the connection without an answer."""


def untouched(request: Request, forward: Forward) -> Answer | None:
    return forward(request)


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that have gone, nor of what is still under way when it is closed."""

    daemon_threads = True
    closing = False

    def handle_error(self, request: object, client_address: object) -> None:
        if not (self.closing or isinstance(sys.exception(), ConnectionError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # passed on as it came


class Proxy:
    """A running proxy.

    Args:
        upstream: The server's URL.

    Attributes:
        url: Where it listens.
        requests: What has arrived, in order.
        meddle: What is done to each request; may be replaced at any time.
    """

    def __init__(self, upstream: str) -> None:
        self.requests: list[Request] = []
        self.meddle: Meddle = untouched
        self._client = plain_client(upstream)
        self._listen(0)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def writes(self) -> list[Request]:
        """What may have changed something."""
        return [request for request in self.requests if request.is_write]

    def reset(self) -> None:
        """Forget what passed, and pass everything on from now."""
        self.requests.clear()
        self.meddle = untouched

    def refuse(self) -> None:
        """Listen no more: new connections are refused; those that are open stay."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def listen(self) -> None:
        """Listen again, where it did before."""
        self._listen(self._server.server_address[1])

    def close(self) -> None:
        """Stop for good."""
        self._server.closing = True
        self.refuse()
        self._client.close()

    def _listen(self, port: int) -> None:
        self._server = _Server(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def _forward(self, request: Request) -> Answer:
        passed = {k: v for k, v in request.headers.items() if k not in ("host", "connection", "content-length")}
        answer = self._client.request(request.method, request.path, content=request.body, headers=passed)
        return Answer(answer.status_code, answer.content, answer.headers.get("content-type", ""))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each body waits 40 ms for the client to confirm its headers

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                path, body = self.path.split("?")[0], self.rfile.read(length)
                if len(body) < length:  # the client has gone in the middle of it
                    self.close_connection = True
                    return
                request = Request(self.command, path, body, headers)
                proxy.requests.append(request)
                answer = proxy.meddle(request, proxy._forward)  # noqa: SLF001, RUF100 - one class in two parts
                self.close_connection = answer is None or answer is RESET or answer.missing > 0
                if answer is RESET:
                    self.reset()
                elif answer is not None:
                    self.give(answer)

            def give(self, answer: Answer) -> None:
                self.send_response(answer.status)
                self.send_header("content-type", answer.content_type)
                self.send_header("content-length", str(len(answer.body) + answer.missing))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def reset(self) -> None:
                # Without lingering, closing resets; the server's own closing would send an end in good order first.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.rfile.close()
                self.connection.close()

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                pass

        return Handler


@contextmanager
def running_proxy(upstream: str) -> Iterator[Proxy]:
    """Run a proxy for as long as the block lasts."""
    proxy = Proxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
