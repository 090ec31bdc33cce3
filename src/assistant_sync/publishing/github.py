"""What a command publishes on GitHub, in addition to what it prints (docs/ci.md).

Publishing never changes how the command ends: if GitHub refuses something, that is a warning.
"""

from __future__ import annotations

import asyncio
import posixpath
import re
from typing import TYPE_CHECKING, Protocol, TypeVar

from assistant_sync.errors import AssistantSyncError, Interrupted
from assistant_sync.forge import sticky_comment
from assistant_sync.forge.github.workflow_commands import MAX_ANNOTATIONS, annotation, select_annotations
from assistant_sync.model.checked import Verdict
from assistant_sync.model.frozen import replace
from assistant_sync.publishing.published import CHECKS, PLAN
from assistant_sync.redaction import without_sent
from assistant_sync.report.escape import escape_invisible
from assistant_sync.report.markdown.checked import checks_markdown
from assistant_sync.report.markdown.fit import COMMENT_LIMIT, LEAST
from assistant_sync.report.markdown.plan import plan_markdown
from assistant_sync.report.text.problems import error_text
from assistant_sync.report.view.checked import check_view

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant_sync.forge.github.actions import ActionsRun
    from assistant_sync.forge.github.comments import StickyComment
    from assistant_sync.forge.github.statuses import StatusState
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.model.plan import Plan
    from assistant_sync.problem import Problem
    from assistant_sync.publishing.published import Published

T = TypeVar("T")

_MAX_CHARACTER_BYTES = 4
"""Of one character in UTF-8."""

_CUT = "\n… (truncated; the run's log has the rest)"


class Output(Protocol):
    """Where the command prints; handed in, because only the command line prints."""

    def print_status(self, text: str) -> None:
        """Print a message of which the runner obeys no line."""

    def print_command(self, line: str) -> None:
        """Print a workflow command, for the runner to obey."""


