"""``assistant-sync forget``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant_sync.cli.options import common_options, is_verbose, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.cli.plan_ui import code_of, result_of, run_with_ui
from assistant_sync.cli.planning_options import lock_timeout_option, retarget_option
from assistant_sync.operations.forget import ForgetRequest, forget
from assistant_sync.report.options import Options

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan

_EPILOG = """\b
Examples:
  assistant-sync forget support
  assistant-sync forget support --target production --yes
"""


@click.command("forget", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("key")
@option("--yes", "-y", group=Group.SAFETY, is_flag=True, help="Let go of it without asking.")
@retarget_option
@lock_timeout_option
@common_options()
@click.pass_context
def command(ctx: click.Context, key: str, yes: bool, retarget: bool, lock_timeout: float) -> int:
    """Let go of an assistant that has no manifest any more, and leave it live.

    Writes one new version without the stamp; all else stays as it is. From then on the assistant is unmanaged: no apply
    updates or deletes it. Without a terminal it writes only with --yes, in CI too, else it exits with 64.
    """
    render = renderer_of(ctx, "result")
    request = ForgetRequest(settings=settings_of(ctx), key=key, retarget=retarget, lock_timeout=lock_timeout)
    run, is_terminated = run_with_ui(
        ctx, lambda ui, display: forget(request, ui, listener=display), given=yes, question=_question
    )
    result = result_of(run)
    print_data(render(result, Options(is_verbose(ctx))))
    return code_of(result, is_terminated=is_terminated)


def _question(plan: Plan) -> str:
    (change,) = plan.changes
    return f"Let go of '{change.key}'?"
