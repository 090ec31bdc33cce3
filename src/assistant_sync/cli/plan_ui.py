"""Running a plan from the command line: it is shown, asked about, and may be interrupted in good order."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from assistant_sync.applying.exit_code import exit_code
from assistant_sync.cli import interrupts
from assistant_sync.cli.consent import Consent, consent, is_agreed
from assistant_sync.cli.options import format_of, is_quiet, is_verbose
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.run_state import WRITES_BEGAN, run_state
from assistant_sync.cli.signals import StopSignals, handlers_kept
from assistant_sync.errors import AssistantSyncError, Interrupted, PlanRefused, Terminated
from assistant_sync.report.options import Options
from assistant_sync.report.text.lines import message_text
from assistant_sync.report.text.plan import plan_text
from assistant_sync.report.text.problems import problems_text

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import click
    from rich.text import Text

    from assistant_sync.model.outcome import ApplyResult
    from assistant_sync.model.plan import Plan
    from assistant_sync.operations.plan import PlanResult
    from assistant_sync.operations.plan_run import ApplyRun
    from assistant_sync.report.formats import Rendered

T = TypeVar("T")


class Reported(Protocol):
    """A run, and its report; none if the plan was refused or not approved."""

    @property
    def run(self) -> ApplyRun:
        """The run."""

    @property
    def report(self) -> object | None:
        """The report."""


class TerminalUI:
    """Shows the plan, asks, and lets Ctrl-C and SIGTERM end what is carried out in good order.

    Args:
        ctx: The command.
        display: Shows progress.
        source: Where the consent comes from.
        question: Makes the question about a plan.
        idle: Takes the place of the text of a plan that writes nothing; None for that text.
    """

    def __init__(
        self,
        ctx: click.Context,
        display: Display,
        source: Consent,
        question: Callable[[Plan], str],
        idle: Callable[[Plan], Text] | None = None,
    ) -> None:
        self.asks = source is not Consent.GIVEN
        self._consent = source
        self._question = question
        self._idle = idle
        self.stop = asyncio.Event()
        self.is_terminated = False
        self._ctx = ctx
        self._display = display
        self._signals = StopSignals(self._react)
        self._message = ""

    def is_stopping(self) -> bool:
        """Whether a signal has come, if only while the event loop was busy."""
        return self._signals.has_come

    def approve(self, planned: PlanResult) -> bool:
        """Whether to go on."""
        ctx, plan = self._ctx, planned.plan
        self._display.clear()
        if planned.problems and not is_quiet(ctx):
            print_status(problems_text(planned.problems))
        as_data = format_of(ctx) == "text"
        is_idle = self._idle is not None and not (plan.writes or plan.is_refused)
        if (as_data and not is_quiet(ctx)) or self.asks or plan.is_refused:
            text = self._idle(plan) if self._idle and is_idle else plan_text(plan, verbose=is_verbose(ctx))
            self._display.clear()
            (print_data if as_data else print_status)(text)
        command = str(ctx.command.name)
        return plan.is_refused or not plan.writes or is_agreed(self._consent, self._question(plan), command=command)

    def begin_asking(self) -> None:
        """From here on an interruption cancels what is asked, and cleans up."""
        self._handle_signals(
            "Interrupted: cancelling what is asked. Once more aborts, and leaves it to the next check."
        )

    def begin_writes(self) -> None:
        """From here on an interruption lets what is in flight settle."""
        self._ctx.find_root().obj[WRITES_BEGAN] = True
        self._handle_signals("Interrupted: finishing what is in flight. Once more aborts, and leaves it unreported.")

    def _handle_signals(self, message: str) -> None:
        self._message = message
        self._signals.begin()

    def _react(self, number: signal.Signals) -> None:
        self.is_terminated = number is signal.SIGTERM
        self.stop.set()
        self._print(self._message)

    def status(self, text: str) -> None:
        """Print a line of progress, unless --quiet is given; it may quote text of a server or of another apply."""
        if not is_quiet(self._ctx):
            self._print(text)

    def _print(self, text: str) -> None:
        self._display.clear()
        print_status(message_text(text))


def run_with_ui(
    ctx: click.Context,
    start: Callable[[TerminalUI, Display], Coroutine[Any, Any, T]],
    *,
    given: bool,
    question: Callable[[Plan], str],
    idle: Callable[[Plan], Text] | None = None,
) -> tuple[T, bool]:
    """Run what carries out a plan.

    Args:
        ctx: The command.
        start: Makes the coroutine.
        given: Whether the command line, a saved plan or CI gives the consent.
        question: Makes the question about a plan.
        idle: Takes the place of the text of a plan that writes nothing; None for that text.

    Returns:
        What it returns, and whether SIGTERM ended it. If it may have written, a first signal is still held off then,
        because what was written must be reported.
    """
    with Display(quiet=is_quiet(ctx)) as display:
        interaction = TerminalUI(ctx, display, consent(given=given), question, idle)
        with handlers_kept(lambda: WRITES_BEGAN in run_state()):
            try:
                ended = interrupts.run(start(interaction, display), display)
            except Interrupted as error:
                raise (Terminated(error.message) if interaction.is_terminated else error) from None
    return ended, interaction.is_terminated


def run_with_report(
    ctx: click.Context,
    start: Callable[[TerminalUI, Display], Coroutine[Any, Any, Reported]],
    *,
    given: bool,
    question: Callable[[Plan], str],
    render: Callable[..., Rendered],
) -> int:
    """Run what carries out a plan of one change, and print its report.

    Args:
        ctx: The command.
        start: Makes the coroutine.
        given: Whether the command line gives the consent.
        question: Makes the question about a plan.
        render: Renders the report.

    Returns:
        The exit code.

    Raises:
        PlanRefused, AssistantSyncError: As for ``result_of``.
    """
    ended, is_terminated = run_with_ui(ctx, start, given=given, question=question, idle=nothing_to_do)
    result = result_of(ended.run)
    if ended.report is not None:
        print_data(render(ended.report, Options(is_verbose(ctx))))
    return code_of(result, is_terminated=is_terminated)


def result_of(run: ApplyRun) -> ApplyResult:
    """The result of a run.

    Raises:
        PlanRefused: The plan was refused.
        AssistantSyncError: The answer to the question was no.
    """
    plan = run.planned.plan
    if plan.is_refused:
        raise PlanRefused(_refusal(plan), hint="Nothing was written")
    if run.result is None:
        message = "cancelled; nothing was written"
        raise AssistantSyncError(message)
    return run.result


def nothing_to_do(plan: Plan) -> Text:
    """The text of a plan of one change that writes nothing."""
    return message_text("\n".join(f"{change.key}: {change.reason}. Nothing to do." for change in plan.changes))


def code_of(result: ApplyResult, *, is_terminated: bool) -> int:
    """The exit code of a run."""
    code = exit_code(result)
    return Terminated.exit_code if code == Interrupted.exit_code and is_terminated else code


def _refusal(plan: Plan) -> str:
    reasons = [violation.message for violation in plan.guards]
    reasons += [f"{change.key}: {change.reason}" for change in plan.changes if change.action.value == "refuse"]
    return (
        f"the plan is refused: {reasons[0]}" if len(reasons) == 1 else f"the plan is refused for {len(reasons)} reasons"
    )
