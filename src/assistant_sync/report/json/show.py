"""The document of a live assistant, or of one of its versions, as a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.fields import strict

if TYPE_CHECKING:
    from assistant_sync.model.shown import ShownManifest


def show_json(shown: ShownManifest) -> dict[str, Any]:
    """Make the document of a manifest, with what is known of the version."""
    return {
        "format_version": FORMAT_VERSION,
        "key": shown.key,
        "assistant_id": shown.assistant_id,
        "target": {"name": shown.target, "url": shown.url},
        "version": shown.version,
        "active_version": shown.active,
        "live": shown.is_live,
        "created_at": shown.created_at,
        "attribution": None if shown.attribution is None else shown.attribution.value,
        "commit": shown.commit,
        "source": shown.source,
        "manifest": strict(shown.fields),
        "masked": [list(path) for path in shown.masked],
        "context_and_configurable": shown.has_both,
    }
