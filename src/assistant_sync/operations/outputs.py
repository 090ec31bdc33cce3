"""Outputs: the ids of the assistants, for applications; without key and without network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.outputs import AssistantOutput, Outputs
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.redaction import redact_text
from assistant_sync.transport import url_of

if TYPE_CHECKING:
    from assistant_sync.operations.workspace import Settings


def outputs(settings: Settings) -> Outputs:
    """List the assistants that the manifests describe for a target.

    Raises:
        InvalidFiles: The project file or a manifest has problems.
        UnknownName: There is no such target.
        RepositoryError: Git refuses.
    """
    workspace = open_workspace(settings)
    return Outputs(
        project=workspace.project.name,
        target=workspace.target.name,
        url=url_of(workspace.target, settings.url),
        assistants=tuple(
            AssistantOutput(
                key=one.key,
                assistant_id=one.assistant_id,
                graph_id=one.content.graph_id,
                name=redact_text(one.content.name),
                source=one.source,
            )
            for one in workspace.manifests.desired
        ),
    )
