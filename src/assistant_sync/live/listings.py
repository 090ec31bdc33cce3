"""Complete listings of assistants: every row once, or an error."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.errors import IncompleteListing, NotFound, RemoteError
from assistant_sync.live.pages import SEARCH, SELECT
from assistant_sync.live.server_info import error_without_assistants
from assistant_sync.live.wire import read_count
from assistant_sync.model.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from assistant_sync.live.pages import Pages
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.values import JsonObject, JsonValue
    from assistant_sync.transport import ReadConnection

LISTINGS = 3
"""How often a listing is made again when its rows and the server's count do not agree."""

PAGES_AT_A_TIME = 4
"""Enough to hide the way to a distant deployment; each page is work for its database."""

LIGHT_COLUMNS = (
    "assistant_id", "graph_id", "name", "description", "metadata", "version", "created_at", "updated_at"
)  # fmt: skip
"""What rows of a light listing have: all but context and config, which are nearly all of a row's bytes."""

_COUNT = "/assistants/count"
_ABSENT_ENDPOINT = frozenset({404, 405, 501})


class Listings:
    """Lists assistants, and counts them.

    Args:
        connection: To the deployment; must be open.
        pages: Reads the pages.
        listener: Gets the number of rows as they are read.
    """

    def __init__(self, connection: ReadConnection, pages: Pages, listener: Listener) -> None:
        self._connection = connection
        self._pages = pages
        self._listener = listener
        self._can_count = True
        self._begun: dict[str, asyncio.Task[tuple[Assistant, ...]]] = {}

    async def of(self, metadata: JsonObject | None, *, is_light: bool = False) -> tuple[Assistant, ...]:
        """Every row, sorted by id, each once: as ``AssistantsReader.listing``."""
        wanted = _body(metadata, is_light=is_light)
        begun = self._begun.pop(repr(wanted), None)
        return await (self._complete(wanted) if begun is None else begun)

    def begin(self, metadata: JsonObject | None, *, is_light: bool = False) -> None:
        """Begin what the next ``of`` the same rows waits for."""
        wanted = _body(metadata, is_light=is_light)
        self._begun[repr(wanted)] = asyncio.create_task(self._complete(wanted))

    async def end(self) -> None:
        """Give up the listings that were begun and that nobody has asked for."""
        begun, self._begun = [*self._begun.values()], {}
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)

    async def count(self, metadata: JsonObject | None) -> int | None:
        """How many rows there are; None if the server cannot count."""
        return await self._count(_body(metadata))

    async def _count(self, wanted: JsonObject) -> int | None:
        if not self._can_count:
            return None
        try:
            return read_count(await self._connection.ask(_COUNT, wanted))
        except RemoteError as error:
            if error.status not in _ABSENT_ENDPOINT:
                raise
        self._can_count = False
        return None

    async def _complete(self, wanted: JsonObject) -> tuple[Assistant, ...]:
        for tries in range(1, LISTINGS + 1):
            # Before the first page: else the count would not show that a row moved from the second page to the first.
            expected = await self._count({name: wanted[name] for name in wanted if name != SELECT})
            try:
                found = await self._rows(wanted, expected)
            except IncompleteListing:
                if tries == LISTINGS:
                    raise
                continue
            if expected is None or len(found) >= expected:
                return tuple(found[assistant_id] for assistant_id in sorted(found))
        message = f"{self._url} counts {expected} assistants but lists {len(found)}, {LISTINGS} times in a row"
        hint = "others may be creating or deleting assistants at this moment; try again"
        raise IncompleteListing(message, method="POST", path=SEARCH, hint=hint)

    async def _rows(self, wanted: JsonObject, expected: int | None) -> dict[str, Assistant]:
        """Page until as many assistants as expected were found, or else to the end."""
        found: dict[str, Assistant] = {}
        offset = 0
        while len(found) != expected or not offset:
            page = await self._search(offset, wanted)
            if not page:
                break
            if not offset and expected is not None:
                page += await self._ahead(len(page), expected, wanted)
            before = len(found)
            found |= {row.assistant_id: row for row in page}
            offset += len(page)
            self._pages.check_end(offset)
            self._report(len(found), expected)
            if len(found) == before and expected is not None and before >= expected:
                break  # rows that others made meanwhile have moved known ones to this page
            if len(found) == before:
                message = f"{self._url} gives the same {len(page)} assistants on different pages of its listing"
                hint = "this server seems to ignore 'offset'; no complete listing can be had from it"
                raise IncompleteListing(message, method="POST", path=SEARCH, hint=hint)
        return found

    async def _ahead(self, size: int, expected: int, wanted: JsonObject) -> list[Assistant]:
        """The rows of the pages behind a full first one, several pages at a time; none if a page is not full.

        Args:
            size: The rows of the first page.
            expected: All rows.
            wanted: What is searched for, and which columns.
        """
        offsets = range(size, expected, size)
        if size != self._pages.sizes[SEARCH] or not offsets:
            return []
        pages: dict[int, list[Assistant]] = {}
        waiting, is_full = iter(offsets), True

        async def read() -> None:
            nonlocal is_full
            while is_full and (offset := next(waiting, None)) is not None:
                page = pages[offset] = await self._search(offset, wanted)
                # What follows a shorter page is not at its offset.
                is_full = is_full and (len(page) == size or offset == offsets[-1])
                rows = size + sum(map(len, pages.values()))
                self._pages.check_end(rows)
                if is_full:
                    self._report(rows, expected)

        await _together([read() for _ in range(min(PAGES_AT_A_TIME, len(offsets)))])
        return [row for offset in offsets for row in pages[offset]] if is_full else []

    async def _search(self, offset: int, wanted: JsonObject) -> list[Assistant]:
        try:
            body: JsonObject = {"sort_by": "assistant_id", "sort_order": "asc", **wanted}
            page, _ = await self._pages.read(SEARCH, SEARCH, offset, body)
        except NotFound as error:
            raise await error_without_assistants(self._connection, self._url, SEARCH) from error
        return page

    def _report(self, done: int, total: int | None) -> None:
        self._listener(Progress("reading", done, total))

    @property
    def _url(self) -> str:
        return self._connection.endpoint.url


async def _together(work: list[Coroutine[None, None, None]]) -> None:
    """Wait for all; the first error stops the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _body(metadata: JsonObject | None, *, is_light: bool = False) -> JsonObject:
    """What is searched for, and which columns."""
    wanted: dict[str, JsonValue] = {"metadata": metadata} if metadata else {}
    return {**wanted, SELECT: list(LIGHT_COLUMNS)} if is_light else wanted
