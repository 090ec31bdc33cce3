from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from assistant_sync.repository.remote import default_branch, repository_name
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty repository on the branch main."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "-c", "init.defaultBranch=main", "init", "-q")
    return folder


def test_a_plain_folder_has_its_own_name_and_the_branch_main(tmp_path: Path) -> None:
    tree = WorkTree.open(tmp_path)
    assert (repository_name(tree), default_branch(tree)) == (tmp_path.name, "main")


def test_a_repository_without_origin_has_the_name_of_its_top_folder(folder: Path) -> None:
    (folder / "below").mkdir()
    assert repository_name(WorkTree.open(folder / "below")) == "checkout"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/agents.git",
        "https://github.com/acme/agents/",
        "https://ann:secret@github.com/acme/agents.git",
        "git@github.com:acme/agents.git",
        "host:agents",
        "/srv/git/agents.git",
        "C:\\repositories\\agents",
    ],
)
def test_the_name_is_the_last_part_of_origins_url(folder: Path, url: str) -> None:
    git(folder, "config", "remote.origin.url", url)
    assert repository_name(WorkTree.open(folder)) == "agents"


def test_the_branch_is_the_default_branch_that_a_clone_recorded(folder: Path) -> None:
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/next")
    assert default_branch(WorkTree.open(folder)) == "release/next"


@pytest.mark.parametrize("current", ["main", "master", "trunk"])
def test_without_a_commit_the_current_branch_is_taken(folder: Path, current: str) -> None:
    git(folder, "symbolic-ref", "HEAD", f"refs/heads/{current}")
    assert default_branch(WorkTree.open(folder)) == current


@pytest.mark.parametrize(
    ("local", "remote", "expected"),
    [
        (["master", "add-sync"], [], "master"),
        (["trunk"], [], "trunk"),
        (["main", "master"], [], "main"),
        (["one", "two"], [], "main"),
        (["topic"], ["develop"], "develop"),
        (["topic"], ["topic", "master"], "master"),
    ],
)
def test_of_branches_the_usual_one_or_the_only_one_is_taken(
    folder: Path, local: list[str], remote: list[str], expected: str
) -> None:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    git(folder, "checkout", "-q", "-b", local[-1])
    git(folder, *who, "commit", "-q", "--allow-empty", "-m", "one")
    for name in local[:-1]:
        git(folder, "branch", name)
    for name in remote:
        git(folder, "update-ref", f"refs/remotes/origin/{name}", "HEAD")
    assert default_branch(WorkTree.open(folder)) == expected
