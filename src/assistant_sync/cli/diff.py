"""``assistant-sync diff``."""

from __future__ import annotations

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, is_verbose, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.errors import ExitCode
from assistant_sync.operations.diff import DiffRequest, diff
from assistant_sync.report.options import Options

_EPILOG = """\b
Examples:
  assistant-sync diff support@live                what apply would change
  assistant-sync diff support@3 support@5         two versions
  assistant-sync diff support@HEAD~1              a commit, and the work tree
  assistant-sync diff support@v1.2 support@live   a tag, and what runs use now
  assistant-sync diff support@live sales@live     two assistants
"""


@click.command("diff", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("left")
@click.argument("right", required=False)
@option("--detailed-exitcode", group=Group.CI, is_flag=True, help="Exit with 2 if there are differences.")
@common_options()
@click.pass_context
def command(ctx: click.Context, left: str, right: str | None, detailed_exitcode: bool) -> int:
    """Compare two states of an assistant, or of two: from LEFT to RIGHT.

    Each is KEY@WHAT, and WHAT is the number of a version, 'live', 'worktree' (the manifest as it stands here) or a git
    revision (the manifest in that commit). RIGHT defaults to KEY@worktree. If neither is a version or live, nothing is
    asked of the deployment.
    """
    render = renderer_of(ctx, "diff")
    compared = interrupts.run(diff(DiffRequest(settings=settings_of(ctx), left=left, right=right)))
    print_data(render(compared, Options(is_verbose(ctx))))
    return ExitCode.CHANGES if detailed_exitcode and compared.fields else ExitCode.OK
