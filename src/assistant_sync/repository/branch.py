"""The merge base of a branch: the commit that it and its base ref have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.repository.command import run
from assistant_sync.repository.committed import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.repository.worktree import WorkTree


def pull_request_base_ref(environ: Mapping[str, str]) -> str | None:
    """The ref into which a pull request merges, from the variables of continuous integration; None in any other run.

    GitHub names the branch, which actions/checkout fetches as a remote branch; GitLab names the merge base itself.
    """
    if branch := environ.get("GITHUB_BASE_REF", ""):
        return f"refs/remotes/origin/{branch}"
    return environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") or None


def merge_base(tree: WorkTree, ref: str) -> str:
    """The newest commit that HEAD and another one have in common.

    Raises:
        UnknownName: There is no such commit here, or the two have no commit in common.
        RepositoryError: There is no git, or it fails.
    """
    other = resolve(tree, ref)
    result = run(tree.top, ["merge-base", "HEAD", other])
    if result.status != 0:
        hint = "in CI, check out with 'fetch-depth: 0'" if tree.is_shallow else None
        raise UnknownName(f"HEAD and '{ref}' have no common ancestor in this repository", hint=hint)
    return result.stdout.decode().split()[0]
