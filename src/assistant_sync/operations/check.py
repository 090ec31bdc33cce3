"""Check: ask the team's questions of what a plan would change, before and after, without writing an assistant."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.checking.questions import Subject
from assistant_sync.checking.subjects import subjects_of
from assistant_sync.errors import InvalidFiles
from assistant_sync.manifests.checks.load import load_checks
from assistant_sync.model.progress import silent
from assistant_sync.operations.ask_plan import AskJob, ask_about
from assistant_sync.operations.check_terms import terms_of
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.plan import compare
from assistant_sync.operations.reading import reading

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.manifests.checks.load import CheckSet
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.ask_options import AskOptions
    from assistant_sync.operations.ask_plan import AskUI
    from assistant_sync.operations.plan import Compared
    from assistant_sync.operations.plan_request import PlanRequest
    from assistant_sync.operations.workspace import Workspace
    from assistant_sync.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What is asked.

    Attributes:
        plan: How to plan; its changes are what is asked about.
        options: How to ask.
        is_about_all: Whether unchanged assistants are asked as well.
    """

    plan: PlanRequest
    options: AskOptions
    is_about_all: bool = False


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What was found.

    Attributes:
        report: The answers.
        problems: Those of the project's files that do not stop it.
        files: Every file that was read.
    """

    report: CheckReport
    problems: tuple[Problem, ...]
    files: tuple[Path, ...] = ()


async def check(request: CheckRequest, ui: AskUI, *, listener: Listener = silent) -> CheckResult:
    """Ask the questions.

    Args:
        request: What to ask.
        ui: May stop the questions.
        listener: Gets progress.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The desired state or the checks cannot be read.
        PlanRefused: More runs are needed than are allowed, or a pull request may not ask this target.
        RemoteError: The live state cannot be read, or not completely.
    """
    terms, asked = await asyncio.to_thread(terms_of, request.plan)
    async with reading(asked, listener) as (workspace, reader):
        checks = await asyncio.to_thread(checks_of, workspace, in_ci=asked.settings.in_ci)
        compared = await compare(asked, workspace, reader.url, reader)
        plan = compared.plan(is_shown_only=True)
        subjects = [*subjects_of(plan), *(_unchanged(compared) if request.is_about_all else ())]
        job = AskJob(
            settings=asked.settings,
            project=workspace.project,
            target=workspace.target,
            endpoint=endpoint_of(asked.settings, workspace.target),
            commit=workspace.commit,
            files=checks.files,
            terms=terms,
            options=request.options,
        )
        report = await ask_about(job, sorted(subjects, key=lambda one: one.key), reader, ui, listener=listener)
    problems = (*workspace.manifests.problems, *compared.doubts, *checks.problems)
    read = (*workspace.manifests.files, *checks.read)
    return CheckResult(report, problems, tuple(workspace.tree.top / file for file in read))


def checks_of(workspace: Workspace, *, in_ci: bool) -> CheckSet:
    """Read the checks of a project.

    Raises:
        InvalidFiles: They have problems; all of them are named.
    """
    checks = load_checks(workspace.project, workspace.tree, ci=in_ci, desired=workspace.manifests.desired)
    if any(problem.is_error for problem in checks.problems):
        raise InvalidFiles(checks.problems)
    return checks


def _unchanged(compared: Compared) -> list[Subject]:
    """The assistants that are live as the manifests want them; one side says what both would."""
    equal = (one for one in compared.triaged.assistants if one.is_equal)
    return [Subject(one.key, one.desired.content, None) for one in equal if one.desired is not None]
