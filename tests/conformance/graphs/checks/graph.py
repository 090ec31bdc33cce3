"""Graphs that questions are asked of: each says what its run received, and misbehaves if the question says so."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime  # noqa: TC002 - langgraph reads the annotations of nodes
from langgraph.types import interrupt
from typing_extensions import TypedDict  # typing's own cannot be made into a schema before Python 3.12


class Context(TypedDict, total=False):
    system_prompt: str
    style: str


class Question(TypedDict, total=False):
    question: str


class Answered(Question, total=False):
    answer: str


class Numbers(TypedDict, total=False):
    first: int
    second: int


def _text(state: MessagesState) -> str:
    return str(state["messages"][-1].content) if state["messages"] else ""


def _answer(context: Context | None, text: str) -> str:
    prompt = (context or {}).get("system_prompt", "no prompt")
    style = (context or {}).get("style", "no style")
    return f"{prompt} ({style}): {text}"


async def respond(state: MessagesState, runtime: Runtime[Context]) -> dict[str, Any]:
    text = _text(state)
    if "fail" in text:
        raise ValueError("the graph failed on purpose")
    if "interrupt" in text:
        interrupt({"question": "May I?"})
    if "slow" in text:
        await asyncio.sleep(30)
    if "nothing" in text:
        return {}
    answer = _answer(runtime.context, text)
    if "large" in text:
        answer = answer + "x" * 5_000_000
    calls = [{"name": "look_up_order", "args": {"id": 7}, "id": "call-1"}] if "tool" in text else []
    return {"messages": [AIMessage(answer, tool_calls=calls)]}


def again(state: MessagesState) -> str:
    return "respond" if "loop" in str(state["messages"][0].content) else END


def say(state: Question, runtime: Runtime[Context]) -> Answered:
    return {"answer": _answer(runtime.context, state.get("question", ""))}


def judge(state: MessagesState) -> dict[str, Any]:
    """Judge by a word: an answer that has "rude" fails, one that has "nonsense" gets no verdict."""
    text = _text(state)
    answer = text.partition("<answer")[2]
    if "nonsense" in answer:
        return {"messages": [AIMessage("I like trains.")]}
    return {"messages": [AIMessage("fail: it is rude" if "rude" in answer else "pass: it is polite")]}


def numbers(state: Numbers) -> Numbers:
    return {"second": state.get("first", 0) + 1}


def _one(state: Any, node: Any, **schemas: Any) -> Any:
    return StateGraph(state, context_schema=Context, **schemas).add_node("respond", node).add_edge(START, "respond")


chat = _one(MessagesState, respond).add_conditional_edges("respond", again, ["respond", END]).compile()
question = _one(Answered, say, input_schema=Question).add_edge("respond", END).compile()
reviewer = _one(MessagesState, judge).add_edge("respond", END).compile()
counting = _one(Numbers, numbers).add_edge("respond", END).compile()
