"""``--github``: wires a command to what it publishes on GitHub (docs/ci.md)."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant_sync.cli.main import exit_code_of_error, exit_code_of_return, show_error
from assistant_sync.cli.options import format_of, is_quiet, option, settings_of, timeout_of
from assistant_sync.cli.output import print_command, print_status
from assistant_sync.cli.parameters import Group
from assistant_sync.cli.run_state import run_state
from assistant_sync.errors import AssistantSyncError, ExitCode, InvalidFiles
from assistant_sync.publishing.published import CHECKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.checked import CheckReport
    from assistant_sync.model.plan import Plan
    from assistant_sync.problem import Problem
    from assistant_sync.publishing.github import GitHubPublisher
    from assistant_sync.publishing.published import Published

F = TypeVar("F", bound=Callable[..., Any])

_PUBLISHER = "assistant_sync.cli.github"


def github_option(text: str, *, publishes: Published | None = None) -> Callable[[F], F]:
    """Add ``--github`` to a command; its function need not know of it.

    Args:
        text: The option's help.
        publishes: In whose place a failure is published; None for nothing's.
    """

    def add(function: F) -> F:
        @functools.wraps(function)
        def wrapped(*args: Any, github: bool, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the command returns
            if not github:
                return function(*args, **kwargs)
            return _publishing(lambda: function(*args, **kwargs), publishes=publishes)

        return option("--github", group=Group.CI, is_flag=True, help=text)(wrapped)  # type: ignore[return-value]  # wraps keeps it

    return add


def publish_problems(problems: Sequence[Problem]) -> None:
    """With ``--github``: show problems at their lines."""
    ctx = click.get_current_context()
    publisher = _publisher(ctx)
    if publisher is not None:
        publisher.annotate(problems, _folder_from_top(ctx))


def publish_plan(plan: Plan) -> None:
    """With ``--github``: publish a plan."""
    publisher = _publisher(click.get_current_context())
    if publisher is not None:
        publisher.publish_plan(plan)


def publish_checks(report: CheckReport) -> None:
    """With ``--github``: publish the answers of a check."""
    publisher = _publisher(click.get_current_context())
    if publisher is not None:
        publisher.publish_checks(report)


class _Output:
    """Prints what a publisher reports."""

    def __init__(self, ctx: click.Context) -> None:
        self._is_json = format_of(ctx) == "json"

    def print_status(self, text: str) -> None:
        print_status(text)

    def print_command(self, line: str) -> None:
        print_command(line, to_stderr=self._is_json)


def _publishing(command: Callable[[], Any], *, publishes: Published | None) -> Any:  # noqa: ANN401 - whatever the command returns
    """Run a command with a publisher; its exit code becomes an output, however it ends."""
    from assistant_sync.forge.github.actions import ActionsRun
    from assistant_sync.publishing.github import GitHubPublisher

    ctx, state = click.get_current_context(), run_state()
    run = ActionsRun.from_environ(os.environ)
    publisher = GitHubPublisher(run, _Output(ctx), timeout=timeout_of(ctx), is_quiet=is_quiet(ctx))
    ctx.meta[_PUBLISHER] = publisher
    code: int = ExitCode.BUG
    try:
        returned = command()
        code = exit_code_of_return(returned, state)
    except AssistantSyncError as error:
        code = exit_code_of_error(error)
        show_error(error, state)
        if isinstance(error, InvalidFiles):
            publish_problems(error.problems)
        if publishes is not None:
            publisher.publish_failure(publishes, error, _names(ctx, publishes))
        # The error was shown here, before the problems at their lines.
        raise click.exceptions.Exit(code) from error
    except BaseException as error:
        code = exit_code_of_error(error)
        raise
    finally:
        publisher.write_outputs(code)
    return returned


def _publisher(ctx: click.Context) -> GitHubPublisher | None:
    found: GitHubPublisher | None = ctx.meta.get(_PUBLISHER)
    return found


def _names(ctx: click.Context, publishes: Published) -> tuple[str, str] | None:
    """Return project and target, as a success would have them; None if the project file cannot be read."""
    from assistant_sync.manifests.project.file import find_project_file, load_project
    from assistant_sync.operations.workspace import choose_target

    settings = settings_of(ctx)
    try:
        project = load_project(settings.config or find_project_file(settings.folder))
        default = project.checks.target if publishes is CHECKS else None
        return project.name, choose_target(project, settings.target or default).name
    except AssistantSyncError:
        return None


def _folder_from_top(ctx: click.Context) -> str:
    """Return the project file's folder relative to the repository's top, where GitHub's paths begin."""
    from assistant_sync.manifests.project.file import find_project_file
    from assistant_sync.repository.files import nearest_top

    settings = settings_of(ctx)
    try:
        folder = (settings.config or find_project_file(settings.folder)).parent.resolve()
    except AssistantSyncError:
        folder = settings.folder.resolve()
    return folder.relative_to(nearest_top(folder) or folder).as_posix()
