"""``assistant-sync show``."""

from __future__ import annotations

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, format_of, renderer_of, settings_of
from assistant_sync.cli.output import print_data, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand, GroupedOption
from assistant_sync.errors import AssistantSyncError, ExitCode
from assistant_sync.operations.show import ShowRequest, show
from assistant_sync.report.text.lines import message_text
from assistant_sync.report.view.history import paths_text

_EPILOG = """\b
Examples:
  assistant-sync show support
  assistant-sync show support --version 3
  assistant-sync show support --target production --format json
"""

_BOTH = (
    "Warning: context and config.configurable differ and both hold values, which no manifest can express: this one is "
    "not valid as it stands."
)


@click.command("show", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("key")
@click.option(  # no variable sets it: ASSISTANT_SYNC_VERSION is what a pipeline may call the program's own
    "--version",
    cls=GroupedOption,
    group=Group.SELECTION,
    type=click.IntRange(min=1),
    metavar="N",
    help="Show version N instead of the live assistant.",
)
@common_options()
@click.pass_context
def command(ctx: click.Context, key: str, version: int | None) -> int:
    """Print the live assistant KEY, or a version of it, as a manifest in YAML.

    It has the metadata keys that git owned in that version, and assistant_id only if that does not follow from the key.
    Values that look like a credential are masked, as in a plan; stderr names them.
    """
    render = renderer_of(ctx, "show")
    shown = interrupts.run(show(ShowRequest(settings=settings_of(ctx), key=key, version=version)))
    if shown.yaml is None and format_of(ctx) == "text":
        cause = "a value that no manifest can carry, such as one nested too deeply"
        message = f"version {shown.version} of '{shown.key}' holds {cause}"
        raise AssistantSyncError(message, hint="--format json shows it")
    print_data(render(shown))
    if shown.masked:
        names = f"Masked, because it looks like a credential: {paths_text(shown.masked)}."
        print_status(message_text(f"{names} The manifest is not complete without it."))
    if shown.has_both:
        print_status(_BOTH)
    return ExitCode.OK
