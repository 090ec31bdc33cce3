"""The document of the locks that ``unlock`` removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.lock import Lock


def locks_json(locks: Sequence[Lock]) -> dict[str, Any]:
    """Make the document of removed locks.

    Args:
        locks: The lowest generation first.
    """
    return {
        "format_version": FORMAT_VERSION,
        "removed": [
            {
                "thread_id": lock.id,
                "by": lock.by,
                "commit": lock.commit,
                "made": None if lock.made is None else lock.made.isoformat(),
            }
            for lock in locks
        ],
    }
