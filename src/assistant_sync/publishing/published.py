"""What commands publish on a forge, by the words for it."""

from __future__ import annotations

from assistant_sync.model.frozen import Frozen


class Published(Frozen, frozen=True):
    """What a command publishes.

    Attributes:
        noun: In sentences, and in the marker of its comment.
        verb: That goes with it.
        missing: What there is none of after a failure.
    """

    noun: str
    verb: str
    missing: str


PLAN = Published("plan", "is", "plan")
CHECKS = Published("checks", "are", "answers")
