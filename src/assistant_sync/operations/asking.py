"""Asking questions: several at a time, within a budget, and with a clean end whatever happens."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant_sync.checking.answers import answer_of
from assistant_sync.checking.graph_input import input_of_text
from assistant_sync.checking.judging import Judgement, judgement_of, question_for
from assistant_sync.checking.verdicts import is_judgeable, sample_of, side_of, undecided
from assistant_sync.errors import RemoteError
from assistant_sync.model.checked import CheckedCase, Verdict
from assistant_sync.model.progress import Progress, silent
from assistant_sync.model.run import DEFAULT_DEADLINE, RunRequest, RunResult, RunStatus, run_mark
from assistant_sync.operations.ask_options import CONCURRENCY
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.checking.questions import Asked, Question
    from assistant_sync.live.runs import RunsClient
    from assistant_sync.model.check import Judge
    from assistant_sync.model.checked import Sample
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.values import JsonObject

_INTERRUPTED = "the check was interrupted before this answer"
_OUT_OF_TIME = "the check's own deadline passed before this answer"


@dataclass(frozen=True, slots=True)
class JudgeSeat:
    """Who is asked if a case names a judge.

    Attributes:
        assistant: A graph's name, or the id of a live assistant; None if there is none.
        input_schema: Of its graph.
        refused: Why it cannot be asked; None if it can.
    """

    assistant: str | None
    input_schema: JsonObject | None = field(default=None, repr=False)
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTerms:
    """How questions are asked.

    Attributes:
        project: The project's name.
        concurrency: Runs at a time.
        run_deadline: Seconds that one run may take.
        deadline: Seconds for all of them; None for no such bound.
        judges: By judge, who is asked.
    """

    project: str
    concurrency: int = CONCURRENCY
    run_deadline: float = DEFAULT_DEADLINE
    deadline: float | None = None
    judges: Mapping[Judge, JudgeSeat] = field(default_factory=dict)


class Asking:
    """Asks all questions once.

    Attributes:
        runs: How many runs were started.
        was_stopped: Whether some were not asked to the end.
    """

    def __init__(
        self, client: RunsClient, terms: AskTerms, *, stop: asyncio.Event, listener: Listener = silent
    ) -> None:
        self.runs = 0
        self.was_stopped = False
        self._client = client
        self._terms = terms
        self._stop = stop
        self._listener = listener
        self._slots = asyncio.Semaphore(terms.concurrency)
        self._done = 0

    async def ask_all(self, questions: Sequence[Question]) -> tuple[CheckedCase, ...]:
        """Ask questions, each side as often as its case says; the sides of one take turns.

        Returns:
            A result for each question, in their order; those without an answer are undecided.
        """
        order = [
            (index, side)
            for index, one in enumerate(questions)
            for _ in range(one.case.repeat)
            for side in (one.after, one.before)
            if side is not None
        ]
        tasks = [asyncio.create_task(self._sample(questions[index], side, len(order))) for index, side in order]
        why = await self._finish(tasks)
        samples: dict[tuple[int, bool], list[Sample]] = {}
        for (index, side), task in zip(order, tasks, strict=True):
            is_after = side is questions[index].after
            found = undecided(why) if task.cancelled() else task.result()
            samples.setdefault((index, is_after), []).append(found)
        return tuple(
            _checked(one, samples[index, True], samples.get((index, False))) for index, one in enumerate(questions)
        )

    async def _finish(self, tasks: Sequence[asyncio.Task[Sample]]) -> str:
        """Wait for all, or cancel what is left when time is up or somebody stops; return why that was."""
        stopped = asyncio.create_task(self._stop.wait())
        everything = asyncio.gather(*tasks, return_exceptions=True)
        try:
            ends: list[asyncio.Future[Any]] = [everything, stopped]
            if not self._stop.is_set():
                await asyncio.wait(ends, timeout=self._terms.deadline, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            self.was_stopped = not everything.done()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks) if tasks else None
        return _INTERRUPTED if self._stop.is_set() else _OUT_OF_TIME

    async def _sample(self, question: Question, side: Asked, total: int) -> Sample:
        async with self._slots:
            sample = await self._asked(question, side)
        self._done += 1
        self._listener(Progress("asking", self._done, total, f"{question.key}: {question.case.name}"))
        return sample

    async def _asked(self, question: Question, side: Asked) -> Sample:
        if side.refused is not None or side.runs is None:
            return undecided(side.refused or "there is nothing to ask")
        case, inline = question.case, side.inline
        result = await self._run(
            RunRequest(
                assistant=side.runs,
                input=side.input,
                context=None if inline is None else inline.context,
                config=None if inline is None else inline.config,
                metadata=run_mark(self._terms.project, question.key, case.name),
                deadline=self._terms.run_deadline,
            )
        )
        judgements: list[Judgement] = []
        if is_judgeable(case, result):
            judgements = [await self._judged(judge, question, result) for judge in case.judges]
        return sample_of(case, result, judgements)

    async def _judged(self, judge: Judge, question: Question, result: RunResult) -> Judgement:
        seat = self._terms.judges[judge]
        if seat.refused is not None or seat.assistant is None:
            return Judgement(Verdict.UNDECIDED, seat.refused or "there is no such judge")
        text = question_for(judge, question.text, answer_of(result.state) or "", secrets.token_hex(8))
        try:
            value = input_of_text(text, seat.input_schema)
        except ValueError as error:
            return Judgement(Verdict.UNDECIDED, f"the judge cannot be asked: {error}")
        judged = await self._run(
            RunRequest(
                assistant=seat.assistant,
                input=value,
                metadata=run_mark(self._terms.project, question.key, f"judge of {question.case.name}"),
                deadline=self._terms.run_deadline,
            )
        )
        if judged.status is not RunStatus.SUCCESS:
            return Judgement(Verdict.UNDECIDED, f"the judge gives no answer: {judged.reason}")
        return judgement_of(answer_of(judged.state))

    async def _run(self, request: RunRequest) -> RunResult:
        self.runs += 1
        try:
            return await self._client.run(request)
        except RemoteError as error:
            hint = f" ({error.hint})" if error.hint else ""
            return RunResult(status=RunStatus.UNKNOWN, reason=f"{error.message}{hint}")


def _checked(question: Question, after: Sequence[Sample], before: Sequence[Sample] | None) -> CheckedCase:
    case = question.case
    return CheckedCase(
        key=question.key,
        case=case.name,
        file=case.file,
        line=case.line,
        question=redact_text(question.text),
        must_pass=case.must_pass,
        before=None if before is None else side_of(case, before),
        after=side_of(case, after),
    )
