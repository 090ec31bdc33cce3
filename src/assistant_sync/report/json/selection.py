"""The members of a document that say what narrowed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant_sync.model.selection import Selection


def selection_json(selection: Selection) -> dict[str, Any]:
    """Make the members of a selection; ``selection_keys`` is null if nothing was compared with a commit."""
    return {
        "selection": list(selection.globs),
        "selection_graphs": list(selection.graphs),
        "selection_keys": None if selection.changed is None else sorted(selection.changed),
        "selection_since": selection.since,
    }
