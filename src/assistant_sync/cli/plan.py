"""``assistant-sync plan``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant_sync import __version__
from assistant_sync.cli import interrupts
from assistant_sync.cli.github import github_option, publish_plan, publish_problems
from assistant_sync.cli.options import common_options, format_of, is_quiet, is_verbose, option, renderer_of
from assistant_sync.cli.output import Display, print_data, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.cli.planning_options import plan_request, planning_options
from assistant_sync.cli.run_state import NOT_TAKEN_APART, run_state
from assistant_sync.errors import ConditionFailed, ExitCode, RepositoryError, StalePlan
from assistant_sync.model.frozen import replace
from assistant_sync.operations.plan import plan
from assistant_sync.publishing.published import PLAN
from assistant_sync.redaction import without_sent
from assistant_sync.report.options import Options
from assistant_sync.report.text.problems import error_text, problems_text

if TYPE_CHECKING:
    from assistant_sync.model.drift import DriftReport
    from assistant_sync.model.plan import Plan
    from assistant_sync.operations.plan import PlanResult
    from assistant_sync.operations.plan_request import PlanRequest

_MOST_NAMED = 10
_DRIFT, _MISSING_GRAPH = "drift", "missing-graph"

_EPILOG = """\b
Examples:
  assistant-sync plan
  assistant-sync plan support 'research-*' --target production
  assistant-sync plan --graph 'support_*' --changed-since origin/main
  assistant-sync plan --prune --out plan.json && assistant-sync apply plan.json
  assistant-sync plan --detailed-exitcode   exits 2 if there are changes
"""


@click.command("plan", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@planning_options
@option(
    "--out",
    group=Group.OUTPUT,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save the plan for 'apply FILE'.",
)
@option("--detailed-exitcode", group=Group.CI, is_flag=True, help="Exit with 2 if there are changes.")
@option(
    "--fail-on",
    group=Group.CI,
    type=click.Choice([_DRIFT, _MISSING_GRAPH]),
    multiple=True,
    help="Exit with 10 if a selected assistant was changed outside git and git has not taken that over (drift), or if "
    "a selected manifest names a graph that the deployment does not serve (missing-graph); can be repeated.",
)
@option("--check", group=Group.CI, metavar="DIGEST", help="Exit with 7 unless the plan has this digest.")
@github_option(
    "In GitHub Actions: write a step summary, outputs, annotations and one comment on the pull request.", publishes=PLAN
)
@common_options()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    keys: tuple[str, ...],
    out: Path | None,
    detailed_exitcode: bool,
    fail_on: tuple[str, ...],
    check: str | None,
    **options: Any,
) -> int:
    """Show what apply would do, without changing anything.

    KEY is the key of an assistant, or a glob.
    """
    render = renderer_of(ctx, "plan")
    with Display(quiet=is_quiet(ctx)) as display:
        request = replace(plan_request(ctx, keys, options), names_tree=out is not None)
        planned, drifted = interrupts.run(_plan(request, display, with_drift=_DRIFT in fail_on), display)
    run_state()[NOT_TAKEN_APART] = planned
    if planned.problems and not is_quiet(ctx):
        print_status(problems_text(planned.problems))
    publish_problems(planned.problems)
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    print_data(render(planned.plan, Options(is_verbose(ctx), created_at)))
    if out is not None:
        _save(planned.plan, out, created_at)
    publish_plan(planned.plan)
    if planned.plan.is_refused:
        return ExitCode.REFUSED
    try:
        _check(check, planned.plan)
        _fail_on_missing_graph(planned.plan if _MISSING_GRAPH in fail_on else None)
        _fail_on_drift(drifted)
    except (ConditionFailed, StalePlan) as error:
        if format_of(ctx) != "json":
            raise
        print_status(error_text(error))  # stdout has its one document
        return error.exit_code
    return ExitCode.CHANGES if detailed_exitcode and planned.plan.writes else ExitCode.OK


def _save(plan: Plan, out: Path, created_at: str) -> None:
    from assistant_sync.documents.atomic import write_atomically
    from assistant_sync.report.json.document import dumps
    from assistant_sync.report.json.plan import plan_json
    from assistant_sync.repository.files import leaves_repository

    if out.is_symlink() and leaves_repository(out.absolute(), out.absolute().parent):
        message = f"{out}: cannot be written: it is a symbolic link that leads out of the repository"
        raise RepositoryError(message)
    document = plan_json(plan, created_at=created_at, tool_version=__version__)
    write_atomically(out, without_sent(dumps(document)) + "\n")


async def _plan(request: PlanRequest, display: Display, *, with_drift: bool) -> tuple[PlanResult, DriftReport | None]:
    if with_drift:
        from assistant_sync.operations.drift import plan_and_drift

        return await plan_and_drift(request, listener=display)
    return await plan(request, listener=display), None


def _fail_on_missing_graph(plan: Plan | None) -> None:
    if plan is None or not plan.missing_graphs:
        return
    named = ", ".join(f"'{one.graph_id}'" for one in plan.missing_graphs[:_MOST_NAMED])
    more = f" and {len(plan.missing_graphs) - _MOST_NAMED} more" if len(plan.missing_graphs) > _MOST_NAMED else ""
    message = f"--fail-on missing-graph: the deployment does not serve {named}{more}"
    raise ConditionFailed(message, hint="correct graph_id, or deploy the graph first")


def _fail_on_drift(report: DriftReport | None) -> None:
    if report is None or not report.drifted:
        return
    named = ", ".join(f"{one.key} ({one.kind.value})" for one in report.drifted[:_MOST_NAMED])
    more = f" and {len(report.drifted) - _MOST_NAMED} more" if len(report.drifted) > _MOST_NAMED else ""
    message = f"--fail-on drift: changed outside git: {named}{more}"
    raise ConditionFailed(message, hint="'assistant-sync drift' shows what changed, and how to keep or undo it")


def _check(digest: str | None, plan: Plan) -> None:
    if digest is not None and digest.removeprefix("sha256:") != plan.digest.removeprefix("sha256:"):
        message = f"the plan is not the one that was checked: its digest is {plan.digest}, not {digest}"
        raise StalePlan(message, hint="what would be done has changed since; review the new plan")
