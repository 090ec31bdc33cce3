"""Two graphs that call no model and need no key: each answers with what its assistant configured.

``seen`` in the state holds what a run really received, which is the proof that a manifest took effect:
the deployment's own answer about an assistant may say otherwise.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from langgraph.config import get_config
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime  # noqa: TC002 - langgraph reads the annotations of nodes
from pydantic import BaseModel, Field
from typing_extensions import TypedDict  # typing's own cannot be made into a schema before Python 3.12

# What the server itself puts beside the assistant's values: its own keys, and the headers of the request.
SERVER_KEYS = frozenset({"thread_id", "run_id", "graph_id", "assistant_id", "user_id", "host", "connection"})
SERVER_PREFIXES = ("__", "langgraph_", "checkpoint", "x-", "accept", "content-", "user-agent")


class Question(TypedDict, total=False):
    question: str


class State(Question, total=False):
    answer: str
    seen: dict[str, Any]


# What is said here of a field shows in the platform's form, and in editors: `assistant-sync schema`.
Prompt = Annotated[
    str,
    Field(description="What the model is told before the question.", json_schema_extra={"langgraph_type": "prompt"}),
]


class SupportContext(TypedDict, total=False):
    model_name: Annotated[str, Field(description="The model, as provider/name.")]
    system_prompt: Prompt
    temperature: Annotated[
        float,
        Field(
            description="How freely the model answers: 0 is the most even.",
            json_schema_extra={"x_oap_ui_config": {"type": "slider", "min": 0, "max": 2, "step": 0.1}},
        ),
    ]
    tools: Annotated[list[str], Field(description="The tools that it may call.")]


class ResearchContext(BaseModel):
    model_name: str = Field(default="no model", description="The model, as provider/name.")
    system_prompt: Prompt = ""
    max_sources: int = Field(default=5, ge=1, le=50, description="The most sources that an answer may cite.")
    depth: Literal["quick", "deep"] = Field(default="quick", description="How long to search.")


def support(state: State, runtime: Runtime[SupportContext]) -> State:
    context = runtime.context or {}
    model, prompt = context.get("model_name", "no model"), context.get("system_prompt", "")
    tools = ", ".join(context.get("tools", [])) or "no tools"
    answer = f"{_speaker(model, prompt)}, with {tools}: {_heard(state)}"
    return {"answer": answer, "seen": _seen("support_agent", dict(context))}


def research(state: State, runtime: Runtime[ResearchContext]) -> State:
    context = runtime.context or ResearchContext()
    speaker = _speaker(context.model_name, context.system_prompt)
    answer = f"{speaker}, {context.depth} search of {context.max_sources} sources: {_heard(state)}"
    return {"answer": answer, "seen": _seen("research_agent", context.model_dump())}


def _speaker(model: str, prompt: str) -> str:
    first_line = next((line.strip() for line in prompt.splitlines() if line.strip()), "nothing")
    return f"{model}, prompted “{first_line}”"


def _heard(state: State) -> str:
    return f"you asked “{state.get('question', '')}”."


def _seen(graph: str, context: dict[str, Any]) -> dict[str, Any]:
    config = get_config()
    configurable = {
        key: value
        for key, value in config.get("configurable", {}).items()
        if key not in SERVER_KEYS and not key.startswith(SERVER_PREFIXES)
    }
    return {
        "graph": graph,
        "context": context,
        "configurable": configurable,
        "recursion_limit": config.get("recursion_limit"),
        "tags": config.get("tags"),
    }


support_agent = (
    StateGraph(State, context_schema=SupportContext, input_schema=Question)
    .add_node("support", support)
    .add_edge(START, "support")
    .add_edge("support", END)
    .compile(name="support_agent")
)
research_agent = (
    StateGraph(State, context_schema=ResearchContext, input_schema=Question)
    .add_node("research", research)
    .add_edge(START, "research")
    .add_edge("research", END)
    .compile(name="research_agent")
)
