"""From runs to the verdict of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, assert_never

from assistant_sync.checking.answers import answer_of, called_tools, masked_json, shown_answer
from assistant_sync.checking.expectations import unmet
from assistant_sync.model.checked import Sample, Side, Verdict
from assistant_sync.model.run import RunStatus
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.checking.judging import Judgement
    from assistant_sync.model.check import Case
    from assistant_sync.model.run import RunResult

MOST_CHARACTERS = 20_000
"""Of an answer in a report."""

_NO_ANSWER = "the graph gives no answer: its state has no message of an assistant after the question"
_NOTHING_TO_JUDGE = "the answer has no text that a judge could read"
_NO_INTERRUPT = "the run ended without the interrupt that is expected"


def is_judgeable(case: Case, result: RunResult) -> bool:
    """Whether a run gives an answer that judges can be asked about."""
    has_text = bool((answer_of(result.state) or "").strip())
    return result.status is RunStatus.SUCCESS and not case.is_interrupt_expected and has_text


def sample_of(case: Case, result: RunResult, judgements: Sequence[Judgement] = ()) -> Sample:
    """Judge one run.

    Args:
        case: What is expected.
        result: How the run ended.
        judgements: One for each judge of the case, if the answer could be judged.
    """
    verdict, reasons = _judged(case, result, judgements)
    answer = shown_answer(result.state) or ""
    if result.status is RunStatus.INTERRUPTED and result.interrupts:
        # Its id is another one each time.
        answer = masked_json([one.get("value") if isinstance(one, Mapping) else one for one in result.interrupts])
    return Sample(
        verdict=verdict,
        answer=_cut(redact_text(answer[: 2 * MOST_CHARACTERS])),
        reasons=tuple(map(redact_text, reasons)),
        seconds=result.seconds,
        judgements=tuple(redact_text(one.reason) for one in judgements),
    )


def undecided(reason: str) -> Sample:
    """A run that was not started, or has no end."""
    return Sample(verdict=Verdict.UNDECIDED, reasons=(redact_text(reason),))


def side_of(case: Case, samples: Sequence[Sample]) -> Side:
    """Sum the runs of one side up: as many must hold as the case says.

    Args:
        case: What is expected.
        samples: One for each repetition.
    """
    passed = sum(one.verdict is Verdict.PASSED for one in samples)
    undecided_ones = sum(one.verdict is Verdict.UNDECIDED for one in samples)
    if passed >= case.must_pass:
        verdict = Verdict.PASSED
    elif passed + undecided_ones >= case.must_pass:
        verdict = Verdict.UNDECIDED
    else:
        verdict = Verdict.FAILED
    return Side(verdict, tuple(samples))


def _judged(case: Case, result: RunResult, judgements: Sequence[Judgement]) -> tuple[Verdict, tuple[str, ...]]:
    reason = result.reason or ""
    match result.status:
        case RunStatus.SUCCESS:
            return _of_answer(case, result, judgements)
        case RunStatus.INTERRUPTED:
            expected = case.is_interrupt_expected
            return (
                (Verdict.PASSED, ())
                if expected
                else (Verdict.UNDECIDED, (f"{reason}; 'expect: interrupt' asks for it",))
            )
        case RunStatus.ERROR | RunStatus.TIMEOUT:
            return Verdict.FAILED, (reason,)
        case RunStatus.UNKNOWN:
            return Verdict.UNDECIDED, (reason,)
        case _:
            assert_never(result.status)


def _of_answer(case: Case, result: RunResult, judgements: Sequence[Judgement]) -> tuple[Verdict, tuple[str, ...]]:
    if case.is_interrupt_expected:
        return Verdict.FAILED, (_NO_INTERRUPT,)
    answer = answer_of(result.state)
    if answer is None or not (answer.strip() or called_tools(result.state or {}, case.input)):
        return Verdict.FAILED, (_NO_ANSWER,)
    broken = [*unmet(case, result)]
    broken += [f"the judge fails it: {one.reason}" for one in judgements if one.verdict is Verdict.FAILED]
    if broken:
        return Verdict.FAILED, tuple(broken)
    if len(judgements) < len(case.judges):
        return Verdict.UNDECIDED, (_NOTHING_TO_JUDGE,)
    open_ones = tuple(one.reason for one in judgements if one.verdict is Verdict.UNDECIDED)
    return (Verdict.UNDECIDED, open_ones) if open_ones else (Verdict.PASSED, ())


def _cut(answer: str) -> str:
    return answer if len(answer) <= MOST_CHARACTERS else f"{answer[:MOST_CHARACTERS]}\n… (cut)"
