"""The options that ``plan`` and ``apply`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant_sync.cli.options import option, settings_of
from assistant_sync.cli.parameters import Group, Seconds
from assistant_sync.cli.selection_options import selection_of, selection_options
from assistant_sync.model.ci import is_public_gitlab
from assistant_sync.model.lock import DEFAULT_LOCK_TIMEOUT
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.planning.policy import Allowance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

F = TypeVar("F", bound=Callable[..., Any])

_COUNT = click.IntRange(min=0)

_ALLOW = "Allow up to N {} instead of the target's limit."
_RETARGET = "Take over assistants that were written as another target."
_PUBLIC = "In a job of a public repository: delete, although everybody can read the archives that the job keeps."
_BASE = "Compare with the merge base of REF, to separate this branch's changes from differences that already existed."
_TRUSTED_REF = "Refuse to connect unless the target's URL and credential settings match those at REF."


retarget_option = option("--retarget", group=Group.SAFETY, is_flag=True, help=_RETARGET)
"""Of every command that writes assistants."""

lock_timeout_option = option(
    "--lock-timeout",
    group=Group.SAFETY,
    type=Seconds(min=0),
    default=DEFAULT_LOCK_TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a running apply to release the lock.",
)
"""Of every command that takes the lock."""


def planning_options(function: F) -> F:
    """Add the options that shape a plan."""
    for add in reversed(
        (
            option(
                "--prune/--no-prune",
                group=Group.SAFETY,
                default=None,
                help="Delete owned assistants that have no manifest.  [default: the target's prune]",
            ),
            option("--allow-deletes", group=Group.SAFETY, type=_COUNT, metavar="N", help=_ALLOW.format("deletes")),
            option("--allow-updates", group=Group.SAFETY, type=_COUNT, metavar="N", help=_ALLOW.format("updates")),
            retarget_option,
            option(
                "--allow-older", group=Group.SAFETY, is_flag=True, help="Overwrite what a newer commit has written."
            ),
            option("--allow-public-archive", group=Group.SAFETY, is_flag=True, help=_PUBLIC),
            option("--base", group=Group.CI, metavar="REF", help=_BASE),
            option("--trusted-ref", group=Group.CI, metavar="REF", help=_TRUSTED_REF),
        )
    ):
        function = add(function)
    return selection_options(function)


def plan_request(ctx: click.Context, keys: Sequence[str], options: dict[str, Any]) -> PlanRequest:
    """Return the request that the options make."""
    settings = settings_of(ctx)
    return PlanRequest(
        settings=settings,
        selection=selection_of(keys, options["only"], options["graph"]),
        changed_since=options["changed_since"],
        prune=options["prune"],
        allowance=Allowance(options["allow_deletes"], options["allow_updates"]),
        retarget=options["retarget"],
        allow_older=options["allow_older"],
        in_public=settings.in_ci and _is_public(settings.environ),
        allow_public_archive=options["allow_public_archive"],
        trusted_ref=options["trusted_ref"],
        base=options["base"],
    )


def _is_public(environ: Mapping[str, str]) -> bool:
    """Whether everybody may read the repository that this job belongs to, as far as the service shows it."""
    from assistant_sync.forge.github.actions import ActionsRun  # only in a job

    run = ActionsRun.from_environ(environ)
    return (run.is_actions and run.is_public) or is_public_gitlab(environ)
