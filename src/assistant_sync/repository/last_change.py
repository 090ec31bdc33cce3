"""The last commit that changed some files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.repository.command import run_checked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.repository.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class LastChange:
    """A commit.

    Attributes:
        sha: Its full hash.
        parents: The hashes of its parents: two or more for a merge, none for the first commit.
    """

    sha: str
    parents: tuple[str, ...]


def last_change(tree: WorkTree, paths: Iterable[str]) -> LastChange | None:
    """The newest commit of HEAD's history that changed one of some files.

    Args:
        tree: The work tree.
        paths: Relative to its top.

    Returns:
        None without git, if no commit has them, or in a shallow clone, whose oldest commit seems to have changed all.

    Raises:
        RepositoryError: Git failed.
    """
    named = sorted(set(paths))
    if not tree.is_git or tree.is_shallow or not named:
        return None
    question = ["--literal-pathspecs", "log", "-1", "--no-show-signature", "--format=%H %P", "HEAD", "--", *named]
    # 128: there is no commit yet.
    answer = run_checked(tree.top, question, statuses=(0, 128)).decode("ascii", "replace").split()
    return LastChange(answer[0], tuple(answer[1:])) if answer else None
