"""The document of schemas that were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.redaction import redact_text
from assistant_sync.report.json.document import FORMAT_VERSION

if TYPE_CHECKING:
    from assistant_sync.model.schema_files import SchemaFiles


def schema_files_json(schemas: SchemaFiles) -> dict[str, Any]:
    """Make the document of the schemas of a project."""
    return {
        "format_version": FORMAT_VERSION,
        "project": schemas.project,
        "written": schemas.is_written,
        "files": [{"path": one.path, "state": one.state.value} for one in schemas.files],
        "graphs": [redact_text(one) for one in schemas.graphs],
        "unusable": [
            {"graph_id": redact_text(graph), "reason": redact_text(reason)}
            for graph, reason in sorted(schemas.unusable.items())
        ],
    }
