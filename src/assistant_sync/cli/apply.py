"""``assistant-sync apply``."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant_sync.applying.executor import CONCURRENCY
from assistant_sync.applying.exit_code import exit_code
from assistant_sync.cli.consent import Consent, consent, is_agreed
from assistant_sync.cli.options import common_options, format_of, is_quiet, is_verbose, option, renderer_of
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.parameters import Duration, Group, GroupedCommand, Seconds
from assistant_sync.cli.planning_options import plan_request, planning_options
from assistant_sync.cli.run_state import WRITES_BEGAN
from assistant_sync.documents.plan_file import read_plan
from assistant_sync.errors import AssistantSyncError, Interrupted, PlanRefused, Terminated
from assistant_sync.operations.apply import ApplyRequest, apply
from assistant_sync.operations.plan_run import DEFAULT_LOCK_TIMEOUT, ApplyRun
from assistant_sync.operations.waiting import WaitOptions
from assistant_sync.report.options import Options
from assistant_sync.report.text.lines import message_text
from assistant_sync.report.text.plan import plan_text
from assistant_sync.report.text.problems import problems_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assistant_sync.documents.plan_file import SavedPlan
    from assistant_sync.model.plan import Plan
    from assistant_sync.operations.plan import PlanResult
    from assistant_sync.report.formats import Rendered

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_EPILOG = """\b
Examples:
  assistant-sync apply                      asks first on a terminal
  assistant-sync apply --yes                never asks; needed in scripts outside CI
  assistant-sync apply plan.json            only if the new plan matches plan.json
  assistant-sync apply --prune --allow-deletes 1 --target production
  assistant-sync apply --reviewed plan.json --wait-for-graphs 20m   in a workflow
