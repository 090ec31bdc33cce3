from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import RepositoryError, UnknownName
from assistant_sync.repository.checkout import NotCheckedOut
from assistant_sync.repository.committed import CommitTree
from assistant_sync.repository.tree import Tracking
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from collections.abc import Callable

YAML = (".yaml", ".yml")
LIMIT = 1000


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def at(repo: Repo, ref: str = "HEAD") -> CommitTree:
    return CommitTree.at(WorkTree.open(repo.folder), ref)


def message_of(call: Callable[[], object]) -> str:
    with pytest.raises(RepositoryError) as caught:
        call()
    return caught.value.message


def test_a_clean_work_tree_and_its_commit_are_the_same(repo: Repo) -> None:
    for path in (
        "m/a.yaml",
        "m/sub/b.yml",
        "m/.hidden.yaml",
        "m/.dir/c.yaml",
        "m/d.yaml~",
        "m/e.txt",
        "p/x.md",
        "top.yaml",
    ):
        repo.write(path, f"text of {path}\r\n\u00e9")
    (repo.folder / "m" / "link.yaml").symlink_to("../top.yaml")
    (repo.folder / "linked").symlink_to("m")
    (repo.folder / "m" / "folder.yaml").symlink_to("sub")
    (repo.folder / "m" / "broken.yaml").symlink_to("nowhere.yaml")
    repo.commit()
    work, commit = WorkTree.open(repo.folder), at(repo)
    for folder in ("m", "m/", "m/sub", ".", "", "linked", "p"):
        assert commit.files(folder, YAML) == work.files(folder, YAML), folder
    for path in ("m/a.yaml", "m/link.yaml", "linked/sub/b.yml", "m/sub/../a.yaml", "p/x.md"):
        assert commit.read(path, limit=LIMIT) == work.read(path, limit=LIMIT), path
    for path in ("m/none.yaml", "m/sub", "../x", "m/broken.yaml", ".git/config", "none/x.md"):
        messages = [message_of(lambda tree=tree, path=path: tree.read(path, limit=LIMIT)) for tree in (work, commit)]  # type: ignore[misc] # bound by default
        assert messages[0].split(":")[0] == messages[1], path
    for folder in ("none", "top.yaml"):
        assert message_of(lambda folder=folder: commit.files(folder, YAML)) == message_of(  # type: ignore[misc] # as above
            lambda folder=folder: work.files(folder, YAML)  # type: ignore[misc] # as above
        )
    assert commit.names("m") == work.names("m")
    assert (commit.top, commit.relative(repo.folder / "m")) == (work.top, "m")


def test_an_earlier_commit_is_read_whatever_lies_in_the_work_tree(repo: Repo) -> None:
    first = repo.commit(**{"m/a.yaml": "one", "m/gone.yaml": "g"})
    shutil.rmtree(repo.folder / "m")
    repo.commit(**{"m/a.yaml": "two", "m/new.yaml": "n"})
    tree = at(repo, first)
    assert (tree.sha, tree.files("m", YAML)) == (first, ["m/a.yaml", "m/gone.yaml"])
    assert tree.read("m/a.yaml", limit=LIMIT) == b"one"
    assert set(tree.tracking(["m/a.yaml"]).values()) == {Tracking.TRACKED}


def test_nothing_beyond_the_limit_is_read(repo: Repo) -> None:
    repo.commit(**{"p/large.md": "x" * 11, "p/small.md": "x" * 10})
    tree = at(repo)
    assert tree.read("p/small.md", limit=10) == b"x" * 10
    assert "larger than 10 bytes" in message_of(lambda: tree.read("p/large.md", limit=10))


@pytest.mark.parametrize("destination", ["/etc/passwd", "../../etc/passwd", "loop", ".git/config"])
def test_a_link_that_leaves_the_repository_is_not_followed(destination: str, repo: Repo) -> None:
    (repo.folder / "loop").symlink_to("loop")
    (repo.folder / "away").symlink_to(destination)
    repo.commit()
    tree = at(repo)
    assert message_of(lambda: tree.read("away", limit=LIMIT)) in (
        "away is outside of the repository",
        "away is inside .git",
    )


def test_a_submodule_that_is_not_checked_out_is_a_folder_without_files(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit(a="1")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "m/sub.yaml")
    repo.commit(**{"m/a.yaml": "1"})
    repo.git("submodule", "--quiet", "deinit", "--all")
    tree = at(repo)
    assert tree.files("m", YAML) == ["m/a.yaml"]
    assert message_of(lambda: tree.read("m/sub.yaml", limit=LIMIT)) == "m/sub.yaml is a folder, not a file"
    assert tree.not_checked_out(["m"], YAML) == {"m/sub.yaml": NotCheckedOut.SUBMODULE}
    assert tree.not_checked_out(["p"], YAML) == {}


@pytest.mark.parametrize("ref", ["nowhere", "", " ", "--all", "HEAD..HEAD", "-n1", "HEAD:m"])
def test_a_name_that_means_no_commit_is_an_error(ref: str, repo: Repo) -> None:
    repo.commit(**{"m/a.yaml": "1"})
    with pytest.raises(UnknownName) as caught:
        at(repo, ref)
    assert f"no commit '{ref}'" in caught.value.message


def test_of_a_misspelt_name_the_nearest_is_suggested(repo: Repo) -> None:
    repo.commit(a="1")
    for ref, hint in (("mian", "did you mean 'main'? If not, fetch it first"), ("zzzzzz", "fetch it first")):
        with pytest.raises(UnknownName) as caught:
            at(repo, ref)
        assert caught.value.hint == hint


def test_branches_tags_and_ancestors_name_commits(repo: Repo) -> None:
    first = repo.commit(a="1")
    repo.git("tag", "-a", "-m", "one", "v1")
    repo.git("branch", "other")
    repo.commit(a="2")
    assert {at(repo, ref).sha for ref in ("v1", "other", "HEAD^", first[:10])} == {first}


def test_without_git_there_is_no_commit(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not a git repository"):
        CommitTree.at(WorkTree.open(tmp_path), "HEAD")


def test_a_path_elsewhere_is_not_in_the_tree(repo: Repo) -> None:
    repo.commit(a="1")
    assert "outside of the repository" in message_of(lambda: at(repo).relative(Path("/elsewhere")))


def test_a_tag_does_not_take_the_place_of_a_branch(repo: Repo) -> None:
    trusted = repo.commit(a="1")
    repo.git("update-ref", "refs/remotes/origin/main", trusted)
    evil = repo.commit(a="2")
    repo.git("tag", "origin/main", evil)
    with pytest.raises(UnknownName, match="names a tag and a branch") as caught:
        at(repo, "origin/main")
    assert "refs/remotes/origin/main" in (caught.value.hint or "")
    assert at(repo, "refs/remotes/origin/main").sha == trusted
    assert at(repo, "refs/tags/origin/main").sha == evil
