"""The owned assistant that has a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.model.identity import derived_id
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.transport import ReadConnection
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from assistant_sync.planning.ownership import Owned
    from tests.operations.memory_project import MemoryProject


def found(project: MemoryProject, key: str) -> Owned:
    async def look() -> Owned:
        settings = project.settings()
        opened, _ = open_project(settings)
        endpoint = endpoint_of(settings, choose_target(opened, settings.target))
        async with ReadConnection(endpoint, transport=settings.transport) as connection:
            return await owned_assistant(AssistantsReader(connection), opened.name, key)

    return project.run_at_once(look())


def test_nothing_is_found_in_an_empty_deployment(project: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="no live assistant with the key 'support'"):
        found(project, "support")


def test_an_assistant_is_found_with_all_its_versions(project: MemoryProject) -> None:
    project.manifest("support")
    project.settle()
    project.manifest("support", name="Another")
    project.settle()
    one = found(project, "support")
    assert one.row.assistant_id == derived_id(PROJECT, "support")
    assert [version.version for version in one.versions] == [2, 1]


def test_a_near_key_is_suggested(project: MemoryProject) -> None:
    project.manifest("support")
    project.settle()
    with pytest.raises(UnknownName) as raised:
        found(project, "suport")
    assert "support" in str(raised.value.hint)


def test_a_copy_is_not_taken_for_the_original(project: MemoryProject) -> None:
    project.manifest("support")
    project.settle()
    row = project.deployment.get(derived_id(PROJECT, "support"))
    copied = {name: row[name] for name in ("graph_id", "name", "context", "metadata")}
    project.deployment.create(assistant_id="11111111-1111-4111-8111-111111111111", **copied)
    assert found(project, "support").row.assistant_id == derived_id(PROJECT, "support")
