"""What a side sends: the content of an assistant, inline, under its graph's name; and what would leak into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.assistant import Assistant, Content
    from assistant_sync.model.values import JsonObject, JsonValue

_OF_THE_SERVER = frozenset({"created_by"})
"""Metadata that servers write on default assistants."""

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Inline:
    """What a run gets in place of an assistant.

    Attributes:
        graph_id: The graph that runs.
        context: None if the content has ``configurable`` instead: servers refuse both.
        config: With ``configurable`` if the content has it.
    """

    graph_id: str
    context: JsonObject | None = field(repr=False)
    config: JsonObject = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskedGraph:
    """What is known of a graph that is asked.

    Attributes:
        is_served: Whether the deployment serves it; None if that cannot be seen.
        default: Its default assistant; None if the deployment has none that can be seen.
        input_schema: The JSON Schema of its input; None if the server answers none.
    """

    is_served: bool | None
    default: Assistant | None = field(repr=False)
    input_schema: JsonObject | None = field(repr=False)


def inline_of(content: Content) -> Inline:
    """What a content sends.

    Args:
        content: Of a manifest, or of a row without its mirror.

    Raises:
        ValueError: It has both ``context`` and ``configurable``, which no run may have.
    """
    config: dict[str, JsonValue] = dict(content.config)
    if not content.configurable:
        return Inline(content.graph_id, content.context, config)
    if content.context:
        raise ValueError("context and config.configurable differ and both hold values, which no run may have")
    return Inline(content.graph_id, None, config | {"configurable": content.configurable})


def leak(graph: AskedGraph, inline: Inline) -> str | None:
    """Why a run under a graph's name would not be as the assistant's own; None if it would.

    The default assistant of the graph lies beneath such a run: it gives the keys that the run does not send
    (docs/servers.md).

    Args:
        graph: The graph.
        inline: What the run sends.
    """
    default = graph.default
    names = [] if default is None else list(_leaking(default, inline))
    if not names:
        return None
    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return (
        f"the default assistant of graph '{inline.graph_id}' has {', '.join(names[:_MOST_NAMED])}{rest}, which would "
        "lie beneath both answers; clear it there, or set checks: {allow_default_context: true}"
    )


def why_not(graph: AskedGraph, graph_id: str) -> str | None:
    """Why a graph cannot be run under its name; None if it can."""
    if graph.is_served is False:
        return f"the deployment does not serve graph '{graph_id}'"
    if graph.default is None:
        return (
            f"the default assistant of graph '{graph_id}' is absent, so the graph cannot be run under its name; the "
            "server makes it when it starts"
        )
    return None


def _leaking(default: Assistant, inline: Inline) -> Iterator[str]:
    sent = {*(inline.context or {}), *_mapping(inline.config.get("configurable"))}
    yield from (f"context.{key}" for key in default.context if key not in sent)
    configurable = _mapping(default.config.get("configurable"))
    # Servers that mirror show the same key twice.
    yield from (f"config.configurable.{key}" for key in configurable if key not in {*sent, *default.context})
    for key, value in default.config.items():
        if key != "configurable" and value not in (None, "", [], {}) and key not in inline.config:
            yield f"config.{key}"
    yield from (f"metadata.{key}" for key in default.metadata if key not in _OF_THE_SERVER)


def _mapping(value: JsonValue) -> JsonObject:
    return value if isinstance(value, Mapping) else {}
