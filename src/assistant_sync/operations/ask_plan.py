"""Ask the questions about what a plan would change; the connection has no way to write an assistant."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistant_sync.checking.questions import cases_of, make_questions
from assistant_sync.checking.sides import why_not
from assistant_sync.errors import PlanRefused, RemoteError, UnknownName
from assistant_sync.live.runs import RunsClient
from assistant_sync.model.checked import CheckReport
from assistant_sync.model.frozen import replace
from assistant_sync.model.progress import silent
from assistant_sync.operations.asked_graphs import look_at_asked_graphs
from assistant_sync.operations.asking import Asking, AskTerms, JudgeSeat
from assistant_sync.operations.connection import connected
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import plural
from assistant_sync.transport.running import RunConnection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

    from assistant_sync.checking.questions import Question, Subject
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.check import CheckFile, Judge
    from assistant_sync.model.checked import CheckedCase
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.project import CheckTerms, Project, Target
    from assistant_sync.model.provenance import Commit
    from assistant_sync.operations.ask_options import AskOptions
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.transport import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class AskJob:
    """What is asked where.

    Attributes:
        settings: The common options.
        project: The project file.
        target: The deployment that is chosen.
        endpoint: Where it is.
        commit: Where the manifests come from; None without git.
        files: All checks.
        terms: Those of the project file, or of the trusted commit's.
        options: How to ask.
    """

    settings: Settings
    project: Project
    target: Target
    endpoint: Endpoint
    commit: Commit | None
    files: Sequence[CheckFile]
    terms: CheckTerms
    options: AskOptions

    def report(self, cases: tuple[CheckedCase, ...], *, runs: int, seconds: float, is_interrupted: bool) -> CheckReport:
        """The report of what was asked."""
        return CheckReport(
            project=self.project.name,
            target=self.target.name,
            url=self.endpoint.url,
            commit=self.commit,
            cases=cases,
            runs=runs,
            seconds=seconds,
            is_interrupted=is_interrupted,
        )


class AskUI(Protocol):
    """The person or job that questions are asked for.

    Attributes:
        stop: Once it is set, what is running is cancelled and cleaned up, and the rest is not asked.
    """

    stop: asyncio.Event

    def begin_asking(self) -> None:
        """Runs follow: from now on only ``stop`` ends them."""


async def ask_about(
    job: AskJob, subjects: Sequence[Subject], reader: AssistantsReader, ui: AskUI, *, listener: Listener = silent
) -> CheckReport:
    """Ask the questions about some assistants.

    Args:
        job: What to ask where.
        subjects: The assistants.
        reader: The client that read them.
        ui: May stop the questions.
        listener: Gets progress.

    Raises:
        PlanRefused: More runs are needed than are allowed; nothing was asked.
        RemoteError: The graphs cannot be looked at.
    """
    began = time.monotonic()
    settings = job.settings
    graphs = {content.graph_id for one in subjects for content in (one.after, one.before) if content is not None}
    seen = await look_at_asked_graphs(reader, sorted(graphs))
    questions = make_questions(subjects, job.files, seen, allow_default_context=job.terms.allow_default_context)
    check_budget(questions, job)
    terms = await ask_terms(job, reader, questions)
    async with connected(RunConnection, job.endpoint, settings) as connection:
        client = RunsClient(connection, job.project.name)
        asking = Asking(client, terms, stop=ui.stop, listener=listener)
        notes = await _without_left_over(client)
        ui.begin_asking()
        cases = await asking.ask_all(questions)
    report = job.report(cases, runs=asking.runs, seconds=time.monotonic() - began, is_interrupted=ui.stop.is_set())
    unchecked = tuple(one.key for one in subjects if not cases_of(one.key, one.after.graph_id, job.files))
    return replace(report, unchecked=unchecked, unchanged=not subjects, notes=notes)


async def ask_terms(job: AskJob, reader: AssistantsReader, questions: Iterable[Question]) -> AskTerms:
    """How questions are asked, with who judges the answers.

    Raises:
        RemoteError: The judges cannot be looked for.
    """
    options, judges = job.options, {judge for one in questions for judge in one.case.judges}
    return AskTerms(
        project=job.project.name,
        concurrency=options.concurrency,
        run_deadline=options.run_deadline,
        deadline=options.deadline,
        judges={judge: await _seat(job, reader, judge) for judge in sorted(judges, key=repr)},
    )


def check_budget(questions: Iterable[Question], job: AskJob) -> None:
    """Refuse to ask more than is allowed: half of the answers would cost and decide nothing.

    Raises:
        PlanRefused: More runs are needed.
    """
    needed = sum(one.runs for one in questions)
    limit = job.terms.max_runs if job.options.max_runs is None else job.options.max_runs
    if needed > limit:
        message = f"the checks need {plural(needed, 'run')}, more than the {limit} allowed; nothing was asked"
        hint = "select fewer assistants, or raise checks.max_runs in the project file or --max-runs"
        raise PlanRefused(message, hint=hint)


async def _seat(job: AskJob, reader: AssistantsReader, judge: Judge) -> JudgeSeat:
    """Who is asked: an assistant as it is live, or a graph without any context."""
    try:
        if judge.graph is not None:
            graph = (await look_at_asked_graphs(reader, [judge.graph]))[judge.graph]
            return JudgeSeat(judge.graph, graph.input_schema, why_not(graph, judge.graph))
        key = judge.assistant or ""
        row = (await owned_assistant(reader, job.project.name, key, job.project.former_projects)).row
        graph = (await look_at_asked_graphs(reader, [row.graph_id]))[row.graph_id]
    except UnknownName as error:
        return JudgeSeat(None, refused=f"the judge cannot be asked: {error.message}")
    return JudgeSeat(row.assistant_id, graph.input_schema)


async def _without_left_over(client: RunsClient) -> tuple[str, ...]:
    """Remove the threads of checks that were killed; the check goes on if that fails."""
    try:
        removed = await client.remove_left_over()
    except RemoteError as error:
        return (f"threads that an earlier check may have left could not be looked for: {redact_text(error.message)}",)
    return (f"{plural(removed, 'thread')} of an earlier check that was killed removed",) if removed else ()
