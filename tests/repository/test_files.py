from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import RepositoryError
from assistant_sync.repository import files
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_folder_lists_nothing(tmp_path: Path) -> None:
    assert files.listing(tmp_path, (".yaml",)) == {}


@pytest.mark.parametrize("name", [".hidden.yaml", "support.yaml~", "#support.yaml#", ".#support.yaml"])
def test_hidden_files_and_editors_backups_are_skipped(name: str) -> None:
    assert files.is_hidden(name)


@pytest.mark.parametrize("name", ["support.yaml", "a#b.yaml", "#1.yaml", "~x.yaml"])
def test_other_files_are_not(name: str) -> None:
    assert not files.is_hidden(name)


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert files.read_regular(str(tmp_path / "a"), "a", limit=5) == b"12345"


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123456")
    with pytest.raises(RepositoryError, match=r"^a is larger than 5 bytes$"):
        files.read_regular(str(tmp_path / "a"), "a", limit=5)


def test_a_file_larger_than_one_read_is_whole(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    (tmp_path / "a").write_bytes(data)
    assert files.read_regular(str(tmp_path / "a"), "a", limit=2**20) == data


def test_a_file_that_grew_since_its_status_was_read_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_bytes(b"1")
    status = files.status_of(str(place), "a")
    place.write_bytes(b"123456789")
    with pytest.raises(RepositoryError, match="larger"):
        files.read_regular(str(place), "a", limit=5, status=status)


def test_a_file_that_became_a_link_since_its_status_was_read_is_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_bytes(b"1")
    status = files.status_of(str(place), "a")
    (tmp_path / "secret").write_bytes(b"s")
    place.unlink()
    place.symlink_to("secret")
    with pytest.raises(RepositoryError, match="a cannot be read"):
        files.read_regular(str(place), "a", limit=5, status=status)


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RepositoryError, match=r"^pipe is a named pipe, not a file$"):
        files.read_regular(str(tmp_path / "pipe"), "pipe", limit=5)


def test_a_device_is_refused() -> None:
    with pytest.raises(RepositoryError, match=r"^null is a device, not a file$"):
        files.read_regular(os.devnull, "null", limit=5)


def test_a_part_of_the_path_that_is_a_file_is_named_as_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(RepositoryError, match="a part of its path is a file"):
        files.read_regular(str(tmp_path / "a" / "b"), "a/b", limit=5)


def test_a_path_with_nul_is_refused() -> None:
    with pytest.raises(RepositoryError, match="is not a valid path"):
        files.read_regular("a\0b", "it", limit=5)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_distinguished_from_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0)
    with pytest.raises(RepositoryError, match="permission denied"):
        files.read_regular(str(tmp_path / "a"), "a", limit=5)


def test_the_nearest_top_is_the_innermost_folder_with_a_git_entry(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / ".git").write_text("gitdir: elsewhere\n")
    assert files.nearest_top(tmp_path / "a" / "b") == tmp_path / "a"


class TestListedFiles:
    """Files that were listed are read with fewer questions, but what became of them since counts."""

    @pytest.fixture
    def tree(self, tmp_path: Path) -> WorkTree:
        (tmp_path / "inside").mkdir()
        (tmp_path / "inside/a.yaml").write_bytes(b"listed")
        (tmp_path.parent / "secret").write_bytes(b"out of the repository")
        tree = WorkTree.open(tmp_path)
        assert tree.files("inside", (".yaml",)) == ["inside/a.yaml"]
        return tree

    def test_one_is_read(self, tree: WorkTree) -> None:
        assert tree.read("inside/a.yaml", limit=6) == b"listed"

    def test_one_that_is_gone_is_reported(self, tree: WorkTree) -> None:
        (tree.top / "inside/a.yaml").unlink()
        with pytest.raises(RepositoryError, match=r"^inside/a\.yaml does not exist$"):
            tree.read("inside/a.yaml", limit=6)

    def test_one_that_became_a_link_is_not_followed_out(self, tree: WorkTree) -> None:
        place = tree.top / "inside/a.yaml"
        place.unlink()
        place.symlink_to(tree.top.parent / "secret")
        with pytest.raises(RepositoryError, match="outside of the repository"):
            tree.read("inside/a.yaml", limit=100)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_one_that_became_a_pipe_does_not_block(self, tree: WorkTree) -> None:
        place = tree.top / "inside/a.yaml"
        place.unlink()
        os.mkfifo(place)
        with pytest.raises(RepositoryError, match="is a named pipe"):
            tree.read("inside/a.yaml", limit=100)

    def test_one_that_grew_beyond_the_limit_is_refused(self, tree: WorkTree) -> None:
        with pytest.raises(RepositoryError, match="is larger than 5 bytes"):
            tree.read("inside/a.yaml", limit=5)

    def test_one_that_is_longer_by_now_is_read_whole(self, tree: WorkTree, tmp_path: Path) -> None:
        place = tmp_path / "inside/a.yaml"
        place.write_bytes(b"longer than it was when it was listed")
        assert tree.read("inside/a.yaml", limit=100) == place.read_bytes()
