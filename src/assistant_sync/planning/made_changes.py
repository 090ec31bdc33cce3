"""The changes of one run: an apply plans again under its lock, and nearly always finds what it found before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.planning.changes import make_change
from assistant_sync.planning.decide import decide

if TYPE_CHECKING:
    from assistant_sync.model.change import Change
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay


def change_of(one: ThreeWay, policy: Policy, deferred: str | None) -> Change:
    """Decide about an assistant, and make the change.

    Args:
        one: The assistant; its versions must be known if it may be written.
        policy: The rules.
        deferred: Why apply does not send it; None if it does.
    """
    return make_change(one, decide(one, policy), deferred, literals=policy.literals)


class MadeChanges:
    """Makes changes once for the same assistant under the same rules.

    Whatever is written to an assistant gives its row another version or time, so that it is not the same any more.
    """

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[ThreeWay, Policy, str | None], Change]] = {}

    def change(self, one: ThreeWay, policy: Policy, deferred: str | None) -> Change:
        """As ``change_of``."""
        asked = (one, policy, deferred)
        before, change = self._made.get(one.assistant_id, (None, None))
        if change is None or before != asked:
            change = change_of(one, policy, deferred)
            self._made[one.assistant_id] = (asked, change)
        return change
