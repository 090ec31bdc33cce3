"""Diagnostics: what is wrong in which file. Lines are looked up only after all of them were collected."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.limits import MAX_PROBLEMS_OF_ONE_FILE
from assistant_sync.manifests.yaml12.decode import read_text
from assistant_sync.manifests.yaml12.locate import YamlLocator
from assistant_sync.model.frozen import Frozen
from assistant_sync.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.values import Path
    from assistant_sync.repository.tree import Tree


class Violation(Frozen, frozen=True):
    """A rule that a value of a document breaks.

    Attributes:
        path: From the document's top; for a missing value, its parent's path.
        message: What is wrong and the way out; never a value that may be secret.
        at_key: Whether the key is wrong, not the value.
    """

    path: Path
    message: str
    at_key: bool = False


class SourceRef(Frozen, frozen=True):
    """A reference to a file, a document in it, or a value in the document.

    Attributes:
        file: Relative to the repository's top.
        document: The index of the document in the file, from 0; None for the whole file.
        path: From the document's top.
        at_key: Whether it refers to the key, not to the value.
    """

    file: str
    document: int | None = None
    path: Path = ()
    at_key: bool = False


class Diagnostic(Frozen, frozen=True):
    """A problem whose line is not known yet.

    Attributes:
        ref: What it is about.
        message: What is wrong; ``{other}`` in it stands for the file and line of ``other``.
        severity: Errors stop the command.
        other: A second reference that the message names.
        place: Line and column, if they are already known.
    """

    ref: SourceRef
    message: str
    severity: Severity = Severity.ERROR
    other: SourceRef | None = None
    place: tuple[int, int] | None = None


class SourceLocator:
    """Finds the lines and columns of diagnostics; reads each file again, once.

    Args:
        tree: The repository.
        folder: The project file's folder, relative to the repository's top.
    """

    __slots__ = ("_folder", "_locators", "_tree")

    def __init__(self, tree: Tree, folder: str) -> None:
        self._tree = tree
        self._folder = folder
        self._locators: dict[str, YamlLocator] = {}

    def problems(self, diagnostics: Iterable[Diagnostic]) -> tuple[Problem, ...]:
        """Turn diagnostics into problems, sorted and without repetitions; of each file, no more than people read."""
        by_file: dict[str, list[Diagnostic]] = {}
        for diagnostic in dict.fromkeys(diagnostics):
            by_file.setdefault(diagnostic.ref.file, []).append(diagnostic)
        problems: set[Problem] = set()
        for file, of_file in by_file.items():
            problems.update(map(self._problem, of_file[:MAX_PROBLEMS_OF_ONE_FILE]))
            if rest := of_file[MAX_PROBLEMS_OF_ONE_FILE:]:
                severity = min((diagnostic.severity for diagnostic in rest), key=list(Severity).index)
                message = f"this file has at least {len(rest)} more problems"
                problems.add(Problem(self.relative(file), 0, 0, message, severity))
        return tuple(sorted(problems, key=lambda one: (one.file, one.line, one.column, one.message)))

    def _problem(self, diagnostic: Diagnostic) -> Problem:
        line, column = diagnostic.place or self.place(diagnostic.ref)
        message = diagnostic.message
        if diagnostic.other is not None:
            other_line, _ = self.place(diagnostic.other)
            message = message.replace("{other}", f"{self.relative(diagnostic.other.file)}:{other_line}")
        return Problem(self.relative(diagnostic.ref.file), line, column, message, diagnostic.severity)

    def relative(self, file: str) -> str:
        """A file's path relative to the project file's folder."""
        path = posixpath.relpath(file, self._folder)
        return path.encode(errors="backslashreplace").decode()  # a name on disk need not be UTF-8

    def place(self, ref: SourceRef) -> tuple[int, int]:
        """Line and column of what a reference refers to; zeros for a whole file."""
        if ref.document is None:
            return 0, 0
        if ref.file not in self._locators:
            try:
                text = read_text(self._tree, ref.file)
            except RepositoryError:  # it has vanished since it was parsed
                text = ""
            self._locators[ref.file] = YamlLocator(text)
        return self._locators[ref.file].place(ref.document, ref.path, key=ref.at_key)
