"""The work tree: which files it has, what is in them, and what git knows of them."""

from __future__ import annotations

import os
import posixpath
import stat
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.model.provenance import Commit
from assistant_sync.repository import files, status
from assistant_sync.repository.command import GitMissing, run, run_checked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_SPECIAL_NAMES = frozenset({"", ".", "..", ".git"})


class Tracking(Enum):
    """What git knows of a file."""

    TRACKED = "tracked"
    UNTRACKED = "untracked"
    IGNORED = "ignored"


class WorkTree:
    """A git work tree, or a plain folder where there is no git.

    Attributes:
        top: The work tree's top, or the folder itself; absolute, symlinks resolved.
        is_git: Whether git can be asked.
        is_shallow: Whether the clone's history is cut off.
        git_is_missing: Whether there is a ``.git`` but no git executable to read it.
    """

    __slots__ = ("_git_folders", "_real_folders", "_top", "git_is_missing", "is_git", "is_shallow", "top")

    def __init__(
        self,
        top: Path,
        *,
        is_git: bool = False,
        is_shallow: bool = False,
        git_is_missing: bool = False,
        git_folders: Iterable[str] = (),
    ) -> None:
        self.top = top
        self.is_git = is_git
        self.is_shallow = is_shallow
        self.git_is_missing = git_is_missing
        self._top = os.fspath(top)
        self._git_folders = tuple(git_folders)
        self._real_folders: dict[str, str] = {}

    @classmethod
    def open(cls, folder: Path) -> WorkTree:
        """Open the work tree that a folder lies in; at most one git process.

        Args:
            folder: Any folder.

        Returns:
            The work tree; the plain folder where there is no repository or no git executable.

        Raises:
            RepositoryError: There is a repository that git cannot or will not read.
        """
        folder = folder.resolve()
        nearest = files.nearest_top(folder)
        if nearest is None:
            return cls(folder)
        questions = ["--show-toplevel", "--is-shallow-repository", "--absolute-git-dir", "--git-common-dir"]
        try:
            answer = run(folder, ["rev-parse", *questions])
        except GitMissing:
            return cls(folder, git_is_missing=True)
        if answer.status != 0:
            if "not a git repository (or any" in answer.complaint:
                return cls(folder)
            raise RepositoryError(f"{folder}: git cannot read this repository: {answer.complaint}")
        named, shallow, *git_folders = os.fsdecode(answer.output).splitlines()
        top, own = Path(named).resolve(), Path(git_folders[0]).resolve()
        is_elsewhere = (nearest / ".git").is_dir() and own != (nearest / ".git").resolve()
        if top != nearest or is_elsewhere:
            # Files that were committed may look like a repository of their own, with settings that name programs.
            raise RepositoryError(f"{folder}: git takes {own} for the repository, but .git lies in {nearest}")
        return cls(
            top,
            is_git=True,
            is_shallow=shallow == "true",
            git_folders=[os.path.realpath(folder / place) for place in git_folders],
        )

    def relative(self, path: Path) -> str:
        """The path of a file or folder below the top; it need not exist.

        Args:
            path: Absolute, or relative to the current folder. A symlink at its end is not followed.

        Returns:
            With forward slashes; "." for the top.

        Raises:
            RepositoryError: It lies elsewhere.
        """
        place = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
        try:
            return place.relative_to(self.top).as_posix()
        except ValueError:
            raise RepositoryError(f"{path} is outside of the repository {self.top}") from None

    def files(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """The files below a folder, except hidden ones and editors' backups.

        Symlinked folders are not followed; the folder itself may be a link that stays inside.

        Args:
            folder: Relative to the top.
            suffixes: How the names may end.

        Returns:
            Paths relative to the top, sorted.

        Raises:
            RepositoryError: The folder, or one below it, is missing or cannot be read.
        """
        place = self._real_folder(folder)
        try:
            found = files.listing(Path(place), suffixes)
        except NotADirectoryError:
            raise RepositoryError(f"{folder} is a file, not a folder") from None
        except OSError as error:
            shown = posixpath.join(folder, os.path.relpath(error.filename or place, place))
            raise RepositoryError(f"{posixpath.normpath(shown)} {files.reason(error)}") from error
        prefix = "" if folder in ("", ".") else folder.rstrip("/") + "/"
        return sorted(prefix + name for name in found)

    def names(self, folder: str) -> list[str]:
        """The names in one folder, for suggestions; none where it cannot be read."""
        try:
            return sorted(place.name for place in Path(self._real_folder(folder)).iterdir())
        except (OSError, RepositoryError):
            return []

    def read(self, path: str, *, limit: int) -> bytes:
        """Read a regular file inside the top and outside of ``.git``; symlinks are followed.

        Args:
            path: Relative to the top; it may hold "..".
            limit: The most bytes that the file may have.

        Returns:
            Its bytes.

        Raises:
            RepositoryError: It cannot be read or must not; the message starts with the path.
        """
        folder, _, name = path.rpartition("/")
        place = f"{self._real_folder(folder, path)}/{name}"
        looked = files.look(place, path)
        if name.casefold() not in _SPECIAL_NAMES and not stat.S_ISLNK(looked.st_mode):
            return files.read_regular(place, path, limit=limit, status=looked)
        return files.read_regular(self._real_file(path), path, limit=limit)

    def tracking(self, paths: Iterable[str]) -> dict[str, Tracking]:
        """What git knows of files; at most two git processes.

        A symlink, and a file behind one, is as little tracked as the least tracked of link and file.

        Args:
            paths: Relative to the top.

        Returns:
            One entry for each path; empty without git.

        Raises:
            RepositoryError: Git failed.
        """
        if not self.is_git:
            return {}
        real = {path: self._real_names(path) for path in paths}
        names = {name for all_names in real.values() for name in all_names}
        question = ["--literal-pathspecs", "ls-files", "-z", "--recurse-submodules", "--"]
        listed = run_checked(self.top, [*question, *status.pathspecs(names)])
        untracked = names.difference(os.fsdecode(listed).split("\0"))
        ignored = self._ignored(untracked)

        def state(path: str) -> Tracking:
            if not untracked.isdisjoint(real[path]):
                return Tracking.UNTRACKED if ignored.isdisjoint(real[path]) else Tracking.IGNORED
            return Tracking.TRACKED

        return {path: state(path) for path in real}

    def commit(self, paths: Collection[str], *, suffixes: tuple[str, ...] = ("",)) -> Commit | None:
        """HEAD, and whether any of the paths differs from it; one git process.

        Args:
            paths: Files and folders relative to the top. They need not exist. A folder stands for all files
                below it, deleted ones included and hidden ones not.
            suffixes: How the names of files below folders end, to count.

        Returns:
            The commit; None without git or before the first commit.

        Raises:
            RepositoryError: Git failed.
        """
        if not self.is_git:
            return None
        names = {name for path in paths for name in self._real_names(path)}
        shape = ["--porcelain=v2", "--branch", "-z", "--no-renames", "--untracked-files=all"]
        question = ["--literal-pathspecs", "status", *shape, "--"]
        # Git tells of a submodule only where it is asked about the whole of it.
        asked = ["."] if (self.top / ".gitmodules").exists() else status.pathspecs(names)
        output = os.fsdecode(run_checked(self.top, [*question, *asked]))
        sha, changed = status.read(output)
        if sha is None:
            return None
        return Commit(sha, dirty=any(map(status.concerns(names, suffixes), changed)))

    def _real_folder(self, folder: str, shown: str | None = None) -> str:
        """Where a folder really is; refused where that is outside of the top, or git's own."""
        known = self._real_folders.get(folder)
        if known is None:
            known = os.path.realpath(f"{self._top}/{folder}")
            self._check_place(known, shown or folder)
            self._real_folders[folder] = known
        return known

    def _real_file(self, path: str) -> str:
        """Where a file really is, symlinks followed; refused like a folder."""
        place = os.path.realpath(f"{self._top}/{path}")
        self._check_place(place, path)
        return place

    def _check_place(self, place: str, shown: str) -> None:
        inside = _below(place, self._top)
        if inside is None:
            raise RepositoryError(f"{shown} is outside of the repository")
        if "/.git/" in f"/{inside}/".casefold() or any(
            _below(place, folder) is not None for folder in self._git_folders
        ):
            raise RepositoryError(f"{shown} is inside .git")

    def _real_names(self, path: str) -> tuple[str, ...]:
        """The path as git sees it, symlinked folders resolved, and what it points to if that is in here too."""
        folder, _, name = path.rpartition("/")
        if name.casefold() in _SPECIAL_NAMES:
            return (_below(self._real_file(path), self._top) or ".",)
        place = f"{self._real_folder(folder)}/{name}"
        own = _below(place, self._top) or "."
        if not files.is_symlink(place):
            return (own,)
        goal = os.path.realpath(place)
        inside = _below(goal, self._top)
        return (own, inside) if inside and os.path.lexists(goal) else (own,)

    def _ignored(self, names: Iterable[str]) -> set[str]:
        # "./" keeps a name that starts with ":" from being read as more than a name.
        asked = b"\0".join(b"./" + os.fsencode(name) for name in names)
        if not asked:
            return set()
        # 1: none of them is ignored.
        output = run_checked(self.top, ["check-ignore", "-z", "--stdin"], stdin=asked, statuses=(0, 1))
        return {name.removeprefix("./") for name in os.fsdecode(output).split("\0")}


def _below(place: str, folder: str) -> str | None:
    """The path of a place below a folder, with forward slashes; "" for the folder itself, None elsewhere."""
    if place == folder:
        return ""
    prefix = folder.rstrip("/" + os.sep)
    inside = place.startswith(prefix) and place[len(prefix)] in ("/", os.sep)
    return place[len(prefix) + 1 :].replace(os.sep, "/") if inside else None
