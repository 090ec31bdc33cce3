"""Drift: which owned assistants are not as assistant-sync wrote them, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from assistant_sync.model.selection import Selection

if TYPE_CHECKING:
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.outcome import OutsideVersion
    from assistant_sync.model.provenance import Commit


class DriftKind(Enum):
    """What happened to an assistant; the value is its name in every output."""

    EDITED = "edited"
    """Somebody wrote a version outside git, and it is active."""
    MOVED = "moved"
    """Somebody made an earlier version active outside git."""
    ROLLED_BACK = "rolled-back"
    """``assistant-sync rollback`` made it what an earlier version was; the manifest wants something else."""
    DELETED = "deleted"
    """Somebody deleted it outside git."""
    UNSTAMPED = "unstamped"
    """It is there, but somebody removed the stamp that made it ours."""
    GRAPH_GONE = "graph-gone"
    """The deployment no longer registers its graph: each run fails."""
    SCHEMA_CHANGED = "schema-changed"
    """Nobody edited it, but it does not fit the schema that its graph has now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One assistant that is not as we wrote it.

    Attributes:
        kind: What happened.
        key: The manifest's key, or the stamp's if there is no manifest.
        assistant_id: Its id.
        name: The live name, or the desired one if it is absent; masked.
        source: The manifest's path, or the stamp's if there is no manifest.
        reason: One sentence about it, fit to follow the key; masked.
        version: The active version; None if it is absent.
        written_version: The version that our last write made; None if it is not known.
        commit: The commit of that write; None without git.
        versions: The versions that somebody else made since, and a version that was made active.
        fields: From what we wrote to what is live; masked.
        has_manifest: Whether a manifest wants it.
        is_mixed: Whether it is a mixture of two versions, because the server restored only a part of one.
    """

    kind: DriftKind
    key: str
    assistant_id: str
    name: str
    source: str | None
    reason: str
    version: int | None = None
    written_version: int | None = None
    commit: str | None = None
    versions: tuple[OutsideVersion, ...] = field(default=(), repr=False)
    fields: tuple[FieldChange, ...] = field(default=(), repr=False)
    has_manifest: bool = True
    is_mixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """The drift of one target.

    Attributes:
        project: The owner.
        target: The target's name.
        url: The deployment's URL.
        commit: Where the manifests come from; None without git.
        drifted: In the order of the keys.
        pending: The keys of those that are as we wrote them, or were never there, and that the manifests now want
            otherwise: an apply is due.
        checked: How many owned assistants were looked at.
        warnings: What could not be found out.
        selection: Which of them were looked at.
    """

    project: str
    target: str
    url: str
    commit: Commit | None
    drifted: tuple[Drifted, ...]
    pending: tuple[str, ...] = ()
    checked: int = 0
    warnings: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)

    @property
    def summary(self) -> dict[DriftKind, int]:
        """How many entries of each kind there are, zeros included, in the order of ``DriftKind``."""
        return {kind: sum(one.kind is kind for one in self.drifted) for kind in DriftKind}
