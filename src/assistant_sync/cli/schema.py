"""``assistant-sync schema``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, is_quiet, option, renderer_of, settings_of
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.errors import ExitCode
from assistant_sync.operations.editor_schemas import editor_schemas
from assistant_sync.report.text.lines import message_text
from assistant_sync.report.text.problems import problems_text

if TYPE_CHECKING:
    from assistant_sync.operations.schema_pull import PulledSchemas

_EPILOG = """\b
Examples:
  assistant-sync schema
  assistant-sync schema pull --target production     the graphs' own schemas, from the deployment
  assistant-sync schema --check                      in CI: exit 10 if a file is not up to date
  assistant-sync schema --format json
"""


class _Schema(click.Group, GroupedCommand):
    """A command by itself, and with commands below it."""


@click.group("schema", cls=_Schema, epilog=_EPILOG, invoke_without_command=True)
@option("--check", is_flag=True, help="Write nothing; exit 10 if a file would be new or change.")
@common_options()
@click.pass_context
def command(ctx: click.Context, /, check: bool) -> int:
    """Write JSON Schemas for editors: of the project file, manifests and overlays.

    They go into schemas/editor beside the project file. With them, an editor that has a YAML language server completes
    fields, shows what each means, and marks what is wrong. The context is checked for each graph whose schema is kept
    in schemas/, where 'schema pull' writes it. Needs no key and no network.
    """
    if ctx.invoked_subcommand is not None:
        return ExitCode.OK
    render = renderer_of(ctx, "schema_files")
    found = editor_schemas(settings_of(ctx), is_check=check)
    print_data(render(found))
    return ExitCode.CONDITION if check and found.stale else ExitCode.OK


_PULL_EPILOG = """\b
Examples:
  assistant-sync schema pull
  assistant-sync schema pull --target production
  assistant-sync schema pull --check      in CI: exit 10 if the deployment has other schemas
"""


@command.command("pull", cls=GroupedCommand, epilog=_PULL_EPILOG)
@option("--check", is_flag=True, help="Write nothing; exit 10 if a file would be new or change.")
@common_options()
@click.pass_context
def pull(ctx: click.Context, /, check: bool) -> int:
    """Write what the graphs of the deployment declare, so that git has it.

    For each graph that a manifest names, its schemas go into schemas/ beside the project file, one file for each graph.
    'validate', editors and pull requests of forks then check contexts without the deployment. Schemas for editors are
    written again if schemas/editor is there.
    """
    from assistant_sync.operations.schema_pull import pull_schemas  # only this needs a client

    render = renderer_of(ctx, "schema_files")
    with Display(quiet=is_quiet(ctx)) as display:
        pulled = interrupts.run(pull_schemas(settings_of(ctx), is_check=check, listener=display), display)
    print_data(render(pulled.files))
    if not is_quiet(ctx):
        _print_misfits(pulled)
    return ExitCode.CONDITION if check and pulled.files.stale else ExitCode.OK


def _print_misfits(pulled: PulledSchemas) -> None:
    problems = pulled.contexts.of(pulled.contexts.problems.keys())
    if problems:
        print_status(message_text("These manifests do not fit what their graphs declare:"))
        print_status(problems_text(problems))
