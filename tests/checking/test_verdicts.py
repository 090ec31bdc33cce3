"""From runs to verdicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.checking.judging import Judgement
from assistant_sync.checking.verdicts import is_judgeable, sample_of, side_of, undecided
from assistant_sync.model.check import (
    Case,
    Contains,
    Equals,
    FitsSchema,
    Judge,
    Matches,
    MaxSeconds,
    MaxWords,
    NotContains,
    ToolCalled,
    ToolNotCalled,
)
from assistant_sync.model.checked import Sample, Verdict
from assistant_sync.model.run import RunResult, RunStatus

if TYPE_CHECKING:
    from assistant_sync.model.check import Expectation
    from assistant_sync.model.values import JsonValue


class Pattern:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def is_in(self, text: str) -> bool:
        return re.search(self._pattern, text) is not None


class OnlyObjects:
    def misfits(self, value: JsonValue) -> tuple[str, ...]:
        return () if isinstance(value, dict) else ("it is no object",)


def answered(text: str, *, tool: str | None = None, seconds: float = 1.0, **more: Any) -> RunResult:
    calls = [] if tool is None else [{"name": tool}]
    messages: list[Any] = [{"type": "human", "content": "Hi"}, {"type": "ai", "content": text, "tool_calls": calls}]
    return RunResult(status=RunStatus.SUCCESS, state={"messages": messages, **more}, seconds=seconds)


def case(*expectations: Expectation, **more: Any) -> Case:
    return Case(name="a case", ask="Hi", expectations=expectations, **more)


def test_an_answer_that_is_as_expected_passes_without_a_reason() -> None:
    sample = sample_of(case(Contains("order")), answered("your order"))
    assert sample == Sample(verdict=Verdict.PASSED, answer="your order", seconds=1.0)


@pytest.mark.parametrize(
    ("expected", "good", "bad", "reason"),
    [
        (Contains("order"), answered("my order"), answered("my Order"), "the answer does not contain 'order'"),
        (NotContains("never"), answered("yes"), answered("never"), "the answer contains 'never'"),
        (Matches("o+", Pattern("o+")), answered("ooh"), answered("ah"), "the answer does not match 'o+'"),
        (Equals("/n", ("n",), 1), answered("x", n=1.0), answered("x", n=True), "/n is true, not 1"),
        (Equals("/n", ("n",), 1), answered("x", n=1), answered("x"), "the state has nothing at /n; expected 1"),
        (
            FitsSchema(OnlyObjects()),
            answered('{"a": 1}'),
            answered("[]"),
            "the answer does not fit the schema: it is no object",
        ),
        (
            FitsSchema(OnlyObjects()),
            answered("{}"),
            answered("no"),
            "the answer is not JSON, so it does not fit the schema",
        ),
        (ToolCalled("a"), answered("x", tool="a"), answered("x", tool="b"), "the tool 'a' is not called; called: 'b'"),
        (ToolCalled("a"), answered("x", tool="a"), answered("x"), "the tool 'a' is not called; no tool is called"),
        (ToolNotCalled("a"), answered("x", tool="b"), answered("x", tool="a"), "the tool 'a' is called"),
        (MaxWords(2), answered("a b"), answered("a b c"), "the answer has 3 words, more than 2"),
        (MaxSeconds(2), answered("x", seconds=2), answered("x", seconds=2.5), "the run took 2.5 s, longer than 2 s"),
    ],
)
def test_each_expectation_holds_or_says_why_not(expected: Any, good: Any, bad: Any, reason: str) -> None:
    assert sample_of(case(expected), good).verdict is Verdict.PASSED
    sample = sample_of(case(expected), bad)
    assert (sample.verdict, sample.reasons) == (Verdict.FAILED, (reason,))


def test_a_state_without_messages_is_held_against_the_schema_as_it_stands() -> None:
    result = RunResult(status=RunStatus.SUCCESS, state={"answer": 1})
    assert sample_of(case(FitsSchema(OnlyObjects())), result).verdict is Verdict.PASSED


def test_all_that_does_not_hold_is_named() -> None:
    sample = sample_of(case(Contains("a"), MaxWords(1), NotContains("x")), answered("x y"))
    assert len(sample.reasons) == 3


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (RunStatus.ERROR, Verdict.FAILED),
        (RunStatus.TIMEOUT, Verdict.FAILED),
        (RunStatus.UNKNOWN, Verdict.UNDECIDED),
        (RunStatus.INTERRUPTED, Verdict.UNDECIDED),
    ],
)
def test_a_run_without_success_never_passes(status: RunStatus, verdict: Verdict) -> None:
    result = RunResult(status=status, reason="why")
    sample = sample_of(case(), result)
    assert sample.verdict is verdict
    assert sample.reasons[0].startswith("why")
    assert not is_judgeable(case(), result)


def test_an_interrupt_that_is_expected_passes_and_no_other_end_does() -> None:
    expecting = case(is_interrupt_expected=True)
    waiting = RunResult(status=RunStatus.INTERRUPTED, interrupts=({"value": "May I?"},), reason="it waits")
    sample = sample_of(expecting, waiting)
    assert sample.verdict is Verdict.PASSED
    assert "May I?" in sample.answer
    assert sample_of(expecting, answered("done")).verdict is Verdict.FAILED
    assert sample_of(expecting, RunResult(status=RunStatus.ERROR, reason="x")).verdict is Verdict.FAILED


@pytest.mark.parametrize("state", [None, {"messages": []}, {"messages": [{"type": "human", "content": "Hi"}]}])
def test_no_answer_is_a_failure(state: Any) -> None:
    sample = sample_of(case(), RunResult(status=RunStatus.SUCCESS, state=state))
    assert sample.verdict is Verdict.FAILED
    assert "gives no answer" in sample.reasons[0]


JUDGED = case(Judge("polite", graph="j"))


@pytest.mark.parametrize(
    ("given_verdict", "verdict"),
    [(Verdict.PASSED, Verdict.PASSED), (Verdict.FAILED, Verdict.FAILED), (Verdict.UNDECIDED, Verdict.UNDECIDED)],
)
def test_a_judge_decides(given_verdict: Verdict, verdict: Verdict) -> None:
    sample = sample_of(JUDGED, answered("yes"), [Judgement(given_verdict, "because")])
    assert sample.verdict is verdict
    assert sample.judgements == ("because",)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_answer_without_text_never_passes_for_want_of_a_judge(text: str) -> None:
    assert sample_of(case(NotContains("x")), answered(text)).verdict is Verdict.FAILED
    assert sample_of(JUDGED, answered(text)).verdict is Verdict.FAILED
    sample = sample_of(JUDGED, answered(text, tool="a"))
    assert (sample.verdict, sample.reasons) == (Verdict.UNDECIDED, ("the answer has no text that a judge could read",))
    assert not is_judgeable(JUDGED, answered(text, tool="a"))


def test_a_tool_that_was_called_before_a_message_of_another_agent_counts() -> None:
    handed = answered("fine", tool="refund")
    assert handed.state is not None
    messages = [
        *handed.state["messages"],
        {"type": "human", "name": "boss", "content": "?"},
        {"type": "ai", "content": "ok"},
    ]  # type: ignore[misc]
    result = RunResult(status=RunStatus.SUCCESS, state={"messages": messages})
    assert sample_of(case(ToolNotCalled("refund")), result).verdict is Verdict.FAILED
    asked = Case(name="a", input={"messages": messages[:2]}, expectations=(ToolNotCalled("refund"),))
    assert sample_of(asked, result).verdict is Verdict.PASSED


@pytest.mark.parametrize("kind", [{"a": 1}, ["ai"], 7, None])
def test_a_message_of_no_known_kind_is_no_answer(kind: Any) -> None:
    state = {"messages": [{"type": kind, "content": "x", "tool_calls": [{"name": kind}]}]}
    assert sample_of(case(), RunResult(status=RunStatus.SUCCESS, state=state)).verdict is Verdict.FAILED


def test_a_long_credential_is_masked_before_it_is_cut() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" * 20 + "." + "c2lnbmF0dXJlc2lnbmF0dXJl" * 3
    (reason,) = sample_of(case(Equals("/n", ("n",), 1)), answered("x", n=token)).reasons
    assert "eyJzdWI" not in reason


def test_what_breaks_an_expectation_fails_whatever_a_judge_says() -> None:
    both = case(Contains("order"), Judge("polite", graph="j"))
    assert sample_of(both, answered("yes"), [Judgement(Verdict.PASSED, "fine")]).verdict is Verdict.FAILED


def test_credentials_in_answers_and_reasons_are_masked() -> None:
    key = "lsv2_pt_0123456789abcdef0123456789abcdef_0123456789"
    sample = sample_of(case(Equals("/n", ("n",), 1)), answered(f"the key is {key}", n=key))
    assert key not in repr(sample.answer) + repr(sample.reasons)


def test_what_a_state_or_an_interrupt_names_as_a_credential_is_masked_and_judged_as_it_is() -> None:
    state = RunResult(status=RunStatus.SUCCESS, state={"user": "ann", "password": "hunter2"})
    sample = sample_of(case(Contains("hunter2")), state)
    assert (sample.verdict, "hunter2" in sample.answer, "ann" in sample.answer) == (Verdict.PASSED, False, True)
    waits = RunResult(status=RunStatus.INTERRUPTED, interrupts=({"value": {"user": "ann", "password": "hunter2"}},))
    shown = sample_of(case(is_interrupt_expected=True), waits).answer
    assert ("hunter2" in shown, "ann" in shown) == (False, True)


def test_a_value_that_is_a_credential_by_its_name_is_not_in_the_reason() -> None:
    sample = sample_of(case(Equals("/password", ("password",), "x")), answered("x", password="hunter2x9"))
    assert sample.reasons == ("/password is another value",)


def test_a_long_answer_is_cut() -> None:
    sample = sample_of(case(), answered("x" * 100_000))
    assert len(sample.answer) < 21_000
    assert sample.answer.endswith("… (cut)")


def samples(*verdicts: Verdict) -> list[Sample]:
    return [Sample(verdict=one) for one in verdicts]


P, F, U = Verdict.PASSED, Verdict.FAILED, Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("verdicts", "must_pass", "verdict"),
    [
        ((P, P, F), 2, P),
        ((P, F, F), 2, F),
        ((P, U, F), 2, U),
        ((U, U, U), 1, U),
        ((F,), 1, F),
        ((P, U, U), 1, P),
    ],
)
def test_so_many_must_hold(verdicts: tuple[Verdict, ...], must_pass: int, verdict: Verdict) -> None:
    side = side_of(case(repeat=len(verdicts), must_pass=must_pass), samples(*verdicts))
    assert side.verdict is verdict
    assert side.shown.verdict in verdicts


@given(verdicts=st.lists(st.sampled_from(Verdict), min_size=1, max_size=9), data=st.data())
def test_a_side_passes_only_if_enough_of_its_answers_do(verdicts: list[Verdict], data: st.DataObject) -> None:
    must_pass = data.draw(st.integers(1, len(verdicts)))
    side = side_of(case(repeat=len(verdicts), must_pass=must_pass), samples(*verdicts))
    assert (side.verdict is P) == (verdicts.count(P) >= must_pass)
    assert (side.verdict is F) == (verdicts.count(P) + verdicts.count(U) < must_pass)


def test_what_was_not_asked_is_undecided() -> None:
    assert undecided("no time") == Sample(verdict=U, reasons=("no time",))
