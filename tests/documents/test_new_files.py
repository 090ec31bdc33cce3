from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from assistant_sync.documents.new_files import write_new_files
from assistant_sync.errors import ExistingFile, RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = {"top.txt": "one\n", "folder/a.txt": "zwö\r\n", "folder/deep/b.txt": ""}


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder: the content of files, None for folders."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def on_call(number: int, call: Callable[..., Any], act: Callable[..., Any]) -> Callable[..., Any]:
    """``call``, but for its n-th time ``act``."""
    calls = 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return (act if calls == number else call)(*arguments, **named)

    return counted


def interrupt(*_: Any, **__: Any) -> NoReturn:
    raise KeyboardInterrupt


def test_no_files_leave_no_trace(tmp_path: Path) -> None:
    write_new_files(tmp_path, {})
    assert tree(tmp_path) == {}


def test_files_are_written_byte_for_byte_in_folders_that_are_made(tmp_path: Path) -> None:
    write_new_files(tmp_path, TEXTS)
    files = {name: text.encode() for name, text in TEXTS.items()}
    assert tree(tmp_path) == {"folder": None, "folder/deep": None, **files}


def test_a_path_may_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    write_new_files(tmp_path / "here", {"../beside/a.txt": "a"})
    assert tree(tmp_path) == {"here": None, "beside": None, "beside/a.txt": b"a"}


def test_files_have_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_new_files(tmp_path, {"a.txt": "a"})
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_if_files_exist_all_of_them_are_named_and_none_is_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "top.txt").write_text("mine")
    (tmp_path / "folder/a.txt").symlink_to("nowhere")
    before = tree(tmp_path)
    with pytest.raises(ExistingFile, match=r"^top\.txt, folder/a\.txt already exist") as caught:
        write_new_files(tmp_path, TEXTS, hint="the way out")
    assert caught.value.hint == "the way out"
    assert tree(tmp_path) == before


@pytest.mark.parametrize("number", range(1, len(TEXTS) + 1))
@pytest.mark.parametrize("step", ["fsync", "link"])
def test_an_interruption_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    monkeypatch.setattr(os, step, on_call(number, getattr(os, step), interrupt))
    with pytest.raises(KeyboardInterrupt):
        write_new_files(tmp_path, TEXTS)
    assert tree(tmp_path) == {}


def test_an_interruption_leaves_what_was_there_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/mine.txt").write_text("mine")
    before = tree(tmp_path)
    monkeypatch.setattr(os, "link", on_call(3, os.link, interrupt))
    with pytest.raises(KeyboardInterrupt):
        write_new_files(tmp_path, TEXTS)
    assert tree(tmp_path) == before


def test_a_full_disk_is_an_error_that_names_the_file_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", on_call(2, os.fsync, full))
    with pytest.raises(RepositoryError, match=r"^folder/a\.txt cannot be written: No space left on device"):
        write_new_files(tmp_path, TEXTS)
    assert tree(tmp_path) == {}


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("mine")
    with pytest.raises(RepositoryError, match=r"^folder/a\.txt cannot be written: Not a directory"):
        write_new_files(tmp_path, TEXTS)
    assert tree(tmp_path) == {"folder": b"mine"}


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_links: bool
) -> None:
    link = os.link

    def late(source: str, target: str) -> None:
        Path(target).write_text("theirs")
        if not has_links:
            raise OSError(errno.EPERM, "Operation not permitted")
        link(source, target)

    monkeypatch.setattr(os, "link", on_call(2, link, late))
    with pytest.raises(ExistingFile, match=r"^folder/a\.txt already exists"):
        write_new_files(tmp_path, TEXTS)
    assert tree(tmp_path) == {"folder": None, "folder/a.txt": b"theirs"}


def test_a_file_system_without_hard_links_gets_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: str) -> NoReturn:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "link", unknown)
    write_new_files(tmp_path, TEXTS)
    files = {name: text.encode() for name, text in TEXTS.items()}
    assert tree(tmp_path) == {"folder": None, "folder/deep": None, **files}
