from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.repository.last_change import last_change
from assistant_sync.repository.worktree import WorkTree
from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> ProjectFixture:
    folder = tmp_path / "repository"
    folder.mkdir()
    return ProjectFixture(folder, "http://127.0.0.1:2024")


def found(repository: ProjectFixture, *paths: str) -> str | None:
    change = last_change(WorkTree.open(repository.folder), paths)
    return None if change is None else change.sha


def test_before_the_first_commit_there_is_none(repository: ProjectFixture) -> None:
    assert found(repository, "a") is None


def test_without_git_there_is_none(tmp_path: Path) -> None:
    assert last_change(WorkTree.open(tmp_path), ["a"]) is None


def test_it_is_the_newest_commit_that_changed_one_of_the_files(repository: ProjectFixture) -> None:
    commits: list[str] = []
    for name in ("a", "b", "a", "c"):
        repository.write(name, str(len(commits)))
        commits.append(repository.commit())
    assert found(repository, "a") == commits[2]
    assert found(repository, "a", "b") == commits[2]
    assert found(repository, "b") == commits[1]
    assert found(repository, "never") is None
    assert found(repository) is None


def test_a_name_is_no_pattern_and_no_option(repository: ProjectFixture) -> None:
    repository.write("a", "1")
    repository.commit()
    assert found(repository, "*") is None
    assert found(repository, ":(top)a") is None
    assert found(repository, "--all") is None


def test_its_parents_are_the_real_ones(repository: ProjectFixture) -> None:
    repository.write("a", "1")
    first = repository.commit()
    repository.write("b", "1")
    parent = repository.commit()
    repository.write("a", "2")
    repository.commit()
    change = last_change(WorkTree.open(repository.folder), ["a"])
    assert change is not None
    assert change.parents == (parent,)
    repository.write("b", "2")
    only = last_change(WorkTree.open(repository.folder), ["a"])
    assert only is not None
    assert first not in only.parents


def test_a_shallow_clone_does_not_know(repository: ProjectFixture, tmp_path: Path) -> None:
    repository.write("a", "1")
    repository.commit()
    repository.commit("empty")
    shallow = tmp_path / "shallow"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.folder}", str(shallow))
    assert last_change(WorkTree.open(shallow), ["a"]) is None
