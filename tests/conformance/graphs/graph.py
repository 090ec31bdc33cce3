"""Two graphs that call no model: each answers with what its run received. They run on every Python server."""

from __future__ import annotations

from typing import Any

from langgraph.config import get_config
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime  # noqa: TC002 - langgraph reads the annotations of nodes
from typing_extensions import TypedDict  # typing's own cannot be made into a schema before Python 3.12

TOLD = ("model", "system_prompt", "temperature", "tools", "tag")
"""The keys of ``config.configurable`` that are told; servers put many of their own beside them."""


class State(TypedDict, total=False):
    question: str
    seen: dict[str, Any]


class Context(TypedDict, total=False):
    model: str
    system_prompt: str
    temperature: float
    tools: list[str]
    tag: str


def seen(graph: str, runtime: Runtime[Context]) -> State:
    config = get_config()
    configurable = config.get("configurable") or {}
    told = {
        "graph": graph,
        "context": None if runtime.context is None else dict(runtime.context),
        "configurable": {key: configurable[key] for key in TOLD if key in configurable},
        "tags": config.get("tags") or [],
        "recursion_limit": config.get("recursion_limit"),
    }
    return {"seen": told}


def support(state: State, runtime: Runtime[Context]) -> State:
    return seen("support_agent", runtime)


def research(state: State, runtime: Runtime[Context]) -> State:
    return seen("research_agent", runtime)


support_agent = (
    StateGraph(State, context_schema=Context)
    .add_node("support", support)
    .add_edge(START, "support")
    .add_edge("support", END)
    .compile(name="support_agent")
)
research_agent = (
    StateGraph(State, context_schema=Context)
    .add_node("research", research)
    .add_edge(START, "research")
    .add_edge("research", END)
    .compile(name="research_agent")
)
