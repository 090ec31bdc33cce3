"""Holding a plan against a file: the saved plan that it must match, and the reviewed one that it must not exceed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from assistant_sync.errors import StalePlan, UnknownName
from assistant_sync.model.frozen import replace
from assistant_sync.planning.unreviewed import never_reviewed, unreviewed_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.documents.plan_file import SavedPlan
    from assistant_sync.model.plan import Plan
    from assistant_sync.operations.plan_request import PlanRequest

_PLAN_AGAIN = "plan again and review the new plan"


def as_saved(request: PlanRequest, saved: SavedPlan | None) -> PlanRequest:
    """Ask for the same plan as the saved one; what may exceed it is for this command line to allow.

    Raises:
        UnknownName: The command line names another target.
    """
    if saved is None:
        return request
    settings = request.settings
    if settings.target is not None and settings.target != saved.target.name:
        message = f"the plan file is for target '{saved.target.name}', not for '{settings.target}'"
        raise UnknownName(message)
    return replace(
        request,
        settings=replace(settings, target=saved.target.name),
        selection=request.selection if request.is_narrow else saved.selected,
        prune=saved.prune if request.prune is None else request.prune,
    )


@contextmanager
def stale_if_missing(saved: SavedPlan | None, request: PlanRequest) -> Iterator[None]:
    """Blame the saved plan for a name that only it has and that no longer exists.

    Raises:
        StalePlan: In place of ``UnknownName``.
    """
    try:
        yield
    except UnknownName as error:
        if saved is None or request.is_narrow:
            raise
        message = "the saved plan is stale: a target or assistant it refers to no longer exists; nothing was written"
        raise StalePlan(message, differences=[error.message], hint=_PLAN_AGAIN) from error


def check_saved(saved: SavedPlan, now: Plan) -> None:
    """Insist that the plan is still the saved one.

    Raises:
        StalePlan: It is not.
    """
    if saved.digest == now.digest and saved.project == now.project:
        return
    from assistant_sync.documents.plan_file import compare  # with pydantic, which only a saved plan needs

    differences = compare(saved, now)
    if not now.writes and not now.is_refused:
        message = "the saved plan is stale: nothing is left to do, so it may have been applied already"
        raise StalePlan(message, differences=differences)
    message = (
        "the saved plan is stale: the manifests or the deployment have changed since it was made; nothing was written"
    )
    raise StalePlan(message, differences=differences, hint=_PLAN_AGAIN)


def hold_against_review(plan: Plan, reviewed: SavedPlan | None, *, is_unreviewed: bool = False) -> Plan:
    """The plan, stopped at what dangerously exceeds the reviewed one, and with a warning about all else that is new.

    Args:
        plan: What would be done now.
        reviewed: What was reviewed; None to compare with nothing.
        is_unreviewed: Whether nobody reviewed a plan, so that what is dangerous stops at all.

    Raises:
        UnknownName: The reviewed plan is of another project or target.
    """
    if reviewed is None:
        return replace(plan, guards=(*plan.guards, *never_reviewed(plan))) if is_unreviewed else plan
    if (reviewed.project, reviewed.target.name) != (plan.project, plan.target):
        message = (
            f"the reviewed plan is of {reviewed.project} on {reviewed.target.name}, not of this project and target"
        )
        raise UnknownName(message)
    # Ids are the same everywhere: what was reviewed for another deployment was not reviewed for this one.
    seen = reviewed.changes if reviewed.target.url == plan.url else ()
    violations, warnings = unreviewed_changes(plan, seen)
    return replace(plan, guards=(*plan.guards, *violations), warnings=(*plan.warnings, *warnings))
