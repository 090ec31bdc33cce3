from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import RepositoryError
from assistant_sync.model.schema_files import FileState
from assistant_sync.operations.schema_pull import PulledSchemas, pull_schemas

if TYPE_CHECKING:
    from pathlib import Path

    from tests.operations.memory_project import MemoryProject

NEW, CHANGED, UNCHANGED = FileState
FILE = "schemas/support_agent.json"


def pull(project: MemoryProject, *, is_check: bool = False) -> PulledSchemas:
    return project.run_at_once(pull_schemas(project.settings(), is_check=is_check))


def states(pulled: PulledSchemas) -> dict[str, FileState]:
    return {one.path: one.state for one in pulled.files.files}


@pytest.fixture
def one(project: MemoryProject) -> MemoryProject:
    """A project with one manifest."""
    project.manifest("a", graph_id="support_agent")
    project.commit()
    return project


def test_a_file_is_new_and_then_unchanged(one: MemoryProject) -> None:
    assert states(pull(one)) == {FILE: NEW}
    kept: Any = json.loads((one.folder / FILE).read_text("utf-8"))
    assert (kept["graph_id"], kept["context_schema"]) == ("support_agent", {"type": "object"})
    assert states(pull(one)) == {FILE: UNCHANGED}


def test_a_file_that_differs_is_changed(one: MemoryProject) -> None:
    one.write(FILE, "{}")
    assert states(pull(one)) == {FILE: CHANGED}
    assert states(pull(one)) == {FILE: UNCHANGED}


def test_a_check_writes_nothing(one: MemoryProject) -> None:
    pulled = pull(one, is_check=True)
    assert (states(pulled), pulled.files.is_written) == ({FILE: NEW}, False)
    assert not (one.folder / "schemas").exists()


def test_it_reads_only(one: MemoryProject) -> None:
    pull(one)
    assert one.transport.writes == []


@pytest.mark.parametrize("kind", ["the folder", "the file"])
def test_a_link_is_refused(one: MemoryProject, tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "support_agent.json").write_text("mine", encoding="utf-8")
    if kind == "the folder":
        (one.folder / "schemas").symlink_to(outside)
    else:
        (one.folder / "schemas").mkdir()
        (one.folder / FILE).symlink_to(outside / "support_agent.json")
    with pytest.raises(RepositoryError, match="nothing was written"):
        pull(one)
    assert [path.name for path in outside.iterdir()] == ["support_agent.json"]
    assert (outside / "support_agent.json").read_text("utf-8") == "mine"


def test_a_graph_with_a_slash_has_a_file_in_the_folder(project: MemoryProject) -> None:
    project.deployment.graphs.append("team/../mail")
    project.deployment.create(graph_id="team/../mail")
    project.manifest("a", graph_id="team/../mail")
    project.commit()
    assert states(pull(project)) == {"schemas/team%2F..%2Fmail.json": NEW}
    assert [path.name for path in (project.folder / "schemas").iterdir()] == ["team%2F..%2Fmail.json"]


def test_a_graph_that_is_not_served_has_none(project: MemoryProject) -> None:
    project.manifest("a", graph_id="gone")
    project.commit()
    pulled = pull(project)
    assert (states(pulled), dict(pulled.files.unusable)) == ({}, {"gone": "the deployment does not serve it"})
