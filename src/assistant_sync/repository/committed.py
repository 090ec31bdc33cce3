"""The tree of one commit, read like the work tree and never checked out."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.errors import RepositoryError, UnknownName
from assistant_sync.repository import files
from assistant_sync.repository.command import run, run_checked
from assistant_sync.repository.tree import Tracking
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.repository.worktree import WorkTree

_LINK, _MODULE = "120000", "160000"
_MOST_LINKS = 40
"""As many as Linux follows in one path."""


class _Entry(NamedTuple):
    mode: str
    sha: str
    size: int


class CommitTree:
    """The files of a commit; a ``Tree``.

    Attributes:
        top: The work tree's top.
        sha: The commit.
        git_is_missing: False.
    """

    git_is_missing = False

    def __init__(self, tree: WorkTree, sha: str) -> None:
        self.top = tree.top
        self.sha = sha
        self._entries = _entries(tree.top, sha)
        self._folders = _folders(self._entries)
        self._contents: dict[str, bytes] = {}

    @classmethod
    def at(cls, tree: WorkTree, ref: str) -> CommitTree:
        """The tree of the commit that a name refers to.

        Raises:
            UnknownName: There is no such commit here.
            RepositoryError: There is no git, or it fails.
        """
        return cls(tree, resolve(tree, ref))

    def relative(self, path: Path) -> str:
        """See ``Tree.relative``; the work tree's symlinks do not count."""
        place = os.path.normpath(path if path.is_absolute() else Path.cwd() / path)
        try:
            return Path(place).relative_to(self.top).as_posix()
        except ValueError:
            raise RepositoryError(f"{path} is outside of the repository {self.top}") from None

    def files(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """See ``Tree.files``."""
        real = self._follow(folder, folder)
        if real in self._entries:
            raise RepositoryError(f"{folder} is a file, not a folder")
        if real not in self._folders:
            raise RepositoryError(f"{folder} does not exist")
        start = "" if real == "" else f"{real}/"
        inner = [path.removeprefix(start) for path in self._entries if path.startswith(start)]
        found = [
            path
            for path in inner
            if path.endswith(suffixes)
            and not any(map(files.is_hidden, path.split("/")))
            and self._entries[start + path].mode != _MODULE
            and not self._is_link_to_folder(start + path)
        ]
        self._load_contents(start + path for path in found)
        prefix = "" if folder in ("", ".") else folder.rstrip("/") + "/"
        return sorted(prefix + path for path in found)

    def names(self, folder: str) -> list[str]:
        """See ``Tree.names``."""
        try:
            start = self._follow(folder, folder)
        except RepositoryError:
            return []
        start = f"{start}/" if start else ""
        return sorted({path.removeprefix(start).split("/")[0] for path in self._entries if path.startswith(start)})

    def read(self, path: str, *, limit: int) -> bytes:
        """See ``Tree.read``."""
        real = self._follow(path, path)
        entry = self._entries.get(real)
        if entry is None:
            raise RepositoryError(f"{path} {'is a folder, not a file' if real in self._folders else 'does not exist'}")
        if entry.mode == _MODULE:
            raise RepositoryError(f"{path} is a folder, not a file")
        if entry.size > limit:
            raise RepositoryError(f"{path} is larger than {files.format_size(limit)}")
        if entry.sha not in self._contents:
            # Prompts share a folder: one process reads them all.
            folder = posixpath.dirname(real)
            self._load_contents(
                one
                for one, beside in self._entries.items()
                if one == real or (posixpath.dirname(one) == folder and beside.size <= limit)
            )
        return self._contents[entry.sha]

    def tracking(self, paths: Iterable[str]) -> dict[str, Tracking]:
        """See ``Tree.tracking``; every file of a commit is tracked."""
        return dict.fromkeys(paths, Tracking.TRACKED)

    def _follow(self, path: str, shown: str) -> str:
        """The path with all links in it followed; "" for the top."""
        left = posixpath.normpath(path).split("/")
        real: list[str] = []
        links = 0
        while left:
            part = left.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                if not real:
                    raise RepositoryError(f"{shown} is outside of the repository")
                real.pop()
                continue
            if part.casefold() == ".git":
                raise RepositoryError(f"{shown} is inside .git")
            entry = self._entries.get("/".join([*real, part]))
            if entry is None or entry.mode != _LINK:
                real.append(part)
                continue
            links += 1
            destination = os.fsdecode(self._link_destination("/".join([*real, part])))
            if links > _MOST_LINKS or destination.startswith("/"):
                raise RepositoryError(f"{shown} is outside of the repository")
            left = [*destination.split("/"), *left]
        return "/".join(real)

    def _is_link_to_folder(self, path: str) -> bool:
        if self._entries[path].mode != _LINK:
            return False
        try:
            return self._follow(path, path) in self._folders
        except RepositoryError:
            return False

    def _link_destination(self, path: str) -> bytes:
        self._load_contents([path])
        return self._contents[self._entries[path].sha]

    def _load_contents(self, paths: Iterable[str]) -> None:
        """Read the contents of files, in one process."""
        wanted = {self._entries[path].sha for path in paths if self._entries[path].mode != _MODULE}
        asked = sorted(wanted - self._contents.keys())
        if not asked:
            return
        output = run_checked(self.top, ["cat-file", "--batch"], stdin="".join(f"{sha}\n" for sha in asked).encode())
        at = 0
        for sha in asked:
            end = output.index(b"\n", at)
            head = output[at:end].split(b" ")
            if len(head) != 3:  # noqa: PLR2004, RUF100 - hash, type and size
                raise RepositoryError(f"git does not have the content {sha} of commit {self.sha[:12]}")
            size = int(head[2])
            self._contents[sha] = output[end + 1 : end + 1 + size]
            at = end + size + 2


def resolve(tree: WorkTree, ref: str) -> str:
    """The full hash of the commit that a name refers to.

    Raises:
        UnknownName: There is no such commit here.
        RepositoryError: There is no git, or it fails.
    """
    if not tree.is_git:
        raise RepositoryError(f"{tree.top} is not a git repository, so it has no commit '{ref}'")
    # Git prefers a tag to a branch of that name, and a tag is pushed without a review.
    candidates = [f"refs/{kind}/{ref}" for kind in ("tags", "heads", "remotes")]
    listed = os.fsdecode(run_checked(tree.top, ["for-each-ref", "--format=%(refname)", *candidates])).splitlines()
    if len({*candidates} & {*listed}) > 1:
        message = f"'{ref}' is ambiguous: it names a tag and a branch, or several branches"
        raise UnknownName(message, hint=f"give the full name, such as refs/heads/{ref} or refs/remotes/{ref}")
    # A name that begins with a dash would be an option, and ".." a range.
    result = run(tree.top, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"])
    if result.status != 0 or not ref.strip() or ref.startswith("-"):
        hint = "in CI, check out with 'fetch-depth: 0'" if tree.is_shallow else _near(tree, ref)
        raise UnknownName(f"this repository has no commit '{ref}'", hint=hint)
    return result.stdout.decode().strip()


def _near(tree: WorkTree, ref: str) -> str:
    """The way out for a name that refers to no commit: the nearest one that does."""
    listed = run_checked(
        tree.top, ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags"]
    )
    question = did_you_mean(ref, os.fsdecode(listed).splitlines())
    return f"{question} If not, fetch it first" if question else "fetch it first"


def _entries(top: Path, sha: str) -> dict[str, _Entry]:
    """Every file of the commit by its path."""
    listed = run_checked(top, ["ls-tree", "-r", "-z", "-l", "--full-tree", sha])
    found = {}
    for line in os.fsdecode(listed).split("\0"):
        if not line:
            continue
        facts, _, path = line.partition("\t")
        mode, _, blob, size = facts.split()
        found[path] = _Entry(mode, blob, int(size) if size.isdigit() else 0)
    return found


def _folders(entries: Iterable[str]) -> set[str]:
    found = {""}
    for path in entries:
        while (path := posixpath.dirname(path)) not in found:  # noqa: PLW2901, RUF100 - walks up
            found.add(path)
    return found
