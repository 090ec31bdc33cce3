"""Parse ``git status``, and find out whether a changed path concerns given files and folders."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from assistant_sync.repository.files import is_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# Beyond these numbers of paths git is asked about folders, or about everything: command lines have a maximum length.
_MANY_PATHS, _MANY_FOLDERS = 200, 1000

_SPACES = {"1": 8, "u": 10, "?": 1}
"""The number of blanks before the path in each kind of entry."""


def pathspecs(names: Collection[str]) -> list[str]:
    """The arguments for git: the paths, or a few folders that hold them all."""
    if len(names) <= _MANY_PATHS:
        return sorted(names) or ["."]
    folders = {name.rpartition("/")[0] or name for name in names}
    return sorted(folders) if len(folders) <= _MANY_FOLDERS else ["."]


def parse(output: str) -> tuple[str | None, list[str]]:
    """Parse the output of ``git status --porcelain=v2 --branch -z --no-renames``.

    Returns:
        The hash of HEAD, None before the first commit; and the paths that differ from it.
    """
    lines = output.split("\0")
    sha = next(line for line in lines if line.startswith("# branch.oid ")).split(" ")[2]
    entries = [(line, _SPACES[line[0]]) for line in lines if line[:1] in _SPACES]
    # Git names a nested repository, not the files in it, with a slash at the end.
    changed = [line.split(" ", spaces)[spaces].rstrip("/") for line, spaces in entries]
    return None if sha == "(initial)" else sha, changed


def concerns(names: Collection[str], suffixes: tuple[str, ...]) -> Callable[[str], bool]:
    """Make a test of whether a changed path concerns files and folders.

    Args:
        names: The files and folders.
        suffixes: The suffixes of the files below the folders that count.
    """

    @cache
    def above() -> set[str]:
        return {folder for name in names for folder in _folders_above(name)}

    def is_concerned(changed: str) -> bool:
        # The second: the path is a submodule or nested repository that holds one of the names.
        if changed in names or changed in above():
            return True
        folder = next((folder for folder in reversed(_folders_above(changed)) if folder in names), None)
        if folder is None or not changed.endswith(suffixes):
            return False
        below = changed if folder == "." else changed[len(folder) + 1 :]
        return not any(map(is_hidden, below.split("/")))

    return is_concerned


def _folders_above(path: str) -> list[str]:
    """All folders that contain a path, the top (".") first."""
    parts = path.split("/")
    return [".", *("/".join(parts[:end]) for end in range(1, len(parts)))]
