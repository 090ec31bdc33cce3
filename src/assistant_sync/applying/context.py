"""What every write of one apply shares, and what one attempt leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

from assistant_sync.live.settling import PollSchedule
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import Frozen, field
from assistant_sync.planning.attribution import Attributor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.live.writer import AssistantsWriter
    from assistant_sync.model.change import Write
    from assistant_sync.model.outcome import Outcome


class WriteContext(Frozen, frozen=True, kw_only=True):
    """What the writes of one apply share.

    Attributes:
        writer: The client that may write.
        project: The owner.
        target: The target's name.
        commit: Where the manifests come from; None without git.
        mirroring: What the deployment was seen to do.
        restores_all: Whether the target's ``activation`` is ``full``: the deployment restores whole versions.
        schedule: When a write without an answer is looked for.
        fresh_id: Makes the id of a write.
        former_projects: The names that the project had before.
    """

    writer: AssistantsWriter
    project: str
    target: str
    commit: str | None
    mirroring: Mirroring = Mirroring.UNKNOWN
    restores_all: bool = False
    schedule: PollSchedule = field(default_factory=PollSchedule)
    fresh_id: Callable[[], str] = lambda: uuid4().hex
    former_projects: tuple[str, ...] = ()

    def attributor(self, change: Write) -> Attributor:
        """What attributes the versions of the assistant of a change."""
        return Attributor.of(change, self.project, self.mirroring, self.former_projects)


LastLook: TypeAlias = "Callable[[], Awaitable[Outcome | None]]"
"""Looks once more for a write that was not seen to land; the outcome if it has by now."""


class Attempt(Frozen, frozen=True):
    """What one attempt to carry out a change leaves.

    Attributes:
        outcome: What became of the change.
        last_look: Set while the write is in doubt.
    """

    outcome: Outcome
    last_look: LastLook | None = None
