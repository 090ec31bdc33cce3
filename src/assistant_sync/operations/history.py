"""History: the versions of one assistant, with the commits that they were applied from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.live.reader import AssistantsReader
from assistant_sync.model.history import History
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.planning.version_history import VersionReader
from assistant_sync.redaction import redact_text
from assistant_sync.repository.commits import read_commits
from assistant_sync.transport import ReadConnection

if TYPE_CHECKING:
    from assistant_sync.operations.workspace import Settings

DEFAULT_LIMIT = 20
"""Versions that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRequest:
    """Which versions are asked for.

    Attributes:
        settings: The common options.
        key: The assistant's.
        limit: How many, of the newest.
    """

    settings: Settings
    key: str
    limit: int = DEFAULT_LIMIT


async def history(request: HistoryRequest) -> History:
    """Read the versions of an assistant; manifests are not read.

    Raises:
        InvalidFiles, UnknownName: The project file cannot be read, or has no such target; there is no such assistant.
        RepositoryError: Git fails.
        RemoteError: The deployment fails.
    """
    settings = request.settings
    project, tree = await asyncio.to_thread(open_project, settings)
    target = choose_target(project, settings.target)
    endpoint = endpoint_of(settings, target)
    async with connected(ReadConnection, endpoint, settings) as connection:
        reading = AssistantsReader(connection)
        owned = await owned_assistant(reading, project.name, request.key, project.former_projects)
    reader = VersionReader.of(owned, project.name, project.former_projects)
    rows = reader.newest(request.limit)
    stamps = [stamp for stamp in map(reader.stamp_of, rows) if stamp is not None]
    named = {stamp.commit for stamp in stamps if stamp.commit is not None}
    commits = await asyncio.to_thread(read_commits, tree, named)
    return History(
        key=request.key,
        assistant_id=owned.row.assistant_id,
        name=redact_text(owned.row.name),
        target=target.name,
        url=endpoint.url,
        has_git=tree.is_git,
        active=owned.row.version,
        highest=owned.highest_version,
        not_restored=reader.not_restored(),
        entries=reader.entries(rows, commits),
        rest=len(owned.versions) - len(rows),
    )
