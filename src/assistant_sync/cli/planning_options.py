"""The options that ``plan`` and ``apply`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant_sync.cli.options import option, settings_of
from assistant_sync.operations.plan import PlanRequest
from assistant_sync.planning.policy import Allowance

if TYPE_CHECKING:
    from collections.abc import Sequence

F = TypeVar("F", bound=Callable[..., Any])

_COUNT = click.IntRange(min=0)


def planning_options(function: F) -> F:
    """Add the options that shape a plan."""
    for add in reversed(
        (
            option("--only", multiple=True, metavar="GLOB", help="Only assistants whose key matches; may be repeated."),
            option("--prune/--no-prune", default=None, help="Delete owned assistants that have no manifest."),
            option("--allow-deletes", type=_COUNT, metavar="N", help="Allow up to N deletes, whatever the limit."),
            option("--allow-updates", type=_COUNT, metavar="N", help="Allow up to N updates, whatever the limit."),
            option("--retarget", is_flag=True, help="Take over assistants that were written as another target."),
            option("--allow-older", is_flag=True, help="Overwrite what a newer commit has written."),
            option("--base", metavar="REF", help="Tell what this branch changes from what differs since REF anyway."),
            option("--trusted-ref", metavar="REF", help="Ask nothing if the connection is not that of this commit."),
        )
    ):
        function = add(function)
    return function


def plan_request(ctx: click.Context, selection: Sequence[str], options: dict[str, Any]) -> PlanRequest:
    """What the options ask for."""
    return PlanRequest(
        settings=settings_of(ctx),
        selection=(*selection, *options["only"]),
        prune=options["prune"],
        allowance=Allowance(options["allow_deletes"], options["allow_updates"]),
        retarget=options["retarget"],
        allow_older=options["allow_older"],
        trusted_ref=options["trusted_ref"],
        base=options["base"],
    )
