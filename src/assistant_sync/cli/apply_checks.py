"""What an apply prints of its checks: those before the first write, and those of the live assistants."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.text import Text

from assistant_sync import __version__
from assistant_sync.cli.options import format_of, is_quiet, is_verbose
from assistant_sync.cli.output import print_data, print_status
from assistant_sync.errors import ChecksFailed, ExitCode
from assistant_sync.model.change import Action
from assistant_sync.model.checked import Verdict
from assistant_sync.report.text.lines import message_text
from assistant_sync.report.text.result import result_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from assistant_sync.model.checked import CheckReport
    from assistant_sync.operations.applied_run import AppliedRun
    from assistant_sync.operations.plan_run import ApplyRun
    from assistant_sync.report.formats import Rendered


def refuse_unless_checked(ctx: click.Context, run: ApplyRun) -> None:
    """Report the checks before the first write.

    Raises:
        ChecksFailed: They did not let the plan through.
    """
    report = run.checks
    if report is None:
        return
    _print_report(ctx, report)
    if not report.holds:
        failed, total = len(report.cases) - len(report.of(Verdict.PASSED)), len(report.cases)
        message = f"the checks refuse this plan: {failed} of {plural(total, 'case')} did not pass; nothing was written"
        hint = "mend the prompt or the check; --no-check applies without asking"
        raise ChecksFailed(message, report=report, hint=hint)


def with_checks(document: Rendered, applied: AppliedRun) -> Rendered:
    """The document of a result with what the checks found; a text has that elsewhere."""
    if isinstance(document, Text) or applied.run.checks is None:
        return document
    from assistant_sync.report.json.checked import checks_json
    from assistant_sync.report.json.result import result_json

    reports = {"before": applied.run.checks, "live": applied.live}
    taken = applied.taken_back
    return {
        **document,
        "checks": {
            name: None if report is None else checks_json(report, tool_version=__version__)
            for name, report in reports.items()
        },
        "taken_back": None if taken is None or taken.result is None else result_json(taken.result),
    }


def report_live_checks(ctx: click.Context, applied: AppliedRun) -> int:
    """Report the checks of the live assistants, and what was taken back.

    Returns:
        The exit code.
    """
    if applied.live is None:
        return ExitCode.OK
    _print_report(ctx, applied.live)
    if applied.live.holds:
        return ExitCode.OK
    print_status(message_text("Error: applied, but a check of a live assistant did not pass afterwards."))
    taken = applied.taken_back
    if taken is not None and taken.result is not None:
        print_status("Taken back:")
        print_status(result_text(taken.result, verbose=is_verbose(ctx)))
    if taken is not None and taken.because is not None:
        print_status(message_text(f"Error: nothing was taken back: {taken.because}"))
    commands = list(_commands(applied))
    if commands:
        print_status(message_text("\n".join(["To go back:", *commands])))
    return ExitCode.CHECK_FAILED


def _print_report(ctx: click.Context, report: CheckReport) -> None:
    if is_quiet(ctx) and report.holds:
        return
    from assistant_sync.report.text.checked import checks_text

    text = checks_text(report, verbose=is_verbose(ctx))
    (print_data if format_of(ctx) == "text" else print_status)(text)


def _commands(applied: AppliedRun) -> Iterator[str]:
    """What brings each assistant back that was not, as far as a command can."""
    target = applied.run.planned.plan.target
    outcomes = () if applied.run.result is None else applied.run.result.outcomes
    taken = applied.taken_back
    stays = None if taken is None else set(taken.left)
    for outcome in outcomes:
        if not outcome.status.is_done or (stays is not None and outcome.key not in stays):
            continue
        on = f"--target {shlex.quote(target)}"
        match outcome.action:
            case Action.UPDATE | Action.ACTIVATE | Action.ADOPT:
                yield f"  assistant-sync rollback {shlex.quote(outcome.key)} --to {outcome.version_before} {on}"
            case Action.DELETE:
                yield f"  assistant-sync undelete {shlex.quote(outcome.key)} {on}"
            case _:
                yield f"  remove the manifest of {shlex.quote(outcome.key)}, then: assistant-sync apply --prune {on}"
