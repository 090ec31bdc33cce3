"""The threads API: four calls that all measured servers answer alike (docs/servers.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from assistant_sync.errors import BadAnswer, NotFound
from assistant_sync.live.wire import read_thread, read_threads

if TYPE_CHECKING:
    from datetime import datetime

    from assistant_sync.model.thread import Thread
    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import ReadConnection, WriteConnection
    from assistant_sync.transport.running import RunConnection

PAGE_SIZE = 100
"""Threads asked for at once; Aegra gives no more."""

_ALL = "/threads"
_SEARCH = "/threads/search"


class ThreadsReader:
    """The reading half of the threads API.

    Args:
        connection: To the deployment; must be open.
    """

    def __init__(self, connection: ReadConnection) -> None:
        self._reads = connection

    async def search(self, metadata: JsonObject, *, offset: int = 0) -> list[Thread]:
        """One page of the threads whose metadata contains this; fewer than ``PAGE_SIZE`` if it is the last.

        Neither ``select`` nor ``/threads/count`` is used: Aegra refuses both.

        Raises:
            RemoteError: The page cannot be read.
        """
        page, _ = await self.search_at(metadata, offset=offset)
        return page

    async def search_at(self, metadata: JsonObject, *, offset: int = 0) -> tuple[list[Thread], datetime | None]:
        """As ``search``, with the server's time of the answer; None if it names none."""
        body: JsonObject = {"metadata": metadata, "limit": PAGE_SIZE, "offset": offset}
        answer = await self._reads.ask(_SEARCH, body)
        return read_threads(answer), answer.date

    async def get(self, thread_id: str) -> Thread | None:
        """One thread; None if the deployment answers 404.

        Raises:
            RemoteError: It cannot be read.
        """
        try:
            return read_thread(await self._reads.get(_path_of(thread_id)))
        except NotFound:
            return None


class ThreadsWriter(ThreadsReader):
    """The threads API, as far as assistant-sync writes threads.

    Args:
        connection: To the deployment; must be open.
    """

    def __init__(self, connection: WriteConnection | RunConnection) -> None:
        super().__init__(connection)
        self._writes = connection

    async def create(self, body: JsonObject) -> Thread:
        """Make a thread; with a fixed id and ``if_exists: raise`` in its body, which makes it safe to repeat.

        Raises:
            Taken: The id is in use, which may be this call's own doing if an answer was lost.
            RemoteError: The deployment fails.
        """
        answer = await self._writes.send("POST", _ALL, body, repeatable=True)
        thread = read_thread(answer)
        if thread.thread_id != body.get("thread_id"):
            message = f"POST {_ALL} was answered with another thread, {thread.thread_id}"
            raise BadAnswer(message, method=answer.method, path=answer.path, status=answer.status)
        return thread

    async def delete(self, thread_id: str) -> None:
        """Delete a thread; done if there is none.

        Raises:
            RemoteError: The deployment fails.
        """
        try:
            await self._writes.send("DELETE", _path_of(thread_id), None, repeatable=True)
        except NotFound:
            return


def _path_of(thread_id: str) -> str:
    return f"{_ALL}/{quote(thread_id, safe='')}"
