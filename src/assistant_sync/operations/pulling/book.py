"""Files with new contents in memory: edited, imported and read again, and not written yet."""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.manifests.load import load_manifests
from assistant_sync.manifests.writing.edit import edit_text
from assistant_sync.model.pulled import FileChange
from assistant_sync.repository.patched import PatchedTree
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.manifests.writing.take_over import FileEdits
    from assistant_sync.model.project import Project, Target
    from assistant_sync.repository.tree import Tree

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Book:
    """Files with their new contents, which are not written yet.

    Attributes:
        tree: Where they are.
        changed: The new contents by path relative to the top.
    """

    tree: Tree
    changed: dict[str, bytes] = field(default_factory=dict)

    def copy(self) -> Book:
        """The same, to be changed by itself."""
        return Book(self.tree, dict(self.changed))

    def is_taken(self, path: str) -> bool:
        """Whether there is a file of a name, or will be."""
        if path in self.changed:
            return True
        if isinstance(self.tree, WorkTree):
            return os.path.lexists(self.tree.top / path)
        return posixpath.basename(path) in self.tree.names(posixpath.dirname(path))

    def read(self, path: str) -> bytes:
        """The content of a file as it is, or will be.

        Raises:
            RepositoryError: It cannot be read.
        """
        if path in self.changed:
            return self.changed[path]
        if isinstance(self.tree, WorkTree):
            return self.tree.read_from_disk(path, limit=MAX_FILE_BYTES)
        return self.tree.read(path, limit=MAX_FILE_BYTES)

    def make(self, edits: FileEdits) -> tuple[str, ...]:
        """Make edits.

        Returns:
            What was reformatted, for people.

        Raises:
            EditFailed: An edit cannot be made.
            RepositoryError: A file cannot be read.
        """
        reformatted: list[str] = []
        self.check_places([*(file for file, _ in edits.documents), *edits.texts])
        for (file, document), of_document in edits.documents.items():
            edited = edit_text(self.read(file).decode(), document, of_document)
            self.changed[file] = edited.text.encode()
            reformatted += [f"{file}: {what} was reformatted" for what in edited.reformatted]
        for file, text in edits.texts.items():
            self.changed[file] = self._mark_of(file) + text.encode()
        return tuple(reformatted)

    def check_places(self, files: Iterable[str]) -> None:
        """Refuse files that are not the repository's own.

        Raises:
            RepositoryError: One is a symbolic link, or outside of the repository.
        """
        if isinstance(self.tree, WorkTree):
            for file in files:
                self.tree.place(file)

    def changes(self) -> tuple[FileChange, ...]:
        """All files whose content changes, in the order of their paths."""
        found = []
        for path, after in sorted(self.changed.items()):
            before = self._before(path)
            if before != after:
                found.append(FileChange(path, before, after))
        return tuple(found)

    def load(self, project: Project, target: Target) -> ManifestSet:
        """Read the manifests as they will be.

        Raises:
            RepositoryError: Git failed.
        """
        return load_manifests(project, target, PatchedTree(self.tree, self.changed), pruning=False, ci=False)

    def _before(self, path: str) -> bytes | None:
        return Book(self.tree).read(path) if Book(self.tree).is_taken(path) else None

    def _mark_of(self, file: str) -> bytes:
        """The byte order mark that an existing file begins with."""
        with suppress(RepositoryError):
            if self.read(file).startswith(_BYTE_ORDER_MARK):
                return _BYTE_ORDER_MARK
        return b""
