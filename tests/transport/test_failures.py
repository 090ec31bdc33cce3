from __future__ import annotations

import errno
import json
import socket
import ssl
import string
import time
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync import errors
from assistant_sync.errors import RemoteError
from assistant_sync.transport.endpoint import Endpoint
from assistant_sync.transport.failures import NEVER_SENT, Request, failed_request, is_success

URL = "https://acme.example/prefix"
ENDPOINT = Endpoint(URL, {"x-api-key": "sk-hunter2"}, key_source="PROD_KEY", credential="the API key from PROD_KEY")
HTML = b"<!doctype html><html><title>Sign in</title></html>"


def request(
    method: str = "GET", path: str = "/assistants/x", endpoint: Endpoint = ENDPOINT, attempts: int = 1
) -> Request:
    return Request(endpoint, method, path, timeout=30, attempts=attempts)


def answer(
    status: int, content: bytes = b"{}", headers: dict[str, str] | None = None, method: str = "GET"
) -> httpx.Response:
    return httpx.Response(status, content=content, headers=headers, request=httpx.Request(method, URL))


def error_of(cause: httpx.Response | Exception, asked: Request | None = None) -> RemoteError:
    return failed_request(cause, asked or request()).error


EXCEPTIONS = [
    value
    for value in map(httpx.__dict__.get, httpx.__all__)
    if isinstance(value, type) and issubclass(value, Exception)
]


def made(kind: type[Exception]) -> Exception:
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError("made by the test", request=httpx.Request("GET", URL), response=answer(500))
    if kind in {httpx.StreamClosed, httpx.StreamConsumed, httpx.RequestNotRead, httpx.ResponseNotRead}:
        return kind()
    return kind("made by the test")


@pytest.mark.parametrize("content", [b"{}", b"[]", b" \n[1]", b"3", b"null"])
def test_json_is_a_success(content: bytes) -> None:
    assert is_success(answer(200, content))
    assert is_success(answer(201, content, method="POST"))


@pytest.mark.parametrize("content", [b"", b"OK", HTML])
def test_anything_else_is_no_success(content: bytes) -> None:
    assert not is_success(answer(200, content))
    error = error_of(answer(200, content))
    assert isinstance(error, errors.BadAnswer)
    assert error.message.startswith(
        f"{URL} does not look like a LangGraph server: it answered GET /assistants/x with 200"
    )


def test_an_empty_body_is_a_success_only_after_a_delete() -> None:
    assert is_success(answer(204, b"", method="DELETE"))
    assert not is_success(answer(204, b"", method="PATCH"))
    assert not is_success(answer(200, HTML, method="DELETE"))


@pytest.mark.parametrize(
    ("status", "kind", "exit_code", "is_temporary"),
    [
        (400, errors.Rejected, 1, False),
        (401, errors.Denied, 4, False),
        (403, errors.Denied, 4, False),
        (404, errors.NotFound, 1, False),
        (405, errors.Rejected, 1, False),
        (408, errors.Unreachable, 5, True),
        (409, errors.Taken, 7, False),
        (413, errors.Rejected, 1, False),
        (418, errors.Rejected, 1, False),
        (422, errors.Rejected, 1, False),
        (429, errors.RateLimited, 5, True),
        (500, errors.ServerFault, 5, True),
        (501, errors.ServerFault, 5, False),
        (502, errors.ServerFault, 5, True),
        (503, errors.ServerFault, 5, True),
        (504, errors.ServerFault, 5, True),
        (599, errors.ServerFault, 5, False),
    ],
)
def test_each_status_has_its_kind_of_error(
    status: int, kind: type[RemoteError], exit_code: int, *, is_temporary: bool
) -> None:
    failed = failed_request(answer(status, b'{"detail": "so it is"}'), request())
    error = failed.error
    assert type(error) is kind
    assert (error.exit_code, error.status, error.method, error.path) == (exit_code, status, "GET", "/assistants/x")
    assert (error.sent, failed.is_temporary) == (True, is_temporary)
    assert error.message.startswith(URL)
    assert error.message.endswith("so it is")
    assert str(status) in error.message


def test_a_web_page_with_404_is_no_missing_assistant() -> None:
    assert isinstance(error_of(answer(404, HTML)), errors.BadAnswer)


