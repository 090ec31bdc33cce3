"""The answer of a run: what its last message says, or else its final state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant_sync.redaction import mask_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonObject, JsonValue, Path

_ASSISTANTS = frozenset({"ai", "assistant", "AIMessage", "AIMessageChunk"})
_USERS = frozenset({"human", "user", "HumanMessage", "HumanMessageChunk"})


class Missing(Exception):
    """A state has nothing at a path."""


def answer_of(state: JsonObject | None) -> str | None:
    """The answer: the text of the last message of the graph if the state has messages, else the state as JSON.

    Args:
        state: The final state of a run; None if it showed none.

    Returns:
        None if there is none: no state, or no message of the graph after the last one of a user.
    """
    if state is None:
        return None
    if not has_messages(state):
        return as_json(state)
    answers = [one for one in _since_the_question(state) if _kind(one) in _ASSISTANTS]
    return _text(answers[-1].get("content")) if answers else None


def shown_answer(state: JsonObject | None) -> str | None:
    """The answer for readers: as ``answer_of``, but what a state names as a credential is masked.

    The text of a message is masked where it is printed, because it may have been printed in parts before.

    Args:
        state: As for ``answer_of``.
    """
    return answer_of(state) if state is None or has_messages(state) else masked_json(state)


def masked_json(value: JsonValue) -> str:
    """As ``as_json``, without what looks like a credential by its name or content."""
    return as_json(mask_values(value)[0])


def spoken_text(streamed: JsonValue) -> str:
    """The text of a streamed message, or of a part of one; "" if no assistant speaks.

    Args:
        streamed: The data of an event of the mode ``messages``: a message and what is known of it.
    """
    message = streamed[0] if isinstance(streamed, list) and streamed else None
    is_spoken = isinstance(message, Mapping) and _kind(message) in _ASSISTANTS
    return _text(message.get("content")) if is_spoken and isinstance(message, Mapping) else ""


def has_messages(state: JsonObject) -> bool:
    """Whether a state has a list of messages."""
    return isinstance(state.get("messages"), list)


def called_tools(state: JsonObject, asked: JsonObject | None = None) -> tuple[str, ...]:
    """The names of the tools that the messages of a state call, in order, without those that were part of the question.

    Args:
        state: The final state of a run.
        asked: The graph's input; None if it is a text.
    """
    names = [name for message in _messages(state) for name in _tools(message)]
    for name in (name for message in _messages(asked or {}) for name in _tools(message)):
        if name in names:
            names.remove(name)
    return tuple(names)


def value_at(state: JsonValue, path: Path) -> JsonValue:
    """The value at a path; a negative number counts from the end of a list.

    Raises:
        Missing: There is none.
    """
    for part in path:
        if isinstance(state, Mapping) and str(part) in state:
            state = state[str(part)]
        elif isinstance(state, list) and isinstance(part, int) and -len(state) <= part < len(state):
            state = state[part]
        else:
            raise Missing
    return state


def as_json(value: JsonValue) -> str:
    """A value as JSON over several lines, in which two versions can be compared."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _since_the_question(state: JsonObject) -> tuple[JsonObject, ...]:
    """The messages after the last one of a user: those before it may be part of what was asked."""
    found = _messages(state)
    last = max((index for index, one in enumerate(found) if _kind(one) in _USERS), default=-1)
    return tuple(found[last + 1 :])


def _messages(state: JsonObject) -> list[JsonObject]:
    messages = state.get("messages")
    return [one for one in messages if isinstance(one, Mapping)] if isinstance(messages, list) else []


def _kind(message: JsonObject) -> str:
    kind = message.get("type") or message.get("role")
    return kind if isinstance(kind, str) else ""


def _text(content: JsonValue) -> str:
    """The text of a message: a string, or a list of blocks of which some are texts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return ""
    parts: list[str] = []
    for block in content:
        text = block.get("text") if isinstance(block, Mapping) else block
        if isinstance(text, str):
            parts.append(text)
    return "".join(parts)


def _tools(message: JsonObject) -> Iterator[str]:
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, Mapping) and isinstance(call.get("name"), str):
            yield str(call["name"])
