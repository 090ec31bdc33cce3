"""The repository's name and default branch, from the git remote ``origin``; does not use the network."""

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
        The last part of the remote's URL, without ``.git``; without a remote, the name of the top folder. Nothing else
        of the URL, which may hold a password.

    Raises:
        RepositoryError: Git failed.
    """
    url = _output_of(tree, ["config", "--get", "remote.origin.url"])
    return re.split(r"[/\\:]", url.rstrip("/\\"))[-1].removesuffix(".git") or tree.top.name


def default_branch(tree: WorkTree) -> str:
    """The branch that pull requests are merged into.

    Args:
        tree: The work tree.

    Returns:
        The remote's default branch, which a clone records. If none is recorded: of the remote's branches, or without
        any of the own ones, that with a usual name, else the only one; a repository without a commit has its current
        one; else main.

    Raises:
        RepositoryError: Git failed.
    """
    recorded = _output_of(tree, ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]).removeprefix(
        "origin/"
    )
    if recorded:
        return recorded
    for refs in ("refs/remotes/origin", "refs/heads"):
        listed = _output_of(tree, ["for-each-ref", f"--format=%(refname:lstrip={refs.count('/') + 1})", refs]).split()
        branches = [name for name in listed if name != "HEAD"]
        if branches:
            usual = [name for name in _USUAL if name in branches]
            return usual[0] if usual else branches[0] if len(branches) == 1 else _USUAL[0]
    return _output_of(tree, ["symbolic-ref", "--quiet", "--short", "HEAD"]) or _USUAL[0]


def _output_of(tree: WorkTree, arguments: list[str]) -> str:
    """What git prints; "" if it finds nothing (status 1), or without git."""
    if not tree.is_git:
        return ""
    return run_checked(tree.top, arguments, statuses=(0, 1)).decode(errors="replace").strip()
