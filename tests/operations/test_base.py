from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.operations.base import find_base, load_base
from assistant_sync.operations.workspace import Settings, Workspace, open_workspace
from assistant_sync.planning.causes import Base
from tests.operations.memory_project import URL
from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from pathlib import Path

CI = {"GITHUB_BASE_REF": "main"}


@pytest.fixture
def branch(tmp_path: Path) -> ProjectFixture:
    """A branch that changed a manifest since it left main, which has moved on."""
    project = ProjectFixture(tmp_path, URL)
    project.manifest("support", description="as it was")
    project.commit()
    project.git("tag", "began")
    project.manifest("late")
    project.commit()
    project.git("switch", "-q", "-c", "branch", "began")
    project.manifest("support", description="of the branch")
    project.commit()
    return project


def workspace_of(project: ProjectFixture) -> Workspace:
    return open_workspace(Settings(environ={}, folder=project.folder))


def wanted(base: Base | None) -> dict[str, str]:
    """The manifests of a base, by their descriptions."""
    assert base is not None
    return {one.key: one.content.description for one in base.desired}


def test_without_a_base_there_is_none_and_nothing_to_warn_of(branch: ProjectFixture) -> None:
    assert find_base(workspace_of(branch), None, {}) == (None, None)


def test_the_base_is_what_the_manifests_wanted_where_the_branch_began(branch: ProjectFixture) -> None:
    base, doubt = find_base(workspace_of(branch), "main", {})
    assert (wanted(base), doubt) == ({"support": "as it was"}, None)
    assert base is not None
    assert (base.sha, base.is_readable) == (branch.git("rev-parse", "began"), True)


def test_ci_names_the_base_of_a_pull_request(branch: ProjectFixture) -> None:
    branch.git("update-ref", "refs/remotes/origin/main", "main")
    assert wanted(find_base(workspace_of(branch), None, CI)[0]) == {"support": "as it was"}


def test_the_base_that_the_command_line_names_comes_before_that_of_ci(branch: ProjectFixture) -> None:
    base, doubt = find_base(workspace_of(branch), "branch", CI)
    assert (wanted(base), doubt) == ({"support": "of the branch"}, None)


def test_a_base_that_ci_names_and_that_is_missing_is_a_doubt(branch: ProjectFixture) -> None:
    base, doubt = find_base(workspace_of(branch), None, CI)
    assert base is None
    missing = "this repository has no commit 'refs/remotes/origin/main'"
    assert doubt == f"where changes come from is unknown: {missing}; fetch it first"


def test_in_a_shallow_clone_the_doubt_names_the_way_out(branch: ProjectFixture, tmp_path: Path) -> None:
    branch.git("clone", "-q", "--depth", "1", "--branch", "branch", f"file://{branch.folder}", "clone")
    clone = open_workspace(Settings(environ={}, folder=branch.folder / "clone"))
    assert str(find_base(clone, None, CI)[1]).endswith("; in CI, check out with 'fetch-depth: 0'")


def test_a_base_that_is_named_and_missing_is_an_error(branch: ProjectFixture) -> None:
    with pytest.raises(UnknownName, match="this repository has no commit 'mian'"):
        find_base(workspace_of(branch), "mian", CI)


def test_a_plain_folder_has_no_base_although_ci_names_one(branch: ProjectFixture) -> None:
    (branch.folder / ".git").rename(branch.folder / "no-git")
    assert find_base(workspace_of(branch), None, CI) == (None, None)


# What the common commit may have


def base_with(branch: ProjectFixture, path: str, text: str | None) -> Base:
    """The base of a branch that restored a file which its base has with another text, or not at all."""
    now = (branch.folder / path).read_text("utf-8")
    if text is None:
        (branch.folder / path).unlink()
    else:
        branch.write(path, text)
    sha = branch.commit()
    branch.write(path, now)
    branch.commit()
    base = load_base(workspace_of(branch), sha)
    assert base.sha == sha
    return base


@pytest.mark.parametrize(
    "text",
    [
        None,
        f"version: 1\nproject: acme-support\ntargets: {{other: {{url: '{URL}'}}}}\n",
        f"version: 1\nproject: another\ntargets: {{local: {{url: '{URL}'}}}}\n",
    ],
    ids=["no project file", "no such target", "another project"],
)
def test_a_base_without_this_project_on_this_target_wanted_nothing(text: str | None, branch: ProjectFixture) -> None:
    assert base_with(branch, "assistant-sync.yaml", text) == Base(branch.git("rev-parse", "HEAD~1"), ())


def test_a_project_file_with_problems_makes_a_base_that_cannot_be_read(branch: ProjectFixture) -> None:
    base = base_with(branch, "assistant-sync.yaml", "version: [")
    assert (base.desired, base.is_readable) == ((), False)


def test_a_manifest_with_problems_makes_a_base_that_cannot_be_read(branch: ProjectFixture) -> None:
    branch.manifest("other")
    base = base_with(branch, "assistants/support.yaml", "graph_id: 1\n")
    assert (list(wanted(base)), base.is_readable) == (["other"], False)


def test_pruning_does_not_make_a_base_stricter(branch: ProjectFixture) -> None:
    branch.configure(URL, prune=True)
    base = base_with(branch, "assistants/support.yaml", "# empty\n")
    assert (base.desired, base.is_readable) == ((), True)
