from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import InvalidFiles
from assistant_sync.model.identity import derived_id
from assistant_sync.operations.outputs import outputs
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from tests.operations.memory_project import MemoryProject

NAMED = "62e209ca-9154-432a-b9e9-2d75c7a9219b"


def test_a_project_without_manifests_has_no_outputs(project: MemoryProject) -> None:
    assert outputs(project.settings()).assistants == ()


def test_ids_are_known_before_the_first_apply_without_key_or_request(project: MemoryProject) -> None:
    project.configure(URL, api_key_env="NOT_SET")
    project.manifest("support")
    project.manifest("sales", assistant_id=NAMED)
    found = outputs(project.settings())
    assert [(one.key, one.assistant_id) for one in found.assistants] == [
        ("sales", NAMED),
        ("support", derived_id(PROJECT, "support")),
    ]
    assert project.transport.requests == []


def test_an_overlay_sets_the_id_of_its_target(project: MemoryProject) -> None:
    project.manifest("support")
    project.write("overlays/local/support.yaml", f"key: support\nassistant_id: {NAMED}\n")
    assert [one.assistant_id for one in outputs(project.settings()).assistants] == [NAMED]


def test_addresses_are_below_the_url_of_the_run(project: MemoryProject) -> None:
    found = outputs(project.settings(url="https://Acme.example/base/"))
    assert found.mcp == "https://acme.example/base/mcp"
    assert found.a2a(NAMED) == f"https://acme.example/base/a2a/{NAMED}"
    assert found.agent_card(NAMED) == f"https://acme.example/base/.well-known/agent-card.json?assistant_id={NAMED}"
    assert found.studio == "https://smith.langchain.com/studio/?baseUrl=https%3A%2F%2Facme.example%2Fbase"


def test_invalid_manifests_have_no_outputs(project: MemoryProject) -> None:
    project.write("assistants/bad.yaml", "graph_id: [")
    with pytest.raises(InvalidFiles):
        outputs(project.settings())
