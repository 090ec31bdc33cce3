"""``assistant-sync schema``."""

from __future__ import annotations

import click

from assistant_sync.cli.options import common_options, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.errors import ExitCode
from assistant_sync.operations.editor_schemas import editor_schemas

_EPILOG = """\b
Examples:
  assistant-sync schema
  assistant-sync schema --check      in CI: exit 10 if a file is not up to date
  assistant-sync schema --format json
"""


class _Schema(click.Group, GroupedCommand):
    """A command by itself, and with commands below it."""


@click.group("schema", cls=_Schema, epilog=_EPILOG, invoke_without_command=True, subcommand_metavar="")
@option("--check", is_flag=True, help="Write nothing; exit 10 if a file would be new or change.")
@common_options()
@click.pass_context
def command(ctx: click.Context, /, check: bool) -> int:
    """Write JSON Schemas for editors: of the project file, manifests and overlays.

    They go into schemas/editor beside the project file. With them, an editor that has a YAML language server completes
    fields, shows what each means, and marks what is wrong. The context is checked for each graph whose schema is kept
    in schemas/. Needs no key and no network.
    """
    if ctx.invoked_subcommand is not None:
        return ExitCode.OK
    render = renderer_of(ctx, "editor_schemas")
    found = editor_schemas(settings_of(ctx), is_check=check)
    print_data(render(found))
    return ExitCode.CONDITION if check and found.stale else ExitCode.OK
