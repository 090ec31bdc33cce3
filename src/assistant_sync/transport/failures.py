"""From whatever goes wrong with a request to the one error that says it, and whether waiting may help."""

from __future__ import annotations

import os
import re
import ssl
import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeAlias

import httpx

from assistant_sync.errors import (
    BadAnswer,
    Denied,
    NotFound,
    RateLimited,
    Rejected,
    RemoteError,
    ServerFault,
    Taken,
    Unreachable,
)
from assistant_sync.transport.bodies import is_html, may_be_json, said
from assistant_sync.transport.endpoint import DEFAULT_KEY_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from assistant_sync.transport.endpoint import Endpoint

Cause: TypeAlias = "httpx.Response | Exception"

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""After these no byte of the request has left: the connection to the deployment never opened."""

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that the same request may not get a little later."""

_SHORTEST_SECRET = 4
_SECONDS = re.compile(r"\s*(\d{1,9}(\.\d{1,9})?)\s*")


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as failures name it.

    Attributes:
        endpoint: Where it goes.
        method: The HTTP method.
        path: Below the endpoint's URL.
        timeout: The seconds that it was given.
        tries: How often it has been sent so far, this time included.
    """

    endpoint: Endpoint
    method: str
    path: str
    timeout: float
    tries: int = 1

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong.

    Attributes:
        error: To be raised where nothing helps.
        may_pass: Whether the same request may succeed a little later.
        wait: The seconds to wait that the server asked for; None where it did not.
    """

    error: RemoteError
    may_pass: bool
    wait: float | None = None


def failure_of(cause: Cause, request: Request) -> Failure:
    """The failure behind an exception, or behind an answer that ``is_good`` turned down."""
    if isinstance(cause, httpx.Response):
        kind, message, hint = _answer(cause, request)
        may_pass, sent, status = cause.status_code in PASSING, True, cause.status_code
        wait = _retry_after(cause.headers.get("retry-after", ""))
    else:
        kind, message, hint, may_pass = _break(cause, request)
        sent, status, wait = not isinstance(cause, NEVER_SENT), None, None
    if request.tries > 1:
        message += f" ({request.tries} tries)"
    error = kind(message, method=request.method, path=request.path, status=status, sent=sent, hint=hint)
    return Failure(error, may_pass, wait)


def is_good(answer: httpx.Response) -> bool:
    """Whether an answer is a success as a LangGraph server gives it: JSON, or nothing after a delete."""
    if not answer.is_success:
        return False
    return may_be_json(answer.content) or (answer.request.method == "DELETE" and not answer.content.strip())


_Told: TypeAlias = tuple[type[RemoteError], str, str | None]


def _answer(answer: httpx.Response, request: Request) -> _Told:
    """Kind, message and hint for an answer."""
    status, url = answer.status_code, request.endpoint.url
    text = said(answer.content, tuple(v for v in request.endpoint.headers.values() if len(v) >= _SHORTEST_SECRET))
    tail = f": {text}" if text else ""
    plain = f"{url} answered {request} with {status}{tail}"
    if answer.is_success or (status == httpx.codes.NOT_FOUND and is_html(answer.content)):
        told = text or "an empty answer"
        return (
            BadAnswer,
            f"{url} does not look like a LangGraph server: it answered {request} with {status} and {told}",
            "check the target's url, its path included",
        )
    if answer.is_redirect or status < httpx.codes.BAD_REQUEST:
        return _redirect(answer, request)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return _denial(status, tail, request)
    if status == httpx.codes.METHOD_NOT_ALLOWED:
        return Rejected, f"{url} does not offer {request} (405){tail}", "this server may be read-only or too old"
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        return Rejected, plain, "the assistant is larger than the server, or a proxy before it, accepts"
    return _KINDS.get(status, Rejected if status < httpx.codes.INTERNAL_SERVER_ERROR else ServerFault), plain, None


_KINDS: dict[int, type[RemoteError]] = {404: NotFound, 408: Unreachable, 409: Taken, 429: RateLimited}


def _redirect(answer: httpx.Response, request: Request) -> _Told:
    url = request.endpoint.url
    try:
        place = httpx.URL(url).join(answer.headers.get("location", ""))
        goal = f"{place.scheme}://{place.netloc.decode('ascii', 'replace')}"
    except (httpx.InvalidURL, ValueError):
        goal = "an address that cannot be read"
    message = f"{url} redirects {request} to {goal} ({answer.status_code}); redirects are not followed"
    return BadAnswer, message, "set the target's url to the deployment's own API, scheme and path included"


