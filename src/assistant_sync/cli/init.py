"""``assistant-sync init``."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import click

from assistant_sync.cli.options import common_options, format_of, is_quiet, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data, print_talk
from assistant_sync.operations.init import DEFAULT_GRAPH, InitRequest, init
from assistant_sync.report.text.lines import escaped, joined

if TYPE_CHECKING:
    from assistant_sync.operations.init import Initialised

_EPILOG = """\b
Examples:
  assistant-sync init
  assistant-sync init --project acme-support --graph agent
  assistant-sync init --url https://acme.us.langgraph.app
  assistant-sync init --no-workflows
"""


@click.command("init", epilog=_EPILOG)
@option("--project", metavar="NAME", help="The owner written on every assistant.  [default: the repository's name]")
@option("--graph", metavar="GRAPH_ID", default=DEFAULT_GRAPH, show_default=True, help="The example manifest's graph.")
@option("--workflows/--no-workflows", default=True, show_default=True, help="Write GitHub workflows as well.")
@common_options()
@click.pass_context
def command(ctx: click.Context, project: str | None, graph: str, workflows: bool) -> None:
    """Scaffold a project file, an example manifest and CI workflows.

    Writes into the current folder, the workflows into the repository's. Nothing is overwritten: if one of the files
    exists, none is written. --url, --target and --api-key-env say what the project file's target is.
    """
    render = renderer_of(ctx, "files")
    request = InitRequest(settings=settings_of(ctx), project=project, graph=graph, workflows=workflows)
    done = init(request)
    print_data(render(done.project, done.written))
    if format_of(ctx) == "text" and not is_quiet(ctx):
        print_talk(joined([[("\nNext:", "bold")], *([("  ", ""), *escaped(line)] for line in _next(done))]))


def _next(done: Initialised) -> list[str]:
    """The three commands that follow."""
    tops = {path if posixpath.dirname(path) in ("", ".") else posixpath.dirname(path) for path in done.written}
    add = f"git add {' '.join(sorted(tops))}"
    return [add if done.is_git else f"git init && {add}", "assistant-sync validate", "assistant-sync plan"]
