"""``assistant-sync apply``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant_sync.applying.executor import CONCURRENCY
from assistant_sync.cli.apply_checks import refuse_unless_checked, report_live_checks, with_checks
from assistant_sync.cli.asking_options import run_deadline
from assistant_sync.cli.options import common_options, format_of, is_verbose, option, renderer_of
from assistant_sync.cli.output import print_data
from assistant_sync.cli.parameters import Duration, Group, GroupedCommand, GroupedOption
from assistant_sync.cli.plan_ui import code_of, result_of, run_with_ui
from assistant_sync.cli.planning_options import lock_timeout_option, plan_request, planning_options
from assistant_sync.operations.apply import ApplyRequest, apply
from assistant_sync.operations.ask_options import AskOptions
from assistant_sync.operations.waiting import WaitOptions
from assistant_sync.report.options import Options
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from assistant_sync.documents.plan_file import SavedPlan
    from assistant_sync.model.plan import Plan

_EPILOG = """\b
Examples:
  assistant-sync apply                      asks first on a terminal
  assistant-sync apply --yes                never asks; needed in scripts outside CI
  assistant-sync apply plan.json            only if the new plan matches plan.json
  assistant-sync apply --only 'research-*' --changed-since v1.2
  assistant-sync apply --prune --allow-deletes 1 --target production
  assistant-sync apply --reviewed plan.json --wait-for-graphs 20m   in a workflow
  assistant-sync apply --check --rollback-on-failure   only if the answers are as checks/ expects
"""


@click.command("apply", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("planfile", required=False, type=click.Path(dir_okay=False, path_type=Path))
@planning_options
@click.option(  # no variable sets it: ASSISTANT_SYNC_CHECK is the digest that plan --check takes
    "--check/--no-check",
    "gate",
    cls=GroupedOption,
    group=Group.SAFETY,
    default=None,
    help="Ask the checks of what would change first, and write nothing unless all pass.  [default: checks.gate]",
)
@option(
    "--rollback-on-failure",
    group=Group.SAFETY,
    is_flag=True,
    help="With --check: roll updates and activations back if a check of the live assistants fails afterwards.",
)
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
@lock_timeout_option
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
    reviewed: Path | None,
    unreviewed: bool,
    gate: bool | None,
    rollback_on_failure: bool,
    **options: Any,
) -> int:
    """Make the deployment match the manifests, and read every write back.

    Always re-plans first. With PLANFILE, proceeds only if the new plan matches the saved one. On a terminal it asks
    before it writes. Without a terminal it writes only with --yes, with PLANFILE or in CI, else it exits with 64.
    """
    render = renderer_of(ctx, "result")
    request = ApplyRequest(
        plan=plan_request(ctx, (), options),
        saved=_saved_plan(planfile),
        concurrency=concurrency,
        lock_timeout=options["lock_timeout"],
        reviewed=_reviewed_plan(ctx, reviewed, is_unreviewed=unreviewed),
        unreviewed=unreviewed,
        wait=_wait_options(ctx, options["wait_for_graphs"], options["wait_for_revision"]),
        gate=gate,
        ask=AskOptions(run_deadline=run_deadline(ctx)),
        takes_back=rollback_on_failure,
    )
    given = yes or (planfile is not None) or request.plan.settings.in_ci
    applied, is_terminated = run_with_ui(
        ctx, lambda ui, display: apply(request, ui, listener=display), given=given, question=_question
    )
    refuse_unless_checked(ctx, applied.run)
    result = result_of(applied.run)
    if applied.run.planned.plan.writes or format_of(ctx) != "text":
        print_data(with_checks(render(result, Options(is_verbose(ctx))), applied))
    code = report_live_checks(ctx, applied)
    return code_of(result, is_terminated=is_terminated) or code


def _reviewed_plan(ctx: click.Context, file: Path | None, *, is_unreviewed: bool) -> SavedPlan | None:
    if file is not None and is_unreviewed:
        message = "--reviewed and --unreviewed exclude each other."
        raise click.UsageError(message, ctx)
    return _saved_plan(file)


def _saved_plan(file: Path | None) -> SavedPlan | None:
    if file is None:
        return None
    from assistant_sync.documents.plan_file import read_plan  # with pydantic, which only a saved plan needs

    return read_plan(file)


def _wait_options(ctx: click.Context, seconds: float | None, revision: str | None) -> WaitOptions | None:
    if seconds is None and revision is not None:
        message = "--wait-for-revision needs --wait-for-graphs, which sets how long to wait."
        raise click.UsageError(message, ctx)
    return None if seconds is None else WaitOptions(seconds=seconds, revision=revision)


def _question(plan: Plan) -> str:
    """The question about a plan; whoever answers it must know whose work it undoes."""
    undone = sum(change.assistant_id in plan.edited for change in plan.writes)
    if not undone:
        return "Apply this plan?"
    of = f"{undone} of {plural(len(plan.writes), 'change')}"
    if plan.rolled_back:
        what = "undoes a rollback or an edit" if undone == 1 else "undo rollbacks or edits"
    else:
        what = "undoes an edit" if undone == 1 else "undo edits"
    return f"Apply this plan? {of} {what} made outside git."
