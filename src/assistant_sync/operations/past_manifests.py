"""Past manifests: what git wanted of some assistants after our last write of each."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, RepositoryError
from assistant_sync.manifests.load import load_file
from assistant_sync.manifests.project.file import load_project_of
from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.taken_over import wanted_version
from assistant_sync.repository.committed import CommitTree
from assistant_sync.repository.history import commits_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assistant_sync.model.assistant import Desired
    from assistant_sync.operations.workspace import Workspace
    from assistant_sync.planning.three_way import ThreeWay

_MOST_ASSISTANTS = 200
_MOST_COMMITS = 50
"""Of one assistant, the newest that changed its files."""


def manifests_since(workspace: Workspace, assistants: Iterable[ThreeWay]) -> dict[str, tuple[Desired, ...]]:
    """Read what the manifests of assistants wanted after our last write of each, the newest first.

    Args:
        workspace: The desired state of now.
        assistants: Those to ask about, with manifests and versions.

    Returns:
        By id; without those of which git does not know the commit of our last write.

    Raises:
        RepositoryError: Git fails.
    """
    if not workspace.tree.is_git:
        return {}
    past = _Past(workspace)
    found = ((one.assistant_id, past.of(one)) for one in list(assistants)[:_MOST_ASSISTANTS])
    return {own: manifests for own, manifests in found if manifests is not None}


class _Past:
    """Reads commits, each once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._trees: dict[str, CommitTree] = {}

    def of(self, one: ThreeWay) -> tuple[Desired, ...] | None:
        """Its manifests since our last write, commit by commit; None if git does not know the commit of that write."""
        owned, desired = one.owned, one.desired
        written = None if owned is None else wanted_version(owned)
        stamp = None if written is None else Stamp.read(written.metadata)
        if desired is None or stamp is None or stamp.commit is None:
            return None
        files = {desired.source, *desired.included.values(), *([stamp.source] if stamp.source else [])}
        tree = self._workspace.tree
        commits = commits_since(tree, stamp.commit, most=_MOST_COMMITS, paths=[*sorted(files), *self._overlay()])
        if commits is None:
            return None
        sources = [path for path in (desired.source, stamp.source) if path]
        return tuple(self._wanted(commits, dict.fromkeys(sources), one.assistant_id))

    def _overlay(self) -> list[str]:
        project, target = self._workspace.project, self._workspace.target
        home = self._workspace.tree.relative(project.folder)
        folder = target.overlay or f"overlays/{target.name}"
        return [posixpath.normpath(posixpath.join(home, folder))]

    def _wanted(self, commits: Iterable[str], sources: Iterable[str], assistant_id: str) -> Iterator[Desired]:
        workspace = self._workspace
        for sha in commits:
            tree = self._trees.setdefault(sha, CommitTree(workspace.tree, sha))
            try:
                project = load_project_of(tree, workspace.project)
                target = None if project is None else project.targets.get(workspace.target.name)
                if project is None or target is None:
                    continue
                for source in sources:
                    found = load_file(project, target, tree, source)
                    yield from (one for one in found if one.assistant_id == assistant_id)
            except (InvalidFiles, RepositoryError):
                continue  # a commit with problems wants nothing
