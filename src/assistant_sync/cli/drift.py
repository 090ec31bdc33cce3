"""``assistant-sync drift``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, is_quiet, is_verbose, renderer_of, settings_of
from assistant_sync.cli.output import Display, print_data
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.cli.selection_options import selection_of, selection_options
from assistant_sync.errors import ExitCode
from assistant_sync.operations.drift import drift
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.report.options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\b
Examples:
  assistant-sync drift
  assistant-sync drift support 'research-*' --target production
  assistant-sync drift --graph support_agent
  assistant-sync drift --format markdown > drift.md   exits 2 if there is drift
"""


@click.command("drift", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@selection_options
@common_options()
@click.pass_context
def command(
    ctx: click.Context, keys: Sequence[str], only: Sequence[str], graph: Sequence[str], changed_since: str | None
) -> int:
    """Show what was changed outside git, when and in which versions.

    KEY is the key of an assistant, or a glob. What a manifest at HEAD already says is no drift; neither is a merge that
    waits for its apply. Nothing is changed. Exits with 2 if there is drift.
    """
    render = renderer_of(ctx, "drift")
    selection = selection_of(keys, only, graph)
    request = PlanRequest(settings=settings_of(ctx), selection=selection, changed_since=changed_since)
    with Display(quiet=is_quiet(ctx)) as display:
        report = interrupts.run(drift(request, listener=display), display)
    print_data(render(report, Options(is_verbose(ctx))))
    return ExitCode.CHANGES if report.drifted else ExitCode.OK
