"""Whether an answer is as a case expects it; judges are asked elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from assistant_sync.checking.answers import Missing, answer_of, called_tools, has_messages, value_at
from assistant_sync.model.check import (
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
from assistant_sync.planning.equality import same_json
from assistant_sync.redaction import credential_paths, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.check import Case, Expectation
    from assistant_sync.model.run import RunResult
    from assistant_sync.model.values import JsonObject, JsonValue

_MOST_MISFITS = 5
_MOST_SHOWN = 200


def unmet(case: Case, result: RunResult) -> tuple[str, ...]:
    """What an answer does not fulfil, a sentence each.

    Args:
        case: What is expected.
        result: A run that ended with success.
    """
    state = result.state or {}
    answer = answer_of(state) or ""
    tools = called_tools(state, case.input)
    run = _Run(answer, state, tools, result.seconds)
    return tuple(reason for one in case.expectations for reason in _unmet(one, run))


@dataclass(frozen=True, slots=True)
class _Run:
    """What expectations are held against."""

    answer: str
    state: JsonObject
    tools: tuple[str, ...]
    seconds: float


def _unmet(one: Expectation, run: _Run) -> Iterator[str]:  # noqa: C901 - one case a kind
    answer = run.answer
    match one:
        case Contains(text):
            if text not in answer:
                yield f"the answer does not contain {_shown(text)}"
        case NotContains(text):
            if text in answer:
                yield f"the answer contains {_shown(text)}"
        case Matches(pattern, compiled):
            if not compiled.is_in(answer):
                yield f"the answer does not match {_shown(pattern)}"
        case Equals():
            yield from _unequal(one, run.state)
        case FitsSchema(compiled):
            yield from _misfits(compiled.misfits, answer, run.state)
        case ToolCalled(name):
            if name not in run.tools:
                yield f"the tool {_shown(name)} is not called{_called(run.tools)}"
        case ToolNotCalled(name):
            if name in run.tools:
                yield f"the tool {_shown(name)} is called"
        case MaxWords(limit):
            if (words := len(answer.split())) > limit:
                yield f"the answer has {words} words, more than {limit}"
        case MaxSeconds(limit):
            if run.seconds > limit:
                yield f"the run took {run.seconds:.1f} s, longer than {limit:g} s"
        case Judge():
            pass
        case _:
            assert_never(one)


def _unequal(one: Equals, state: JsonObject) -> Iterator[str]:
    place = one.pointer or "the state"
    try:
        found = value_at(state, one.path)
    except Missing:
        yield f"the state has nothing at {place}; expected {_value(one.value)}"
        return
    if same_json(found, one.value):
        return
    # By its name, too, a value may be a credential.
    is_secret = bool(credential_paths({str(one.path[-1]) if one.path else "": found}))
    yield f"{place} is another value" if is_secret else f"{place} is {_value(found)}, not {_value(one.value)}"


def _misfits(misfits: object, answer: str, state: JsonObject) -> Iterator[str]:
    value: JsonValue = state
    if has_messages(state):
        try:
            value = json.loads(answer)
        except (ValueError, RecursionError):
            yield "the answer is not JSON, so it does not fit the schema"
            return
    assert callable(misfits)  # noqa: S101 - a bound method
    yield from (f"the answer does not fit the schema: {one}" for one in misfits(value)[:_MOST_MISFITS])


def _called(tools: tuple[str, ...]) -> str:
    names = list(dict.fromkeys(tools))
    return f"; called: {', '.join(map(_shown, names[:_MOST_MISFITS]))}" if names else "; no tool is called"


def _value(value: JsonValue) -> str:
    return _cut(redact_text(json.dumps(value, ensure_ascii=False, default=str)))


def _shown(text: str) -> str:
    return f"'{_cut(redact_text(text))}'"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
