"""Map each way in which a request can fail to one error, and to whether waiting may help."""

from __future__ import annotations

import os
import re
import ssl
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
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
    TooLarge,
    Unreachable,
)
from assistant_sync.model.frozen import Frozen
from assistant_sync.transport.bounded import AnswerTooLarge
from assistant_sync.transport.credentials import DEFAULT_KEY_VARIABLES
from assistant_sync.transport.error_bodies import error_message, is_html, may_be_json

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
"""After these no byte of the request was sent: the connection to the deployment never opened."""

TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed a little later."""

_MIN_SECRET_LENGTH = 4
_SECONDS = re.compile(r"\s*(\d{1,9}(\.\d{1,9})?)\s*")


class Request(Frozen, frozen=True):
    """One request, as errors name it.

    Attributes:
        endpoint: Where it is sent.
        method: The HTTP method.
        path: Below the endpoint's URL.
        timeout: The seconds that it may take.
        attempts: How often it was sent so far, this time included.
    """

    endpoint: Endpoint
    method: str
    path: str
    timeout: float
    attempts: int = 1

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class FailedRequest(Frozen, frozen=True):
    """How a request failed.

    Attributes:
        error: Raised if the request is given up.
        is_temporary: Whether the same request may succeed a little later.
        wait: The seconds to wait that the server asked for; None if it named none.
    """

    error: RemoteError
    is_temporary: bool
    wait: float | None = None


def failed_request(cause: Cause, request: Request) -> FailedRequest:
    """Return the failure behind an exception, or behind an answer for which ``is_success`` is false."""
    if isinstance(cause, httpx.Response):
        kind, message, hint = _answer_error(cause, request)
        is_temporary, sent, status = cause.status_code in TEMPORARY, True, cause.status_code
        wait = _retry_after(cause.headers.get("retry-after", ""))
    else:
        kind, message, hint, is_temporary = _exception_error(cause, request)
        sent, status, wait = not isinstance(cause, NEVER_SENT), None, None
    if request.attempts > 1:
        message += f" ({request.attempts} attempts)"
    error = kind(message, method=request.method, path=request.path, status=status, sent=sent, hint=hint)
    return FailedRequest(error, is_temporary, wait)


def is_success(answer: httpx.Response) -> bool:
    """Whether an answer is a success of a LangGraph server: JSON, or an empty body after a delete."""
    if not answer.is_success:
        return False
    return may_be_json(answer.content) or (answer.request.method == "DELETE" and not answer.content.strip())


_ErrorParts: TypeAlias = tuple[type[RemoteError], str, str | None]
"""Kind, message and hint."""


def _answer_error(answer: httpx.Response, request: Request) -> _ErrorParts:
    """Return kind, message and hint for an answer."""
    status, url = answer.status_code, request.endpoint.url
    secrets = tuple(v for v in request.endpoint.headers.values() if len(v) >= _MIN_SECRET_LENGTH)
    text = error_message(answer.content, secrets)
    tail = f": {text}" if text else ""
    plain = f"{url} answered {request} with {status}{tail}"
    if answer.is_success or (status == httpx.codes.NOT_FOUND and is_html(answer.content)):
        message = f"{url} does not look like a LangGraph server: it answered {request} with {status} and "
        return BadAnswer, message + (text or "an empty answer"), _URL_HINT
    if answer.is_redirect or status < httpx.codes.BAD_REQUEST:
        return _redirect_error(answer, request)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return _denied_error(status, tail, request)
    # Temporary errors are often web pages of a proxy in front of the deployment.
    page_hint = _PAGE_HINT if is_html(answer.content) and status not in TEMPORARY else None
    if status == httpx.codes.METHOD_NOT_ALLOWED:
        hint = page_hint or "this server may be read-only or too old"
        return Rejected, f"{url} does not offer {request} (405){tail}", hint
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        return Rejected, plain, "the assistant exceeds the size that the server, or a proxy in front of it, accepts"
    kind = _KINDS.get(status, Rejected if status < httpx.codes.INTERNAL_SERVER_ERROR else ServerFault)
    return kind, plain, page_hint


_KINDS: dict[int, type[RemoteError]] = {404: NotFound, 408: Unreachable, 409: Taken, 429: RateLimited}

_URL_HINT = "check the target's url, its path included"
_PAGE_HINT = f"a LangGraph server does not answer with a web page; {_URL_HINT}"


def _redirect_error(answer: httpx.Response, request: Request) -> _ErrorParts:
    url = request.endpoint.url
    try:
        place = httpx.URL(url).join(answer.headers.get("location", ""))
        other = f"{place.scheme}://{place.netloc.decode('ascii', 'replace')}"
    except (httpx.InvalidURL, ValueError):
        other = "an address that cannot be read"
    message = f"{url} redirects {request} to {other} ({answer.status_code}); redirects are not followed"
    return BadAnswer, message, "set the target's url to the deployment's own API, scheme and path included"


def _denied_error(status: int, tail: str, request: Request) -> _ErrorParts:
    endpoint = request.endpoint
    credential = endpoint.credential
    if credential is None:
        if not endpoint.sends_key:
            message = f"{endpoint.url} asks for authentication, and auth: none sends no API key ({status}){tail}"
            return Denied, message, "set the header that it wants in headers_env, or remove auth: none"
        hint = (
            "the URL's origin differs from the target's, so no key was sent; name the key's variable with --api-key-env"
            if endpoint.is_stripped
            else f"set one of {', '.join(DEFAULT_KEY_VARIABLES)}, or name another variable in api_key_env"
        )
        return Denied, f"{endpoint.url} asks for an API key and none was sent ({status}){tail}", hint
    is_key = endpoint.key_source is not None
    is_found = endpoint.key_source in DEFAULT_KEY_VARIABLES
    other = "; if that key is for something else, such as tracing, set auth: none on the target" if is_found else ""
    if status == httpx.codes.FORBIDDEN:
        hint = (
            "check that the key belongs to this deployment's workspace and has permission for this request"
            if is_key
            else "check that it has permission for this request"
        ) + other
        return Denied, f"{endpoint.url} does not allow {request} with {credential} (403){tail}", hint
    hint = f"check that {'the key' if is_key else 'it'} is for this deployment and has not expired{other}"
    return Denied, f"{endpoint.url} does not accept {credential} (401){tail}", hint


def _exception_error(cause: Exception, request: Request) -> tuple[type[RemoteError], str, str | None, bool]:
    """Return kind, message, hint and whether the failure is temporary, for an exception."""
    url, reason = request.endpoint.url, _reason(cause)
    tls_error = next((c for c in _chain(cause) if isinstance(c, ssl.SSLError) and not isinstance(c, _TLS_ENDS)), None)
    match cause:
        case _ if tls_error is not None:
            return *_tls_error(tls_error, url), False
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Unreachable, f"{url} cannot be reached: the connection attempt timed out", _PROXY_HINT, True
        case httpx.TimeoutException() | TimeoutError():
            message = f"{url} did not answer {request} within {request.timeout:g} s"
            return Unreachable, message, "increase --timeout", True
        case httpx.ProxyError():
            message = f"{url} cannot be reached: the proxy refuses: {reason}"
            return Unreachable, message, _PROXY_HINT, not reason.startswith("4")
        case httpx.ConnectError():
            return Unreachable, f"{url} cannot be reached: {reason}", _PROXY_HINT, True
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            return Rejected, f"{url} cannot be sent {request}: {reason}", None, False
        case AnswerTooLarge():
            hint = "if the assistants are that large, split the project; if not, this is no LangGraph server"
            return TooLarge, f"{url} answered {request} with more than is read: {cause}", hint, False
        case httpx.DecodingError() | httpx.TooManyRedirects():
            return BadAnswer, f"{url} sent an unreadable answer to {request}: {reason}", None, False
        case _:
            # Under TLS 1.3 a server that requires a client certificate closes the connection; its reason may be lost.
            is_bare = url.startswith("https:") and request.endpoint.cert_file is None
            message = f"connection to {url} lost during {request}: {reason}"
            return Unreachable, message, _CERTIFICATE_HINT if is_bare else None, True


_CERTIFICATE_HINT = "if the server asks for a client certificate, set the target's cert_file and key_file"

_TLS_ENDS = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""The end of a connection, reported by TLS: not a failure of TLS itself."""

