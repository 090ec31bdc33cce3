"""The lines of what does not fit a live schema: only then are the files read once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import SourceLocator
from assistant_sync.manifests.documents import read_drafts
from assistant_sync.manifests.graph_schemas.diagnostics import misfit_diagnostic
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.manifests.graph_schemas.compiled import Misfit
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.problem import Problem
    from assistant_sync.repository.tree import Tree


class Misfits(Frozen, frozen=True):
    """What of one assistant does not fit its graph.

    Attributes:
        desired: What its manifest wants.
        found: What does not fit.
    """

    desired: Desired
    found: tuple[Misfit, ...]


def problems_of(
    project: Project, target: Target, tree: Tree, misfits: Sequence[Misfits]
) -> dict[str, tuple[Problem, ...]]:
    """The problems of each assistant by its key, sorted by file and place.

    Args:
        project: The project file.
        target: The target whose overlay applies.
        tree: The repository.
        misfits: Of the assistants that do not fit.

    Raises:
        RepositoryError: Git failed.
    """
    if not misfits:
        return {}
    drafts = read_drafts(project, target, tree, only={one.desired.source for one in misfits})
    locator = SourceLocator(tree, tree.relative(project.folder))
    return {
        one.desired.key: locator.problems(
            misfit_diagnostic(drafts[one.desired.key], misfit, target.schema) for misfit in one.found
        )
        for one in misfits
        if one.desired.key in drafts
    }
