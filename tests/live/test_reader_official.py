"""The reader against the official server."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from assistant_sync.live.reader import AssistantsReader
from assistant_sync.transport import Endpoint, ReadConnection
from tests.servers.loopback import Reply, loopback
from tests.servers.recording import RecordingTransport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.model.assistant import Assistant
    from tests.servers.loopback import Asked
    from tests.servers.official import Deployment

T = TypeVar("T")

pytestmark = pytest.mark.server

SIZES = (0, 10, 11, 1000, 1001)


def read(
    url: str, call: Callable[[AssistantsReader], Awaitable[T]], transport: httpx.AsyncBaseTransport | None = None
) -> T:
    async def main() -> T:
        async with ReadConnection(Endpoint(url, {}), transport=transport) as connection:
            return await call(AssistantsReader(connection))

    return asyncio.run(main())


def shown(assistant: Assistant) -> dict[str, Any]:
    """As the server answers it, but for the null description; this one does not say whose a row is."""
    return {
        field: getattr(assistant, field)
        for field in assistant.__struct_fields__
        if field not in ("user_id", "is_whole")
    }


def test_a_fresh_deployment_lists_its_default_assistants(deployment: Deployment) -> None:
    found = read(deployment.url, lambda reader: reader.listing())
    assert [shown(one) | {"description": None} for one in found] == deployment.all()


def test_listings_of_any_length_are_complete_and_cost_their_pages_and_a_count(deployment: Deployment) -> None:
    made = deployment.create_many(
        {"name": str(n), "metadata": {f"first{size}": True for size in SIZES if n < size}} for n in range(max(SIZES))
    )
    for size in SIZES:
        transport = RecordingTransport()
        listing = partial(AssistantsReader.listing, metadata={f"first{size}": True})
        found = read(deployment.url, listing, transport)
        assert [one.assistant_id for one in found] == sorted(row["assistant_id"] for row in made[:size])
        assert len(transport.requests) == max(1, -(-size // 1000)) + 1
        assert transport.writes == []
    everything = read(deployment.url, lambda reader: reader.listing())
    assert [one.assistant_id for one in everything] == [row["assistant_id"] for row in deployment.all()]


def test_counts_are_the_servers_own(deployment: Deployment) -> None:
    deployment.create(metadata={"team": "cx"})
    assert read(deployment.url, lambda reader: reader.count({"team": "cx"})) == 1
    assert read(deployment.url, lambda reader: reader.count()) == 3


def test_assistants_are_read_by_id(deployment: Deployment) -> None:
    row = deployment.create(name="n", context={"model_name": "m"}, metadata={"k": "v"}, config={"tags": ["t"]})
    missing = str(uuid4())
    found = read(deployment.url, lambda reader: reader.get_many([row["assistant_id"], missing]))
    assert found[missing] is None
    one = found[row["assistant_id"]]
    assert one is not None
    assert shown(one) | {"description": None} == row


def test_versions_beyond_a_page_are_complete(deployment: Deployment) -> None:
    row = deployment.create()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: deployment.patch(row["assistant_id"], name=str(n)), range(1000)))
    found = read(deployment.url, lambda reader: reader.versions(row["assistant_id"]))
    assert [one.version for one in found] == list(range(1001, 0, -1))
    assert [one.name for one in found] == [version["name"] for version in deployment.versions(row["assistant_id"])]


@pytest.mark.parametrize("patches", [0, 9, 10])
def test_few_versions_cost_one_request(deployment: Deployment, patches: int) -> None:
    row = deployment.create()
    for _ in range(patches):
        deployment.patch(row["assistant_id"])
    transport = RecordingTransport()
    found = read(deployment.url, lambda reader: reader.versions(row["assistant_id"]), transport)
    assert [one.version for one in found] == list(range(patches + 1, 0, -1))
    assert len(transport.requests) == 1


def test_an_unknown_assistant_has_no_versions(deployment: Deployment) -> None:
    assert read(deployment.url, lambda reader: reader.versions(str(uuid4()))) == ()


def test_a_deployment_below_a_path_is_read_like_any_other(deployment: Deployment) -> None:
    row = deployment.create()

    def forward(asked: Asked) -> Reply:
        assert asked.target.startswith("/team/agents/assistants")
        url = deployment.url + asked.target.removeprefix("/team/agents")
        answer = httpx.request(asked.method, url, content=asked.body, trust_env=False)
        return Reply(answer.status_code, answer.content)

    with loopback(forward) as server:
        url = f"{server.url}/team/agents"
        assert len(read(url, lambda reader: reader.listing())) == 3
        assert read(url, lambda reader: reader.get(row["assistant_id"])) is not None
        assert len(read(url, lambda reader: reader.versions(row["assistant_id"]))) == 1
