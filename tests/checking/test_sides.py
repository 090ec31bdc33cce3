"""What a side sends, and what would leak into it."""

from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.checking.sides import AskedGraph, inline_of, leak, why_not
from assistant_sync.model.assistant import Assistant
from assistant_sync.model.frozen import replace
from assistant_sync.planning.canonical import make_content

DEFAULT = Assistant(
    assistant_id="d",
    graph_id="agent",
    name="agent",
    description="",
    context={},
    config={},
    metadata={"created_by": "system"},
    version=1,
)
CONTENT = make_content(
    graph_id="agent",
    name="n",
    description="",
    context={"prompt": "p"},
    config={"recursion_limit": 5},
    metadata={"team": "x"},
)


def graph(**default: Any) -> AskedGraph:
    return AskedGraph(is_served=True, default=replace(DEFAULT, **default), input_schema=None)


def test_nothing_leaks_from_a_default_assistant_that_has_nothing() -> None:
    assert leak(graph(), inline_of(CONTENT)) is None
    assert why_not(graph(), "agent") is None


@pytest.mark.parametrize(
    ("default", "named"),
    [
        ({"context": {"style": "x"}}, "context.style"),
        ({"context": {"style": None}}, "context.style"),
        ({"config": {"configurable": {"style": "x"}}}, "config.configurable.style"),
        ({"context": {"style": 1}, "config": {"configurable": {"style": 1}}}, "has context.style, which"),
        ({"config": {"tags": ["a"]}}, "config.tags"),
        ({"metadata": {"created_by": "system", "owner": "me"}}, "metadata.owner"),
        ({"context": {str(number): 1 for number in range(30)}}, "and 20 more"),
    ],
)
def test_what_a_side_does_not_send_leaks_and_is_named(default: dict[str, Any], named: str) -> None:
    reason = leak(graph(**default), inline_of(CONTENT))
    assert reason is not None
    assert named in reason
    assert "allow_default_context: true" in reason


@pytest.mark.parametrize(
    "default",
    [
        {"context": {"prompt": "other"}},
        {"context": {"prompt": 1}, "config": {"configurable": {"prompt": 1}}},
        {"config": {"recursion_limit": 9, "tags": [], "run_name": None}},
    ],
)
def test_what_a_side_sends_itself_lies_above(default: dict[str, Any]) -> None:
    assert leak(graph(**default), inline_of(CONTENT)) is None


def test_a_graph_that_is_not_served_or_has_no_default_cannot_be_asked() -> None:
    assert "does not serve graph 'agent'" in str(why_not(replace(graph(), is_served=False), "agent"))
    assert "is absent" in str(why_not(AskedGraph(None, None, None), "agent"))


def test_a_content_sends_context_or_configurable_never_both() -> None:
    inline = inline_of(CONTENT)
    assert (inline.context, inline.config) == ({"prompt": "p"}, {"recursion_limit": 5})
    old = make_content(
        graph_id="agent", name="n", description="", context={}, config={"configurable": {"p": 1}}, metadata={}
    )
    assert inline_of(old).context is None
    assert inline_of(old).config == {"configurable": {"p": 1}}
    with pytest.raises(ValueError, match="no run may have"):
        inline_of(replace(CONTENT, configurable={"p": 2}))
    empty = make_content(graph_id="agent", name="n", description="", context={}, config={}, metadata={})
    assert inline_of(empty).context == {}
