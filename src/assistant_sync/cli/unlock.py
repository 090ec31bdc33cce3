"""``assistant-sync unlock``."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from assistant_sync.cli.options import common_options, option, renderer_of, settings_of
from assistant_sync.cli.output import confirmed, print_data, print_talk
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


@click.command("unlock", epilog=_EPILOG)
@option("--yes", "-y", is_flag=True, help="Do not ask.")
@common_options()
@click.pass_context
def command(ctx: click.Context, yes: bool) -> int:
    """Take away the lock of an apply that is dead.

    It would end by itself within a minute or so (the target's lock), and the next apply waits for that. If the apply
    still runs after all, it notices, begins nothing new and says so.
    """
    render = renderer_of(ctx, "locks")
    asks = not yes and sys.stdin.isatty()

    def approve(locks: tuple[Lock, ...]) -> bool:
        if not asks:
            return True
        print_talk(locks_text(locks))
        if confirmed("Take it away?"):
            return True
        message = "cancelled; the lock is as it was"
        raise AssistantSyncError(message)

    removed = asyncio.run(unlock(settings_of(ctx), approve=approve))
    print_data(render(removed))
    return ExitCode.OK
