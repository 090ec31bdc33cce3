"""Reading the assistants of a deployment, completely or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import quote

from assistant_sync.errors import IncompleteListing, NotFound, Rejected, RemoteError, ServerFault, TooLarge
from assistant_sync.live.crons import CronsReader
from assistant_sync.live.server_info import error_without_assistants
from assistant_sync.live.thread_counts import ThreadsCounter
from assistant_sync.live.wire import read_assistant, read_assistants, read_count
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import ReadConnection, Response

T = TypeVar("T")

PAGE_SIZES = (1000, 100, 10)
"""Rows asked for at once; the next smaller if a server refuses (Aegra allows 100) or fails (a gateway limits the size
of answers)."""

MOST_ROWS = 200_000
"""Assistants, or versions of one, that are read: a listing without end must end."""

MOST_BYTES = 2 * 2**30
"""Bytes of all pages that one reader takes: every row may be as large as an answer."""

LISTINGS = 3
"""How often a listing is made again when its rows and the server's count do not agree."""

CONCURRENCY = 8
"""Requests at a time: more only adds latency on the official server."""

_SEARCH = "/assistants/search"
_COUNT = "/assistants/count"
_VERSIONS = "versions"
_SYSTEM: JsonObject = {"created_by": "system"}
_REFUSED_PAGE = frozenset({400, 413, 422})
_ABSENT_ENDPOINT = frozenset({404, 405, 501})