def _denial(status: int, tail: str, request: Request) -> _Told:
    endpoint = request.endpoint
    if endpoint.key_source is None:
        hint = (
            "the URL has another origin than the target's, so no key went there; name the variable of its key"
            if endpoint.is_stripped
            else f"set one of {', '.join(DEFAULT_KEY_VARIABLES)}, or name another variable in api_key_env"
        )
        return Denied, f"{endpoint.url} asks for an API key and none was sent ({status}){tail}", hint
    key = f"the API key from {endpoint.key_source}"
    if status == httpx.codes.FORBIDDEN:
        return Denied, f"{endpoint.url} does not allow {request} with {key} (403){tail}", None
    hint = "check that the key is for this deployment and has not expired"
    return Denied, f"{endpoint.url} does not accept {key} (401){tail}", hint


def _break(cause: Exception, request: Request) -> tuple[type[RemoteError], str, str | None, bool]:
    """Kind, message, hint and whether it may pass, for an exception."""
    url, reason = request.endpoint.url, _reason(cause)
    trouble = next((c for c in _chain(cause) if isinstance(c, ssl.SSLError) and not isinstance(c, _TLS_ENDS)), None)
    match cause:
        case _ if trouble is not None:
            return *_tls(trouble, url), False
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Unreachable, f"{url} cannot be reached: no connection in time", _PROXY_HINT, True
        case httpx.TimeoutException() | TimeoutError():
            message = f"{url} did not answer {request} within {request.timeout:g} s"
            return Unreachable, message, "a larger --timeout gives it longer", True
        case httpx.ProxyError():
            message = f"{url} cannot be reached: the proxy refuses: {reason}"
            return Unreachable, message, _PROXY_HINT, not reason.startswith("4")
        case httpx.ConnectError():
            return Unreachable, f"{url} cannot be reached: {reason}", _PROXY_HINT, True
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            return Rejected, f"{url} cannot be asked for {request}: {reason}", None, False
        case httpx.DecodingError() | httpx.TooManyRedirects():
            return BadAnswer, f"{url} answered {request} with what cannot be read: {reason}", None, False
        case _:
            # Under TLS 1.3 a server that misses a client certificate hangs up; its reason may get lost on the way.
            is_bare = url.startswith("https:") and request.endpoint.cert_file is None
            return Unreachable, f"{url} broke off {request}: {reason}", _CERTIFICATE_HINT if is_bare else None, True


_CERTIFICATE_HINT = "if the server asks for a client certificate, set the target's cert_file and key_file"

_TLS_ENDS = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""A connection that ended, which TLS happened to notice."""

_PROXY_HINT = "check the target's url, the network, and HTTPS_PROXY and NO_PROXY where they are set"


def _tls(trouble: ssl.SSLError, url: str) -> _Told:
    if isinstance(trouble, ssl.SSLCertVerificationError):
        message = f"{url} shows a certificate that is not trusted: {trouble.verify_message}"
        return Unreachable, message, "name a private CA's certificates in the target's ca_file or in SSL_CERT_FILE"
    reason = (trouble.reason or "unknown reason").lower().replace("_", " ")
    if "certificate" in reason or "unknown ca" in reason:
        message = f"{url} does not accept the client certificate, or asks for one: {reason}"
        return Denied, message, _CERTIFICATE_HINT
    hint = f"check the url's scheme and port; {_CERTIFICATE_HINT}"
    return Unreachable, f"{url} offers no usable TLS connection: {reason}", hint


def _chain(cause: BaseException | None) -> Iterator[BaseException]:
    """The exception and what is behind it; of several failures at once the first."""
    for _ in range(20):
        if cause is None:
            return
        yield cause
        inner = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        cause = inner or cause.__cause__ or cause.__context__


def _reason(cause: Exception) -> str:
    """What the operating system says where it was the cause, or else the exception."""
    text = str(cause) or ("the connection was closed" if isinstance(cause, httpx.NetworkError) else repr(cause))
    for behind in _chain(cause):
        if isinstance(behind, OSError) and behind.errno and not isinstance(behind, ssl.SSLError):
            # Errors of name resolution have negative numbers and their own texts.
            text = os.strerror(behind.errno) if behind.errno > 0 else str(behind.strerror)
    return said(text.encode("utf-8", "replace"))


def _retry_after(value: str) -> float | None:
    """The seconds that a Retry-After header asks for: a number or an HTTP date."""
    if seconds := _SECONDS.fullmatch(value):
        return float(seconds[1])
    date = time_of(value)
    return None if date is None else max(0.0, date.timestamp() - time.time())


def time_of(value: str) -> datetime | None:
    """The time that an HTTP date names; None where it is none."""
    try:
        date = parsedate_to_datetime(value)
        date.timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
