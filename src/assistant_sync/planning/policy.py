"""The rules of one plan, beside desired and live: the target's settings and the command line's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.frozen import Frozen, field
from assistant_sync.model.project import Activation, Limits
from assistant_sync.model.selection import Selection

if TYPE_CHECKING:
    from assistant_sync.model.provenance import Commit
    from assistant_sync.model.values import Path


class Allowance(Frozen, frozen=True):
    """What the command line allows for this run, in place of the limits; None if it names no number."""

    deletes: int | None = None
    updates: int | None = None


class Policy(Frozen, frozen=True, kw_only=True):
    """The rules of one plan.

    Attributes:
        project: The owner.
        target: The target's name.
        formerly: The names that the target had before.
        url: The deployment's URL.
        commit: Where the manifests come from; None without git.
        activation: When an identical earlier version is activated.
        limits: The target's guards.
        allowance: What the command line allows in their place.
        prune: Whether an owned assistant without a manifest is deleted.
        retarget: Whether assistants written as another target may be taken over.
        allow_older: Whether a newer commit's write may be overwritten.
        can_archive: Whether there is a lasting place for deleted assistants.
        archive_is_public: Whether everybody may read what this job keeps, which nobody has agreed to.
        selection: Which assistants the plan is about.
        literals: Paths whose values are no credentials, although they look like some.
        former_projects: The names that the project had before, the oldest first.
    """

    project: str
    target: str
    url: str
    formerly: tuple[str, ...] = ()
    commit: Commit | None = None
    activation: Activation = Activation.SAFE
    limits: Limits = field(default_factory=Limits)
    allowance: Allowance = field(default_factory=Allowance)
    prune: bool = False
    retarget: bool = False
    allow_older: bool = False
    can_archive: bool = True
    archive_is_public: bool = False
    selection: Selection = field(default_factory=Selection)
    literals: tuple[Path, ...] = ()
    former_projects: tuple[str, ...] = ()

    @property
    def projects(self) -> tuple[str, ...]:
        """All names whose stamps are ours, the oldest first."""
        return (*self.former_projects, self.project)

    @property
    def first_project(self) -> str:
        """The name that ids are derived from."""
        return self.projects[0]
