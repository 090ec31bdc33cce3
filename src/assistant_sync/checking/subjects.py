"""The assistants of a plan that questions are asked of, as they would be and as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.checking.questions import Subject
from assistant_sync.model.change import Create
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.mirroring import align

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Content
    from assistant_sync.model.change import DesiredWrite
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.plan import Plan


def subjects_of(plan: Plan) -> tuple[Subject, ...]:
    """What a plan would make of assistants: those that are created, updated, activated or adopted, in its order."""
    return tuple(
        Subject(change.key, change.desired.content, _live(change, plan.mirroring)) for change in plan.desired_writes
    )


def _live(change: DesiredWrite, mirroring: Mirroring) -> Content | None:
    if isinstance(change, Create):
        return None
    desired = change.desired
    _, live = align(desired.content, live_content(change.live, desired.metadata_keys), mirroring)
    return live
