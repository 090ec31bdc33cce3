"""What ``git status`` says, and whether it concerns given files and folders."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assistant_sync.repository.files import is_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# Beyond these numbers of paths git is asked about folders, or about everything: command lines have an end.
_MANY_PATHS, _MANY_FOLDERS = 200, 1000

_SPACES = {"1": 8, "u": 10, "?": 1}
"""How many blanks stand before the path in each kind of entry."""


def pathspecs(names: Collection[str]) -> list[str]:
    """What git is asked about: the paths, or few folders that hold them all."""
    if len(names) <= _MANY_PATHS:
        return sorted(names) or ["."]
    folders = {posixpath.dirname(name) or name for name in names}
    return sorted(folders) if len(folders) <= _MANY_FOLDERS else ["."]


def read(output: str) -> tuple[str | None, list[str]]:
    """Read the output of ``git status --porcelain=v2 --branch -z --no-renames``.

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
    """A test of whether a changed path concerns files and folders.

    Args:
        names: The files and folders.
        suffixes: How the names of files below the folders end, to count.
    """
    above = {folder for name in names for folder in _folders_above(name)}

    def concerned(changed: str) -> bool:
        # The second: the path is a submodule or nested repository that holds one of the names.
        if changed in names or changed in above:
            return True
        folder = next((folder for folder in reversed(_folders_above(changed)) if folder in names), None)
        if folder is None or not changed.endswith(suffixes):
            return False
        below = changed if folder == "." else changed[len(folder) + 1 :]
        return not any(map(is_hidden, below.split("/")))

    return concerned


def _folders_above(path: str) -> list[str]:
    """All folders that a path lies in, the top (".") first."""
    parts = path.split("/")
    return [".", *("/".join(parts[:end]) for end in range(1, len(parts)))]
