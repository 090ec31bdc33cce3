from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.graph_schemas.files import FOLDER, file_name, schema_text
from assistant_sync.model.graph_schema import GraphSchema
from assistant_sync.model.schema_files import FileState, SchemaFiles
from assistant_sync.operations.editor_schemas import editor_schemas
from tests.manifests.json_schema.graphs import SCHEMAS

if TYPE_CHECKING:
    from tests.operations.memory_project import MemoryProject

MANIFEST = "schemas/editor/manifest.json"
PATHS = ["schemas/editor/check.json", MANIFEST, "schemas/editor/overlay.json", "schemas/editor/project.json"]
NEW, CHANGED, UNCHANGED = FileState


def keep(project: MemoryProject, *schemas: GraphSchema) -> None:
    """Keep the schemas of graphs as ``schema pull`` does."""
    for one in schemas:
        project.write(f"{FOLDER}/{file_name(one.graph_id)}", schema_text(one))


def write(project: MemoryProject, *, is_check: bool = False) -> SchemaFiles:
    return editor_schemas(project.settings(), is_check=is_check)


def states(found: SchemaFiles) -> list[FileState]:
    return [one.state for one in found.files]


def written(project: MemoryProject) -> Any:
    """The schema of manifests as it was written."""
    return json.loads((project.folder / MANIFEST).read_text("utf-8"))


def test_the_schemas_of_four_kinds_of_files_are_written(project: MemoryProject) -> None:
    assert [(one.path, one.state) for one in write(project).files] == [(path, NEW) for path in PATHS]
    assert all((project.folder / path).is_file() for path in PATHS)


def test_a_second_time_nothing_changes(project: MemoryProject) -> None:
    keep(project, *SCHEMAS.values())
    write(project)
    before = {path: (project.folder / path).stat().st_mtime_ns for path in PATHS}
    assert states(write(project)) == [UNCHANGED] * 4
    assert {path: (project.folder / path).stat().st_mtime_ns for path in PATHS} == before


def test_the_graphs_whose_schemas_are_kept_are_checked_and_suggested(project: MemoryProject) -> None:
    keep(project, *SCHEMAS.values())
    assert write(project).graphs == ("agent", "mail agent/2")
    schema = written(project)
    assert schema["properties"]["graph_id"]["examples"] == ["agent", "mail agent/2", "untyped"]
    asked = [one["if"]["properties"].get("graph_id") for one in schema["allOf"]]
    assert asked == [None, {"const": "agent"}, {"const": "mail agent/2"}]


def test_only_what_the_kept_schemas_change_is_written_again(project: MemoryProject) -> None:
    write(project)
    keep(project, SCHEMAS["agent"])
    assert states(write(project)) == [CHANGED, CHANGED, CHANGED, UNCHANGED]


def test_a_check_writes_nothing(project: MemoryProject) -> None:
    found = write(project, is_check=True)
    assert (states(found), found.is_written) == ([NEW] * 4, False)
    assert not (project.folder / "schemas").exists()


def test_a_kept_schema_that_cannot_be_used_is_left_out_and_named(project: MemoryProject) -> None:
    keep(project, SCHEMAS["agent"], GraphSchema("outside", {"$ref": "https://example.org/a.json"}))
    project.write(f"{FOLDER}/broken.json", "{")
    found = write(project)
    assert found.graphs == ("agent",)
    assert found.unusable == {
        "broken": "this is no JSON document",
        "outside": "it refers to something outside of itself",
    }


def test_manifests_with_errors_are_no_obstacle(project: MemoryProject) -> None:
    project.write("assistants/bad.yaml", "graph_id: [")
    assert states(write(project)) == [NEW] * 4


@pytest.mark.parametrize("link", ["schemas", "schemas/editor", MANIFEST])
def test_nothing_is_written_through_a_link_that_leads_out_of_the_repository(project: MemoryProject, link: str) -> None:
    outside = project.folder.parent / "outside"
    (outside / "editor").mkdir(parents=True)
    (outside / "manifest.json").write_text("theirs")
    place = project.folder / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(outside / "manifest.json" if link == MANIFEST else outside)
    with pytest.raises(RepositoryError, match=r"outside of the repository|symbolic link"):
        write(project)
    assert [one.name for one in outside.rglob("*") if one.is_file()] == ["manifest.json"]
    assert (outside / "manifest.json").read_text() == "theirs"
    assert not (project.folder / "schemas/editor/project.json").exists()


def test_line_endings_that_only_the_checkout_changed_do_not_count(project: MemoryProject) -> None:
    write(project)
    project.commit()
    place = project.folder / MANIFEST
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))
    assert states(write(project, is_check=True)) == [UNCHANGED] * 4


def test_a_project_below_the_top_has_schemas_of_its_own(project: MemoryProject) -> None:
    project.write("below/assistant-sync.yaml", "version: 1\nproject: below\n")
    found = editor_schemas(project.settings(config=project.folder / "below/assistant-sync.yaml"))
    assert found.project == "below"
    assert (project.folder / "below" / MANIFEST).is_file()
    assert not (project.folder / "schemas").exists()
