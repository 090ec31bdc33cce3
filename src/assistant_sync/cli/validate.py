"""``assistant-sync validate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.github import github_option, publish_problems
from assistant_sync.cli.options import common_options, is_quiet, option, renderer_of, settings_of
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.cli.selection_options import print_selection, selection_of, selection_options
from assistant_sync.errors import ExitCode
from assistant_sync.model.progress import watched_by
from assistant_sync.operations.validate import validate
from assistant_sync.report.text.lines import message_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\b
Examples:
  assistant-sync validate
  assistant-sync validate assistants/support.yaml
  assistant-sync validate --changed-since origin/main
  assistant-sync validate --online --target production
  assistant-sync validate --format json
"""


@click.command("validate", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@option(
    "--online",
    is_flag=True,
    help="Also read the deployment, and check contexts against the schemas that its graphs have now.",
)
@selection_options
@github_option("In GitHub Actions: annotate the lines that have problems, and set the output exit_code.")
@common_options()
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    only: Sequence[str],
    graph: Sequence[str],
    changed_since: str | None,
    *,
    online: bool,
) -> int:
    """Check the project file and all manifests.

    Needs no key and no network, so it is safe in a fork's pull request; contexts are checked against the schemas in
    schemas/, which 'schema pull' writes. With PATH, only the problems there are shown; with a selection, only those of
    the selected manifests and those that belong to no manifest.
    """
    render = renderer_of(ctx, "problems")
    settings, selection = settings_of(ctx), selection_of((), only, graph)
    with Display(quiet=is_quiet(ctx)) as display:
        if online:
            from assistant_sync.operations.validate_online import validate_online  # only this needs a client

            checking = validate_online(
                settings, paths, selection=selection, changed_since=changed_since, listener=display
            )
            checked = interrupts.run(checking, display)
        else:
            with watched_by(display):
                checked = validate(settings, paths, selection=selection, changed_since=changed_since)
    print_selection(ctx, checked.selection)
    for note in checked.notes:
        print_status(message_text(f"Warning: {note}"))
    shown = [one for one in checked.problems if one.is_error] if is_quiet(ctx) else checked.problems
    print_data(render(shown, checked.documents))
    publish_problems(checked.problems)
    return ExitCode.OK if checked.is_valid else ExitCode.INVALID