@pytest.mark.parametrize("status", [400, 405, 418, 501, 599])
def test_a_web_page_with_any_lasting_error_hints_at_the_url(status: int) -> None:
    error = error_of(answer(status, b"<html><title>Error response</title>"), request("POST", "/assistants/search"))
    assert error.message.endswith(": a web page: Error response")
    assert error.hint == "a LangGraph server does not answer with a web page; check the target's url, its path included"
    assert error_of(answer(status)).hint != error.hint


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_the_web_page_of_a_proxy_whose_server_is_down_hints_at_nothing(status: int) -> None:
    assert error_of(answer(status, HTML)).hint is None


def test_a_key_that_is_not_allowed_hints_at_the_workspace() -> None:
    error = error_of(answer(403, b'{"detail": "Invalid API key"}'))
    assert (
        error.message == f"{URL} does not allow GET /assistants/x with the API key from PROD_KEY (403): Invalid API key"
    )
    assert error.hint == "check that the key belongs to this deployment's workspace and has permission for this request"


def test_an_error_counts_the_attempts() -> None:
    assert error_of(answer(500, b"oops"), request(attempts=4)).message.endswith("with 500: oops (4 attempts)")


def test_a_key_that_the_server_repeats_is_not_shown() -> None:
    message = error_of(answer(401, b'{"detail": "unknown key sk-hunter2"}')).message
    assert message == f"{URL} does not accept the API key from PROD_KEY (401): unknown key ***"


def test_a_denial_without_a_key_names_the_variables() -> None:
    error = error_of(answer(401), request(endpoint=Endpoint(URL, {})))
    assert "none was sent (401)" in error.message
    assert "LANGGRAPH_API_KEY, LANGSMITH_API_KEY, LANGCHAIN_API_KEY" in (error.hint or "")


def test_a_denial_of_another_origin_explains_why_no_key_was_sent() -> None:
    error = error_of(answer(403), request(endpoint=Endpoint(URL, {}, is_stripped=True)))
    assert "origin differs from the target's, so no key was sent" in (error.hint or "")
    assert "--api-key-env" in (error.hint or "")


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://me:hunter2@login.example/start?token=hunter2", "https://login.example"),
        ("http://acme.example/prefix/assistants/x/", "http://acme.example"),
        ("/elsewhere", "https://acme.example"),
        ("//login.example:8443/a", "https://login.example:8443"),
        ("https://login.example:port/", "an address that cannot be read"),
        (None, "https://acme.example"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_that_names_the_other_origin_only(status: int, location: str | None, shown: str) -> None:
    error = error_of(answer(status, b"", {"location": location} if location else {}))
    assert isinstance(error, errors.BadAnswer)
    assert error.message == f"{URL} redirects GET /assistants/x to {shown} ({status}); redirects are not followed"
    assert "hunter2" not in f"{error.hint}"


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_every_exception_of_httpx_becomes_an_error_that_names_the_deployment(kind: type[Exception]) -> None:
    error = error_of(made(kind))
    assert isinstance(error, RemoteError)
    assert error.message.startswith((URL, f"connection to {URL} lost during GET /assistants/x: "))
    assert error.sent is (not issubclass(kind, NEVER_SENT))


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        (OSError(errno.ECONNREFUSED, "asyncio's own words"), "cannot be reached: Connection refused"),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "cannot be reached: Name or service not known",
        ),
        (OSError("All attempts failed"), "cannot be reached: made by the test"),
        (ExceptionGroup("several", [OSError(errno.ENETUNREACH, "")]), "cannot be reached: Network is unreachable"),
    ],
)
def test_a_connection_that_never_opened_gives_the_systems_reason(cause: Exception, message: str) -> None:
    error = httpx.ConnectError("made by the test")
    error.__cause__ = cause
    assert error_of(error).message == f"{URL} {message}"


@pytest.mark.parametrize("cause", [httpx.ReadTimeout(""), httpx.WriteTimeout(""), TimeoutError()])
def test_an_answer_that_did_not_come_names_the_option(cause: Exception) -> None:
    error = error_of(cause)
    assert error.message == f"{URL} did not answer GET /assistants/x within 30 s"
    assert "--timeout" in (error.hint or "")


