"""What a checkout left out: files that the index has and the work tree has not, or not as they are."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING

from assistant_sync.repository.index import LINK, MODULE, has_content, read_index
from assistant_sync.repository.status import concerns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from assistant_sync.repository.index import IndexEntry


class NotCheckedOut(Enum):
    """Why the work tree does not have a file as the index has it, although ``git status`` is clean."""

    SPARSE = "sparse"
    """A sparse checkout leaves it out."""
    SUBMODULE = "submodule"
    """It is a submodule that is not checked out."""
    LINK = "link"
    """It is a symbolic link that was checked out as a text file."""
    UNWATCHED = "unwatched"
    """It was edited, and git is set to ignore the edit."""


def find_not_checked_out(
    top: Path, names: Collection[str], suffixes: tuple[str, ...]
) -> Iterator[tuple[str, NotCheckedOut]]:
    """Find the files that the work tree does not have; one git process for it, and one for each submodule in question.

    Args:
        top: The work tree's top.
        names: Files and folders relative to it.
        suffixes: The suffixes of the files below the folders that count.

    Raises:
        RepositoryError: Git failed.
    """
    is_concerned, may_hold_some = concerns(names, suffixes), concerns(names, ("",))
    for path, entry in read_index(top, names, but_plain=True).items():
        if entry.mode == MODULE:
            place = top / path
            if not may_hold_some(path):
                continue
            if not (place / ".git").exists():
                yield path, NotCheckedOut.SUBMODULE
                continue
            inner = find_not_checked_out(place, _inside(names, path), suffixes)
            yield from ((f"{path}/{below}", why) for below, why in inner)
        elif (entry.is_unwatched or entry.mode == LINK) and is_concerned(path) and (why := _why(top / path, entry)):
            yield path, why


def _why(place: Path, entry: IndexEntry) -> NotCheckedOut | None:
    """Why one file is not as the index has it; None if it is, or if ``git status`` shows it."""
    if not os.path.lexists(place):
        return NotCheckedOut.SPARSE if entry.is_unwatched else None
    if entry.mode == LINK and not place.is_symlink():
        return NotCheckedOut.LINK
    if entry.is_unwatched and place.is_file() and not place.is_symlink():
        data = place.read_bytes()
        if not has_content(entry, data) and not has_content(entry, data.replace(b"\r\n", b"\n")):
            return NotCheckedOut.UNWATCHED
    return None


def _inside(names: Collection[str], module: str) -> list[str]:
    """What of files and folders lies in a submodule, relative to it; "." for all of it."""
    below = [name.removeprefix(f"{module}/") for name in names if name.startswith(f"{module}/")]
    holds_it = any(name in (module, ".") or module.startswith(f"{name}/") for name in names)
    return ["."] if holds_it else below
