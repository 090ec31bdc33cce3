"""The scope of a validation: which manifests' problems are reported, and in which files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.manifests.checks.load import load_checks
from assistant_sync.manifests.load import Checks, load_manifests
from assistant_sync.manifests.written import read_written
from assistant_sync.model.frozen import replace
from assistant_sync.model.selection import Selection
from assistant_sync.operations.selecting import changed_since, check_graphs, check_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from assistant_sync.manifests.checks.load import CheckSet
    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.manifests.written import Written
    from assistant_sync.model.project import Project, Target
    from assistant_sync.problem import Problem
    from assistant_sync.repository.worktree import WorkTree


def refuse_missing(paths: Sequence[Path], folder: Path) -> None:
    """Refuse paths that do not exist.

    Args:
        paths: Files and folders.
        folder: What they are relative to.

    Raises:
        UnknownName: One does not exist.
    """
    for path in paths:
        if not (folder / path).exists():
            message = f"{path}: no such file or folder"
            raise UnknownName(message)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which manifests' problems are reported.

    Attributes:
        project: The project file.
        target: The target that is chosen; None for all.
        tree: The repository.
        selection: What is selected.
        written: What the files say of each key; nothing if all is selected.
    """

    project: Project
    target: Target | None
    tree: WorkTree
    selection: Selection = field(default_factory=Selection)
    written: Mapping[str, Written] = field(default_factory=dict)

    @property
    def left_out(self) -> frozenset[str]:
        """The keys that are not selected."""
        selects = self.selection.selects
        return frozenset(key for key, one in self.written.items() if not selects(key, *one.graphs))

    def selected(self, selection: Selection, ref: str | None) -> Scope:
        """The same for a selection.

        Args:
            selection: What is selected.
            ref: What the branch will be merged into, or came from, to narrow that to what changed since; None not to.

        Raises:
            UnknownName: There is no such commit, or no git.
            RepositoryError: Git fails.
        """
        targets = list(self.project.targets) if self.target is None else [self.target.name]
        if ref is not None:
            selection = changed_since(selection, ref, self.project, targets, self.tree)
        written = read_written(self.project, targets, self.tree) if selection.is_narrow else {}
        return replace(self, selection=selection, written=written)

    def _check(self, problems: Sequence[Problem]) -> None:
        """Refuse a glob that matches nothing, unless there are files that may have what it names.

        Raises:
            UnknownName: There is such a glob.
        """
        if self.selection.is_narrow and not any(problem.is_error for problem in problems):
            check_keys(self.selection, self.written, what="manifest")
            graphs = {graph for one in self.written.values() for graph in one.graphs}
            check_graphs(self.selection, graphs, what="manifest")

    def load(self, *, ci: bool, with_schemas: bool) -> ManifestSet:
        """Load the manifests, and refuse a glob that matches nothing.

        Args:
            ci: Whether this is continuous integration.
            with_schemas: Whether contexts are held against the schemas that the repository keeps.

        Raises:
            UnknownName: There is such a glob.
            RepositoryError: Git fails.
        """
        pruning = self.target.prune if self.target else False
        checks = Checks(with_schemas, self.left_out)
        loaded = load_manifests(self.project, self.target, self.tree, pruning=pruning, ci=ci, checks=checks)
        self._check(loaded.problems)
        return loaded

    def load_checks(self, loaded: ManifestSet, *, ci: bool) -> CheckSet:
        """Load the checks; all of them, whatever is selected, because none belongs to one manifest.

        Args:
            loaded: The manifests. Whom a check asks is compared with them if all are valid and reported.
            ci: Whether this is continuous integration.

        Raises:
            RepositoryError: Git fails.
        """
        is_known = not self.selection.is_narrow and not any(problem.is_error for problem in loaded.problems)
        return load_checks(self.project, self.tree, ci=ci, desired=loaded.desired if is_known else None)

    def below(
        self, problems: Iterable[Problem], files: Iterable[str], paths: Sequence[Path], folder: Path
    ) -> tuple[Problem, ...]:
        """The problems in some files or folders; all if none are named.

        Args:
            problems: All of them.
            files: The files that were read, relative to the repository's top.
            paths: The files and folders.
            folder: What they are relative to.

        Raises:
            UnknownName: One of them is no part of the project.
        """
        if not paths:
            return tuple(problems)
        read = [self.tree.top / file for file in files]
        wanted = [(folder / path).resolve() for path in paths]
        for path, place in zip(paths, wanted, strict=True):
            if not any(file.is_relative_to(place) for file in read):
                message = f"{path}: no manifest, check, included text or overlay of this project"
                raise UnknownName(message)
        return tuple(
            problem
            for problem in problems
            if any((self.project.folder / problem.file).resolve().is_relative_to(place) for place in wanted)
        )
