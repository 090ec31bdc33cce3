"""The document of two states compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.fields import field_json

if TYPE_CHECKING:
    from assistant_sync.model.shown import ComparedSides, StateFacts


def diff_json(compared: ComparedSides) -> dict[str, Any]:
    """Make the document of a comparison."""
    return {
        "format_version": FORMAT_VERSION,
        "target": {"name": compared.target, "url": compared.url},
        "left": _side(compared.left),
        "right": _side(compared.right),
        "differs": bool(compared.fields),
        "fields": [field_json(field) for field in compared.fields],
    }


def _side(facts: StateFacts) -> dict[str, Any]:
    return {
        "key": facts.key,
        "kind": facts.kind.value,
        "name": facts.name,
        "assistant_id": facts.assistant_id,
        "version": facts.version,
        "commit": facts.commit,
        "source": facts.source,
    }
