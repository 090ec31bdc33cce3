from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.model.selection import Selection
from assistant_sync.operations.validate import Validated, validate
from assistant_sync.operations.workspace import Settings
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT, ProjectFixture
from tests.servers.fake_deployment import FakeDeployment
from tests.servers.recording import RecordingTransport

BAD = "graph_id: 1\n"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFixture:
    """A valid project with two manifests, one of which includes a text."""
    project = ProjectFixture(tmp_path, URL)
    project.write("prompts/a.md", "Be kind.\n")
    project.manifest("a", context={"prompt": {"$file": "../prompts/a.md"}})
    project.manifest("b")
    project.commit()
    return project


def checked(project: ProjectFixture, *paths: str, **settings: Any) -> Validated:
    return validate(Settings(**{"environ": {}, "folder": project.folder, **settings}), [Path(path) for path in paths])


def places(found: Validated) -> list[str]:
    """The files with problems."""
    return sorted({problem.file for problem in found.problems})


def test_a_valid_project_has_no_problems(project: ProjectFixture) -> None:
    found = checked(project)
    assert (found.problems, found.documents, found.is_valid) == ((), 2, True)


def test_nothing_is_sent_and_no_key_is_needed(project: ProjectFixture) -> None:
    project.configure(URL, api_key_env="NOT_SET")
    transport = RecordingTransport(FakeDeployment())
    assert checked(project, transport=transport).is_valid
    assert transport.requests == []


def test_the_problems_of_all_files_are_reported(project: ProjectFixture) -> None:
    project.write("assistants/a.yaml", BAD)
    project.write("assistants/b.yaml", "graph_id: [\n")
    found = checked(project)
    assert (places(found), found.is_valid) == (["assistants/a.yaml", "assistants/b.yaml"], False)


@pytest.mark.parametrize(("ci", "is_valid"), [("", True), ("true", False)])
def test_an_untracked_manifest_is_a_warning_and_in_ci_an_error(
    ci: str, is_valid: bool, project: ProjectFixture
) -> None:
    project.manifest("late")
    found = checked(project, environ={"CI": ci})
    assert (places(found), found.is_valid, found.documents) == (["assistants/late.yaml"], is_valid, 3)


@pytest.mark.parametrize(("text", "place"), [(None, 0), ("version: [\n", 2)], ids=["missing", "not readable"])
def test_a_project_file_that_cannot_be_read_is_the_only_problem(
    text: str | None, place: int, project: ProjectFixture
) -> None:
    (project.folder / "assistant-sync.yaml").unlink()
    if text is not None:
        project.write("assistant-sync.yaml", text)
    found = checked(project)
    assert [(problem.file, problem.line) for problem in found.problems] == [("assistant-sync.yaml", place)]
    assert (found.documents, found.is_valid) == (0, False)


# Targets


@pytest.fixture
def overlaid(project: ProjectFixture) -> ProjectFixture:
    """Two targets with an overlay each; that of the second has a problem."""
    targets = (
        f"targets: {{one: {{url: '{URL}', overlay: overlays/one}}, two: {{url: '{URL}/two', overlay: overlays/two}}}}"
    )
    project.write("assistant-sync.yaml", f"version: 1\nproject: {PROJECT}\ndefault_target: one\n{targets}\n")
    project.write("overlays/one/a.yaml", "name: One\n")
    project.write("overlays/two/a.yaml", BAD)
    project.commit()
    return project


def test_without_a_target_the_overlays_of_all_are_checked(overlaid: ProjectFixture) -> None:
    assert places(checked(overlaid)) == ["overlays/two/a.yaml"]


@pytest.mark.parametrize(("target", "expected"), [("one", []), ("two", ["overlays/two/a.yaml"])])
def test_with_a_target_its_own_overlay_is_checked(target: str, expected: list[str], overlaid: ProjectFixture) -> None:
    assert places(checked(overlaid, target=target)) == expected


def test_a_target_that_does_not_exist_is_an_error(overlaid: ProjectFixture) -> None:
    with pytest.raises(UnknownName, match="no target 'three'"):
        checked(overlaid, target="three")


@pytest.mark.parametrize(("target", "is_valid"), [("keeps", True), ("prunes", False), (None, False)])
def test_an_empty_manifest_is_an_error_on_a_target_that_prunes(
    target: str | None, is_valid: bool, project: ProjectFixture
) -> None:
    targets = f"targets: {{keeps: {{url: '{URL}'}}, prunes: {{url: '{URL}/two', prune: true}}}}\n"
    project.write("assistant-sync.yaml", f"version: 1\nproject: {PROJECT}\n{targets}")
    project.write("assistants/b.yaml", "# empty\n")
    assert checked(project, target=target).is_valid is is_valid


# Paths


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["assistants/a.yaml"], ["assistants/a.yaml"]),
        (["assistants/b.yaml"], []),
        (["assistants"], ["assistants/a.yaml", "assistants/c.yaml"]),
        (["assistants/c.yaml", "assistants/b.yaml"], ["assistants/c.yaml"]),
        (["."], ["assistants/a.yaml", "assistants/c.yaml"]),
        (["assistant-sync.yaml"], []),
    ],
)
def test_of_paths_that_are_named_the_problems_are_reported_and_no_others(
    paths: list[str], expected: list[str], project: ProjectFixture
) -> None:
    project.write("assistants/a.yaml", BAD)
    project.write("assistants/c.yaml", BAD)
    project.commit()
    found = checked(project, *paths)
    assert (places(found), found.documents) == (expected, 3)


def test_a_path_is_relative_to_where_the_command_was_started(project: ProjectFixture) -> None:
    project.write("assistants/a.yaml", BAD)
    assert places(checked(project, "a.yaml", folder=project.folder / "assistants")) == ["assistants/a.yaml"]