@pytest.mark.parametrize(
    ("reason", "is_temporary"), [("407 Proxy Authentication Required", False), ("502 Bad Gateway", True)]
)
def test_a_proxy_that_refuses_is_named_as_such(reason: str, *, is_temporary: bool) -> None:
    failed = failed_request(httpx.ProxyError(reason), request())
    assert failed.error.message == f"{URL} cannot be reached: the proxy refuses: {reason}"
    assert failed.is_temporary is is_temporary


@pytest.mark.parametrize(
    ("reason", "kind", "message"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", errors.Denied, "does not accept the client certificate, or asks for one"),
        ("TLSV1_ALERT_UNKNOWN_CA", errors.Denied, "does not accept the client certificate, or asks for one"),
        ("WRONG_VERSION_NUMBER", errors.Unreachable, "offers no usable TLS connection: wrong version number"),
        (None, errors.Unreachable, "offers no usable TLS connection: unknown reason"),
    ],
)
def test_a_failure_of_tls_is_reported_and_not_repeated(
    reason: str | None, kind: type[RemoteError], message: str
) -> None:
    error = ssl.SSLError(1, "made by the test")
    error.reason = reason  # type: ignore[assignment]  # None where OpenSSL gives none
    failed = failed_request(error, request())
    assert type(failed.error) is kind
    assert message in failed.error.message
    assert not failed.is_temporary


def test_a_tls_connection_that_ends_is_lost_like_any_other() -> None:
    error = httpx.ReadError("")
    error.__cause__ = ssl.SSLEOFError(8, "EOF occurred in violation of protocol")
    failed = failed_request(error, request())
    assert failed.error.message.startswith(f"connection to {URL} lost during GET /assistants/x: ")
    assert failed.is_temporary


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("7", 7), (" 1.5 ", 1.5), ("", None), ("soon", None), ("-1", None), ("nan", None), ("1e9", None)],
)
def test_retry_after_is_read_as_seconds(header: str, seconds: float | None) -> None:
    assert failed_request(answer(429, headers={"retry-after": header}), request()).wait == seconds


def test_retry_after_is_read_as_a_date() -> None:
    later = failed_request(answer(503, headers={"retry-after": formatdate(time.time() + 100, usegmt=True)}), request())
    assert later.wait == pytest.approx(100, abs=5)
    assert failed_request(answer(503, headers={"retry-after": formatdate(0, usegmt=True)}), request()).wait == 0


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["detail", "message", "error", "issues", "loc"]), inner)
    ),
)


@given(
    status=st.integers(200, 599),
    content=st.binary() | json_values.map(lambda value: json.dumps(value).encode()),
    location=st.text(string.printable),
    wait=st.text(string.printable),
)
def test_any_answer_whatever_gives_a_remote_error(status: int, content: bytes, location: str, wait: str) -> None:
    response = answer(status, content)
    response.headers["location"], response.headers["retry-after"] = location, wait
    failed = failed_request(response, request())
    assert isinstance(failed.error, RemoteError)
    assert failed.error.status == status
    assert failed.wait is None or failed.wait >= 0
    assert failed.error.message.isprintable()


@pytest.mark.parametrize(("status", "words"), [(401, "does not accept"), (403, "does not allow")])
def test_a_header_that_is_refused_is_not_called_a_key(status: int, words: str) -> None:
    endpoint = Endpoint(URL, {"authorization": "Bearer x"}, credential="the header Authorization from DEPLOY_AUTH")
    failed = failed_request(answer(status, b"{}"), Request(endpoint, "GET", "/x", 30))
    assert words in failed.error.message
    assert "the header Authorization from DEPLOY_AUTH" in failed.error.message
    assert "key" not in failed.error.message + (failed.error.hint or "")


def test_a_key_that_was_found_by_itself_may_be_for_something_else() -> None:
    found = Endpoint(URL, {"x-api-key": "k" * 9}, key_source="LANGSMITH_API_KEY", credential="the API key from X")
    for status in (401, 403):
        hint = error_of(answer(status), request(endpoint=found)).hint or ""
        assert "such as tracing, set auth: none on the target" in hint
        assert "auth: none" not in (error_of(answer(status)).hint or "")


def test_where_no_key_is_to_be_sent_the_hint_is_the_header() -> None:
    error = error_of(answer(401), request(endpoint=Endpoint(URL, {}, sends_key=False)))
    assert error.message == f"{URL} asks for authentication, and auth: none sends no API key (401): {{}}"
    assert error.hint == "set the header that it wants in headers_env, or remove auth: none"
