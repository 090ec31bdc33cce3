"""Validate online: as validate, with the schemas that the graphs of a deployment have now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles
from assistant_sync.live.graphs import look_at_graphs
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.live.schemas import schemas_of
from assistant_sync.model.progress import silent
from assistant_sync.model.selection import Selection
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.contexts import check_contexts, named
from assistant_sync.operations.validate import Validated, in_order
from assistant_sync.operations.validation_scope import Scope, refuse_missing
from assistant_sync.operations.workspace import Workspace, choose_target, open_project
from assistant_sync.transport import ReadConnection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from assistant_sync.live.graphs import SeenGraph
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.workspace import Settings


async def validate_online(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    selection: Selection | None = None,
    changed_since: str | None = None,
    listener: Listener = silent,
) -> Validated:
    """Check the project for one target, and contexts against the schemas that its deployment answers.

    Args:
        settings: The common options.
        paths: As in ``validate``.
        selection: As there.
        changed_since: As there.
        listener: Gets progress.

    Raises:
        UnknownName, RepositoryError: As there.
        RemoteError: The deployment cannot be read.
    """
    refuse_missing(paths, settings.folder)
    selection = selection or Selection()
    try:
        project, tree = await asyncio.to_thread(open_project, settings)
    except InvalidFiles as error:
        return Validated(error.problems, 0, selection)
    target = choose_target(project, settings.target)
    scope = await asyncio.to_thread(Scope(project, target, tree).selected, selection, changed_since)
    loaded = await asyncio.to_thread(scope.load, ci=settings.in_ci, with_schemas=False)
    checks = await asyncio.to_thread(scope.load_checks, loaded, ci=settings.in_ci)
    workspace = Workspace(project, target, tree, loaded, commit=None)
    seen = await look_at(settings, workspace, listener=listener)
    selected = [one for one in loaded.desired if one.key not in scope.left_out]
    contexts = await check_contexts(workspace, selected, schemas_of(seen))
    problems = in_order([*loaded.problems, *checks.problems, *contexts.of(contexts.problems.keys())])
    named_graphs = {one.content.graph_id for one in selected}
    gone = [f"the deployment does not serve graph {named([one])}" for one in absent(seen) if one in named_graphs]
    found = scope.below(problems, [*loaded.files, *checks.read], paths, settings.folder)
    return Validated(found, loaded.documents, scope.selection, notes=(*gone, *contexts.notes))


async def look_at(settings: Settings, workspace: Workspace, *, listener: Listener = silent) -> dict[str, SeenGraph]:
    """Look at the graphs that manifests name, on a client that cannot write.

    Raises:
        Denied: A key that is named cannot be had.
        RemoteError: The deployment cannot be read.
    """
    endpoint = endpoint_of(settings, workspace.target)
    graphs = {one.content.graph_id for one in workspace.manifests.desired}
    async with connected(ReadConnection, endpoint, settings) as connection:
        return await look_at_graphs(AssistantsReader(connection, listener=listener), dict.fromkeys(graphs))


def absent(seen: Mapping[str, SeenGraph]) -> Iterable[str]:
    """The graphs that are surely not served."""
    return sorted(graph for graph, one in seen.items() if one.is_served is False)
