"""The versions of one assistant: who made each, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.outcome import Attribution
    from assistant_sync.model.provenance import CommitFacts
    from assistant_sync.model.values import Path


class Effect(Enum):
    """What a version changed compared with the one before."""

    CREATED = "created"
    """It is the first one."""
    CONTENT = "content"
    """Fields, or metadata that git does not own."""
    STAMP = "stamp"
    """Only the stamp."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionEntry:
    """One version.

    Attributes:
        version: Its number.
        created_at: The server's text; None if the server has none.
        is_active: Whether runs use it now.
        attribution: Whether an apply of this project made it, or somebody outside git.
        commit: The commit that the apply named, ``-dirty`` included; None without git, and outside of it.
        facts: What that commit says of itself; None if it is not in this repository.
        source: The manifest's path at that commit; None outside of git.
        rollback_to: The version that an emergency rollback put back; None if none made it.
        effect: What it changed.
        paths: The fields that it changed; empty if it changed no content, or is the first.
    """

    version: int
    created_at: str | None
    is_active: bool
    attribution: Attribution
    commit: str | None = None
    facts: CommitFacts | None = None
    source: str | None = None
    rollback_to: int | None = None
    effect: Effect
    paths: tuple[Path, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The versions of one assistant.

    Attributes:
        key: Its key.
        assistant_id: Its id.
        name: Its display name.
        target: The target's name.
        url: The deployment.
        has_git: Whether there is a repository to look commits up in.
        active: The active version's number.
        highest: The highest version's number.
        not_restored: Fields of the live assistant that differ from the version that is active: some servers restore
            only part of a version.
        entries: The newest first.
        rest: How many older versions there are.
    """

    key: str
    assistant_id: str
    name: str
    target: str
    url: str
    has_git: bool
    active: int
    highest: int
    not_restored: tuple[Path, ...] = ()
    entries: tuple[VersionEntry, ...] = ()
    rest: int = 0
