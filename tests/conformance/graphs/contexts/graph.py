"""One graph for each way of declaring a context in Python; each answers with the context that its run received."""

from __future__ import annotations

from dataclasses import asdict, dataclass, is_dataclass
from typing import (
    Any,
    Literal,
    NotRequired,  # typing's own cannot be made into a schema before Python 3.12
)

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime  # noqa: TC002 - langgraph reads the annotations of nodes
from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    question: str
    seen: dict[str, Any]


class AsTypedDict(TypedDict):
    model: str
    temperature: NotRequired[float]
    depth: NotRequired[Literal["quick", "deep"]]


@dataclass
class AsDataclass:
    model: str
    temperature: float = 0.1
    depth: Literal["quick", "deep"] = "quick"


class AsModel(BaseModel):
    model: str
    temperature: float = 0.1
    depth: Literal["quick", "deep"] = "quick"


class AsClosedModel(AsModel):
    model_config = ConfigDict(extra="forbid")


class AsOpenModel(AsModel):
    model_config = ConfigDict(extra="allow")


def answer(state: State, runtime: Runtime[Any]) -> State:
    context = runtime.context
    if isinstance(context, BaseModel):
        context = context.model_dump()
    elif is_dataclass(context) and not isinstance(context, type):
        context = asdict(context)
    return {"seen": dict(context or {})}


def graph(schema: Any = None) -> Any:
    made = StateGraph(State) if schema is None else StateGraph(State, context_schema=schema)
    return made.add_node("answer", answer).add_edge(START, "answer").add_edge("answer", END).compile()


typed_dict = graph(AsTypedDict)
a_dataclass = graph(AsDataclass)
pydantic_model = graph(AsModel)
pydantic_forbid = graph(AsClosedModel)
pydantic_allow = graph(AsOpenModel)
undeclared = graph()
