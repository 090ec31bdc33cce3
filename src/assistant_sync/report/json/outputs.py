"""The document of what applications need of the assistants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION

if TYPE_CHECKING:
    from assistant_sync.model.outputs import Outputs


def outputs_json(outputs: Outputs) -> dict[str, Any]:
    """Make the document of all assistants of a target."""
    return {
        "format_version": FORMAT_VERSION,
        "project": outputs.project,
        "target": {"name": outputs.target, "url": outputs.url},
        "addresses": {"mcp": outputs.mcp, "studio": outputs.studio},
        "assistants": [
            {
                "key": one.key,
                "assistant_id": one.assistant_id,
                "graph_id": one.graph_id,
                "name": one.name,
                "source": one.source,
                "addresses": {
                    "a2a": outputs.a2a(one.assistant_id),
                    "agent_card": outputs.agent_card(one.assistant_id),
                },
            }
            for one in outputs.assistants
        ],
    }
