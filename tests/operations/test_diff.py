from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.model.shown import StateKind
from assistant_sync.operations.diff import DiffRequest, diff
from assistant_sync.operations.states import StateName
from tests.operations.memory_project import URL

if TYPE_CHECKING:
    from assistant_sync.model.shown import ComparedSides
    from tests.operations.memory_project import MemoryProject


def compared(project: MemoryProject, left: str, right: str | None = None, **settings: Any) -> ComparedSides:
    request = DiffRequest(settings=project.settings(**settings), left=left, right=right)
    found = project.run_at_once(diff(request))
    assert project.transport.writes == []
    return found


def paths(project: MemoryProject, left: str, right: str | None = None) -> list[str]:
    return [".".join(map(str, one.path)) for one in compared(project, left, right).fields]


@pytest.mark.parametrize("name", ["", "support", "support@", "support@ ", "@3"])
def test_a_name_without_a_key_or_a_state_is_refused(project: MemoryProject, name: str) -> None:
    with pytest.raises(UnknownName, match="does not name a state"):
        compared(project, name)
    assert project.transport.requests == []


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("a@3", StateKind.VERSION, "3"),
        ("a@live", StateKind.LIVE, "live"),
        ("a@worktree", StateKind.WORKTREE, "worktree"),
        ("a@HEAD~1", StateKind.REVISION, "HEAD~1"),
        ("a@HEAD@{1}", StateKind.REVISION, "HEAD@{1}"),
        ("a@1a2b3c4", StateKind.REVISION, "1a2b3c4"),
        ("a@version", StateKind.REVISION, "version"),
        ("a@³", StateKind.REVISION, "³"),
    ],
)
def test_a_number_is_a_version_and_what_is_no_word_of_ours_a_revision(text: str, kind: StateKind, what: str) -> None:
    assert StateName.parse(text) == StateName("a", kind, what)


def test_the_work_tree_is_compared_with_live_and_with_commits(project: MemoryProject) -> None:
    project.manifest("support", name="One")
    sha = project.commit()
    project.settle()
    assert paths(project, "support@live") == paths(project, "support@HEAD") == []
    project.manifest("support", name="Two")
    assert paths(project, "support@live") == paths(project, "support@HEAD") == ["name"]
    found = compared(project, f"support@{sha}", "support@worktree")
    assert (found.left.commit, found.right.kind, found.url) == (sha, StateKind.WORKTREE, URL)
    assert [(one.before, one.after) for one in found.fields] == [("One", "Two")]


def test_files_are_compared_without_a_request_and_without_a_key(project: MemoryProject) -> None:
    project.configure(URL, api_key_env="NOT_SET")
    project.manifest("support")
    project.commit()
    assert compared(project, "support@HEAD").fields == ()
    assert project.transport.requests == []


def test_two_assistants_are_compared(project: MemoryProject) -> None:
    for key in ("sales", "support"):
        project.manifest(key, context={"m": key})
    project.commit()
    project.settle()
    for left, right in (
        ("sales@live", "support@live"),
        ("sales@1", "support@HEAD"),
        ("sales@HEAD", "support@worktree"),
    ):
        assert paths(project, left, right) == ["name", "context.m"]


def test_versions_need_no_manifests(project: MemoryProject) -> None:
    own = project.manifest("support")
    project.settle()
    project.deployment.patch(own, name="By hand")
    project.write("assistants/bad.yaml", "graph_id: [")
    project.remove("support")
    assert paths(project, "support@1", "support@2") == paths(project, "support@1", "support@live") == ["name"]


def test_problems_of_other_manifests_do_not_matter(project: MemoryProject) -> None:
    project.manifest("support")
    project.write("assistants/bad.yaml", "graph_id: [")
    project.commit()
    assert paths(project, "support@HEAD") == []
    with pytest.raises(InvalidFiles):
        compared(project, "bad@HEAD")


@pytest.mark.parametrize(
    ("left", "message"),
    [
        ("suport@HEAD", "commit [0-9a-f]{12} has no manifest with the key 'suport'"),
        ("support@nope", "this repository has no commit 'nope'"),
        ("support@--all", "this repository has no commit '--all'"),
        ("support@7", "'support' has no version 7"),
        ("suport@live", "no live assistant with the key 'suport'"),
    ],
)
def test_what_is_not_there_is_named(project: MemoryProject, left: str, message: str) -> None:
    project.manifest("support")
    project.commit()
    project.settle()
    with pytest.raises(UnknownName, match=message):
        compared(project, left, "support@worktree")


def test_a_commit_without_the_project_file_or_the_target_is_named(project: MemoryProject) -> None:
    project.configure(URL, name="staging")
    project.manifest("support")
    project.commit("another target")
    project.configure(URL)
    with pytest.raises(UnknownName, match="has no target 'local'"):
        compared(project, "support@HEAD")
    (project.folder / "assistant-sync.yaml").unlink()
    project.commit("no project file")
    project.configure(URL)
    with pytest.raises(UnknownName, match="has no project file"):
        compared(project, "support@HEAD")
