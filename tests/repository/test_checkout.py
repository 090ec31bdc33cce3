"""What a checkout left out although ``git status`` is clean."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from assistant_sync.repository.checkout import NotCheckedOut
from assistant_sync.repository.committed import CommitTree
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
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def add_module(repo: Repo, inner: Repo, path: str) -> None:
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), path)


def clone(repo: Repo, folder: Path, *options: str) -> Repo:
    copy = Repo(folder, init=False)
    copy.git("clone", "-q", *options, f"file://{repo.folder}", ".")
    return copy


def missing(repo: Repo, *paths: str) -> dict[str, NotCheckedOut]:
    return WorkTree.open(repo.folder).not_checked_out(paths or ["m"], YAML)


def test_a_full_checkout_lacks_nothing(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit(**{"b.yaml": "1"})
    add_module(repo, inner, "m/module")
    (repo.folder / "m" / "link.yaml").symlink_to("a.yaml")
    repo.commit(**{"m/a.yaml": "1"})
    assert missing(repo) == {}
    assert missing(repo, ".") == {}


def test_without_git_nothing_is_known(tmp_path: Path) -> None:
    assert WorkTree.open(tmp_path).not_checked_out(["m"], YAML) == {}


def test_what_somebody_deleted_is_in_git_status_and_not_here(repo: Repo) -> None:
    repo.commit(**{"m/a.yaml": "1"})
    (repo.folder / "m" / "a.yaml").unlink()
    assert missing(repo) == {}


@pytest.mark.parametrize("index", [(), ("--sparse-index",)])
def test_a_sparse_checkout_lacks_files(repo: Repo, tmp_path: Path, index: tuple[str, ...]) -> None:
    repo.commit(**{"m/x/a.yaml": "1", "m/y/b.yaml": "1", "m/y/c.txt": "1", "m/y/.hidden/d.yaml": "1", "p/e.md": "1"})
    copy = clone(repo, tmp_path / "copy")
    copy.git("sparse-checkout", "set", "--cone", *index, "m/x")
    assert copy.git("status", "--short") == ""
    assert missing(copy) == {"m/y/b.yaml": NotCheckedOut.SPARSE}
    assert missing(copy, "m/x", "p/e.md") == {"p/e.md": NotCheckedOut.SPARSE}
    assert missing(copy, "m/x") == {}


@pytest.mark.parametrize("state", ["never initialised", "initialised only"])
@pytest.mark.parametrize("asked", ["m", "m/module", "m/module/inner", "m/module/inner/b.yaml", "."])
def test_a_submodule_that_is_not_checked_out_lacks_all_its_files(
    repo: Repo, tmp_path: Path, state: str, asked: str
) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit(**{"inner/b.yaml": "1"})
    add_module(repo, inner, "m/module")
    repo.commit()
    copy = clone(repo, tmp_path / "copy")
    if state == "initialised only":
        copy.git("submodule", "--quiet", "init")
    assert missing(copy, asked) == {"m/module": NotCheckedOut.SUBMODULE}
    assert missing(copy, "other") == {}


def test_a_checked_out_submodule_is_looked_into(repo: Repo, tmp_path: Path) -> None:
    deep, inner = Repo(tmp_path / "deep"), Repo(tmp_path / "inner")
    deep.commit(**{"c.yaml": "1"})
    add_module(inner, deep, "deep")
    inner.commit(**{"x/b.yaml": "1", "y/d.yaml": "1"})
    add_module(repo, inner, "m/module")
    repo.commit()
    copy = clone(repo, tmp_path / "copy")
    copy.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    assert missing(copy) == {"m/module/deep": NotCheckedOut.SUBMODULE}
    Repo(copy.folder / "m" / "module", init=False).git("sparse-checkout", "set", "--cone", "x")
    assert missing(copy, "m/module/y") == {"m/module/y/d.yaml": NotCheckedOut.SPARSE}


def test_a_link_that_was_checked_out_as_a_text_is_not_the_file(repo: Repo, tmp_path: Path) -> None:
    (repo.folder / "m").mkdir()
    (repo.folder / "m" / "link.yaml").symlink_to("a.yaml")
    repo.commit(**{"m/a.yaml": "1"})
    copy = clone(repo, tmp_path / "copy", "-c", "core.symlinks=false")
    assert copy.git("status", "--short") == ""
    assert missing(copy) == {"m/link.yaml": NotCheckedOut.LINK}


@pytest.mark.parametrize("flag", ["--skip-worktree", "--assume-unchanged"])
def test_an_edit_that_git_was_told_not_to_look_at_is_found(repo: Repo, flag: str) -> None:
    repo.commit(**{"m/a.yaml": "1\n"})
    repo.git("update-index", flag, "m/a.yaml")
    for text, found in (("1\n", {}), ("1\r\n", {}), ("2\n", {"m/a.yaml": NotCheckedOut.UNWATCHED})):
        repo.write("m/a.yaml", text)
        assert missing(repo) == found
    assert repo.git("status", "--short") == ""


def test_a_path_outside_of_the_repository_is_reported_where_it_is_read(repo: Repo) -> None:
    repo.commit(**{"m/a.yaml": "1"})
    assert missing(repo, "../x", ".git/config", "m") == {}
    assert CommitTree.at(WorkTree.open(repo.folder), "HEAD").not_checked_out(["../x", "m"], YAML) == {}


# Line endings


@pytest.mark.parametrize("setting", ["core.autocrlf=true", "core.eol=crlf"])
def test_line_endings_that_only_the_checkout_changed_are_the_commits(repo: Repo, tmp_path: Path, setting: str) -> None:
    repo.commit(**{".gitattributes": "* text=auto\n", "p/a.md": "one\ntwo\n", "p/b.md": "three\n"})
    copy = clone(repo, tmp_path / "copy", "-c", setting)
    assert (copy.folder / "p" / "a.md").read_bytes() == b"one\r\ntwo\r\n"
    tree = WorkTree.open(copy.folder)
    assert [tree.read(f"p/{name}.md", limit=LIMIT) for name in "ab"] == [b"one\ntwo\n", b"three\n"]


def test_line_endings_that_are_committed_or_edited_stay(repo: Repo) -> None:
    repo.commit(**{"p/a.md": "one\r\n", "p/b.md": "one\n"})
    repo.write("p/b.md", "two\r\n")
    repo.write("p/new.md", "new\r\n")
    tree = WorkTree.open(repo.folder)
    assert [tree.read(f"p/{name}.md", limit=LIMIT) for name in ("a", "b", "new")] == [
        b"one\r\n",
        b"two\r\n",
        b"new\r\n",
    ]


def test_line_endings_of_a_submodule_are_its_commits(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit(**{"a.md": "one\n"})
    add_module(repo, inner, "p")
    repo.commit()
    repo.write("p/a.md", "one\r\n")
    assert WorkTree.open(repo.folder).read("p/a.md", limit=LIMIT) == b"one\n"
