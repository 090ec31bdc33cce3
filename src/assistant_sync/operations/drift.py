"""Drift: compare the deployment with what assistant-sync wrote there; on a client that cannot write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.model.drift import DriftReport
from assistant_sync.model.progress import silent
from assistant_sync.operations.base import manifests_at
from assistant_sync.operations.contexts import misfits_by_key
from assistant_sync.operations.plan import compare, planned
from assistant_sync.operations.reading import reading
from assistant_sync.planning.drifted import Past, absent, find_drift
from assistant_sync.planning.taken_over import complete_with_past
from assistant_sync.repository.committed import CommitTree
from assistant_sync.repository.history import newest_first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.plan import Compared, PlanResult
    from assistant_sync.operations.plan_request import PlanRequest
    from assistant_sync.operations.workspace import Workspace
    from assistant_sync.planning.three_way import ThreeWay

_MOST_APPLIED = 5
"""Applied commits whose manifests are read: the newest ones show what there was."""


async def drift(request: PlanRequest, *, listener: Listener = silent) -> DriftReport:
    """Find what has drifted.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The desired state cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    async with reading(request, listener) as (workspace, reader):
        compared = await compare(request, workspace, reader.url, reader, for_drift=True)
    return await drift_of(compared, workspace)


async def plan_and_drift(request: PlanRequest, *, listener: Listener = silent) -> tuple[PlanResult, DriftReport]:
    """Make a plan, and find what has drifted in the same state of the deployment.

    Raises:
        As ``drift``.
    """
    async with reading(request, listener) as (workspace, reader):
        compared = await compare(request, workspace, reader.url, reader, for_drift=True)
    return planned(compared, workspace), await drift_of(compared, workspace)


async def drift_of(compared: Compared, workspace: Workspace) -> DriftReport:
    """Find what has drifted in what was compared for it.

    Raises:
        RepositoryError: Git fails.
    """
    policy, triaged, seen = compared.policy, compared.triaged, compared.seen
    assistants = complete_with_past(triaged.assistants, seen, policy)
    past = await asyncio.to_thread(_past, assistants, compared, workspace)
    found = find_drift(
        assistants,
        past,
        project=policy.project,
        former_projects=policy.former_projects,
        unregistered=seen.unregistered_graphs,
        misfits=misfits_by_key(compared.contexts),
        literals=policy.literals,
    )
    return DriftReport(
        project=policy.project,
        target=policy.target,
        url=policy.url,
        commit=policy.commit,
        drifted=found.drifted,
        pending=found.pending,
        checked=sum(one.owned is not None for one in triaged.assistants),
        selection=policy.selection,
        warnings=(*found.warnings, *compared.contexts.notes),
    )


def _past(assistants: Iterable[ThreeWay], compared: Compared, workspace: Workspace) -> Past:
    """What git remembers of those that the deployment alone does not explain."""
    if not workspace.tree.is_git:
        return Past()
    assistants = tuple(assistants)
    applied: frozenset[str] = frozenset()
    if absent(assistants):
        stamped = {one.last_written.commit for one in compared.triaged.owned.values()}
        commits = newest_first(workspace.tree, [one for one in stamped if one], most=_MOST_APPLIED)
        applied = frozenset(own for commit in commits for own in _wanted_at(commit, workspace))
    return Past(applied)


def _wanted_at(commit: str, workspace: Workspace) -> list[str]:
    """The ids of all assistants that the manifests of a commit wanted."""
    return [one.assistant_id for one in manifests_at(workspace, CommitTree(workspace.tree, commit)).desired]
