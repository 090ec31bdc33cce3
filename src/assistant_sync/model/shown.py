"""What ``show`` prints of an assistant, and what ``diff`` compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.outcome import Attribution
    from assistant_sync.model.values import JsonObject, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownManifest:
    """A live assistant, or one of its versions, as a manifest.

    Attributes:
        key: Its key.
        assistant_id: Its id.
        target: The target's name.
        url: The deployment.
        version: The number of what is shown.
        active: The number of the active version.
        is_live: Whether the live assistant was asked for, not a version by its number.
        created_at: When the version was made, as the server puts it.
        attribution: Whether an apply of this project made the version; None if the server does not list it.
        commit: The commit that the apply named; None without git, and outside of it.
        source: The manifest's path at that commit.
        fields: The manifest; masked.
        yaml: The same as YAML; None if no manifest can carry a value, such as one that is nested too deeply.
        masked: The paths of values that were masked.
        has_both: Whether ``context`` and ``config.configurable`` differ and both hold something, which no manifest can
            express.
    """

    key: str
    assistant_id: str
    target: str
    url: str
    version: int
    active: int
    is_live: bool
    created_at: str | None
    attribution: Attribution | None
    commit: str | None
    source: str | None
    fields: JsonObject = field(repr=False)
    yaml: str | None = field(repr=False)
    masked: tuple[Path, ...] = ()
    has_both: bool = False


class StateKind(Enum):
    """Where a state of an assistant is found; the value is its name in every output."""

    VERSION = "version"
    LIVE = "live"
    WORKTREE = "worktree"
    REVISION = "revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFacts:
    """One side of a comparison.

    Attributes:
        key: The assistant's key.
        kind: Where the state is found.
        name: The version's number or the revision, as it was asked for; else the kind's name.
        assistant_id: The assistant's id.
        version: The number of a version, or of the active one; None for a manifest.
        commit: The hash of a revision; None for all else.
        source: The manifest's path; None for what the deployment has.
    """

    key: str
    kind: StateKind
    name: str
    assistant_id: str
    version: int | None = None
    commit: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSides:
    """Two states compared.

    Attributes:
        target: The target's name.
        url: The deployment.
        left: The old one.
        right: The new one.
        fields: What differs; masked.
    """

    target: str
    url: str
    left: StateFacts
    right: StateFacts
    fields: tuple[FieldChange, ...] = field(repr=False)
