"""``assistant-sync init``."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, cast

import click
from rich.text import Text

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, format_of, is_quiet, is_verbose, option, renderer_of, settings_of
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.model.frozen import replace
from assistant_sync.operations.init import DEFAULT_GRAPH, InitRequest, init
from assistant_sync.operations.init_files import DEFAULT_URL
from assistant_sync.report.options import Options
from assistant_sync.report.text.lines import escaped, joined

if TYPE_CHECKING:
    from assistant_sync.operations.init import Initialised

_EPILOG = """\b
Examples:
  assistant-sync init
  assistant-sync init --project acme-support --graph agent
  assistant-sync init --url https://acme.us.langgraph.app --install 'git+https://HOST/REPOSITORY@COMMIT'
  assistant-sync init --pull --url https://acme.us.langgraph.app   start with the assistants that you have
  assistant-sync init --workflows-only --target staging
  assistant-sync init --workflows-only --checks   for the target that checks.target names
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
@option(
    "--workflows-only",
    is_flag=True,
    help="Write only the workflows that are missing, for a target of the project file in this folder.",
)
@option("--queue", is_flag=True, help="Also write the workflow for a merge queue.")
@option(
    "--checks",
    is_flag=True,
    help="Also write a check of the example, and a workflow in which pull requests ask the checks. It runs graphs.",
)
@option(
    "--deploys-graphs",
    is_flag=True,
    help="Merges deploy graphs, too: do not let the plan workflow fail for a graph that is not served yet.",
)
@option(
    "--install",
    metavar="REQUIREMENT",
    help="What the workflows install with pip. Without it, they fail at a line that you replace.",
)
@option(
    "--pull",
    is_flag=True,
    help="Write a manifest for each assistant that the deployment at --url has, in place of the example.",
)
@option(
    "--metadata",
    multiple=True,
    metavar="KEY",
    help="With --pull: a metadata key to import with each assistant; can be repeated.",
)
@common_options(meanings=_MEANINGS)
@click.pass_context
def command(ctx: click.Context, /, pull: bool, metadata: tuple[str, ...], **options: Any) -> None:
    """Create a project file, an example manifest and CI workflows.

    The files go into the current folder, the workflows into the repository's .github/workflows. Nothing is
    overwritten: if any of the files exists, none is written. Without --url, only the workflow that validates is
    written: the others need a deployment that they can reach. With --checks, pull requests run the target's graphs, so
    models cost money and tools act: use a staging deployment. With --pull, the assistants of the deployment become
    manifests, each with its id: the first plan then shows their adoption, and nothing else.
    """
    render = renderer_of(ctx, "files")
    request = InitRequest(settings=settings_of(ctx), example=not pull, **options)
    _refuse_idle_options(ctx, request, has_metadata=bool(metadata))
    if pull:
        done = _pull(ctx, request, metadata)
    else:
        done = init(request)
        print_data(render(done.project, done.written))
    if format_of(ctx) == "text" and not is_quiet(ctx):
        lines = _next(request, done)
        print_status(joined([[("\nNext:", "bold")], *([("  ", ""), *escaped(line)] for line in lines)]))


def _pull(ctx: click.Context, request: InitRequest, metadata: tuple[str, ...]) -> Initialised:
    """Write the project and the manifests of what the deployment has, and print them."""
    from assistant_sync.operations.init_pull import init_and_pull  # only this needs a client

    with Display(quiet=is_quiet(ctx)) as display:
        done, report = interrupts.run(init_and_pull(request, metadata, listener=display), display)
    files, pulled = renderer_of(ctx, "files"), renderer_of(ctx, "pulled")(report, Options(is_verbose(ctx)))
    written = replace(done, written=(*done.written, *(one.path for one in report.files)))
    if isinstance(pulled, Text):
        print_data(files(done.project, done.written))
        print_data(pulled)
    else:
        print_data({**cast("dict[str, Any]", files(done.project, written.written)), "pull": pulled})
    return written


def _refuse_idle_options(ctx: click.Context, request: InitRequest, *, has_metadata: bool) -> None:
    """Refuse options that would do nothing.

    Raises:
        click.UsageError: One of them was given.
    """
    settings = request.settings
    if request.workflows_only and not request.workflows:
        message = "--workflows-only and --no-workflows exclude each other."
        raise click.UsageError(message, ctx)
    if request.workflows_only and (settings.url is not None or settings.api_key_env is not None):
        message = "--workflows-only takes the target from the project file: --url and --api-key-env do not apply."
        raise click.UsageError(message, ctx)
    if request.queue and not request.workflows_only and (settings.url is None or not request.workflows):
        message = "--queue needs --url with a deployment that workflows can reach, or --workflows-only."
        raise click.UsageError(message, ctx)
    if not request.example and (settings.url is None or request.workflows_only):
        message = "--pull needs --url with the deployment to read, and writes a new project."
        raise click.UsageError(message, ctx)
    if has_metadata and request.example:
        message = "--metadata needs --pull."
        raise click.UsageError(message, ctx)


def _next(request: InitRequest, done: Initialised) -> list[str]:
    """Return the commands that follow."""
    tops = {path if posixpath.dirname(path) in ("", ".") else posixpath.dirname(path) for path in done.written}
    add = f"git add {' '.join(sorted(tops))}"
    places = sorted({posixpath.dirname(path) for path in done.written if ".github/" in path})
    ignore = ["echo /archive/ >> .gitignore   # deleted assistants: read one before you commit it"]
    branch = [f"# The workflows run for the branch {done.branch}; if yours is another, change 'branches:' in them"]
    reviewers = [f"# Settings > Environments: give {done.checks_of}-checks required reviewers, who let its graphs run"]
    push = ["git push   # the first push to that branch is the first apply"]
    by_hand = [] if request.workflows_only else ["assistant-sync plan", "assistant-sync apply"]
    return [
        *(ignore if done.keeps_gitignore else []),
        *([] if done.installs else [f"# Replace the step 'Install', which fails, in {place}" for place in places]),
        *(branch if done.workflows_of else []),
        add if done.is_git else f"git init && {add}",
        *(f"gh secret set {name}   # of the repository: plans run in no environment" for name in done.secrets),
        *(reviewers if done.checks_of else []),
        "assistant-sync validate",
        'git commit -m "Add workflows"' if request.workflows_only else 'git commit -m "Add assistant-sync"',
        *(push if done.workflows_of else by_hand),
    ]
