"""Unlock: remove the lock of an apply that is no longer running."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.live.threads import ThreadsWriter
from assistant_sync.locking.rows import read_locks
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.transport import WriteConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.lock import Lock
    from assistant_sync.operations.workspace import Settings


async def unlock(settings: Settings, *, approve: Callable[[tuple[Lock, ...]], bool]) -> tuple[Lock, ...]:
    """Delete the lock's threads of the project on one target; manifests are not read.

    Args:
        settings: The common options.
        approve: Gets the locks, if there are any; whether to go on.

    Returns:
        The locks that were removed.

    Raises:
        InvalidFiles, UnknownName: The project file cannot be read, or has no such target.
        RemoteError: The deployment fails.
    """
    project, _ = await asyncio.to_thread(open_project, settings)
    target = choose_target(project, settings.target)
    endpoint = endpoint_of(settings, target)
    async with connected(WriteConnection, endpoint, settings) as connection:
        threads = ThreadsWriter(connection)
        locks = await read_locks(threads, project.first_name)
        if not locks or not approve(locks):
            return ()
        locks = await read_locks(threads, project.first_name)  # the answer may have taken its time
        # The highest first: a renewal that comes in between then finds its own row gone.
        for lock in reversed(locks):
            await threads.delete(lock.id)
    return locks
