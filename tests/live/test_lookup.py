from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import Denied
from assistant_sync.live.lookup import find, versions_if_readable
from tests.applying.memory_deployment import ONE, VERSIONS, MemoryDeployment, status
from tests.builders import make_desired

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant

DESIRED = make_desired(graph_id="research")
THEIRS = "62e209ca-9154-432a-b9e9-2d75c7a9219b"


def found(memory: MemoryDeployment, assistant_id: str, **settings: Any) -> Assistant | None:
    async def main() -> Assistant | None:
        async with memory.writer() as reader:
            return await find(reader, assistant_id, **settings)

    return asyncio.run(main())


def filters(memory: MemoryDeployment) -> list[Any]:
    """What the listings were narrowed to."""
    return [one.body.get("metadata") for one in memory.transport.exchanges if one.path.endswith("/search")]


def test_what_is_there_is_found_by_one_request() -> None:
    memory = MemoryDeployment()
    memory.settle(DESIRED)
    row = found(memory, DESIRED.assistant_id)
    assert row is not None
    assert (row.name, memory.asked) == ("support", ["GET"])


def test_what_is_nowhere_is_gone() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired("another"))
    assert found(memory, DESIRED.assistant_id) is None
    assert found(memory, DESIRED.assistant_id, owned=False) is None


def test_ours_is_found_by_its_stamp_where_its_graph_is_gone() -> None:
    memory = MemoryDeployment()
    memory.settle(DESIRED)
    memory.deployment.graphs.remove("research")
    row = found(memory, DESIRED.assistant_id)
    assert row is not None
    assert row.assistant_id == DESIRED.assistant_id
    assert filters(memory) == [{"assistant_sync": {"id": DESIRED.assistant_id}}]


def test_what_carries_no_stamp_is_looked_for_among_all() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired("a"), make_desired("b"))
    memory.deployment.create(assistant_id=THEIRS, graph_id="research", name="Theirs")
    memory.deployment.graphs.remove("research")
    assert found(memory, THEIRS) is None
    row = found(memory, THEIRS, owned=False)
    assert row is not None
    assert (row.name, filters(memory)) == ("Theirs", [None])


def test_a_reading_that_fails_tells_nothing_of_what_is_there() -> None:
    memory = MemoryDeployment()

    async def main() -> None:
        async with memory.writer(status(403, "GET", ONE)) as reader:
            await find(reader, THEIRS)

    with pytest.raises(Denied):
        asyncio.run(main())


def test_versions_that_cannot_be_read_are_none_with_the_reason() -> None:
    memory = MemoryDeployment()
    memory.settle(DESIRED)

    async def main() -> None:
        async with memory.writer(status(403, "POST", VERSIONS)) as reader:
            versions, error = await versions_if_readable(reader, DESIRED.assistant_id)
            assert (versions, type(error)) == ((), Denied)
            versions, error = await versions_if_readable(reader, DESIRED.assistant_id)
            assert ([row.version for row in versions], error) == ([1], None)

    asyncio.run(main())
