"""Validate: check the project file and all manifests, without key and without network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.manifests.load import load_manifests
from assistant_sync.manifests.written import read_written
from assistant_sync.model.selection import Selection
from assistant_sync.operations.selecting import changed_since, check_graphs, check_keys
from assistant_sync.operations.workspace import choose_target, open_project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.manifests.written import Written
    from assistant_sync.model.project import Project, Target
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.problem import Problem
    from assistant_sync.repository.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found.

    Attributes:
        problems: Errors and warnings, sorted by file and place.
        documents: How many manifests were checked.
        selection: Which manifests' problems are reported.
    """

    problems: tuple[Problem, ...]
    documents: int
    selection: Selection = field(default_factory=Selection)

    @property
    def is_valid(self) -> bool:
        """Whether there are no errors."""
        return not any(problem.is_error for problem in self.problems)


def validate(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    selection: Selection | None = None,
    changed_since: str | None = None,
) -> Validated:
    """Check the project.

    Args:
        settings: The common options; without a target the overlays of all targets are checked.
        paths: Files or folders whose problems are reported; all manifests are read in any case, because keys are
            unique across files. Empty for all.
        selection: Which manifests' problems are reported; problems that belong to no manifest are in any case. None for
            all.
        changed_since: What the branch will be merged into, or came from, to narrow that to the manifests that changed
            since, on any target; None not to.

    Raises:
        UnknownName: There is no such target, commit, key or graph, or a path does not exist or is no part of the
            project.
        RepositoryError: Git refuses.
    """
    for path in paths:
        if not (settings.folder / path).exists():
            message = f"{path}: no such file or folder"
            raise UnknownName(message)
    selection = selection or Selection()
    try:
        project, tree = open_project(settings)
    except InvalidFiles as error:
        return Validated(error.problems, 0, selection)
    target = choose_target(project, settings.target) if settings.target else None
    scope = _Scope(project, target, tree).selected(selection, changed_since)
    pruning = target.prune if target else False
    loaded = load_manifests(project, target, tree, pruning=pruning, ci=settings.in_ci, left_out=scope.left_out)
    scope.check(loaded.problems)
    problems = _below(paths, loaded, project, tree, settings) if paths else loaded.problems
    return Validated(problems, loaded.documents, scope.selection)


@dataclass(frozen=True, slots=True)
class _Scope:
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

    def selected(self, selection: Selection, ref: str | None) -> _Scope:
        """The same for a selection.

        Raises:
            UnknownName: There is no such commit, or no git.
            RepositoryError: Git fails.
        """
        targets = list(self.project.targets) if self.target is None else [self.target.name]
        if ref is not None:
            selection = changed_since(selection, ref, self.project, targets, self.tree)
        written = read_written(self.project, targets, self.tree) if selection.is_narrow else {}
        return replace(self, selection=selection, written=written)

    def check(self, problems: Sequence[Problem]) -> None:
        """Refuse a glob that matches nothing, unless there are files that may have what it names.

        Raises:
            UnknownName: There is such a glob.
        """
        if self.selection.is_narrow and not any(problem.is_error for problem in problems):
            check_keys(self.selection, self.written, what="manifest")
            graphs = {graph for one in self.written.values() for graph in one.graphs}
            check_graphs(self.selection, graphs, what="manifest")


def _below(
    paths: Sequence[Path], loaded: ManifestSet, project: Project, tree: WorkTree, settings: Settings
) -> tuple[Problem, ...]:
    """The problems of some files and folders.

    Raises:
        UnknownName: One of them is no part of the project.
    """
    wanted = [(settings.folder / path).resolve() for path in paths]
    for path, place in zip(paths, wanted, strict=True):
        if not any((tree.top / file).is_relative_to(place) for file in loaded.files):
            message = f"{path}: no manifest, included text or overlay of this project"
            raise UnknownName(message)
    return tuple(
        problem
        for problem in loaded.problems
        if any((project.folder / problem.file).resolve().is_relative_to(place) for place in wanted)
    )