"""


@click.command("apply", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("planfile", required=False, type=click.Path(dir_okay=False, path_type=Path))
@planning_options
@option("--yes", "-y", group=Group.SAFETY, is_flag=True, help="Apply without asking.")
@option(
    "--concurrency",
    group=Group.CONNECTION,
    type=click.IntRange(1, 64),
    default=CONCURRENCY,
    show_default=True,
    metavar="N",
    help="How many assistants to write at the same time.",
)
@option(
    "--lock-timeout",
    group=Group.SAFETY,
    type=Seconds(min=0),
    default=DEFAULT_LOCK_TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a running apply to release the lock.",
)
@option(
    "--reviewed",
    group=Group.CI,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The reviewed plan: refuse deletes beyond it, and changes that undo edits made outside git since then.",
)
@option(
    "--unreviewed",
    group=Group.CI,
    is_flag=True,
    help="Nobody reviewed a plan: refuse deletes, and changes that undo edits made outside git.",
)
@option(
    "--wait-for-graphs",
    group=Group.CI,
    type=Duration(),
    metavar="DURATION",
    help="Wait up to DURATION (90s, 20m) for the graphs that the plan needs.",
)
@option(
    "--wait-for-revision",
    group=Group.CI,
    metavar="ID",
    help="Also wait until the deployment reports this revision.",
)
@common_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    planfile: Path | None,
    yes: bool,
    concurrency: int,
    lock_timeout: float,
    reviewed: Path | None,
    unreviewed: bool,
    wait_for_graphs: float | None,
    wait_for_revision: str | None,
    **options: Any,
) -> int:
    """Make the deployment match the manifests, and read every write back.

    Always re-plans first. With PLANFILE, proceeds only if the new plan matches the saved one. On a terminal it asks
    before it writes. Without a terminal it writes only with --yes, with PLANFILE or in CI, else it exits with 64.
    """
    render = renderer_of(ctx, "result")
    request = ApplyRequest(
        plan=plan_request(ctx, (), options),
        saved=None if planfile is None else read_plan(planfile),
        concurrency=concurrency,
        lock_timeout=lock_timeout,
        reviewed=_reviewed_plan(ctx, reviewed, is_unreviewed=unreviewed),
        unreviewed=unreviewed,
        wait=_wait_options(ctx, wait_for_graphs, wait_for_revision),
    )
    with Display(quiet=is_quiet(ctx)) as display:
        given = yes or (planfile is not None) or request.plan.settings.in_ci
        interaction = _TerminalUI(ctx, display, consent(given=given))
        with _handlers_kept():
            try:
                applied = asyncio.run(apply(request, interaction, listener=display))
            except Interrupted as error:
                raise (Terminated(error.message) if interaction.is_terminated else error) from None
    code = _report(ctx, applied, render)
    return Terminated.exit_code if code == Interrupted.exit_code and interaction.is_terminated else code


def _reviewed_plan(ctx: click.Context, file: Path | None, *, is_unreviewed: bool) -> SavedPlan | None:
    if file is not None and is_unreviewed:
        message = "--reviewed and --unreviewed exclude each other."
        raise click.UsageError(message, ctx)
    return None if file is None else read_plan(file)


def _wait_options(ctx: click.Context, seconds: float | None, revision: str | None) -> WaitOptions | None:
    if seconds is None and revision is not None:
        message = "--wait-for-revision needs --wait-for-graphs, which sets how long to wait."
        raise click.UsageError(message, ctx)
    return None if seconds is None else WaitOptions(seconds=seconds, revision=revision)


class _TerminalUI:
    """Shows the plan, asks, and lets Ctrl-C and SIGTERM end an apply in good order."""

    def __init__(self, ctx: click.Context, display: Display, source: Consent) -> None:
        self.asks = source is not Consent.GIVEN
        self._consent = source
        self.stop = asyncio.Event()
        self.is_terminated = False
        self._ctx = ctx
        self._display = display

    def approve(self, planned: PlanResult) -> bool:
        """Whether to go on."""
        ctx, plan = self._ctx, planned.plan
        self._display.clear()
        if planned.problems and not is_quiet(ctx):
            print_status(problems_text(planned.problems))
        as_data = format_of(ctx) == "text"
        if (as_data and not is_quiet(ctx)) or self.asks or plan.is_refused:
            (print_data if as_data else print_status)(plan_text(plan, verbose=is_verbose(ctx)))
        return plan.is_refused or not plan.writes or is_agreed(self._consent, _question(plan), command="apply")

    def begin_writes(self) -> None:
        """From here on an interruption lets what is in flight settle."""
        self._ctx.find_root().obj[WRITES_BEGAN] = True
        loop = asyncio.get_running_loop()

        def end(number: signal.Signals) -> None:
            self.is_terminated = number is signal.SIGTERM
            self.stop.set()
            self._print("Interrupted: finishing what is in flight. Once more aborts, and leaves it unreported.")
            for one in _SIGNALS:
                loop.remove_signal_handler(one)

        for number in _SIGNALS:
            loop.add_signal_handler(number, end, number)

    def status(self, text: str) -> None:
        """Print a line of progress, unless --quiet is given; it may quote text of a server or of another apply."""
        if not is_quiet(self._ctx):
            self._print(text)

    def _print(self, text: str) -> None:
        self._display.clear()
        print_status(message_text(text))


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Give the signals back as they were: a loop that closes leaves the system's own handlers."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report(ctx: click.Context, applied: ApplyRun, render: Callable[..., Rendered]) -> int:
    plan = applied.planned.plan
    if plan.is_refused:
        raise PlanRefused(_refusal(plan), hint="Nothing was written")
    if applied.result is None:
        message = "cancelled; nothing was written"
        raise AssistantSyncError(message)
    if plan.writes or format_of(ctx) != "text":
        print_data(render(applied.result, Options(is_verbose(ctx))))
    return exit_code(applied.result)


def _question(plan: Plan) -> str:
    """The question about a plan; whoever answers it must know whose work it undoes."""
    undone = sum(change.assistant_id in plan.edited for change in plan.writes)
    if not undone:
        return "Apply this plan?"
    of = f"{undone} of {plural(len(plan.writes), 'change')}"
    return f"Apply this plan? {of} {'undoes an edit' if undone == 1 else 'undo edits'} made outside git."


def _refusal(plan: Plan) -> str:
    reasons = [violation.message for violation in plan.guards]
    reasons += [f"{change.key}: {change.reason}" for change in plan.changes if change.action.value == "refuse"]
    return (
        f"the plan is refused: {reasons[0]}" if len(reasons) == 1 else f"the plan is refused for {len(reasons)} reasons"
    )
