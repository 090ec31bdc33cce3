"""Pages of assistants, or of versions of one: how large they may be, and how many there may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import Rejected, RemoteError, ServerFault, TooLarge
from assistant_sync.live.wire import read_assistants

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import ReadConnection

PAGE_SIZES = (1000, 100, 10)
"""Rows asked for at once; the next smaller if a server refuses (Aegra allows 100) or fails (a gateway limits the size
of answers)."""

MOST_ROWS = 200_000
"""Assistants, or versions of one, that are read: a listing without end must end."""

MOST_BYTES = 2 * 2**30
"""Bytes of all pages that one reader takes: every row may be as large as an answer."""

SEARCH = "/assistants/search"
VERSIONS = "versions"
"""The two kinds of pages: a server may refuse large ones of one kind alone."""

SELECT = "select"
"""The member of a search that names the columns of a light listing."""

_REFUSED_PAGE = frozenset({400, 413, 422})


class Pages:
    """Reads pages, and remembers what the deployment was seen to refuse.

    Args:
        connection: To the deployment; must be open.

    Attributes:
        sizes: Rows asked for at once, by the kind of page.
        names_users: Whether rows were seen that name their owners.
    """

    def __init__(self, connection: ReadConnection) -> None:
        self.sizes = {SEARCH: PAGE_SIZES[0], VERSIONS: PAGE_SIZES[0]}
        self.names_users = False
        self._connection = connection
        self._bytes = 0

    async def read(self, kind: str, path: str, offset: int, body: JsonObject) -> tuple[list[Assistant], int]:
        """One page, and the number of rows that was asked for.

        Args:
            kind: ``SEARCH`` or ``VERSIONS``.
            path: What is asked.
            offset: How many rows come before it.
            body: What is asked for beside that.
        """
        size = self.sizes[kind]
        fault: RemoteError | None = None
        while True:
            try:
                answer = await self._connection.ask(path, {"limit": size, "offset": offset, **body})
            except (Rejected, ServerFault, TooLarge) as error:
                # A gateway that limits the size of answers gives 5xx for a page of large rows.
                if isinstance(error, ServerFault | TooLarge):
                    fault = fault or error
                elif error.status not in _REFUSED_PAGE or SELECT in body:  # it may be the columns that are refused
                    raise
                smaller = next((s for s in PAGE_SIZES if s < size), None)
                if smaller is None:
                    raise fault or error from None
                size = smaller
            else:
                self.sizes[kind] = min(size, self.sizes[kind])
                self._bytes += len(answer.content)
                return self.noted(read_assistants(answer, is_light=SELECT in body)), size

    def check_end(self, rows: int) -> None:
        """Refuse to read on without end.

        Args:
            rows: How many there were so far.

        Raises:
            TooLarge: There are more than anybody has.
        """
        if rows > MOST_ROWS or self._bytes > MOST_BYTES:
            most = f"{MOST_ROWS:,} rows" if rows > MOST_ROWS else f"{MOST_BYTES // 2**20:,} MiB"
            message = f"{self._connection.endpoint.url} lists more than {most}; no more are read"
            raise TooLarge(message, method="POST", path=SEARCH)

    def noted(self, rows: list[Assistant]) -> list[Assistant]:
        """The rows; whether they name their owners is remembered."""
        self.names_users = self.names_users or any(row.user_id is not None for row in rows)
        return rows
