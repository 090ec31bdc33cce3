"""Where questions may be asked: in a pull request's run the trusted commit decides, never the pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, PlanRefused
from assistant_sync.manifests.project.file import load_project_of
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import CheckTerms
from assistant_sync.operations.workspace import open_project
from assistant_sync.repository.committed import CommitTree

if TYPE_CHECKING:
    from assistant_sync.operations.plan_request import PlanRequest

_HINT = "set checks: {target: NAME} in the project file; it takes effect after the merge"


def terms_of(request: PlanRequest) -> tuple[CheckTerms, PlanRequest]:
    """The terms of a check, and the request with the target that is asked.

    Args:
        request: How to plan; with a trusted commit this is a pull request's run.

    Raises:
        PlanRefused: The trusted commit does not let a pull request ask this target.
        InvalidFiles: The project file is missing or has problems.
        UnknownName: There is no such commit.
        RepositoryError: Git refuses.
    """
    settings = request.settings
    project, tree = open_project(settings)
    if request.trusted_ref is None:
        target = settings.target or project.checks.target
        return project.checks, replace(request, settings=replace(settings, target=target))
    trusted = CommitTree.at(tree, request.trusted_ref)
    try:
        known = load_project_of(trusted, project)
    except InvalidFiles:
        known = None
    terms = CheckTerms() if known is None else known.checks
    if terms.target is None:
        message = f"no question was asked: checks.target is not set in trusted commit {trusted.sha[:12]}"
        raise PlanRefused(message, hint=_HINT)
    if settings.target not in (None, terms.target):
        message = (
            f"no question was asked of target '{settings.target}': pull requests may ask '{terms.target}', by "
            f"checks.target in trusted commit {trusted.sha[:12]}"
        )
        raise PlanRefused(message, hint=_HINT)
    return terms, replace(request, settings=replace(settings, target=terms.target))
