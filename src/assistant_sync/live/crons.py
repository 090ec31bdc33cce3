"""Reading the crons of an assistant; not every server has any (docs/servers.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import Denied, RemoteError
from assistant_sync.live.wire import read_crons

if TYPE_CHECKING:
    from assistant_sync.model.cron import Cron
    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import ReadConnection

_SEARCH = "/runs/crons/search"
_PAGE = 100
_MOST = 10_000
"""Crons of one assistant that are read: a listing without end must end."""

_ABSENT = frozenset({404, 405, 501})
_NOT_IMPLEMENTED = "not implemented"
"""What the JavaScript server says with status 500."""


class CronsReader:
    """The crons of a deployment.

    Args:
        connection: To the deployment; must be open.
    """

    def __init__(self, connection: ReadConnection) -> None:
        self._connection = connection
        self._has_crons = True

    async def of_assistant(self, assistant_id: str) -> tuple[Cron, ...] | None:
        """Every cron of an assistant, sorted by id; none if the server has no crons, None if the key may not read them.

        Raises:
            RemoteError: They cannot be read for another reason.
        """
        found: dict[str, Cron] = {}
        offset, is_last = 0, not self._has_crons
        while not is_last:
            try:
                page = await self._page(assistant_id, offset)
            except Denied:
                return None
            before = len(found)
            found |= {cron.cron_id: cron for cron in page}
            offset += len(page)
            is_last = len(page) < _PAGE or len(found) == before or offset >= _MOST
        return tuple(found[cron_id] for cron_id in sorted(found))

    async def _page(self, assistant_id: str, offset: int) -> list[Cron]:
        body: JsonObject = {"assistant_id": assistant_id, "limit": _PAGE, "offset": offset}
        try:
            return read_crons(await self._connection.ask(_SEARCH, body))
        except RemoteError as error:
            if error.status not in _ABSENT and _NOT_IMPLEMENTED not in error.message.lower():
                raise
        self._has_crons = False
        return []
