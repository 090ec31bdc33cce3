"""The tree of one commit, read like the work tree and never checked out."""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.errors import RepositoryError, UnknownName
from assistant_sync.repository import files
from assistant_sync.repository.checkout import NotCheckedOut
from assistant_sync.repository.command import run, run_checked
from assistant_sync.repository.index import LINK, MODULE
from assistant_sync.repository.objects import Objects
from assistant_sync.repository.status import concerns
from assistant_sync.repository.tree import Tracking
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.repository.worktree import WorkTree

_MOST_AHEAD = 2**20
"""The most bytes of a file that is read before it is asked for."""

_MOST_LINKS = 40
"""As many as Linux follows in one path."""


class _Entry(NamedTuple):
    mode: str
    sha: str
    objects: Objects


class CommitTree:
    """The files of a commit, those of its checked-out submodules included; a ``Tree``.

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
            and self._entries[start + path].mode != MODULE
            and not self._is_link_to_folder(start + path)
        ]
        self._load(start + path for path in found)
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
        if entry.mode == MODULE:
            raise RepositoryError(f"{path} is a folder, not a file")
        objects = entry.objects
        if not objects.is_partial:
            # Prompts share a folder: one process reads them all.
            folder = posixpath.dirname(real)
            self._load(one for one in self._entries if posixpath.dirname(one) == folder)
        if objects.size(entry.sha) > limit:
            raise RepositoryError(f"{path} is larger than {files.format_size(limit)}")
        return objects.content(entry.sha)

    def tracking(self, paths: Iterable[str]) -> dict[str, Tracking]:
        """See ``Tree.tracking``; every file of a commit is tracked."""
        return dict.fromkeys(paths, Tracking.TRACKED)

    def not_checked_out(self, paths: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, NotCheckedOut]:  # noqa: ARG002 - see Tree
        """See ``Tree.not_checked_out``: the submodules that the work tree does not have at this commit's version."""
        names: set[str] = set()
        for path in paths:
            with suppress(RepositoryError):  # outside of the repository: reported where it is read
                names.add(self._follow(path, path) or ".")
        is_concerned = concerns(names, ("",))
        modules = [path for path, entry in self._entries.items() if entry.mode == MODULE]
        return {path: NotCheckedOut.SUBMODULE for path in modules if is_concerned(path)}

    def real_path(self, path: str) -> str:
        """See ``Tree.real_path``."""
        return self._follow(path, path)

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
            if entry is None or entry.mode != LINK:
                real.append(part)
                continue
            links += 1
            destination = os.fsdecode(self._link_destination("/".join([*real, part])))
            if links > _MOST_LINKS or destination.startswith("/"):
                raise RepositoryError(f"{shown} is outside of the repository")
            left = [*destination.split("/"), *left]
        return "/".join(real)

    def _is_link_to_folder(self, path: str) -> bool:
        if self._entries[path].mode != LINK:
            return False
        try:
            return self._follow(path, path) in self._folders
        except RepositoryError:
            return False

    def _link_destination(self, path: str) -> bytes:
        entry = self._entries[path]
        return entry.objects.content(entry.sha)

    def _load(self, paths: Iterable[str]) -> None:
        """Read the contents of files, in one process for each repository."""
        wanted: dict[Objects, list[str]] = {}
        for entry in (self._entries[path] for path in paths):
            if entry.mode != MODULE:
                wanted.setdefault(entry.objects, []).append(entry.sha)
        for objects, shas in wanted.items():
            objects.load(shas, limit=_MOST_AHEAD)


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
    objects = Objects(top, sha)
    found = {}
    for line in os.fsdecode(run_checked(top, ["ls-tree", "-r", "-z", "--full-tree", sha])).split("\0"):
        if not line:
            continue
        facts, _, path = line.partition("\t")
        mode, _, own = facts.split()
        inner = _entries_of_submodule(top / path, own) if mode == MODULE else None
        if inner is None:
            found[path] = _Entry(mode, own, objects)
        else:
            found |= {f"{path}/{below}": entry for below, entry in inner.items()}
    return found


def _entries_of_submodule(folder: Path, sha: str) -> dict[str, _Entry] | None:
    """The files of a submodule's commit; None if it is not checked out, or does not have that commit."""
    if not (folder / ".git").exists():
        return None
    known = run(folder, ["cat-file", "-e", f"{sha}^{{commit}}"])
    return None if known.status else _entries(folder, sha)


def _folders(entries: Iterable[str]) -> set[str]:
    found = {""}
    for path in entries:
        while (path := posixpath.dirname(path)) not in found:  # noqa: PLW2901, RUF100 - walks up
            found.add(path)
    return found