class GitHubPublisher:
    """Publishes what one run of a command found.

    Args:
        run: The run of GitHub Actions; outside of Actions one without any.
        output: Where the command prints.
        timeout: Seconds for one request to GitHub.
        is_quiet: Whether only warnings are printed.
    """

    def __init__(self, run: ActionsRun, output: Output, *, timeout: float, is_quiet: bool) -> None:
        self._run = run
        self._output = output
        self._timeout = timeout
        self._is_quiet = is_quiet
        self._has_main = False
        self._outputs: dict[str, str] = {}

    def annotate(self, problems: Sequence[Problem], folder: str) -> None:
        """Show problems at their lines, as many as GitHub shows.

        Args:
            problems: Of the project's files.
            folder: The project file's folder, relative to the repository's top.
        """
        if not self._run.is_actions:
            return
        chosen, omitted = select_annotations(problems)
        for problem in chosen:
            path = posixpath.normpath(posixpath.join(folder, problem.file))
            self._output.print_command(annotation(_escaped(problem), escape_invisible(path)))
        if omitted:
            limit = f"{MAX_ANNOTATIONS} errors and {MAX_ANNOTATIONS} warnings"
            self._print(f"GitHub shows at most {limit} of a step at their lines; {omitted} more are in the log only.")

    def publish_plan(self, plan: Plan) -> None:
        """Put a plan into the step's summary and outputs, and on the pull request."""
        self._outputs.update({action.value: str(count) for action, count in plan.summary.items()})
        self._outputs |= {"has_changes": "true" if plan.writes else "false", "digest": plan.digest}
        self._has_main = True
        names = (plan.project, plan.target)
        self._publish(PLAN, lambda limit: plan_markdown(plan, limit=limit), names, plan.digest)

    def publish_checks(self, report: CheckReport) -> None:
        """Put the answers of a check into the step's summary and outputs, on the pull request and its commit."""
        counts = {verdict.value: len(report.of(verdict)) for verdict in Verdict}
        self._outputs.update({name: str(count) for name, count in counts.items()})
        self._has_main = True
        names = (report.project, report.target)
        self._publish(CHECKS, lambda limit: checks_markdown(report, limit=limit), names, self._run.head_sha or "")
        state: StatusState = "success" if report.holds else "failure"
        self._set_status(names, state, check_view(report).status)

    def publish_failure(self, what: Published, error: AssistantSyncError, names: tuple[str, str] | None) -> None:
        """Put the reason why there is no plan, or no answer, where it would have been.

        Args:
            what: What would have been published.
            error: The reason.
            names: Project and target; None if they are unknown.
        """
        text = error_text(error).plain
        if self._has_main:
            # What was published is still true.
            self._summarise(lambda limit: _failure(f"failed after the {what.noun}", text, limit))
        elif not isinstance(error, Interrupted):
            self._publish(what, lambda limit: _failure(f"no {what.missing}", text, limit), names, "")
        if what is CHECKS and names is not None and not self._has_main:
            self._set_status(names, "error", error.message)

    def write_outputs(self, exit_code: int) -> None:
        """Write the step's outputs, the exit code among them."""
        outputs = {**self._outputs, "exit_code": str(exit_code)}
        self._warn_on_failure(lambda: self._run.write_outputs(outputs), "the step's outputs are not set")

    def _publish(
        self, what: Published, render: Callable[[int], str], names: tuple[str, str] | None, state: str
    ) -> None:
        """Put Markdown, rendered with at most so many characters, into the step's summary and on the pull request."""
        self._summarise(render)
        target = self._run.comment_target
        if target is None or names is None:
            where = "in the step's summary only" if self._run.summary_file else "shown here only"
            reason = self._run.no_comment_reason or "project and target are not known"
            self._print(f"The {what.noun} {what.verb} {where}, not on a pull request: {reason}.")
            return
        mark = sticky_comment.marker(what.noun, *names)
        text = without_sent(render(sticky_comment.text_limit(mark, state, limit=COMMENT_LIMIT)))
        comment = self._warn_on_failure(
            lambda: asyncio.run(self._post(target, mark, text, state)),
            f"the {what.noun} {what.verb} not on the pull request",
        )
        if comment is not None:
            self._print(f"Comment {comment.action.value}: {comment.url}")

    def _summarise(self, render: Callable[[int], str]) -> None:
        if self._run.summary_file is None:
            return
        limit = self._run.summary_bytes_left // _MAX_CHARACTER_BYTES
        if limit < LEAST:
            self._output.print_status("Warning: the step's summary is full; nothing was added to it.")
            return
        self._warn_on_failure(lambda: self._run.append_summary(without_sent(render(limit))), "there is no step summary")

    async def _post(self, target: tuple[str, int, str], mark: str, text: str, state: str) -> StickyComment:
        repository, pull_request, token = target
        # The HTTP library loads only here: 'validate' does not need it.
        from assistant_sync.forge.github.api import GitHub
        from assistant_sync.forge.github.comments import post_comment

        async with GitHub(self._run.api_url, token, timeout=self._timeout) as github:
            return await post_comment(github, repository, pull_request, mark, text, state, limit=COMMENT_LIMIT)

    def _set_status(self, names: tuple[str, str], state: StatusState, description: str) -> None:
        """Give the pull request's commit the status that a rule may require."""
        run = self._run
        if run.repository is None or run.token is None or run.head_sha is None:
            self._print("The commit has no status: its hash, GITHUB_REPOSITORY or GITHUB_TOKEN is not known.")
            return
        project, target = names
        sent = without_sent(escape_invisible(description))
        self._warn_on_failure(
            lambda: asyncio.run(
                self._send_status(run.repository or "", run.token or "", f"{project}/{target}", state, sent)
            ),
            "the commit has no status",
        )

    async def _send_status(self, repository: str, token: str, names: str, state: StatusState, text: str) -> None:
        from assistant_sync.forge.github.api import GitHub
        from assistant_sync.forge.github.statuses import set_status

        run = self._run
        async with GitHub(run.api_url, token, timeout=self._timeout) as github:
            await set_status(
                github,
                repository,
                run.head_sha or "",
                context=f"assistant-sync checks ({names})",
                state=state,
                description=text,
                url=run.run_url,
            )

    def _warn_on_failure(self, step: Callable[[], T], consequence: str) -> T | None:
        try:
            return step()
        except AssistantSyncError as error:
            hint = f" (hint: {error.hint})" if error.hint else ""
            self._output.print_status(f"Warning: {consequence}: {escape_invisible(error.message)}{hint}")
            return None

    def _print(self, text: str) -> None:
        if not self._is_quiet:
            self._output.print_status(text)


def _escaped(problem: Problem) -> Problem:
    return replace(problem, message="\n".join(map(escape_invisible, problem.message.split("\n"))))


def _failure(title: str, text: str, limit: int) -> str:
    """Write the reason in a block that no run of backticks in the text ends."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    start, end = f"### assistant-sync: {title}\n\n{fence}text\n", f"\n{fence}"
    left = limit - len(start) - len(end)
    return f"{start}{text if len(text) <= left else text[: left - len(_CUT)] + _CUT}{end}"
