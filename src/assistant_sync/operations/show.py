"""Show: a live assistant, or one of its versions, as a manifest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from assistant_sync.errors import UnknownName
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.manifests.writing.emit import emit
from assistant_sync.manifests.writing.new_manifest import manifest_fields
from assistant_sync.model.identity import derived_id
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.shown import ShownManifest
from assistant_sync.model.stamp import Stamp
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.mirroring import mirroring_of, without_mirror
from assistant_sync.planning.version_history import VersionReader
from assistant_sync.redaction import mask_values, redact_text
from assistant_sync.transport import ReadConnection

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Content
    from assistant_sync.model.project import Project
    from assistant_sync.model.values import JsonObject
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.planning.ownership import Owned


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest:
    """What is to show.

    Attributes:
        settings: The common options.
        key: The assistant's.
        version: One of its versions; None for the live assistant.
    """

    settings: Settings
    key: str
    version: int | None = None


async def show(request: ShowRequest) -> ShownManifest:
    """Make a manifest of what the deployment has; manifests are not read.

    Raises:
        InvalidFiles, UnknownName: The project file cannot be read, or has no such target; there is no such assistant
            or version.
        RepositoryError: Git refuses.
        RemoteError: The deployment fails.
    """
    settings = request.settings
    project, _ = await asyncio.to_thread(open_project, settings)
    target = choose_target(project, settings.target)
    endpoint = endpoint_of(settings, target)
    async with connected(ReadConnection, endpoint, settings) as connection:
        owned = await _owned(connection, project, request.key)
    row = owned.row if request.version is None else version_of(owned, request.version)
    listed = next((one for one in owned.versions if one.version == row.version), None)
    stamp = None if listed is None else _reader(owned, project).stamp_of(listed)
    content = _content(row, owned)
    document = manifest_fields(content, key=request.key, assistant_id=_named_id(project, request.key, row))
    masked, paths = mask_values(document, project.allow_literals)
    fields = cast("JsonObject", masked)
    by = Attribution.OUTSIDE if stamp is None else Attribution.APPLY
    return ShownManifest(
        key=request.key,
        assistant_id=row.assistant_id,
        target=target.name,
        url=endpoint.url,
        version=row.version,
        active=owned.row.version,
        is_live=request.version is None,
        created_at=None if listed is None else listed.created_at,
        attribution=None if listed is None else by,
        commit=None if stamp is None or stamp.commit is None else redact_text(stamp.commit),
        source=None if stamp is None or stamp.source is None else redact_text(stamp.source),
        fields=fields,
        yaml=_yaml(fields),
        masked=paths,
        has_both=bool(content.context and content.configurable),
    )


async def _owned(connection: ReadConnection, project: Project, key: str) -> Owned:
    return await owned_assistant(AssistantsReader(connection), project.name, key, project.former_projects)


def _reader(owned: Owned, project: Project) -> VersionReader:
    return VersionReader.of(owned, project.name, project.former_projects)


def version_of(owned: Owned, number: int) -> Assistant:
    """One of the versions of an assistant.

    Raises:
        UnknownName: It has no such version.
    """
    found = next((row for row in owned.versions if row.version == number), None)
    if found is None:
        hint = f"'assistant-sync history {owned.stamp.key}' lists its versions"
        message = f"'{owned.stamp.key}' has no version {number}; its newest one is {owned.highest_version}"
        raise UnknownName(message, hint=hint)
    return found


def _content(row: Assistant, owned: Owned) -> Content:
    """What a manifest would want, with the metadata that the row's own stamp lists as ours."""
    stamp = Stamp.read(row.metadata)
    return without_mirror(live_content(row, () if stamp is None else stamp.metadata_keys), mirroring_of(owned))


def _named_id(project: Project, key: str, row: Assistant) -> str | None:
    return None if row.assistant_id == derived_id(project.first_name, key) else row.assistant_id


def _yaml(fields: JsonObject) -> str | None:
    try:
        return emit(fields, is_inert=True)
    except ValueError:
        return None
