"""Archiving: an assistant with all its versions and crons is kept before it is deleted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant_sync.documents.archive import ArchivedAssistant, write_archive
from assistant_sync.errors import RepositoryError
from assistant_sync.live.lookup import find
from assistant_sync.model.outcome import Archived
from assistant_sync.model.project import DEFAULT_ARCHIVE
from assistant_sync.repository.files import leaves_repository

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.change import Delete
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.project import Project


def archiver(plan: Plan, project: Project, reader: AssistantsReader) -> Callable[[Delete], Awaitable[Archived]]:
    """Make what archives the assistant of a delete; places are relative to the project file's folder.

    Args:
        plan: Whose deletes they are.
        project: Has the archive's folder.
        reader: The client.
    """
    folder = project.folder / (project.archive or DEFAULT_ARCHIVE)

    async def archive(change: Delete) -> Archived:
        if leaves_repository(folder, project.folder):
            message = f"the archive {folder} leads out of the repository through a symlink; nothing was deleted"
            raise RepositoryError(message, hint="make it a folder of the repository")
        live = await find(reader, change.assistant_id) or change.live
        versions = await reader.versions(change.assistant_id)
        if all(version.version != live.version for version in versions):
            message = f"{change.key}: its versions cannot be read, so it cannot be archived; it was not deleted"
            raise RepositoryError(message)
        crons = await reader.crons.of_assistant(change.assistant_id)
        archived = ArchivedAssistant(
            project=plan.project,
            target=plan.target,
            key=change.key,
            archived_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            live=live,
            versions=versions,
            crons=crons,
        )
        file = await asyncio.to_thread(write_archive, folder, archived)
        return Archived(file.relative_to(project.folder).as_posix(), crons)

    return archive
