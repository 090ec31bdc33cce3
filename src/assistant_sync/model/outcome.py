"""Outcomes: what became of each change, in the past tense."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from assistant_sync.model.change import Action, FieldChange
    from assistant_sync.model.cron import Cron


class Status(Enum):
    """What became of a change."""

    CREATED = "created"
    UPDATED = "updated"
    ACTIVATED = "activated"
    ADOPTED = "adopted"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    NOT_ATTEMPTED = "not_attempted"

    @property
    def is_done(self) -> bool:
        """Whether the deployment is known to be as the change wanted it."""
        return self not in (Status.FAILED, Status.UNCONFIRMED, Status.NOT_ATTEMPTED)


class Failure(Frozen, frozen=True):
    """Why a change failed or is unconfirmed.

    Attributes:
        kind: A stable word, the name of the error's class.
        message: For people; never holds a value of the manifest.
        exit_code: The code of the error, were it the only one.
    """

    kind: str
    message: str
    exit_code: int


class Attribution(Enum):
    """Who made a version that this apply did not make, so far as its stamp shows."""

    OUTSIDE = "outside"
    """Not assistant-sync: a hand edit, for example."""
    APPLY = "apply"
    """Another apply of this project, or a write of an earlier one that landed late."""
    ACTIVATED = "activated"
    """It need not be new: it was made the active one, by whomever."""


class OutsideVersion(Frozen, frozen=True):
    """A version that came to be, or to be active, beside this apply.

    Attributes:
        version: Its number.
        created_at: The server's text; None if it is not known.
        fields: What differs in it from the one before; masked as in a plan, and without the stamp.
        attribution: Who made it.
        commit: The commit that another apply wrote it from; None otherwise, and without git.
    """

    unshown: ClassVar = ("fields",)

    version: int
    created_at: str | None
    fields: tuple[FieldChange, ...]
    attribution: Attribution = Attribution.OUTSIDE
    commit: str | None = None


class Archived(Frozen, frozen=True):
    """What was kept before a delete.

    Attributes:
        place: The archive's file.
        crons: The crons that it has; None if they could not be read.
    """

    place: str
    crons: tuple[Cron, ...] | None = ()


class Outcome(Frozen, frozen=True, kw_only=True):
    """What became of one change.

    Attributes:
        action: What the plan intended.
        key: The manifest's key.
        assistant_id: The assistant's id.
        status: What happened.
        version_before: The active version before; None for a create.
        version_after: The version that the write left active, if it is known and there is one.
        healed_from: The version whose activation restored only a part; the update that healed it is counted.
        outside_versions: The versions that somebody else wrote between the plan and our write, or instead of it.
        outside: The same with what they changed, the last ones of very many; and a version that was made active.
        lost: Fields that git does not own and that the write did not leave as they were, dotted.
        error: Set if the change failed, is unconfirmed, or was deferred.
        notes: Further sentences for people.
        source: The manifest's path; None if there is none.
        crons: Those that go with the assistant of a delete, so far as they could be read.
    """

    action: Action
    key: str
    assistant_id: str
    status: Status
    version_before: int | None = None
    version_after: int | None = None
    healed_from: int | None = None
    outside_versions: tuple[int, ...] = ()
    outside: tuple[OutsideVersion, ...] = ()
    lost: tuple[str, ...] = ()
    error: Failure | None = None
    notes: tuple[str, ...] = ()
    source: str | None = None
    crons: tuple[Cron, ...] = ()


class Difference(Frozen, frozen=True):
    """An assistant that the final read found other than the plan wanted it.

    Attributes:
        key: The manifest's key.
        paths: The fields that differ, dotted; values are not repeated here.
        version_after: The version that our write left active; None after a delete.
        version_now: The version that was read; None if there is none.
        outside: What somebody else did after our write.
        is_explained: Whether that accounts for the whole difference, our own version being as it was planned.
        source: The manifest's path; None if there is none.
    """

    key: str
    paths: tuple[str, ...]
    version_after: int | None = None
    version_now: int | None = None
    outside: tuple[OutsideVersion, ...] = ()
    is_explained: bool = False
    source: str | None = None


class ApplyResult(Frozen, frozen=True):
    """The report of an apply.

    Attributes:
        outcomes: One for each change that the plan would write, in the plan's order.
        differences: What the final read found; empty if the listed changes converged.
        unread: Why the final read could not be made; None if it was.
        interrupted: Whether the apply was asked to stop.
        unchanged: How many assistants the plan kept as they are.
        warnings: What was not as it should be, though no change failed by it.
    """

    outcomes: tuple[Outcome, ...]
    differences: tuple[Difference, ...] = ()
    unread: str | None = None
    interrupted: bool = False
    unchanged: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def converged(self) -> bool:
        """Whether every listed change is done and was read back as the plan wanted it."""
        return not self.differences and self.unread is None and all(outcome.status.is_done for outcome in self.outcomes)
