"""A deployment in memory that can be asked: assistants and locks of the one fake, threads and runs of the other."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from assistant_sync.model.lock import LOCK_KEY
from tests.servers.fake_deployment import FakeDeployment
from tests.servers.loopback import Asked, Loopback, Reply, loopback
from tests.servers.run_server import RunServer, replied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.run_server import Events

Run: TypeAlias = "Callable[[dict[str, Any]], Events | httpx.Response]"


def obedient(body: dict[str, Any]) -> Events:
    """A run that answers with the prompt of its context."""
    return replied(str(body.get("context", {}).get("prompt", "no prompt")))


class AskedDeployment(httpx.AsyncBaseTransport):
    """Answers about assistants and runs.

    Args:
        run: What a run does, from its request's body; a run of a live assistant gets that one's context.

    Attributes:
        assistants: The deployment, to arrange it and to look at it.
        runs: The threads and runs.
    """

    def __init__(self, run: Run = obedient) -> None:
        self.run = run
        self.assistants = FakeDeployment()
        self.runs = RunServer(self._ran)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        is_lock = LOCK_KEY in (await request.aread()).decode() or path == "/threads/count"
        is_known = path.removeprefix("/threads/") in {row["thread_id"] for row in self.assistants.threads()}
        is_about_runs = path.startswith("/threads") and not is_lock and not is_known
        return await (self.runs if is_about_runs else self.assistants).handle_async_request(request)

    def _ran(self, body: dict[str, Any]) -> Events | httpx.Response:
        own = body["assistant_id"]
        if self.assistants.exists(own):
            body = {"context": self.assistants.get(own)["context"], **body}
        return self.run(body)


@contextmanager
def served(deployment: AskedDeployment) -> Iterator[Loopback]:
    """Serve it over HTTP for as long as the block lasts; events are sent when they happen."""
    one_at_a_time = threading.Lock()

    def answer(asked: Asked) -> Reply:
        request = httpx.Request(asked.method, f"http://fake{asked.target}", content=asked.body)
        runner = asyncio.Runner()
        with one_at_a_time:
            answered = runner.run(deployment.handle_async_request(request))
        named = {key: value for key, value in answered.headers.items() if key != "content-length"}
        if "event-stream" in answered.headers.get("content-type", ""):
            return Reply(answered.status_code, _parts(runner, answered), named)
        with runner:
            return Reply(answered.status_code, runner.run(answered.aread()), named)

    with loopback(answer) as server:
        yield server


def _parts(runner: asyncio.Runner, answered: httpx.Response) -> Iterator[bytes]:
    chunks = answered.aiter_bytes()

    async def following() -> bytes | None:
        return await anext(chunks, None)

    with runner:
        while (chunk := runner.run(following())) is not None:
            yield chunk
