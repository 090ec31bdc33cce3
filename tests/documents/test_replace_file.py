"""Files of the user's own are replaced whole, and keep their permissions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from assistant_sync.documents.atomic import replace_file
from assistant_sync.errors import RepositoryError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_has_its_bytes_in_a_folder_that_is_made(tmp_path: Path) -> None:
    replace_file(tmp_path / "a/b/c.md", b"x\r\n\xff")
    assert (tmp_path / "a/b/c.md").read_bytes() == b"x\r\n\xff"


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_permissions_stay(tmp_path: Path) -> None:
    file = tmp_path / "run.md"
    file.write_text("old")
    file.chmod(0o754)
    replace_file(file, b"new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o754)


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_new_file_obeys_the_mask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "a.md", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "a.md").stat().st_mode & 0o777 == 0o640


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="it is not a file"):
        replace_file(tmp_path, b"")


def test_a_failure_leaves_the_file_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.md"
    file.write_text("old")

    def fail(_: int) -> None:
        message = "disk full"
        raise OSError(28, message)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RepositoryError, match="cannot be written"):
        replace_file(file, b"new")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
