"""What a pull writes into git, and what it cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from assistant_sync.model.selection import Selection

if TYPE_CHECKING:
    from assistant_sync.model.change import FieldChange


class PullKind(Enum):
    """What was pulled; the value is its name in every output."""

    EDITED = "edited"
    """A manifest takes over what was edited outside git."""
    IMPORTED = "imported"
    """An assistant that no manifest named gets one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """One assistant that git learns about.

    Attributes:
        kind: What was pulled.
        key: The manifest's key.
        assistant_id: The assistant's id.
        name: The live name; masked.
        version: The live version.
        edited_at: The server's time of the last edit; None if it is not known.
        files: The files that are new or changed, relative to the repository's top.
        fields: From what the manifest wanted to what it wants now; masked; none for an import.
        notes: Further sentences for people.
    """

    kind: PullKind
    key: str
    assistant_id: str
    name: str
    version: int
    edited_at: str | None
    files: tuple[str, ...]
    fields: tuple[FieldChange, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPulled:
    """One assistant that no manifest can express, or should.

    Attributes:
        key: Its key; None if it has none yet.
        assistant_id: Its id.
        name: The live name; masked.
        graph_id: The live graph; masked.
        reason: Why, and the way out.
    """

    key: str | None
    assistant_id: str
    name: str
    graph_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is new or changed.

    Attributes:
        path: Relative to the repository's top.
        before: Its bytes; None if it is new.
        after: Its new bytes.
    """

    path: str
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReport:
    """What a pull did, or would do.

    Attributes:
        project: The owner.
        target: The target's name.
        url: The deployment's URL.
        pulled: In the order of the keys.
        not_pulled: Likewise.
        files: All files, in the order of their paths.
        dry_run: Whether nothing was written.
        branch: The branch that has the commits; None if the files were written into the work tree.
        commits: The hashes of its commits, the oldest first.
        warnings: What should be known about the whole.
        selection: Which assistants were asked for.
    """

    project: str
    target: str
    url: str
    pulled: tuple[Pulled, ...] = ()
    not_pulled: tuple[NotPulled, ...] = ()
    files: tuple[FileChange, ...] = ()
    dry_run: bool = False
    branch: str | None = None
    commits: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)
