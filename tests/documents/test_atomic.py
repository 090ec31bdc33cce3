from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from assistant_sync.documents.atomic import write_atomically
from assistant_sync.errors import RepositoryError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_link_is_written_through_and_a_device_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_atomically(tmp_path / "link.json", "x")
    assert (tmp_path / "real.json").read_text() == "x"
    assert (tmp_path / "link.json").is_symlink()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RepositoryError, match="not a file"):
        write_atomically(tmp_path / "pipe", "x")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_no_folder_is_made_unless_asked_for(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="No such file"):
        write_atomically(tmp_path / "none" / "plan.json", "x")
    write_atomically(tmp_path / "made" / "plan.json", "x", make_folder=True)
    assert [file.name for file in tmp_path.iterdir()] == ["made"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "plan.json").mkdir()
    with pytest.raises(RepositoryError, match="cannot be written"):
        write_atomically(tmp_path / "plan.json", "x")
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]