@pytest.mark.parametrize(("path", "expected"), [("prompts/a.md", []), ("overlays/two/a.yaml", ["overlays/two/a.yaml"])])
def test_included_texts_and_overlays_are_part_of_the_project(
    path: str, expected: list[str], overlaid: ProjectFixture
) -> None:
    assert places(checked(overlaid, path)) == expected


def test_a_path_that_does_not_exist_is_an_error(project: ProjectFixture) -> None:
    with pytest.raises(UnknownName, match=r"^assistants/x.yaml: no such file or folder"):
        checked(project, "assistants/a.yaml", "assistants/x.yaml")


def test_a_path_that_is_no_part_of_the_project_is_an_error(project: ProjectFixture) -> None:
    project.write("README.md", "text\n")
    with pytest.raises(UnknownName, match=r"^README.md: no manifest, check, included text or overlay of this project"):
        checked(project, "assistants/a.yaml", "README.md")


# The selection


@pytest.fixture
def broken(project: ProjectFixture) -> ProjectFixture:
    """Two invalid manifests beside two valid ones, at a commit of a branch."""
    project.manifest("bad", graph_id="research_agent", name=1)
    project.write("assistants/worse.yaml", BAD)
    project.commit()
    return project


def selected(project: ProjectFixture, selection: Selection, ref: str | None = None, **settings: Any) -> Validated:
    asked = Settings(**{"environ": {}, "folder": project.folder, **settings})
    return validate(asked, selection=selection, changed_since=ref)


@pytest.mark.parametrize(
    ("selection", "expected", "documents"),
    [
        (Selection(), ["assistants/bad.yaml", "assistants/worse.yaml"], 4),
        (Selection(("a", "b")), [], 2),
        (Selection(("bad",)), ["assistants/bad.yaml"], 1),
        (Selection(graphs=("research_agent",)), ["assistants/bad.yaml", "assistants/worse.yaml"], 2),
        (Selection(graphs=("support_agent",)), ["assistants/worse.yaml"], 3),
    ],
)
def test_only_problems_of_selected_manifests_are_reported_and_a_graph_that_nobody_knows_may_be_any(
    selection: Selection, expected: list[str], documents: int, broken: ProjectFixture
) -> None:
    found = selected(broken, selection)
    assert (places(found), found.is_valid, found.documents) == (expected, not expected, documents)


def test_problems_that_are_not_new_are_not_reported_and_nothing_is_if_nothing_has_changed(
    broken: ProjectFixture,
) -> None:
    found = selected(broken, Selection(), "HEAD")
    assert (found.problems, found.is_valid, found.documents) == ((), True, 0)
    assert found.selection == Selection(changed=frozenset(), since="HEAD")
    broken.write("assistants/worse.yaml", BAD + "name: x\n")
    assert places(selected(broken, Selection(), "HEAD")) == ["assistants/worse.yaml"]


def test_what_belongs_to_no_manifest_is_always_reported(broken: ProjectFixture) -> None:
    broken.write("assistants/unreadable.yaml", "graph_id: [\n")
    broken.write("assistants/No Key.yaml", "graph_id: x\n")
    broken.write("overlays/nobody/a.yaml", "name: x\n")
    expected = ["assistants/No Key.yaml", "assistants/unreadable.yaml", "overlays/nobody/a.yaml"]
    assert places(selected(broken, Selection(("a",)))) == expected


def test_a_second_manifest_of_a_key_and_an_overlay_of_no_manifest_are_changes(project: ProjectFixture) -> None:
    project.write("overlays/local/b.yaml", "name: x\n")
    project.commit()
    project.write("assistants/z.yaml", "key: a\ngraph_id: x\n")
    project.write("overlays/local/misspelt.yaml", "name: x\n")
    project.git("add", "-A")
    found = selected(project, Selection(), "HEAD")
    assert places(found) == ["assistants/a.yaml", "assistants/z.yaml", "overlays/local/misspelt.yaml"]


def test_without_a_target_a_change_of_any_overlay_counts(overlaid: ProjectFixture) -> None:
    assert selected(overlaid, Selection(), "HEAD").is_valid
    overlaid.write("overlays/two/a.yaml", BAD + "name: y\n")
    assert places(selected(overlaid, Selection(), "HEAD")) == ["overlays/two/a.yaml"]
    assert selected(overlaid, Selection(), "HEAD", target="one").selection.changed == frozenset()


@pytest.mark.parametrize(
    ("selection", "nearest"),
    [(Selection(("baad",)), "bad"), (Selection(graphs=("research_agnet",)), "research_agent")],
)
def test_a_glob_that_matches_nothing_is_an_error_with_the_nearest_name(
    selection: Selection, nearest: str, project: ProjectFixture
) -> None:
    project.manifest("bad", graph_id="research_agent")
    project.commit()
    with pytest.raises(UnknownName) as caught:
        selected(project, selection)
    assert caught.value.hint == f"did you mean '{nearest}'?"


def test_a_glob_for_a_file_that_cannot_be_read_shows_the_problem_of_the_file(project: ProjectFixture) -> None:
    project.write("assistants/late.yaml", "graph_id: [\n")
    project.commit()
    assert places(selected(project, Selection(("late",)))) == ["assistants/late.yaml"]


def test_paths_and_selection_both_narrow(broken: ProjectFixture) -> None:
    asked = Settings(environ={}, folder=broken.folder)
    paths = [Path("assistants/bad.yaml")]
    assert places(validate(asked, paths, selection=Selection(("bad",)))) == ["assistants/bad.yaml"]
    assert places(validate(asked, paths, selection=Selection(("worse",)))) == []
