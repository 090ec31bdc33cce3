"""Diff: two states of assistants compared."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.shown import ComparedSides, StateKind
from assistant_sync.operations.states import StateFinder, StateName
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.planning.mirroring import mirroring_of
from assistant_sync.planning.two_states import differences
from assistant_sync.transport import url_of

if TYPE_CHECKING:
    from assistant_sync.operations.workspace import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRequest:
    """What is to compare.

    Attributes:
        settings: The common options.
        left: The old state, as ``KEY@WHAT``.
        right: The new one; None for the manifest of the same key in the work tree.
    """

    settings: Settings
    left: str
    right: str | None = None


async def diff(request: DiffRequest) -> ComparedSides:
    """Compare two states; without a version or a live assistant nothing is asked of the deployment.

    Raises:
        InvalidFiles: The project file, or a manifest that is compared, has problems.
        UnknownName: A name is none, or there is nothing of that name.
        RepositoryError: Git fails.
        RemoteError: The deployment fails.
    """
    left = StateName.parse(request.left)
    worktree = StateName(left.key, StateKind.WORKTREE, StateKind.WORKTREE.value)
    right = worktree if request.right is None else StateName.parse(request.right)
    settings = request.settings
    project, tree = await asyncio.to_thread(open_project, settings)
    target = choose_target(project, settings.target)
    finder = StateFinder(settings, project, target, tree)
    owned = await finder.read_owned(name.key for name in (left, right) if name.is_deployed)
    shown = [one for one in map(mirroring_of, owned) if one is not Mirroring.UNKNOWN]
    old, old_facts = await finder.find(left)
    new, new_facts = await finder.find(right)
    fields = differences(
        old,
        new,
        project=project.name,
        mirroring=shown[0] if shown else Mirroring.UNKNOWN,
        literals=project.allow_literals,
        former_projects=project.former_projects,
    )
    return ComparedSides(
        target=target.name, url=url_of(target, settings.url), left=old_facts, right=new_facts, fields=fields
    )
