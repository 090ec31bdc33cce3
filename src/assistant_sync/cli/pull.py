"""``assistant-sync pull``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, format_of, is_quiet, is_verbose, option, renderer_of, settings_of
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.cli.selection_options import selection_of, selection_options
from assistant_sync.operations.pull import PullRequest, pull
from assistant_sync.report.options import Options
from assistant_sync.report.text.lines import escaped, joined
from assistant_sync.report.view.pulled import next_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.pulled import PullReport

_EPILOG = """\b
Examples:
  assistant-sync pull                          take over what was edited outside git
  assistant-sync pull support --dry-run        show what would change in which file
  assistant-sync pull --unmanaged              write a manifest for each assistant that has none
  assistant-sync pull --unmanaged --graph support_agent
  assistant-sync pull 'Billing*' --metadata team
  assistant-sync pull --branch edits-of-tuesday
"""


@click.command("pull", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@selection_options
@option(
    "--unmanaged",
    group=Group.SELECTION,
    is_flag=True,
    help="Write manifests for all assistants that no manifest names.",
)
@option(
    "--metadata",
    group=Group.SELECTION,
    multiple=True,
    metavar="KEY",
    help="A metadata key to import with an assistant, which git then owns; can be repeated.",
)
@option("--dry-run", group=Group.OUTPUT, is_flag=True, help="Write nothing; show the difference of each file.")
@option(
    "--branch",
    group=Group.OUTPUT,
    metavar="NAME",
    help="Commit on a new branch from HEAD, one commit for each assistant; the work tree stays as it is.",
)
@common_options()
@click.pass_context
def command(
    ctx: click.Context,
    keys: Sequence[str],
    only: Sequence[str],
    graph: Sequence[str],
    changed_since: str | None,
    unmanaged: bool,
    metadata: Sequence[str],
    dry_run: bool,
    branch: str | None,
) -> None:
    """Write what is live into the manifests.

    Without arguments, each assistant that was edited outside git is taken over: comments, order and layout of its files
    stay, and only changed values change. KEY is a key, or a glob; it also names assistants without a manifest, by key,
    name or id: these get one. An --only is one more KEY, and the other options that select narrow both. The deployment
    is only read. Files with uncommitted changes are not touched.
    """
    render = renderer_of(ctx, "pulled")
    request = PullRequest(
        settings=settings_of(ctx),
        selection=selection_of(keys, only, graph),
        changed_since=changed_since,
        unmanaged=unmanaged,
        metadata=tuple(metadata),
        dry_run=dry_run,
        branch=branch,
    )
    with Display(quiet=is_quiet(ctx)) as display:
        report = interrupts.run(pull(request, listener=display), display)
    print_data(render(report, Options(is_verbose(ctx))))
    if format_of(ctx) == "text" and not is_quiet(ctx):
        print_next(report)


def print_next(report: PullReport) -> None:
    """Print the commands that follow a pull."""
    steps = list(next_steps(report))
    if steps:
        print_status(joined([[("\nNext:", "bold")], *([("  ", ""), *escaped(line)] for line in steps)]))
