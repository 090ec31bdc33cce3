"""What git wants beside what is live, as a member of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant_sync.model.aftermath import GitView


def git_json(git: GitView | None) -> dict[str, Any] | None:
    """Make the member; None if git was not asked."""
    if git is None:
        return None
    return {
        "state": git.state.value,
        "source": git.source,
        "because": git.because,
        "ways": [{"command": way.command, "effect": way.effect} for way in git.ways],
    }
