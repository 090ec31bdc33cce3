"""``assistant-sync init``."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import click

from assistant_sync.cli.options import common_options, format_of, is_quiet, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data, print_status
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.operations.init import DEFAULT_GRAPH, DEFAULT_URL, InitRequest, init
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

_MEANINGS = {
    "config": "The project file to write, which can only be assistant-sync.yaml in this folder.",
    "target": "The name of the target to write.  [default: production if --url is on another machine, otherwise local]",
    "url": f"The URL to write for the target.  [default: {DEFAULT_URL}]",
    "api-key-env": "The environment variable to write as the one that holds the target's API key.",
}
"""These options describe what init writes; other commands read it."""


@click.command("init", cls=GroupedCommand, epilog=_EPILOG)
@option(
    "--project",
    metavar="NAME",
    help="The project's name, which every assistant will carry.  [default: the repository's name]",
)
@option("--graph", metavar="GRAPH_ID", default=DEFAULT_GRAPH, show_default=True, help="The example manifest's graph.")
@option("--workflows/--no-workflows", default=True, show_default=True, help="Also write GitHub workflows.")
@common_options(meanings=_MEANINGS)
@click.pass_context
def command(ctx: click.Context, project: str | None, graph: str, workflows: bool) -> None:
    """Create a project file, an example manifest and CI workflows.

    The files go into the current folder, the workflows into the repository's .github/workflows. Nothing is
    overwritten: if any of the files exists, none is written.
    """
    render = renderer_of(ctx, "files")
    request = InitRequest(settings=settings_of(ctx), project=project, graph=graph, workflows=workflows)
    done = init(request)
    print_data(render(done.project, done.written))
    if format_of(ctx) == "text" and not is_quiet(ctx):
        print_status(joined([[("\nNext:", "bold")], *([("  ", ""), *escaped(line)] for line in _next(done))]))


def _next(done: Initialised) -> list[str]:
    """Return the commands that follow."""
    tops = {path if posixpath.dirname(path) in ("", ".") else posixpath.dirname(path) for path in done.written}
    add = f"git add {' '.join(sorted(tops))}"
    return [
        add if done.is_git else f"git init && {add}",
        "assistant-sync validate",
        'git commit -m "Add assistant-sync"',
        "assistant-sync plan",
        "assistant-sync apply",
    ]
