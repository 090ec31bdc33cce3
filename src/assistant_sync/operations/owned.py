"""One owned assistant of a deployment, found by its key, with all its versions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.ownership import Owned, judge
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant


async def owned_assistant(reader: AssistantsReader, project: str, key: str) -> Owned:
    """Read the owned assistant that has a key.

    Args:
        reader: The client.
        project: The owner.
        key: As the assistant's stamp has it.

    Raises:
        UnknownName: No owned assistant has it, or several have.
        RemoteError: The live state cannot be read, or not completely.
    """
    found = _owned(await reader.listing({STAMP_KEY: {"project": project, "key": key}}), project)
    found = [one for one in found if one.stamp.key == key]
    if len(found) == 1:
        return replace(found[0], versions=await reader.versions(found[0].row.assistant_id))
    if found:
        ids = ", ".join(one.row.assistant_id for one in found)
        message = f"several assistants have the key '{key}': {ids}"
        raise UnknownName(message, hint="'assistant-sync plan' shows how to resolve that")
    others = _owned(await reader.listing({STAMP_KEY: {"project": project}}), project)
    hint = did_you_mean(key, sorted(one.stamp.key for one in others))
    message = f"project '{project}' has no live assistant with the key '{key}'"
    raise UnknownName(message, hint=hint or "'assistant-sync plan -v' lists those that it has")


def _owned(rows: Iterable[Assistant], project: str) -> list[Owned]:
    return [one for one in (judge(row, project) for row in rows) if isinstance(one, Owned)]
