"""The document of the versions of one assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION

if TYPE_CHECKING:
    from assistant_sync.model.history import History, VersionEntry


def history_json(history: History) -> dict[str, Any]:
    """Make the document of a history."""
    return {
        "format_version": FORMAT_VERSION,
        "key": history.key,
        "assistant_id": history.assistant_id,
        "name": history.name,
        "target": {"name": history.target, "url": history.url},
        "active_version": history.active,
        "highest_version": history.highest,
        "not_restored": [list(path) for path in history.not_restored],
        "more": history.rest,
        "versions": [_version(entry) for entry in history.entries],
    }


def _version(entry: VersionEntry) -> dict[str, Any]:
    facts = entry.facts
    return {
        "version": entry.version,
        "created_at": entry.created_at,
        "active": entry.is_active,
        "attribution": entry.attribution.value,
        "commit": entry.commit,
        "author": None if facts is None else facts.author,
        "subject": None if facts is None else facts.subject,
        "source": entry.source,
        "rollback_to": entry.rollback_to,
        "effect": entry.effect.value,
        "paths": [list(path) for path in entry.paths],
    }
