"""Whose the assistants of a deployment are, counted; and what their default assistants tell of what a key may see."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from assistant_sync.model.diagnosis import Census
from assistant_sync.planning.ownership import Ownership, is_system, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.assistant import Assistant


def take_census(rows: Sequence[Assistant], project: str, target: str) -> Census:
    """Count the rows of a complete listing.

    Args:
        rows: Every assistant that the key may see.
        project: Ours.
        target: The target's name.
    """
    verdicts = [judge(row, project) for row in rows]
    owned = [one.stamp for one in verdicts if one.ownership is Ownership.OWNED]
    system = sum(is_system(row) for row in rows)
    ids = "\n".join(sorted(row.assistant_id for row in rows))
    return Census(
        visible=len(rows),
        owned=len(owned),
        elsewhere=sum(stamp is not None and stamp.target != target for stamp in owned),
        unmanaged=sum(one.ownership is Ownership.UNMANAGED for one in verdicts),
        foreign=sum(one.ownership is Ownership.FOREIGN for one in verdicts) - system,
        system=system,
        view="sha256:" + hashlib.sha256(ids.encode()).hexdigest()[:16],
    )
