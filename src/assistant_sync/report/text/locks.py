"""The locks that ``unlock`` found or removed, as text."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from assistant_sync.report.text.lines import joined, label
from assistant_sync.report.text.styles import QUIET
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from assistant_sync.model.lock import Lock


def locks_text(locks: Sequence[Lock], *, removed: bool = False) -> Text:
    """Render locks, one in a line.

    Args:
        locks: The lowest generation first.
        removed: Whether they were removed.
    """
    lines = []
    for lock in locks:
        since = "" if lock.made is None else f" since {lock.made.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        commit = "" if lock.commit is None else f", commit {lock.commit[:12]}"
        lines.append([*label(lock.by or "another apply", "bold"), *label(f"{since}{commit}", QUIET)])
    if removed:
        done = f"Unlocked: {plural(len(locks), 'lock')} removed." if locks else "There is no lock."
        lines.append([(done, "bold")])
    return joined(lines)
