"""``assistant-sync check``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.asking_options import TIMEOUT_OF_RUNS, ask_options, asking_options
from assistant_sync.cli.check_watch import watch_files
from assistant_sync.cli.github import github_option, publish_checks, publish_problems
from assistant_sync.cli.options import common_options, format_of, is_quiet, is_verbose, option, renderer_of, settings_of
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.cli.selection_options import selection_of, selection_options
from assistant_sync.cli.signals import AskingUI, ending_on_sigterm, handlers_kept
from assistant_sync.errors import ExitCode, Interrupted, Terminated
from assistant_sync.operations.check import CheckRequest, check
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.publishing.published import CHECKS
from assistant_sync.report.options import Options
from assistant_sync.report.text.problems import problems_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from assistant_sync.operations.check import CheckResult

_EPILOG = """\b
Examples:
  assistant-sync check                       the assistants that a plan would change
  assistant-sync check support 'research-*'  of these, those that a plan would change
  assistant-sync check --all --target staging
  assistant-sync check --format junit > checks.xml
  assistant-sync check --watch support       again whenever a file changes
"""


@click.command("check", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@selection_options
@option("--all", group=Group.SELECTION, is_flag=True, help="Ask unchanged assistants as well.")
@asking_options
@option("--watch", is_flag=True, help="Ask again whenever a file changes, and show what that changes.")
@option("--trusted-ref", group=Group.CI, metavar="REF", help="Ask only the target that checks.target names at REF.")
@github_option(
    "In GitHub Actions: write a step summary, outputs, one comment and a commit status for the target.",
    publishes=CHECKS,
)
@common_options(meanings=TIMEOUT_OF_RUNS)
@click.pass_context
def command(ctx: click.Context, /, keys: tuple[str, ...], watch: bool, **options: Any) -> int:
    """Ask the questions of checks/ about what a plan would change, before and after.

    KEY is the key of an assistant, or a glob. Nothing is written: the graphs run with the manifests' content, so models
    cost money and tools act. Exits with 10 unless every case passes.
    """
    render = renderer_of(ctx, "checks")
    request = CheckRequest(
        plan=PlanRequest(
            settings=settings_of(ctx),
            selection=selection_of(keys, options["only"], options["graph"]),
            changed_since=options["changed_since"],
            trusted_ref=options["trusted_ref"],
        ),
        options=ask_options(ctx, options),
        is_about_all=options["all"],
    )

    def show(result: CheckResult) -> None:
        if result.problems and not is_quiet(ctx):
            print_status(problems_text(result.problems))
        print_data(render(result.report, Options(is_verbose(ctx))))

    if watch:
        _watch(ctx, request, show)
        return ExitCode.OK
    with Display(quiet=is_quiet(ctx)) as display:
        ui = AskingUI(display)
        with handlers_kept():
            result = interrupts.run(check(request, ui, listener=display), display)
    show(result)
    publish_problems(result.problems)
    publish_checks(result.report)
    if ui.stop.is_set():
        return Terminated.exit_code if ui.is_terminated else Interrupted.exit_code
    return ExitCode.OK if result.report.holds else ExitCode.CONDITION


def _watch(ctx: click.Context, request: CheckRequest, show: Callable[[CheckResult], None]) -> None:
    if format_of(ctx) != "text":
        message = "--watch prints text only."
        raise click.UsageError(message, ctx)
    with Display(quiet=is_quiet(ctx)) as display, handlers_kept(), suppress(KeyboardInterrupt):  # its usual end
        interrupts.run(ending_on_sigterm(watch_files(request, display, show)), display)
