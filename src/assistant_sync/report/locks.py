"""The locks that ``unlock`` found or took away, as text and as JSON."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from assistant_sync.report.lines import QUIET, joined, label
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from assistant_sync.model.lock import Lock


def locks_text(locks: Sequence[Lock], *, removed: bool = False) -> Text:
    """Render locks, one in a line.

    Args:
        locks: The lowest generation first.
        removed: Whether they have been taken away.
    """
    lines = []
    for lock in locks:
        since = "" if lock.made is None else f" since {lock.made.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        commit = "" if lock.commit is None else f", commit {lock.commit[:12]}"
        lines.append([*label(lock.by or "another apply", "bold"), *label(f"{since}{commit}", QUIET)])
    if removed:
        done = f"Unlocked: {plural(len(locks), 'lock')} taken away." if locks else "There is no lock."
        lines.append([(done, "bold")])
    return joined(lines)


def locks_json(locks: Sequence[Lock]) -> dict[str, Any]:
    """Make the document of the locks that were taken away."""
    return {
        "format_version": "1.0",
        "removed": [
            {
                "assistant_id": lock.id,
                "by": lock.by,
                "commit": lock.commit,
                "made": None if lock.made is None else lock.made.isoformat(),
            }
            for lock in locks
        ],
    }
