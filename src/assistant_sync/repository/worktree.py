"""The work tree: its files, their content, and whether git tracks them."""

from __future__ import annotations

import os
import posixpath
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.model.provenance import Commit
from assistant_sync.repository import files, status
from assistant_sync.repository.checkout import find_not_checked_out
from assistant_sync.repository.command import GitMissing, run, run_checked
from assistant_sync.repository.files import below
from assistant_sync.repository.index import has_content, ignored_names, read_index
from assistant_sync.repository.tree import Tracking

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assistant_sync.repository.checkout import NotCheckedOut
    from assistant_sync.repository.index import IndexEntry

_UNREADABLE = (
    "Without git nobody can check which files the commit has. Restore its .git, or remove it if this is no repository"
)
_SPECIAL_NAMES = frozenset({"", ".", "..", ".git"})


class WorkTree:
    """A git work tree, or a plain folder without git; a ``Tree``.

    Attributes:
        top: The work tree's top, or the folder itself; absolute, symlinks resolved.
        is_git: Whether there is a repository that git can read.
        is_shallow: Whether it is a shallow clone.
        git_is_missing: Whether there is a ``.git`` but no git executable to read it.
    """

    __slots__ = ("_folders", "_git_folders", "_indexed", "_names", "_regular", "_top",
                 "git_is_missing", "is_git", "is_shallow", "top")  # fmt: skip

    def __init__(
        self, top: Path, *, is_git: bool = False, is_shallow: bool = False, git_is_missing: bool = False,
        git_folders: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.top = top
        self.is_git = is_git
        self.is_shallow = is_shallow
        self.git_is_missing = git_is_missing
        self._top = os.fspath(top)
        self._git_folders = tuple(git_folders)
        self._folders: dict[str, tuple[str, str]] = {}
        self._regular: set[str] = set()
        self._names: dict[str, tuple[str, ...]] = {}
        self._indexed: dict[str, dict[str, IndexEntry]] = {}

    @classmethod
    def open(cls, folder: Path) -> WorkTree:
        """Open the work tree that a folder lies in; at most one git process.

        Args:
            folder: Any folder.

        Returns:
            The work tree; the plain folder if there is no repository or no git executable.

        Raises:
            RepositoryError: There is a repository that git cannot or will not read.
        """
        folder = folder.resolve()
        nearest = files.nearest_top(folder)
        if nearest is None:
            return cls(folder)
        questions = ["--show-toplevel", "--is-shallow-repository", "--absolute-git-dir", "--git-common-dir"]
        try:
            # Not in the folder itself, whose files may look like a bare repository to a git before 2.38.
            result = run(nearest, ["rev-parse", *questions])
        except GitMissing:
            return cls(folder, git_is_missing=True)
        if result.status != 0:
            raise RepositoryError(f"{nearest}: git cannot read this repository: {result.stderr}", hint=_UNREADABLE)
        named, shallow, *git_folders = os.fsdecode(result.stdout).splitlines()
        top, own = Path(named).resolve(), Path(git_folders[0]).resolve()
        is_elsewhere = (nearest / ".git").is_dir() and own != (nearest / ".git").resolve()
        if top != nearest or is_elsewhere:
            # Committed files may look like a repository of their own, with settings that name programs to run.
            raise RepositoryError(f"{folder}: git uses the repository {own}, but the nearest .git is in {nearest}")
        return cls(
            top,
            is_git=True,
            is_shallow=shallow == "true",
            git_folders=[os.path.realpath(nearest / place) for place in git_folders],
        )

    def relative(self, path: Path) -> str:
        """See ``Tree.relative``; a symlink at the end of the path is not followed."""
        place = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
        try:
            return place.relative_to(self.top).as_posix()
        except ValueError:
            raise RepositoryError(f"{path} is outside of the repository {self.top}") from None

    def files(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """See ``Tree.files``."""
        place = self._folder(folder)[0]
        try:
            found = files.listing(Path(place), suffixes)
        except NotADirectoryError:
            raise RepositoryError(f"{folder} is a file, not a folder") from None
        except OSError as error:
            shown = posixpath.join(folder, os.path.relpath(error.filename or place, place))
            raise RepositoryError(f"{posixpath.normpath(shown)} {files.reason(error)}") from error
        prefix = "" if folder in ("", ".") else folder.rstrip("/") + "/"
        self._regular.update(prefix + name for name, is_regular in found.items() if is_regular)
        return sorted(prefix + name for name in found)

    def names(self, folder: str) -> list[str]:
        """See ``Tree.names``."""
        try:
            return sorted(place.name for place in Path(self._folder(folder)[0]).iterdir())
        except (OSError, RepositoryError):
            return []

    def read(self, path: str, *, limit: int) -> bytes:
        """See ``Tree.read``."""
        folder, _, name = path.rpartition("/")
        real, inside = self._folder(folder, path)
        place = f"{real}/{name}"
        data = files.read_listed(place, limit=limit) if path in self._regular else None
        if data is None:
            place, data = self._read_closely(path, place, limit)
        else:
            self._names[path] = (f"{inside}{name}",)
        if b"\r" in data and b"\r\n" in data and self.is_git:  # a byte is found in a tenth of the time of two
            return self._with_committed_line_endings(place, data)
        return data

    def _read_closely(self, path: str, place: str, limit: int) -> tuple[str, bytes]:
        own_status = files.status_of(place, path)
        if os.path.basename(place).casefold() not in _SPECIAL_NAMES and not stat.S_ISLNK(own_status.st_mode):  # noqa: PTH119 - a text
            return place, files.read_regular(place, path, limit=limit, status=own_status)
        place = self._real_file(path)
        return place, files.read_regular(place, path, limit=limit)

    def read_from_disk(self, path: str, *, limit: int) -> bytes:
        """As ``read``, with the line endings that the checkout gave the file; a symlink is refused.

        Raises:
            RepositoryError: It cannot be read, must not be read, or is no regular file.
        """
        folder, _, name = path.rpartition("/")
        place = f"{self._folder(folder, path)[0]}/{name}"
        return files.read_regular(place, path, limit=limit, status=files.status_of(place, path))

    def place(self, path: str) -> Path:
        """The file on disk of a path, which need not exist; its folder is inside the top and outside of ``.git``.

        Raises:
            RepositoryError: It is not.
        """
        folder, _, name = path.rpartition("/")
        place = Path(f"{self._folder(folder, path)[0]}/{name}")
        self._check_place(str(place), path)
        if place.is_symlink():
            raise RepositoryError(f"{path} is a symbolic link; edit by hand what it leads to")
        return place

    def real_path(self, path: str) -> str:
        """See ``Tree.real_path``."""
        return below(self._real_file(path), self._top) or "."

    def tracking(self, paths: Iterable[str]) -> dict[str, Tracking]:
        """See ``Tree.tracking``; at most two git processes.

        For a symlink it is the worse of its own and its destination's.
        """
        if not self.is_git:
            return {}
        real = {path: self._real_names(path) for path in paths}
        names = {name for all_names in real.values() for name in all_names}
        question = ["--literal-pathspecs", "ls-files", "-z", "--recurse-submodules", "--"]
        listed = run_checked(self.top, [*question, *status.pathspecs(names)])
        untracked = names.difference(os.fsdecode(listed).split("\0"))
        ignored = ignored_names(self.top, untracked)

        def state(path: str) -> Tracking:
            if not untracked.isdisjoint(real[path]):
                return Tracking.UNTRACKED if ignored.isdisjoint(real[path]) else Tracking.IGNORED
            return Tracking.TRACKED

        return {path: state(path) for path in real}

    def not_checked_out(self, paths: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, NotCheckedOut]:
        """See ``Tree.not_checked_out``."""
        if not self.is_git:
            return {}
        names: set[str] = set()
        for path in paths:
            with suppress(RepositoryError):  # outside of the repository: reported where it is read
                names.update(self._real_names(path))
        return dict(find_not_checked_out(self.top, names, suffixes))

    def commit(self, paths: Collection[str], *, suffixes: tuple[str, ...] = ("",)) -> Commit | None:
        """HEAD, and whether any of the paths differs from it; one git process.

        Args:
            paths: Files and folders relative to the top. They need not exist. A folder means all files below it,
                deleted ones included and hidden ones not.
            suffixes: The suffixes of the files below folders that count.

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
        # Git reports a submodule only if it is asked about the whole of it.
        asked = ["."] if (self.top / ".gitmodules").exists() else status.pathspecs(names)
        output = os.fsdecode(run_checked(self.top, [*question, *asked]))
        sha, changed = status.parse(output)
        if sha is None:
            return None
        return Commit(sha, dirty=any(map(status.concerns(names, suffixes), changed)))

    def committed_tree(self) -> str | None:
        """The hash of all files of HEAD; None without git or before the first commit.

        Raises:
            RepositoryError: Git failed.
        """
        if not self.is_git:
            return None
        # 128: there is no commit.
        output = run_checked(self.top, ["rev-parse", "--verify", "--quiet", "HEAD^{tree}"], statuses=(0, 1, 128))
        return output.decode("ascii", "replace").strip() or None

    def _with_committed_line_endings(self, place: str, data: bytes) -> bytes:
        """A text with the line endings of the index, if a checkout changed nothing else in it."""
        path = below(place, self._top) or "."
        folder = posixpath.dirname(path) or "."
        if folder not in self._indexed:
            # Texts share a folder: one process asks about all of them.
            self._indexed[folder] = read_index(self.top, [folder], submodules=True)
        entry = self._indexed[folder].get(path)
        committed = data.replace(b"\r\n", b"\n")
        return committed if entry is not None and has_content(entry, committed) else data

    def _folder(self, folder: str, shown: str | None = None) -> tuple[str, str]:
        """A folder's real path, refused outside of the top and inside of ``.git``; and how paths begin in it."""
        known = self._folders.get(folder)
        if known is None:
            real = os.path.realpath(f"{self._top}/{folder}")
            inside = self._check_place(real, shown or folder)
            known = self._folders[folder] = (real, f"{inside}/" if inside else "")
        return known

    def _real_file(self, path: str) -> str:
        """A file's path with symlinks followed; refused like a folder's."""
        place = os.path.realpath(f"{self._top}/{path}")
        self._check_place(place, path)
        return place

    def _check_place(self, place: str, shown: str) -> str:
        inside = below(place, self._top)
        if inside is None:
            raise RepositoryError(f"{shown} is outside of the repository")
        if "/.git/" in f"/{inside}/".casefold() or any(
            below(place, folder) is not None for folder in self._git_folders
        ):
            raise RepositoryError(f"{shown} is inside .git")
        return inside

    def _real_names(self, path: str) -> tuple[str, ...]:
        """The path as git sees it, symlinked folders resolved; for a link that stays inside, also its destination."""
        if path not in self._names:
            self._names[path] = self._names_of(path)
        return self._names[path]

    def _names_of(self, path: str) -> tuple[str, ...]:
        folder, _, name = path.rpartition("/")
        if name.casefold() in _SPECIAL_NAMES:
            return (below(self._real_file(path), self._top) or ".",)
        place = f"{self._folder(folder)[0]}/{name}"
        own = below(place, self._top) or "."
        if not files.is_symlink(place):
            return (own,)
        destination = os.path.realpath(place)
        inside = below(destination, self._top)
        return (own, inside) if inside and os.path.lexists(destination) else (own,)
