"""Conflicts: the row about to be written over is not the one that the plan saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.applying.outcomes import conflicting
from assistant_sync.applying.readback import has_moved
from assistant_sync.live.lookup import versions_if_readable
from assistant_sync.model.change import Delete
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Attribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.applying.context import WriteContext
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Activate, Adopt, Update
    from assistant_sync.model.outcome import Outcome


async def conflict_with(
    change: Update | Adopt | Activate | Delete, now: Assistant | None, context: WriteContext
) -> Outcome | None:
    """The conflict if a row is not the one that the plan saw, with what was changed; else None.

    Args:
        change: The change to carry out.
        now: The row just read; None if it is gone.
        context: How to read, and whose writes are ours.
    """
    if now is None:
        return conflicting(change, "somebody else has deleted it since the plan")
    base = change.live
    if not has_moved(base, now):
        return None
    if now.version != base.version:
        moved = f"version {base.version} was active when the plan was made, now version {now.version} is"
    else:
        moved = f"version {now.version} is not what it was when the plan was made"
    outcome = conflicting(change, f"somebody else has written since the plan: {moved}. Plan again")
    versions: Sequence[Assistant] = ()
    # The plan of a delete does not know which version was the highest: only what is active now is known.
    above = now.version
    if not isinstance(change, Delete):
        versions, _ = await versions_if_readable(context.writer, change.assistant_id)
        above = change.highest_version
    attributor = context.attributor(change)
    outside = attributor.attribute_since(versions, base, now, above=above)
    numbers = tuple(one.version for one in outside if one.attribution is not Attribution.ACTIVATED)
    return replace(outcome, outside=outside, outside_versions=numbers)
