"""Schemas as files: those of graphs and those for editors, and what became of each."""

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
class SchemaFile:
    """One schema.

    Attributes:
        path: Relative to the project file's folder.
        state: How it compares to what was there.
    """

    path: str
    state: FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFiles:
    """The schemas that a command writes.

    Attributes:
        project: The owner's name.
        files: In the order of their paths.
        graphs: The graphs whose contexts editors check, sorted.
        unusable: Why the schema of a graph is left out, by graph.
        is_written: Whether they were written; else they were only compared.
    """

    project: str
    files: tuple[SchemaFile, ...]
    graphs: tuple[str, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)
    is_written: bool = True

    @property
    def stale(self) -> tuple[SchemaFile, ...]:
        """The files that are, or were, not as they should be."""
        return tuple(one for one in self.files if one.state is not FileState.UNCHANGED)
