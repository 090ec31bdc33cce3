from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.model.selection import Selection
from assistant_sync.operations.selecting import changed_since, check_graphs, check_keys
from assistant_sync.operations.workspace import Settings, open_project
from assistant_sync.repository.committed import CommitTree
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT, ProjectFixture

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def branch(tmp_path: Path) -> ProjectFixture:
    """A branch without a change of its own; main has moved on since it began."""
    project = ProjectFixture(tmp_path, URL)
    project.manifest("a")
    project.manifest("b", context={"prompt": {"$file": "../prompts/b.md"}})
    project.write("prompts/b.md", "Be kind.\n")
    project.write("overlays/local/a.yaml", "name: A\n")
    project.commit()
    project.git("tag", "began")
    project.manifest("of-main")
    project.manifest("a", description="of main")
    project.commit()
    project.git("switch", "-q", "-c", "branch", "began")
    return project


def changed(project: ProjectFixture, ref: str = "main", *targets: str, at: str | None = None) -> set[str]:
    opened, tree = open_project(Settings(environ={}, folder=project.folder))
    now = None if at is None else CommitTree.at(tree, at)
    found = changed_since(Selection(), ref, opened, targets or ("local",), tree, now).changed
    assert found is not None
    return set(found)


def test_nothing_has_changed_on_a_branch_without_a_change_whatever_main_did_since(branch: ProjectFixture) -> None:
    assert changed(branch) == set()


def test_what_the_branch_and_the_work_tree_changed_is_found_and_nothing_of_main(branch: ProjectFixture) -> None:
    branch.manifest("a", description="of the branch")
    branch.commit()
    branch.write("prompts/b.md", "Be brief.\n")
    branch.manifest("new")
    assert changed(branch) == {"a", "b", "new"}
    assert changed(branch, "HEAD") == {"b", "new"}
    assert changed(branch, "main", at="HEAD") == {"a"}


def test_a_removed_manifest_and_a_changed_overlay_count(branch: ProjectFixture) -> None:
    branch.remove("b")
    branch.write("overlays/local/a.yaml", "name: B\n")
    assert changed(branch) == {"a", "b"}


def test_other_conditions_stay_and_the_ref_is_kept_for_people(branch: ProjectFixture) -> None:
    opened, tree = open_project(Settings(environ={}, folder=branch.folder))
    asked = Selection(("a",), ("agent",))
    found = changed_since(asked, "main", opened, ["local"], tree)
    assert found == Selection(("a",), ("agent",), frozenset(), "main")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "version: [\n",
        json.dumps({"version": 1, "project": "another", "targets": {"local": {"url": URL}}}),
        json.dumps({"version": 1, "project": PROJECT, "targets": {"other": {"url": URL}}}),
    ],
    ids=["missing", "unreadable", "of another project", "without the target"],
)
def test_everything_has_changed_since_a_commit_whose_project_file_wants_nothing_here(
    tmp_path: Path, text: str | None
) -> None:
    project = ProjectFixture(tmp_path, URL)
    today = (project.folder / "assistant-sync.yaml").read_text()
    project.manifest("a")
    (project.folder / "assistant-sync.yaml").unlink()
    if text is not None:
        project.write("assistant-sync.yaml", text)
    project.commit()
    project.write("assistant-sync.yaml", today)
    assert changed(project, "HEAD") == {"a"}


def test_a_commit_that_does_not_exist_is_an_error_with_the_nearest_name(branch: ProjectFixture) -> None:
    with pytest.raises(UnknownName, match="no commit 'mian'") as caught:
        changed(branch, "mian")
    assert "main" in str(caught.value.hint)


def test_without_git_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistant-sync.yaml").write_text("version: 1\nproject: p\n")
    opened, tree = open_project(Settings(environ={}, folder=tmp_path))
    with pytest.raises(UnknownName, match=r"--changed-since main: .* is not a git repository") as caught:
        changed_since(Selection(), "main", opened, [], tree)
    assert caught.value.exit_code == 64


# Globs that match nothing


def test_globs_that_match_something_pass() -> None:
    selection = Selection(("a*",), ("agent",))
    check_keys(selection, {"abc"}, what="manifest")
    check_graphs(selection, {"agent"}, what="manifest")


@pytest.mark.parametrize(
    ("check", "selection", "message"),
    [
        (check_keys, Selection(("support", "suport")), "no manifest matches 'suport'"),
        (check_graphs, Selection(graphs=("support", "suport")), "no manifest has a graph that matches 'suport'"),
    ],
)
def test_a_glob_that_matches_nothing_is_an_error_with_the_nearest_name(
    check: Any, selection: Selection, message: str
) -> None:
    with pytest.raises(UnknownName, match=message) as caught:
        check(selection, {"support", "other"}, what="manifest")
    assert caught.value.hint == "did you mean 'support'?"
