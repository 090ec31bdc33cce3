"""Counting the threads of an assistant; not every server counts (docs/servers.md), and nothing depends on it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.errors import RemoteError
from assistant_sync.live.wire import read_count
from assistant_sync.model.thread import ThreadCounts

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import ReadConnection

_COUNT = "/threads/count"
_BUSY = "busy"
"""The status of a thread with a run that waits or is in progress."""

PATIENCE = 10.0


class ThreadsCounter:
    """The numbers of threads of a deployment.

    Args:
        connection: To the deployment; must be open.
        patience: Seconds that one count may take, attempts included: no plan waits long for a number.
    """

    def __init__(self, connection: ReadConnection, *, patience: float = PATIENCE) -> None:
        self._connection = connection
        self._patience = patience
        self._can_count = True

    async def of_assistant(self, assistant_id: str) -> ThreadCounts | None:
        """How many threads an assistant ran on last, and on how many of them it runs now; None if that is unknown.

        The first count that fails, for whatever reason, is the last one that is asked for.
        """
        of_it: JsonObject = {"metadata": {"assistant_id": assistant_id}}
        total = await self._count(of_it)
        if total is None:
            return None
        return ThreadCounts(total, await self._count({**of_it, "status": _BUSY}) if total else 0)

    async def _count(self, body: JsonObject) -> int | None:
        if not self._can_count:
            return None
        try:
            async with asyncio.timeout(self._patience):
                return read_count(await self._connection.ask(_COUNT, body))
        except (RemoteError, TimeoutError):
            self._can_count = False
            return None
