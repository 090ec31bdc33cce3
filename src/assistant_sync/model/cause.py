"""Where a change comes from, seen from the branch that is planned."""

from __future__ import annotations

from enum import Enum


class Cause(Enum):
    """One reason why desired and live differ; a change may have several."""

    BRANCH = "branch"
    """The branch has changed the manifest since its base."""
    PENDING = "pending"
    """The base has it already: merged earlier, and not applied yet."""
    OUTSIDE = "outside"
    """Somebody changed the live assistant outside git since our last write."""
    BEHIND = "behind"
    """It was applied from a commit that the branch does not have, and would be undone."""

    @property
    def words(self) -> str:
        """The cause, for people."""
        return _WORDS[self]


_WORDS = {
    Cause.BRANCH: "introduced by this branch",
    Cause.PENDING: "merged earlier, not applied yet",
    Cause.OUTSIDE: "changed outside git",
    Cause.BEHIND: "this branch is behind: it would undo what was applied",
}
