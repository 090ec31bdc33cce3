"""``assistant-sync reviewed-plan``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import common_options, is_quiet, option, settings_of, timeout_of
from assistant_sync.cli.output import print_command, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.documents.atomic import write_atomically
from assistant_sync.documents.plan_file import read_plan
from assistant_sync.errors import BadDocument, ExitCode, ForgeError
from assistant_sync.forge.github.actions import ActionsRun
from assistant_sync.operations.workspace import choose_target, open_project

if TYPE_CHECKING:
    from assistant_sync.forge.github.reviewed_plan import ReviewedPlan

_EPILOG = """\b
Example, in a workflow that a push or a merge queue starts:
  assistant-sync reviewed-plan --out "$RUNNER_TEMP/reviewed.json"
"""

_NO_PLAN = "No plan of a pull request was found for this commit; it is not compared with a reviewed one."


@click.command("reviewed-plan", cls=GroupedCommand, epilog=_EPILOG)
@option(
    "--out",
    group=Group.OUTPUT,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it, for 'apply --reviewed FILE'.",
)
@common_options()
@click.pass_context
def command(ctx: click.Context, out: Path) -> int:
    """Download the plan that the pull request of this commit showed.

    Runs in GitHub Actions, in a job that a push or a merge queue started. Without such a plan, FILE does not exist
    afterwards. In a merge queue, the output digest is set if the files are exactly those that were reviewed.
    """
    run = ActionsRun.from_environ(os.environ)
    project, tree = open_project(settings_of(ctx))
    target = choose_target(project, settings_of(ctx).target)
    out.unlink(missing_ok=True)
    found = interrupts.run(_find(run, project.name, target.name, seconds=timeout_of(ctx)))
    if found is None:
        print_command(f"::notice::{_NO_PLAN}", to_stderr=False)
        return ExitCode.OK
    write_atomically(out, found.text.decode("utf-8", "replace"))
    try:
        saved = read_plan(out)
    except BadDocument:
        out.unlink()  # whoever only looks for the file must not find it
        raise
    if not is_quiet(ctx):
        print_status(f"The reviewed plan: of pull request {found.pull_request}, commit {found.head}")
    commit = saved.commit
    if commit is not None and not commit.dirty and commit.tree is not None and commit.tree == tree.committed_tree():
        run.write_outputs({"digest": saved.digest})
    elif not is_quiet(ctx):
        print_status("The files are not exactly those that were reviewed.")
    return ExitCode.OK


async def _find(run: ActionsRun, project: str, target: str, *, seconds: float) -> ReviewedPlan | None:
    from assistant_sync.forge.github.api import GitHub
    from assistant_sync.forge.github.reviewed_plan import find_reviewed_plan

    if run.repository is None or run.token is None or not run.sha:
        message = "this runs in GitHub Actions: GITHUB_REPOSITORY, GITHUB_SHA or GITHUB_TOKEN is not set"
        raise ForgeError(message, hint="Give the step the variable GITHUB_TOKEN: ${{ github.token }}")
    async with GitHub(run.api_url, run.token, timeout=seconds) as github:
        return await find_reviewed_plan(github, run, project, target)
