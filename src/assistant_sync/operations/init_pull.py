"""Init with a pull: a project for a deployment that has assistants, with a manifest for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.documents.new_files import write_new_files
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.manifests.project.file import DEFAULT_MANIFESTS
from assistant_sync.model.frozen import replace
from assistant_sync.model.progress import silent
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.init import init
from assistant_sync.operations.init_files import described_target
from assistant_sync.operations.pull import PullRequest, pull
from assistant_sync.transport import ReadConnection

if TYPE_CHECKING:
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.pulled import PullReport
    from assistant_sync.operations.init import Initialised, InitRequest


async def init_and_pull(
    request: InitRequest, metadata: tuple[str, ...], *, listener: Listener = silent
) -> tuple[Initialised, PullReport]:
    """Write the project and a manifest for each assistant that no project owns.

    Args:
        request: The project; its URL is the deployment's.
        metadata: The metadata keys to import.
        listener: Gets progress.

    Raises:
        UnknownName, ExistingFile, RepositoryError: As ``init`` and ``pull``.
        RemoteError: The deployment cannot be read; nothing was written.
    """
    settings = request.settings
    target = described_target(settings)
    endpoint = endpoint_of(settings, target)
    async with connected(ReadConnection, endpoint, settings) as connection:
        await AssistantsReader(connection, listener=listener).listing()
    done = await asyncio.to_thread(init, request)
    # The project file has URL and key by now.
    written = replace(settings, url=None, api_key_env=None, target=target.name)
    report = await pull(PullRequest(settings=written, unmanaged=True, metadata=metadata), listener=listener)
    if not report.pulled:
        # Git keeps no empty folder, and a missing one is an error.
        write_new_files(settings.folder.resolve(), {f"{DEFAULT_MANIFESTS}/.gitkeep": ""})
    return done, report
