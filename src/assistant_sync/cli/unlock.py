"""``assistant-sync unlock``."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from assistant_sync.cli.options import common_options, option, renderer_of, settings_of
from assistant_sync.cli.output import confirmed, print_data, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.errors import AssistantSyncError, ExitCode
from assistant_sync.operations.unlock import unlock
from assistant_sync.report.text.locks import locks_text

if TYPE_CHECKING:
    from assistant_sync.model.lock import Lock

_EPILOG = """\b
Examples:
  assistant-sync unlock
  assistant-sync unlock --target production --yes
"""


@click.command("unlock", cls=GroupedCommand, epilog=_EPILOG)
@option("--yes", "-y", group=Group.SAFETY, is_flag=True, help="Remove the lock without asking.")
@common_options()
@click.pass_context
def command(ctx: click.Context, yes: bool) -> int:
    """Remove the lock of an apply that is no longer running.

    The lock is a thread on the deployment, and expires on its own (60 s by default). If that apply is in fact still
    running, it starts no further writes and reports the lost lock.
    """
    render = renderer_of(ctx, "locks")
    asks = not yes and sys.stdin.isatty()

    def approve(locks: tuple[Lock, ...]) -> bool:
        if not asks:
            return True
        print_status(locks_text(locks))
        if confirmed("Remove it?"):
            return True
        message = "cancelled; the lock was not removed"
        raise AssistantSyncError(message)

    removed = asyncio.run(unlock(settings_of(ctx), approve=approve))
    print_data(render(removed))
    return ExitCode.OK
