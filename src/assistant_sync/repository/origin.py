"""What the remote named origin tells about a repository; asks git, never the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.repository.command import run_checked

if TYPE_CHECKING:
    from assistant_sync.repository.worktree import WorkTree

_USUAL = ("main", "master")


def repository_name(tree: WorkTree) -> str:
    """The repository's name.

    Args:
        tree: The work tree.

    Returns:
        The last part of origin's URL, without ``.git``; the name of the top folder where there is no origin. Nothing
        else of the URL, which may hold a password.

    Raises:
        RepositoryError: Git failed.
    """
    url = _ask(tree, ["config", "--get", "remote.origin.url"])
    return re.split(r"[/\\:]", url.rstrip("/\\"))[-1].removesuffix(".git") or tree.top.name


def default_branch(tree: WorkTree) -> str:
    """The branch that pull requests are merged into.

    Args:
        tree: The work tree.

    Returns:
        What a clone noted as origin's; where nothing is noted, the current branch if it has a usual name, else main.

    Raises:
        RepositoryError: Git failed.
    """
    noted = _ask(tree, ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]).removeprefix("origin/")
    if noted:
        return noted
    current = _ask(tree, ["symbolic-ref", "--quiet", "--short", "HEAD"])
    return current if current in _USUAL else _USUAL[0]


def _ask(tree: WorkTree, question: list[str]) -> str:
    """Git's answer, or nothing where it has none (status 1), or where there is no git."""
    if not tree.is_git:
        return ""
    return run_checked(tree.top, question, statuses=(0, 1)).decode(errors="replace").strip()
