"""Read the desired state, and begin to list the live one meanwhile, on a client that cannot write."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from assistant_sync.errors import AssistantSyncError
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.manifests.kept import KeptManifests
from assistant_sync.model.frozen import replace
from assistant_sync.model.turns import in_turns
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.light_rows import may_list_lightly, unless_failed
from assistant_sync.operations.owned import listed_ahead
from assistant_sync.operations.trusted_ref import check_trusted
from assistant_sync.operations.workspace import load_manifests_of, open_target, workspace_of
from assistant_sync.transport import ReadConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.plan_request import PlanRequest
    from assistant_sync.operations.workspace import OpenedTarget, Workspace
    from assistant_sync.transport import Endpoint


@asynccontextmanager
async def reading(
    request: PlanRequest, listener: Listener, *, may_be_light: bool = False
) -> AsyncIterator[tuple[Workspace, AssistantsReader]]:
    """Open the desired state, and a client for the deployment that cannot write.

    The owned assistants are listed while the manifests are read. What is wrong with these is raised first, before a
    connection that cannot be made.

    Args:
        request: What is read, and how.
        listener: As for ``plan``.
        may_be_light: Whether only a plan is made of it, for which light listings are enough where they are sound.

    Raises:
        As ``plan``.
    """
    settings = request.settings
    opened = await asyncio.to_thread(open_target, settings)
    loading = asyncio.create_task(_loaded(opened, request))
    async with AsyncExitStack() as stack:
        try:
            connection = connected(ReadConnection, connect_to(opened, request), settings)
            await stack.enter_async_context(connection)
        except AssistantSyncError:
            await loading
            raise
        is_light = may_be_light and await unless_failed(loading, may_list_lightly(connection, opened.target, settings))
        reader = AssistantsReader(connection, listener=listener, is_light=is_light)
        await stack.enter_async_context(listed_ahead(reader, opened.project, is_light=is_light))
        yield await loading, reader


async def _loaded(opened: OpenedTarget, request: PlanRequest) -> Workspace:
    """Read the manifests; what parses a large file at once, or waits for ``git status``, does so in a thread."""
    settings, kept = request.settings, None
    if settings.keeps_built:
        kept = await asyncio.to_thread(KeptManifests.open, opened.project, opened.target)
    manifests = await in_turns(load_manifests_of(opened, settings, prune=request.prune, kept=kept))
    return await asyncio.to_thread(_with_commit, opened, manifests, request)


def _with_commit(opened: OpenedTarget, manifests: ManifestSet, request: PlanRequest) -> Workspace:
    """Find the commit, and name the files that the manifests are made of if the plan is saved."""
    workspace = workspace_of(opened, manifests)
    if not request.names_tree or workspace.commit is None:
        return workspace
    return replace(workspace, commit=replace(workspace.commit, tree=workspace.tree.committed_tree()))


def connect_to(opened: OpenedTarget, request: PlanRequest) -> Endpoint:
    """Where the deployment is and which headers go there, if the connection may be used.

    Raises:
        PlanRefused: The connection is not that of the trusted commit.
        UnknownName: There is no such commit.
        Denied: A key that is named cannot be had.
    """
    settings = request.settings
    if request.trusted_ref is not None:
        is_named = settings.target is not None
        check_trusted(opened.project, opened.target, opened.tree, request.trusted_ref, is_named=is_named)
    return endpoint_of(settings, opened.target)
