"""What of a stamp is out of date although the content may be equal; to write it costs a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.stamp import Stamp


def stamp_differs(desired: Desired, stamp: Stamp) -> str | None:
    """What the stamp must say otherwise, as a sentence's end; None if it fits the manifest.

    Provenance, such as the commit, is no such thing: it is never refreshed alone.

    Args:
        desired: The manifest.
        stamp: That of the live row, or of a version.
    """
    if desired.key == stamp.key and desired.prevent_delete is stamp.prevent_delete:
        return None  # nearly always
    changes = [] if desired.key == stamp.key else [f"renamed from {stamp.key}"]
    if desired.prevent_delete and not stamp.prevent_delete:
        changes.append("the manifest sets lifecycle.prevent_delete, which the stamp does not have yet")
    elif stamp.prevent_delete and not desired.prevent_delete:
        changes.append("the manifest no longer sets lifecycle.prevent_delete, which the stamp still has")
    return "; ".join(changes) or None
