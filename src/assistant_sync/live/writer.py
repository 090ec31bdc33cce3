"""Writing assistants: four calls, each sent as often as it may be (docs/lifecycle.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import BadAnswer, NotFound
from assistant_sync.live.reader import AssistantsReader, path_of
from assistant_sync.live.wire import read_assistant
from assistant_sync.model.progress import silent

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.values import JsonObject
    from assistant_sync.transport import Response, WriteConnection


class AssistantsWriter(AssistantsReader):
    """The whole assistants API.

    Every call raises ``RemoteError``; ``BadAnswer`` if the server took the write but its answer is no
    assistant, or another one.

    Args:
        connection: To the deployment; must be open.
        listener: Gets the number of rows as they are read.
    """

    def __init__(self, connection: WriteConnection, *, listener: Listener = silent) -> None:
        super().__init__(connection, listener=listener)
        self._writes = connection

    async def create(self, body: JsonObject) -> Assistant:
        """Make an assistant; with a fixed id and ``if_exists: raise`` in its body, which makes it safe to repeat.

        Raises:
            Taken: If the id is in use, which may be this call's own doing if an answer was lost.
        """
        answer = await self._writes.send("POST", "/assistants", body, repeatable=True)
        return _the_one(answer, body.get("assistant_id"))

    async def patch(self, assistant_id: str, body: JsonObject) -> Assistant:
        """Write a new version, once."""
        answer = await self._writes.send("PATCH", path_of(assistant_id), body, repeatable=False)
        return _the_one(answer, assistant_id)

    async def set_latest(self, assistant_id: str, version: int) -> Assistant:
        """Move the active pointer, once."""
        path = f"{path_of(assistant_id)}/latest"
        answer = await self._writes.send("POST", path, {"version": version}, repeatable=False)
        return _the_one(answer, assistant_id)

    async def delete(self, assistant_id: str) -> None:
        """Delete an assistant with all its versions; done if there is none."""
        try:
            await self._writes.send("DELETE", path_of(assistant_id), None, repeatable=True)
        except NotFound:
            return


def _the_one(answer: Response, assistant_id: object) -> Assistant:
    row = read_assistant(answer)
    if row.assistant_id != assistant_id:
        message = f"{answer.method} {answer.path} was answered with another assistant, {row.assistant_id}"
        raise BadAnswer(message, method=answer.method, path=answer.path, status=answer.status)
    return row
