"""A tree: what the work tree and a commit have in common, so that manifests are read from both alike."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from assistant_sync.repository.checkout import NotCheckedOut


class Tracking(Enum):
    """Whether git tracks a file."""

    TRACKED = "tracked"
    UNTRACKED = "untracked"
    IGNORED = "ignored"


class Tree(Protocol):
    """The files of a repository: ``WorkTree`` or ``CommitTree``."""

    @property
    def git_is_missing(self) -> bool:
        """Whether there is a repository but no git executable to read it."""

    def relative(self, path: Path) -> str:
        """The path of a file or folder below the top; it need not exist.

        Args:
            path: Absolute, or relative to the current folder.

        Returns:
            With forward slashes; "." for the top.

        Raises:
            RepositoryError: It is outside of the repository.
        """

    def files(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """The files below a folder, except hidden ones and editors' backups.

        Symlinked folders are not followed; the folder itself may be a link that stays inside.

        Args:
            folder: Relative to the top.
            suffixes: The suffixes of the files to list.

        Returns:
            Paths relative to the top, sorted.

        Raises:
            RepositoryError: The folder, or one below it, is missing or cannot be read.
        """

    def names(self, folder: str) -> list[str]:
        """The names in one folder, for suggestions; empty if it cannot be read."""

    def read(self, path: str, *, limit: int) -> bytes:
        """Read a regular file inside the top and outside of ``.git``; symlinks are followed.

        Args:
            path: Relative to the top; it may hold "..".
            limit: The most bytes that the file may have.

        Returns:
            Its bytes.

        Raises:
            RepositoryError: It cannot be read or must not be read; the message starts with the path.
        """

    def real_path(self, path: str) -> str:
        """The path of a file with all symbolic links in it followed.

        Raises:
            RepositoryError: It is outside of the top, or inside ``.git``.
        """

    def tracking(self, paths: Iterable[str]) -> dict[str, Tracking]:
        """Whether git tracks files.

        Args:
            paths: Relative to the top.

        Returns:
            One entry for each path; empty without git.

        Raises:
            RepositoryError: Git failed.
        """

    def not_checked_out(self, paths: Iterable[str], suffixes: tuple[str, ...]) -> dict[str, NotCheckedOut]:
        """Files that the commit has and this tree has not, or not as they are, although nothing was changed.

        Args:
            paths: Files and folders relative to the top.
            suffixes: The suffixes of the files below the folders that count.

        Returns:
            By the path that git knows, why; empty without git.

        Raises:
            RepositoryError: Git failed.
        """