class AssistantsReader:
    """The reading half of the assistants API.

    Args:
        connection: To the deployment; must be open.
        listener: Gets the number of rows as they are read.

    Attributes:
        crons: The crons of the same deployment.
        thread_counts: The numbers of its threads.
    """

    def __init__(self, connection: ReadConnection, *, listener: Listener = silent) -> None:
        self.crons = CronsReader(connection)
        self.thread_counts = ThreadsCounter(connection)
        self._connection = connection
        self._listener = listener
        self._sizes = {_SEARCH: PAGE_SIZES[0], _VERSIONS: PAGE_SIZES[0]}
        self._can_count = True
        self._names_users = False
        self._bytes = 0

    @property
    def page_size(self) -> int:
        """Rows that one search gives, so far as the deployment has been seen to refuse more."""
        return self._sizes[_SEARCH]

    @property
    def names_users(self) -> bool:
        """Whether rows were seen that name their owners."""
        return self._names_users

    async def listing(self, metadata: JsonObject | None = None) -> tuple[Assistant, ...]:
        """Every assistant of the deployment, sorted by id, each once.

        Rows move between pages while others write, so the rows found are compared with the server's own count.

        Args:
            metadata: Only rows that contain this; a server may ignore it and answer with all.

        Raises:
            IncompleteListing: If rows are missing in each of ``LISTINGS`` listings, or pages do not differ.
            RemoteError: If a page cannot be read.
        """
        return await self._complete(metadata)

    async def _complete(self, metadata: JsonObject | None) -> tuple[Assistant, ...]:
        for tries in range(1, LISTINGS + 1):
            expected = await self.count(metadata)
            try:
                found = await self._pages(metadata, expected)
            except IncompleteListing:
                if tries == LISTINGS:
                    raise
                continue
            if expected is None or len(found) >= expected:
                return tuple(found[assistant_id] for assistant_id in sorted(found))
        message = f"{self.url} counts {expected} assistants but lists {len(found)}, {LISTINGS} times in a row"
        hint = "others may be creating or deleting assistants at this moment; try again"
        raise IncompleteListing(message, method="POST", path=_SEARCH, hint=hint)

    async def count(self, metadata: JsonObject | None = None) -> int | None:
        """How many assistants there are; None if the server cannot count.

        Args:
            metadata: As for ``listing``.
        """
        if not self._can_count:
            return None
        try:
            return read_count(await self._connection.ask(_COUNT, _filter(metadata)))
        except RemoteError as error:
            if error.status not in _ABSENT_ENDPOINT:
                raise
        self._can_count = False
        return None

    async def get(self, assistant_id: str) -> Assistant | None:
        """One assistant; None if the deployment answers 404.

        That does not make its id free: an assistant of a graph that is no longer registered, or that the key may
        not see, is answered with 404, too.
        """
        try:
            return read_assistant(await self._connection.get(path_of(assistant_id)))
        except NotFound:
            return None

    async def get_many(self, ids: Iterable[str]) -> dict[str, Assistant | None]:
        """As ``get``, for several at a time, in the order of the ids."""
        return await self.for_each(self.get, ids)

    async def versions(self, assistant_id: str) -> tuple[Assistant, ...]:
        """Every version, highest first; none if there is no such assistant."""
        path = f"{path_of(assistant_id)}/versions"
        found: dict[tuple[int, str | None], Assistant] = {}
        offset = 0
        while True:
            try:
                page, size = await self._page(_VERSIONS, path, offset, {})
            except NotFound:  # an empty page on the official server
                page, size = [], 0
            before = len(found)
            found |= {(row.version, row.created_at): row for row in page}
            offset += len(page)
            self._check_end(offset)
            # A short page with the first version is the last one; so is a page that a server gives again (Aegra
            # ignores limit and offset).
            is_last = len(page) != size and any(row.version <= 1 for row in page)
            if len(found) == before or is_last:
                return tuple(sorted(found.values(), key=lambda row: row.version, reverse=True))

    async def versions_of_many(self, ids: Iterable[str]) -> dict[str, tuple[Assistant, ...]]:
        """As ``versions``, for several at a time, in the order of the ids."""
        return await self.for_each(self.versions, ids)

    async def schemas(self, assistant_id: str) -> Response:
        """The JSON Schemas of an assistant's graph, as they were answered.

        Raises:
            RemoteError: 404 or 400 if the graph is not served; 422 if an id is none.
        """
        return await self._connection.get(f"{path_of(assistant_id)}/schemas")

    async def one_of_graph(self, graph_id: str) -> str | None:
        """The id of an assistant of a graph; None if none is visible.

        Raises:
            NotFound: The server does not serve the graph; others answer a search for any.
            RemoteError: It cannot be searched.
        """
        rows = self._noted(read_assistants(await self._connection.ask(_SEARCH, {"graph_id": graph_id, "limit": 1})))
        return next((row.assistant_id for row in rows if row.graph_id == graph_id), None)

    async def default_assistants(self) -> dict[str, str]:
        """The ids of the default assistants that the key may see, by graph; one may linger when its graph is gone."""
        return {
            row.graph_id: row.assistant_id
            for row in await self.listing(_SYSTEM)
            if row.metadata.get("created_by") == "system" and row.assistant_id == default_assistant_id(row.graph_id)
        }

    @property
    def url(self) -> str:
        """The deployment's."""
        return self._connection.endpoint.url

    async def _pages(self, metadata: JsonObject | None, expected: int | None) -> dict[str, Assistant]:
        """Page until as many assistants as expected were found, or else to the end."""
        found: dict[str, Assistant] = {}
        offset = 0
        while len(found) != expected or not offset:
            page = await self._search(offset, metadata)
            if not page:
                break
            before = len(found)
            found |= {row.assistant_id: row for row in page}
            offset += len(page)
            self._check_end(offset)
            self._report(len(found), expected)
            if len(found) == before and expected is not None and before >= expected:
                break  # rows that others made meanwhile have moved known ones to this page
            if len(found) == before:
                message = f"{self.url} gives the same {len(page)} assistants on different pages of its listing"
                hint = "this server seems to ignore 'offset'; no complete listing can be had from it"
                raise IncompleteListing(message, method="POST", path=_SEARCH, hint=hint)
        return found

    async def _search(self, offset: int, metadata: JsonObject | None) -> list[Assistant]:
        try:
            body: JsonObject = {"sort_by": "assistant_id", "sort_order": "asc", **_filter(metadata)}
            page, _ = await self._page(_SEARCH, _SEARCH, offset, body)
        except NotFound as error:
            raise await error_without_assistants(self._connection, self.url, _SEARCH) from error
        return page

    async def _page(self, kind: str, path: str, offset: int, body: JsonObject) -> tuple[list[Assistant], int]:
        """One page, and the number of rows that was asked for."""
        size = self._sizes[kind]
        fault: RemoteError | None = None
        while True:
            try:
                answer = await self._connection.ask(path, {"limit": size, "offset": offset, **body})
            except (Rejected, ServerFault, TooLarge) as error:
                # A gateway that limits the size of answers gives 5xx for a page of large rows.
                if isinstance(error, ServerFault | TooLarge):
                    fault = fault or error
                elif error.status not in _REFUSED_PAGE:
                    raise
                smaller = next((s for s in PAGE_SIZES if s < size), None)
                if smaller is None:
                    raise fault or error from None
                size = smaller
            else:
                self._sizes[kind] = min(size, self._sizes[kind])
                self._bytes += len(answer.content)
                return self._noted(read_assistants(answer)), size

    def _check_end(self, rows: int) -> None:
        if rows > MOST_ROWS or self._bytes > MOST_BYTES:
            most = f"{MOST_ROWS:,} rows" if rows > MOST_ROWS else f"{MOST_BYTES // 2**20:,} MiB"
            message = f"{self.url} lists more than {most}; no more are read"
            raise TooLarge(message, method="POST", path=_SEARCH)

    def _noted(self, rows: list[Assistant]) -> list[Assistant]:
        self._names_users = self._names_users or any(row.user_id is not None for row in rows)
        return rows

    async def for_each(
        self, call: Callable[[str], Awaitable[T]], items: Iterable[str], *, reports: bool = True
    ) -> dict[str, T]:
        """Call for each item, ``CONCURRENCY`` at a time; the first error stops the others and is raised.

        Args:
            call: Gets one of the items.
            items: Each once.
            reports: Whether the listener hears of it.
        """
        results: dict[str, T | None] = dict.fromkeys(items)
        places = asyncio.Semaphore(CONCURRENCY)
        done = 0

        async def one(item: str) -> None:
            nonlocal done
            async with places:
                results[item] = await call(item)
            done += 1
            if reports:
                self._report(done, len(results))

        try:
            async with asyncio.TaskGroup() as group:
                for item in results:
                    group.create_task(one(item))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return cast("dict[str, T]", results)

    def _report(self, done: int, total: int | None) -> None:
        self._listener(Progress("reading", done, total))


def _filter(metadata: JsonObject | None) -> dict[str, JsonObject]:
    return {"metadata": metadata} if metadata else {}


def path_of(assistant_id: str) -> str:
    """The path of an assistant below the deployment's URL."""
    return f"/assistants/{quote(assistant_id, safe='')}"
