"""``assistant-sync history``."""

from __future__ import annotations

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.errors import ExitCode
from assistant_sync.operations.history import DEFAULT_LIMIT, HistoryRequest, history

_EPILOG = """\b
Examples:
  assistant-sync history support
  assistant-sync history support --target production --limit 100
  assistant-sync history support --format json
"""


@click.command("history", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("key")
@option(
    "--limit",
    group=Group.OUTPUT,
    type=click.IntRange(min=1),
    default=DEFAULT_LIMIT,
    metavar="N",
    help=f"Show the newest N versions.  [default: {DEFAULT_LIMIT}]",
)
@common_options()
@click.pass_context
def command(ctx: click.Context, key: str, limit: int) -> int:
    """List the versions of the assistant KEY, the newest first.

    For each version: whether an apply made it, from which commit, by whom and with which subject, or somebody outside
    git; and which fields it changed. The active version is marked.
    """
    render = renderer_of(ctx, "history")
    found = interrupts.run(history(HistoryRequest(settings=settings_of(ctx), key=key, limit=limit)))
    print_data(render(found))
    return ExitCode.OK
