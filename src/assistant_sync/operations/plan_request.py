"""What a plan should be, as a command asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.frozen import Frozen, field
from assistant_sync.model.selection import Selection
from assistant_sync.planning.policy import Allowance

if TYPE_CHECKING:
    from assistant_sync.operations.workspace import Settings


class PlanRequest(Frozen, frozen=True, kw_only=True):
    """What a plan should be.

    Attributes:
        settings: The common options.
        selection: Which assistants the plan is about.
        changed_since: What the branch will be merged into, or came from, to narrow the selection to the manifests that
            changed since; None not to.
        prune: Whether owned assistants without a manifest are deleted; None leaves it to the target.
        allowance: What the command line allows in place of the target's limits.
        retarget: Whether assistants written as another target may be taken over.
        allow_older: Whether a newer commit's write may be overwritten.
        in_public: Whether this is a job of a public repository.
        allow_public_archive: Whether such a job may delete, although everybody may read what it keeps.
        base: What the branch will be merged into, to find the causes of changes; None for what continuous
            integration names.
        trusted_ref: The commit whose connection alone may be used; None if today's is trusted.
        names_tree: Whether the plan names the files that it was made of, as a saved one does.
    """

    settings: Settings
    selection: Selection = field(default_factory=Selection)
    changed_since: str | None = None
    prune: bool | None = None
    allowance: Allowance = field(default_factory=Allowance)
    retarget: bool = False
    allow_older: bool = False
    in_public: bool = False
    allow_public_archive: bool = False
    base: str | None = None
    trusted_ref: str | None = None
    names_tree: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for some assistants only."""
        return self.selection.is_narrow or self.changed_since is not None
