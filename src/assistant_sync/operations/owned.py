"""One owned assistant of a deployment, found by its key, with all its versions."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.model.frozen import replace
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.ownership import Owned, judge
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.project import Project
    from assistant_sync.model.values import JsonObject


@asynccontextmanager
async def listed_ahead(reader: AssistantsReader, project: Project, *, is_light: bool = False) -> AsyncIterator[None]:
    """Begin to list what ``owned_rows`` will ask for first, so that the deployment works while files are read.

    With former names there are several listings, each of which must begin after the one before.
    """
    if not project.former_projects:
        reader.begin_listing(_carrying({"project": project.name}), is_light=is_light)
    try:
        yield
    finally:
        await reader.end_listings()


def _carrying(stamp: JsonObject) -> JsonObject:
    return {STAMP_KEY: stamp}


async def owned_rows(
    reader: AssistantsReader, projects: Sequence[str], key: str | None = None, *, is_light: bool = False
) -> tuple[Assistant, ...]:
    """Read the rows that carry a stamp with one of a project's names, sorted by id.

    Args:
        reader: The client.
        projects: Its names, the current one last: a write takes a row from a former name to the current one, and what
            is listed before it is listed again after it.
        key: The key that the stamp must have; None for any.
        is_light: As for ``AssistantsReader.listing``.

    Raises:
        RemoteError: The live state cannot be read, or not completely.
    """
    found: dict[str, Assistant] = {}
    for project in projects:
        stamp: JsonObject = {"project": project} if key is None else {"project": project, "key": key}
        found |= {row.assistant_id: row for row in await reader.listing(_carrying(stamp), is_light=is_light)}
    return tuple(found[own] for own in sorted(found))


async def owned_assistant(
    reader: AssistantsReader, project: str, key: str, former_projects: Sequence[str] = ()
) -> Owned:
    """Read the owned assistant that has a key.

    Args:
        reader: The client.
        project: The owner.
        key: As the assistant's stamp has it.
        former_projects: The names that the project had before, the oldest first.

    Raises:
        UnknownName: No owned assistant has it, or several have.
        RemoteError: The live state cannot be read, or not completely.
    """
    names = (*former_projects, project)
    found = _owned(await owned_rows(reader, names, key), project, former_projects)
    found = [one for one in found if one.stamp.key == key]
    if len(found) == 1:
        return replace(found[0], versions=await reader.versions(found[0].row.assistant_id))
    if found:
        ids = ", ".join(one.row.assistant_id for one in found)
        message = f"several assistants have the key '{key}': {ids}"
        raise UnknownName(message, hint="'assistant-sync plan' shows how to resolve that")
    others = _owned(await owned_rows(reader, names), project, former_projects)
    hint = did_you_mean(key, sorted(one.stamp.key for one in others))
    message = f"project '{project}' has no live assistant with the key '{key}'"
    raise UnknownName(message, hint=hint or "'assistant-sync plan -v' lists those that it has")


def _owned(rows: Iterable[Assistant], project: str, former_projects: Sequence[str]) -> list[Owned]:
    return [one for one in (judge(row, project, former_projects) for row in rows) if isinstance(one, Owned)]
