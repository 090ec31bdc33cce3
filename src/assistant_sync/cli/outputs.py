"""``assistant-sync outputs``."""

from __future__ import annotations

import click

from assistant_sync.cli.options import common_options, format_of, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.errors import ExitCode
from assistant_sync.operations.outputs import outputs
from assistant_sync.report.languages import LANGUAGES

_EPILOG = """\b
Examples:
  assistant-sync outputs
  assistant-sync outputs --as dotenv >> .env
  assistant-sync outputs --target production --as typescript > src/assistants.ts
  assistant-sync outputs --format json         with addresses
"""


@click.command("outputs", cls=GroupedCommand, epilog=_EPILOG)
@option(
    "--as",
    group=Group.OUTPUT,
    type=click.Choice(tuple(LANGUAGES)),
    help="Print only keys and ids, as what an application reads.",
)
@common_options()
@click.pass_context
def command(ctx: click.Context, /, **options: str | None) -> int:
    """Print the id of every assistant that the manifests describe.

    The ids are known before the first apply: nothing is asked of the deployment. Text and JSON also have the addresses
    that the official server gives assistants: A2A, MCP and Studio.
    """
    render = renderer_of(ctx, "outputs")
    language = options["as"]
    if language is not None and format_of(ctx) != "text":
        message = "--as and --format exclude each other; --format json has the addresses, too."
        raise click.UsageError(message, ctx)
    found = outputs(settings_of(ctx))
    print_data(render(found) if language is None else LANGUAGES[language](found))
    return ExitCode.OK
