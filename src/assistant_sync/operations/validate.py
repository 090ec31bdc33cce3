"""Validate: check the project file and all manifests, without key and without network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles
from assistant_sync.model.selection import Selection
from assistant_sync.operations.validation_scope import Scope, refuse_missing
from assistant_sync.operations.workspace import choose_target, open_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from assistant_sync.operations.workspace import Settings
    from assistant_sync.problem import Problem


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found.

    Attributes:
        problems: Errors and warnings, sorted by file and place.
        documents: How many manifests were checked.
        selection: Which manifests' problems are reported.
        notes: What concerns the schema of a whole graph.
    """

    problems: tuple[Problem, ...]
    documents: int
    selection: Selection = field(default_factory=Selection)
    notes: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether there are no errors."""
        return not any(problem.is_error for problem in self.problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by file and place; one that manifests and checks have in common, such as a missing git, once."""
    return sorted(set(problems), key=lambda one: (one.file, one.line, one.column, one.message))


def validate(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    selection: Selection | None = None,
    changed_since: str | None = None,
) -> Validated:
    """Check the project and its checks, and contexts against the schemas that the repository keeps.

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
    refuse_missing(paths, settings.folder)
    selection = selection or Selection()
    try:
        project, tree = open_project(settings)
    except InvalidFiles as error:
        return Validated(error.problems, 0, selection)
    target = choose_target(project, settings.target) if settings.target else None
    scope = Scope(project, target, tree).selected(selection, changed_since)
    loaded = scope.load(ci=settings.in_ci, with_schemas=True)
    checks = scope.load_checks(loaded, ci=settings.in_ci)
    found = in_order([*loaded.problems, *checks.problems])
    problems = scope.below(found, [*loaded.files, *checks.read], paths, settings.folder)
    return Validated(problems, loaded.documents, scope.selection)
