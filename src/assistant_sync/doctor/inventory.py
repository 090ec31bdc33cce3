"""The inventory: how many assistants of a deployment belong to whom."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import TYPE_CHECKING

from assistant_sync.model.diagnosis import Inventory, UnmanagedAssistant
from assistant_sync.planning.ownership import Foreign, Owned, Unmanaged, is_system, judge
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.planning.ownership import Live


def count_by_owner(
    rows: Sequence[Assistant], project: str, targets: Collection[str], former_projects: Collection[str] = ()
) -> Inventory:
    """Count the rows of a complete listing.

    Args:
        rows: Every assistant that the key may see.
        project: Ours.
        targets: The target's name, and those that it had before.
        former_projects: The names that the project had before.
    """
    judged = [judge(row, project, former_projects) for row in rows]
    owned = [one.stamp for one in judged if isinstance(one, Owned)]
    system = sum(is_system(row) for row in rows)
    ids = "\n".join(sorted(row.assistant_id for row in rows))
    return Inventory(
        visible=len(rows),
        owned=len(owned),
        elsewhere=sum(stamp.target not in targets for stamp in owned),
        unmanaged=sum(isinstance(one, Unmanaged) for one in judged),
        foreign=sum(isinstance(one, Foreign) for one in judged) - system,
        system=system,
        view="sha256:" + hashlib.sha256(ids.encode()).hexdigest()[:16],
        unmanaged_assistants=tuple(sorted(_nobodys(judged), key=astuple)),
    )


def _nobodys(judged: Iterable[Live]) -> Iterator[UnmanagedAssistant]:
    for one in judged:
        if isinstance(one, Unmanaged):
            row = one.row
            yield UnmanagedAssistant(redact_text(row.graph_id), redact_text(row.name), row.assistant_id)
