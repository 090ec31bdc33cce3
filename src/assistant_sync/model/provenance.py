"""Where manifests come from in git, and how commits relate."""

from __future__ import annotations

from enum import Enum

from assistant_sync.model.frozen import Frozen


class Commit(Frozen, frozen=True):
    """The commit that the manifests were read at.

    Attributes:
        sha: The full hash.
        dirty: Whether a manifest, an included text or the project file differs from the commit.
        tree: The hash of all its files, which a merge may have in common with what was reviewed; None if unknown.
    """

    sha: str
    dirty: bool
    tree: str | None = None

    def __str__(self) -> str:
        return f"{self.sha}-dirty" if self.dirty else self.sha


class CommitFacts(Frozen, frozen=True):
    """What a commit says of itself.

    Attributes:
        sha: The full hash.
        author: Who wrote it, by name; masked if it looks like a credential.
        subject: The first paragraph of its message in one line; masked likewise, and cut if it is very long.
    """

    sha: str
    author: str
    subject: str


class Ancestry(Enum):
    """How a commit relates to HEAD."""

    SAME = "same"
    ANCESTOR = "ancestor"
    DESCENDANT = "descendant"
    DIVERGED = "diverged"
    """Known here, but neither before nor after HEAD."""
    ABSENT = "absent"
    """Not in this repository, whose history is complete."""
    UNKNOWN = "unknown"
    """No git, a shallow clone, or no readable hash: nothing is known."""
