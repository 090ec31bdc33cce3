"""GitHub's REST API: a connection that sends one request at a time and keeps GitHub's limits.

Which errors are temporary, and how long to wait: docs.github.com, "Rate limits for the REST API".
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from assistant_sync.errors import ForgeError
from assistant_sync.forge.github.download import download
from assistant_sync.model.timeout import DEFAULT_TIMEOUT
from assistant_sync.model.url import is_loopback, normalise_url
from assistant_sync.transport import Endpoint
from assistant_sync.transport.bounded import ACCEPTED_ENCODINGS, AnswerTooLarge, read_answer
from assistant_sync.transport.error_bodies import error_message
from assistant_sync.transport.failures import NEVER_SENT
from assistant_sync.transport.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from types import TracebackType
    from typing import IO

WAIT_BUDGET = 60.0
"""Seconds that all requests together may spend waiting, whatever GitHub asks for: a plan must not hang on it."""

_MAX_ATTEMPTS = 4
_MAX_PAGES = 100
_PAGE_SIZE = 100
_DEFAULT_WAIT = 60.0
"""Seconds to wait after a secondary rate limit without a time, as GitHub's documentation asks."""

_TEMPORARY = frozenset({408, 500, 502, 503, 504})
_RATE_LIMITED = frozenset({403, 429})
_TOKEN = re.compile(r"[\x21-\x7e]+")
_HEADERS = {
    "accept": "application/vnd.github+json",
    "accept-encoding": ACCEPTED_ENCODINGS,
    "user-agent": "assistant-sync",
    "x-github-api-version": "2022-11-28",
}
_DOWNLOAD = "/zip"
"""How the path of a download ends, which GitHub redirects to a store."""

_PERMISSION_HINT = "the job needs 'permissions: {}: write'; the token of a fork's pull request never has it, by design"


@dataclass(frozen=True, slots=True)
class _FailedCall:
    """How a request failed.

    Attributes:
        error: Raised if the request is given up.
        is_temporary: Whether the same request may succeed a little later.
        wait: The least seconds to wait, as GitHub asks; None if this is no rate limit.
    """

    error: ForgeError
    is_temporary: bool
    wait: float | None = None


