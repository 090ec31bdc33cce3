"""Reading the assistants of a deployment, completely or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import quote

from assistant_sync.errors import NotFound
from assistant_sync.live.crons import CronsReader
from assistant_sync.live.listings import Listings
from assistant_sync.live.pages import SEARCH, VERSIONS, Pages
from assistant_sync.live.seen_versions import SeenVersions
from assistant_sync.live.thread_counts import ThreadsCounter
from assistant_sync.live.wire import read_assistant, read_assistants
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import ReadConnection, Response

T = TypeVar("T")

CONCURRENCY = 8
"""Requests at a time: more only adds latency on the official server."""

_SYSTEM: JsonObject = {"created_by": "system"}


class AssistantsReader:
    """The reading half of the assistants API.

    Args:
        connection: To the deployment; must be open.
        listener: Gets the number of rows as they are read.
        is_light: Whether a plan may be made of light listings of this deployment.

    Attributes:
        is_light: As above.
        crons: The crons of the same deployment.
        thread_counts: The numbers of its threads.
    """

    def __init__(self, connection: ReadConnection, *, listener: Listener = silent, is_light: bool = False) -> None:
        self.is_light = is_light
        self.crons = CronsReader(connection)
        self.thread_counts = ThreadsCounter(connection)
        self._connection = connection
        self._listener = listener
        self._pages = Pages(connection)
        self._listings = Listings(connection, self._pages, listener)
        self._seen = SeenVersions()

    @property
    def page_size(self) -> int:
        """Rows that one search gives, so far as the deployment has been seen to refuse more."""
        return self._pages.sizes[SEARCH]

    @property
    def names_users(self) -> bool:
        """Whether rows were seen that name their owners."""
        return self._pages.names_users

    async def listing(self, metadata: JsonObject | None = None, *, is_light: bool = False) -> tuple[Assistant, ...]:
        """Every assistant of the deployment, sorted by id, each once.

        Rows move between pages while others write, so the rows found are compared with the server's own count.

        Args:
            metadata: Only rows that contain this; a server may ignore it and answer with all.
            is_light: Whether neither context nor config is asked for. A server may ignore that, too: those rows are
                whole.

        Raises:
            IncompleteListing: If rows are missing in each of ``LISTINGS`` listings, or pages do not differ.
            RemoteError: If a page cannot be read.
        """
        return await self._listings.of(metadata, is_light=is_light)

    def begin_listing(self, metadata: JsonObject | None = None, *, is_light: bool = False) -> None:
        """Begin what the next ``listing`` of the same rows waits for; ``end_listings`` must follow."""
        self._listings.begin(metadata, is_light=is_light)

    async def end_listings(self) -> None:
        """Give up the listings that were begun and that nobody has asked for."""
        await self._listings.end()

    async def count(self, metadata: JsonObject | None = None) -> int | None:
        """How many assistants there are; None if the server cannot count.

        Args:
            metadata: As for ``listing``.
        """
        return await self._listings.count(metadata)

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
                page, size = await self._pages.read(VERSIONS, path, offset, {})
            except NotFound:  # an empty page on the official server
                page, size = [], 0
            before = len(found)
            found |= {(row.version, row.created_at): row for row in page}
            offset += len(page)
            self._pages.check_end(offset)
            # A short page with the first version is the last one; so is a page that a server gives again (Aegra
            # ignores limit and offset).
            is_last = len(page) != size and any(row.version <= 1 for row in page)
            if len(found) == before or is_last:
                return tuple(sorted(found.values(), key=lambda row: row.version, reverse=True))

    async def versions_of_many(
        self, ids: Iterable[str], rows: Mapping[str, Assistant] | None = None
    ) -> dict[str, Sequence[Assistant]]:
        """As ``versions``, for several at a time, in the order of the ids.

        Args:
            ids: Each once.
            rows: Those rows of them that were just read: the versions of one that is as it was are not read again.
        """
        now = rows or {}
        found = {own: self._seen.of(now.get(own)) for own in ids}
        read = await self.for_each(self.versions, [own for own, versions in found.items() if versions is None])
        for own, versions in read.items():
            self._seen.note(now.get(own), versions)
        return {own: read[own] if versions is None else versions for own, versions in found.items()}

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
        rows = self._pages.noted(
            read_assistants(await self._connection.ask(SEARCH, {"graph_id": graph_id, "limit": 1}))
        )
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


def path_of(assistant_id: str) -> str:
    """The path of an assistant below the deployment's URL."""
    return f"/assistants/{quote(assistant_id, safe='')}"
