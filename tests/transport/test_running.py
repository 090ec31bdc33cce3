from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from assistant_sync.transport import Endpoint, Pacer
from assistant_sync.transport.running import RunConnection
from tests.locking.clock import Clock

if TYPE_CHECKING:
    import pytest

STREAM = "/threads/x/runs/stream"


def test_each_attempt_to_start_a_run_takes_its_turn_and_urgent_requests_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, starts = Clock(monkeypatch, 1_000_000_000.0), list[tuple[str, float]]()

    def answer(request: httpx.Request) -> httpx.Response:
        starts.append((request.method, clock.passed))
        if request.method == "DELETE":
            return httpx.Response(204)
        if len(starts) == 1:
            return httpx.Response(429, json={})
        return httpx.Response(200, headers={"content-type": "text/event-stream"})

    async def run(connection: RunConnection) -> None:
        async with connection.stream(STREAM, {}) as events:
            assert [event async for event in events] == []

    async def main() -> None:
        transport = httpx.MockTransport(answer)
        async with (
            RunConnection(Endpoint("http://server", {}), transport=transport, pacer=Pacer(0.1)) as connection,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(run(connection))
            group.create_task(run(connection))
            await asyncio.sleep(5)
            group.create_task(connection.urgent().send("DELETE", "/threads/x", None, repeatable=True))

    clock.run(main())
    assert starts == [("POST", 0), ("DELETE", 10), ("POST", 20), ("POST", 30)]
