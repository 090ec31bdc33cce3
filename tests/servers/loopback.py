"""A small HTTP server on this machine that answers as a test says."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived.

    Attributes:
        method: CONNECT among others.
        target: The request line's: a path, or a host and port for CONNECT.
        headers: Names in lower case.
        body: As sent.
        port: The client's own, which tells connections apart.
    """

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes
    port: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server gives back; a body in parts is sent part by part."""

    status: int = 200
    body: bytes | Iterator[bytes] = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


Answerer: TypeAlias = "Callable[[Asked], Reply]"


@dataclass(frozen=True, slots=True)
class Loopback:
    """A running server: its URL, and the requests that arrived."""

    url: str
    asked: list[Asked]


@contextmanager
def loopback(answerer: Answerer, context: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Serve for as long as the block lasts.

    Args:
        answerer: Makes each answer; is called in a thread of its own for each connection.
        context: Makes it a TLS server.
    """
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two packets: the second would wait for 40 ms

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Asked(self.command, self.path, headers, self.rfile.read(length), self.client_address[1])
            asked.append(request)
            reply = answerer(request)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if isinstance(reply.body, bytes):
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
            else:
                self.send_header("connection", "close")
                self.end_headers()
                for part in reply.body:
                    self.wfile.write(part)

        do_GET = do_POST = do_PATCH = do_DELETE = do_CONNECT = handle_any  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            """Clients may leave in the middle; that is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    scheme = "https" if context else "http"
    try:
        yield Loopback(f"{scheme}://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