_PROXY_HINT = "check the target's url, the network, and HTTPS_PROXY and NO_PROXY if they are set"


def _tls_error(error: ssl.SSLError, url: str) -> _ErrorParts:
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"{url} presents a certificate that is not trusted: {error.verify_message}"
        return Unreachable, message, "name a private CA's certificates in the target's ca_file or in SSL_CERT_FILE"
    reason = (error.reason or "unknown reason").lower().replace("_", " ")
    if "certificate" in reason or "unknown ca" in reason:
        message = f"{url} does not accept the client certificate, or asks for one: {reason}"
        return Denied, message, _CERTIFICATE_HINT
    hint = f"check the url's scheme and port; {_CERTIFICATE_HINT}"
    return Unreachable, f"{url} offers no usable TLS connection: {reason}", hint


def _chain(cause: BaseException | None) -> Iterator[BaseException]:
    """Yield the exception and its causes; of several failures at once the first."""
    for _ in range(20):
        if cause is None:
            return
        yield cause
        inner = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        cause = inner or cause.__cause__ or cause.__context__


def _reason(cause: Exception) -> str:
    """Return the operating system's reason if it is the cause, otherwise the exception's."""
    text = str(cause) or ("the connection was closed" if isinstance(cause, httpx.NetworkError) else repr(cause))
    for inner in _chain(cause):
        if isinstance(inner, OSError) and inner.errno and not isinstance(inner, ssl.SSLError):
            # Errors of name resolution have negative numbers and texts of their own.
            text = os.strerror(inner.errno) if inner.errno > 0 else str(inner.strerror)
    return error_message(text.encode("utf-8", "replace"))


def _retry_after(value: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, by a number or an HTTP date."""
    if seconds := _SECONDS.fullmatch(value):
        return float(seconds[1])
    date = parse_http_date(value)
    return None if date is None else max(0.0, date.timestamp() - time.time())


@lru_cache(maxsize=8)
def parse_http_date(value: str) -> datetime | None:
    """Return the time that an HTTP date names; None if it is malformed."""
    try:
        date = parsedate_to_datetime(value)
        date.timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
