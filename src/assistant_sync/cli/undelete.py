"""``assistant-sync undelete``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant_sync.cli.options import common_options, is_quiet, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.cli.plan_ui import run_with_report
from assistant_sync.cli.planning_options import lock_timeout_option
from assistant_sync.errors import ExitCode
from assistant_sync.operations.archived import list_archive
from assistant_sync.operations.undelete import UndeleteRequest, undelete
from assistant_sync.report.text.lines import message_text

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan

_EPILOG = """\b
Examples:
  assistant-sync undelete --list
  assistant-sync undelete support
  assistant-sync undelete --from archive/production/support-....json --target production --yes
"""


@click.command("undelete", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("key", required=False)
@option(
    "--from",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The archive's file.  [default: the newest one of KEY]",
)
@option("--list", is_flag=True, help="Show what the archive has of this target, and restore nothing.")
@option("--no-manifest", is_flag=True, help="Do not write the manifest.")
@option("--yes", "-y", group=Group.SAFETY, is_flag=True, help="Restore without asking.")
@lock_timeout_option
@common_options()
@click.pass_context
def command(
    ctx: click.Context, /, key: str | None, no_manifest: bool, yes: bool, lock_timeout: float, **options: Any
) -> int:
    """Restore an assistant that apply deleted, from the archive and under the same id, with its manifest.

    Its earlier versions stay in the archive, and each of its crons is listed with a command that makes it again.
    Without a terminal it writes only with --yes, in CI too, else it exits with 64.
    """
    if options["list"]:
        return _list(ctx, key)
    render, file = renderer_of(ctx, "undelete"), options["from"]
    if key is None and file is None:
        message = "name an assistant's KEY, or a file of the archive with --from; --list shows what there is."
        raise click.UsageError(message, ctx)
    request = UndeleteRequest(
        settings=settings_of(ctx), key=key, file=file, writes_manifest=not no_manifest, lock_timeout=lock_timeout
    )
    return run_with_report(
        ctx,
        lambda ui, display: undelete(request, ui, listener=display),
        given=yes,
        question=_question,
        render=render,
    )


def _list(ctx: click.Context, key: str | None) -> int:
    render = renderer_of(ctx, "archives")
    entries, unread = list_archive(settings_of(ctx), key)
    for message in unread if not is_quiet(ctx) else ():
        print_status(message_text(f"Warning: {message}"))
    print_data(render(entries))
    return ExitCode.OK


def _question(plan: Plan) -> str:
    (change,) = plan.changes
    return f"Restore '{change.key}'?"
