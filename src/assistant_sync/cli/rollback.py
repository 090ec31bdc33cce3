"""``assistant-sync rollback``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant_sync.cli.options import common_options, option, renderer_of, settings_of
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.cli.plan_ui import run_with_report
from assistant_sync.cli.planning_options import lock_timeout_option, retarget_option
from assistant_sync.operations.rollback import RollbackRequest, rollback

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan

_EPILOG = """\b
Examples:
  assistant-sync rollback support --to 3
  assistant-sync rollback support --to-commit 3f9c2e1 --target production --yes
"""


@click.command("rollback", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("key")
@option("--to", type=click.IntRange(min=1), metavar="N", help="The version to bring back.")
@option("--to-commit", metavar="SHA", help="Bring back the highest version that was applied from this commit.")
@option("--yes", "-y", group=Group.SAFETY, is_flag=True, help="Roll back without asking.")
@retarget_option
@lock_timeout_option
@common_options()
@click.pass_context
def command(
    ctx: click.Context, key: str, to: int | None, to_commit: str | None, yes: bool, retarget: bool, lock_timeout: float
) -> int:
    """Bring an earlier version of one assistant back at once, whatever git says.

    Writes one new version with the content of version N. Manifests need not be valid. The next apply of an unchanged
    manifest undoes the rollback, so the command shows how to make git agree. Without a terminal it writes only with
    --yes, in CI too, else it exits with 64.
    """
    render = renderer_of(ctx, "rollback")
    if (to is None) == (to_commit is None):
        message = "name the version with either --to or --to-commit."
        raise click.UsageError(message, ctx)
    request = RollbackRequest(
        settings=settings_of(ctx), key=key, to=to, commit=to_commit, retarget=retarget, lock_timeout=lock_timeout
    )
    return run_with_report(
        ctx,
        lambda ui, display: rollback(request, ui, listener=display),
        given=yes,
        question=_question,
        render=render,
    )


def _question(plan: Plan) -> str:
    (change,) = plan.changes
    return f"Roll '{change.key}' back?"
