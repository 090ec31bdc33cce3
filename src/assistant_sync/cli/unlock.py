"""``assistant-sync unlock``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.consent import Consent, consent, is_agreed
from assistant_sync.cli.options import common_options, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data, print_status
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
    running, it starts no further writes and reports the lost lock. Without a terminal the command goes on only with
    --yes or in CI, else it exits with 64.
    """
    render = renderer_of(ctx, "locks")
    settings = settings_of(ctx)
    source = consent(given=yes or settings.in_ci)

    def approve(locks: tuple[Lock, ...]) -> bool:
        if source is not Consent.GIVEN:
            print_status(locks_text(locks))
        if is_agreed(source, "Remove it?", command="unlock"):
            return True
        message = "cancelled; the lock was not removed"
        raise AssistantSyncError(message)

    removed = interrupts.run(unlock(settings, approve=approve))
    print_data(render(removed))
    return ExitCode.OK
