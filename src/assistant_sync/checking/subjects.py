"""The assistants of a plan that questions are asked of, as they would be and as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.checking.questions import Subject
from assistant_sync.model.change import Activate, Adopt, Create, Update
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.mirroring import align

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan


def subjects_of(plan: Plan) -> tuple[Subject, ...]:
    """What a plan would make of assistants: those that are created, updated, activated or adopted, in its order."""
    found: list[Subject] = []
    for change in plan.writes:
        match change:
            case Create():
                found.append(Subject(change.key, change.desired.content, None))
            case Update() | Activate() | Adopt():
                desired = change.desired
                _, live = align(desired.content, live_content(change.live, desired.metadata_keys), plan.mirroring)
                found.append(Subject(change.key, desired.content, live))
            case _:
                pass  # what is deleted answers nothing any more
    return tuple(found)
