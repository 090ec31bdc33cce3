"""``--github``: what a command tells GitHub beside what it prints (docs/ci.md).

Nothing of it changes how the command ends: where GitHub does not take something, that is a warning.
"""

from __future__ import annotations

import asyncio
import functools
import os
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.text import Text

from assistant_sync.cli import output
from assistant_sync.cli.options import format_of, is_quiet, option, settings_of
from assistant_sync.errors import AssistantSyncError, ExitCode, Interrupted, InvalidFiles
from assistant_sync.forge import commands, marked
from assistant_sync.forge.actions import ActionsRun
from assistant_sync.manifests.project_file import find_project_file, load_project
from assistant_sync.operations.workspace import choose_target
from assistant_sync.report.escape import escape_invisible
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.problems import error_json
from assistant_sync.report.markdown.plan import LEAST, plan_markdown
from assistant_sync.report.text.problems import error_text
from assistant_sync.repository.files import nearest_top

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.forge.posting import Posted
    from assistant_sync.model.plan import Plan
    from assistant_sync.problem import Problem

F = TypeVar("F", bound=Callable[..., Any])

_REPORTING = "assistant_sync.cli.github"
_LONGEST_CHARACTER = 4
"""Bytes in UTF-8."""
_CUT = "\n… (cut here; the run's log has the rest)"


