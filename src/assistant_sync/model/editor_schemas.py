"""The schemas for editors as files, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class FileState(Enum):
    """How a file compares to the one that was there."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class EditorFile:
    """One schema.

    Attributes:
        path: Relative to the project file's folder.
        state: How it compares to what was there.
    """

    path: str
    state: FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorSchemas:
    """All schemas of a project.

    Attributes:
        project: The owner's name.
        files: In the order of their paths.
        graphs: The graphs whose contexts editors check, sorted.
        unusable: Why the kept schema of a graph is left out, by graph.
        is_written: Whether they were written; else they were only compared.
    """

    project: str
    files: tuple[EditorFile, ...]
    graphs: tuple[str, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)
    is_written: bool = True

    @property
    def stale(self) -> tuple[EditorFile, ...]:
        """The files that are, or were, not as they should be."""
        return tuple(one for one in self.files if one.state is not FileState.UNCHANGED)
