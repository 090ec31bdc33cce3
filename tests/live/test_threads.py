"""The threads API: found by metadata, made under ids of ours, removed."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from assistant_sync.errors import BadAnswer, Taken
from assistant_sync.live.threads import ThreadsReader, ThreadsWriter
from assistant_sync.transport import Endpoint, ReadConnection, WriteConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.servers.official import Deployment

ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"
OTHER = "0d1c87a5-54cf-4f40-8b3a-6b0ac1f5a9a0"


def asked(call: Callable[[ThreadsWriter], Awaitable[Any]], *answers: httpx.Response) -> tuple[Any, list[httpx.Request]]:
    """What a call returns where the server gives these answers, and what it sent."""
    requests: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return left.pop(0)

    async def main() -> Any:
        endpoint = Endpoint("http://server", {})
        async with WriteConnection(endpoint, transport=httpx.MockTransport(answer)) as connection:
            return await call(ThreadsWriter(connection))

    return asyncio.run(main()), requests


def ok(data: Any) -> httpx.Response:
    return httpx.Response(200, json=data)


def test_a_search_names_only_what_every_server_takes() -> None:
    row: dict[str, Any] = {"thread_id": ID, "metadata": None, "created_at": "now", "status": "idle", "interrupts": {}}
    found, (request,) = asked(lambda threads: threads.search({"a": 1}, offset=7), ok([row]))
    assert json.loads(request.content) == {"metadata": {"a": 1}, "limit": 100, "offset": 7}
    assert request.url.path == "/threads/search"
    assert [(one.thread_id, one.metadata, one.created_at) for one in found] == [(ID, {}, "now")]


def test_a_thread_that_is_not_there_is_none_and_is_deleted_already() -> None:
    gone = httpx.Response(404, json={})
    assert asked(lambda threads: threads.get(ID), gone)[0] is None
    assert asked(lambda threads: threads.delete(ID), gone)[0] is None


def test_an_id_that_is_in_use_is_taken() -> None:
    with pytest.raises(Taken):
        asked(lambda threads: threads.create({"thread_id": ID}), httpx.Response(409, json={}))


@pytest.mark.parametrize("answer", [{"thread_id": OTHER}, {"status": "idle"}, [], "x"], ids=str)
def test_an_answer_that_is_not_the_thread_is_none(answer: Any) -> None:
    with pytest.raises(BadAnswer):
        asked(lambda threads: threads.create({"thread_id": ID}), ok(answer))


def test_an_id_is_one_segment_of_the_path() -> None:
    _, (request,) = asked(lambda threads: threads.get("../assistants"), ok({"thread_id": "x"}))
    assert request.url.raw_path == b"/threads/..%2Fassistants"


def test_on_the_official_server_a_thread_is_made_found_and_removed(server_url: str, deployment: Deployment) -> None:
    own, mark = str(uuid4()), uuid4().hex

    async def main() -> None:
        async with (
            WriteConnection(Endpoint(server_url, {})) as writing,
            ReadConnection(Endpoint(server_url, {})) as reading,
        ):
            threads, reader = ThreadsWriter(writing), ThreadsReader(reading)
            body: dict[str, Any] = {
                "thread_id": own,
                "if_exists": "raise",
                "metadata": {mark: {"project": "p", "by": "ann"}},
            }
            made = await threads.create({**body, "ttl": {"strategy": "delete", "ttl": 10}})
            with pytest.raises(Taken):
                await threads.create(body)
            assert await reader.search({mark: {"project": "p"}}) == [made] == [await reader.get(own)]
            assert await reader.search({mark: {"project": "q"}}) == []
            await threads.delete(own)
            await threads.delete(own)
            assert await reader.get(own) is None

    asyncio.run(main())
    assert own not in [row["thread_id"] for row in deployment.threads()]
