"""A plan held against the reviewed one: what destroys something unseen is stopped, the rest may be applied.

A concurrency group of continuous integration drops older runs, so one apply may carry several merges. If the
plan had to be exactly the reviewed one, nobody could apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.model.change import Action, Adopt, Create, Delete
from assistant_sync.model.plan import GuardViolation, PlanWarning
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.change import Write
    from assistant_sync.model.plan import Plan
    from assistant_sync.planning.later_plan import EarlierChange

Unreviewed: TypeAlias = tuple[tuple[GuardViolation, ...], tuple[PlanWarning, ...]]
"""What is stopped, and the warnings about the rest."""

GUARD = "reviewed"

_MOST_NAMED = 20


def unreviewed_changes(plan: Plan, reviewed: Iterable[EarlierChange]) -> Unreviewed:
    """Find what of a plan was not reviewed.

    Args:
        plan: What would be done now.
        reviewed: All changes of the plan that was reviewed.

    Returns:
        A violation for each change that must not be made unseen: a delete that was not reviewed, or a write over what
        somebody has changed outside git since; and one notice that names all else that is new.
    """
    seen = {change.assistant_id: change for change in reviewed}
    violations: list[GuardViolation] = []
    new: list[str] = []
    for change in plan.writes:
        before = seen.get(change.assistant_id)
        key = redact_text(change.key)
        if isinstance(change, Delete) and (before is None or before.action is not Action.DELETE):
            message = f"the delete of '{key}' was not reviewed{_AGAIN}"
            violations.append(GuardViolation(GUARD, message))
        elif _is_overwritten_unseen(plan, change, before):
            undone = f"{change.action.value} would undo that{_AGAIN}"
            message = f"'{key}' was {_done(plan, change)} since the review: {undone}"
            violations.append(GuardViolation(GUARD, message))
        elif before is None or before.digest != change.digest:
            new.append(f"{change.action.value} '{key}'")
    if not new:
        return tuple(violations), ()
    more = f" and {len(new) - _MOST_NAMED} more" if len(new) > _MOST_NAMED else ""
    listed = f"{', '.join(new[:_MOST_NAMED])}{more}"
    message = f"not in the reviewed plan, from other merged commits or with another base: {listed}"
    return tuple(violations), (PlanWarning(message),)


_AGAIN = ". Review a new plan, or run apply without --reviewed"


def never_reviewed(plan: Plan) -> tuple[GuardViolation, ...]:
    """Find what of a plan must not be done because nobody reviewed any: deletes, and undoing what was done by hand.

    Args:
        plan: What would be done now.
    """
    lost = [_what_is_lost(plan, change) for change in _destroying(plan)]
    return tuple(GuardViolation(GUARD, f"{what}{_BY_HAND}") for what in lost)


def _destroying(plan: Plan) -> Iterable[Write]:
    for change in plan.writes:
        if (
            isinstance(change, Delete)
            or change.assistant_id in plan.edited
            or (isinstance(change, Adopt) and change.fields)
        ):
            yield change


def _what_is_lost(plan: Plan, change: Write) -> str:
    key = redact_text(change.key)
    if isinstance(change, Delete):
        return f"nobody reviewed the delete of '{key}'"
    if change.assistant_id in plan.edited:
        return (
            f"'{key}' was {_done(plan, change)}, and no reviewed plan shows that this {change.action.value} undoes it"
        )
    return f"nobody reviewed what {change.action.value} changes on '{key}', which was made outside git"


_BY_HAND = ". Make the change in a pull request that shows its plan, or run apply without --unreviewed"


def _done(plan: Plan, change: Write) -> str:
    """What a change undoes, fit to follow "it was"."""
    return "rolled back on purpose" if change.assistant_id in plan.rolled_back else "changed outside git"


def _is_overwritten_unseen(plan: Plan, change: Write, before: EarlierChange | None) -> bool:
    """Whether something that was done by hand would be lost, and the reviewed plan did not start from it.

    Of an assistant to be adopted everything was done by hand. A version lower than the reviewed one was made active
    again, by hand or by another apply: to go back from there needs a new review.
    """
    is_as_reviewed = before is not None and before.base_version == change.base_version
    if isinstance(change, Create) or is_as_reviewed:
        return False
    if isinstance(change, Adopt) or change.assistant_id in plan.edited:
        return True
    if before is None or before.base_version is None or change.base_version is None:
        return False
    return change.base_version < before.base_version
