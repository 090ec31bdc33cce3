"""The plan: one immutable value that is rendered and carried out."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.model.change import Action, Activate, Adopt, Create, Delete, Update
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import Frozen, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.cause import Cause
    from assistant_sync.model.change import Change, DesiredWrite, Write
    from assistant_sync.model.provenance import Commit
    from assistant_sync.model.selection import Selection


_WRITES = (Create, Update, Activate, Adopt, Delete)


class PlanWarning(Frozen, frozen=True):
    """Something that the reader of a plan should know but that stops nothing.

    Attributes:
        message: One sentence or two.
        key: The assistant that it is about; None for the whole plan.
    """

    message: str
    key: str | None = None


class MissingGraph(Frozen, frozen=True):
    """A graph that manifests name and the deployment does not serve.

    Attributes:
        graph_id: The graph.
        nearest: The served one whose name is nearest; None if none is near.
    """

    graph_id: str
    nearest: str | None = None


class GuardViolation(Frozen, frozen=True):
    """A guard that stops the plan.

    Attributes:
        guard: Its name: ``deletes``, ``updates``, ``empty``, ``unknown-commit``, ``source-unread``, ``archive`` or
            ``public-archive``; ``reviewed`` if a review is missing.
        message: What it counted, what it allows and how to allow more.
    """

    guard: str
    message: str


class Plan(Frozen, frozen=True):
    """What apply will do, and nothing else.

    Attributes:
        project: The owner.
        target: The target's name.
        url: The deployment's URL.
        commit: Where the manifests come from; None without git.
        changes: Every desired and every owned live assistant, in stable order by key.
        warnings: In stable order.
        guards: Those that stop it.
        selection: What narrowed it.
        digest: Of target and all changes but ``keep``; no times and no provenance.
        prune: Whether owned assistants without a manifest are deleted.
        mirroring: What the deployment was seen to do, by which what is read back is judged.
        base: The commit at which the branch began, if changes were compared with it.
        causes: Where each change comes from, by assistant; empty without a base.
        edited: The assistants of which a write or delete undoes what somebody changed since our last write, or rolled
            back on purpose.
        rolled_back: Those of them that were rolled back on purpose.
        missing_graphs: The graphs that selected manifests name and the deployment surely does not serve.
    """

    unshown: ClassVar = ("changes", "causes")

    project: str
    target: str
    url: str
    commit: Commit | None
    changes: tuple[Change, ...]
    warnings: tuple[PlanWarning, ...]
    guards: tuple[GuardViolation, ...]
    selection: Selection
    digest: str
    prune: bool = False
    mirroring: Mirroring = Mirroring.UNKNOWN
    base: str | None = None
    causes: Mapping[str, tuple[Cause, ...]] = field(default_factory=lambda: MappingProxyType({}))
    edited: frozenset[str] = frozenset()
    rolled_back: frozenset[str] = frozenset()
    missing_graphs: tuple[MissingGraph, ...] = ()

    @property
    def summary(self) -> dict[Action, int]:
        """How many changes of each kind there are, zeros included, in the order of ``Action``."""
        counts = Counter(change.action for change in self.changes)
        return {action: counts[action] for action in Action}

    @property
    def writes(self) -> tuple[Write, ...]:
        """The changes that write; some of them may be deferred."""
        return tuple([one for one in self.changes if isinstance(one, _WRITES)])

    @property
    def desired_writes(self) -> tuple[DesiredWrite, ...]:
        """Those of ``writes`` that a manifest wants: all but deletes."""
        return tuple(change for change in self.writes if not isinstance(change, Delete))

    @property
    def deferred(self) -> tuple[Write, ...]:
        """Those of ``writes`` that apply does not send, because the deployment does not have their graph."""
        return tuple(change for change in self.writes if change.deferred is not None)

    @property
    def sent(self) -> tuple[Write, ...]:
        """Those of ``writes`` that apply sends."""
        return tuple(change for change in self.writes if change.deferred is None)

    @property
    def is_refused(self) -> bool:
        """Whether apply stops before the first write."""
        return bool(self.guards) or any(change.action is Action.REFUSE for change in self.changes)
