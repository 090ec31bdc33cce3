"""Where a branch began: the commit that it and its goal have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.repository.command import run
from assistant_sync.repository.committed import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.repository.worktree import WorkTree


def goal_of_pull_request(environ: Mapping[str, str]) -> str | None:
    """What continuous integration says that the branch is to be merged into; None where it is no pull request's run.

    GitHub names the branch, which actions/checkout fetches as one of origin's; GitLab names the common commit itself.
    """
    if branch := environ.get("GITHUB_BASE_REF", ""):
        return f"refs/remotes/origin/{branch}"
    return environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") or None


def merge_base(tree: WorkTree, ref: str) -> str:
    """The newest commit that HEAD and another one have in common.

    Raises:
        UnknownName: There is no such commit here, or the two have nothing in common.
        RepositoryError: There is no git, or it fails.
    """
    other = resolve(tree, ref)
    answer = run(tree.top, ["merge-base", "HEAD", other])
    if answer.status != 0:
        hint = "in CI, check out with 'fetch-depth: 0'" if tree.is_shallow else None
        raise UnknownName(f"HEAD and '{ref}' have no commit in common here", hint=hint)
    return answer.output.decode().split()[0]
