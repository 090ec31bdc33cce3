"""Validate: check the project file and all manifests, without key and without network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.manifests.load import load_manifests
from assistant_sync.operations.workspace import choose_target, open_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.model.project import Project
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.problem import Problem
    from assistant_sync.repository.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found.

    Attributes:
        problems: Errors and warnings, sorted by file and place.
        documents: How many manifests were checked.
        notes: What concerns the schema of a whole graph.
    """

    problems: tuple[Problem, ...]
    documents: int
    notes: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether there are no errors."""
        return not any(problem.is_error for problem in self.problems)


def validate(settings: Settings, paths: Sequence[Path] = ()) -> Validated:
    """Check the project, and contexts against the schemas that the repository keeps.

    Args:
        settings: The common options; without a target the overlays of all targets are checked.
        paths: Files or folders whose problems are reported; all manifests are read in any case, because keys are
            unique across files. Empty for all.

    Raises:
        UnknownName: There is no such target, or a path does not exist or is no part of the project.
        RepositoryError: Git refuses.
    """
    refuse_missing(settings, paths)
    try:
        project, tree = open_project(settings)
    except InvalidFiles as error:
        return Validated(error.problems, 0)
    target = choose_target(project, settings.target) if settings.target else None
    pruning = target.prune if target else False
    loaded = load_manifests(project, target, tree, pruning=pruning, ci=settings.in_ci, with_schemas=True)
    return Validated(below(settings, project, tree, loaded, loaded.problems, paths), loaded.documents)


def refuse_missing(settings: Settings, paths: Sequence[Path]) -> None:
    """Refuse paths that do not exist.

    Raises:
        UnknownName: One does not.
    """
    for path in paths:
        if not (settings.folder / path).exists():
            message = f"{path}: no such file or folder"
            raise UnknownName(message)


def below(
    settings: Settings,
    project: Project,
    tree: WorkTree,
    loaded: ManifestSet,
    problems: Sequence[Problem],
    paths: Sequence[Path],
) -> tuple[Problem, ...]:
    """The problems in some files or folders; all if none are named.

    Raises:
        UnknownName: A path is no part of the project.
    """
    if not paths:
        return tuple(problems)
    wanted = [(settings.folder / path).resolve() for path in paths]
    for path, place in zip(paths, wanted, strict=True):
        if not any((tree.top / file).is_relative_to(place) for file in loaded.files):
            message = f"{path}: no manifest, included text or overlay of this project"
            raise UnknownName(message)
    return tuple(
        problem
        for problem in problems
        if any((project.folder / problem.file).resolve().is_relative_to(path) for path in wanted)
    )