def github_option(text: str, *, is_plan: bool = False) -> Callable[[F], F]:
    """Add ``--github`` to a command; its function need not know of it.

    Args:
        text: The option's help.
        is_plan: Whether a failure takes the place of a plan on the run's page and on the pull request.
    """

    def add(function: F) -> F:
        @functools.wraps(function)
        def wrapped(*args: Any, github: bool, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the command returns
            if not github:
                return function(*args, **kwargs)
            ctx = click.get_current_context()
            reporting = ctx.meta[_REPORTING] = _Reporting(ctx, is_plan=is_plan)
            return reporting.around(lambda: function(*args, **kwargs))

        return option("--github", is_flag=True, help=text)(wrapped)  # type: ignore[return-value]  # wraps keeps it

    return add


def print_data(data: Text | Mapping[str, object]) -> None:
    """As ``output.print_data``; with ``--github`` no line of it is taken for a command by the runner."""
    reporting = _current()
    if reporting is None or not reporting.run.is_actions:
        output.print_data(data)
    elif isinstance(data, Mapping):
        # Around JSON nothing may be printed that is none.
        text = dumps(data)
        output.print_data(Text(commands.inert_json(text)) if commands.may_be_command(text) else data)
    else:
        pause, go_on = commands.pause()
        output.print_data(Text(pause))
        try:
            output.print_data(data)
        finally:
            output.print_data(Text(go_on))


def print_talk(text: Text | str) -> None:
    """As ``output.print_talk``; with ``--github`` no line of it is taken for a command by the runner."""
    reporting = _current()
    plain = text if isinstance(text, str) else text.plain
    # The runner reads both streams at once, so that a pause on the one would not hold for the other.
    if reporting is not None and reporting.run.is_actions and commands.may_be_command(plain):
        text = commands.inert(plain)
    output.print_talk(text)


def report_problems(problems: Sequence[Problem]) -> None:
    """With ``--github``: show problems at their lines."""
    reporting = _current()
    if reporting is not None:
        reporting.annotate(problems)


def report_plan(plan: Plan) -> None:
    """With ``--github``: put a plan on the run's page, into the step's outputs and on the pull request."""
    reporting = _current()
    if reporting is None:
        return
    reporting.outputs.update({action.value: str(count) for action, count in plan.summary.items()})
    reporting.outputs |= {"has_changes": "true" if plan.writes else "false", "digest": plan.digest}
    reporting.has_plan = True
    reporting.publish(lambda limit: plan_markdown(plan, limit=limit), (plan.project, plan.target), plan.digest)


class _Reporting:
    """What one run of a command tells GitHub."""

    def __init__(self, ctx: click.Context, *, is_plan: bool) -> None:
        self.ctx = ctx
        self.is_plan = is_plan
        self.run = ActionsRun.from_environ(os.environ)
        self.has_plan = False
        self.outputs: dict[str, str] = {}

    def around(self, command: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the command returns
        """Run the command; its exit code becomes an output however it ends."""
        code = int(ExitCode.BUG)
        try:
            returned = command()
            failed = (self.ctx.find_root().obj or {}).get(output.OUTPUT_FAILED)
            code = returned if isinstance(returned, int) and returned else int(bool(failed))
        except AssistantSyncError as error:
            code = error.exit_code
            self._failed(error)
            # Shown already, so that no line of it is taken for a command.
            raise click.exceptions.Exit(code) from error
        except click.exceptions.Exit as error:
            code = error.exit_code
            raise
        except click.UsageError:
            code = ExitCode.USAGE
            raise
        except (click.Abort, KeyboardInterrupt):
            code = ExitCode.INTERRUPTED
            raise
        finally:
            self.outputs["exit_code"] = str(code)
            self._trying(lambda: self.run.write_outputs(self.outputs), "the step's outputs are not set")
        return returned

    def annotate(self, problems: Sequence[Problem]) -> None:
        """Show problems at their lines, as many as GitHub shows."""
        if not self.run.is_actions:
            return
        folder = _folder_from_top(self.ctx)
        chosen, rest = commands.shown(problems)
        for problem in chosen:
            line = commands.annotation(_inert(problem), posixpath.normpath(posixpath.join(folder, problem.file)))
            # On the stream of the data, which alone is paused, but never inside of a JSON document.
            if format_of(self.ctx) == "json":
                output.print_talk(line)
            else:
                output.print_data(Text(line))
        if rest and not is_quiet(self.ctx):
            most = commands.MOST_ANNOTATIONS
            print_talk(f"GitHub shows {most} errors and {most} warnings of a step at their lines; {rest} more are not.")

    def publish(self, render: Callable[[int], str], names: tuple[str, str] | None, state: str) -> None:
        """Put Markdown on the run's page and on the pull request.

        Args:
            render: Makes it, of so many characters at most.
            names: Project and target; None where they are not known.
            state: What it is about, such as the plan's digest.
        """
        self._summarise(render)
        place = self.run.comment_place
        if place is None or names is None:
            where = "is in the step's summary only" if self.run.summary_file else "is shown here only"
            reason = self.run.no_comment_because or "project and target are not known"
            self._say(f"The plan {where}, not on a pull request: {reason}.")
            return
        mark = marked.marker("plan", *names)
        text = render(marked.room(mark, state))
        posted = self._trying(
            lambda: asyncio.run(self._post(place, mark, text, state)), "the plan is not on the pull request"
        )
        if posted is not None:
            self._say(f"Comment {posted.deed.value}: {posted.url}")

    def _summarise(self, render: Callable[[int], str]) -> None:
        if self.run.summary_file is None:
            return
        limit = self.run.summary_room // _LONGEST_CHARACTER
        if limit < LEAST:
            print_talk("Warning: the step's summary is full; what was to be added is shown here only.")
            return
        self._trying(lambda: self.run.append_summary(render(limit)), "there is no step summary")

    async def _post(self, place: tuple[str, int, str], mark: str, text: str, state: str) -> Posted:
        repository, pull_request, token = place
        # The library for HTTP loads only here: 'validate' does without it.
        from assistant_sync.forge.github import GitHub
        from assistant_sync.forge.posting import post_comment

        async with GitHub(self.run.api_url, token, timeout=settings_of(self.ctx).timeout) as github:
            return await post_comment(github, repository, pull_request, mark, text, state)

    def _failed(self, error: AssistantSyncError) -> None:
        """Show why there is no plan, everywhere where a plan would have been."""
        text = error_text(error)
        if format_of(self.ctx) == "json":
            print_data(error_json(error))
        print_talk(text)
        if isinstance(error, InvalidFiles):
            self.annotate(error.problems)
        if self.has_plan:
            # The plan holds, and stays where it is.
            self._summarise(lambda limit: _failure("failed after the plan", text.plain, limit))
        elif self.is_plan and not isinstance(error, Interrupted):
            self.publish(lambda limit: _failure("no plan", text.plain, limit), _names(self.ctx), "")

    def _trying(self, deed: Callable[[], Any], otherwise: str) -> Any:  # noqa: ANN401 - what the deed returns
        try:
            return deed()
        except AssistantSyncError as error:
            hint = f" (hint: {error.hint})" if error.hint else ""
            print_talk(f"Warning: {otherwise}: {escape_invisible(error.message)}{hint}")
            return None

    def _say(self, text: str) -> None:
        if not is_quiet(self.ctx):
            print_talk(text)


def _current() -> _Reporting | None:
    ctx = click.get_current_context(silent=True)
    found = ctx.meta.get(_REPORTING) if ctx is not None else None
    return found if isinstance(found, _Reporting) else None


def _names(ctx: click.Context) -> tuple[str, str] | None:
    """Project and target, as far as the project file can be read."""
    settings = settings_of(ctx)
    try:
        project = load_project(settings.config or find_project_file(settings.folder))
        return project.name, choose_target(project, settings.target).name
    except AssistantSyncError:
        return None


def _folder_from_top(ctx: click.Context) -> str:
    """The project file's folder as seen from the repository's top, from where GitHub counts."""
    settings = settings_of(ctx)
    try:
        folder = (settings.config or find_project_file(settings.folder)).parent.resolve()
    except AssistantSyncError:
        folder = settings.folder.resolve()
    return folder.relative_to(nearest_top(folder) or folder).as_posix()


def _inert(problem: Problem) -> Problem:
    return replace(problem, message="\n".join(map(escape_invisible, problem.message.split("\n"))))


def _failure(title: str, text: str, limit: int) -> str:
    """What went wrong, in a block that no run of backticks in the text ends."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    start, end = f"### assistant-sync: {title}\n\n{fence}text\n", f"\n{fence}"
    room = limit - len(start) - len(end)
    return f"{start}{text if len(text) <= room else text[: room - len(_CUT)] + _CUT}{end}"
