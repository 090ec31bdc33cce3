"""A download that GitHub redirects to a store: without the token, and bounded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from assistant_sync.errors import ForgeError
from assistant_sync.transport import Endpoint
from assistant_sync.transport.tls import tls_context

if TYPE_CHECKING:
    from typing import IO

_PATIENCE = 10
"""Times the timeout of a request that a download may take."""


async def download(answer: httpx.Response, file: IO[bytes], *, limit: int, seconds: float, is_local: bool) -> None:
    """Follow GitHub's redirect and write what is there.

    Args:
        answer: GitHub's answer.
        file: Empty, and open for writing.
        limit: The most bytes.
        seconds: That may pass without a byte.
        is_local: Whether the API is on this machine, so that its store may be, too.

    Raises:
        ForgeError: There is no place to get it from, it cannot be had, or it has more bytes.
    """
    url = answer.headers.get("location", "")
    if not url.startswith(("https://", "http://") if is_local else "https://"):
        message = f"GitHub named no place to download {answer.request.url.path} from"
        raise ForgeError(message)
    try:
        async with (
            asyncio.timeout(seconds * _PATIENCE),
            httpx.AsyncClient(verify=tls_context(Endpoint(url, {})), timeout=seconds, trust_env=not is_local) as client,
            client.stream("GET", url, headers={"accept-encoding": "identity"}) as streamed,
        ):
            if not streamed.is_success:
                message = f"the store of GitHub answered the download with {streamed.status_code}"
                raise ForgeError(message, status=streamed.status_code)
            await _write(streamed, file, limit)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        # The URL is signed: who knows it can download, so no message may hold it.
        message = f"the download from the store of GitHub failed: {type(error).__name__}"
        raise ForgeError(message, hint="Run the job again") from error


async def _write(streamed: httpx.Response, file: IO[bytes], limit: int) -> None:
    size = 0
    async for chunk in streamed.aiter_raw():
        size += len(chunk)
        if size > limit:
            message = f"the download has more than {limit // 2**20} MiB"
            raise ForgeError(message)
        file.write(chunk)
