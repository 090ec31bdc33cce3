"""Reading one owned assistant so that it is found wherever it still is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.stamp import STAMP_KEY

if TYPE_CHECKING:
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant


async def find(reader: AssistantsReader, assistant_id: str, *, owned: bool = True) -> Assistant | None:
    """Read an assistant; None only where it is gone.

    Args:
        reader: The client.
        assistant_id: Its id.
        owned: Whether it carries our stamp, by which the listing finds it in one request.

    The official server answers GET with 404 also where the assistant's graph is no longer registered, although the
    row is still there and can be written and deleted (docs/servers.md). The listing shows it.
    """
    row = await reader.get(assistant_id)
    if row is not None:
        return row
    listed = await reader.listing({STAMP_KEY: {"id": assistant_id}} if owned else None)
    return next((row for row in listed if row.assistant_id == assistant_id), None)
