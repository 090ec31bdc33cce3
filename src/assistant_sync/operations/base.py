"""The base: the manifests where a branch began, for the same target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, RepositoryError, UnknownName
from assistant_sync.manifests.load import load_manifests
from assistant_sync.manifests.project.file import load_project_of
from assistant_sync.planning.causes import Base
from assistant_sync.repository.branch import merge_base, pull_request_base_ref
from assistant_sync.repository.committed import CommitTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.operations.workspace import Workspace


def find_base(workspace: Workspace, ref: str | None, environ: Mapping[str, str]) -> tuple[Base | None, str | None]:
    """Find where the branch began, and why that is not known if it should be.

    Args:
        workspace: The branch's.
        ref: What the command line names; None for what continuous integration names.
        environ: The environment variables.

    Raises:
        UnknownName: A base that was asked for does not exist here.
        RepositoryError: Git fails.
    """
    if ref is not None:
        return load_base(workspace, ref), None
    base_ref = pull_request_base_ref(environ)
    if base_ref is None or not workspace.tree.is_git:
        return None, None
    try:
        return load_base(workspace, base_ref), None
    except (UnknownName, RepositoryError) as error:
        hint = "" if error.hint is None else f"; {error.hint}"
        return None, f"where changes come from is unknown: {error.message}{hint}"


def load_base(workspace: Workspace, ref: str) -> Base:
    """Read what the manifests wanted at the commit that HEAD and another one have in common.

    Args:
        workspace: The branch's.
        ref: What the branch will be merged into, or came from.

    Returns:
        Without manifests if that commit had no project file, or no such target; ``is_readable`` is false if its
        files had problems.

    Raises:
        UnknownName: There is no such commit.
        RepositoryError: Git fails.
    """
    return manifests_at(workspace, CommitTree.at(workspace.tree, merge_base(workspace.tree, ref)))


def manifests_at(workspace: Workspace, tree: CommitTree) -> Base:
    """Read what the manifests wanted at a commit, for the same project and target.

    Returns:
        As ``load_base``.

    Raises:
        RepositoryError: Git fails.
    """
    try:
        project = load_project_of(tree, workspace.project)
        target = None if project is None else project.targets.get(workspace.target.name)
        if project is None or target is None or project.name not in workspace.project.names:
            return Base(tree.sha, ())
        loaded = load_manifests(project, target, tree, pruning=False, ci=False)
    except InvalidFiles:
        return Base(tree.sha, (), is_readable=False)
    if any(problem.is_error for problem in loaded.problems):
        return Base(tree.sha, loaded.desired, is_readable=False)
    return Base(tree.sha, loaded.desired)
