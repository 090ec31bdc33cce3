"""The index: the files that git put, or should have put, into the work tree."""

from __future__ import annotations

import hashlib
import os
import re
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.repository.command import run_checked
from assistant_sync.repository.status import pathspecs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

LINK, MODULE = "120000", "160000"
"""The modes of a symbolic link and of a submodule."""

_SHA1_LENGTH = 40

_PLAIN = "H 100"
"""What the line of a regular file that git looks at begins with."""


class IndexEntry(NamedTuple):
    """One entry.

    Attributes:
        mode: The file's mode, in octal.
        sha: The hash of the content; of a submodule its commit.
        is_unwatched: Whether git does not look at the file: it is outside of a sparse checkout, or marked
            ``skip-worktree`` or ``assume-unchanged``.
    """

    mode: str
    sha: str
    is_unwatched: bool


def read_index(
    top: Path, names: Collection[str], *, submodules: bool = False, but_plain: bool = False
) -> dict[str, IndexEntry]:
    """Read the entries of files and of all files below folders; one git process.

    Args:
        top: The work tree's top.
        names: Files and folders relative to it.
        submodules: Whether the files of checked-out submodules are listed in place of the submodules.
        but_plain: Whether regular files that git looks at are left out.

    Raises:
        RepositoryError: Git failed.
    """
    question = ["--literal-pathspecs", "ls-files", "-z", "--stage", "-v"]
    recursion = ["--recurse-submodules"] if submodules else []
    # Git lists a submodule only if it is asked about the whole of it.
    asked = ["."] if not submodules and (top / ".gitmodules").exists() else pathspecs(names)
    found = {}
    for line in os.fsdecode(run_checked(top, [*question, *recursion, "--", *asked])).split("\0"):
        if line and not (but_plain and line.startswith(_PLAIN)):
            facts, _, path = line.partition("\t")
            tag, mode, sha, _ = facts.split(" ")
            found[path] = IndexEntry(mode, sha, is_unwatched=tag == "S" or tag.islower())
    return found


def has_content(entry: IndexEntry, data: bytes) -> bool:
    """Whether these bytes are the content of an entry."""
    algorithm = hashlib.sha1 if len(entry.sha) == _SHA1_LENGTH else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data).hexdigest() == entry.sha


def committed_files(top: Path, paths: Iterable[str]) -> frozenset[str]:
    """Those paths at which the commit has a file, or a submodule that may have it; not what somebody just removed.

    Args:
        top: The work tree's top.
        paths: Texts from the deployment, untrusted: only those that may be paths below the top reach git.

    Raises:
        RepositoryError: Git failed.
    """
    asked = {path for path in paths if _PATH.fullmatch(path) and not path.startswith("../") and normpath(path) == path}
    if not asked:
        return frozenset()
    entries = read_index(top, asked)
    modules = tuple(f"{path}/" for path, entry in entries.items() if entry.mode == MODULE)

    def is_committed(path: str) -> bool:
        entry = entries.get(path)
        if entry is None:
            return path.startswith(modules)
        return entry.is_unwatched or os.path.lexists(top / path)

    return frozenset(filter(is_committed, asked))


_PATH = re.compile(r"[^/\\:\0\n][^\\:\0\n]*")
"""A relative path with forward slashes."""


def ignored_names(top: Path, names: Iterable[str]) -> set[str]:
    """Those of some paths that git ignores.

    Args:
        top: The work tree's top.
        names: Relative to it.

    Raises:
        RepositoryError: Git failed.
    """
    # Without "./", git reads a name that starts with ":" as a pattern.
    asked = b"\0".join(b"./" + os.fsencode(name) for name in names)
    if not asked:
        return set()
    # 1: none of them is ignored.
    output = run_checked(top, ["check-ignore", "-z", "--stdin"], stdin=asked, statuses=(0, 1))
    return {name.removeprefix("./") for name in os.fsdecode(output).split("\0")}
