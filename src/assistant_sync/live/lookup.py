"""Reading one owned assistant so that it is found wherever it still is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import RemoteError
from assistant_sync.model.stamp import STAMP_KEY

if TYPE_CHECKING:
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant


async def find(reader: AssistantsReader, assistant_id: str, *, owned: bool = True) -> Assistant | None:
    """Read an assistant; None only if it is gone.

    Args:
        reader: The client.
        assistant_id: Its id.
        owned: Whether it carries our stamp, by which the listing finds it in one request.

    The official server answers GET with 404 also if the assistant's graph is no longer registered, although the
    row is still there and can be written and deleted (docs/servers.md). The listing shows it.
    """
    row = await reader.get(assistant_id)
    if row is not None:
        return row
    listed = await reader.listing({STAMP_KEY: {"id": assistant_id}} if owned else None)
    return next((row for row in listed if row.assistant_id == assistant_id), None)


async def versions_if_readable(
    reader: AssistantsReader, assistant_id: str
) -> tuple[tuple[Assistant, ...], RemoteError | None]:
    """All versions; none, and the error, if they cannot be read: they are no reason to fail."""
    try:
        return await reader.versions(assistant_id), None
    except RemoteError as error:
        return (), error
