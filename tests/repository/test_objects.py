"""The contents of committed files, and what a partial clone fetches for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import RepositoryError
from assistant_sync.repository.committed import CommitTree
from assistant_sync.repository.objects import Objects
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

YAML = (".yaml", ".yml")
LIMIT = 1000


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def origin(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "origin")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return repo


def blobless(origin: Repo, folder: Path) -> Repo:
    copy = Repo(folder, init=False)
    copy.git("clone", "-q", "--filter=blob:none", f"file://{origin.folder}", ".")
    return copy


def lacks(repo: Repo, commit: str) -> set[str]:
    """The paths of a commit whose contents are not there."""
    lines = repo.git("ls-tree", "-r", "--format=%(objectname) %(path)", commit).splitlines()
    names = {path: sha for sha, _, path in (line.partition(" ") for line in lines)}
    listed = repo.git("rev-list", "--objects", "--no-walk", "--missing=print", commit).splitlines()
    missing = {line[1:] for line in listed if line.startswith("?")}
    return {path for path, sha in names.items() if sha in missing}


def test_contents_are_read_with_their_sizes(origin: Repo) -> None:
    commit = origin.commit(a="one", b="two\n", c="")
    shas = [origin.git("rev-parse", f"HEAD:{name}") for name in "abc"]
    objects = Objects(origin.folder, commit)
    assert [objects.size(sha) for sha in shas] == [3, 4, 0]
    objects.load(shas, limit=3)
    assert [objects.content(sha) for sha in shas] == [b"one", b"two\n", b""]
    assert not objects.is_partial


def test_a_content_that_git_does_not_have_is_an_error(origin: Repo) -> None:
    objects = Objects(origin.folder, origin.commit(a="one"))
    with pytest.raises(RepositoryError, match=r"^git does not have all files of commit [0-9a-f]{12}$") as caught:
        objects.size("0" * 40)
    assert "without 'filter'" in str(caught.value.hint)


def test_of_a_partial_clone_only_what_is_read_is_fetched(origin: Repo, tmp_path: Path) -> None:
    first = origin.commit(**{"m/a.yaml": "1", "p/a.md": "a", "p/b.md": "b", "app/main.py": "x"})
    origin.commit(**{"m/a.yaml": "2", "p/a.md": "aa", "p/b.md": "bb", "app/main.py": "y"})
    copy = blobless(origin, tmp_path / "copy")
    everything = {"m/a.yaml", "p/a.md", "p/b.md", "app/main.py"}
    assert lacks(copy, first) == everything
    tree = CommitTree.at(WorkTree.open(copy.folder), first)
    assert lacks(copy, first) == everything
    assert tree.files("m", YAML) == ["m/a.yaml"]
    assert tree.read("p/a.md", limit=LIMIT) == b"a"
    assert lacks(copy, first) == {"p/b.md", "app/main.py"}


def test_what_cannot_be_fetched_is_an_error_that_says_how_to_clone(origin: Repo, tmp_path: Path) -> None:
    first = origin.commit(**{"m/a.yaml": "1"})
    origin.commit(**{"m/a.yaml": "2"})
    copy = blobless(origin, tmp_path / "copy")
    origin.folder.rename(tmp_path / "gone")
    with pytest.raises(RepositoryError, match="this partial clone does not have all files of commit") as caught:
        CommitTree.at(WorkTree.open(copy.folder), first).read("m/a.yaml", limit=LIMIT)
    assert "without 'filter'" in str(caught.value.hint)


def test_a_commit_is_read_through_its_checked_out_submodules(origin: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit(**{"b.yaml": "old"})
    origin.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "m/module")
    first = origin.commit(**{"m/a.yaml": "1"})
    module = Repo(origin.folder / "m" / "module", init=False)
    module.commit(**{"b.yaml": "new", "c.yaml": "new"})
    second = origin.commit()
    tree = WorkTree.open(origin.folder)
    for commit, files, text in ((first, ["a", "module/b"], b"old"), (second, ["a", "module/b", "module/c"], b"new")):
        read = CommitTree.at(tree, commit)
        assert read.files("m", YAML) == [f"m/{name}.yaml" for name in files]
        assert read.read("m/module/b.yaml", limit=LIMIT) == text
        assert read.not_checked_out(["m"], YAML) == {}