class GitHub:
    """A connection to the API; an async context manager.

    Args:
        api_url: The API's URL; the token goes to its origin and nowhere else.
        token: Authenticates each request.
        timeout: Seconds for one request.
        pause: How to wait.
        clock: The seconds since 1970; GitHub names times in them.

    Raises:
        ForgeError: The URL or the token cannot be used.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = _checked_url(api_url)
        if not _TOKEN.fullmatch(token):
            raise ForgeError("GITHUB_TOKEN cannot be sent as a header: it must be printable ASCII without blanks")
        self._token = token
        self._timeout = timeout
        self._pause = pause
        self._clock = clock
        self._waited = 0.0
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        headers = {**_HEADERS, "authorization": f"Bearer {self._token}"}
        try:
            self._client = httpx.AsyncClient(
                headers=headers,
                verify=tls_context(Endpoint(self._url, {})),
                timeout=self._timeout,
                follow_redirects=False,
                trust_env=not is_loopback(self._url),
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            # The reason may quote the proxy's URL, which may hold a password.
            raise ForgeError("the proxy that HTTPS_PROXY or ALL_PROXY names cannot be used for GitHub") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client:
            await client.__aexit__(kind, error, trace)

    async def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """GET one object.

        Raises:
            ForgeError: For every answer except JSON with a 2xx status.
        """
        return _json(await self._exchange("GET", path, {}, None), path)

    async def items(self, path: str, params: Mapping[str, str]) -> AsyncIterator[Mapping[str, Any]]:
        """GET a list, page by page.

        Raises:
            ForgeError: For every answer except lists with a 2xx status.
        """
        query = httpx.QueryParams({**params, "per_page": str(_PAGE_SIZE)})
        for _ in range(_MAX_PAGES):
            answer = await self._exchange("GET", path, query, None)
            page = _json(answer, path)
            if not isinstance(page, list):
                raise ForgeError(f"GitHub did not return a list for GET {path}", status=answer.status_code)
            for item in page:
                if isinstance(item, dict):
                    yield item
            next_query = _next_query(answer)
            if next_query is None:
                return
            query = next_query
        raise ForgeError(f"GitHub returned more than {_MAX_PAGES} pages for GET {path}")

    async def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        """Send a write.

        A PATCH has the same effect twice as once; a POST is repeated only if GitHub cannot have begun it.

        Raises:
            ForgeError: For every answer except JSON with a 2xx status; ``in_doubt`` if it may have taken effect.
        """
        return _json(await self._exchange(method, path, {}, body), path)

    async def download(self, path: str, file: IO[bytes], *, limit: int) -> None:
        """Write what GitHub keeps into a file.

        Args:
            path: Of a download; GitHub redirects it to a store of another host, which does not get the token.
            file: Empty, and open for writing.
            limit: The most bytes.

        Raises:
            ForgeError: It cannot be had, or has more bytes.
        """
        answer = await self._exchange("GET", path, {}, None)
        await download(answer, file, limit=limit, seconds=self._timeout, is_local=is_loopback(self._url))

    async def wait(self, seconds: float) -> bool:
        """Wait if the budget still allows it, and return whether it did."""
        if self._waited + seconds > WAIT_BUDGET:
            return False
        self._waited += seconds
        await self._pause(seconds)
        return True

    async def _exchange(
        self, method: str, path: str, query: httpx.QueryParams | Mapping[str, str], body: Mapping[str, Any] | None
    ) -> httpx.Response:
        attempts = 1
        while True:
            answer = await self._once(method, path, query, body)
            if isinstance(answer, httpx.Response):
                return answer
            is_allowed = answer.is_temporary and (method != "POST" or not answer.error.in_doubt)
            if not is_allowed or (attempts >= _MAX_ATTEMPTS and answer.wait is None):
                raise answer.error
            pause = 2 ** (attempts - 1) * random.uniform(0.5, 1)  # noqa: S311 - no secret
            if not await self.wait(max(pause, answer.wait or 0)):
                raise answer.error
            attempts += 1

    async def _once(
        self, method: str, path: str, query: httpx.QueryParams | Mapping[str, str], body: Mapping[str, Any] | None
    ) -> httpx.Response | _FailedCall:
        if self._client is None:
            raise RuntimeError("the connection is not open: use it in 'async with'")
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"content-type": "application/json"}
        try:
            async with asyncio.timeout(self._timeout):
                request = self._client.build_request(
                    method, self._url + path, params=query or None, content=content, headers=headers
                )
                streamed = await self._client.send(request, stream=True)
                try:
                    answer = await read_answer(streamed)
                finally:
                    await streamed.aclose()
        except AnswerTooLarge as error:
            message = f"GitHub ({self._url}) answered {method} {path} with too much: {error}"
            return _FailedCall(ForgeError(message, in_doubt=method != "GET"), is_temporary=False)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            sent = not isinstance(error, NEVER_SENT)
            is_late = isinstance(error, TimeoutError | httpx.TimeoutException)
            reason = f"no answer within {self._timeout:g} s" if is_late else str(error)
            reason = self._message(reason.encode("utf-8", "replace")) or type(error).__name__
            message = f"GitHub ({self._url}) did not answer {method} {path}: {reason}"
            return _FailedCall(ForgeError(message, in_doubt=sent and method != "GET"), is_temporary=True)
        is_answered = answer.is_success or (answer.has_redirect_location and path.endswith(_DOWNLOAD))
        return answer if is_answered else self._failed_call(answer, method, path)

    def _failed_call(self, answer: httpx.Response, method: str, path: str) -> _FailedCall:
        """Return the failure behind an answer without a 2xx status."""
        status, text = answer.status_code, self._message(answer.content)
        message = f"GitHub ({self._url}) answered {method} {path} with {status}" + (f": {text}" if text else "")
        wait = self._rate_limit_wait(answer)
        in_doubt = method != "GET" and status in _TEMPORARY
        if status in {401, 403, 404} and wait is None:
            hint = "GITHUB_TOKEN is not valid here" if status == httpx.codes.UNAUTHORIZED else _permission_hint(path)
        elif answer.is_redirect:
            hint = "redirects are not followed; was the repository renamed?"
        else:
            hint = None
        error = ForgeError(message, status=status, in_doubt=in_doubt, hint=hint)
        return _FailedCall(error, is_temporary=status in _TEMPORARY or wait is not None, wait=wait)

    def _rate_limit_wait(self, answer: httpx.Response) -> float | None:
        """Return the seconds that a rate limit asks for; None if the answer is about none."""
        if answer.status_code not in _RATE_LIMITED:
            return None
        asked, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
        if re.fullmatch(r"\d{1,9}", asked):
            return float(asked)
        if answer.headers.get("x-ratelimit-remaining") == "0" and re.fullmatch(r"\d{1,12}", reset):
            return max(0.0, float(reset) - self._clock()) + 1
        is_limit = answer.status_code == httpx.codes.TOO_MANY_REQUESTS or b"rate limit" in answer.content.lower()
        return _DEFAULT_WAIT if is_limit else None

    def _message(self, content: bytes) -> str:
        return error_message(content, (self._token,))


def _checked_url(api_url: str) -> str:
    try:
        url = normalise_url(api_url)
    except ValueError as error:
        message = f"GITHUB_API_URL cannot be used: {error}"
        raise ForgeError(message) from None
    if url.startswith("http:") and not is_loopback(url):
        raise ForgeError(f"GITHUB_API_URL uses plain http to another machine, so no token is sent there: {url}")
    return url


def _permission_hint(path: str) -> str:
    is_status = path.split("/")[4:5] == ["statuses"]  # below /repos/OWNER/NAME
    return _PERMISSION_HINT.format("statuses" if is_status else "pull-requests")


def _json(answer: httpx.Response, path: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        message = f"GitHub did not return JSON for {answer.request.method} {path}"
        # With a 2xx status the write took effect, whatever the body holds.
        raise ForgeError(message, status=answer.status_code, in_doubt=answer.request.method != "GET") from None


def _next_query(answer: httpx.Response) -> httpx.QueryParams | None:
    """Return the next page's query; the rest of its address is not used, so that the token stays with this origin."""
    try:
        address = answer.links.get("next", {}).get("url")
        return httpx.URL(address).params if address else None
    except (httpx.InvalidURL, ValueError):
        return None
