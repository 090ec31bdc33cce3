"""The deployment in memory behind HTTP, so that the scenarios find out where it differs from real servers."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.servers.fake_deployment import FakeDeployment
from tests.servers.loopback import Reply, loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.loopback import Asked

ABOUT = "the tests' own fake of the official server; it runs no graphs"


@contextmanager
def running_fake() -> Iterator[str]:
    """Serve a new one for as long as the block lasts; yields its URL."""
    fake = FakeDeployment()
    one_at_a_time = threading.Lock()

    def answer(asked: Asked) -> Reply:
        body = json.loads(asked.body) if asked.body else None
        if not asked.target.startswith(("/assistants", "/threads", "/runs/crons")):
            return _reply(404, {"detail": "Not Found"})
        with one_at_a_time:
            # Others' locks end by the server's clock.
            fake.now = max(fake.now, datetime.now(UTC))
            return _reply(*fake.answer(asked.method, asked.target, body))

    with loopback(answer) as server:
        yield server.url


def _reply(status: int, answer: object) -> Reply:
    headers = {"content-type": "application/json"}
    return Reply(status, b"" if status == 204 else json.dumps(answer).encode(), headers)  # noqa: PLR2004, RUF100 - HTTP
