"""An open way to a deployment: one request with its whole answer, or httpx's client for an answer that is streamed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Self, TypeAlias

import httpx

from assistant_sync.errors import Unreachable
from assistant_sync.model.url import is_loopback
from assistant_sync.transport.bounded import ACCEPTED_ENCODINGS, read_answer
from assistant_sync.transport.network import KEEPALIVE, KEPT_CONNECTIONS, Network
from assistant_sync.transport.proxies import proxy_for
from assistant_sync.transport.tls import tls_context

if TYPE_CHECKING:
    from types import TracebackType

    from assistant_sync.transport.endpoint import Endpoint

Transport: TypeAlias = httpx.AsyncBaseTransport
"""What sends requests: the network, or a substitute."""

CONNECT_SHARE = 1 / 3
"""Of the timeout, for opening the connection: one that never opened must be distinct from a lost answer."""

_JSON = [(b"content-type", b"application/json")]


class Channel:
    """An open way to a deployment; an async context manager.

    Args:
        endpoint: The URL, and what requests carry.
        seconds: The timeout of one request.
        transport: Replaces the network.

    Attributes:
        client: Sends over the same connections.

    Raises:
        Unreachable: The proxy of the environment cannot be used.
        Denied: A file of certificates cannot be read.
    """

    def __init__(self, endpoint: Endpoint, seconds: float, transport: Transport | None) -> None:
        self._transport = _network(endpoint) if transport is None else transport
        headers = {
            "user-agent": "assistant-sync",
            "accept": "application/json",
            **endpoint.headers,
            "accept-encoding": ACCEPTED_ENCODINGS,
        }
        timeout = httpx.Timeout(seconds, connect=seconds * CONNECT_SHARE)
        self.client = httpx.AsyncClient(
            headers=headers, timeout=timeout, follow_redirects=False, transport=self._transport, trust_env=False
        )
        self._headers = self.client.headers.raw
        self._extensions = {"timeout": timeout.as_dict()}

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def send(self, method: str, url: str, content: bytes | None) -> httpx.Response:
        """Send a request as the client does, without what no deployment needs, and read its answer to the end.

        Args:
            method: The HTTP method.
            url: The whole URL.
            content: JSON; None for no body.

        Raises:
            AnswerTooLarge: As ``read_answer``.
            httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError: As httpx.
        """
        headers = self._headers if content is None else self._headers + _JSON
        request = httpx.Request(
            method, _parsed(url), headers=headers, content=content, extensions=dict(self._extensions)
        )
        cookies = self.client.cookies
        if len(cookies.jar):
            cookies.set_cookie_header(request)
        streamed = await self._transport.handle_async_request(request)
        streamed.request = request
        try:
            if "set-cookie" in streamed.headers:
                cookies.extract_cookies(streamed)
            answer = await read_answer(streamed)
            if answer.is_server_error:
                await _drop(answer)
        finally:
            await streamed.aclose()
        return answer


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    """The URL of several requests: all creates have one, and each update is read and written under one."""
    return httpx.URL(url)


def _network(endpoint: Endpoint) -> Transport:
    """The network, through the environment's proxy, but never for this machine."""
    tls = tls_context(endpoint)
    proxy = None if is_loopback(endpoint.url) else proxy_for(endpoint.url)
    if proxy is None:
        return Network(tls)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS, keepalive_expiry=KEEPALIVE)
    try:
        return httpx.AsyncHTTPTransport(verify=tls, limits=limits, proxy=proxy, trust_env=False)
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        # The reason may quote the proxy's URL, which may hold a password.
        message = "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used"
        hint = "use an http:// or https:// URL; NO_PROXY lists the hosts that need no proxy"
        raise Unreachable(message, sent=False, hint=hint) from error


async def _drop(answer: httpx.Response) -> None:
    """Close the connection of an answer: after a 500 the official server does, in the middle of the next request."""
    stream = answer.extensions.get("network_stream")
    if stream is not None:
        await stream.aclose()
