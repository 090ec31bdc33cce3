"""Findings: what is wrong in which file. Only once all are gathered are their lines looked up."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.locate import Locator
from assistant_sync.manifests.text import read_text
from assistant_sync.problem import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.values import Path
    from assistant_sync.repository.trees import Tree

_MOST_OF_ONE_FILE = 200
"""How many problems of one file are told: one mistake in an alias may repeat a hundred thousand times."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands.

    Attributes:
        file: Relative to the repository's top.
        document: Which document of the file, from 0; None for the whole file.
        path: From the document's top.
        at_key: Whether the key is meant, not the value.
    """

    file: str
    document: int | None = None
    path: Path = ()
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem whose line is not known yet.

    Attributes:
        spot: Where it is.
        message: What is wrong; ``{other}`` in it stands for the place of ``other``.
        severity: Errors stop the command.
        other: Another place that the message names.
        place: Line and column where they are known already.
    """

    spot: Spot
    message: str
    severity: Severity = Severity.ERROR
    other: Spot | None = None
    place: tuple[int, int] | None = None


class Places:
    """Looks up lines and columns; reads each file again, once.

    Args:
        tree: The repository.
        folder: The project file's folder, relative to the repository's top.
    """

    __slots__ = ("_folder", "_locators", "_tree")

    def __init__(self, tree: Tree, folder: str) -> None:
        self._tree = tree
        self._folder = folder
        self._locators: dict[str, Locator] = {}

    def problems(self, findings: Iterable[Finding]) -> tuple[Problem, ...]:
        """The problems with their places, sorted and without repetitions; of one file, no more than can be read."""
        by_file: dict[str, list[Finding]] = {}
        for finding in dict.fromkeys(findings):
            by_file.setdefault(finding.spot.file, []).append(finding)
        problems: set[Problem] = set()
        for file, found in by_file.items():
            problems.update(map(self._problem, found[:_MOST_OF_ONE_FILE]))
            if rest := found[_MOST_OF_ONE_FILE:]:
                severity = min((finding.severity for finding in rest), key=list(Severity).index)
                message = f"this file has at least {len(rest)} more problems"
                problems.add(Problem(self.shown(file), 0, 0, message, severity))
        return tuple(sorted(problems, key=lambda one: (one.file, one.line, one.column, one.message)))

    def shown(self, file: str) -> str:
        """A file's path relative to the project file's folder."""
        shown = posixpath.relpath(file, self._folder)
        return shown.encode(errors="backslashreplace").decode()  # a name on disk need not be UTF-8

    def _problem(self, finding: Finding) -> Problem:
        line, column = finding.place or self._place(finding.spot)
        message = finding.message
        if finding.other is not None:
            other_line, _ = self._place(finding.other)
            message = message.replace("{other}", f"{self.shown(finding.other.file)}:{other_line}")
        return Problem(self.shown(finding.spot.file), line, column, message, finding.severity)

    def _place(self, spot: Spot) -> tuple[int, int]:
        if spot.document is None:
            return 0, 0
        if spot.file not in self._locators:
            try:
                text = read_text(self._tree, spot.file)
            except RepositoryError:  # it was there a moment ago
                text = ""
            self._locators[spot.file] = Locator(text)
        return self._locators[spot.file].place(spot.document, spot.path, key=spot.at_key)
