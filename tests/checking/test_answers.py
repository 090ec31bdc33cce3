"""The answer of a run."""

from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.checking.answers import Missing, answer_of, called_tools, spoken_text, value_at

ASKED = {"type": "human", "content": "Hi"}


def said(content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "ai", "content": content, **more}


def test_the_answer_is_the_text_of_the_last_message_of_the_assistant() -> None:
    assert answer_of({"messages": [ASKED, said("one"), said("two")]}) == "two"


def test_a_message_of_a_tool_after_it_is_no_answer() -> None:
    assert answer_of({"messages": [ASKED, said("one"), {"type": "tool", "content": "raw"}]}) == "one"


def test_the_texts_of_blocks_are_joined() -> None:
    blocks = [{"type": "text", "text": "a"}, {"type": "image_url"}, "b", {"type": "text", "text": 7}]
    assert answer_of({"messages": [ASKED, said(blocks)]}) == "ab"


def test_roles_are_read_as_types() -> None:
    assert (
        answer_of({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]}) == "Yes"
    )


def test_an_earlier_answer_that_was_part_of_the_question_is_none() -> None:
    assert answer_of({"messages": [ASKED, said("earlier"), ASKED]}) is None


@pytest.mark.parametrize("state", [None, {"messages": []}, {"messages": [ASKED]}, {"messages": [7, "x", ASKED]}])
def test_a_run_may_have_no_answer(state: Any) -> None:
    assert answer_of(state) is None


def test_a_state_without_messages_is_the_answer_as_json() -> None:
    assert answer_of({"answer": "ä"}) == '{\n  "answer": "ä"\n}'


def test_tools_are_those_that_no_part_of_the_question_calls() -> None:
    earlier = said("", tool_calls=[{"name": "old"}])
    later = said("", tool_calls=[{"name": "look_up"}, {"name": 7}, "x"])
    state = {"messages": [earlier, ASKED, later, said("done", tool_calls=None)]}
    assert called_tools(state, {"messages": [earlier, ASKED]}) == ("look_up",)
    assert called_tools(state) == ("old", "look_up")


def test_a_negative_number_counts_from_the_end() -> None:
    state = {"messages": [said("one"), said("two")]}
    assert value_at(state, ("messages", -1, "content")) == "two"
    assert value_at(state, ("messages", 0, "content")) == "one"
    assert value_at({"7": "x"}, (7,)) == "x"


@pytest.mark.parametrize(
    "path", [("messages", 2), ("messages", -3), ("other",), ("messages", "x"), ("messages", 0, "a", "b")]
)
def test_what_is_not_there_is_missing(path: Any) -> None:
    with pytest.raises(Missing):
        value_at({"messages": [said("one"), said("two")]}, path)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([{"type": "AIMessageChunk", "content": "wo"}, {}], "wo"),
        ([{"type": "human", "content": "wo"}, {}], ""),
        ([{"type": "ai", "content": [{"type": "text", "text": "rd"}]}, {}], "rd"),
        ([], ""),
        ({"type": "ai"}, ""),
        (None, ""),
    ],
)
def test_only_an_assistant_speaks(data: Any, text: str) -> None:
    assert spoken_text(data) == text
