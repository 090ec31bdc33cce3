"""From what a server answers for an assistant's schemas to the schema of its graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assistant_sync.model.graph_schema import GraphSchema

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

_MOST_VARIABLES = 500


def schema_of(graph_id: str, answer: Mapping[str, Any], *, variables: JsonValue = None) -> GraphSchema:
    """The schema of a graph.

    Args:
        graph_id: The graph.
        answer: With ``context_schema`` and ``config_schema``; what is no object declares nothing, and so does an
            object that names no keys and no rules.
        variables: The fields of input and state, if they are known; else they are read off their schemas.
    """
    context = _declared(answer.get("context_schema"))
    configurable = _declared(answer.get("config_schema"))
    names = variables if isinstance(variables, list) else _fields(answer)
    return GraphSchema(
        graph_id,
        context,
        None if configurable == context else configurable,
        tuple(sorted({one for one in names if isinstance(one, str)}))[:_MOST_VARIABLES],
    )


def _declared(schema: object) -> JsonObject | None:
    """A schema that says anything: servers answer null or an empty object for a graph that declares nothing."""
    return schema if isinstance(schema, Mapping) and schema else None


def _fields(answer: Mapping[str, Any]) -> list[str]:
    schemas = (answer.get("input_schema"), answer.get("state_schema"))
    found = [schema.get("properties") for schema in schemas if isinstance(schema, Mapping)]
    return [key for properties in found if isinstance(properties, Mapping) for key in properties]
